from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.music import Key, Melody, Meter, Note
from engine.score import picture
from engine.score.fonts import width
from engine.score.picture import DARK, LIGHT, MARGIN, WIDTH, draw, score_svg
from tests.engine.score.melodies import BUTTERFLY, tune, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.codes import Names

SVG = "{http://www.w3.org/2000/svg}"
BLUE = (0x15, 0x65, 0xC0)
BLACK = (0, 0, 0)

TUNES = {
    "butterfly": tune(BUTTERFLY, "2/4"),
    "accidentals": tune("g#4 a8 f##8 eb4 d8 c#'8 bbb4 b2.", key="Am"),
    "jig": tune("d8 g8 a8 b8 b8 a8 g8 d'8 b8 g8 a8 g8 e8 d4.", "6/8", "G", "1/8"),
    "dotted": tune("e4. f8 g4 a8. g16 f4 e4 d2~ d4~ d8 c8", "3/4", "Eb"),
    "triplets": tune("c8t d8t e8t f4 g4t a8t b8t r8t c'8t c2 d4", key="D"),
    "extremes": tune("c,,,,4 c''''4 g,4 b'''4"),
    "sixteenths": Melody(walk(96, "1/16"), Meter(4, 4), key=Key(-2)),
    "thirty-seconds": Melody(walk(200, "1/32"), Meter(12, 4), key=Key(7)),
    "seven": Melody(walk(40, "1/8"), Meter(7, 8), key=Key(4)),
    "five": Melody(walk(40, "1/8"), Meter(5, 4), key=Key(-6, "minor")),
    "rests": tune("c4 r2. r1 r1 r2 g4 r4 r1 r1"),
    "one": tune("g4"),
    "only a rest": tune("r1"),
    "nothing": Melody(),
    "unknown meter and key": Melody(walk(20, "1/4")),
    "long": Melody(walk(2000, "1/4"), Meter(4, 4), title="Long"),
}


def pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def count(png: bytes, color: tuple[int, int, int]) -> int:
    return int((pixels(png) == color).all(axis=2).sum())


def texts(svg: str) -> list[tuple[str, float, float, float, str]]:
    found = []
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        text = "".join(element.itertext())
        family = next(span.get("font-family", "") for span in element.iter(f"{SVG}tspan"))
        size = float(element.get("font-size", "0"))
        wide = width(text, family) * size
        shift = {"start": 0.0, "middle": wide / 2}[element.get("text-anchor", "start")]
        x = float(element.get("x", "0")) - shift
        found.append((text, x, x + wide, float(element.get("y", "0")), element.get("fill", "")))
    return found


@pytest.mark.parametrize("name", TUNES)
@pytest.mark.parametrize("names", ["letters", "solfege"])
def test_no_text_overlaps_or_leaves_the_picture(name: str, names: Names) -> None:
    melody = TUNES[name]
    svg = score_svg(melody, Fraction(1), names, LIGHT, 16)
    root = ET.fromstring(svg)
    _, _, right, bottom = (float(n) for n in root.get("viewBox", "").split())
    lines = defaultdict(list)
    for text, start, end, y, _ in texts(svg):
        assert 0 <= start < end <= right, text
        assert 0 < y < bottom - 5, text
        lines[y].append((start, end, text))
    for line in lines.values():
        for before, after in pairwise(sorted(line)):
            assert before[1] + 2 < after[0], (before, after)


@pytest.mark.parametrize("name", TUNES)
def test_every_tune_is_a_picture_of_sensible_size(name: str) -> None:
    png = draw(TUNES[name], Fraction(1))
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    assert image.width <= WIDTH
    assert image.width * image.height <= picture.MAX_PIXELS * 1.01
    assert len(png) < 1_000_000
    border = pixels(png)[:4]
    assert (border == 255).all()


@pytest.mark.parametrize(("names", "code"), [("letters", "g8"), ("solfege", "솔8")])
def test_codes_are_really_painted(names: Names, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    melody = tune("g8 e8 e4", "2/4")
    assert code in {text for text, *_ in texts(score_svg(melody, None, names, LIGHT, 64))}
    with_codes = pixels(draw(melody, None, names))
    monkeypatch.setattr(picture.Page, "lyrics", lambda *_: None)
    without = pixels(draw(melody, None, names))
    assert with_codes.shape == without.shape
    changed = np.argwhere((with_codes != without).any(axis=2))
    assert len(changed) > 300
    rows = changed[:, 0]
    staff = np.flatnonzero((with_codes[:, MARGIN + 2] == 0).all(axis=1))
    assert rows.min() > staff.max()


def test_title_tempo_and_numbers_are_painted() -> None:
    melody = replace(TUNES["butterfly"], title="나비야", tempo=132.0)
    written = {text for text, *_ in texts(score_svg(melody, None, "letters", LIGHT, 64))}
    assert {"나비야", "♩ = 132", "5"} <= written
    assert "0" not in written
    plain = pixels(draw(replace(melody, title=""), None))
    titled = pixels(draw(melody, None))
    assert titled.shape[0] > plain.shape[0]
    assert (titled[:70] < 128).any()


def test_the_continuation_is_blue_and_the_primer_black() -> None:
    melody = TUNES["butterfly"]
    whole, half = draw(melody, None), draw(melody, Fraction(2))
    assert count(whole, BLUE) == 0
    assert count(half, BLUE) > 500
    image = pixels(half)
    blue_rows = np.flatnonzero((image == BLUE).all(axis=2).any(axis=1))
    assert blue_rows.min() > image.shape[0] * 0.4
    assert count(half, BLACK) < count(whole, BLACK)


def test_the_split_is_marked_within_a_line() -> None:
    melody = tune("g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4", "2/4")
    assert "stroke-dasharray" in score_svg(melody, Fraction(3, 4), "letters", LIGHT, 64)
    assert "stroke-dasharray" not in score_svg(melody, None, "letters", LIGHT, 64)


def test_dark_pictures_have_dark_paper() -> None:
    image = pixels(draw(TUNES["butterfly"], Fraction(2), dark=True))
    assert tuple(image[0, 0]) == (0x2B, 0x2D, 0x31)
    assert (image == (0x7A, 0xB7, 0xFF)).all(axis=2).sum() > 500
    assert DARK.new == "#7ab7ff"


def test_bars_left_out_are_marked_and_numbers_stay_right() -> None:
    svg = score_svg(TUNES["long"], Fraction(496), "letters", LIGHT, 64)
    assert svg.count("<circle") == 3
    assert "489" in {text for text, *_ in texts(svg)}
    both = score_svg(TUNES["long"], Fraction(100), "letters", LIGHT, 16)
    assert both.count("<circle") == 6


HOSTILE = [
    "</text></svg><script>alert(1)</script>",
    '"><image href="file:///etc/passwd"/>',
    "&#0;&lol;]]>\x00\x1b\x08",
    "\u202eRTL override \u2066\u2069",
    "שלום עולם مرحبا",
    "W" * 5000,
    "가" * 5000,
    "🦋" * 300,
    "\ud800",
    "a\u0301" * 500,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_only_ever_are_text(title: str) -> None:
    melody = replace(tune("g4"), title=title)
    svg = score_svg(melody, None, "letters", LIGHT, 64)
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "g", "path", "text", "tspan", "circle"}
    right = float(re.findall(r'viewBox="0 0 (\d+)', svg)[0])
    for text, start, end, _, _ in texts(svg):
        assert 0 <= start <= end <= right, text
    assert draw(melody, None).startswith(b"\x89PNG")


def test_equal_melodies_give_equal_bytes_in_any_process() -> None:
    script = (
        "import sys, hashlib; from tests.engine.score.test_picture import TUNES, draw;"
        "from fractions import Fraction;"
        "sys.stdout.write(hashlib.sha256(draw(TUNES['butterfly'], Fraction(2))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    draw(TUNES["sixteenths"], Fraction(1), "solfege")
    assert draw(TUNES["butterfly"], Fraction(2)) == draw(TUNES["butterfly"], Fraction(2))


LENGTHS = st.sampled_from(["1/32", "1/24", "1/16", "1/12", "3/16", "1/8", "1/6", "1/4", "5/8", "2"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    notes=st.lists(st.tuples(LENGTHS, st.integers(0, 127), st.booleans()), max_size=24),
    meter=st.builds(Meter, st.integers(1, 13), st.sampled_from([2, 4, 8, 16])),
    key=st.builds(Key, st.integers(-7, 7), st.sampled_from(["major", "minor", "dorian"])),
    split=st.integers(0, 8),
    title=st.text(max_size=50),
)
def test_any_melody_can_be_drawn(
    notes: list[tuple[str, int, bool]], meter: Meter, key: Key, split: int, title: str
) -> None:
    made = []
    time = Fraction(0)
    for length, pitch, rest in notes:
        if not rest:
            made.append(Note(time, Fraction(length), pitch))
        time += Fraction(length)
    melody = Melody(tuple(made), meter, key=key, length=time, title=title)
    png = draw(melody, Fraction(split, 4), max_bars=12)
    assert (pixels(png) < 128).any()
