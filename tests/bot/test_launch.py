"""Start and end: commands sent once, intents that are refused, requests that finish."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from typing import TYPE_CHECKING

import discord
import pytest

from bot import launch
from bot.app import LEAST_PERMISSIONS, Nabi, Tree
from bot.chat.driver import Driver
from bot.chat.server import ChatServer, point_discord_at
from bot.settings import Settings
from bot.store import Store
from engine.registry import Registry
from tests.fakes import FakeEngine, FakeTrainer, FakeVersions
from tests.rooms import make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from discord.app_commands import AppCommand


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[launch.House]:
    settings = Settings(data=tmp_path, cooldown=0, drain=5, health_port=0)
    store = Store(settings.database_url)
    await store.open()
    yield launch.House(settings, FakeEngine(), store, FakeTrainer(), FakeVersions())
    await store.close()


@contextlib.asynccontextmanager
async def connected(bot: Nabi, server: ChatServer) -> AsyncIterator[None]:
    stop = asyncio.Event()
    serving = asyncio.create_task(launch.serve(bot, server.token, stop))
    await soon(bot.is_ready)
    yield
    stop.set()
    await serving


async def test_slash_commands_are_sent_only_when_they_changed(
    house: launch.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    sync = Tree.sync

    async def counted(
        tree: Tree, *, guild: discord.abc.Snowflake | None = None
    ) -> list[AppCommand]:
        sent.append(len(tree.get_commands()))
        return await sync(tree, guild=guild)

    monkeypatch.setattr(Tree, "sync", counted)
    async with ChatServer() as server:
        with point_discord_at(server):
            for _start in range(2):
                async with connected(house.bot(), server):
                    names = {command.name for command in server.state.commands.values()}
                    assert names > {"continue", "help", "about", "settings"}
            every = len(names)
            monkeypatch.setattr("bot.app.EXTENSIONS", ("cogs.about",))
            async with connected(house.bot(), server):
                names = {command.name for command in server.state.commands.values()}
                assert names == {"help", "about"}
    assert sent == [every, 2]


async def test_without_the_intent_the_bot_comes_back_with_slash_commands_only(
    house: launch.House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @contextlib.asynccontextmanager
    async def opened(_settings: Settings) -> AsyncIterator[launch.House]:
        yield house

    monkeypatch.setattr(launch, "opened", opened)
    stop = asyncio.Event()
    async with ChatServer() as server:
        server.state.application.content_intent = False
        with point_discord_at(server), caplog.at_level(logging.WARNING):
            running = asyncio.create_task(launch.run_discord(house.settings, server.token, stop))
            member = Driver(server)
            await soon(lambda: "Message Content Intent" in caplog.text or running.done())
            await member.online()
            assert (await member.reply(member.slash("continue", {"melody": "g8"}))).attachments
            stop.set()
            await running
    assert server.token not in caplog.text


async def test_a_running_request_is_finished_before_the_end(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running() as bot:
            engine.gate.clear()
            asked = member.say("!continue g8")
            await soon(lambda: engine.asked)
            draining = asyncio.create_task(bot.drain())
            await asyncio.sleep(0)
            late = room.administrator.say("!continue e8")
            assert "just restarting" in (await room.administrator.reply(late)).content
            engine.gate.set()
            await draining
            assert (await member.reply(asked)).attachments


async def test_who_cannot_be_answered_before_the_end_is_told_so(
    house: launch.House, caplog: pytest.LogCaptureFixture
) -> None:
    engine = house.engine
    assert isinstance(engine, FakeEngine)
    hurried = dataclasses.replace(house, settings=house.settings.model_copy(update={"drain": 0.0}))
    async with ChatServer() as server:
        with point_discord_at(server):
            member, friend = Driver(server), Driver(server, server.friend)
            administrator = Driver(server, server.administrator)
            async with connected(hurried.bot(), server):
                result = await friend.reply(friend.say("!continue g8"))
                engine.gate.clear()
                asked = (
                    (member, member.say("!continue c4")),
                    (administrator, administrator.slash("continue", {"melody": "d4"})),
                    (friend, friend.press(result, "다시")),
                )
                await soon(lambda: len(engine.asked) == 4)
            for person, what in asked:
                told = (await person.reply(what)).content
                assert "restarting" in told or "다시 시작하는 중" in told
    assert "stopped with 3 requests unfinished" in caplog.text
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_bot_that_cannot_connect_is_stopped_all_the_same(
    house: launch.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "_GOODBYE", 0.05)
    waiting = asyncio.Event()

    async def connect(_bot: Nabi, *, reconnect: bool = True) -> None:
        waiting.set()
        await asyncio.sleep(3600)  # as discord.py does between two attempts

    monkeypatch.setattr(Nabi, "connect", connect)
    stop = asyncio.Event()
    async with ChatServer() as server:
        with point_discord_at(server):
            serving = asyncio.create_task(launch.serve(house.bot(), server.token, stop))
            await waiting.wait()
            stop.set()
            async with asyncio.timeout(20):
                await serving


async def test_the_invite_asks_for_the_least(house: launch.House) -> None:
    bot = house.bot()
    wanted = "view_channel send_messages send_messages_in_threads attach_files embed_links"
    names = [*wanted.split(), "read_message_history"]
    assert discord.Permissions(**dict.fromkeys(names, True)) == LEAST_PERMISSIONS
    assert f"permissions={LEAST_PERMISSIONS.value}" in bot.invite_link
    assert "scope=bot+applications.commands" in bot.invite_link


async def test_the_trainer_learns_from_where_the_operator_said(
    house: launch.House, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, corpus=tmp_path / "mine", keep_versions=3)
    store = Store(settings.database_url)
    workshop = launch.make_trainer(settings, store, Registry(data=tmp_path))._workshop
    assert workshop.corpus == tmp_path / "mine"
    assert workshop.data == tmp_path
    assert workshop.keep == 3
    assert workshop.database == settings.database_url
