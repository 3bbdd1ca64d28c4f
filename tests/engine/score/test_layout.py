from __future__ import annotations

from fractions import Fraction

import pytest

from engine.codes import Names, format_symbol
from engine.music import Melody, Meter
from engine.notation import write_bars
from engine.score.layout import (
    Plan,
    Planner,
    extract,
    lyric_font,
    stand_in,
)
from tests.engine.score.melodies import BUTTERFLY, tune, walk


def codes_of(melody: Melody, names: Names = "letters") -> dict[int, str]:
    symbols = [s for bar in write_bars(melody) for s in bar.symbols]
    return {n: format_symbol(s, names) for n, s in enumerate(symbols) if s.pitch is not None}


def plan_of(melody: Melody, max_bars: int = 64) -> Plan:
    fifths = melody.key.fifths if melody.key else 0
    return Planner(extract(write_bars(melody), max_bars), fifths, codes_of(melody)).plan(940)


def line_lengths(plan: Plan) -> list[int]:
    lengths: list[int] = []
    for measure in plan.measures:
        if measure.fresh or not lengths:
            lengths.append(0)
        lengths[-1] += 1
    return lengths


def test_four_bars_to_a_line_and_the_last_bar_line_is_final() -> None:
    plan = plan_of(tune(BUTTERFLY, "2/4"))
    assert line_lengths(plan) == [4, 4]
    assert [m.right for m in plan.measures] == ["single"] * 7 + ["end"]


def test_a_pickup_stands_beside_the_first_four_bars() -> None:
    plan = plan_of(tune("g4 c'2 c'4 e'4 d'4 c'4 d'2 e'4 c'2.", "3/4", pickup="1/4"))
    assert line_lengths(plan) == [5]
    assert [m.label for m in plan.measures] == ["", "", "2", "3", "4"]
    assert not plan.measures[0].whole


def test_many_notes_take_more_lines_but_keep_bars_whole() -> None:
    plan = plan_of(Melody(walk(64, "1/16"), Meter(4, 4)))
    assert line_lengths(plan) == [1, 1, 1, 1]
    assert "invis" not in {m.right for m in plan.measures}


def test_a_bar_wider_than_a_line_is_cut_without_bar_lines() -> None:
    plan = plan_of(Melody(walk(64, "1/32"), Meter(8, 4)))
    rights = [m.right for m in plan.measures]
    assert rights[-1] == "end"
    assert set(rights[:-1]) == {"invis"}
    assert sum(len(m.symbols) for m in plan.measures) == 64
    assert [m.keep for m in plan.measures] == [False] + [True] * (len(rights) - 1)


@pytest.mark.parametrize(
    ("primer", "new", "expected"),
    [
        (4, 8, (1, 12, False, False)),
        (1000, 8, (993, 1008, True, False)),
        (4, 1000, (1, 64, False, True)),
        (100, 60, (97, 160, True, False)),
        (100, 100, (97, 160, True, True)),
    ],
)
def test_what_is_drawn_of_a_long_tune(
    primer: int, new: int, expected: tuple[int, int, bool, bool]
) -> None:
    melody = Melody(walk(primer + new, "1"), Meter(4, 4))
    shown = extract(write_bars(melody, Fraction(primer)), 64)
    numbers = (shown.bars[0].number, shown.bars[-1].number)
    assert (*numbers, shown.before, shown.after) == expected


def test_without_a_split_a_long_tune_is_drawn_from_its_start() -> None:
    shown = extract(write_bars(Melody(walk(100, "1"), Meter(4, 4))), 64)
    assert (shown.bars[0].number, len(shown.bars), shown.after) == (1, 64, True)


def test_an_extract_shows_the_accidental_of_a_note_tied_from_before() -> None:
    bars = write_bars(tune("c4 d4 e4 f#4~ f#4 d4 e4 f4"), Fraction(1))
    assert bars[1].symbols[0].continued
    shown = extract(bars[1:], 64)
    assert not shown.bars[0].symbols[0].continued


@pytest.mark.parametrize(("meter", "bars"), [(Meter(4, 4), 63), (Meter(64, 1), 1)])
def test_endless_bars_are_left_out(meter: Meter, bars: int) -> None:
    melody = Melody(walk(4000, "1/64"), meter)
    shown = extract(write_bars(melody), 64)
    assert sum(len(bar.symbols) for bar in shown.bars) <= 1024
    assert shown.after
    assert len(shown.bars) <= bars


@pytest.mark.parametrize("code", ["c8", "f##''16.", "솔8", "시bb,,32", "레#'4.~"])
def test_a_stand_in_is_plain_and_never_empty(code: str) -> None:
    assert set(stand_in(code, lyric_font([code]))) <= set("ni")
