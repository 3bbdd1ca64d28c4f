"""Gateway sessions: which events a client gets, numbered and kept for a resume."""

from __future__ import annotations

import json
import secrets
from collections import deque
from dataclasses import dataclass, field
from enum import IntFlag
from typing import TYPE_CHECKING, Final

from bot.chat import message_payloads, payloads
from bot.chat.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.chat.errors import Json
    from bot.chat.events import Event
    from bot.chat.model import Guild
    from bot.chat.state import State


class Intent(IntFlag):
    """Gateway intents that matter here."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15


KNOWN_INTENTS: Final = (1 << 26) - 1
"""All bits that Discord takes without complaint."""

_NEEDED: Final[dict[str, tuple[Intent, Intent]]] = {
    "MESSAGE_CREATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_DELETE": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_DELETE_BULK": (Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES),
    "MESSAGE_REACTION_ADD": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE": (Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS),
    "MESSAGE_REACTION_REMOVE_ALL": (
        Intent.GUILD_MESSAGE_REACTIONS,
        Intent.DIRECT_MESSAGE_REACTIONS,
    ),
    "MESSAGE_REACTION_REMOVE_EMOJI": (
        Intent.GUILD_MESSAGE_REACTIONS,
        Intent.DIRECT_MESSAGE_REACTIONS,
    ),
    "TYPING_START": (Intent.GUILD_MESSAGE_TYPING, Intent.DIRECT_MESSAGE_TYPING),
    "GUILD_MEMBER_ADD": (Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    "GUILD_MEMBER_UPDATE": (Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
    "GUILD_MEMBER_REMOVE": (Intent.GUILD_MEMBERS, Intent.GUILD_MEMBERS),
}
"""Intent for guilds and for direct messages; events not named here need ``GUILDS``."""

_FREE: Final = frozenset({"INTERACTION_CREATE", "USER_UPDATE"})
"""Events that need no intent."""

REPLAY: Final = 2000
"""Events kept for a resume."""


@dataclass(eq=False)
class Session:
    """One identified client, connected or waiting for it to come back.

    Attributes:
        intents: what it asked for.
        shard: its number and the number of all shards.
        send: hands a numbered event to the live connection, None while there is none.
        lost_at: time on the loop's clock since which it is gone, None while it is connected.
    """

    state: State
    intents: int
    shard: tuple[int, int]
    send: Callable[[str], None] | None = None
    lost_at: float | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    buffer: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAY))
    presence: Json = field(default_factory=dict)

    def dispatch(self, name: str, data: Json | None) -> None:
        """Number an event, keep it for a resume and send it when connected."""
        self.sequence += 1
        text = json.dumps({"op": 0, "d": data, "s": self.sequence, "t": name})
        self.buffer.append((self.sequence, text))
        if self.send is not None:
            self.send(text)

    def replayable(self, sequence: int) -> bool:
        """Tell whether everything after ``sequence`` is still there."""
        if sequence > self.sequence:
            return False
        return sequence == self.sequence or (
            bool(self.buffer) and self.buffer[0][0] <= sequence + 1
        )

    def replay(self, sequence: int, send: Callable[[str], None]) -> None:
        """Send again what came after ``sequence``."""
        for number, text in tuple(self.buffer):
            if number > sequence:
                send(text)

    def start(self, resume_url: str) -> None:
        """Send READY and announce the guilds of this shard."""
        application = self.state.application
        guilds = [guild for guild in self.state.guilds.values() if self._holds(guild)]
        ready: Json = {
            "v": 10,
            "user": payloads.user(application.bot)
            | {"verified": True, "mfa_enabled": False, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": self.id,
            "session_type": "normal",
            "resume_gateway_url": resume_url,
            "shard": list(self.shard),
            "application": {"id": str(application.id)} | payloads.application_flags(application),
            "private_channels": [],
            "user_settings": {},
            "relationships": [],
            "presences": [],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "_trace": [],
        }
        self.dispatch("READY", ready)
        if self.intents & Intent.GUILDS:
            for guild in guilds:
                if guild.available:
                    self.dispatch("GUILD_CREATE", self.guild_payload(guild))

    def guild_payload(self, guild: Guild) -> Json:
        """Write a guild as this session may see it."""
        bot = self.state.application.bot
        return payloads.guild_create(
            guild,
            bot,
            [each for each in self.state.threads(guild) if not each.archived],
            everyone=bool(self.intents & Intent.GUILD_PRESENCES),
            shown=list(guild.channels.values()),
        )

    def notice(self, event: Event) -> None:
        """Dispatch an event when this client is to know of it."""
        if event.audience == "people" or not self._wants(event):
            return
        if event.name == "GUILD_CREATE":
            assert event.guild is not None
            data = self.guild_payload(event.guild)
            if "new" in event.data:
                del data["unavailable"]  # by its absence clients tell a new guild from a return
        elif event.message is not None:
            data = message_payloads.message(
                event.message,
                self.state.application.bot,
                event=True,
                withhold=not self.intents & Intent.MESSAGE_CONTENT,
            )
        else:
            data = event.data
        self.dispatch(event.name, data)

    def _holds(self, guild: Guild) -> bool:
        bot = self.state.application.bot
        number, count = self.shard
        return bot.id in guild.members and (guild.id >> 22) % count == number

    def _wants(self, event: Event) -> bool:
        bot = self.state.application.bot
        number, count = self.shard
        if event.guild is None:
            mine = number == 0
        elif event.name in _FREE:  # a user's own installation works where the bot is no member
            mine = (event.guild.id >> 22) % count == number
        else:
            mine = event.name == "GUILD_DELETE" or self._holds(event.guild)
        if not mine or event.name in _FREE:
            return mine
        needed = _NEEDED.get(event.name, (Intent.GUILDS, Intent.GUILDS))
        asked = self.intents & needed[0 if event.guild else 1]
        if event.name == "GUILD_MEMBER_UPDATE" and event.data["user"]["id"] == str(bot.id):
            return True  # what concerns the bot itself needs no intent
        channel = event.channel
        if not asked or event.only not in (None, bot) or channel is None:
            return bool(asked) and event.only in (None, bot)
        if channel.guild is None:
            return bot in channel.recipients
        if event.name.startswith("CHANNEL_"):
            return True  # clients are told that they no longer see a channel
        return bool(permissions_in(channel, bot) & Permission.VIEW_CHANNEL)

    def members_chunks(self, data: Json) -> None:
        """Answer a request for guild members (op 8)."""
        guild = self.state.guilds.get(int(data.get("guild_id") or 0))
        if guild is None or not self._holds(guild):
            return
        ids = data.get("user_ids")
        query = data.get("query")
        limit = int(data.get("limit") or 0)
        missing: list[str] = []
        if ids is not None:
            wanted = [int(each) for each in (ids if isinstance(ids, list) else [ids])]
            found = [guild.members[each] for each in wanted if each in guild.members]
            missing = [str(each) for each in wanted if each not in guild.members]
        elif not query and not limit and not self.intents & Intent.GUILD_MEMBERS:
            return  # the whole list needs the intent; Discord answers nothing either
        else:
            start = str(query or "").lower()
            found = [
                each
                for each in guild.members.values()
                if (each.nick or each.user.name).lower().startswith(start)
            ][: limit or None]
        for place in range(0, max(1, len(found)), 1000):
            chunk: Json = {
                "guild_id": str(guild.id),
                "members": [payloads.member(each) for each in found[place : place + 1000]],
                "chunk_index": place // 1000,
                "chunk_count": max(1, -(-len(found) // 1000)),
                "not_found": missing,
            }
            if data.get("presences"):
                chunk["presences"] = []
            if data.get("nonce") is not None:
                chunk["nonce"] = data["nonce"]
            self.dispatch("GUILD_MEMBERS_CHUNK", chunk)
