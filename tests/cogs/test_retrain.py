"""``retrain`` over a real connection, with a stand-in for the training process."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bot.chat.permissions import Permission
from bot.chat.server import ChatServer
from bot.errors import NotTraining
from bot.trainer import Progress, Trainer
from cogs.retrain import progress_text
from tests.fakes import FakeEngine, training_command
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.chat.driver import Driver

DONE = training_command(
    json.dumps({"state": "encoding", "tunes": 30, "notes": 900}),
    json.dumps({"state": "training", "epoch": 1, "epochs": 2, "done": 0.25}),
    json.dumps(
        {
            "state": "done",
            "version": "new-1",
            "shift_bits": 0.1,
            "duration_bits": 0.8,
            "pitch_bits": 2,
        }
    ),
)
ENDLESS = training_command(last="time.sleep(600)")


@asynccontextmanager
async def schooling(folder: Path, command: tuple[str, ...]) -> AsyncIterator[tuple[Room, Trainer]]:
    """Open a room with one server, the home, and a bot that would train with ``command``."""
    trainer = Trainer(command)
    async with make_room(folder, FakeEngine(), trainer) as room, room.running() as bot:
        # Loading an extension runs its module anew: the class is not the one imported here.
        vars(bot.get_cog("retrain"))["pace"] = 0.01
        bot.settings = bot.settings.model_copy(update={"home_guild": room.english.id})
        yield room, trainer


def nobody_owns(room: Room, someone: Driver) -> None:
    """Give the application to somebody else, so that only roles decide."""
    room.server.state.application.owner = someone.user


async def test_an_administrator_starts_a_run_and_reads_its_end(tmp_path: Path) -> None:
    async with schooling(tmp_path, DONE) as (room, _):
        boss = room.administrator
        message = await boss.reply(boss.say("!retrain"))
        await boss.until(lambda: "new-1" in message.content)
        assert "Done!" in message.content
        assert "2.900 bits per note" in message.content
        assert "never from messages or files" in message.content


async def test_it_works_from_the_menu_and_in_korean(tmp_path: Path) -> None:
    async with schooling(tmp_path, DONE) as (room, _):
        room.server.administrator.locale = "ko"
        boss = room.administrator
        message = await boss.reply(boss.slash("retrain"))
        await boss.until(lambda: "다 배웠어요!" in message.content)


async def test_a_member_is_refused_politely(tmp_path: Path) -> None:
    async with schooling(tmp_path, DONE) as (room, trainer):
        member = room.person()
        reply = await member.reply(member.say("!retrain"))
        assert "Only my administrators" in reply.content
        assert not trainer.running


async def test_administrators_of_other_servers_are_told_so(tmp_path: Path) -> None:
    server = ChatServer()
    async with make_room(tmp_path, FakeEngine(), Trainer(DONE), server) as room:
        stranger = server.state.add_user("stranger")
        other = server.add_guild("Elsewhere", "hall", people=(stranger,), locale="en-US")
        role = server.state.add_role(other, "Boss", Permission.ADMINISTRATOR)
        other.members[stranger.id].roles.append(role)
        async with room.running() as bot:
            bot.settings = bot.settings.model_copy(update={"home_guild": room.english.id})
            them = room.person(stranger, other.channel("hall"))
            reply = await them.reply(them.say("!retrain"))
            assert "not those of other servers" in reply.content


async def test_an_administrator_of_the_home_server_who_is_not_the_owner(tmp_path: Path) -> None:
    server = ChatServer()
    async with make_room(tmp_path, FakeEngine(), Trainer(ENDLESS), server) as room:
        teacher = server.state.add_user("teacher")
        role = server.state.add_role(room.english, "Teacher", Permission.ADMINISTRATOR)
        server.state.add_member(room.english, teacher, role)
        async with room.running() as bot:
            bot.settings = bot.settings.model_copy(update={"home_guild": room.english.id})
            them = room.person(teacher)
            assert "I’m reading" in (await them.reply(them.say("!retrain"))).content


async def test_the_only_server_is_home(tmp_path: Path) -> None:
    async with make_room(tmp_path, FakeEngine()) as room, room.running() as bot:
        assert bot.home_guild_id() is None  # there are two
        bot._connection._guilds.pop(room.server.guild.id)
        assert bot.home_guild_id() == room.english.id


async def test_a_second_run_is_refused_and_the_first_can_be_cancelled(tmp_path: Path) -> None:
    async with schooling(tmp_path, ENDLESS) as (room, trainer):
        boss = room.administrator
        message = await boss.reply(boss.say("!retrain"))
        assert "already learning" in (await boss.reply(boss.say("!retrain"))).content
        status = await boss.reply(boss.say("!retrain status"))
        assert "I’m reading the collections" in status.content
        stopping = await boss.reply(boss.say("!retrain cancel"))
        assert "stopping" in stopping.content
        await boss.until(lambda: "was cancelled" in message.content)
        assert not trainer.running
        assert "not learning" in (await boss.reply(boss.say("!retrain status"))).content


async def test_a_failed_run_is_told(tmp_path: Path) -> None:
    async with schooling(tmp_path, training_command(code=1)) as (room, _):
        boss = room.administrator
        message = await boss.reply(boss.say("!retrain"))
        await boss.until(lambda: "failed" in message.content)


async def test_a_deleted_message_does_not_disturb_the_run(tmp_path: Path) -> None:
    async with schooling(tmp_path, ENDLESS) as (room, trainer):
        boss = room.administrator
        message = await boss.reply(boss.say("!retrain"))
        room.server.actions.delete(message)
        await soon(lambda: trainer.running)
        await trainer.cancel()
        with pytest.raises(NotTraining):
            await trainer.cancel()


async def test_stopping_the_bot_ends_the_run(tmp_path: Path) -> None:
    trainer = Trainer(ENDLESS)
    async with make_room(tmp_path, FakeEngine(), trainer) as room:
        async with room.running():
            boss = room.administrator
            message = await boss.reply(boss.say("!retrain"))
        assert not trainer.running
        assert "was cancelled" in message.content


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_bar_has_always_the_same_width(share: float) -> None:
    text = progress_text(Progress("training", share, 1, 2), "en", None)
    assert text.count("▰") + text.count("▱") == 12
    assert f"{share:.0%}" in text
