"""Several takes on one page."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

import pytest
from PIL import Image

from engine.music import Melody, Meter
from engine.score.picture import DARK, LIGHT, MAX_PIXELS, WIDTH
from engine.score.takes import draw_takes, takes_svg
from tests.engine.score.melodies import tune, walk
from tests.engine.score.test_picture import texts

PRIMER = "g8 e8 e4 f8 d8 d4"
ENDS = ("c8 d8 e8 f8 g8 g8 g4", "e8 f8 g8 a8 g4 e4 c2", "c'2 c2")


def takes(meter: str = "2/4", pickup: str = "0") -> list[Melody]:
    return [tune(f"{PRIMER} {end}", meter, "C", pickup) for end in ENDS]


def written(svg: str) -> list[str]:
    return [text for text, *_ in sorted(texts(svg), key=lambda found: (found[3], found[1]))]


def test_each_take_stands_under_its_number_and_the_primer_only_once() -> None:
    svg = takes_svg(takes(), Fraction(1), "letters", LIGHT)
    words = written(svg)
    places = [words.index(number) for number in "123" if number in words]
    assert len(places) == 3
    assert places == sorted(places)
    assert words.count("e4") == 1 + 1  # of the primer, and of the second take
    codes = [word for word in words if re.fullmatch(r"[a-g]'?\d", word)]
    assert codes == f"{PRIMER} {' '.join(ENDS)}".split()
    assert svg.count("stroke-dasharray") == 1  # the split is marked where the primer is seen


def test_a_bar_that_the_primer_began_is_shown_whole_in_every_take() -> None:
    svg = takes_svg(takes("3/4"), Fraction(1), "letters", LIGHT)
    words = written(svg)
    assert words.count("d4") == 3
    assert svg.count("stroke-dasharray") == 3


def test_all_takes_have_one_clef_and_one_size() -> None:
    low = [tune(f"{PRIMER} {end}", "2/4", "C") for end in ("c,,8 d,,8 e,,4", "c8 d8 e4")]
    svg = takes_svg(low, Fraction(1), "letters", LIGHT)
    sizes = set(re.findall(r"scale\((0\.\d+)\)\"><path fill=\"none\"", svg))
    assert len(sizes) == 1


@pytest.mark.parametrize("names", ["letters", "solfege"])
@pytest.mark.parametrize("count", [2, 3])
def test_it_can_be_read_and_is_never_endless(names: str, count: int) -> None:
    melodies = [Melody(walk(64 + 400 * n, "1/8"), Meter(4, 4)) for n in range(1, count + 1)]
    svg = takes_svg(melodies, Fraction(8), names, LIGHT)  # type: ignore[arg-type]  # one of both
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
    image = Image.open(io.BytesIO(draw_takes(melodies, Fraction(8))))
    assert image.width <= WIDTH
    assert image.width * image.height <= MAX_PIXELS * 1.01
    assert image.width > 600  # on a phone, too


def test_nothing_given_is_all_new() -> None:
    melodies = [tune(end, "2/4", "C") for end in ENDS]
    svg = takes_svg(melodies, Fraction(0), "letters", DARK)
    assert "stroke-dasharray" not in svg
    codes = [word for word in written(svg) if re.fullmatch(r"[a-g]'?\d", word)]
    assert codes == " ".join(ENDS).split()


def test_a_smaller_picture_when_it_must_be() -> None:
    small = Image.open(io.BytesIO(draw_takes(takes(), Fraction(1), max_pixels=200_000)))
    assert small.width * small.height <= 202_000
