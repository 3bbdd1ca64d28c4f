"""The chat's memory: everything that exists, found by id, and how it comes into being."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeVar
from urllib.parse import quote

from bot.chat.errors import refusal
from bot.chat.media import content_type_of, image_size, stored_name
from bot.chat.model import (
    Attachment,
    Channel,
    ChannelKind,
    Command,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from bot.chat.permissions import EVERYONE, Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

DISCORD_EPOCH: Final = 1_420_070_400_000
"""First millisecond of 2015, from which snowflakes count."""

_FOUNDED: Final = 1_767_225_600_000
"""Millisecond from which the ids of what always exists count: the first of 2026."""

MAX_MESSAGES: Final = 1000
"""Messages kept per channel; older ones are forgotten."""

MAX_STORED: Final = 256 * 1024 * 1024
"""Bytes of attachments kept in all; the oldest go first."""

_TIERS: Final = {2: 50 * 1024 * 1024, 3: 100 * 1024 * 1024}
"""Largest file by the tier that boosts lift a guild to, in bytes."""

T = TypeVar("T")


class Snowflakes:
    """Makes ids that carry their time and never repeat.

    The first ones count up from a fixed time, until :meth:`begin`: people and places that exist at
    every start keep their ids, and with them what the bot remembers of them.
    """

    def __init__(self) -> None:
        self._last = (_FOUNDED - DISCORD_EPOCH) << 22
        self._begun = False

    def begin(self) -> None:
        """Let ids carry the time of day from now on."""
        self._begun = True

    def __call__(self) -> int:
        """Give the next id."""
        now = (time.time_ns() // 1_000_000 - DISCORD_EPOCH) << 22 if self._begun else 0
        self._last = max(now, self._last + 1)
        return self._last


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in."""

    filename: str
    data: bytes
    description: str | None = None


@dataclass(eq=False, slots=True)
class Application:
    """The bot's application, as its owner set it up.

    Attributes:
        bot: its user; the application has the same id.
        owner: whose application it is.
        token: the only bot token that is accepted.
        members_intent, presences_intent, content_intent: privileged intents switched on.
        users: who has installed it for themselves.
    """

    bot: User
    owner: User
    token: str
    members_intent: bool = True
    presences_intent: bool = True
    content_intent: bool = True
    users: set[User] = field(default_factory=set)

    @property
    def id(self) -> int:
        """The application's id."""
        return self.bot.id


@dataclass(eq=False)
class State:
    """All users, guilds, channels, files and commands.

    The ``find_*`` methods raise Discord's "Unknown …" errors.

    Attributes:
        cdn_base: base of the files' addresses.
        upload_limit: largest file, in bytes, where no boosts lift it.
    """

    application: Application = field(init=False)
    cdn_base: str = ""
    upload_limit: int = 10 * 1024 * 1024
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    commands: dict[int, Command] = field(default_factory=dict)
    next_id: Snowflakes = field(default_factory=Snowflakes)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    # People and places

    def add_user(
        self, name: str, display_name: str = "", *, bot: bool = False, locale: str = "en-US"
    ) -> User:
        """Create a user."""
        user = User(self.next_id(), name, display_name or name, bot=bot, locale=locale)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, owner: User, locale: str = "en-US") -> Guild:
        """Create a guild with its everyone role and its owner as the first member."""
        guild = Guild(self.next_id(), name, owner, locale)
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE)
        self.guilds[guild.id] = guild
        self.add_member(guild, owner)
        return guild

    def add_role(self, guild: Guild, name: str, permissions: Permission) -> Role:
        """Create a role above those that exist."""
        role = Role(self.next_id(), name, permissions, position=len(guild.roles))
        guild.roles[role.id] = role
        return role

    def add_member(self, guild: Guild, user: User, *roles: Role) -> Member:
        """Let a user join a guild."""
        member = Member(user, list(roles))
        guild.members[user.id] = member
        return member

    def add_channel(
        self,
        guild: Guild,
        name: str,
        topic: str | None = None,
        kind: ChannelKind = ChannelKind.TEXT,
    ) -> Channel:
        """Create a channel at the end of the list."""
        channel = Channel(
            self.next_id(),
            kind,
            name,
            guild,
            topic,
            position=len(guild.channels),
        )
        guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        return channel

    def add_thread(self, parent: Channel, name: str, owner: User, thread_id: int = 0) -> Channel:
        """Create a thread; one that starts from a message has the message's id."""
        news = parent.kind is ChannelKind.NEWS
        thread = Channel(
            thread_id or self.next_id(),
            ChannelKind.NEWS_THREAD if news else ChannelKind.THREAD,
            name,
            parent.guild,
            parent=parent,
            owner=owner,
        )
        self.channels[thread.id] = thread
        return thread

    def overwrite(
        self,
        channel: Channel,
        target: Role | User,
        *,
        allow: Permission = Permission.NONE,
        deny: Permission = Permission.NONE,
    ) -> None:
        """Grant or deny permissions to a role or a user in one channel."""
        kind: Literal[0, 1] = 0 if isinstance(target, Role) else 1
        channel.overwrites[target.id] = Overwrite(kind, allow, deny)

    def direct_channel(self, one: User, other: User) -> Channel:
        """Find or open the direct messages between two users."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DIRECT and {*channel.recipients} == {one, other}:
                return channel
        channel = Channel(self.next_id(), ChannelKind.DIRECT, recipients=(one, other))
        self.channels[channel.id] = channel
        return channel

    def add_group(self, *people: User) -> Channel:
        """Let people have a conversation of their own, without the bot."""
        channel = Channel(self.next_id(), ChannelKind.GROUP, recipients=people)
        self.channels[channel.id] = channel
        return channel

    # Messages and files

    def keep(self, message: Message) -> None:
        """Remember a message; the oldest of a full channel is forgotten with its files."""
        messages = message.channel.messages
        messages[message.id] = message
        while len(messages) > MAX_MESSAGES:
            self.forget(messages[next(iter(messages))])

    def forget(self, message: Message) -> None:
        """Remove a message and its files."""
        message.deleted = True
        message.channel.messages.pop(message.id, None)
        for attachment in (*message.attachments, *message.hidden_attachments):
            self.attachments.pop(attachment.id, None)

    def upload_limit_in(self, channel: Channel) -> int:
        """Tell the largest file of a channel, in bytes: its guild's boosts lift it."""
        return max(self.upload_limit, _TIERS.get(channel.guild.tier if channel.guild else 0, 0))

    @property
    def largest_upload(self) -> int:
        """The largest file that any channel takes, in bytes."""
        return max([self.upload_limit, *(_TIERS.get(g.tier, 0) for g in self.guilds.values())])

    def attach(self, channel: Channel, upload: Upload, *, ephemeral: bool = False) -> Attachment:
        """Store a file and give it a signed address."""
        attachment_id = self.next_id()
        name, title = stored_name(upload.filename)
        size = image_size(upload.data)
        path = f"{channel.id}/{attachment_id}/{name}"
        attachment = Attachment(
            attachment_id,
            name,
            upload.data,
            content_type_of(name),
            f"{self.cdn_base}/attachments/{quote(path)}?hm={self.sign(path)}",
            upload.description,
            size[0] if size else None,
            size[1] if size else None,
            ephemeral,
            title,
        )
        self.attachments[attachment_id] = attachment
        stored = sum(len(each.data) for each in self.attachments.values())
        while stored > MAX_STORED and len(self.attachments) > 1:
            oldest = self.attachments.pop(next(iter(self.attachments)))
            stored -= len(oldest.data)
        return attachment

    def sign(self, path: str) -> str:
        """Sign an attachment's path, so that addresses cannot be guessed."""
        return hmac.new(self._secret, path.encode(), hashlib.sha256).hexdigest()

    # Look-up

    def find_channel(self, channel_id: int) -> Channel:
        """Find a channel or raise Unknown Channel."""
        return _found(self.channels, channel_id, 10003)

    def find_guild(self, guild_id: int) -> Guild:
        """Find a guild or raise Unknown Guild."""
        return _found(self.guilds, guild_id, 10004)

    def find_user(self, user_id: int) -> User:
        """Find a user or raise Unknown User."""
        return _found(self.users, user_id, 10013)

    def find_message(self, channel: Channel, message_id: int) -> Message:
        """Find a message of a channel or raise Unknown Message."""
        return _found(channel.messages, message_id, 10008)

    def threads(self, guild: Guild) -> list[Channel]:
        """List the threads of a guild."""
        return [each for each in self.channels.values() if each.guild is guild and each.parent]


def _found(table: Mapping[int, T], key: int, code: int) -> T:
    value = table.get(key)
    if value is None:
        raise refusal(code)
    return value
