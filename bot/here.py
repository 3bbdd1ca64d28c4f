"""What holds where somebody asks: settings, language, and whether the bot answers there."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.errors import NotHere
from bot.i18n import has_hangul, locale_of, spoken
from bot.preferences import effective, scopes, spellings

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.preferences import Effective, Scope

    Origin = discord.Message | discord.Interaction[Any]

EVERYWHERE: Final = frozenset({"settings", "help", "privacy", "forget-me"})
"""Commands that work in channels in which the bot does not answer otherwise."""

_QUOTED: Final = re.compile(r"\s*+(?P<quotes>`{1,3}+)\s*+(?P<line>[^`]++)(?P=quotes)\s*+")
_LINE: Final = re.compile(r"(?:continue|이어줘)\s+\S", re.IGNORECASE)
"""The line under a tune, after its prefix."""


def places(bot: Nabi, origin: Origin) -> tuple[Scope, ...]:
    """Name the places whose settings hold for a message or an interaction, the nearest first.

    A thread has the settings of its channel.
    """
    if isinstance(origin, discord.Interaction):
        guild, channel, member = origin.guild_id, origin.channel_id, origin.user.id
    else:
        guild = None if origin.guild is None else origin.guild.id
        channel, member = origin.channel.id, origin.author.id
    if guild is None or bot.get_guild(guild) is None:  # there for one person who installed it
        return scopes(None, None, member)
    if isinstance(origin.channel, discord.Thread):
        channel = origin.channel.parent_id
    return scopes(guild, channel, member)


def is_there(bot: Nabi, interaction: discord.Interaction[Any]) -> bool:
    """Tell whether the bot is in the server or in the direct messages, not only its user."""
    if interaction.guild_id is not None:
        return bot.get_guild(interaction.guild_id) is not None
    return interaction.context.dm_channel


def here(bot: Nabi, origin: Origin) -> Effective:
    """Tell which settings hold for a message or an interaction; asks no database.

    Where the bot may not read what members write in servers, only a mention begins a command:
    it then stands for the prefix, so that every line that is shown can be copied.
    """
    held = _held(bot, origin)
    guild = origin.guild_id if isinstance(origin, discord.Interaction) else origin.guild
    if guild is None or bot.intents.message_content or bot.user is None:
        return held
    return replace(held, values={**held.values, "prefix": f"{bot.user.mention} "})


def typed_prefix(bot: Nabi, origin: Origin) -> str | None:
    """Tell what stands before typed commands there; None: only those of the menu reach the bot."""
    if isinstance(origin, discord.Interaction) and not is_there(bot, origin):
        return None
    return here(bot, origin).prefix


def _held(bot: Nabi, origin: Origin) -> Effective:
    return effective(bot.store.preferences, places(bot, origin), bot.settings.prefix)


def language_of(bot: Nabi, origin: Origin) -> Locale:
    """Choose the language of an answer.

    For an interaction that of the member's own Discord, when the bot speaks it. Then what is set
    for the channel or the server; for a message without such a setting its own letters; then the
    server's language; then English.
    """
    if isinstance(origin, discord.Interaction):
        own = spoken(origin.locale)
        if own is not None:
            return own
    chosen = here(bot, origin).language
    if chosen != "auto":
        return chosen
    if isinstance(origin, discord.Interaction):
        return locale_of(origin.guild_locale)
    if has_hangul(origin.content):
        return "ko"
    return locale_of(origin.guild.preferred_locale) if origin.guild is not None else "en"


def language_of_channel(bot: Nabi, origin: Origin) -> Locale:
    """Choose the language of what everyone in a channel uses, such as labels of buttons.

    What is set there; else that of a server that says it speaks one of ours other than Discord's
    default, which is English; else that of the answer.
    """
    chosen = here(bot, origin).language
    if chosen != "auto":
        return chosen
    if isinstance(origin, discord.Interaction):
        theirs = origin.guild_locale
    else:
        theirs = None if origin.guild is None else origin.guild.preferred_locale
    there = spoken(theirs)
    if there is not None and there != "en":
        return there
    return language_of(bot, origin)


def prefixes(bot: Nabi, message: discord.Message) -> list[str]:
    """Give what a message may start with to be a command: a mention always works.

    In direct messages all is said to the bot: there it needs no sign.
    """
    prefix = _held(bot, message).prefix
    spelled = spellings(prefix, message.content)
    alone = [""] if message.guild is None else []
    return [*_mention(bot, message, prefix), *spelled, *_quoted(message.content, prefix), *alone]


def _mention(bot: Nabi, message: discord.Message, prefix: str) -> list[str]:
    """Find a mention at the start, with what people type after it; that of its role counts too."""
    role = None if message.guild is None else message.guild.self_role
    ids = f"!?{bot.user.id if bot.user is not None else 0}" + (f"|&{role.id}" if role else "")
    found = re.match(rf"<@(?:{ids})>[\s,:]*", message.content)
    if found is None:
        return []
    rest = message.content[found.end() :]
    signs = not any(character.isalnum() for character in prefix)  # else a name may begin with it
    again = next((each for each in spellings(prefix, rest) if rest.startswith(each)), "")
    return [found[0] + again] if signs else [found[0]]


def _quoted(content: str, prefix: str) -> list[str]:
    """Find the start of a line that was copied with the back quotes around it, and nothing else."""
    quoted = _QUOTED.fullmatch(content)
    if quoted is None:
        return []
    line = quoted["line"]
    starts = (each for each in spellings(prefix, line) if line.startswith(each))
    return [
        content[: quoted.start("line")] + start
        for start in starts
        if _LINE.match(line.removeprefix(start))
    ]


def require_channel(bot: Nabi, origin: Origin) -> None:
    """Let through what is asked where the bot may answer.

    Channels that were deleted do not count; when none is left, all are allowed again.

    Raises:
        NotHere: in any other channel of the server.
    """
    nearest = places(bot, origin)[0]
    guild = bot.get_guild(nearest.guild or 0)
    if guild is None:
        return
    chosen = here(bot, origin).channels
    allowed = tuple(channel for channel in chosen if guild.get_channel(channel) is not None)
    if allowed and nearest.id not in allowed:
        raise NotHere(allowed)
