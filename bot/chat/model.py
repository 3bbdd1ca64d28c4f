"""What the chat consists of: users, guilds, channels, messages, commands, interactions.

Plain mutable records without behaviour of the network; their JSON is made in
:mod:`bot.chat.payloads`. Ids are snowflakes as integers.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from bot.chat.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.chat.errors import Json


class ChannelKind(IntEnum):
    """The kinds of channel that exist here."""

    TEXT = 0
    DIRECT = 1
    VOICE = 2
    GROUP = 3
    NEWS = 5
    NEWS_THREAD = 10
    THREAD = 11
    STAGE = 13
    FORUM = 15


class MessageKind(IntEnum):
    """The kinds of message that exist here."""

    DEFAULT = 0
    REPLY = 19
    SLASH = 20
    CONTEXT_MENU = 23


class Flag(IntFlag):
    """Message flags."""

    NONE = 0
    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


class InteractionKind(IntEnum):
    """What an interaction began with."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class CommandKind(IntEnum):
    """Where a command is found."""

    SLASH = 1
    USER = 2
    MESSAGE = 3


@dataclass(eq=False, slots=True)
class User:
    """A person or the bot."""

    id: int
    name: str
    display_name: str = ""
    bot: bool = False
    locale: str = "en-US"
    accepts_messages: bool = True

    @property
    def mention(self) -> str:
        """Text that mentions this user."""
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True)
class Role:
    """A role of a guild; the one with the guild's id is everyone's."""

    id: int
    name: str
    permissions: Permission = Permission.NONE
    position: int = 0
    mentionable: bool = False
    colour: int = 0
    managed_by: User | None = None


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel grants or denies beyond the roles."""

    kind: Literal[0, 1]
    allow: Permission = Permission.NONE
    deny: Permission = Permission.NONE


@dataclass(eq=False, slots=True)
class Member:
    """A user in a guild."""

    user: User
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None
    joined_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    timed_out_until: datetime | None = None

    @property
    def timed_out(self) -> bool:
        """Whether moderators have silenced them for now."""
        return self.timed_out_until is not None and self.timed_out_until > datetime.now(UTC)


@dataclass(eq=False, slots=True)
class Guild:
    """A server with its roles, members and channels; boosts lift its ``tier`` from 0 to 3."""

    id: int
    name: str
    owner: User
    locale: str = "en-US"
    tier: int = 0
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    available: bool = True

    @property
    def everyone(self) -> Role:
        """The role that all members have."""
        return self.roles[self.id]

    def channel(self, name: str) -> Channel:
        """Find a channel by its name."""
        return next(each for each in self.channels.values() if each.name == name)


@dataclass(eq=False, slots=True)
class Channel:
    """A channel, a thread (it has a parent), or messages between people (it has no guild).

    Of voice and stage channels there is only the text beside them; in a forum there are only
    threads. A thread that is ``archived`` opens again when somebody writes, unless it is
    ``locked``.
    """

    id: int
    kind: ChannelKind
    name: str = ""
    guild: Guild | None = None
    topic: str | None = None
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    recipients: tuple[User, ...] = ()
    parent: Channel | None = None
    owner: User | None = None
    archived: bool = False
    locked: bool = False
    messages: dict[int, Message] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Attachment:
    """A file and where it is served; ``title``: its name, where the file name lost some of it."""

    id: int
    filename: str
    data: bytes
    content_type: str
    url: str
    description: str | None = None
    width: int | None = None
    height: int | None = None
    ephemeral: bool = False
    title: str | None = None

    @property
    def name(self) -> str:
        """The name as its sender gave it."""
        return self.title + PurePosixPath(self.filename).suffix if self.title else self.filename


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reply points to, or what was forwarded; the message may be gone."""

    message_id: int
    channel_id: int
    guild_id: int | None
    message: Message | None


@dataclass(eq=False, slots=True)
class Message:
    """A message.

    ``visible_to`` is the only reader of an ephemeral one; ``snapshot`` is what a forwarded one
    shows: a copy of the other, which its changes do not reach.
    """

    id: int
    channel: Channel
    author: User
    content: str = ""
    kind: MessageKind = MessageKind.DEFAULT
    flags: Flag = Flag.NONE
    timestamp: datetime = field(default_factory=lambda: datetime.now(UTC))
    edited: datetime | None = None
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[Role] = field(default_factory=list)
    mention_everyone: bool = False
    reference: Reference | None = None
    snapshot: Message | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    interaction: Interaction | None = None
    visible_to: User | None = None
    hidden_attachments: list[Attachment] = field(default_factory=list)
    thread: Channel | None = None
    nonce: str | int | None = None
    tts: bool = False
    deleted: bool = False

    @property
    def loading(self) -> bool:
        """Whether it is a deferred reply that still waits for its content."""
        return bool(self.flags & Flag.LOADING)

    @property
    def ephemeral(self) -> bool:
        """Whether only one person sees it."""
        return self.visible_to is not None

    def attachment(self, name: str) -> Attachment:
        """Find an attachment by its name or its ending.

        Raises:
            LookupError: when there is none.
        """
        for each in (*self.attachments, *self.hidden_attachments):
            if each.name == name or each.filename.endswith(name):
                return each
        names = [each.name for each in self.attachments]
        raise LookupError(f"no attachment {name!r} among {names}")

    def walk_components(self) -> Iterator[Json]:
        """Yield all components, nested ones after their parent."""
        yield from _walk(self.components)


def _walk(components: list[Json]) -> Iterator[Json]:
    for component in components:
        yield component
        yield from _walk(component.get("components", []))
        if "accessory" in component:
            yield from _walk([component["accessory"]])
        if "component" in component:
            yield from _walk([component["component"]])


@dataclass(eq=False, slots=True)
class Command:
    """An application command; ``data`` is its body as registered, checked and completed."""

    id: int
    version: int
    kind: CommandKind
    name: str
    data: Json
    guild: Guild | None = None


@dataclass(eq=False, slots=True)
class Interaction:
    """One use of a command, a component or a modal, and how it was answered.

    Attributes:
        owners: by whose installations it works, see :func:`bot.chat.installs.owners`.
        followups: how many further messages there were.
        token: secret with which it is answered.
        created: time on the event loop's clock, in seconds.
        answered: type of the first answer, None before it.
        failed: whether the time for the first answer ran out.
        original: message of the first answer, or the message whose component was used.
        modal: the modal that was answered with.
        choices: what autocompletion answered.
        settled: set when answered or failed.
    """

    id: int
    token: str
    kind: InteractionKind
    user: User
    channel: Channel
    data: Json
    created: float
    locale: str
    message: Message | None = None
    command: Command | None = None
    source: Interaction | None = None
    target: Message | User | None = None
    answered: int | None = None
    failed: bool = False
    original: Message | None = None
    modal: Json | None = None
    choices: list[Json] | None = None
    owners: Json = field(default_factory=dict)
    followups: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)
