"""The buttons under a result, over a real connection."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.chat.limits import Fault
from bot.chat.model import Overwrite
from bot.chat.permissions import Permission
from bot.i18n import LOCALES, Locale
from bot.waiting import Waiting
from cogs.melody.buttons import buttons_for
from engine.errors import EngineFailed, UnknownVersion
from engine.request import File, Request
from tests.fakes import MIDI, FakeEngine, make_result
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.driver import Driver
    from bot.chat.model import Message

LABELS = ["Again", "Longer", "Wilder", "Calmer", "Edit", "Files", "Delete"]


async def made(member: Driver, text: str = "g8 e8 e4 f8") -> Message:
    return await member.reply(member.say(f"!continue {text}"))


async def gone(message: Message) -> None:
    await soon(lambda: message.deleted)


def labels(message: Message) -> list[list[str]]:
    return [[each["label"] for each in row["components"]] for row in message.components]


async def test_there_are_two_rows_of_them(room: Room) -> None:
    assert labels(await made(room.person())) == [LABELS[:4], LABELS[4:]]


async def test_their_labels_speak_the_channels_language(room: Room) -> None:
    friend = room.person(channel=room.server.channel)  # an English speaker in a Korean server
    reply = await friend.reply(friend.slash("continue", {"melody": "g8 e8"}))
    assert labels(reply)[1] == ["고치기", "파일", "지우기"]
    here = room.person()
    assert labels(await here.reply(here.slash("continue", {"melody": "g8"})))[0] == LABELS[:4]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("takes", [1, 3])
def test_labels_are_short(locale: Locale, takes: int) -> None:
    async def build() -> list[Any]:
        view = buttons_for("a" * 10, make_result(Request(takes=takes)), locale)
        assert view is not None
        children: list[Any] = view.children
        return [each.item.label for each in children]

    assert all(0 < len(label) <= 12 for label in asyncio.run(build()))


async def test_wilder_and_calmer_move_the_temperature_within_its_range(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    first = await made(member, "g8 e8 --temperature 0.2 --seed 3")
    calm = await member.reply(member.press(first, "Calmer"))
    assert engine.asked[-1] == engine.asked[0].but(
        seed=None, temperature=0.1, meter="2/4", key="C major", tempo=100, version="nabi-1",
        names=engine.asked[-1].names,
    )  # fmt: skip
    button = {each.get("label"): each for each in calm.walk_components()}
    assert button["Calmer"]["disabled"]
    assert not button["Wilder"].get("disabled")
    await member.reply(member.press(first, "Wilder"))
    assert engine.asked[-1].temperature == 0.4
    last = await made(member, "g8 --temperature 1.9")
    hot = await member.reply(member.press(last, "Wilder"))
    assert engine.asked[-1].temperature == 2.0
    assert {each.get("label"): each for each in hot.walk_components()}["Wilder"]["disabled"]


async def test_anyone_may_press_and_the_tune_is_passed_on(room: Room, engine: FakeEngine) -> None:
    first = await made(room.person())
    other = room.administrator
    for label in LABELS[:4]:
        reply = await other.reply(other.press(first, label))
        assert reply.reference is not None
        assert reply.reference.message is first
        assert reply.attachments
    assert len(engine.asked) == 5


async def test_two_at_once_each_get_a_tune(room: Room, engine: FakeEngine) -> None:
    one, two = room.person(), room.administrator
    first = await made(one)
    engine.gate.clear()
    presses = [(one, one.press(first, "Again")), (two, two.press(first, "Wilder"))]
    await soon(lambda: len(engine.asked) == 3)
    engine.gate.set()
    for who, press in presses:
        assert (await who.reply(press)).attachments


async def test_a_message_that_is_deleted_meanwhile(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await made(member)
    engine.gate.clear()
    pressed = member.press(first, "Again")
    await soon(lambda: len(engine.asked) == 2)
    room.server.actions.delete(first)
    engine.gate.set()
    assert (await member.reply(pressed)).attachments


async def test_all_of_them_outlive_the_bot_and_not_their_time(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            first = await made(member)
        async with room.running():
            for label in ("Wilder", "Calmer", "Files"):
                assert (await member.reply(member.press(first, label))).attachments
            assert (await member.answered(member.press(first, "Edit"))).modal
            later = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=31)
            await room.store.prune(later)
            for label in ("Wilder", "Files", "Edit"):
                told = await member.reply(member.press(first, label))
                assert "no longer remember" in told.content
                assert told.ephemeral


async def test_a_version_that_is_gone_costs_no_tune(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await made(member)

    def gone(request: Request) -> None:
        if request.version is not None:
            raise UnknownVersion(request.version, ("nabi-2",))

    engine.before = gone
    assert (await member.reply(member.press(first, "Again"))).attachments
    assert engine.asked[-1].version is None
    told = await member.reply(member.press(first, "Files"))
    assert "model version `nabi-1`, which is no longer there" in told.content
    assert told.ephemeral


# --- files -------------------------------------------------------------------------------


async def test_files_come_privately_and_of_that_very_tune(room: Room, engine: FakeEngine) -> None:
    first = await made(room.person(), "g8 e8 --seed 99")
    other = room.administrator
    sent = await other.reply(other.press(first, "Files"))
    assert sent.ephemeral
    assert [each.filename for each in sent.attachments] == [
        "nabi.ly", "nabi.abc", "nabi.musicxml", "nabi.wav",
    ]  # fmt: skip
    (request,) = engine.written
    assert (request.seed, request.version, request.text) == (99, "nabi-1", "g8 e8")


async def test_files_of_a_file(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue", files=[("a.mid", MIDI)]))
    await member.reply(member.press(first, "Files"))
    assert engine.written[0].file == MIDI


async def test_files_that_are_too_large_are_named(room: Room, engine: FakeEngine) -> None:
    engine.formats = (File("nabi.ly", b"x"), File("nabi.wav", b"\0" * (10 * 2**20 + 1)))
    member = room.person()
    first = await made(member)
    sent = await member.reply(member.press(first, "Files"))
    assert [each.filename for each in sent.attachments] == ["nabi.ly"]
    assert "nabi.wav" in sent.content
    engine.formats = (File("nabi.ly", b"x"), File("nabi.wav", b"\0" * 9999))
    room.server.faults.order(Fault(413, "POST", "*/webhooks/*"))
    sent = await member.reply(member.press(first, "Files"))
    assert [each.filename for each in sent.attachments] == ["nabi.ly"]


async def test_files_are_asked_for_once_at_a_time_and_need_no_rest(
    room: Room, engine: FakeEngine
) -> None:
    room.bot.turns._rest = 60
    member = room.person()
    first = await made(member)
    engine.gate.clear()
    pressed = member.press(first, "Files")
    await soon(lambda: engine.written)
    told = await member.reply(member.press(first, "Files"))
    assert "still on its way" in told.content
    engine.gate.set()
    assert (await member.reply(pressed)).attachments
    assert (await member.reply(member.press(first, "Files"))).attachments


async def test_an_engine_that_fails_is_told_privately(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await made(member)
    engine.error = EngineFailed("timeout")
    for label in ("Files", "Again"):
        told = await member.reply(member.press(first, label))
        assert told.ephemeral
        assert "took me too long" in told.content


async def test_where_files_may_not_be_attached(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room:
        channel = room.english.channel("tunes")
        channel.overwrites[room.server.bot_user.id] = Overwrite(1, deny=Permission.ATTACH_FILES)
        async with room.running():
            member = room.person()
            first = await made(member)
            told = await member.reply(member.press(first, "Files"))
            assert "I may not attach files" in told.content
            again = await member.reply(member.press(first, "Again"))
            assert not again.attachments
            assert "Attach Files" in again.content


# --- delete ------------------------------------------------------------------------------


async def test_the_author_and_moderators_may_delete(room: Room) -> None:
    member, moderator = room.person(), room.administrator
    first, second = await made(member), await made(member)
    theirs = await moderator.reply(moderator.press(first, "Again"))
    told = await member.reply(member.press(theirs, "Delete"))
    assert "Only the one who asked" in told.content
    assert told.ephemeral
    await member.answered(member.press(first, "Delete"))
    await gone(first)
    await moderator.answered(moderator.press(second, "Delete"))
    await gone(second)
    assert not theirs.deleted


async def test_what_is_deleted_is_not_remembered(room: Room) -> None:
    member = room.person()
    first = await made(member)
    (name,) = {
        each["custom_id"].split(":")[2] for each in first.walk_components() if "label" in each
    }
    assert await room.store.find(name) is not None
    await member.answered(member.press(first, "Delete"))
    await gone(first)
    assert await room.store.find(name) is None


async def test_an_expired_result_can_still_be_deleted_by_its_author(room: Room) -> None:
    member, friend = room.person(), room.person(room.server.friend)
    room.server.places.join(room.english, room.server.friend)
    typed = await made(member)
    chosen = await member.reply(member.slash("continue", {"melody": "g8"}))
    await room.store.prune(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=31))
    for message in (typed, chosen):
        assert "Only the one" in (await friend.reply(friend.press(message, "Delete"))).content
        await member.answered(member.press(message, "Delete"))
        await gone(message)


async def test_two_who_delete_at_once(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    member, moderator = room.person(), room.administrator
    first = await made(member)
    pressed = member.press(first, "Delete"), moderator.press(first, "Delete")
    for who, press in zip((member, moderator), pressed, strict=True):
        await who.answered(press)
    await gone(first)
    assert "error" not in caplog.text


# --- edit --------------------------------------------------------------------------------


def shown(asked: object) -> dict[str, str]:
    modal = getattr(asked, "modal", None) or {}
    return {each["label"]: each["component"].get("value", "") for each in modal["components"]}


async def test_edit_opens_with_notes_and_options(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await made(member, "g8 e8 e4 --seed 5 --bars 4")
    other = room.administrator
    asked = await other.answered(other.press(first, "Edit"))
    fields = shown(asked)
    assert fields["Notes"] == "g8 e8 e4"
    assert fields["Options"].startswith("--seed 5 --bars 4 --temperature 1")
    sent = other.fill(asked, {"Notes": "c4 d4", "Options": "--bars 2 --seed 8"})
    reply = await other.reply(sent)
    assert reply.reference is not None
    assert reply.reference.message is first
    request = engine.asked[-1]
    assert (request.text, request.bars, request.seed) == ("c4 d4", 2, 8)


async def test_what_cannot_be_read_is_marked_and_kept(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await made(member)
    asked = await member.answered(member.press(first, "Edit"))
    told = await member.reply(member.fill(asked, {"Notes": "g8 h4 f8", "Options": "--bars 3"}))
    assert told.ephemeral
    assert "⟪h4⟫" in told.content
    asked = await member.answered(member.press(told, "Keep editing"))
    assert shown(asked) == {"Notes": "g8 h4 f8", "Options": "--bars 3"}
    told = await member.reply(member.fill(asked, {"Notes": "g8 f8", "Options": "--bras 3"}))
    assert "Did you mean `--bars`?" in told.content
    asked = await member.answered(member.press(told, "Keep editing"))
    assert (await member.reply(member.fill(asked, {"Options": "--bars 3"}))).attachments
    assert (engine.asked[-1].text, engine.asked[-1].bars) == ("g8 f8", 3)


async def test_a_rest_costs_nothing_that_was_typed(room: Room) -> None:
    member = room.person()
    first = await made(member)
    asked = await member.answered(member.press(first, "Edit"))
    room.bot.turns._rest = 60
    await made(member)
    told = await member.reply(member.fill(asked, {"Notes": "c4 d4"}))
    assert "you can ask again" in told.content
    asked = await member.answered(member.press(told, "Keep editing"))
    assert shown(asked)["Notes"] == "c4 d4"


async def test_a_file_is_kept_unless_notes_are_typed(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue", files=[("a.mid", MIDI)]))
    asked = await member.answered(member.press(first, "Edit"))
    assert shown(asked)["Notes"] == ""
    await member.reply(member.fill(asked, {"Options": "--bars 2"}))
    assert (engine.asked[-1].file, engine.asked[-1].file_name) == (MIDI, "a.mid")
    asked = await member.answered(member.press(first, "Edit"))
    await member.reply(member.fill(asked, {"Notes": "c4"}))
    assert (engine.asked[-1].file, engine.asked[-1].text) == (None, "c4")


async def test_a_tune_too_long_for_the_form_is_kept(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    long = "g8 e8 " * 700
    first = await member.reply(member.say("!continue", files=[("message.txt", long.encode())]))
    asked = await member.answered(member.press(first, "Edit"))
    assert shown(asked)["Notes"] == ""
    await member.reply(member.fill(asked, {"Options": "--bars 2"}))
    assert engine.asked[-1].text.split() == long.split()


async def test_upbeat_and_instrument_are_kept(room: Room, engine: FakeEngine) -> None:
    engine.change = lambda result: replace(
        result, request=result.request.but(pickup="1/8", program=40)
    )
    member = room.person()
    first = await made(member, "g8 e8")
    asked = await member.answered(member.press(first, "Edit"))
    options = shown(asked)["Options"]
    assert "--pickup 1/8" in options
    await member.reply(member.fill(asked, {"Notes": "c4"}))
    assert (engine.asked[-1].pickup, engine.asked[-1].program) == ("1/8", 40)
    asked = await member.answered(member.press(first, "Edit"))
    without = options.replace("--pickup 1/8", "")
    await member.reply(member.fill(asked, {"Options": without}))
    assert (engine.asked[-1].pickup, engine.asked[-1].program) == (None, 40)


# --- other places ------------------------------------------------------------------------


async def test_they_work_in_threads_and_direct_messages(room: Room) -> None:
    member = room.person()
    start = member.say("let us sing")
    thread = room.server.people.start_thread(member.user, start, "songs")
    for channel in (thread, room.server.direct(member.user)):
        there = room.person(channel=channel)
        first = await there.reply(there.slash("continue", {"melody": "g8"}))
        again = await there.reply(there.press(first, "Again"))
        assert again.reference is not None
        assert again.reference.message is first
        await there.answered(there.press(again, "Delete"))
        await gone(again)


async def test_files_that_are_all_too_large_are_not_said_to_be_there(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    room.server.state.upload_limit = 1
    told = await member.reply(member.press(first, "Files"))
    assert not told.attachments
    assert told.content.startswith("Too large for this server’s upload limit: nabi.ly")


async def test_a_sound_that_was_shortened_for_the_place_is_told(
    room: Room, engine: FakeEngine
) -> None:
    engine.formats = (File("nabi.ly", b"ly"), File("nabi.wav", b"RIFF", lightened=True))
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    told = await member.reply(member.press(first, "Files"))
    assert told.content.endswith("To keep to this server’s upload limit: shorter WAV file.")
    assert engine.terms[-1] == (room.english.id, 10 * 2**20)


async def test_a_sound_of_a_part_is_told(room: Room, engine: FakeEngine) -> None:
    engine.formats = (File("nabi.ly", b"ly"), File("nabi.wav", b"RIFF", excerpt=True))
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    told = await member.reply(member.press(first, "Files"))
    assert "The MIDI file has it all." in told.content


async def test_files_show_their_place_in_the_queue_to_the_one_who_waits(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = Waiting.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "patience", 0.0)
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    engine.gate.clear()
    pressed = member.press(first, "Files")
    await soon(lambda: engine.written)
    engine.told[-1](2)
    shown = await member.reply(pressed)
    assert "you are number 2 in the queue" in shown.content
    assert shown.visible_to is member.user
    engine.gate.set()
    await member.until(lambda: shown.attachments)
    assert shown.content.startswith("The same tune")
    assert len([each for each in member.seen if each.visible_to]) == 1
