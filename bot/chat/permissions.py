"""Permissions of members: Discord's bits and the rule that combines roles and overwrites."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final

from bot.chat.errors import refusal

if TYPE_CHECKING:
    from bot.chat.model import Channel, Guild, User


class Permission(IntFlag):
    """The permissions that this server knows; further bits are kept as they come."""

    NONE = 0
    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


ALL: Final = Permission((1 << 53) - 1)
"""Every permission, as an administrator or the owner has them."""

SILENCED: Final = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
"""What is left to a member who is timed out."""

EVERYONE: Final = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.USE_EXTERNAL_APPS
)
"""What a new guild grants to everyone."""


def guild_permissions(guild: Guild, user: User) -> Permission:
    """Combine the permissions of a member's roles; none for those who are not members."""
    member = guild.members.get(user.id)
    if member is None:
        return Permission.NONE
    if guild.owner is user:
        return ALL
    granted = guild.everyone.permissions
    for role in member.roles:
        granted |= role.permissions
    if granted & Permission.ADMINISTRATOR:
        return ALL
    return granted & SILENCED if member.timed_out else granted


def permissions_in(channel: Channel, user: User) -> Permission:
    """Compute what ``user`` may do in ``channel``, the way Discord documents it.

    Role permissions first, then the channel's overwrites for everyone, for the member's roles
    together, and for the member. A thread follows its parent. In a direct message its two people
    may do all that there is to do.
    """
    guild = channel.guild
    if guild is None:
        return ALL if user in channel.recipients else Permission.NONE
    granted = guild_permissions(guild, user)
    if granted == ALL or user.id not in guild.members:
        return granted
    overwrites = (channel.parent or channel).overwrites
    roles = {role.id for role in guild.members[user.id].roles}
    groups = ({guild.everyone.id}, roles, {user.id})
    for ids in groups:
        deny = allow = Permission.NONE
        for target, overwrite in overwrites.items():
            if target in ids:
                deny |= overwrite.deny
                allow |= overwrite.allow
        granted = (granted & ~deny) | allow
    if not granted & Permission.VIEW_CHANNEL:
        return Permission.NONE
    return granted & SILENCED if guild.members[user.id].timed_out else granted


def require(channel: Channel, user: User, wanted: Permission) -> None:
    """Refuse with 50001 when the channel cannot be seen, with 50013 when a permission lacks."""
    granted = permissions_in(channel, user)
    if not granted & Permission.VIEW_CHANNEL:
        raise refusal(50001)
    if wanted & ~granted:
        raise refusal(50013)


def sending_permission(channel: Channel) -> Permission:
    """Name the permission that sending needs: threads have their own."""
    if channel.parent is not None:
        return Permission.SEND_MESSAGES_IN_THREADS
    return Permission.SEND_MESSAGES
