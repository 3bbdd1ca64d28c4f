"""A real discord.py client that talks to the local chat over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

import discord
import pytest
from discord.ext import commands

from bot.chat import ChatServer, Driver, point_discord_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Bot(commands.Bot):
    """A bot without commands of its own, that starts fast and swallows nothing."""

    def __init__(self, intents: discord.Intents | None = None) -> None:
        super().__init__(
            "!",
            intents=intents or discord.Intents.all(),
            help_command=None,
            guild_ready_timeout=0.1,
        )
        self.faults: list[BaseException] = []

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        fault = sys.exception()
        assert fault is not None
        self.faults.append(fault)


@contextlib.asynccontextmanager
async def running(server: ChatServer, client: discord.Client) -> AsyncIterator[None]:
    """Run a client against a server until the block ends."""
    with point_discord_at(server):
        task = asyncio.create_task(client.start(server.token))
        try:
            while not client.is_ready():
                if task.done():
                    await task
                await asyncio.sleep(0.01)
            yield
        finally:
            await client.close()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer() as running_server:
        yield running_server


@pytest.fixture
def driver(server: ChatServer) -> Driver:
    return Driver(server, patience=5)


@pytest.fixture
def admin(server: ChatServer) -> Driver:
    return Driver(server, server.administrator, patience=5)


@pytest.fixture
async def bot(server: ChatServer) -> AsyncIterator[Bot]:
    client = Bot()
    async with running(server, client):
        yield client
    assert client.faults == []
