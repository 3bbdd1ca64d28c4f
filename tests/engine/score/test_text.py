"""The score as text."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.codes import Names, parse_codes
from engine.music import Melody, Meter
from engine.score.text import NEW, WIDTH, columns, score_text

BUTTERFLY = "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4"


def tune(codes: str, meter: str = "2/4", pickup: str = "0") -> Melody:
    melody = parse_codes(codes).melody
    return replace(melody, meter=Meter.parse(meter), pickup=Fraction(pickup))


def test_four_bars_a_line_and_the_continuation_marked() -> None:
    assert score_text(tune(f"{BUTTERFLY} c2 {BUTTERFLY}"), Fraction(2)).split("\n") == [
        "  g8 e8 e4 | f8 d8 d4 | c8 d8 e8 f8 | g8 g8 g4    |",
        "» c2       | g8 e8 e4 | f8 d8 d4    | c8 d8 e8 f8 |",
        "» g8 g8 g4 |",
    ]


def test_without_new_music_there_are_no_marks() -> None:
    text = score_text(tune(BUTTERFLY), None)
    assert text == "g8 e8 e4 | f8 d8 d4 | c8 d8 e8 f8 | g8 g8 g4 |"


def test_an_invented_tune_is_all_new() -> None:
    assert score_text(tune(BUTTERFLY), Fraction(0)).startswith(NEW)


def test_new_music_within_a_bar_begins_a_line() -> None:
    assert score_text(tune(BUTTERFLY), Fraction(9, 8)).split("\n") == [
        "  g8 e8 e4 | f8 d8 d4 | c8",
        "» d8 e8 f8 | g8 g8 g4 |",
    ]


def test_a_pickup_stands_before_the_columns() -> None:
    lines = score_text(tune(f"r8 {BUTTERFLY} {BUTTERFLY}", pickup="1/8"), None).split("\n")
    assert lines[0].startswith("r8 | g8 e8 e4 | f8 d8 d4 |")
    assert lines[1].startswith("     g8 e8 e4 | f8 d8 d4 |")


def test_hangul_is_as_wide_as_two() -> None:
    melody = tune("g8 e8 e4 r2 c2 d2 f8 d8 d4 c2")
    lines = score_text(melody, None, "solfege").split("\n")
    assert lines == [
        "솔8 미8 미4 | 쉼2 | 도2 | 레2 |",
        "파8 레8 레4 | 도2 |",
    ]
    melody = tune("g8 e8 e4 e8 e8 e4 c2 d2 c2 d8 d8 d8 d8 c2 d2")
    bars = [
        [columns(part) for part in line.split("|")]
        for line in score_text(melody, None, "solfege").split("\n")
    ]
    assert bars[0] == bars[1]


def test_ties_and_rests_are_shown() -> None:
    assert score_text(tune("g2~ g4 r4", "2/4"), None) == "g2~ | g4 r4 |"


def test_nothing_is_empty() -> None:
    assert score_text(Melody(), None) == ""
    assert score_text(Melody(), Fraction(0)) == ""


def test_cut_keeps_the_seam_and_the_end() -> None:
    primer = " ".join(["c8 c8 c4"] * 100)
    melody = tune(f"{primer} a2 b2 a2 b2 {'d2 ' * 16} g1 e1")
    text = score_text(melody, Fraction(50), limit=200)
    assert len(text) <= 200
    lines = text.split("\n")
    assert re.fullmatch(r"  ⋯ \d+ ⋯", lines[0])
    assert "  c8 c8 c4 | c8 c8 c4 | c8 c8 c4 | c8 c8 c4 |" in lines
    first_new = next(line for line in lines if line.startswith(NEW))
    assert first_new.split() == ["»", "a2", "|", "b2", "|", "a2", "|", "b2", "|"]
    assert lines[-1].split() == ["»", "g2~", "|", "g2", "|", "e2~", "|", "e2", "|"]


def test_every_bar_is_shown_or_counted() -> None:
    melody = tune(" ".join([BUTTERFLY] * 30))
    for limit in (150, 300, 1000, 10_000):
        text = score_text(melody, Fraction(40), limit=limit)
        counted = sum(int(number) for number in re.findall(r"⋯ (\d+) ⋯", text))
        assert text.count("|") + counted == 120


def test_bars_wider_than_a_line_are_wrapped() -> None:
    text = score_text(tune("c#'32 d eb f# " * 8, "4/4"), Fraction(0))
    assert len(text.split("\n")) > 1
    assert all(columns(line) <= WIDTH for line in text.split("\n"))
    assert all(line.startswith(NEW) for line in text.split("\n"))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["g8", "f#'16", "bb,,4.", "r4", "c8t", "d2.", "e1", "r16", "a32", "g4~ g1"]
        ),
        max_size=120,
    ),
    st.sampled_from(["2/4", "3/4", "6/8", "7/8", "4/4", "4/1"]),
    st.one_of(st.none(), st.integers(0, 60)),
    st.sampled_from(["letters", "solfege"]),
    st.one_of(st.integers(0, 2000), st.just(1500)),
)
def test_never_too_long_and_never_ends_the_block(
    codes: list[str], meter: str, split: int | None, names: Names, limit: int
) -> None:
    melody = tune(" ".join(codes), meter)
    cut = None if split is None else Fraction(split, 4)
    text = score_text(melody, cut, names, limit)
    assert len(text) <= limit
    assert "`" not in text
    assert all(columns(line) <= WIDTH for line in text.split("\n"))
    whole = score_text(melody, cut, names, 10**6)
    shown = whole.replace(NEW, "").replace("⋯", "")
    assert parse_codes(shown).melody.notes == melody.notes
