"""A bot in a local chat, for tests that go over the gateway."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from bot.app import Door, Nabi
from bot.chat.driver import Driver
from bot.chat.server import ChatServer, point_discord_at
from bot.launch import serve
from bot.settings import Settings
from bot.store import Store
from tests.fakes import FakeTrainer, FakeVersions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.chat.model import Channel, User
    from bot.training.runs import TrainerDoor, VersionsDoor


PATIENCE: Final = 60.0
"""Seconds after which one waits in vain, also on a machine that is busy with other things."""


async def soon(condition: Callable[[], object]) -> None:
    """Wait until something holds that no event of the chat tells about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


class Room:
    """A chat server, and the bot in it, which can be started again.

    Attributes:
        server: the chat.
        bot: the bot that is connected.
        store: what it remembers, in a file that outlives it.
    """

    bot: Nabi

    def __init__(
        self,
        server: ChatServer,
        engine: Door,
        store: Store,
        doors: tuple[TrainerDoor, VersionsDoor],
        settings: Settings,
    ) -> None:
        self.server = server
        self.store = store
        self._parts = (settings, engine, store, *doors)
        self.english = server.add_guild("English room", "tunes", locale="en-US")

    def person(self, user: User | None = None, channel: Channel | None = None) -> Driver:
        """Be somebody: a member who speaks English in the English server, unless told otherwise."""
        where = channel or self.english.channel("tunes")
        return Driver(self.server, user or self.server.member, where, PATIENCE)

    @property
    def administrator(self) -> Driver:
        """Be the administrator, in the same place."""
        return self.person(self.server.administrator)

    @asynccontextmanager
    async def running(self, *, message_content: bool = True) -> AsyncIterator[Nabi]:
        """Let a bot run as long as the body does, and stop it as Ctrl-C would."""
        self.bot = Nabi(*self._parts, message_content=message_content, local=True)
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(self.bot, self.server.token, stop))
        async with asyncio.timeout(PATIENCE):
            while not self.bot.is_ready():  # there is nothing to wait on before the log-in
                if serving.done():
                    await serving
                await asyncio.sleep(0.01)
        try:
            yield self.bot
        finally:
            stop.set()
            await serving


@asynccontextmanager
async def make_room(
    folder: Path,
    engine: Door,
    trainer: TrainerDoor | None = None,
    server: ChatServer | None = None,
    versions: VersionsDoor | None = None,
) -> AsyncIterator[Room]:
    """Open a chat and a store; no bot yet."""
    settings = Settings(data=folder, cooldown=0, drain=PATIENCE)
    store = Store(settings.database_url)
    await store.open()
    doors = (trainer or FakeTrainer(), versions or FakeVersions())
    try:
        async with server or ChatServer() as open_server:
            # Discord's three seconds are for those tests to set that are about them.
            open_server.interactions.deadline = PATIENCE
            with point_discord_at(open_server):
                yield Room(open_server, engine, store, doors, settings)
    finally:
        await store.close()
