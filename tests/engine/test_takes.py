"""Several takes: their seeds, that they differ, and that they come back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from engine.errors import EngineFailed
from engine.music import Melody, Note
from engine.registry import Registry
from engine.request import File, Request
from engine.service import Engine
from engine.takes import compose_takes, take_seeds, takes_text
from engine.workers.stages import Composed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from engine.request import Result


SEEDS = [7, 1713647009, 1778213584, 1451556195]
"""What every version must give, so that takes come back."""


def composed(request: Request, pitch: int, text: str = "  c4 |\n» d4 |") -> Composed:
    quarter = Fraction(1, 4)
    melody = Melody((Note(Fraction(0), quarter, pitch),))
    chosen = request.but(meter="3/4", key="G major", tempo=90, version="one", pickup="0")
    return Composed(melody, quarter, "letters", chosen, (), text, "c4", b"MThd", None, {})


def singer(pitch_of: Callable[[int], int]) -> tuple[list[Request], Callable[[Request], object]]:
    """Make a composer whose melody is one note, by how many were composed before."""
    asked: list[Request] = []

    async def compose(request: Request) -> Composed:
        asked.append(request)
        await asyncio.sleep(0)
        return composed(request, pitch_of(asked.index(request)))

    return asked, compose


def test_seeds_follow_from_one_for_ever() -> None:
    assert list(islice(take_seeds(7), 4)) == SEEDS
    many = list(islice(take_seeds(2**31 - 1), 1000))
    assert len(set(many)) == 1000
    assert all(0 <= seed < 2**31 for seed in many)


async def test_one_take_is_what_was_asked_for() -> None:
    asked, compose = singer(lambda n: 60 + n)
    tunes = await compose_takes(compose, Request(seed=7))  # type: ignore[arg-type]  # a stand-in
    assert len(tunes) == 1
    assert asked == [Request(seed=7)]


async def test_the_first_settles_the_frame_of_all() -> None:
    asked, compose = singer(lambda n: 60 + n)
    tunes = await compose_takes(compose, Request(seed=7, takes=3))  # type: ignore[arg-type]  # likewise
    assert [tune.melody.notes[0].pitch for tune in tunes] == [60, 61, 62]
    assert asked[0] == Request(seed=7, takes=3)
    for request in asked[1:]:
        assert (request.meter, request.key, request.tempo) == ("3/4", "G major", 90)
        assert request.version == "one"
    assert [request.seed for request in asked] == list(islice(take_seeds(7), 3))


async def test_what_is_the_same_is_drawn_again() -> None:
    asked, compose = singer(lambda n: [60, 60, 61, 61, 60, 62][n])
    tunes = await compose_takes(compose, Request(seed=7, takes=3))  # type: ignore[arg-type]  # likewise
    assert [tune.melody.notes[0].pitch for tune in tunes] == [60, 61, 62]
    assert [request.seed for request in asked] == list(islice(take_seeds(7), 6))
    assert [request.candidates for request in asked] == [16, 16, 16, 8, 4, 2]


async def test_where_there_is_one_tune_only_there_is_one() -> None:
    asked, compose = singer(lambda _: 60)
    assert len(await compose_takes(compose, Request(seed=7, takes=3))) == 1  # type: ignore[arg-type]  # likewise
    assert len(asked) == 9


async def test_an_error_of_any_take_is_the_requests() -> None:
    async def compose(request: Request) -> Composed:
        if request.seed != 7:
            raise EngineFailed("crashed")
        return composed(request, 60)

    with pytest.raises(EngineFailed):
        await compose_takes(compose, Request(seed=7, takes=2))


def test_the_primer_is_written_once() -> None:
    tunes = [composed(Request(), 60), composed(Request(), 61, "  c4 |\n  e4 |\n» f4 |\n» g4 |")]
    assert takes_text(tunes) == "[1]\n  c4 |\n» d4 |\n\n[2]\n» f4 |\n» g4 |"
    assert takes_text([replace(tunes[0], text="x")]) == "x"
    assert takes_text([tunes[0], replace(tunes[1], text="⋯")]).endswith("[2]\n⋯")


# --- the engine as it is shipped ---------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(Registry())
    await engine.start()
    yield engine
    await engine.close()


def whole(result: Result) -> tuple[object, ...]:
    return (result.text, result.tunes, tuple(file.data for file in result.files))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("text", ["g8 e8 e4 f8 d8 d4", "솔8 미8", ""])
async def test_takes_differ_and_come_back(engine: Engine, text: str) -> None:
    request = Request(text=text, bars=2, takes=3, seed=11, form="abc")
    result = await engine.continue_melody(request)
    assert [file.name for file in result.files] == [
        "score.png", "nabi-1.ogg", "nabi-2.ogg", "nabi-3.ogg",
        "nabi-1.mid", "nabi-2.mid", "nabi-3.mid", "nabi-1.abc", "nabi-2.abc", "nabi-3.abc",
    ]  # fmt: skip
    assert len(set(result.tunes)) == 3
    assert len({take.midi.data for take in result.takes}) == 3
    assert all(tune.startswith(result.tunes[0][:5]) for tune in result.tunes) == bool(text)
    assert result.request.takes == 3
    assert result.text.count("[") == 3
    # What the line that is shown says is enough to get them again.
    typed = result.request.but(pickup=None, program=None)
    assert whole(await engine.continue_melody(typed)) == whole(result)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_first_take_is_what_the_seed_gives_alone(engine: Engine) -> None:
    three = await engine.continue_melody(Request(text="g8 e8 e4", bars=2, takes=3, seed=3))
    one = await engine.continue_melody(Request(text="g8 e8 e4", bars=2, seed=3))
    assert three.takes[0].midi.data == one.midi.data
    assert not one.takes
    assert one.files[-1].name == "nabi.mid"


@pytest.mark.asyncio(loop_scope="module")
async def test_takes_are_written_in_every_format(engine: Engine) -> None:
    request = Request(text="g8 e8 e4", bars=1, takes=2, seed=3, form="abc")
    result = await engine.continue_melody(request)
    files = {file.name: file.data for file in await engine.write_formats(result.request)}
    assert sorted(files) == sorted(
        f"nabi-{n}.{suffix}" for n in (1, 2) for suffix in ("ly", "abc", "musicxml", "wav")
    )
    assert [take.extra for take in result.takes] == [
        File(name, files[name]) for name in ("nabi-1.abc", "nabi-2.abc")
    ]
    assert files["nabi-1.abc"] != files["nabi-2.abc"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_very_cold_request_gives_fewer(engine: Engine) -> None:
    request = Request(text="g8 e8 e4", bars=1, takes=3, seed=3, temperature=0.1, candidates=1)
    result = await engine.continue_melody(request)
    assert len(result.tunes) == len(set(result.tunes)) <= 3
