"""*Files*: the tune of a result in all formats, for the one who pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord

from bot.answering import acknowledge, answer
from bot.errors import Busy
from bot.here import language_of
from bot.i18n import say
from bot.waiting import Waiting
from cogs.melody.perform import is_too_large, place_of, to_discord
from cogs.melody.refusals import NoFilesHere, VersionGone
from engine.errors import BadVersion, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from engine.request import File, Request

_MOST: Final = 10
"""Files in one message of Discord."""

_writing: set[tuple[int, int]] = set()
"""Bots and members whose files are being written: one request a member."""


async def send_formats(interaction: discord.Interaction[Nabi], request: Request) -> None:
    """Answer with files that only the member sees.

    No rest is asked for before or after: it is the same tune once more.

    Raises:
        NoFilesHere: where files may not be attached.
        Busy: while the member's last files are being written.
        VersionGone: when the version that composed the tune is not there any more.
    """
    bot = interaction.client
    locale = language_of(bot, interaction)
    place = place_of(interaction, locale)
    if not place.may_attach:
        raise NoFilesHere
    key = (id(bot), interaction.user.id)
    if key in _writing:
        raise Busy
    _writing.add(key)
    try:
        await acknowledge(interaction, "private")
        async with Waiting(place.show) as waiting:
            files = await bot.engine.write_formats(
                request, party=place.party, tell=waiting.tell, limit=place.limit
            )
        for start in range(0, len(files), _MOST):
            await _send(interaction, files[start : start + _MOST], place.limit, locale)
    except (UnknownVersion, BadVersion) as error:
        raise VersionGone(error.name) from error
    finally:
        _writing.discard(key)


async def _send(
    interaction: discord.Interaction[Nabi], files: Sequence[File], limit: int, locale: Locale
) -> None:
    """Send one message, without what is too large for the place."""
    kept = [file for file in files if len(file.data) <= limit]
    while True:
        dropped = [file.name for file in files if file not in kept]
        notes = []
        if dropped:
            notes.append(say(locale, "reply-left-out", names=", ".join(dropped)))
        if any(file.lightened for file in kept):
            shorter = say(locale, "reply-lightened-part", part="wave")
            notes.append(say(locale, "reply-lightened", what=shorter))
        if any(file.excerpt for file in kept):
            notes.append(say(locale, "reply-excerpt"))
        text = "\n-# ".join([say(locale, "files-here"), *notes] if kept else notes)
        try:
            wrapped = [to_discord(file) for file in kept]
            await answer(interaction, text, files=wrapped, private=True)
        except discord.HTTPException as error:
            if not is_too_large(error) or not kept:
                raise
            kept.remove(max(kept, key=lambda file: len(file.data)))
        else:
            return
