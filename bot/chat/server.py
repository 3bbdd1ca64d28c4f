"""The server: one loopback port that holds REST, gateway, files and the page."""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from itertools import combinations
from typing import TYPE_CHECKING

import discord
import yarl
from aiohttp import web

from bot.chat.actions import Actions
from bot.chat.cdn import Cdn
from bot.chat.commands import Commands
from bot.chat.events import Hub
from bot.chat.gateway import Gateway
from bot.chat.interactions import Interactions
from bot.chat.limits import Faults, Limiter, RateLimit
from bot.chat.page_api import PageApi
from bot.chat.people import People
from bot.chat.permissions import Permission
from bot.chat.places import Places
from bot.chat.rest import API, RestBasics, frame
from bot.chat.rest_commands import RestCommands
from bot.chat.rest_interactions import RestInteractions
from bot.chat.rest_messages import RestMessages
from bot.chat.state import Application, State
from bot.chat.wire import errors, guard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from bot.chat.model import Channel, Guild, User
    from bot.chat.page_socket import PageSockets

UPLOAD_LIMIT = 10 * 1024 * 1024
"""Largest file without boosts, in bytes."""

_TEXT_ONLY = Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.SEND_MESSAGES_IN_THREADS
"""What the bot lacks in one channel, so that one can see how it explains this."""


class ChatServer:
    """A small Discord for one bot, on this machine only.

    It holds three people in whose name one can act, and two guilds. The bot is a member of
    "나비 악보방 / Nabi's music room"; in one of its channels it may send neither files nor embeds,
    nor write in threads. It is no member of :attr:`elsewhere`: there it works for
    :attr:`member` and :attr:`administrator`, who have installed it for themselves, and not for
    :attr:`friend`. Tests add guilds through :meth:`add_guild` and change them through
    :attr:`places`, of which connected clients are told.

    Attributes:
        member, administrator, friend: people; the second owns the first guild.
        guild, channel: the first guild and its first channel.
        elsewhere: the second guild.
        state, hub, gateway, actions, commands, interactions, people, places: the parts.
        faults: answers that REST requests shall get instead of the real ones.
        token: the bot token that is accepted.
    """

    def __init__(  # noqa: PLR0913 # settings with defaults, each by its name
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        upload_limit: int = UPLOAD_LIMIT,
        heartbeat: float = 41.25,
        resume_window: float = 120.0,
        interaction_deadline: float = 3.0,
        token_lifetime: float = 900.0,
        rate: RateLimit | None = None,
        shards: int = 1,
    ) -> None:
        self.host = _loopback(host)
        self._wanted_port = port
        self.port = 0
        self.token = f"local.{secrets.token_urlsafe(24)}"
        self.state = State(upload_limit=upload_limit)
        self.hub = Hub()
        self.faults = Faults()
        self.places = Places(self.state, self.hub)
        self._furnish()
        self.state.next_id.begin()
        self.actions = Actions(self.state, self.hub)
        self.commands = Commands(self.state)
        self.interactions = Interactions(
            self.state,
            self.actions,
            deadline=interaction_deadline,
            lifetime=token_lifetime,
        )
        self.people = People(
            self.state, self.actions, self.places, self.commands, self.interactions
        )
        self.gateway = Gateway(
            self.state, self.hub, heartbeat=heartbeat, resume_window=resume_window, shards=shards
        )
        self._page = PageApi(self)
        self._limiter = Limiter(rate or RateLimit())
        self._runner: web.AppRunner | None = None

    def _furnish(self) -> None:
        self.member = self.state.add_user("member", "Member")
        self.administrator = self.state.add_user("administrator", "Administrator")
        self.friend = self.state.add_user("friend", "Friend")
        self.bot_user = self.state.add_user("nabi", "Nabi", bot=True)
        self.bot_user.name = "Nabi"
        self.state.application = Application(self.bot_user, self.administrator, self.token)
        self.state.application.users |= {self.member, self.administrator}
        rooms = ("음악", "연습실", "글만")
        name = "나비 악보방 / Nabi's music room"
        self.guild = self.add_guild(name, *rooms, people=(self.friend,))
        self.channel = self.guild.channel("음악")
        self.state.overwrite(self.guild.channel("글만"), self.bot_user, deny=_TEXT_ONLY)
        self.elsewhere = self.places.found(
            "친구네 방 / A friend's room", self.friend, ("수다",), "ko"
        )
        for user in (self.member, self.administrator):
            self.state.add_member(self.elsewhere, user)
        everyone = (self.member, self.administrator, self.friend, self.bot_user)
        for one, other in combinations(everyone, 2):
            self.state.direct_channel(one, other)

    def add_guild(
        self, name: str, *channels: str, people: tuple[User, ...] = (), locale: str = "ko"
    ) -> Guild:
        """Create a guild owned by the administrator, with the member and the bot in it.

        Args:
            name: its name.
            channels: names of its text channels; one called "general" when there are none.
            people: further members.
            locale: its language.
        """
        guild = self.places.found(name, self.administrator, channels or ("general",), locale)
        for user in (self.member, *people):
            self.state.add_member(guild, user)
        self.places.invite_bot(guild)
        return guild

    @property
    def upload_limit(self) -> int:
        """Largest file without boosts, in bytes."""
        return self.state.upload_limit

    def direct(self, user: User) -> Channel:
        """Find or open the direct messages between a user and the bot."""
        return self.state.direct_channel(user, self.bot_user)

    @property
    def page_sockets(self) -> PageSockets:
        """The open pages."""
        return self._page.sockets

    # Addresses

    @property
    def authority(self) -> str:
        """Host and port, as in an address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{self.authority}/"

    @property
    def api_base(self) -> str:
        """Base of the REST API."""
        return f"http://{self.authority}{API}"

    @property
    def gateway_url(self) -> str:
        """Address of the gateway."""
        return f"ws://{self.authority}/gateway/"

    @property
    def cdn_base(self) -> str:
        """Base of the files' addresses."""
        return f"http://{self.authority}/cdn"

    def own_hosts(self) -> frozenset[str]:
        """List the ``Host`` headers under which this server answers."""
        port = self.port
        names = {self.authority, f"localhost:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"}
        return frozenset(name.lower() for name in names)

    # Running

    def _application(self) -> web.Application:
        middlewares = [guard(self.own_hosts), errors, frame(self.state, self._limiter, self.faults)]
        app = web.Application(middlewares=middlewares, client_max_size=1 << 40)
        for part in (
            RestBasics(self.state, self.gateway),
            RestMessages(self.state, self.actions),
            RestCommands(self.state, self.hub, self.commands),
            RestInteractions(self.interactions),
            Cdn(self.state),
            self._page,
        ):
            app.add_routes(part.routes())
        app.router.add_get("/gateway/", self.gateway.handle)
        return app

    async def start(self) -> None:
        """Open the port.

        Raises:
            OSError: when the port is taken.
        """
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, self.host, self._wanted_port)
        try:
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = int(runner.addresses[0][1])
        self.state.cdn_base = self.cdn_base
        self.gateway.url = self.gateway_url

    async def close(self) -> None:
        """Say goodbye to everyone and close the port."""
        self.interactions.close()
        await self.gateway.close()
        await self._page.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _loopback(host: str) -> str:
    """Give the address to listen on; any other than this machine's own is refused."""
    if host == "localhost":
        return "127.0.0.1"
    if not ipaddress.ip_address(host).is_loopback:
        raise ValueError(f"the local chat listens on loopback only, not on {host}")
    return host


def point_discord_at(server: ChatServer) -> contextlib.AbstractContextManager[None]:
    """Let discord.py talk to this server instead of Discord: three addresses, nothing else.

    It takes effect at once and stays; used as a context manager, it is undone at the end.
    """
    gateway = discord.gateway.DiscordWebSocket
    before = (discord.http.Route.BASE, gateway.DEFAULT_GATEWAY, discord.Asset.BASE)

    def point(base: str, socket: yarl.URL, files: str) -> None:
        discord.http.Route.BASE = base
        gateway.DEFAULT_GATEWAY = socket
        discord.Asset.BASE = files

    point(server.api_base, yarl.URL(server.gateway_url), server.cdn_base)

    @contextlib.contextmanager
    def undo() -> Iterator[None]:
        try:
            yield
        finally:
            point(*before)

    return undo()
