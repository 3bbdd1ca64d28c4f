"""A real discord.py client that talks to the local chat over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord.ext import commands

from bot.chat import ChatServer, Driver, point_discord_at
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[discord.Interaction[Any]], Awaitable[None]]


class Bot(commands.Bot):
    """A bot without commands of its own, that starts fast and swallows nothing."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(
            "!",
            intents=intents or discord.Intents.all(),
            help_command=None,
            guild_ready_timeout=0.05,
        )
        self.faults: list[BaseException] = []
        self.heard: list[discord.Message] = []

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        fault = sys.exception()
        assert fault is not None
        self.faults.append(fault)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds before another start, as Discord would have it."""

    async def on_message(self, message: discord.Message, /) -> None:
        if message.author != self.user:
            self.heard.append(message)

    async def room(self, server: ChatServer) -> discord.TextChannel:
        """The music channel as the client knows it."""
        channel = self.get_channel(server.channel.id)
        assert isinstance(channel, discord.TextChannel)
        return channel


@contextlib.asynccontextmanager
async def running(server: ChatServer, client: discord.Client) -> AsyncIterator[None]:
    """Run a client against a server until the block ends."""
    with point_discord_at(server):
        task = asyncio.create_task(client.start(server.token))
        try:
            ready = asyncio.create_task(_ready(client))
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
            if task.done():
                ready.cancel()
                await task
            assert client.is_ready()
            await soon(lambda: _knows_all(client))
            yield
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)


async def _ready(client: discord.Client) -> None:
    while client._ready is discord.utils.MISSING:  # noqa: ASYNC110 # not to be waited for yet
        await asyncio.sleep(0)
    await client.wait_until_ready()


def _knows_all(client: discord.Client) -> bool:
    """Tell whether a client knows its servers: a busy one calls itself ready before that."""
    members = client.intents.members
    return all(not each.unavailable and (each.chunked or not members) for each in client.guilds)


async def offer(bot: Bot, answer: Answer, name: str = "go") -> None:
    """Register a slash command that answers so."""

    @bot.tree.command(name=name, description="Do something")
    async def command(interaction: discord.Interaction[Any]) -> None:
        await answer(interaction)

    await bot.tree.sync()


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer(interaction_deadline=PATIENCE) as running_server:
        yield running_server


@pytest.fixture
def driver(server: ChatServer) -> Driver:
    return Driver(server)


@pytest.fixture
def admin(server: ChatServer) -> Driver:
    return Driver(server, server.administrator)


@pytest.fixture
async def bot(server: ChatServer) -> AsyncIterator[Bot]:
    client = Bot()
    async with running(server, client):
        yield client
    assert client.faults == []
