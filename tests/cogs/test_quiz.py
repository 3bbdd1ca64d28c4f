"""The guessing game over a real connection, with a stand-in for the engine."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import discord
import pytest

from bot.app import Nabi
from bot.chat.model import Overwrite
from bot.chat.permissions import Permission
from bot.i18n import LOCALES, Locale, say
from bot.preferences import Scope
from bot.riddles import Look, NoRiddle, choose_tunes, make_riddle, request_for
from bot.store.base import now
from bot.store.quiz import Outcome, Round, Score, Table
from cogs.quiz.rounds import Rounds
from cogs.quiz.words import answer_text, places, question_text, scores_text
from engine.codes import format_codes, parse_codes
from engine.errors import EngineFailed
from engine.famous import can_be_told_apart, famous
from tests.fakes import FakeEngine, make_result
from tests.rooms import PATIENCE, Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.chat.driver import Driver
    from bot.chat.model import Message
    from cogs.quiz.cog import QuizCog
    from engine.famous import Famous
    from engine.request import Request, Result


def tune_of(opening: str) -> Famous:
    return next(tune for tune in famous().values() if tune.opening == opening)


def own_way(result: Result) -> Result:
    """Go on as long as the real tune does, on one note."""
    melody = parse_codes(tune_of(result.request.text).whole).melody
    split = parse_codes(result.request.text).melody.end
    notes = tuple(
        replace(note, pitch=60, alter=0) if note.onset >= split else note for note in melody.notes
    )
    return replace(result, tune=format_codes(replace(melody, notes=notes)))


def as_it_is(result: Result) -> Result:
    return replace(result, tune=tune_of(result.request.text).whole)


class Hourglass:
    """Lets every round last until a test turns it over, however fast the machine is."""

    def __init__(self) -> None:
        self._lasting: list[asyncio.Event] = []

    def stand_by(self, bot: Nabi) -> None:
        rounds = cast("QuizCog", bot.get_cog("quiz")).rounds
        rounds.length = timedelta(minutes=10)
        rounds.sleep = self._sleep

    async def _sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        over = asyncio.Event()
        self._lasting.append(over)
        try:
            await over.wait()
        finally:
            self._lasting.remove(over)

    async def run_out(self, rounds: int = 1) -> None:
        """Let so many rounds end; they may be about to begin."""
        await soon(lambda: len(self._lasting) == rounds)
        for over in self._lasting:
            over.set()


@pytest.fixture(autouse=True)
def glass(monkeypatch: pytest.MonkeyPatch) -> Hourglass:
    made, set_up = Hourglass(), Nabi.setup_hook

    async def set_up_with_it(bot: Nabi) -> None:
        await set_up(bot)
        made.stand_by(bot)  # rounds of an earlier start go on once the bot is connected

    monkeypatch.setattr(Nabi, "setup_hook", set_up_with_it)
    return made


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(change=own_way)


@pytest.fixture
async def room(tmp_path: Path, engine: FakeEngine, glass: Hourglass) -> AsyncIterator[Room]:
    async with make_room(tmp_path, engine) as made, made.running():
        yield made


def labels(message: Message) -> list[str]:
    return [each["label"] for each in message.walk_components() if "label" in each]


async def answered(driver: Driver, message: Message) -> str:
    """Wait for the answer in a round's message."""
    await driver.until(lambda: labels(message) not in ([], ["A", "B"]))
    return message.content


async def all_told(room: Room) -> None:
    async with asyncio.timeout(PATIENCE):
        while await room.store.rounds_to_tell():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.02)


async def real_of(room: Room) -> str:
    rounds = await room.store.rounds_to_tell()
    return rounds[-1].real.upper()


def other(letter: str) -> str:
    return "B" if letter == "A" else "A"


# --- a round ---------------------------------------------------------------------------------


@pytest.mark.parametrize("slash", [False, True])
async def test_a_round_is_asked_voted_and_told(
    room: Room, engine: FakeEngine, glass: Hourglass, *, slash: bool
) -> None:
    member, administrator = room.person(), room.administrator
    asked = member.slash("quiz") if slash else member.say("!quiz")
    message = await member.reply(asked)
    assert [file.filename for file in message.attachments] == ["quiz.png", "a.ogg", "b.ogg"]
    assert labels(message) == ["A", "B"]
    tune = tune_of(engine.asked[0].text)
    assert tune.title["en"] not in message.content
    await soon(lambda: room.bot.turns.running == 0)
    real = await real_of(room)
    whole, mine = sorted(engine.alike[0].tunes, key=lambda codes: codes != tune.whole)
    assert (whole, mine == whole) == (tune.whole, False)
    assert engine.alike[0].tunes["AB".index(real)] == tune.whole
    confirmed = await member.reply(member.press(message, real))
    assert f"**{real}**" in confirmed.content
    assert confirmed.visible_to is member.user
    await administrator.reply(administrator.press(message, other(real)))
    assert labels(message) == ["A", "B"]
    await glass.run_out()
    text = await answered(member, message)
    assert f"**{real}** was the real one: **{tune.title['en']}**" in text
    assert "1 of 2 votes was right." in text
    assert f"<@{member.user.id}>" in text
    assert str(administrator.user.id) not in text
    assert f"Best here so far: **1.** <@{member.user.id}> – 1 of 1 (100%)\n" in text
    assert "fooled 50% of 2 votes" in text
    assert len(message.attachments) == 3


async def test_a_round_takes_its_turn_among_the_servers(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.say("!quiz"))
    # Composed and performed on behalf of the server, and told its place both times.
    assert [party for party, _ in engine.terms] == [room.english.id] * 2
    assert len(engine.told) == 2


async def test_next_plays_another_tune_in_the_same_place(
    room: Room, engine: FakeEngine, glass: Hourglass
) -> None:
    member = room.person()
    message = await member.reply(member.say("!퀴즈"))
    assert "진짜" in message.content
    await glass.run_out()
    assert "아무도" in await answered(member, message)
    following = await member.reply(member.press(message, "다음 문제"))
    assert len(following.attachments) == 3
    await glass.run_out()
    await answered(member, following)
    first, second = (request.text for request in engine.asked)
    assert first != second


async def test_a_vote_can_be_changed_and_counts_once(room: Room, glass: Hourglass) -> None:
    member, administrator = room.person(), room.administrator
    message = await member.reply(member.say("!quiz"))
    await soon(lambda: room.bot.turns.running == 0)
    real = await real_of(room)
    for letter in (real, other(real), real, other(real)):
        await member.reply(member.press(message, letter))
    # Several at once: the last to arrive counts, and nobody is counted twice.
    presses = [administrator.press(message, real) for _ in range(5)]
    await asyncio.gather(*(administrator.reply(press) for press in presses))
    await glass.run_out()
    assert "1 of 2 votes was right." in await answered(member, message)
    table = await room.store.scores(room.english.id, member.user.id)
    assert (table.own.votes, table.own.right) == (1, 0)
    assert (table.record.votes, table.record.right) == (2, 1)


async def test_there_is_one_round_at_a_time_in_a_channel(room: Room, engine: FakeEngine) -> None:
    member, administrator = room.person(), room.administrator
    engine.gate.clear()
    first = member.say("!quiz")
    await soon(lambda: engine.asked)
    refused = await administrator.reply(administrator.say("!quiz"))
    assert "just being made" in refused.content
    engine.gate.set()
    message = await member.reply(first)
    await soon(lambda: room.bot.turns.running == 0)
    refused = await administrator.reply(administrator.slash("quiz"))
    assert f"/{member.channel.id}/{message.id}" in refused.content
    assert refused.visible_to is administrator.user
    elsewhere = room.person(channel=room.server.direct(room.server.member))
    assert labels(await elsewhere.reply(elsewhere.say("!quiz"))) == ["A", "B"]


async def test_a_vote_after_the_end_is_too_late(room: Room) -> None:
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    await soon(lambda: room.bot.turns.running == 0)
    (going,) = await room.store.rounds_to_tell()
    # The bot is late: nobody has told the answer, though it is time.
    await room.store.set_round(going.id, going.tune, going.real, now() - timedelta(seconds=1))
    press = member.press(message, "A")
    refused = await member.until(
        lambda: [each for each in member.seen if each.content == "That round is over."]
    )
    assert refused[0].visible_to is member.user
    assert "was the real one" in message.content
    assert labels(message) == ["Next"]
    await member.answered(press)
    table = await room.store.scores(room.english.id, member.user.id)
    assert table.own.votes == 0


async def test_a_round_goes_on_after_a_restart(
    tmp_path: Path, engine: FakeEngine, glass: Hourglass
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            message = await member.reply(member.say("!quiz"))
            await soon(lambda: room.bot.turns.running == 0)
            real = await real_of(room)
            await member.reply(member.press(message, real))
        assert labels(message) == ["A", "B"]
        async with room.running():
            await member.reply(member.press(message, other(real)))
            await glass.run_out()
            text = await answered(member, message)
            assert "The only vote went to mine." in text
            await all_told(room)


async def test_a_round_that_ended_while_the_bot_was_away_is_told_at_once(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            message = await member.reply(member.say("!quiz"))
            await soon(lambda: room.bot.turns.running == 0)
            (going,) = await room.store.rounds_to_tell()
            await member.reply(member.press(message, going.real.upper()))
        await room.store.set_round(going.id, going.tune, going.real, now() - timedelta(days=2))
        async with room.running():
            assert "The only vote was right." in await answered(member, message)


async def test_a_round_that_was_being_made_when_the_bot_died_holds_up_nothing(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        await room.store.open_round(room.english.id, member.channel.id, "en")
        async with room.running():
            async with asyncio.timeout(PATIENCE):
                while await room.store.rounds_unsent(now()):  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.02)
            assert labels(await member.reply(member.say("!quiz"))) == ["A", "B"]


async def test_an_answer_that_discord_does_not_take_at_first_comes_later(
    room: Room, glass: Hourglass, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast("QuizCog", room.bot.get_cog("quiz")).rounds.pauses = (0, 0)
    tries = []
    edit = discord.Message.edit

    async def fail_twice(message: discord.Message, **values: Any) -> discord.Message:
        tries.append(values)
        if len(tries) < 3:
            raise OSError
        return await edit(message, **values)

    monkeypatch.setattr(discord.Message, "edit", fail_twice)
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    await glass.run_out()
    assert "Nobody voted." in await answered(member, message)
    await all_told(room)
    assert len(tries) == 3


async def test_a_round_in_a_thread_is_the_threads_own(
    room: Room, engine: FakeEngine, glass: Hourglass
) -> None:
    administrator = room.administrator
    thread = room.server.people.start_thread(administrator.user, administrator.say("game"), "game")
    await soon(lambda: room.bot.get_channel(thread.id))
    there = room.person(channel=thread)
    message = await there.reply(there.say("!quiz"))
    assert message.channel is thread
    beside = await administrator.reply(administrator.say("!quiz"))
    assert labels(beside) == ["A", "B"]  # two at once
    await soon(lambda: room.bot.turns.running == 0)
    await there.reply(there.press(message, "A"))
    await glass.run_out(2)
    assert "The only vote" in await answered(there, message)
    following = await there.reply(there.press(message, "Next"))
    assert following.channel is thread
    assert engine.terms[-1][0] == room.english.id


@pytest.mark.parametrize(
    ("shards", "guild", "ours"),
    [
        (None, 0, True),
        (None, 5 << 22, True),
        ([0], 0, True),
        ([1], 0, False),
        ([1, 2], 5 << 22, True),
        ([0, 1], 5 << 22, False),
    ],
)
def test_each_process_goes_on_with_the_rounds_of_its_shards(
    shards: list[int] | None, guild: int, *, ours: bool
) -> None:
    rounds = Rounds(cast("Nabi", SimpleNamespace(shard_ids=shards, shard_count=3)))
    assert rounds._is_ours(Round("r", guild, 6, "ode", "b", "en", now())) is ours


async def test_a_deleted_question_holds_up_nothing(room: Room) -> None:
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    await member.reply(member.press(message, "A"))
    await soon(lambda: room.bot.turns.running == 0)
    await room.bot.http.delete_message(message.channel.id, message.id)
    await all_told(room)  # long before its time
    assert labels(await member.reply(member.say("!quiz"))) == ["A", "B"]
    assert await room.store.forget(member.user.id) == 0  # nobody was counted


async def test_a_question_that_is_deleted_at_once_holds_up_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = room.person()
    begin, drop, gone = room.store.begin_round, room.store.drop_round, asyncio.Event()

    async def begin_late(name: str, message: int) -> None:
        room.server.actions.delete(member.channel.messages[message])
        await gone.wait()
        await begin(name, message)

    async def drop_and_tell(name: str) -> None:
        await drop(name)
        gone.set()

    with monkeypatch.context() as late:
        late.setattr(room.store, "begin_round", begin_late)
        late.setattr(room.store, "drop_round", drop_and_tell)
        member.say("!quiz")
        await asyncio.wait_for(gone.wait(), PATIENCE)
        await soon(lambda: room.bot.turns.running == 0)
    assert labels(await member.reply(member.say("!quiz"))) == ["A", "B"]


async def test_a_question_that_was_deleted_while_the_bot_was_away_holds_up_nothing(
    tmp_path: Path, engine: FakeEngine, glass: Hourglass
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            message = await member.reply(member.say("!quiz"))
            await soon(lambda: room.bot.turns.running == 0)
        del message.channel.messages[message.id]
        async with room.running():
            await glass.run_out()
            await all_told(room)
            assert labels(await member.reply(member.say("!quiz"))) == ["A", "B"]


# --- where it is played ----------------------------------------------------------------------


async def test_in_direct_messages_one_plays_alone(room: Room, glass: Hourglass) -> None:
    member = room.person(channel=room.server.direct(room.server.member))
    message = await member.reply(member.say("!quiz"))
    await soon(lambda: room.bot.turns.running == 0)
    await member.reply(member.press(message, await real_of(room)))
    await glass.run_out()
    text = await answered(member, message)
    assert "The only vote was right." in text
    assert "<@" not in text
    scores = await member.reply(member.say("!quiz scores"))
    assert "You: 1 of 1 (100%)" in scores.content
    stranger = room.person(room.server.administrator, room.server.direct(room.server.administrator))
    assert "1 of 1" not in (await stranger.reply(stranger.say("!quiz scores"))).content


@pytest.mark.parametrize(
    ("chosen", "files"),
    [
        ({"picture": False}, ["a.ogg", "b.ogg"]),
        ({"audio": False}, ["quiz.png"]),
        ({"audio": False, "picture": False}, ["quiz.png"]),
    ],
)
async def test_what_is_switched_off_is_left_out_but_one_thing_stays(
    room: Room, chosen: dict[str, bool], files: list[str]
) -> None:
    await room.store.prefer(Scope("server", room.english.id), **chosen)
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    assert [file.filename for file in message.attachments] == files


@pytest.mark.parametrize("told", [False, True])
async def test_where_nothing_can_be_attached_both_tunes_are_typed(
    tmp_path: Path, engine: FakeEngine, *, told: bool
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        never = {room.server.bot_user.id: Overwrite(1, deny=Permission.ATTACH_FILES)}
        if told:  # else it finds out when it tries
            member.channel.overwrites.update(never)
        async with room.running():
            member.channel.overwrites.update(never)
            message = await member.reply(member.say("!quiz"))
            assert not message.attachments
            assert all(tune[:20] in message.content for tune in engine.alike[0].tunes)
            assert labels(message) == ["A", "B"]
    assert engine.alike[0].picture == engine.alike[0].audio == (not told)


async def test_where_the_bot_is_not_a_member_it_plays_with_who_installed_it(
    room: Room, glass: Hourglass
) -> None:
    member = room.person(channel=room.server.elsewhere.channel("수다"))
    message = await member.reply(member.slash("quiz"))
    assert len(message.attachments) == 3
    await soon(lambda: room.bot.turns.running == 0)
    await member.reply(member.press(message, await real_of(room)))
    await glass.run_out()
    assert "The only vote was right." in await answered(member, message)
    following = await member.reply(member.press(message, "Next"))
    assert labels(following) == ["A", "B"]


# --- what goes wrong -------------------------------------------------------------------------


async def test_a_round_that_cannot_be_made_leaves_nothing(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    engine.error = EngineFailed("timeout")
    refused = await member.reply(member.say("!quiz"))
    assert refused.content == say("en", "error-engine", reason="timeout")
    engine.error = None
    assert labels(await member.reply(member.say("!quiz"))) == ["A", "B"]


async def test_what_the_bot_knows_too_well_is_no_riddle(room: Room, engine: FakeEngine) -> None:
    engine.change = as_it_is
    member = room.person()
    refused = await member.reply(member.say("!quiz"))
    assert refused.content == say("en", "error-quiz-none")
    assert {request.temperature for request in engine.asked} == {1.0, 1.1, 1.25, 1.5}
    assert len({request.text for request in engine.asked}) == 3


async def test_an_unknown_word_is_explained(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    reply = await member.reply(member.say("!quiz polka"))
    assert "`polka`" in reply.content
    assert "`scores`" in reply.content
    assert not engine.asked


# --- scores ----------------------------------------------------------------------------------


async def test_the_table_of_a_server_and_how_a_member_is_forgotten(
    room: Room, glass: Hourglass
) -> None:
    member, administrator = room.person(), room.administrator
    nobody = await member.reply(member.slash("quiz", {"show": "scores"}))
    assert "Nobody has voted yet. </quiz:" in nobody.content
    typed = await member.reply(member.say("!quiz scores"))
    assert "Nobody has voted yet. `!quiz` begins" in typed.content
    message = await member.reply(member.say("!quiz"))
    await soon(lambda: room.bot.turns.running == 0)
    real = await real_of(room)
    await member.reply(member.press(message, other(real)))
    await administrator.reply(administrator.press(message, real))
    await glass.run_out()
    await answered(member, message)
    table = await member.reply(member.say("!quiz scores"))
    lines = table.content.splitlines()
    assert lines[1] == f"**1.** <@{administrator.user.id}> – 1 of 1 (100%)"
    assert lines[2] == f"**2.** <@{member.user.id}> – 0 of 1 (0%)"
    assert await room.store.forget(member.user.id) == 1
    table = await member.reply(member.say("!퀴즈 점수"))
    assert str(member.user.id) not in table.content
    assert "2표 가운데 50%" in table.content


async def test_one_who_is_forgotten_has_not_voted(room: Room, glass: Hourglass) -> None:
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    await member.reply(member.press(message, "A"))
    assert await room.store.forget(member.user.id) == 1
    await glass.run_out()
    assert "Nobody voted." in await answered(member, message)


async def test_votes_are_gone_once_the_answer_is_told(room: Room, glass: Hourglass) -> None:
    member = room.person()
    message = await member.reply(member.say("!quiz"))
    await member.reply(member.press(message, "A"))
    await glass.run_out()
    await answered(member, message)
    await all_told(room)
    assert await room.store.forget(member.user.id) == 1  # the tally alone


async def test_a_server_that_is_left_takes_its_members_scores_along(room: Room) -> None:
    store = room.store
    name = await store.open_round(5, 6, "en")
    await store.set_round(name, "ode", "a", now() + timedelta(minutes=1))
    await store.vote(name, 9, "b")
    ended = await asyncio.gather(*(store.end_round(name) for _ in range(4)))
    assert {each.record.votes for each in ended if each} == {1}
    await store.leave_guild(5)
    table = await store.scores(5, 9)
    assert (table.best, table.own.votes) == ((), 0)
    assert (table.record.votes, table.record.fooled) == (1, 1)


async def test_a_round_that_goes_on_in_a_server_that_is_left_counts_for_nobody(room: Room) -> None:
    store, names = room.store, {}
    for guild in (5, 7):
        names[guild] = name = await store.open_round(guild, guild, "en")
        await store.set_round(name, "ode", "a", now() + timedelta(minutes=1))
        await store.begin_round(name, guild)
        await store.vote(name, 9, "a")
    await store.leave_guild(5)
    assert [each.guild for each in await store.rounds_to_tell()] == [7]
    assert await store.end_round(names[5]) is None
    assert await store.end_round(names[7]) is not None
    assert (await store.scores(5, 9)).own.votes == 0
    assert (await store.scores(7, 9)).own.votes == 1
    assert await store.forget(9) == 2  # a vote and a score, both where the bot still is


# --- pure parts ------------------------------------------------------------------------------


async def make(engine: FakeEngine, played: list[str], **look: bool) -> tuple[str, str]:
    async def compose(request: Request) -> Result:
        return engine.change(make_result(request))

    riddle = await make_riddle(compose, engine.perform_alike, played, Look("letters", **look))
    tune = famous()[riddle.tune]
    assert riddle.texts["ab".index(riddle.real)] == tune.whole
    names = [file.name for file in riddle.files]
    wanted = ["quiz.png"] * look.get("picture", True) + ["a.ogg", "b.ogg"] * look.get("audio", True)
    assert names == wanted
    return riddle.tune, riddle.real


async def test_which_is_real_and_which_tune_is_left_to_chance(engine: FakeEngine) -> None:
    made = [await make(engine, []) for _ in range(60)]
    assert {real for _, real in made} == {"a", "b"}
    assert len({tune for tune, _ in made}) > 15
    for asked in engine.alike:
        assert can_be_told_apart(tune_of(asked.opening), asked.tunes[0]) != can_be_told_apart(
            tune_of(asked.opening), asked.tunes[1]
        )
    await make(engine, [], picture=False)
    await make(engine, [], audio=False)


async def test_a_tune_like_the_real_one_is_drawn_again(engine: FakeEngine) -> None:
    engine.change = as_it_is
    with pytest.raises(NoRiddle):
        await make(engine, [])


def test_tunes_not_played_lately_come_first_then_those_played_longest_ago() -> None:
    names = list(famous())
    assert {tune.name for tune in choose_tunes(names[3:])} == set(names[:3])
    assert [tune.name for tune in choose_tunes([*names, *names])] == names[:-4:-1]
    assert len({choose_tunes([])[0].name for _ in range(80)}) > 10


def test_the_engine_is_asked_for_just_as_many_bars() -> None:
    request = request_for(famous()["grace"], 1.1)
    assert (request.bars, request.meter, request.key) == (8, "3/4", "G major")
    assert (request.pickup, request.temperature, request.seed) == ("1/4", 1.1, None)
    assert not request.picture
    assert not request.audio


def test_where_the_tune_stops_half_way_the_engine_goes_on_to_the_close() -> None:
    for name, more in (("ode", 0), ("adeste", 4)):
        tune = famous()[name]
        assert request_for(tune).bars == tune.bars + more


def outcome(locale: Locale, votes: int, right: int, *, guild: int = 5) -> Outcome:
    made = Round("r", guild, 6, "ode", "b", locale, now())
    winners = tuple(range(1, min(right, 5) + 1))
    return Outcome(made, Score(votes, right), winners, Score(120, 68))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_answer_tells_all(locale: Locale) -> None:
    text = answer_text(outcome(locale, 9, 7))
    assert famous()["ode"].title[locale] in text
    assert "1770–1827" in text
    assert "<@5> +2" in text
    assert "<@6>" not in text
    assert "43%" in text
    assert "120" in text
    assert "<@" not in answer_text(outcome(locale, 9, 7, guild=0))
    assert say(locale, "quiz-nobody") in answer_text(outcome(locale, 0, 0))
    assert len({answer_text(outcome(locale, *each)) for each in ((1, 0), (1, 1), (2, 1))}) == 3
    best = (Score(4, 3, 8), Score(4, 3, 9), Score(5, 2, 7))
    table = answer_text(replace(outcome(locale, 9, 7), best=best)).splitlines()[2]
    assert [part.split()[0] for part in table.partition(": ")[2].split(" · ")] == [
        "**1.**",
        "**1.**",
        "**3.**",
    ]
    unknown = replace(outcome(locale, 1, 1), round=Round("r", 5, 6, "gone", "a", locale, now()))
    assert "**A**" in answer_text(unknown)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_question_in_words_fits_a_message(locale: Locale) -> None:
    text = question_text(1_800_000_000, locale, texts=("c4 " * 2000, "`" * 3000))
    assert "<t:1800000000:R>" in text
    assert len(text) <= 2000
    assert text.count("```") == 4
    seen = question_text(1_800_000_000, locale, picture=True)
    heard = question_text(1_800_000_000, locale)
    assert len({text.splitlines()[0], seen, heard}) == 2
    assert heard == text.splitlines()[0]


def test_equal_scores_share_a_place() -> None:
    scores = [Score(4, 3, 1), Score(4, 3, 2), Score(5, 3, 3), Score(1, 1, 4), Score(1, 1, 5)]
    assert [place for place, _ in places(scores)] == [1, 1, 3, 4, 4]
    assert places([]) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_one_who_asks_stands_below_the_best(locale: Locale) -> None:
    best = tuple(Score(9, 9 - place, place + 100) for place in range(10))
    own = Score(8, 0, 7)
    text = scores_text(Table(best, own, Score(90, 45)), locale, "?", server=True)
    assert text.count("<@") == 10
    assert (
        say(locale, "quiz-own", score=say(locale, "quiz-score", right=0, votes=8, percent=0))
        in text
    )
    inside = scores_text(Table(best, best[3], Score(90, 45)), locale, "?", server=True)
    assert len(inside.splitlines()) == len(text.splitlines()) - 1
