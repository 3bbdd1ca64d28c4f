"""A tune, from what a member types to what the member gets, with nothing replaced."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
import soundfile

from bot.chat.state import Upload
from bot.trial import describe
from engine.codes import parse_codes
from engine.formats.midi import write_midi
from engine.formats.reading import read_file
from tests.rooms import make_room

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.driver import Driver
    from bot.chat.model import Message
    from engine.service import Engine
    from tests.rooms import Room

pytestmark = pytest.mark.asyncio(loop_scope="package")

BUTTERFLY = "g8 e8 e4 f8 d8 d4"


@pytest.fixture
def member(room: Room) -> Driver:
    driver = room.person()
    driver.patience = 60
    return driver


def pasted(reply: Message) -> str:
    """Find the line that can be pasted back."""
    match = re.search(r"`(!continue [^`]+)`", reply.content)
    assert match is not None
    return match[1]


def midi_of(reply: Message) -> bytes:
    return reply.attachment("nabi.mid").data


async def test_typed_notes_come_back_as_score_picture_sound_and_midi(member: Driver) -> None:
    reply = await member.reply(member.say(f"!continue {BUTTERFLY} --bars 4 --seed 7"))
    whole, shown = describe(reply)
    assert whole, shown
    picture = reply.attachment("score.png")
    assert (picture.width or 0) > 500
    assert (picture.height or 0) > 100
    sound, rate = soundfile.read(io.BytesIO(reply.attachment("nabi.ogg").data))
    assert 5 < len(sound) / rate < 60
    assert abs(sound).max() > 0.1
    assert len(read_file(midi_of(reply), "nabi.mid")[0].notes) > 10


async def test_the_pasted_line_brings_back_the_same_tune(member: Driver) -> None:
    first = await member.reply(member.say(f"!continue {BUTTERFLY} --bars 4"))
    second = await member.reply(member.say(pasted(first)))
    assert midi_of(second) == midi_of(first)
    assert pasted(second) == pasted(first)


async def test_the_menu_gives_the_same_as_the_typed_line(member: Driver) -> None:
    typed = await member.reply(member.say(f"!continue {BUTTERFLY} --bars 2 --seed 5"))
    chosen = await member.reply(
        member.slash("continue", {"melody": BUTTERFLY, "bars": 2, "seed": 5})
    )
    assert midi_of(chosen) == midi_of(typed)


async def test_solfege_is_answered_in_solfege_and_korean(room: Room) -> None:
    driver = room.person(channel=room.server.channel)
    driver.patience = 60
    reply = await driver.reply(driver.say("!continue 솔8 미8 미4 파8 레8 레4 --bars 2 --seed 3"))
    assert "솔8 미8 미4" in reply.content
    assert "제가 짐작한 것" in reply.content


async def test_a_midi_file_is_read_and_continued(member: Driver) -> None:
    data = write_midi(parse_codes(BUTTERFLY).melody)
    reply = await member.reply(
        member.say("!continue --bars 2 --seed 1", files=[("Butterfly.mid", data)])
    )
    assert "From Butterfly.mid:" in reply.content
    old = read_file(data, "a.mid")[0].notes
    new = read_file(midi_of(reply), "b.mid")[0].notes
    assert [note.pitch for note in new[: len(old)]] == [note.pitch for note in old]
    assert len(new) > len(old)


async def test_a_friends_file_is_continued_by_replying(member: Driver, room: Room) -> None:
    data = b"X:1\nT:Butterfly\nM:2/4\nL:1/8\nK:C\nGE E2|FD D2|\n"
    shown = room.administrator.say("do you know this?", files=[("butterfly.abc", data)])
    reply = await member.reply(member.say("!continue --bars 2", reply_to=shown))
    assert "From butterfly.abc:" in reply.content
    assert "--meter 2/4" in pasted(reply)


@pytest.mark.parametrize("name", ["broken.mid", "broken.musicxml", "broken.mxl", "broken.abc"])
async def test_a_broken_file_is_named(member: Driver, name: str) -> None:
    asked = member.say("!continue", files=[(name, b"MThd\0\0\0\6\0\1nonsense")])
    reply = await member.reply(asked)
    assert f"`{name}`" in reply.content
    assert not reply.attachments


@pytest.mark.parametrize(
    ("form", "name", "start"),
    [
        ("lilypond", "nabi.ly", b"\\"),
        ("abc", "nabi.abc", b"X:"),
        ("musicxml", "nabi.musicxml", b"<"),
    ],
)
async def test_further_formats(member: Driver, form: str, name: str, start: bytes) -> None:
    reply = await member.reply(
        member.slash("continue", {"melody": "c4 d4", "bars": 1, "as": form, "seed": 1})
    )
    assert start in reply.attachment(name).data


async def test_an_invented_tune(member: Driver) -> None:
    reply = await member.reply(member.say("!continue --bars 4 --meter 3/4 --key Am --seed 2"))
    assert "--meter 3/4 --key Am" in pasted(reply)
    assert "all of it is new" in reply.content


async def test_again_differs_and_longer_goes_on(member: Driver, room: Room) -> None:
    first = await member.reply(member.say(f"!continue {BUTTERFLY} --bars 4 --seed 7"))
    again = await member.reply(room.administrator.press(first, "Again"))
    assert midi_of(again) != midi_of(first)
    longer = await member.reply(member.press(first, "Longer"))
    old = read_file(midi_of(first), "a.mid")[0].notes
    new = read_file(midi_of(longer), "b.mid")[0].notes
    assert [n.pitch for n in new[: len(old)]] == [n.pitch for n in old]
    assert [n.onset for n in new[: len(old)]] == [n.onset for n in old]


async def test_buttons_work_after_a_restart(tmp_path: Path, engine: Engine) -> None:
    file = Upload("a.abc", b"X:1\nM:3/4\nL:1/4\nK:G\nGBd|\n")
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        member.patience = 60
        async with room.running():
            first = await member.reply(member.slash("continue", {"file": file, "bars": 2}))
        async with room.running():
            again = await member.reply(member.press(first, "Again"))
    assert again.reference is not None
    assert again.reference.message is first
    assert "From a.abc:" in again.content
    assert midi_of(again) != midi_of(first)


async def test_a_mistake_costs_nothing(member: Driver) -> None:
    wrong = await member.reply(member.say("!continue g8 e8 h4 f8"))
    assert "`g8 e8 ⟪h4⟫ f8`" in wrong.content
    assert not wrong.attachments
    right = await member.reply(member.say("!continue g8 e8 e4 f8 --bars 1"))
    assert right.attachments


async def test_an_unknown_version_is_told_with_those_that_exist(member: Driver) -> None:
    reply = await member.reply(member.say("!continue g8 --version best"))
    assert "no model version `best`. There are: nabi-2" in reply.content
