"""Found, furnish and change guilds while clients are connected; they are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import payloads
from bot.chat.events import Event
from bot.chat.model import ChannelKind
from bot.chat.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from bot.chat.events import Hub
    from bot.chat.model import Channel, Guild, Role, User
    from bot.chat.state import State


class Places:
    """What the owner of a guild does with it."""

    def __init__(self, state: State, hub: Hub) -> None:
        self.state = state
        self.hub = hub

    def found(self, name: str, owner: User, channels: tuple[str, ...], locale: str) -> Guild:
        """Found a guild with its channels; nobody is told before the bot joins it."""
        guild = self.state.add_guild(name, owner, locale)
        role = self.state.add_role(guild, "Administrator", Permission.ADMINISTRATOR)
        guild.members[owner.id].roles.append(role)
        for channel in channels:
            self.state.add_channel(guild, channel)
        return guild

    def invite_bot(self, guild: Guild, permissions: Permission = Permission.NONE) -> None:
        """Let the bot join, with a role of its own."""
        bot = self.state.application.bot
        role = self.state.add_role(guild, bot.name, permissions)
        role.managed_by = bot
        self.state.add_member(guild, bot, role)
        self.hub.emit(Event("GUILD_CREATE", {"new": True}, guild))

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out."""
        del guild.members[self.state.application.bot.id]
        self.hub.emit(Event("GUILD_DELETE", {"id": str(guild.id)}, guild))

    def outage(self, guild: Guild) -> None:
        """Make a guild unavailable, as Discord's outages do."""
        guild.available = False
        self.hub.emit(Event("GUILD_DELETE", {"id": str(guild.id), "unavailable": True}, guild))

    def recover(self, guild: Guild) -> None:
        """Make a guild available again."""
        guild.available = True
        self.hub.emit(Event("GUILD_CREATE", guild=guild))

    def set_locale(self, guild: Guild, locale: str) -> None:
        """Change a guild's language."""
        if guild.locale != locale:
            guild.locale = locale
            self.hub.emit(Event("GUILD_UPDATE", payloads.guild(guild), guild, audience="bot"))

    def add_channel(
        self,
        guild: Guild,
        name: str,
        topic: str | None = None,
        kind: ChannelKind = ChannelKind.TEXT,
    ) -> Channel:
        """Add a channel."""
        channel = self.state.add_channel(guild, name, topic, kind)
        self.hub.emit(Event("CHANNEL_CREATE", payloads.channel(channel), guild, channel))
        return channel

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Put a thread away; ``locked``: for good, but for those who manage threads."""
        thread.archived, thread.locked = True, locked
        self.hub.emit(Event("THREAD_UPDATE", payloads.channel(thread), thread.guild, thread))

    def join(self, guild: Guild, user: User, *roles: Role) -> None:
        """Let a user join."""
        member = payloads.member(self.state.add_member(guild, user, *roles))
        data = member | {"guild_id": str(guild.id)}
        self.hub.emit(Event("GUILD_MEMBER_ADD", data, guild))

    def give(self, guild: Guild, user: User, role: Role) -> None:
        """Give a member a role."""
        guild.members[user.id].roles.append(role)
        data = payloads.member(guild.members[user.id]) | {"guild_id": str(guild.id)}
        self.hub.emit(Event("GUILD_MEMBER_UPDATE", data, guild))

    def time_out(self, guild: Guild, user: User, until: datetime | None) -> None:
        """Silence a member until some time, or with None let them speak again."""
        guild.members[user.id].timed_out_until = until
        data = payloads.member(guild.members[user.id]) | {"guild_id": str(guild.id)}
        self.hub.emit(Event("GUILD_MEMBER_UPDATE", data, guild))

    def set_role(self, guild: Guild, role: Role, permissions: Permission) -> None:
        """Change what a role grants."""
        role.permissions = permissions
        data = {"guild_id": str(guild.id), "role": payloads.role(role)}
        self.hub.emit(Event("GUILD_ROLE_UPDATE", data, guild))

    def set_tier(self, guild: Guild, tier: int) -> None:
        """Lift or lower what boosts give: the upload limit is 10, 10, 50 or 100 MB."""
        guild.tier = tier
        self.hub.emit(Event("GUILD_UPDATE", payloads.guild(guild), guild))

    def overwrite(
        self,
        channel: Channel,
        target: Role | User,
        *,
        allow: Permission = Permission.NONE,
        deny: Permission = Permission.NONE,
    ) -> None:
        """Grant or deny permissions in one channel."""
        self.state.overwrite(channel, target, allow=allow, deny=deny)
        data = payloads.channel(channel)
        self.hub.emit(Event("CHANNEL_UPDATE", data, channel.guild, channel))
