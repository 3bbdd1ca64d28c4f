"""From a request to the message: compose, keep, send, and lighten what Discord will not take."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import discord

from bot.answering import show_place
from bot.errors import Forgotten, InText
from bot.here import here, is_there, language_of_channel
from bot.store.base import now
from bot.waiting import Waiting
from cogs.melody.buttons import buttons_for
from cogs.melody.reply import build_reply
from engine.errors import BadToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime
    from typing import Protocol

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.preferences import Effective
    from engine.request import File, Request, Result

    class Send(Protocol):
        """Sends an answer."""

        async def __call__(
            self, content: str, *, files: Sequence[discord.File], view: discord.ui.View | None
        ) -> discord.Message:
            """Send a text, files, and buttons under it."""
            ...


_log: Final = logging.getLogger(__name__)
_TOO_LARGE: Final = 40005
"""Discord's code for a request with too many bytes, beside status 413."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom an answer is made.

    Attributes:
        locale: language of the one who asks.
        labels: language of the buttons, which everyone in the channel sees.
        author: their id.
        limit: largest attachment that is taken there, in bytes.
        may_attach: whether files may be attached.
        settings: what holds there.
        asked_at: when they asked.
        party: the server, or in direct messages the member: parties are served in turn.
        show: shows a place in the queue where the answer will be; None: nobody is there to see.
        heard: whether the bot is told what is written there; else only menu commands reach it.
    """

    locale: Locale
    labels: Locale
    author: int
    limit: int
    may_attach: bool
    settings: Effective
    asked_at: datetime = field(default_factory=now)
    party: int = 0
    show: Callable[[int], Awaitable[None]] | None = None
    heard: bool = True

    @property
    def command(self) -> str:
        """Begin a line that can be pasted there, before the notes."""
        return f"{self.settings.prefix}continue" if self.heard else "/continue melody:"


async def compose(bot: Nabi, request: Request, place: Place) -> Result:
    """Let the engine continue the melody; nothing is drawn that is not shown there."""
    settings = place.settings
    request = request.but(
        picture=place.may_attach and settings.picture,
        audio=place.may_attach and settings.audio,
        names=settings.names(typed=bool(request.text), korean=place.locale == "ko"),
    )
    try:
        async with Waiting(place.show) as waiting:
            return await bot.engine.continue_melody(
                request, party=place.party, tell=waiting.tell, limit=place.limit
            )
    except BadToken as error:
        raise InText(error, request.text) from error


async def perform(bot: Nabi, request: Request, place: Place, send: Send) -> None:
    """Compose, remember the result under a short name and send it.

    Args:
        bot: whose engine and store are used.
        request: what is wanted.
        place: where the answer goes.
        send: sends it.
    """
    result = await compose(bot, request, place)
    name = await _keep(bot, result, place)
    await _send(result, name, place, send)


async def _keep(bot: Nabi, result: Result, place: Place) -> str | None:
    """Remember a result; a database that fails costs the buttons, not the tune."""
    try:
        return await bot.store.keep(result, place.author, place.asked_at)
    except Forgotten:
        return None
    except Exception as error:  # noqa: BLE001 - a full disk or a lost server, in any driver's words
        _log.warning("a result is not remembered: %s", type(error).__name__)
        return None


async def _send(result: Result, name: str | None, place: Place, send: Send) -> discord.Message:
    left_out: tuple[str, ...] = ()
    while True:
        reply = build_reply(
            result,
            place.locale,
            command=place.command,
            limit=place.limit,
            may_attach=place.may_attach,
            left_out=left_out,
            remembered=name is not None,
        )
        try:
            files = [to_discord(file) for file in reply.files]
            view = buttons_for(name, result, place.labels)
            return await send(reply.content, files=files, view=view)
        except discord.HTTPException as error:
            if not is_too_large(error) or not reply.files:
                raise
            largest = max(reply.files, key=lambda file: len(file.data))
            left_out = (*left_out, largest.name)


def is_too_large(error: discord.HTTPException) -> bool:
    """Tell whether Discord refused a message for the size of its files."""
    return error.status == 413 or error.code == _TOO_LARGE


def to_discord(file: File) -> discord.File:
    """Wrap a file for sending; each can be sent once."""
    return discord.File(io.BytesIO(file.data), filename=file.name)


def place_of(interaction: discord.Interaction[Nabi], locale: Locale) -> Place:
    """Describe where an interaction is answered."""
    allowed = interaction.guild_id is None or interaction.app_permissions.attach_files
    settings = here(interaction.client, interaction)
    labels = language_of_channel(interaction.client, interaction)
    limit = interaction.filesize_limit
    return Place(
        locale,
        labels,
        interaction.user.id,
        limit,
        allowed,
        settings,
        party=interaction.guild_id or interaction.user.id,
        show=partial(show_place, interaction),
        heard=is_there(interaction.client, interaction),
    )
