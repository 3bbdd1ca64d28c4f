"""How an interaction is answered: at once, later, in private, or by changing its message."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, Literal

import discord

from bot import explaining
from bot.errors import TooOld
from bot.here import language_of
from bot.i18n import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Locale

Sign = Literal["answer", "private", "update"]
"""How an interaction is acknowledged: with "thinking…" for everyone, with the same for the member
alone, or without a sign, since the message that was pressed will change or something follows it."""

_ANSWERED: Final = "nabi_answered"
_PRIVATE: Final = "nabi_private"
_WAITING: Final = "nabi_waiting"
_LOCK: Final = "nabi_lock"
_KNOWN: Final = "nabi_known"
"""What is remembered of an interaction: whether it has its answer, whether only the member sees
that it is being worked on, whether a place in the queue stands where the answer will be, who is
sending the first answer, and whether something here will answer it."""

_SOON: Final = 0.7
"""Seconds after which what has no answer yet is acknowledged: Discord gives it three."""

_LATE: Final = 0.8
"""Seconds after which nobody here will take a press or a form for theirs."""

_IN_MESSAGES: Final = (discord.InteractionType.component, discord.InteractionType.modal_submit)

_waits: Final[set[asyncio.Task[None]]] = set()


async def acknowledge(interaction: discord.Interaction[Any], sign: Sign = "answer") -> None:
    """Tell Discord at once that an answer will come, unless it knows already.

    Args:
        interaction: what is to be answered.
        sign: what is seen of that; ``"update"`` is for buttons, menus and the forms they open.
    """
    async with _answering(interaction):
        if not interaction.response.is_done():
            interaction.extras[_PRIVATE] = sign == "private"
            await interaction.response.defer(ephemeral=sign == "private", thinking=sign != "update")


def acknowledge_soon(interaction: discord.Interaction[Any], sign: Sign = "answer") -> None:
    """Acknowledge an interaction before a second is over, should it not be answered by then."""
    interaction.extras[_KNOWN] = True

    async def wait() -> None:
        await asyncio.sleep(_SOON)
        with contextlib.suppress(discord.HTTPException):  # it is too late, or was answered
            await acknowledge(interaction, sign)

    task = asyncio.create_task(wait(), name="acknowledge")
    _waits.add(task)
    task.add_done_callback(_waits.discard)


def is_known(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether something here will answer an interaction."""
    return _KNOWN in interaction.extras


async def explain_unknown(interaction: discord.Interaction[Any]) -> None:
    """Tell the one who used a button or sent a form that nothing here knows any more."""
    if interaction.type not in _IN_MESSAGES:
        return
    await asyncio.sleep(_LATE)
    if not is_known(interaction) and not interaction.response.is_done():
        await explain_interaction(interaction, TooOld())


def _answering(interaction: discord.Interaction[Any]) -> asyncio.Lock:
    """Give the lock under which the first answer is sent: Discord takes only one."""
    lock: asyncio.Lock = interaction.extras.setdefault(_LOCK, asyncio.Lock())
    return lock


def place_text(place: int, locale: Locale) -> str:
    """Say where in the queue somebody stands."""
    return say(locale, "queue-place", place=place) if place else say(locale, "queue-turn")


async def show_place(interaction: discord.Interaction[Any], place: int) -> None:
    """Show a place in the queue where an acknowledged interaction will be answered."""
    if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
        return  # there is no message yet that becomes the answer
    sentence = place_text(place, language_of(interaction.client, interaction))
    await interaction.edit_original_response(content=sentence)
    interaction.extras[_WAITING] = True


async def answer(
    interaction: discord.Interaction[Any],
    content: str,
    *,
    files: Sequence[discord.File] = (),
    view: discord.ui.View | None = None,
    private: bool = False,
) -> discord.Message:
    """Answer an interaction, whether or not it was acknowledged before."""
    more: dict[str, Any] = {} if view is None else {"view": view}
    response = interaction.response
    async with _answering(interaction):
        if not response.is_done():
            made = await response.send_message(content, files=files, ephemeral=private, **more)
            interaction.extras[_ANSWERED] = True
            assert isinstance(made.resource, discord.InteractionMessage)
            return made.resource
    thinking = response.type is discord.InteractionResponseType.deferred_channel_message
    first = thinking and _ANSWERED not in interaction.extras
    if first and private and not interaction.extras.get(_PRIVATE):
        # The first answer after "thinking…" is as public as that was: clear it away first.
        with contextlib.suppress(discord.NotFound):
            await interaction.delete_original_response()
    elif first and interaction.extras.get(_WAITING):
        edited = await interaction.edit_original_response(
            content=content, attachments=files, view=view
        )
        interaction.extras[_ANSWERED] = True
        return edited
    message = await interaction.followup.send(
        content, files=files, ephemeral=private, wait=True, **more
    )
    interaction.extras[_ANSWERED] = True
    return message


async def change(
    interaction: discord.Interaction[Any], content: str, view: discord.ui.View | None
) -> None:
    """Change the message in which a button or menu was used.

    Args:
        interaction: its use; when it was acknowledged before, then as ``"update"``.
        content: the new text.
        view: the new buttons; None: there are none any more.
    """
    async with _answering(interaction):
        if not interaction.response.is_done():
            await interaction.response.edit_message(content=content, view=view)
            return
    await interaction.edit_original_response(content=content, view=view)


async def open_form(interaction: discord.Interaction[Any], form: discord.ui.Modal) -> bool:
    """Open a form, and tell whether that was possible: only a first answer can be one."""
    async with _answering(interaction):
        if interaction.response.is_done():
            return False
        await interaction.response.send_modal(form)
        return True


def sentence_for(error: BaseException, locale: Locale, where: str) -> str:
    """Explain an error; one that nobody foresaw is logged under the code that is told."""
    root = explaining.root_of(error)
    if not explaining.is_foreseen(root):
        root = explaining.record(root, where)
    return explaining.explain(root, locale)


async def explain_interaction(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the one who used a slash command, a button or a form what went wrong."""
    command = interaction.command
    where = command.qualified_name if command is not None else str(interaction.type.name)
    try:
        sentence = sentence_for(error, language_of(interaction.client, interaction), where)
        await answer(interaction, sentence, private=True)
    except discord.HTTPException as refused:
        explaining.record(refused, f"explaining an error of {where}")
