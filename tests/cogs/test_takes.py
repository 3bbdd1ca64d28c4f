"""Several takes in one message, over a real connection."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.i18n import LOCALES, Locale
from cogs.melody.reply import MAX_CONTENT, build_reply
from engine.request import File, Request, Result
from tests.fakes import FakeEngine, make_result
from tests.rooms import Room, make_room

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.model import Message


def labels(message: Message) -> list[list[str]]:
    return [[each["label"] for each in row["components"]] for row in message.components]


async def test_takes_come_in_one_message_with_a_button_each(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8 e8 --takes 3 --seed 5"))
    assert [each.filename for each in first.attachments] == [
        "score.png", "nabi-1.ogg", "nabi-2.ogg", "nabi-3.ogg",
        "nabi-1.mid", "nabi-2.mid", "nabi-3.mid",
    ]  # fmt: skip
    assert "--seed 5 --bars 8 --temperature 1 --takes 3 " in first.content
    assert labels(first) == [
        ["Go on from 1", "Go on from 2", "Go on from 3"],
        ["Again", "Wilder", "Calmer"],
        ["Edit", "Files", "Delete"],
    ]
    other = room.administrator
    await other.reply(other.press(first, "Go on from 2"))
    assert (engine.asked[-1].text, engine.asked[-1].takes) == ("g8 e8 e4 c2", 1)
    again = await other.reply(other.press(first, "Again"))
    assert (engine.asked[-1].text, engine.asked[-1].takes) == ("g8 e8", 3)
    assert len(again.attachments) == 7
    line = next(part for part in first.content.split("`") if part.startswith("!continue"))
    await member.reply(member.say(line))
    assert (engine.asked[-1].takes, engine.asked[-1].seed) == (3, 5)


async def test_takes_are_an_option_of_the_menu_and_of_the_form(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    first = await member.reply(member.slash("continue", {"melody": "g8", "takes": 2}))
    assert labels(first)[0] == ["Go on from 1", "Go on from 2"]
    asked = await member.answered(member.press(first, "Edit"))
    await member.reply(member.fill(asked, {"Options": "--takes 3"}))
    assert engine.asked[-1].takes == 3
    told = await member.reply(member.say("!continue g8 --takes 4"))
    assert "1–3" in told.content


async def test_every_format_of_takes_fits_into_one_message(room: Room, engine: FakeEngine) -> None:
    member = room.person()

    def with_extra(result: Result) -> Result:
        takes = tuple(
            replace(take, extra=File(f"nabi-{n}.ly", b"x"))
            for n, take in enumerate(result.takes, start=1)
        )
        return replace(result, takes=takes)

    engine.change = with_extra
    first = await member.reply(member.say("!continue g8 --takes 3 --as lilypond"))
    assert len(first.attachments) == 10
    engine.formats = tuple(File(f"nabi-{n}.x", b"x") for n in range(12))
    pressed = member.press(first, "Files")
    one, two = await member.reply(pressed), await member.reply(pressed, 2)
    assert (len(one.attachments), len(two.attachments)) == (10, 2)
    assert one.ephemeral
    assert two.ephemeral


async def test_a_reply_to_takes_goes_on_from_the_first(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8 --takes 2"))
    await member.reply(member.say("!continue", reply_to=first))
    assert (engine.asked[-1].text, engine.asked[-1].takes) == ("g8 e8 e4 c1", 1)


async def test_buttons_of_takes_outlive_the_bot(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        async with room.running():
            first = await member.reply(member.say("!continue g8 --takes 3"))
        async with room.running():
            await member.reply(member.press(first, "Go on from 3"))
            assert engine.asked[-1].text == "g8 e8 e4 c3"


async def test_what_is_too_large_is_left_out_of_takes(room: Room, engine: FakeEngine) -> None:
    def heavy(result: Result) -> Result:
        first, *others = result.takes
        big = File("nabi-1.ogg", b"\0" * (10 * 2**20 + 1))
        return replace(result, takes=(replace(first, audio=big), *others))

    engine.change = heavy
    member = room.person()
    first = await member.reply(member.say("!continue g8 --takes 3"))
    assert len(first.attachments) == 6
    assert "nabi-1.ogg" in first.content


@pytest.mark.parametrize("locale", LOCALES)
def test_fewer_takes_than_wanted_are_told(locale: Locale) -> None:
    three = make_result(Request(text="g8", takes=3))
    for count, there in ((1, ()), (2, three.takes[:2])):
        content = build_reply(replace(three, takes=there), locale).content
        assert "--temperature`" in content
        assert "3" in content.splitlines()[-1]
        assert len(content) <= MAX_CONTENT
        assert (str(count) in content.splitlines()[-1]) == (count == 2)
    assert "--temperature`" not in build_reply(three, locale).content
