"""``continue`` over a real connection, with a stand-in for the engine."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.chat.limits import Fault
from bot.chat.model import Overwrite
from bot.chat.permissions import Permission
from bot.chat.state import Upload
from engine.errors import BadFile, EngineFailed
from engine.request import MAX_FILE, File, Request
from tests.fakes import MIDI, FakeEngine
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.chat.driver import Driver


def only(engine: FakeEngine) -> Request:
    assert len(engine.asked) == 1
    return engine.asked[0]


async def test_a_typed_tune_comes_back_with_files_and_buttons(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    asked = member.say("!continue g8 e8 e4 f8 --seed 7 --bars 4")
    reply = await member.reply(asked)
    assert reply.reference is not None
    assert reply.reference.message is asked
    assert reply.content.startswith("```\ng8 e8 e4")
    assert "`!continue g8 e8 e4 f8 --seed 7 --bars 4 --temperature 1" in reply.content
    assert [file.filename for file in reply.attachments] == ["score.png", "nabi.ogg", "nabi.mid"]
    assert [c["label"] for c in reply.walk_components() if "label" in c][:2] == ["Again", "Longer"]
    assert only(engine) == Request(text="g8 e8 e4 f8", seed=7, bars=4)


@pytest.mark.parametrize(
    "text",
    [
        "!CONTINUE g8 e8 e4 f8",
        "! continue g8 e8 e4 f8",
        "!continue\n```\ng8 e8 e4 f8\n```",
        "!이어줘 g8 e8 e4 f8",
    ],
)
async def test_ways_to_type_it(room: Room, engine: FakeEngine, text: str) -> None:
    member = room.person()
    await member.reply(member.say(text))
    assert "g8 e8 e4 f8" in only(engine).text


async def test_a_mention_is_a_prefix(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.say(f"<@{room.server.bot_user.id}> continue g8 e8"))
    assert only(engine).text == "g8 e8"


async def test_direct_messages_work(room: Room, engine: FakeEngine) -> None:
    member = room.person(channel=room.server.direct(room.server.member))
    await member.reply(member.say("!continue g8 e8"))
    assert only(engine).text == "g8 e8"


async def test_the_menu_gives_typed_options(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    asked = member.slash(
        "continue",
        {"melody": "g8 e8", "bars": 4, "temperature": 0.5, "style": "irish", "as": "lilypond"},
    )
    reply = await member.reply(asked)
    assert only(engine) == Request(
        text="g8 e8", bars=4, temperature=0.5, style="irish", form="lilypond"
    )
    assert "nabi.ly" in [file.filename for file in reply.attachments]


async def test_a_line_pasted_into_the_menu_is_understood(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.slash("continue", {"melody": "g8 e8 --seed 5 --bars 3", "bars": 9}))
    assert only(engine) == Request(text="g8 e8", seed=5, bars=9)


async def test_no_notes_at_all_invent_a_tune(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    reply = await member.reply(member.say("!continue"))
    assert only(engine) == Request()
    assert "No notes were given" in reply.content


async def test_an_attachment_is_continued_and_told_about(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    asked = member.say("!continue --bars 2", files=[("cat.png", b"x"), ("tune.mid", MIDI)])
    reply = await member.reply(asked)
    assert only(engine) == Request(file=MIDI, file_name="tune.mid", bars=2)
    assert "From tune.mid: track 2 of 3 “Melody”, the top line of its chords" in reply.content


async def test_a_picture_beside_notes_is_only_a_picture(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.say("!continue g8 e8", files=[("cat.png", b"x")]))
    assert only(engine).text == "g8 e8"


async def test_an_attachment_in_the_menu(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.slash("continue", {"file": Upload("tune.abc", b"X:1\nK:C\nGEE")}))
    assert only(engine).file_name == "tune.abc"


async def test_a_long_paste_that_became_a_text_file(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.say("!continue", files=[("message.txt", "솔8 미8".encode())]))
    assert only(engine).text == "솔8 미8"


@pytest.mark.parametrize(
    "text",
    [
        "<@{bot}>continue g8 e8",
        "<@{bot}>\ncontinue g8 e8",
        "<@!{bot}>, continue g8 e8",
        "<@{bot}>: !continue g8 e8",
        "<@&{role}> continue g8 e8",
        "`!continue g8 e8`",
        "```\n!continue g8 e8\n```",
        " ``!이어줘 g8 e8`` ",
    ],
)
async def test_a_command_is_heard_however_it_is_pasted(
    room: Room, engine: FakeEngine, text: str
) -> None:
    bot = room.server.bot_user
    role = next(role for role in room.english.roles.values() if role.managed_by is bot)
    member = room.person()
    said = member.say(text.format(bot=bot.id, role=role.id))
    assert (await member.reply(said)).attachments
    assert only(engine).text.strip("` \n").split() == ["g8", "e8"]


@pytest.mark.parametrize(
    "text",
    [
        "!",
        "!!",
        "`!continue`",
        "`!continue g8` is how",
        "`!help`",
        "```!continue g8",
        "ask <@{bot}>",
    ],
)
async def test_talk_about_commands_is_none(room: Room, engine: FakeEngine, text: str) -> None:
    member = room.person()
    member.say(text.format(bot=room.server.bot_user.id))
    await member.reply(member.say("!continue c4"))
    assert only(engine).text == "c4"
    assert len([each for each in member.seen if each.author.bot]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "continue g8 e8 e4",
        "g8 e8 e4",
        "g8 e8 e4 --bars 8",
        "/continue melody:g8 e8 e4 --bars 8",
        "could you go on with g8 e8 e4 please?",
        "this one:\n```\ng8 e8 e4\n```",
    ],
)
@pytest.mark.parametrize("alone", [True, False])
async def test_whoever_speaks_to_the_bot_needs_no_sign(
    room: Room, engine: FakeEngine, text: str, *, alone: bool
) -> None:
    member = room.person(channel=room.server.direct(room.server.member) if alone else None)
    said = member.say(text if alone else f"{room.server.bot_user.mention} {text}")
    assert (await member.reply(said)).attachments
    assert only(engine).text.strip() == "g8 e8 e4"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("g8 e8", "`!continue g8 e8 "),
        ("솔 미 미 파 레 레", "`!continue 솔 미 미 파 레 레"),
        ("g e e f d d", "`!continue g e e f d d"),
        ("--bars 4 --style irish", "--bars 4"),
        ("g8 e8 h4 f8", "`g8 e8 ⟪h4⟫ f8`"),
        ("g8 e8 e4 f8 please", "`g8 e8 e4 f8 ⟪please⟫`"),
        ("g8 e8 e4 --bras 4", "`--bars`"),
        ("g8 e8 e4 --bars 400", "1–64"),
        ("g8 e8 e4 --bars", "1–64"),
        ("솔 미 미 파 레 레 --마디 2", "`--마디`"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
async def test_a_tune_said_to_the_bot_is_answered_also_when_it_is_short_or_wrong(
    room: Room, text: str, told: str, *, alone: bool
) -> None:
    member = room.person(channel=room.server.direct(room.server.member) if alone else None)
    said = member.say(text if alone else f"{room.server.bot_user.mention} {text}")
    assert told in (await member.reply(said)).content


@pytest.mark.parametrize("alone", [True, False])
async def test_a_file_sent_to_the_bot_is_continued_whatever_stands_beside_it(
    room: Room, engine: FakeEngine, *, alone: bool
) -> None:
    member = room.person(channel=room.server.direct(room.server.member) if alone else None)
    to = "" if alone else f"{room.server.bot_user.mention} "
    for text in ("", "--bars 2", "이거 이어 주세요!"):
        await member.reply(member.say(to + text, files=[("mine.mid", MIDI)]))
    assert [each.file for each in engine.asked] == [MIDI, MIDI, MIDI]
    assert engine.asked[1].bars == 2
    await member.reply(member.say(to, files=[("message.txt", b"g8 e8")]))
    assert engine.asked[3].text == "g8 e8"
    told = await member.reply(member.say(to, files=[("song.mp3", b"ID3")]))
    assert "`song.mp3`" in told.content


async def test_talk_with_the_bot_alone_is_no_command(room: Room, engine: FakeEngine) -> None:
    member = room.person(channel=room.server.direct(room.server.member))
    hint = await member.reply(member.say("hello"))  # once in a while it says what to send
    assert "`g8 e8 e4 f8`" in hint.content
    for text in ("a bad dad", "thanks! g8 was nice", "…", "안녕"):
        member.say(text)
    await member.reply(member.say("!continue c4"))
    assert only(engine).text == "c4"
    assert len([each for each in member.seen if each.author.bot]) == 2


async def test_a_mention_alone_is_answered_with_help(room: Room) -> None:
    member = room.person()
    assert "!continue" in (await member.reply(member.say(room.server.bot_user.mention))).content


@pytest.mark.parametrize(("text", "bars"), [("", 8), (" --bars 4", 4), (" continue", 8)])
async def test_a_mention_alone_that_replies_continues_what_it_replies_to(
    room: Room, engine: FakeEngine, text: str, bars: int
) -> None:
    member, mention = room.person(), room.server.bot_user.mention
    shown = room.administrator.say("how about g8 e8 e4?")
    assert (await member.reply(member.say(mention + text, reply_to=shown))).attachments
    assert only(engine).text.strip() == "g8 e8 e4"
    assert only(engine).bars == bars
    talk = room.administrator.say("good morning")
    told = await member.reply(member.say(mention + text, reply_to=talk))
    assert "found no tune" in told.content


async def test_a_reply_to_a_file_continues_that(room: Room, engine: FakeEngine) -> None:
    member, friend = room.person(), room.administrator
    shown = friend.say("listen to this", files=[("mine.mid", MIDI)])
    reply = await member.reply(member.say("!continue --seed 3", reply_to=shown))
    assert only(engine) == Request(file=MIDI, file_name="mine.mid", seed=3)
    assert reply.attachments


@pytest.mark.parametrize(
    "text", ["how about\n```\ng8 e8 e4\n```", "g8 e8 e4", "!continue g8 e8 e4"]
)
async def test_a_reply_to_notes_continues_those(room: Room, engine: FakeEngine, text: str) -> None:
    room.server.channel.messages.clear()
    member, friend = room.person(), room.administrator
    shown = friend.say(text)
    await asyncio.sleep(0)
    await member.reply(member.say("!continue --seed 3", reply_to=shown))
    assert engine.asked[-1].text.strip() == "g8 e8 e4"
    assert engine.asked[-1].seed == 3


async def test_a_reply_to_our_reply_goes_on_from_its_end(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8 e8 e4"))
    await member.reply(member.say("!continue", reply_to=first))
    assert engine.asked[1].text == "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4"


async def test_the_line_of_a_files_tune_needs_the_file_or_a_reply(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    shown = room.administrator.say(files=[("mine.mid", MIDI)])
    first = await member.reply(member.say("!continue --bars 3", reply_to=shown))
    (line,) = re.findall(r"^`(!continue [^`]+)`$", first.content, re.MULTILINE)
    assert "lacks the tune itself" in first.content
    for other in (shown, first):
        await member.reply(member.say(line, reply_to=other))
    made, again, from_result = engine.asked
    assert made.file == again.file == from_result.file == MIDI
    assert again.seed == from_result.seed == 7
    assert from_result.file_name == "mine.mid"
    told = await member.reply(member.say(line))
    assert told.content.startswith("That line lacks the tune itself.")
    assert len(engine.asked) == 3


async def test_the_line_of_a_very_long_tune_repeats_it_in_a_reply(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    long = "g8 " * 640
    asked = member.say(f"!continue {long}--bars 3")
    first = await member.reply(asked)
    (line,) = re.findall(r"^`(!continue … [^`]+)`$", first.content, re.MULTILINE)
    for other in (asked, first):
        await member.reply(member.say(line, reply_to=other))
    assert [each.text.split() for each in engine.asked] == [long.split()] * 3
    assert [each.seed for each in engine.asked] == [None, 7, 7]


async def test_a_reply_to_talk_finds_nothing(room: Room, engine: FakeEngine) -> None:
    member, friend = room.person(), room.administrator
    shown = friend.say("a bad dad had a bag")
    reply = await member.reply(member.say("!continue", reply_to=shown))
    assert "no tune in that message" in reply.content
    assert not engine.asked


@pytest.mark.parametrize(
    ("text", "english", "korean"),
    [
        ("g8 e8 h4 f8", "`g8 e8 ⟪h4⟫ f8`", "`g8 e8 ⟪h4⟫ f8`"),
        ("g8 --wild 3", "no option `--wild`", "`--wild` 옵션은 없어요"),
        ("g8 --bras 3", "Did you mean `--bars`?", "혹시 `--bars`인가요?"),
        ("g8 --bars 99", "1–64", "1–64"),
    ],
)
async def test_mistakes_are_named_in_the_readers_language(
    room: Room, engine: FakeEngine, text: str, english: str, korean: str
) -> None:
    member = room.person()
    assert english in (await member.reply(member.say(f"!continue {text}"))).content
    there = room.person(channel=room.server.channel)  # a Korean server
    assert korean in (await there.reply(there.say(f"!continue {text}"))).content
    assert not engine.asked


async def test_hangul_is_answered_in_korean(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!continue 솔8 미8 하4"))
    assert "3번째 음을 읽지 못했어요" in reply.content


async def test_a_mistake_in_the_menu_is_told_privately(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.slash("continue", {"melody": "g8 h4"}))
    assert "⟪h4⟫" in reply.content
    assert reply.visible_to is room.server.member


async def test_a_broken_file_in_the_menu_is_told_privately(room: Room, engine: FakeEngine) -> None:
    engine.error = BadFile("x.mid", "broken")
    member = room.person()
    reply = await member.reply(member.slash("continue", {"file": Upload("x.mid", b"MThd")}))
    assert "seems to be damaged" in reply.content
    assert reply.visible_to is room.server.member


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("song.mp3", 10, "can’t read `song.mp3`"),
        ("huge.mid", MAX_FILE + 1, "too large: 4.0 MB, and I read up to 4 MB"),
    ],
)
async def test_files_are_refused_before_they_are_fetched(
    room: Room, engine: FakeEngine, name: str, size: int, sentence: str
) -> None:
    member = room.person()
    reply = await member.reply(member.say("!continue", files=[(name, b"\0" * size)]))
    assert sentence in reply.content
    assert not engine.asked


async def test_unknown_commands_and_talk_stay_unanswered(room: Room) -> None:
    member = room.person()
    member.say("!play despacito")
    member.say("continue g8 e8")
    asked = member.say("!help")
    assert "Start a tune" in (await member.reply(asked)).content
    assert [m.author.bot for m in member.seen] == [False, False, False, True]


async def test_an_unforeseen_error_gives_a_code_and_a_trace_without_the_text(
    room: Room, engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    engine.error = ValueError("secret g8 e8 of a member")
    member = room.person()
    reply = await member.reply(member.say("!continue g8 e8"))
    code = reply.content.split("`")[1]
    assert f"error {code} in continue" in caplog.text
    assert "continue_melody" in caplog.text
    assert "secret" not in caplog.text + reply.content


async def test_our_own_faults_are_admitted(room: Room, engine: FakeEngine) -> None:
    engine.error = EngineFailed("timeout")
    member = room.person()
    assert "took me too long" in (await member.reply(member.say("!continue g8"))).content


async def test_typing_is_shown_while_it_composes(room: Room, engine: FakeEngine) -> None:
    engine.gate.clear()
    member = room.person()
    typing: list[str] = []
    room.server.hub.listen(lambda event: typing.append(event.name))
    asked = member.say("!continue g8")
    await member.until(lambda: "TYPING_START" in typing)
    engine.gate.set()
    await member.reply(asked)


async def test_one_tune_at_a_time_for_each_member(room: Room, engine: FakeEngine) -> None:
    engine.gate.clear()
    member, other = room.person(), room.administrator
    first = member.say("!continue g8")
    await soon(lambda: engine.asked)
    second = member.say("!continue e8")
    assert "still on its way" in (await member.reply(second)).content
    theirs = other.say("!continue f8")
    await soon(lambda: len(engine.asked) == 2)
    engine.gate.set()
    assert (await member.reply(first)).reference is not None
    assert (await other.reply(theirs)).attachments


async def test_the_cooldown_is_told_and_given_back(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room, room.running() as bot:
        bot.turns._rest = 60
        member = room.person()
        assert "⟪h4⟫" in (await member.reply(member.say("!continue h4"))).content
        assert (await member.reply(member.say("!continue g8"))).attachments
        assert "you can ask again <t:" in (await member.reply(member.say("!continue g8"))).content


async def test_buttons_outlive_the_bot(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            first = await member.reply(member.say("!continue", files=[("a.mid", MIDI)]))
        async with room.running():
            again = await member.reply(room.administrator.press(first, "Again"))
            assert again.reference is not None
            assert again.reference.message is first
            assert engine.asked[1].file == MIDI
            assert engine.asked[1].seed is None
            await member.reply(member.press(again, "Longer"))
            assert engine.asked[2].text.endswith("g8 g8 g4")
            assert engine.asked[2].file is None


async def test_an_expired_result_says_so_privately(room: Room) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=31)
    assert await room.store.prune(later) == 1
    reply = await member.reply(member.press(first, "Again"))
    assert "no longer remember" in reply.content
    assert reply.visible_to is room.server.member


async def test_a_double_click_makes_one_tune(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    engine.gate.clear()
    one = member.press(first, "Again")
    await soon(lambda: len(engine.asked) == 2)
    two = member.press(first, "Again")
    reply = await member.reply(two)
    assert "still on its way" in reply.content
    assert reply.visible_to is room.server.member
    engine.gate.set()
    assert (await member.reply(one)).attachments
    assert len(engine.asked) == 2


async def test_without_attach_files_the_text_comes_and_says_why(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with denied(tmp_path, engine, Permission.ATTACH_FILES) as (_, member):
        reply = await member.reply(member.say("!continue g8"))
    assert not reply.attachments
    assert "“Attach Files”" in reply.content
    assert only(engine).picture is only(engine).audio is False


async def test_where_it_may_not_write_it_says_so_in_private(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with denied(tmp_path, engine, Permission.SEND_MESSAGES) as (room, member):
        direct = room.server.direct(room.server.member)
        member.say("!continue g8")
        await member.until(lambda: direct.messages)
        (told,) = direct.messages.values()
    assert "I may not write in #tunes" in told.content
    assert not engine.asked


async def test_without_read_history_the_answer_stands_alone(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with denied(tmp_path, engine, Permission.READ_MESSAGE_HISTORY) as (_, member):
        reply = await member.reply(member.say("!continue g8"))
    assert reply.attachments
    assert reply.reference is None


async def test_a_deleted_command_is_answered_all_the_same(room: Room, engine: FakeEngine) -> None:
    engine.gate.clear()
    member = room.person()
    asked = member.say("!continue g8")
    await soon(lambda: engine.asked)
    room.server.actions.delete(asked)
    engine.gate.set()
    await member.until(lambda: [m for m in member.seen if m.author.bot and m.attachments])


async def test_what_is_too_large_is_left_out_with_a_sentence(
    room: Room, engine: FakeEngine
) -> None:
    big = File("nabi.ogg", b"\0" * (10 * 2**20 + 1))
    engine.change = lambda result: replace(result, audio=big)
    member = room.person()
    reply = await member.reply(member.say("!continue g8"))
    assert [file.filename for file in reply.attachments] == ["score.png", "nabi.mid"]
    assert "Too large for this server’s upload limit: nabi.ogg" in reply.content


async def test_what_discord_calls_too_large_is_left_out_piece_by_piece(
    room: Room, engine: FakeEngine
) -> None:
    engine.change = lambda result: replace(result, audio=File("nabi.ogg", b"\0" * 5000))
    room.server.faults.order(Fault(413, "POST", "*/messages"))
    member = room.person()
    reply = await member.reply(member.say("!continue g8"))
    assert [file.filename for file in reply.attachments] == ["score.png", "nabi.mid"]
    assert "nabi.ogg" in reply.content


async def test_when_discord_refuses_the_answer_it_is_in_the_log(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.server.faults.order(Fault(403, "POST", "*/messages", times=9))
    member = room.person()
    member.say("!continue g8")
    await soon(lambda: "explaining an error of continue" in caplog.text)
    assert "403" in caplog.text


async def test_without_the_content_intent_the_menu_still_works(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room, room.running(message_content=False):
        member = room.person()
        assert (await member.reply(member.slash("continue", {"melody": "g8"}))).attachments
        mention = member.say(f"<@{room.server.bot_user.id}> continue e8")
        assert (await member.reply(mention)).attachments


async def test_nobody_is_pinged_by_what_a_member_wrote(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!continue @everyone"))
    assert not reply.mentions


@asynccontextmanager
async def denied(
    folder: Path, engine: FakeEngine, permission: Permission
) -> AsyncIterator[tuple[Room, Driver]]:
    """Open a room in which the bot lacks a permission; give it and a member."""
    async with make_room(folder, engine) as room:
        channel = room.english.channel("tunes")
        channel.overwrites[room.server.bot_user.id] = Overwrite(1, deny=permission)
        async with room.running():
            yield room, room.person()


async def test_a_database_that_fails_costs_the_buttons_not_the_tune(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.store, "keep", full)
    member = room.person()
    reply = await member.reply(member.say("!continue g8 e8 e4 f8"))
    assert [file.filename for file in reply.attachments] == ["score.png", "nabi.ogg", "nabi.mid"]
    assert not list(reply.walk_components())
    assert "without buttons" in reply.content
    again = await member.reply(member.slash("continue", {"melody": "g8 e8"}))
    assert not list(again.walk_components())
