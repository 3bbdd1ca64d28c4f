"""The line under a tune, pasted back, gives the same tune: with the engine's own composing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from bot.asking import command_line, make_request
from engine.music import Key, Melody, Meter, Note
from engine.workers import worker
from engine.workers.stages import Composed, Primer
from tests.engine.models import write_tiny

if TYPE_CHECKING:
    from pathlib import Path

    from engine.request import Request

ELSEWHERE: dict[str, Any] = {"bars": 3, "temperature": 0.7, "style": "irish"}
"""Defaults of another server, where the line may be pasted."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("weights"))


def compose(request: Request, folder: Path, primer: Primer | None = None) -> Composed:
    seeded = request if request.seed is not None else request.but(seed=20260901)
    return worker.compose_tune(seeded, primer, folder.name, str(folder))


def pasted(tune: Composed, file: tuple[str, bytes] | None = None) -> Request:
    """Read the line under a tune as another member would send it."""
    line = command_line(tune.request, "!continue", 2000).removeprefix("!continue")
    return make_request(line, file=file, defaults=ELSEWHERE)


@pytest.mark.parametrize(
    ("text", "defaults"),
    [
        ("g8 e8 e4 f8 d8 d4", {}),
        ("솔8 미8 미4 파8 레8 레4", {}),
        ("", {}),
        ("c'4. d'8 | r4 bes8t a8t g8t", {"style": "folk"}),
        ("fis8 g8 3(a8 b8 c'8) --key F# minor --meter 6/8 --tempo 90", {}),
        ("g8 --key 올림바단조 --bars 2 --temperature 0.123456789", {}),
        ("g8 e8 --temperature 0.3333333333333333 --candidates 3", ELSEWHERE),
        ("```\ng8 e8\n``` `f4`", {"bars": 1, "temperature": 1.9, "style": "any"}),
        ("g８ ♭ e8".replace(" ♭", ""), {}),
        ("g8~ g4 | e2. ~ e8", {}),
        ("g8 " * 250, {"bars": 1}),
    ],
)
def test_the_line_gives_the_same_tune_anywhere(
    text: str, defaults: dict[str, Any], folder: Path
) -> None:
    tune = compose(make_request(text, defaults=defaults), folder)
    again = compose(pasted(tune), folder)
    assert again.melody == tune.melody
    assert again.request.but(names=None, text="") == tune.request.but(names=None, text="")


def primer(**changes: Any) -> Primer:
    quarter = Fraction(1, 4)
    notes = tuple(Note(n * quarter, quarter, pitch) for n, pitch in enumerate((67, 64, 64, 65, 62)))
    return Primer(Melody(notes, **changes))


@pytest.mark.parametrize(
    "read",
    [
        primer(),
        primer(meter=Meter(3, 4), pickup=Fraction(1, 4), key=Key(1), tempo=97.6, program=40),
        primer(meter=Meter(6, 8), pickup=Fraction(1, 8)),
    ],
)
@pytest.mark.parametrize("options", ["", "--pickup 0", "--pickup 1/16"])
def test_the_line_with_the_same_file_gives_the_same_tune(
    read: Primer, options: str, folder: Path
) -> None:
    file = ("a.mid", b"MThd")
    tune = compose(make_request(options, file=file, defaults={"bars": 2}), folder, read)
    again = compose(pasted(tune, file), folder, read)
    assert again.melody == tune.melody


def test_a_tune_that_went_on_from_a_file_is_repeated_without_it(folder: Path) -> None:
    read = primer(meter=Meter(3, 4), pickup=Fraction(1, 4), key=Key(1), tempo=97.6, program=40)
    first = compose(make_request("", file=("a.mid", b"MThd")), folder, read)
    more = first.request.but(text=first.tune, file=None, file_name="", bars=2, seed=5)
    longer = compose(more, folder)
    again = compose(pasted(longer), folder)
    assert again.melody.notes == longer.melody.notes
    assert again.melody.pickup == longer.melody.pickup == Fraction(1, 4)
