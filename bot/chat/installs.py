"""Where the application is installed and what follows: contexts, owners, permissions, commands.

An application is installed to a guild (its bot is a member) or to a user, who may then use it
everywhere: in guilds without the bot, and in messages between people.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from bot.chat.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.model import Channel, Command, User
    from bot.chat.state import Application

GUILD_INSTALL, USER_INSTALL = 0, 1

_RESPONDING: Final = Permission.ATTACH_FILES | Permission.EMBED_LINKS
_ASKED: Final = Permission.MENTION_EVERYONE | Permission.USE_EXTERNAL_EMOJIS

MAX_FOLLOWUPS: Final = 5
"""Further messages per interaction where only a user has installed the application."""


class Context(IntEnum):
    """Kinds of place in which a command is used."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


def context_of(channel: Channel, bot: User) -> Context:
    """Tell which kind of place a channel is."""
    if channel.guild is not None:
        return Context.GUILD
    return Context.BOT_DM if bot in channel.recipients else Context.PRIVATE_CHANNEL


def owners(
    application: Application, channel: Channel, user: User, command: Command | None = None
) -> Json:
    """Tell by whose installations a command works here; without one, what the bot itself sent.

    Keys are installation types as text. ``"0"`` holds the guild's id, or ``"0"`` in direct
    messages with the bot; ``"1"`` holds the user's id. Empty: it does not work here at all.
    """
    types = [GUILD_INSTALL]
    if command is not None and command.guild is None:
        types = command.data["integration_types"]
    context = context_of(channel, application.bot)
    found: Json = {}
    if GUILD_INSTALL in types:
        if channel.guild is not None and application.bot.id in channel.guild.members:
            found["0"] = str(channel.guild.id)
        elif context is Context.BOT_DM:
            found["0"] = "0"
    if USER_INSTALL in types and user in application.users:
        found["1"] = str(user.id)
    return found


def offered_here(application: Application, command: Command, channel: Channel, user: User) -> bool:
    """Tell whether installations, contexts and the members' permissions offer a command."""
    here = command.guild is None or command.guild is channel.guild
    contexts = command.data["contexts"]
    context = context_of(channel, application.bot)
    if not here or (command.guild is None and contexts is not None and context not in contexts):
        return False
    installed = owners(application, channel, user, command)
    if not installed or channel.guild is None:
        return bool(installed)
    granted = permissions_in(channel, user)
    if not granted & Permission.USE_APPLICATION_COMMANDS:
        return False
    needed = command.data["default_member_permissions"]
    return needed is None or "0" not in installed or _may(int(needed), granted)


def _may(needed: int, granted: Permission) -> bool:
    """Tell whether all needed permissions are granted; 0 stands for administrators only."""
    if needed == 0:
        return bool(granted & Permission.ADMINISTRATOR)
    return not needed & ~int(granted)


def app_permissions(application: Application, channel: Channel) -> Permission:
    """Compute what the application may do in a channel, as its interactions tell it.

    Where its bot is no member it may answer with files and embeds, and of the rest that matters
    for answers what everyone may.
    """
    bot, guild = application.bot, channel.guild
    if guild is None:
        direct = bot in channel.recipients
        some = _RESPONDING | Permission.MENTION_EVERYONE
        return some | (Permission.USE_EXTERNAL_EMOJIS if direct else Permission.NONE)
    if bot.id in guild.members:
        return permissions_in(channel, bot)
    return _RESPONDING | (guild.everyone.permissions & _ASKED)


def alone(owners_: Json, channel: Channel, user: User) -> bool:
    """Tell whether answers are for the asker's eyes only.

    So they are where only the user has installed the application and the guild does not let
    members use such applications openly.
    """
    if "0" in owners_ or channel.guild is None:
        return False
    return not permissions_in(channel, user) & Permission.USE_EXTERNAL_APPS
