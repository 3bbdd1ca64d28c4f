"""The training run's message over the gateway, with a trainer that does what a test says."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
import pytest

from bot.chat.driver import find_component
from bot.chat.permissions import Permission
from bot.chat.server import ChatServer
from bot.training.runs import NEW_NAME, Outcome, Point, RunOptions
from engine.errors import BadOption, EngineFailed
from tests.fakes import FakeEngine, FakeTrainer, FakeVersions, make_run
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.app import Nabi
    from bot.chat.driver import Driver
    from bot.chat.model import Message

POINT = Point(1.0, 2.9, 2.8)
KEPT = Outcome(promoted=False, tunes=30, old_bits=2.56, new_bits=2.55, low=-0.02, high=0.01)
BETTER = replace(KEPT, promoted=True, new_bits=2.45, low=-0.2, high=-0.1)


@asynccontextmanager
async def bot_in(room: Room) -> AsyncIterator[Nabi]:
    """Let a bot run in the room, whose home is the English server, at a quick pace."""
    async with room.running() as bot:
        follower = vars(bot.get_cog("retrain"))["follower"]
        await follower.end()
        follower.pace = 0.01
        follower.begin()
        bot.settings = bot.settings.model_copy(update={"home_guild": room.english.id})
        yield bot


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def trainer() -> FakeTrainer:
    return FakeTrainer()


@pytest.fixture
def versions() -> FakeVersions:
    return FakeVersions()


@pytest.fixture
async def school(
    tmp_path: Path, engine: FakeEngine, trainer: FakeTrainer, versions: FakeVersions
) -> AsyncIterator[Room]:
    async with make_room(tmp_path, engine, trainer, versions=versions) as room, bot_in(room):
        yield room


def buttons(message: Message) -> list[str]:
    return [str(each.get("label")) for each in message.walk_components() if each["type"] == 2]


async def begun(room: Room, command: str = "!retrain") -> Message:
    """Begin a run and give its message."""
    boss = room.administrator
    message = await boss.reply(boss.say(command))
    await soon(lambda: "Cancel" in buttons(message))
    return message


async def looked(trainer: FakeTrainer) -> None:
    """Wait until the bot has seen the run as it is now, and done about it what it does."""
    enough = trainer.looks + 2  # one look may be under way
    await soon(lambda: trainer.looks >= enough)


async def test_one_message_shows_the_run_from_its_start_to_its_end(
    school: Room, trainer: FakeTrainer, engine: FakeEngine
) -> None:
    boss = school.administrator
    message = await begun(school)
    assert "reading the tunes" in message.content
    assert "never from messages or files" in message.content
    assert message.attachments == []
    await soon(lambda: trainer.runs[-1].message_id == message.id)
    trainer.tell(state="training", epoch=1, epochs=4, share=0.25, curve=(POINT,), level=2.56)
    await boss.until(lambda: "pass 1 of at most 4" in message.content and message.attachments)
    assert [file.filename for file in message.attachments] == ["curve.png"]
    assert engine.drawn[-1].validation == ((1.0, 2.8),)
    trainer.tell(state="done", outcome=BETTER)
    await boss.until(lambda: "answers from now on" in message.content)
    assert "2.560 → **2.450**" in message.content
    await soon(lambda: buttons(message) == ["Details"])
    assert len([each for each in boss.seen if each.author is school.server.bot_user]) == 1


async def test_the_picture_is_only_drawn_when_a_point_was_added(
    school: Room, trainer: FakeTrainer, engine: FakeEngine
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    trainer.tell(state="training", epochs=4, curve=(POINT,))
    await soon(lambda: message.attachments)
    first = message.attachments[0].id
    for share in (0.1, 0.2, 0.3):
        trainer.tell(share=share)
        await soon(lambda share=share: f"{share:.0%}"[:-1] + " %" in message.content)  # type: ignore[misc]  # a default
    assert len(engine.drawn) == 1
    assert message.attachments[0].id == first
    trainer.tell(curve=(POINT, Point(2.0, 2.8, 2.7)))
    await soon(lambda: len(engine.drawn) == 2 and message.attachments[0].id != first)
    assert len(message.attachments) == 1


async def test_a_picture_that_fails_costs_only_the_picture(
    school: Room, trainer: FakeTrainer, engine: FakeEngine
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    engine.error = EngineFailed("crashed")
    trainer.tell(state="training", epoch=2, epochs=4, curve=(POINT,))
    await soon(lambda: "pass 2 of" in message.content)
    assert message.attachments == []
    engine.error = None
    trainer.tell(epoch=3, curve=(POINT, replace(POINT, epoch=2.0)))
    await soon(lambda: message.attachments)
    engine.error = EngineFailed("crashed")
    trainer.tell(epoch=4, curve=(POINT, replace(POINT, epoch=3.0)))
    await soon(lambda: "pass 4 of" in message.content)
    assert message.attachments


async def test_options_arrive_alike_from_a_message_and_from_the_menu(
    school: Room, trainer: FakeTrainer
) -> None:
    boss = school.administrator
    line = "!retrain --from scratch --epochs 4 --collections aird, ryan --name reels"
    typed = await boss.reply(boss.say(line))
    trainer.tell(state="cancelled")
    given = {"from": "scratch", "epochs": 4, "collections": "aird,ryan", "name": "reels"}
    chosen = await boss.reply(boss.slash("retrain start", given))
    wanted = RunOptions("scratch", 4, ("aird", "ryan"), "reels")
    assert [run.options for run in trainer.runs] == [wanted, wanted]
    assert "`reels`" in typed.content
    assert "`reels`" in chosen.content
    assert len({*trainer.keys}) == 2
    assert all(run.asked_by == boss.user.id for run in trainer.runs)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("!retrain cancle", "`cancle`"),
        ("!retrain --epoch 4", "`--epoch`"),
        ("!retrain start now", "`start`"),
        ("!retrain --epochs many", "`--epochs` can’t be `many`. It takes: 1–200"),
        ("!retrain --epochs", "`--epochs` needs a value"),
        ("!retrain --from nowhere", "`--from` can’t be `nowhere`. It takes: current, scratch"),
        ("!retrain --dry-run maybe", "`--dry-run` can’t be `maybe`"),
    ],
)
async def test_what_is_mistyped_starts_nothing(
    school: Room, trainer: FakeTrainer, line: str, word: str
) -> None:
    boss = school.administrator
    assert word in (await boss.reply(boss.say(line))).content
    assert trainer.runs == []


async def test_what_the_trainer_refuses_is_explained(school: Room, trainer: FakeTrainer) -> None:
    boss = school.administrator
    trainer.error = BadOption("name", "reels", NEW_NAME)
    told = await boss.reply(boss.say("!retrain --name reels"))
    assert "already a version called `reels`" in told.content
    trainer.error = BadOption("collections", "reels", "aird, ryan, corpus")
    said = boss.slash("retrain start", {"collections": "reels"})
    reply = await boss.reply(said)
    assert "`--collections` can’t be `reels`" in reply.content
    assert reply.visible_to is boss.user


async def test_a_dry_run_starts_nothing(school: Room, trainer: FakeTrainer) -> None:
    boss = school.administrator
    for asked in (boss.say("!retrain --dry-run"), boss.slash("retrain start", {"dry-run": True})):
        reply = await boss.reply(asked)
        assert "1 h 7 min" in reply.content
        assert "108,921 notes" in reply.content
        assert "`odd/broken.mid`" in reply.content
        assert not buttons(reply)
    assert trainer.runs == []


async def test_the_menu_offers_collections_and_versions(school: Room) -> None:
    boss = school.administrator
    offered = await boss.complete("retrain start", "collections", "aird,r")
    assert [each["value"] for each in offered] == ["aird,ryan"]
    everything = await boss.complete("retrain start", "collections", "")
    assert "corpus" in [each["value"] for each in everything]
    names = await boss.complete("retrain promote", "name", "NEW")
    assert [each["value"] for each in names] == ["new-1"]


async def test_it_works_in_korean(school: Room, trainer: FakeTrainer) -> None:
    school.server.administrator.locale = "ko"
    boss = school.administrator
    message = await boss.reply(boss.slash("retrain start"))
    assert "읽고 있어요" in message.content
    assert trainer.runs[-1].locale == "ko"
    await soon(lambda: trainer.runs[-1].message_id)
    trainer.tell(state="failed", failure="disk-full")
    await boss.until(lambda: "디스크가 가득 찼어요" in message.content)
    assert buttons(message) == ["자세히"]


# --- who may ----------------------------------------------------------------------------------


def crown(server: ChatServer, room: Room, name: str = "teacher") -> Driver:
    """Make a new administrator of the home server, who does not own the bot."""
    person = server.state.add_user(name)
    role = server.state.add_role(room.english, name, Permission.ADMINISTRATOR)
    server.state.add_member(room.english, person, role)
    return room.person(person)


@pytest.mark.parametrize("line", ["!retrain", "!retrain status", "!retrain cancel", "!retrain --x"])
async def test_a_member_is_refused_politely(school: Room, trainer: FakeTrainer, line: str) -> None:
    member = school.person()
    assert "Only my administrators" in (await member.reply(member.say(line))).content
    assert trainer.runs == []


async def test_a_member_cannot_press_cancel_but_may_read_the_details(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    member = school.person()
    refused = await member.reply(member.press(message, "Cancel"))
    assert "Only my administrators" in refused.content
    assert refused.visible_to is member.user
    details = await member.reply(member.press(message, "Details"))
    assert "Asked for: `--from current`" in details.content
    assert details.visible_to is member.user
    assert trainer.cancelled == []


async def test_a_forged_confirmation_is_checked_too(school: Room, trainer: FakeTrainer) -> None:
    message = await begun(school)
    boss = school.administrator
    question = await boss.reply(boss.press(message, "Cancel"))
    custom_id = find_component(question, "Stop learning")["custom_id"]
    question.visible_to = None  # as if a member had got hold of it
    member = school.person()
    pressed = school.server.people.use(member.user, question, custom_id)
    assert "Only my administrators" in (await member.reply(pressed)).content
    assert trainer.cancelled == []


async def test_administrators_of_other_servers_are_told_so(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    server = ChatServer()
    async with make_room(tmp_path, FakeEngine(), trainer, server) as room:
        stranger = server.state.add_user("stranger")
        other = server.add_guild("Elsewhere", "hall", people=(stranger,), locale="en-US")
        role = server.state.add_role(other, "Boss", Permission.ADMINISTRATOR)
        other.members[stranger.id].roles.append(role)
        async with bot_in(room):
            them = room.person(stranger, other.channel("hall"))
            for asked in (them.say("!retrain"), them.slash("retrain start")):
                assert "not those of other servers" in (await them.reply(asked)).content
    assert trainer.runs == []


async def test_an_administrator_of_the_home_server_who_is_not_the_owner(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    server = ChatServer()
    async with make_room(tmp_path, FakeEngine(), trainer, server) as room:
        teacher = crown(server, room)
        async with bot_in(room):
            assert "reading" in (await teacher.reply(teacher.say("!retrain"))).content


async def test_the_menu_hides_it_from_members(school: Room) -> None:
    commands = {each.name: each for each in school.server.state.commands.values()}
    wanted = "default_member_permissions"
    assert commands["retrain"].data[wanted] == str(int(Permission.ADMINISTRATOR))
    assert commands["models"].data[wanted] is None


async def test_the_only_server_is_home(school: Room) -> None:
    bot = school.bot
    bot.settings = bot.settings.model_copy(update={"home_guild": None})
    assert bot.home_guild_id() is None  # there are two
    bot._connection._guilds.pop(school.server.guild.id)
    assert bot.home_guild_id() == school.english.id


# --- one at a time ----------------------------------------------------------------------------


async def test_a_second_run_is_told_about_the_first_with_a_link(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    boss = school.administrator
    for asked in (boss.say("!retrain"), boss.slash("retrain start")):
        reply = await boss.reply(asked)
        assert "already learning" in reply.content
        assert f"/{school.english.id}/{message.channel.id}/{message.id}" in reply.content
    assert len(trainer.runs) == 1


async def test_two_administrators_at_once_make_one_run(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    server = ChatServer()
    async with make_room(tmp_path, FakeEngine(), trainer, server) as room:
        teacher = crown(server, room)
        async with bot_in(room):
            boss = room.administrator
            asked = (boss.say("!retrain"), teacher.say("!retrain"))
            replies = [(await boss.reply(asked[0])), (await teacher.reply(asked[1]))]
    assert sorted("already" in each.content for each in replies) == [False, True]
    assert len(trainer.runs) == 1


async def test_without_a_run_status_and_cancel_say_so(school: Room) -> None:
    boss = school.administrator
    for line in ("!retrain status", "!retrain cancel"):
        assert "not learning" in (await boss.reply(boss.say(line))).content


# --- cancelling -------------------------------------------------------------------------------


async def test_cancel_asks_first(school: Room, trainer: FakeTrainer) -> None:
    message = await begun(school)
    boss = school.administrator
    question = await boss.reply(boss.press(message, "Cancel"))
    assert question.visible_to is boss.user
    assert trainer.cancelled == []
    boss.press(question, "Go on")
    await boss.until(lambda: "go on learning" in question.content)
    assert buttons(question) == []
    again = await boss.reply(boss.press(message, "Cancel"))
    boss.press(again, "Stop learning")
    await boss.until(lambda: "stopping" in again.content)
    assert trainer.cancelled == [("r1", boss.user.id)]
    await soon(lambda: "I’m stopping" in message.content)
    assert find_component(message, "Cancel")["disabled"]
    trainer.tell(state="cancelled")
    await boss.until(lambda: "was cancelled" in message.content)


async def test_cancel_pressed_twice_cancels_once(school: Room, trainer: FakeTrainer) -> None:
    message = await begun(school)
    boss = school.administrator
    first = await boss.reply(boss.press(message, "Cancel"))
    second = await boss.reply(boss.press(message, "Cancel"))
    boss.press(first, "Stop learning")
    await boss.until(lambda: "stopping" in first.content)
    boss.press(second, "Stop learning")
    await boss.until(lambda: "already stopping" in second.content)
    assert "already stopping" in (await boss.reply(boss.say("!retrain cancel"))).content
    assert len(trainer.cancelled) == 1


async def test_a_run_that_ended_between_question_and_answer(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    boss = school.administrator
    question = await boss.reply(boss.press(message, "Cancel"))
    trainer.tell(state="done", outcome=KEPT)
    answer = await boss.reply(boss.press(question, "Stop learning"))
    assert "not learning" in answer.content
    assert trainer.cancelled == []


async def test_cancel_as_a_command(school: Room, trainer: FakeTrainer) -> None:
    await begun(school)
    boss = school.administrator
    assert "stopping" in (await boss.reply(boss.slash("retrain cancel"))).content
    assert trainer.cancelled == [("r1", boss.user.id)]


async def test_buttons_of_a_run_that_is_not_known_any_more(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    trainer.runs.clear()
    boss = school.administrator
    for label in ("Details", "Cancel"):
        reply = await boss.reply(boss.press(message, label))
        assert "no longer" in reply.content


# --- a message that outlives things -----------------------------------------------------------


async def test_it_goes_on_after_a_restart_and_its_buttons_work(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    async with make_room(tmp_path, FakeEngine(), trainer) as room:
        async with bot_in(room):
            boss = room.administrator
            message = await boss.reply(boss.slash("retrain start"))
            await soon(lambda: trainer.runs[-1].message_id)
        trainer.tell(state="training", epoch=2, epochs=4, curve=(POINT,))
        async with bot_in(room):
            await boss.until(lambda: "pass 2 of" in message.content and message.attachments)
            question = await boss.reply(boss.press(message, "Cancel"))
            boss.press(question, "Stop learning")
            await soon(lambda: trainer.cancelled)


async def test_a_run_is_followed_at_once_although_the_last_one_is_long_over(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    old = datetime(2025, 1, 1, tzinfo=UTC)
    trainer.runs.append(make_run(id="old", state="done", begun=old, updated=old))
    async with make_room(tmp_path, FakeEngine(), trainer) as room, bot_in(room):
        await looked(trainer)
        message = await begun(room)
        await soon(lambda: trainer.runs[-1].message_id)
        trainer.tell(state="training", epoch=1, epochs=4)
        await soon(lambda: "pass 1 of" in message.content)


async def test_an_end_that_came_while_the_bot_was_away_is_told_once(
    tmp_path: Path, trainer: FakeTrainer
) -> None:
    async with make_room(tmp_path, FakeEngine(), trainer) as room:
        async with bot_in(room):
            message = await begun(room)
            await soon(lambda: trainer.runs[-1].message_id)
        trainer.tell(state="done", outcome=KEPT)
        async with bot_in(room):
            await soon(lambda: "goes on answering" in message.content)
            await soon(lambda: buttons(message) == ["Details"])
        edited = message.edited
        async with bot_in(room):
            await looked(trainer)
        assert message.edited == edited


async def test_a_dead_interaction_token_does_not_matter(school: Room, trainer: FakeTrainer) -> None:
    boss = school.administrator
    message = await boss.reply(boss.slash("retrain start"))
    await soon(lambda: trainer.runs[-1].message_id)
    school.server.interactions.lifetime = 0  # as after a quarter of an hour
    trainer.tell(state="training", epoch=3, epochs=4)
    await boss.until(lambda: "pass 3 of" in message.content)


async def test_a_deleted_message_is_posted_anew_by_status(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    boss = school.administrator
    link = await boss.reply(boss.say("!retrain status"))
    assert str(message.id) in link.content
    assert buttons(link) == []
    school.server.actions.delete(message)
    trainer.tell(state="training", epoch=1, epochs=4)
    fresh = await boss.reply(boss.slash("retrain status"))
    assert "Cancel" in buttons(fresh)
    assert fresh.visible_to is None
    await soon(lambda: trainer.runs[-1].message_id == fresh.id)
    trainer.tell(epoch=2, curve=(POINT,))
    await boss.until(lambda: "pass 2 of" in fresh.content and fresh.attachments)


async def test_a_message_may_move_to_another_channel(school: Room, trainer: FakeTrainer) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    school.server.actions.delete(message)
    hall = school.server.state.add_channel(school.english, "hall")
    boss = school.person(school.server.administrator, hall)
    fresh = await boss.reply(boss.slash("retrain status"))
    await soon(lambda: trainer.runs[-1].channel_id == hall.id)
    trainer.tell(state="training", epoch=4, epochs=4)
    await boss.until(lambda: "pass 4 of" in fresh.content)


async def test_status_after_the_end_tells_how_it_ended(school: Room, trainer: FakeTrainer) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    trainer.tell(state="done", outcome=KEPT)
    boss = school.administrator
    reply = await boss.reply(boss.say("!retrain status"))
    assert "not clearly better" in reply.content
    assert str(message.id) in reply.content


async def test_without_the_right_to_attach_the_text_goes_on(
    school: Room, trainer: FakeTrainer
) -> None:
    message = await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    school.english.everyone.permissions &= ~Permission.ATTACH_FILES
    trainer.tell(state="training", epoch=1, epochs=4, curve=(POINT,))
    await soon(lambda: "pass 1 of" in message.content)
    trainer.tell(epoch=2, curve=(POINT, replace(POINT, epoch=2.0)))
    await soon(lambda: "pass 2 of" in message.content)
    assert message.attachments == []


async def test_a_channel_that_is_hidden_from_the_bot_stops_nothing(
    school: Room, trainer: FakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []
    edit = discord.PartialMessage.edit

    async def counted(message: discord.PartialMessage, **change: object) -> discord.Message:
        tries.append(message.id)
        return await edit(message, **change)  # type: ignore[arg-type]  # passed on

    await begun(school)
    await soon(lambda: trainer.runs[-1].message_id)
    school.english.everyone.permissions &= ~Permission.VIEW_CHANNEL
    monkeypatch.setattr(discord.PartialMessage, "edit", counted)
    for epoch in range(1, 5):
        trainer.tell(state="training", epoch=epoch, epochs=9)
        await looked(trainer)
    assert len(tries) == 1  # then it waits a while
    assert not trainer.runs[-1].over


async def test_where_the_bot_cannot_see_it_says_so(school: Room, trainer: FakeTrainer) -> None:
    school.english.everyone.permissions &= ~Permission.VIEW_CHANNEL
    boss = school.administrator
    reply = await boss.reply(boss.slash("retrain start"))
    assert "can’t see this channel" in reply.content
    assert trainer.runs[-1].message_id is None


# --- promoting --------------------------------------------------------------------------------


async def test_promoting_by_name(school: Room, versions: FakeVersions) -> None:
    boss = school.administrator
    reply = await boss.reply(boss.say("!retrain promote new-1"))
    assert "`new-1` answers from now on" in reply.content
    unknown = await boss.reply(boss.slash("retrain promote", {"name": "nothing"}))
    assert "no model version `nothing`" in unknown.content
    assert versions.changes == [("promote", "new-1", boss.user.id)]


async def test_promoting_without_a_name_asks_for_one(
    school: Room, versions: FakeVersions, trainer: FakeTrainer
) -> None:
    boss = school.administrator
    await boss.reply(boss.say("!retrain promote"))
    assert versions.changes == []
    assert trainer.runs == []
