from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.request import Curve
from engine.score.curve import HEIGHT, WIDTH, curve_svg, draw_curve
from engine.score.fonts import HANGUL, width

if TYPE_CHECKING:
    from collections.abc import Iterator

SVG = "{http://www.w3.org/2000/svg}"
TRAINING, VALIDATION, LEVEL = "#e08a00", "#0072b2", "#1f2328"

ENGLISH = Curve(
    tuple((i / 10, 2.4 + 3 * math.exp(-i / 20)) for i in range(1, 60)),
    tuple((float(n), 2.5 + math.exp(-n)) for n in range(1, 7)),
    2.56,
    "passes",
    "bits per note",
    ("training", "unseen tunes", "nabi-1"),
)
KOREAN = replace(
    ENGLISH, epochs="학습 횟수", bits="음마다 비트", names=("배운 곡", "새 곡", "지금")
)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
POINTS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=30).map(tuple)


def texts(svg: str) -> Iterator[tuple[str, float, float, float]]:
    """Give each text with its edges and its base line."""
    for element in ET.fromstring(svg).iter(f"{SVG}text"):
        text = "".join(element.itertext())
        long = width(text, HANGUL) * float(element.get("font-size", "0"))
        shift = {"start": 0.0, "middle": long / 2, "end": long}[element.get("text-anchor", "")]
        x = float(element.get("x", "0")) - shift
        yield text, x, x + long, float(element.get("y", "0"))


def heights(svg: str, color: str) -> list[float]:
    """Give the heights of a line's points in pixels, outside the legend."""
    paths = [each for each in ET.fromstring(svg).iter(f"{SVG}path") if each.get("stroke") == color]
    way = str(paths[-1].get("d"))
    if "H" in way:
        return [float(way.removeprefix("M").partition("H")[0].split()[1])]
    return [float(pair.split()[1]) for pair in way[1:].split("L")]


@pytest.mark.parametrize("curve", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_no_text_overlaps_or_leaves_the_picture(curve: Curve) -> None:
    found = list(texts(curve_svg(curve)))
    assert {curve.epochs, curve.bits, f"{curve.names[2]} 2.560"} <= {text for text, *_ in found}
    for text, left, right, base in found:
        assert 0 <= left < right <= WIDTH, text
        assert 20 < base < HEIGHT - 5, text
    for i, (one, left, right, base) in enumerate(found):
        for other, start, end, line in found[i + 1 :]:
            assert right <= start or end <= left or abs(base - line) > 25, (one, other)


@pytest.mark.parametrize("curve", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_line_is_in_the_pixels(curve: Curve) -> None:
    image = Image.open(io.BytesIO(draw_curve(curve))).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)
    colors = {color for _, color in image.getcolors(1 << 24) or []}
    for name in (TRAINING, VALIDATION, LEVEL):
        assert tuple(bytes.fromhex(name[1:])) in colors
    assert image.getpixel((1, 1)) == (255, 255, 255)  # opaque: black letters on a dark page


def test_lower_bits_lie_lower_and_all_lines_share_one_scale() -> None:
    svg = curve_svg(ENGLISH)
    validation = heights(svg, VALIDATION)
    assert validation == sorted(validation)
    assert validation[-1] > heights(svg, LEVEL)[0]  # 2.502 is better than 2.56
    assert heights(svg, TRAINING)[-1] > heights(svg, LEVEL)[0] - 100


def test_the_level_and_all_of_validation_are_inside_however_high_training_begins() -> None:
    wild = replace(ENGLISH, training=((0.1, 900000.0), *ENGLISH.training))
    assert heights(curve_svg(wild), VALIDATION) == pytest.approx(
        heights(curve_svg(ENGLISH), VALIDATION), abs=60
    )
    for height in (*heights(curve_svg(wild), VALIDATION), *heights(curve_svg(wild), LEVEL)):
        assert 100 < height < HEIGHT - 60


def test_the_legend_names_what_there_is() -> None:
    bare = replace(ENGLISH, level=None, validation=())
    words = " ".join(text for text, *_ in texts(curve_svg(bare)))
    assert "training" in words
    assert "nabi-1" not in words
    assert "unseen" not in words


def test_one_point_is_a_dot() -> None:
    one = replace(ENGLISH, training=(), validation=((1.0, 3.0),), level=None)
    assert curve_svg(one).count("<circle") == 2  # and the one in the legend


def test_points_come_in_any_order_and_a_repeated_pass_counts_last() -> None:
    mixed = (ENGLISH.validation[3], (1.0, 9.0), *ENGLISH.validation)
    assert curve_svg(replace(ENGLISH, validation=mixed)) == curve_svg(ENGLISH)


def test_a_long_run_stays_a_small_picture() -> None:
    points = tuple((i / 1000, 2.5 + math.sin(i) / 9) for i in range(1, 40_000))
    svg = curve_svg(replace(ENGLISH, training=points))
    assert len(svg) < 20_000
    assert len(draw_curve(replace(ENGLISH, training=points))) < 200_000


def test_hostile_names_are_only_text() -> None:
    names = ("<script>&", "\x00\ud800 🦋", 'x"' * 400)
    found = list(texts(curve_svg(replace(ENGLISH, names=names, bits="<b>" * 200, epochs="\n"))))
    assert all(right <= WIDTH for _, _, right, _ in found)
    assert any(text.startswith("<script>& ") for text, *_ in found)


@settings(deadline=None, max_examples=200)
@given(POINTS, POINTS, st.none() | NUMBERS)
def test_any_numbers_give_a_picture_of_finite_numbers(
    training: tuple[tuple[float, float], ...],
    validation: tuple[tuple[float, float], ...],
    level: float | None,
) -> None:
    curve = replace(ENGLISH, training=training, validation=validation, level=level)
    svg = curve_svg(curve)
    ET.fromstring(svg)
    assert not re.search(r"\b(nan|inf)\b", svg)
    assert len(list(texts(svg))) < 40
