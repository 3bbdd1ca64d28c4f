"""From a request to the message: compose, keep, send, and lighten what Discord will not take."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.errors import InText
from cogs.melody.reply import build_reply
from engine.errors import BadToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from engine.request import File, Request, Result

    Send = Callable[[str, Sequence[discord.File], str | None], Awaitable[discord.Message]]

_log: Final = logging.getLogger(__name__)
_TOO_LARGE: Final = 40005
"""Discord's code for a request with too many bytes, beside status 413."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom an answer is made.

    Attributes:
        locale: language of the one who asks.
        limit: largest attachment that is taken there, in bytes.
        may_attach: whether files may be attached.
    """

    locale: Locale
    limit: int
    may_attach: bool


async def compose(bot: Nabi, request: Request, place: Place) -> Result:
    """Let the engine continue the melody; nothing is drawn that could not be shown."""
    if not place.may_attach:
        request = request.but(picture=False, audio=False)
    try:
        return await bot.engine.continue_melody(request)
    except BadToken as error:
        raise InText(error, request.text) from error


async def perform(bot: Nabi, request: Request, place: Place, send: Send) -> None:
    """Compose, remember the result under a short name and send it.

    Args:
        bot: whose engine and store are used.
        request: what is wanted.
        place: where the answer goes.
        send: sends a text and files, with the buttons for the short name; None: without.
    """
    result = await compose(bot, request, place)
    await _send(bot, result, await _keep(bot, result), place, send)


async def _keep(bot: Nabi, result: Result) -> str | None:
    """Remember a result; a database that fails costs the buttons, not the tune."""
    try:
        return await bot.store.keep(result)
    except Exception as error:  # noqa: BLE001 - a full disk or a lost server, in any driver's words
        _log.warning("a result is not remembered: %s", type(error).__name__)
        return None


async def _send(
    bot: Nabi, result: Result, name: str | None, place: Place, send: Send
) -> discord.Message:
    left_out: tuple[str, ...] = ()
    while True:
        reply = build_reply(
            result,
            place.locale,
            prefix=bot.settings.prefix,
            limit=place.limit,
            may_attach=place.may_attach,
            left_out=left_out,
            remembered=name is not None,
        )
        try:
            files = [to_discord(file) for file in reply.files]
            return await send(reply.content, files, name)
        except discord.HTTPException as error:
            too_large = error.status == 413 or error.code == _TOO_LARGE
            if not too_large or not reply.files:
                raise
            largest = max(reply.files, key=lambda file: len(file.data))
            left_out = (*left_out, largest.name)


def to_discord(file: File) -> discord.File:
    """Wrap a file for sending; each can be sent once."""
    return discord.File(io.BytesIO(file.data), filename=file.name)


def place_of(interaction: discord.Interaction[Any], locale: Locale) -> Place:
    """Describe where an interaction is answered."""
    allowed = interaction.guild_id is None or interaction.app_permissions.attach_files
    return Place(locale, interaction.filesize_limit, allowed)
