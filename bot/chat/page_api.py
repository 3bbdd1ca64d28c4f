"""The page: its files, and the JSON API through which it acts in people's names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.chat import message_payloads, payloads
from bot.chat.errors import ApiError, Json, refusal
from bot.chat.page_socket import PageSockets
from bot.chat.permissions import Permission, require
from bot.chat.wire import nothing, query_number, read_body, reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.chat.model import Channel, Interaction, Message, User
    from bot.chat.server import ChatServer
    from bot.chat.state import Upload

    Action = Callable[[User, Json, dict[int, Upload]], Awaitable[Any]]

MARK: Final = "X-Nabi-Chat"
"""Header that the page's requests carry; another page cannot send it without asking first."""

_FILES: Final = Path(__file__).parent / "page"
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_MAX_LIST: Final = 100


class PageApi:
    """Routes of the page."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server
        self.people = server.people
        self.state = server.state
        self.sockets = PageSockets(server)

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        actions: dict[str, Action] = {
            "say": self.say,
            "edit": self.edit,
            "delete": self.delete,
            "react": self.react,
            "typing": self.typing,
            "use": self.use,
            "slash": self.slash,
            "complete": self.complete,
            "menu": self.menu,
            "submit": self.submit,
            "language": self.language,
            "thread": self.thread,
            "permission": self.permission,
            "tier": self.tier,
        }
        return [
            web.get("/", self.page),
            web.get("/page/{name}", self.page),
            web.get("/chat/identities", self.identities),
            web.get("/chat/socket", self.socket),
            web.get("/chat/messages", self.messages),
            web.get("/chat/commands", self.commands),
            *(web.post(f"/chat/{name}", self._acting(act)) for name, act in actions.items()),
        ]

    async def close(self) -> None:
        """Close all of the page's connections."""
        await self.sockets.close()

    async def page(self, request: web.Request) -> web.Response:
        """Serve one of the page's own files."""
        name = request.match_info.get("name", "index.html")
        path = _FILES / name
        kind = _TYPES.get(path.suffix)
        if kind is None or Path(name).name != name or not path.is_file():
            raise web.HTTPNotFound
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            f"media-src 'self'; connect-src 'self' ws://{request.host}; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        headers = _HEADERS | {"Content-Security-Policy": policy}
        return web.Response(
            body=path.read_bytes(), content_type=kind, charset="utf-8", headers=headers
        )

    async def identities(self, _request: web.Request) -> web.Response:
        """List the people in whose names one can act."""
        people = [each for each in self.state.users.values() if not each.bot]
        return reply([payloads.user(each) for each in people])

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """Keep a page up to date."""
        return await self.sockets.handle(request, self._user(request.query.get("as")))

    async def messages(self, request: web.Request) -> web.Response:
        """List messages of a channel as one person sees them, oldest first."""
        user = self._user(request.query.get("as"))
        channel = self._channel(user, request.query.get("channel"))
        limit = min(_MAX_LIST, max(1, query_number(request, "limit", 50)))
        before = query_number(request, "before", 0)
        found = [
            each
            for each in channel.messages.values()
            if each.visible_to in (None, user) and (not before or each.id < before)
        ]
        return reply([message_payloads.message(each, user, event=True) for each in found[-limit:]])

    async def commands(self, request: web.Request) -> web.Response:
        """List the commands that a person may use in a channel."""
        user = self._user(request.query.get("as"))
        channel = self._channel(user, request.query.get("channel"))
        application_id = self.state.application.id
        offered = self.server.commands.offered(user, channel)
        return reply([payloads.command(each, application_id) for each in offered])

    # Acting

    def _acting(self, act: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if MARK not in request.headers:
                raise ApiError(403, 0, "403: Forbidden")
            body, files = await read_body(request, self.state.largest_upload)
            result = await act(self._user(body.get("as")), body, files)
            return nothing() if result is None else reply(result)

        return handle

    async def say(self, user: User, body: Json, files: dict[int, Upload]) -> Json:
        """Send a message."""
        channel = self._channel(user, body.get("channel"))
        target = body.get("reply_to")
        message = self.people.say(
            user,
            channel,
            str(body.get("content") or ""),
            _described(files, body.get("descriptions")),
            self._message(user, body, "reply_to") if target else None,
            ping=body.get("ping", True) is not False,
        )
        return {"id": str(message.id)}

    async def edit(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Change one's own message."""
        message = self._message(user, body)
        self.people.edit(user, message, str(body.get("content") or ""))

    async def delete(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Delete a message."""
        self.people.delete(user, self._message(user, body))

    async def react(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Add or take away a reaction."""
        emoji = str(body.get("emoji") or "")
        if not emoji or emoji.isascii() or len(emoji) > 32:
            raise refusal(10014)
        self.people.react(user, self._message(user, body), emoji)

    async def typing(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Tell that somebody types."""
        self.server.actions.typing(user, self._channel(user, body.get("channel")))

    async def use(self, user: User, body: Json, _files: dict[int, Upload]) -> Json:
        """Press a button or choose in a select menu."""
        message = self._message(user, body)
        custom_id, values = str(body.get("custom_id")), body.get("values")
        return _started(
            self.people.use(user, message, custom_id, values, locale=_locale(body)),
        )

    async def slash(self, user: User, body: Json, files: dict[int, Upload]) -> Json:
        """Use a slash command; an option ``{"file": n}`` stands for an upload."""
        channel = self._channel(user, body.get("channel"))
        options = _with_files(body.get("options"), files)
        name = str(body.get("name"))
        return _started(self.people.slash(user, channel, name, options, locale=_locale(body)))

    async def complete(self, user: User, body: Json, _files: dict[int, Upload]) -> list[Json]:
        """Ask the bot how an option could go on."""
        channel = self._channel(user, body.get("channel"))
        options = {
            name: value
            for name, value in _with_files(body.get("options"), {}).items()
            if not isinstance(value, dict)
        }
        interaction = self.people.slash(
            user,
            channel,
            str(body.get("name")),
            options,
            locale=_locale(body),
            focused=str(body.get("focused")),
        )
        await interaction.settled.wait()
        return interaction.choices or []

    async def menu(self, user: User, body: Json, _files: dict[int, Upload]) -> Json:
        """Use a command of a message's menu, or with ``user`` of a person's."""
        channel = self._channel(user, body.get("channel"))
        target: Message | User
        if body.get("user") is None:
            target = self._message(user, body)
        else:
            target = self.state.find_user(_number(body["user"]))
        name = str(body.get("name"))
        return _started(self.people.menu(user, channel, name, target, locale=_locale(body)))

    async def submit(self, user: User, body: Json, files: dict[int, Upload]) -> Json:
        """Submit a modal."""
        asked = self.server.interactions.asked(_number(body.get("interaction")))
        values = _with_files(body.get("values"), files)
        return _started(self.people.submit(user, asked, values, locale=_locale(body)))

    async def language(self, _user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Let both rooms speak the page's language, as their owners could decide."""
        for guild in (self.server.guild, self.server.elsewhere):
            self.server.places.set_locale(guild, _locale(body))

    async def thread(self, user: User, body: Json, _files: dict[int, Upload]) -> Json:
        """Start a thread from a message."""
        name = str(body.get("name") or "")
        return {"id": str(self.people.start_thread(user, self._message(user, body), name).id)}

    async def permission(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Grant the bot a permission in a channel, or take it away."""
        channel = self._channel(user, body.get("channel"))
        self.people.permit_bot(
            user, channel, str(body.get("permission")), granted=body.get("granted") is not False
        )

    async def tier(self, user: User, body: Json, _files: dict[int, Upload]) -> None:
        """Set how far boosts lift a guild."""
        self.people.boost(user, self._channel(user, body.get("channel")), _number(body.get("tier")))

    # Finding

    def _user(self, name: Any) -> User:
        user = self.state.users.get(_number(name))
        if user is None or user.bot:
            raise refusal(10013)
        return user

    def _channel(self, user: User, name: Any) -> Channel:
        channel = self.state.find_channel(_number(name))
        require(channel, user, Permission.VIEW_CHANNEL)
        return channel

    def _message(self, user: User, body: Json, key: str = "message") -> Message:
        channel = self._channel(user, body.get("channel"))
        message = self.state.find_message(channel, _number(body.get(key)))
        self.people.see(user, message)
        return message


def _number(value: Any) -> int:
    """Read an id; 0, which nothing has, stands for anything that is none."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= 20 else 0


def _locale(body: Json) -> str:
    return "ko" if body.get("locale") == "ko" else "en-US"


def _with_files(values: Any, files: dict[int, Upload]) -> Json:
    """Put uploads in the places that point to them."""

    def put(value: Any) -> Any:
        if isinstance(value, dict) and value.get("file") in files:
            return files[value["file"]]
        return [put(each) for each in value] if isinstance(value, list) else value

    return {name: put(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _described(files: dict[int, Upload], texts: Any) -> list[Upload]:
    """Give uploads in order, each with what its sender wrote for those who do not see it."""
    described = texts if isinstance(texts, dict) else {}
    return [
        replace(files[number], description=str(described.get(str(number)) or "")[:1024] or None)
        for number in sorted(files)
    ]


def _started(interaction: Interaction) -> Json:
    return {"interaction": str(interaction.id)}
