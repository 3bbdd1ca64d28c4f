"""Live news for open pages: each page sees what its person may see."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from bot.chat import message_payloads, payloads
from bot.chat.permissions import Permission, permissions_in

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.events import Event
    from bot.chat.model import Channel, Guild, User
    from bot.chat.server import ChatServer

_MAX_WAITING: Final = 2000
"""Events that may wait for a page; one that is so far behind starts afresh."""


class PageSockets:
    """The open pages' websockets."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self._sockets: set[web.WebSocketResponse] = set()

    async def handle(self, request: web.Request, user: User) -> web.StreamResponse:
        """Serve one page: everything there is first, then the news."""
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=4096)
        await socket.prepare(request)
        waiting: asyncio.Queue[str | None] = asyncio.Queue()

        def notice(event: Event) -> None:
            told = self._tell(event, user)
            if told is None:
                return
            if waiting.qsize() > _MAX_WAITING:
                stop()
                told = None
            waiting.put_nowait(told)

        stop = self.server.hub.listen(notice)
        waiting.put_nowait(_pack("READY", self.everything(user)))
        self._sockets.add(socket)
        writer = asyncio.create_task(self._write(socket, waiting))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.ERROR:
                    break
        finally:
            stop()
            self._sockets.discard(socket)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    async def close(self) -> None:
        """Close all connections."""
        for socket in tuple(self._sockets):
            await socket.close(code=1001)

    def everything(self, user: User) -> Json:
        """Describe people, guilds and channels as one person sees them."""
        state = self.server.state
        bot = self.server.bot_user
        people = [each for each in state.users.values() if not each.bot]
        guilds = [each for each in state.guilds.values() if user.id in each.members]
        return {
            "me": payloads.user(user),
            "bot": payloads.user(bot),
            "online": self.server.gateway.online,
            "identities": [
                payloads.user(each) | {"administrator": each is self.server.administrator}
                for each in people
            ],
            "users": [payloads.user(each) for each in state.users.values()],
            "guilds": [self._guild(each, user) for each in guilds],
            "direct": [
                payloads.channel(state.direct_channel(user, each), user)
                | {"upload_limit": state.upload_limit}
                for each in (bot, *people)
                if each is not user
            ],
        }

    def _guild(self, guild: Guild, user: User) -> Json:
        seen, bot = Permission.VIEW_CHANNEL, self.server.bot_user
        channels: list[Channel] = [*guild.channels.values(), *self.server.state.threads(guild)]
        return {
            "id": str(guild.id),
            "name": guild.name,
            "tier": guild.tier,
            "bot": bot.id in guild.members,
            "roles": [payloads.role(each) for each in guild.roles.values()],
            "members": [str(each) for each in guild.members],
            "channels": [
                payloads.channel(each)
                | {
                    "permissions": str(int(permissions_in(each, user))),
                    "bot_permissions": str(int(permissions_in(each, bot))),
                    "upload_limit": self.server.state.upload_limit_in(each),
                }
                for each in channels
                if permissions_in(each, user) & seen
            ],
        }

    def _tell(self, event: Event, user: User) -> str | None:
        """Write an event for one person's page; None when it is not for it."""
        channel, guild = event.channel, event.guild
        if event.audience == "bot" or event.only not in (None, user):
            return None
        if event.name.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
            # also for those who no longer see the channel: they get what they do see
            concerned = guild is None or user.id in guild.members
            return _pack("PLACES", self.everything(user)) if concerned else None
        if channel is not None and not permissions_in(channel, user) & Permission.VIEW_CHANNEL:
            return None
        name, message = event.name, event.message
        if name.startswith("MESSAGE_REACTION") and channel is not None:
            # the page shows the message anew instead of counting by itself
            message = channel.messages.get(int(event.data["message_id"]))
            name = "MESSAGE_UPDATE"
            if message is None:
                return None
        if message is not None:
            data = message_payloads.message(message, user, event=True)
            if channel is not None and channel.guild is None:
                data["direct"] = True
            return _pack(name, data)
        return _pack(name, event.data)

    async def _write(
        self, socket: web.WebSocketResponse, waiting: asyncio.Queue[str | None]
    ) -> None:
        while (text := await waiting.get()) is not None:
            await socket.send_str(text)
        await socket.close(code=1013)


def _pack(name: str, data: Any) -> str:
    return json.dumps({"t": name, "d": data})
