"""A bot in so many servers that Discord wants several connections of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import Nabi
from bot.chat.server import ChatServer
from bot.health import Health
from bot.metrics import Metrics
from tests.fakes import FakeEngine, FakeTrainer
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.chat.model import Guild

SHARDS = 2


@pytest.fixture
async def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    async def at_once(*_args: Any, **_named: Any) -> None:
        """Discord wants five seconds between two identifications; this server does not."""

    monkeypatch.setattr(Nabi, "before_identify_hook", at_once)
    async with make_room(tmp_path, FakeEngine(), server=ChatServer(shards=SHARDS)) as made:
        yield made


async def test_it_answers_in_servers_of_every_shard_and_in_direct_messages(room: Room) -> None:
    guilds: list[Guild] = []
    while {(guild.id >> 22) % SHARDS for guild in guilds} != set(range(SHARDS)):
        guilds.append(room.server.add_guild(f"Server {len(guilds)}", "tunes"))
        await asyncio.sleep(0.001)  # the milliseconds of its birth say to which shard one belongs
    async with room.running() as bot:
        assert bot.shard_count == SHARDS
        assert {guild.id for guild in guilds} <= {guild.id for guild in bot.guilds}
        for guild in guilds:
            member = room.person(channel=guild.channel("tunes"))
            assert (await member.reply(member.say("!continue g8 e8"))).attachments
            assert (await member.reply(member.slash("continue", {"melody": "g8"}))).attachments
        alone = room.person(channel=room.server.direct(room.server.member))
        assert (await alone.reply(alone.say("!continue g8 e8"))).attachments


async def test_one_lost_connection_of_several_is_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(FakeEngine(), FakeTrainer(), Metrics())
    watched: list[Nabi] = []
    started = Nabi.setup_hook

    async def watch(bot: Nabi) -> None:
        health.watch(bot)
        watched.append(bot)
        await started(bot)

    monkeypatch.setattr(Nabi, "setup_hook", watch)
    async with room.running() as bot:
        assert watched == [bot]
        await soon(lambda: "gateway" not in health.problems())
        bot.dispatch("shard_disconnect", 1)
        await soon(lambda: health.problems().get("gateway") == "1 of 2 connections are lost")
        bot.dispatch("shard_disconnect", 0)
        await soon(lambda: health.problems().get("gateway") == "not connected")
        bot.dispatch("shard_resumed", 0)
        bot.dispatch("shard_ready", 1)
        await soon(lambda: "gateway" not in health.problems())
