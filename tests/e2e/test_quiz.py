"""A round of the guessing game, with nothing replaced."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
import soundfile

from bot.riddles import _compose
from engine.famous import can_be_told_apart, famous

if TYPE_CHECKING:
    from cogs.quiz.cog import QuizCog
    from tests.rooms import Room

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_round_with_a_famous_tune_and_one_of_its_own(room: Room) -> None:
    rounds = cast("QuizCog", room.bot.get_cog("quiz")).rounds
    rounds.length = timedelta(minutes=10)
    over = asyncio.Event()
    rounds.sleep = lambda _seconds: over.wait()
    member = room.person(channel=room.server.direct(room.server.member))
    member.patience = 60
    message = await member.reply(member.say("!quiz"))
    assert [file.filename for file in message.attachments] == ["quiz.png", "a.ogg", "b.ogg"]
    picture, *sounds = message.attachments
    assert (picture.width or 0) > 500
    assert (picture.height or 0) > 500
    (a, rate), (b, _) = (soundfile.read(io.BytesIO(sound.data)) for sound in sounds)
    assert abs(len(a) - len(b)) < rate  # as long as each other
    opening = 3 * rate
    ratio = abs(a[:opening]).mean() / abs(b[:opening]).mean()
    assert 0.7 < ratio < 1.4  # neither is louder where both are the same
    confirmed = await member.reply(member.press(message, "A"))
    assert "**A**" in confirmed.content
    over.set()
    await member.until(lambda: "was the real one" in message.content)
    assert any(tune.title["en"] in message.content for tune in famous().values())
    assert "The only vote" in message.content


@pytest.mark.slow
async def test_no_famous_tune_is_known_too_well_to_be_played(room: Room) -> None:
    for tune in famous().values():
        chosen, mine = await _compose(room.bot.engine.continue_melody, [tune] * 3)
        assert can_be_told_apart(chosen, mine), tune.name
