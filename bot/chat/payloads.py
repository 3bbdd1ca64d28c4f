"""Discord's JSON for everything that exists here (API version 10)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.chat.model import ChannelKind
from bot.chat.permissions import guild_permissions, permissions_in
from bot.chat.state import DISCORD_EPOCH

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.model import Channel, Command, Guild, Member, Role, User
    from bot.chat.state import Application


def moment(time: datetime | None) -> str | None:
    """Write a time the way Discord does: ISO 8601 with microseconds and offset."""
    return None if time is None else time.isoformat(timespec="microseconds")


def created_at(snowflake: int) -> datetime:
    """Read the time that an id carries."""
    return datetime.fromtimestamp(((snowflake >> 22) + DISCORD_EPOCH) / 1000, UTC)


def user(each: User) -> Json:
    """Write a user."""
    payload: Json = {
        "id": str(each.id),
        "username": each.name,
        "discriminator": "0",
        "global_name": each.display_name,
        "avatar": None,
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
    }
    if each.bot:
        payload |= {"bot": True, "global_name": None}
    return payload


def member(each: Member, *, with_user: bool = True) -> Json:
    """Write a member."""
    payload: Json = {
        "nick": each.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role.id) for role in each.roles],
        "joined_at": moment(each.joined_at),
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": moment(each.timed_out_until),
    }
    if with_user:
        payload["user"] = user(each.user)
    return payload


def role(each: Role) -> Json:
    """Write a role."""
    payload: Json = {
        "id": str(each.id),
        "name": each.name,
        "permissions": str(int(each.permissions)),
        "position": each.position,
        "color": each.colour,
        "colors": {
            "primary_color": each.colour,
            "secondary_color": None,
            "tertiary_color": None,
        },
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": each.managed_by is not None,
        "mentionable": each.mentionable,
        "flags": 0,
    }
    if each.managed_by is not None:
        payload["tags"] = {"bot_id": str(each.managed_by.id)}
    return payload


def channel(each: Channel, reader: User | None = None) -> Json:
    """Write a channel; a direct message lists the people other than its ``reader``."""
    last = str(next(reversed(each.messages))) if each.messages else None
    payload: Json = {
        "id": str(each.id),
        "type": int(each.kind),
        "last_message_id": last,
        "flags": 0,
    }
    if each.guild is None:
        payload["recipients"] = [user(one) for one in each.recipients if one is not reader]
        if each.kind is ChannelKind.GROUP:
            owner = str(each.recipients[0].id)
            payload |= {"name": each.name or None, "icon": None, "owner_id": owner}
        return payload
    payload |= {
        "guild_id": str(each.guild.id),
        "name": each.name,
        "parent_id": str(each.parent.id) if each.parent else None,
        "rate_limit_per_user": 0,
    }
    if each.parent is not None:
        return payload | _thread(each)
    if each.kind in (ChannelKind.VOICE, ChannelKind.STAGE):
        payload |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    else:
        payload["topic"] = each.topic
    if each.kind is ChannelKind.FORUM:
        payload |= {"available_tags": [], "default_sort_order": None, "default_forum_layout": 0}
        payload["default_reaction_emoji"] = None
    overwrites = [
        {
            "id": str(target),
            "type": overwrite.kind,
            "allow": str(int(overwrite.allow)),
            "deny": str(int(overwrite.deny)),
        }
        for target, overwrite in each.overwrites.items()
    ]
    return payload | {
        "position": each.position,
        "nsfw": False,
        "permission_overwrites": overwrites,
    }


def _thread(each: Channel) -> Json:
    created = moment(created_at(each.id))
    return {
        "owner_id": str(each.owner.id) if each.owner else None,
        "message_count": len(each.messages),
        "total_message_sent": len(each.messages),
        "member_count": 1,
        "thread_metadata": {
            "archived": each.archived,
            "locked": each.locked,
            "auto_archive_duration": 1440,
            "archive_timestamp": created,
            "create_timestamp": created,
        },
    }


def guild(each: Guild) -> Json:
    """Write a guild as REST gives it, without members and channels."""
    return {
        "id": str(each.id),
        "name": each.name,
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(each.owner.id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role(one) for one in each.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_members": 500_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "vanity_url_code": None,
        "premium_tier": each.tier,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": each.locale,
        "nsfw_level": 0,
        "hub_type": None,
        "incidents_data": None,
    }


def guild_create(
    each: Guild, bot: User, threads: list[Channel], *, everyone: bool, shown: list[Channel]
) -> Json:
    """Write a guild as the gateway announces it.

    Args:
        each: the guild.
        bot: the bot, always among the members.
        threads: the guild's threads, without those that are archived.
        everyone: whether all members are listed (the presence intent) or the bot alone.
        shown: text channels of the guild.
    """
    listed = each.members.values() if everyone else [each.members[bot.id]]
    return guild(each) | {
        "joined_at": moment(each.members[bot.id].joined_at),
        "large": len(each.members) > 250,
        "unavailable": False,
        "member_count": len(each.members),
        "voice_states": [],
        "members": [member(one) for one in listed],
        "channels": [channel(one) for one in shown],
        "threads": [channel(one) for one in threads],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def interaction_member(guild_: Guild, each: User, where: Channel) -> Json:
    """Write a member with the permissions in a channel, as interactions carry it."""
    permissions = permissions_in(where, each)
    return member(guild_.members[each.id]) | {"permissions": str(int(permissions))}


def resolved_channel(each: Channel, reader: User) -> Json:
    """Write a channel chosen as an option."""
    return channel(each) | {"permissions": str(int(permissions_in(each, reader)))}


def partial_guild(each: Guild, bot: User) -> Json:
    """Write a guild as ``/users/@me/guilds`` lists it."""
    return {
        "id": str(each.id),
        "name": each.name,
        "icon": None,
        "banner": None,
        "owner": each.owner is bot,
        "permissions": str(int(guild_permissions(each, bot))),
        "features": [],
        "approximate_member_count": len(each.members),
        "approximate_presence_count": len(each.members),
    }


def application_flags(each: Application) -> Json:
    """Write the flags that tell which privileged intents are switched on (limited forms)."""
    flags = (
        (1 << 13 if each.presences_intent else 0)
        | (1 << 15 if each.members_intent else 0)
        | (1 << 19 if each.content_intent else 0)
        | 1 << 23
    )
    return {"flags": flags, "flags_new": str(flags)}


def application(each: Application, guilds: int, public_key: str) -> Json:
    """Write the application."""
    return {
        "id": str(each.id),
        "name": each.bot.display_name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot": user(each.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": public_key,
        "owner": user(each.owner),
        "team": None,
        **application_flags(each),
        "hook": True,
        "approximate_guild_count": guilds,
        "approximate_user_install_count": len(each.users),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "integration_types_config": {"0": {}, "1": {}},
        "tags": [],
    }


def command(each: Command, application_id: int) -> Json:
    """Write a registered command."""
    payload: Json = {
        "id": str(each.id),
        "application_id": str(application_id),
        "version": str(each.version),
        **each.data,
    }
    if each.guild is not None:
        payload["guild_id"] = str(each.guild.id)
    return payload
