"""The whole engine as it is shipped: real processes, real model, real files."""

from __future__ import annotations

import asyncio
import io
import zipfile
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from engine.errors import BadFile, BadToken, TooLong
from engine.formats.midi import write_midi
from engine.music import Melody, Meter, Note
from engine.registry import Registry
from engine.request import Request, Result
from engine.service import Engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

NABI = "g8 e8 e4 f8 d8 d4"
ABC = b"X:1\nT:Air\nM:6/8\nL:1/8\nQ:3/8=90\nK:G\nG2A B2c|d3 d3|\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(Registry())
    await engine.start()
    yield engine
    await engine.close()


def long_tune(count: int) -> bytes:
    eighth = Fraction(1, 8)
    notes = tuple(Note(i * eighth, eighth, 60 + (i * 5) % 12) for i in range(count))
    return write_midi(Melody(notes, Meter(4, 4), tempo=100))


def parts(result: Result) -> tuple[bytes, ...]:
    """Give everything that must be the same when a request is repeated."""
    assert result.picture is not None
    assert result.audio is not None
    text = f"{result.text}\n{result.tune}".encode()
    return text, result.midi.data, result.picture.data, result.audio.data


@pytest.mark.parametrize("text", [NABI, "솔8 미8 미4 파8", "c4", ""])
async def test_a_typed_tune_comes_back_in_every_form(engine: Engine, text: str) -> None:
    result = await engine.continue_melody(Request(text=text, bars=4, seed=7))
    written, midi, picture, audio = parts(result)
    assert midi.startswith(b"MThd")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert audio.startswith(b"OggS")
    assert written
    assert ("솔" in result.text) == ("솔" in text)
    assert result.new_notes > 0
    assert {"parse", "compose", "write", "picture", "audio", "total"} <= result.seconds.keys()


@pytest.mark.parametrize("text", [NABI, "솔8 미8 미4 파8", "c4", ""])
async def test_the_result_tells_all_that_is_needed_to_do_it_again(
    engine: Engine, text: str
) -> None:
    first = await engine.continue_melody(Request(text=text, bars=4))
    second = await engine.continue_melody(first.request)
    assert parts(first) == parts(second)
    assert second.request == first.request


async def test_another_engine_gives_the_same_tune(engine: Engine) -> None:
    other = Engine(Registry(), workers=1)
    await other.start()
    request = Request(text=NABI, seed=11, bars=4)
    assert parts(await other.continue_melody(request)) == parts(
        await engine.continue_melody(request)
    )
    await other.close()


async def test_again_differs_and_longer_goes_on(engine: Engine) -> None:
    first = await engine.continue_melody(Request(text=NABI, bars=4, seed=3))
    again = await engine.continue_melody(first.again())
    longer = await engine.continue_melody(first.longer(4))
    assert again.midi.data != first.midi.data
    assert longer.primer_notes == first.primer_notes + first.new_notes
    assert longer.request.meter == first.request.meter
    assert longer.request.key == first.request.key


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [("air.abc", ABC, "abc"), ("long.mid", long_tune(40), "midi")],
)
async def test_a_file_comes_back_continued(
    engine: Engine, name: str, data: bytes, form: str
) -> None:
    request = Request(file=data, file_name=name, bars=2, seed=1)
    result = await engine.continue_melody(request)
    assert result.taken is not None
    assert result.taken.format == form
    assert result.picture is not None
    repeated = await engine.continue_melody(result.request)
    assert repeated.midi.data == result.midi.data


async def test_musicxml_goes_out_and_comes_in(engine: Engine) -> None:
    made = await engine.continue_melody(Request(text=NABI, bars=2, seed=1, form="musicxml"))
    assert made.extra is not None
    read = await engine.continue_melody(
        Request(file=made.extra.data, file_name=made.extra.name, bars=2, seed=1)
    )
    assert read.primer_notes == made.primer_notes + made.new_notes
    assert read.request.meter == made.request.meter


@pytest.mark.parametrize(
    ("form", "begin"), [("wav", b"RIFF"), ("lilypond", b"\\version"), ("abc", b"%abc")]
)
async def test_a_further_format_is_made(engine: Engine, form: str, begin: bytes) -> None:
    request = Request(text=NABI, bars=2, seed=1, form=form, audio=False)  # type: ignore[arg-type]
    result = await engine.continue_melody(request)
    assert result.extra is not None
    assert result.extra.data.lstrip().startswith(begin)
    assert result.audio is None


async def test_options_win_over_the_file(engine: Engine) -> None:
    request = Request(
        file=ABC, file_name="air.abc", bars=2, meter="3/4", key="Em", tempo=140, program=73
    )
    asked = (await engine.continue_melody(request)).request
    assert (asked.meter, asked.key, asked.tempo, asked.program) == ("3/4", "E minor", 140, 73)


async def test_thousands_of_notes_come_back(engine: Engine) -> None:
    data = long_tune(4_000)
    result = await engine.continue_melody(Request(file=data, file_name="long.mid", bars=2))
    assert result.primer_notes == 4_000
    assert result.picture is not None
    assert result.audio is not None
    longer = await engine.continue_melody(result.longer(2))
    assert longer.new_notes > 0


async def test_a_bad_token_is_named(engine: Engine) -> None:
    with pytest.raises(BadToken) as caught:
        await engine.continue_melody(Request(text="g8 e8 wrong f8"))
    assert caught.value.place == 3


def archive(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/"), content)
    return data.getvalue()


HOSTILE = {
    "endless delta.mid": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\x0f\xff\xf0" + b"\xff" * 2**20,
    "header only.mid": b"MThd\0\0\0\6\0\1\xff\xff\0\x60",
    "laughs.musicxml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(12))
    + b"]><score-partwise>&m;</score-partwise>",
    "file.musicxml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<score-partwise><work><work-title>&x;</work-title></work></score-partwise>",
    "deep.musicxml": b"<score-partwise>" + b"<a>" * 200_000,
    "bomb.mxl": archive(**{"META-INF__container.xml": b"\0" * 2**28, "score.xml": b"\0" * 2**28}),
    "nested.abc": b"X:1\nK:C\n" + b"(3" * 100_000 + b"c",
    "repeats.abc": b"X:1\nL:1/8\nK:C\n" + b"|:" * 50_000 + b"c" + b":|" * 50_000,
    "noise.bin": bytes(range(256)) * 4_000,
    "../../etc/passwd\0.mid": b"MThd",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_files_are_refused_or_read_and_harm_nobody(engine: Engine, name: str) -> None:
    workers = engine._workers.pids
    request = Request(file=HOSTILE[name], file_name=name, bars=1)
    (outcome,) = await asyncio.gather(engine.continue_melody(request), return_exceptions=True)
    if isinstance(outcome, Result):
        assert "root:" not in outcome.text
    else:
        assert isinstance(outcome, BadFile | TooLong)
    fine = await engine.continue_melody(Request(text="c4", bars=1, picture=False, audio=False))
    assert fine.new_notes > 0
    assert engine._workers.pids == workers
