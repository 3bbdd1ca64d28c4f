"""What happens when a button under a result is pressed."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Final

import discord

from bot.answering import acknowledge, answer
from bot.errors import Forgotten
from bot.here import language_of, require_channel
from bot.views import show_form
from cogs.melody.editing import Draft, EditForm
from cogs.melody.perform import perform, place_of
from cogs.melody.refusals import NotYourTune
from cogs.melody.sheets import send_formats
from engine.errors import BadVersion, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.app import Nabi
    from bot.store.results import Kept
    from cogs.melody.buttons import Action
    from engine.request import Request

_WISHES: Final[dict[Action, Callable[[Kept, int], Request]]] = {
    "again": lambda kept, _take: kept.again(),
    "longer": lambda kept, take: kept.longer(take),
    "wilder": lambda kept, _take: kept.wilder(1),
    "calmer": lambda kept, _take: kept.wilder(-1),
}
"""What is asked for, given what is remembered and the number of a take."""


async def press(
    interaction: discord.Interaction[Nabi], action: Action, name: str, take: int
) -> None:
    """Do what a button says with the result of a short name.

    Args:
        interaction: the press.
        action: what the button says.
        name: under which the result is remembered.
        take: which of several takes is meant, from 1.

    Raises:
        Forgotten: when the result has expired.
    """
    bot = interaction.client
    if action == "delete":
        await _delete(interaction, name)
        return
    require_channel(bot, interaction)
    kept = await bot.store.find(name)
    if kept is None:
        raise Forgotten
    if action == "edit":
        await show_form(interaction, partial(EditForm, Draft.of(kept)))
    elif action == "files":
        await send_formats(interaction, kept.request)
    else:
        await _vary(interaction, _WISHES[action](kept, take))


async def _vary(interaction: discord.Interaction[Nabi], request: Request) -> None:
    """Compose another tune; when the version of the old one is gone, with the one that answers."""
    bot = interaction.client
    async with bot.turns.turn(interaction.user.id):
        place = place_of(interaction, language_of(bot, interaction))  # it notes the time
        await acknowledge(interaction)
        send = partial(answer, interaction)
        try:
            await perform(bot, request, place, send)
        except (UnknownVersion, BadVersion):
            await perform(bot, request.but(version=None), place, send)


async def _delete(interaction: discord.Interaction[Nabi], name: str) -> None:
    """Delete what is remembered of a message, and then the message: gone is gone.

    Raises:
        NotYourTune: for anyone but the author and those who may manage messages.
    """
    store = interaction.client.store
    kept = await store.find(name)
    if not _may_delete(interaction, kept):
        raise NotYourTune
    await acknowledge(interaction, "update")  # now the message is the interaction's own answer
    await store.drop(name)
    with contextlib.suppress(discord.NotFound):  # somebody else was faster
        await interaction.delete_original_response()


def _may_delete(interaction: discord.Interaction[Nabi], kept: Kept | None) -> bool:
    """Tell whether a member asked for this result, or may manage messages there."""
    if interaction.guild_id is not None and interaction.permissions.manage_messages:
        return True
    message = interaction.message
    owners = {kept.author if kept is not None else None}
    if message is not None and kept is None:
        # It has expired, or its author wished to be forgotten: the message itself still tells.
        asked = message.interaction_metadata
        replied = message.reference.resolved if message.reference is not None else None
        if asked is not None:
            owners.add(asked.user.id)
        elif isinstance(replied, discord.Message):
            owners.add(replied.author.id)
    return interaction.user.id in owners
