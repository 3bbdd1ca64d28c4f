"""The gateway: websocket connections of bot clients, version 10, JSON."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from aiohttp import WSMsgType, web

from bot.chat.events import Event
from bot.chat.sessions import KNOWN_INTENTS, Intent, Session
from bot.chat.transport import Encoder, encoder_for

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.events import Hub
    from bot.chat.state import State

_log = logging.getLogger(__name__)

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 1, 2, 3, 4, 6
RECONNECT, MEMBERS, INVALID, HELLO, ACK = 7, 8, 9, 10, 11

MAX_PAYLOAD: Final = 4096
"""Largest payload that a client may send, in bytes."""

_MAX_COMMANDS: Final = 120
_MINUTE: Final = 60.0

_LATENCY: Final = 0.1
"""Seconds until a heartbeat is answered, as over a network.

discord.py notes the time of a heartbeat after sending it; an answer that comes sooner than that
makes it believe, and warn, that it is a whole interval behind.
"""


class Close(Exception):  # an order to close, not an error of ours
    """Close a connection with one of Discord's codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One websocket; it carries at most one session."""

    def __init__(
        self,
        gateway: Gateway,
        request: web.Request,
        socket: web.WebSocketResponse,
        encode: Encoder,
    ) -> None:
        self.gateway = gateway
        self.request = request
        self.socket = socket
        self.session: Session | None = None
        self._encode = encode
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._commands: deque[float] = deque(maxlen=_MAX_COMMANDS)
        self._beat = gateway.now()
        self._reader: asyncio.Task[None] | None = None
        self._goodbye: Close | None = None

    async def run(self) -> None:
        """Greet, then read until either side ends the connection."""
        writer = asyncio.create_task(self._write())
        self.order(HELLO, {"heartbeat_interval": int(self.gateway.heartbeat * 1000)})
        self._reader = asyncio.create_task(self._read())
        try:
            await asyncio.wait({self._reader})
            close = self._goodbye or self._reader.exception()
            self._detach()
            if isinstance(close, Close):
                await self.socket.close(code=close.code, message=close.reason.encode())
            elif close is not None:
                raise close
        finally:
            self._reader.cancel()
            self._detach()
            self._queue.put_nowait(None)
            await asyncio.gather(writer, return_exceptions=True)

    def end(self, goodbye: Close) -> None:
        """Stop reading and say goodbye."""
        self._goodbye = goodbye
        if self._reader is not None:
            self._reader.cancel()

    def order(self, op: int, data: Any = None) -> None:
        """Send a payload that is not an event."""
        self._send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def _send(self, text: str) -> None:
        self._queue.put_nowait(text)

    async def _write(self) -> None:
        while (text := await self._queue.get()) is not None:
            frame = self._encode(text)
            if isinstance(frame, str):
                await self.socket.send_str(frame)
            else:
                await self.socket.send_bytes(frame)

    async def _read(self) -> None:
        while True:
            patience = self._beat + 2 * self.gateway.heartbeat - self.gateway.now()
            try:
                frame = await self.socket.receive(timeout=max(0.001, patience))
            except TimeoutError:
                self._forget()
                raise Close(4009, "Session timed out.") from None
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                if self.socket.close_code in (1000, 1001):
                    self._forget()
                return
            self._take(frame.data)

    def _take(self, data: str | bytes) -> None:
        if len(data) > MAX_PAYLOAD:
            raise Close(4002, "Payload too large.")
        try:
            payload = json.loads(data)
            op, body = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Close(4002, "Error while decoding payload.") from None
        self._count()
        if op == HEARTBEAT:
            self._beat = self.gateway.now()
            if not self.gateway.deaf:
                asyncio.get_running_loop().call_later(_LATENCY, self.order, ACK)
        elif op in (IDENTIFY, RESUME):
            self._greet(op, body)
        elif self.session is None:
            raise Close(4003, "Not authenticated.")
        elif op == PRESENCE and isinstance(body, dict):
            self.session.presence = body
        elif op == MEMBERS and isinstance(body, dict):
            self.session.members_chunks(body)
        elif op != VOICE:  # voice is not spoken here; asking for it does no harm
            raise Close(4001, "Unknown opcode.")

    def _count(self) -> None:
        """Count a payload; more than two a second over a minute are too many."""
        now = self.gateway.now()
        if len(self._commands) == _MAX_COMMANDS and now - self._commands[0] < _MINUTE:
            raise Close(4008, "You are being rate limited.")
        self._commands.append(now)

    def _greet(self, op: int, body: Any) -> None:
        if self.session is not None:
            raise Close(4005, "Already authenticated.")
        if not isinstance(body, dict):
            raise Close(4002, "Error while decoding payload.")
        if body.get("token") != self.gateway.state.application.token:
            raise Close(4004, "Authentication failed.")
        if op == IDENTIFY:
            self._identify(body)
        else:
            self._resume(body)

    def _identify(self, body: Json) -> None:
        application = self.gateway.state.application
        intents = body.get("intents")
        if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            raise Close(4013, "Invalid intent(s).")
        refused = (
            (not application.members_intent and intents & Intent.GUILD_MEMBERS)
            or (not application.presences_intent and intents & Intent.GUILD_PRESENCES)
            or (not application.content_intent and intents & Intent.MESSAGE_CONTENT)
        )
        if refused:
            raise Close(4014, "Disallowed intent(s).")
        shard = body.get("shard") or [0, 1]
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            raise Close(4010, "Invalid shard.")
        session = Session(self.gateway.state, intents, (shard[0], shard[1]))
        session.presence = body.get("presence") or {}
        self.gateway.sessions[session.id] = session
        self._attach(session)
        session.start(self.gateway.url)

    def _resume(self, body: Json) -> None:
        session = self.gateway.resumable(str(body.get("session_id")))
        sequence = body.get("seq")
        if session is None or not isinstance(sequence, int) or not session.replayable(sequence):
            self.order(INVALID, data=False)
            return
        self.gateway.disconnect(session)
        session.replay(sequence, self._send)
        self._attach(session)
        session.dispatch("RESUMED", {"_trace": []})

    def _attach(self, session: Session) -> None:
        self.session = session
        session.send = self._send
        session.lost_at = None
        self.gateway.connections[session.id] = self
        self.gateway.presence_changed()

    def _detach(self) -> None:
        """Leave the session behind, to be resumed or to run out."""
        session, self.session = self.session, None
        if session is not None and self.gateway.connections.get(session.id) is self:
            del self.gateway.connections[session.id]
            session.send = None
            session.lost_at = self.gateway.now()
            self.gateway.presence_changed()

    def _forget(self) -> None:
        """End the session for good: a clean goodbye or a client that died."""
        if self.session is not None:
            self.gateway.sessions.pop(self.session.id, None)


class Gateway:
    """All sessions and connections.

    Attributes:
        heartbeat: seconds between heartbeats that clients are told.
        resume_window: seconds for which a lost session can be resumed.
        deaf: whether heartbeats go unanswered, as on a dead connection (for tests).
        url: address told to clients.
        shards: connections that clients are told to make.
    """

    def __init__(
        self,
        state: State,
        hub: Hub,
        *,
        heartbeat: float = 41.25,
        resume_window: float = 120.0,
        shards: int = 1,
    ) -> None:
        self.state = state
        self.hub = hub
        self.heartbeat = heartbeat
        self.resume_window = resume_window
        self.shards = shards
        self.deaf = False
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.connections: dict[str, Connection] = {}
        self._open: dict[Connection, asyncio.Task[None]] = {}
        hub.listen(self._notice)

    @property
    def online(self) -> bool:
        """Whether a bot client is connected."""
        return bool(self.connections)

    def now(self) -> float:
        """Read the loop's clock, in seconds."""
        return asyncio.get_running_loop().time()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket."""
        encode = encoder_for(request.query.get("compress", ""))
        if encode is None:
            return web.Response(
                status=400, text="This gateway speaks zlib-stream, zstd-stream where installed."
            )
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=1 << 20, compress=False)
        await socket.prepare(request)
        if request.query.get("v", "10") != "10":
            await socket.close(code=4012, message=b"Invalid API version.")
        elif request.query.get("encoding", "json") != "json":
            await socket.close(code=4002, message=b"Only JSON is spoken here.")
        else:
            connection = Connection(self, request, socket, encode)
            self._open[connection] = task = asyncio.create_task(connection.run())
            try:
                await task
            finally:
                del self._open[connection]
        return socket

    def resumable(self, session_id: str) -> Session | None:
        """Find a session that can still be resumed."""
        session = self.sessions.get(session_id)
        if session is None:
            return None
        if session.lost_at is not None and self.now() - session.lost_at > self.resume_window:
            del self.sessions[session_id]
            return None
        return session

    def presence_changed(self) -> None:
        """Tell the people whether the bot is there, and let old sessions go."""
        for session_id in tuple(self.sessions):
            self.resumable(session_id)
        self.hub.emit(Event("CHAT_PRESENCE", {"online": self.online}, audience="people"))

    def disconnect(self, session: Session) -> None:
        """Take a session's old connection away from it."""
        old = self.connections.pop(session.id, None)
        if old is not None:
            old.session = None
            _abort(old.request)

    # What a test or an operator may do to connected clients

    def drop(self) -> None:
        """Cut every connection without a goodbye, as a broken network does."""
        for connection in tuple(self._open):
            _abort(connection.request)

    def ask_reconnect(self) -> None:
        """Ask every client to reconnect and resume (op 7)."""
        for connection in tuple(self.connections.values()):
            connection.order(RECONNECT)

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is invalid (op 9)."""
        for connection in tuple(self.connections.values()):
            if not resumable:
                self.sessions.pop(connection.session.id if connection.session else "", None)
            connection.order(INVALID, resumable)

    async def close(self) -> None:
        """Say goodbye to everyone."""
        for connection in tuple(self._open):
            connection.end(Close(1001, "Server shuts down."))
        if self._open:
            await asyncio.wait(self._open.values(), timeout=3.0)

    def _notice(self, event: Event) -> None:
        for session in tuple(self.sessions.values()):
            session.notice(event)


def _abort(request: web.Request) -> None:
    """Cut a connection at once."""
    if request.transport is not None:
        request.transport.abort()
