"""How melodies are written as bars."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.music import Key, Melody, Meter, Note
from engine.notation import GRID, Bar, on_grid, spell, write_bars

METERS = st.builds(Meter, st.integers(1, 13), st.sampled_from((1, 2, 4, 8, 16, 32, 64)))
UNITS = st.one_of(st.integers(1, 400), st.sampled_from((12, 16, 24, 32, 48, 64, 72, 96, 144, 192)))


def tune(lengths: str, meter: str = "4/4", pickup: str = "0", **more: object) -> Melody:
    """Build a melody from lengths such as ``1/8 r1/4``."""
    time = Fraction(0)
    notes = []
    for word in lengths.split():
        length = Fraction(word.removeprefix("r"))
        if not word.startswith("r"):
            notes.append(Note(time, length, 60))
        time += length
    return Melody(
        tuple(notes),
        meter=Meter.parse(meter),
        pickup=Fraction(pickup),
        length=time,
        **more,  # type: ignore[arg-type]  # names of further fields
    )


def written(bars: tuple[Bar, ...]) -> str:
    """Show values, ties and triplet groups, for comparison."""
    return " | ".join(
        " ".join(
            ("r" if symbol.pitch is None else "") + str(symbol.value) + "~" * symbol.tied
            for symbol in bar.symbols
        )
        for bar in bars
    )


@st.composite
def melodies(draw: st.DrawFn) -> Melody:
    meter = draw(METERS)
    pickup = draw(st.integers(0, int(meter.bar / GRID) - 1))
    notes = []
    time = 0
    for _ in range(draw(st.integers(0, 12))):
        time += draw(st.one_of(st.just(0), UNITS))
        length = draw(UNITS)
        notes.append(Note(time * GRID, length * GRID, draw(st.integers(0, 127))))
        time += length
    time += draw(st.one_of(st.just(0), UNITS))
    return Melody(
        tuple(notes),
        meter=meter,
        pickup=pickup * GRID,
        length=time * GRID,
        key=draw(st.builds(Key, st.integers(-7, 7), st.sampled_from(("major", "minor")))),
    )


@settings(max_examples=150, deadline=None)
@given(melodies(), st.integers(0, 900))
def test_bars_hold_exactly_the_melody(melody: Melody, cut: int) -> None:
    split = cut * GRID
    bars = write_bars(melody, split)
    for bar in bars:
        assert sum(symbol.value.duration for symbol in bar.symbols) == bar.length
        time = bar.onset
        for symbol in bar.symbols:
            assert symbol.onset == time
            time = symbol.end
    for before, after in pairwise(bars):
        assert before.onset + before.length == after.onset
        assert after.number == before.number + 1
    if bars:
        assert bars[-1].onset < melody.end <= bars[-1].onset + bars[-1].length
    symbols = [symbol for bar in bars for symbol in bar.symbols]
    for index, note in enumerate(melody.notes):
        parts = [symbol for symbol in symbols if symbol.note == index]
        assert parts[0].onset == note.onset
        assert parts[-1].end == note.end
        assert [part.tied for part in parts] == [True] * (len(parts) - 1) + [False]
        assert [part.continued for part in parts] == [False] + [True] * (len(parts) - 1)
        assert {part.new for part in parts} == {note.onset >= split}
    for symbol in symbols:
        assert (symbol.note is None) == (symbol.pitch is None)
        if symbol.pitch is None:
            assert symbol.new == (symbol.onset >= split)
            assert symbol.new == (symbol.end > split)


@settings(max_examples=150, deadline=None)
@given(melodies())
def test_groups_are_contiguous_and_whole(melody: Melody) -> None:
    for bar in write_bars(melody):
        tuplets = [number for number, _ in groupby(s.tuplet for s in bar.symbols) if number]
        assert tuplets == list(range(1, len(tuplets) + 1))
        beams = [number for number, _ in groupby(s.beam for s in bar.symbols) if number]
        assert beams == list(range(1, len(beams) + 1))
        for symbol in bar.symbols:
            assert symbol.value.tuplet == bool(symbol.tuplet)
            if symbol.beam:
                assert symbol.pitch is not None
                assert symbol.value.base >= 8
        for number in beams:
            group = [s for s in bar.symbols if s.beam == number]
            assert len(group) > 1
            assert len({s.tuplet for s in group}) == 1
        for number in tuplets:
            group = [s for s in bar.symbols if s.tuplet == number]
            length = sum(s.value.duration for s in group)
            size = length * 64
            whole = size.denominator == 1 and size.numerator.bit_count() == 1
            assert whole or (bar.number == 0 and group[0] is bar.symbols[0])


@pytest.mark.parametrize(
    ("lengths", "meter", "expected"),
    [
        ("1/8 3/8 1/8 1/4 1/8", "4/4", "8 4. 8 4 8"),
        ("1/8 1/4 1/4 1/4 1/8", "4/4", "8 4 8~ 8 4 8"),
        ("1/4 3/8 3/8", "4/4", "4 4~ 8 4."),
        ("1/4 1/2 1/4", "4/4", "4 2 4"),
        ("1/4 3/4", "4/4", "4 2."),
        ("5/8 3/8", "4/4", "2~ 8 4."),
        ("1 1/2", "4/4", "1 | 2 r2"),
        ("3/2", "4/4", "1~ | 2 r2"),
        ("1/16 3/16 1/4", "2/4", "16 8. 4"),
        ("1/4 1/2 1/2 1/4", "3/4", "4 2 | 2 4"),
        ("1/8 1/2 1/8", "3/4", "8 4.~ 8 8"),
        ("1/2 1/4", "6/8", "4.~ 8 4"),
        ("1/8 1/4 1/4 1/8", "6/8", "8 4 4 8"),
        ("1/4 1/4 1/4", "6/8", "4 8~ 8 4"),
        ("9/8", "9/8", "2.~ 4."),
        ("3/8 3/4 3/8", "12/8", "4. 2. 4."),
        ("1/4 1/2 5/8", "7/8", "4 2 8~ | 2 r4."),
        ("r3/8 1/8 r1/2", "4/4", "r4 r8 8 r2"),
        ("r1/8 1/8 r3/4", "4/4", "r8 8 r4 r2"),
        ("1/8 r5/8", "3/4", "8 r8 r4 r4"),
        ("r1/2 1/4", "3/4", "r4 r4 4"),
        ("r3/4 1/4 r1/8 3/8", "6/8", "r2. | 4 r8 4."),
        ("1/8 r1/4 r3/8", "6/8", "8 r8 r8 r4."),
        ("1/12 1/12 1/12 1/6 1/12", "2/4", "8t 8t 8t 4t 8t"),
        ("1/6 1/6 1/6", "2/4", "4t 4t 4t"),
        ("1/3 1/3 1/3", "4/4", "2t 2t 2t"),
        ("1/4 1/6 1/6 1/6", "3/4", "4 4t 4t 4t"),
        ("1/6 1/6 1/12 1/12", "2/4", "4t 4t 8t 8t"),
        ("1/6 1/4 1/12", "2/4", "4t 8t~ 4t 8t"),
        ("1/12 r1/12 1/12 r1/6 1/12", "2/4", "8t r8t 8t r4t 8t"),
        ("1/24 1/24 1/24 1/8 1/8", "6/8", "16t 16t 16t 8 8 r4."),
        ("1/8 1/12 1/24 1/4", "2/4", "8 8t 16t 4"),
        ("1/24 1/24 1/24 1/8 1/12 1/12 1/12", "2/4", "16t 16t 16t 8 8t 8t 8t"),
        ("1/6 1/12 1/12 1/6 1/6 1/12 1/12 1/12 1/12", "4/4", "4t 8t 8t 4t 4t 8t 8t 8t 8t"),
    ],
)
def test_values_follow_common_practice(lengths: str, meter: str, expected: str) -> None:
    assert written(write_bars(tune(lengths, meter))) == expected


def test_pickup_is_bar_zero_and_lines_up_with_its_end() -> None:
    bars = write_bars(tune("3/8 1/2", "3/4", "3/8"))
    assert [(bar.number, bar.length) for bar in bars] == [(0, Fraction(3, 8)), (1, Fraction(3, 4))]
    assert written(bars) == "4. | 2 r4"


def test_an_incomplete_triplet_may_open_a_pickup() -> None:
    bars = write_bars(tune("1/12 1/4", "2/4", "1/12"))
    assert written(bars) == "8t | 4 r4"
    assert bars[0].symbols[0].tuplet == 1


def test_pickup_longer_than_the_melody_is_filled() -> None:
    assert written(write_bars(tune("1/8", "4/4", "1/2"))) == "8 r8 r4"


def test_the_empty_melody_has_no_bars() -> None:
    assert write_bars(Melody()) == ()


def test_without_a_meter_it_is_common_time() -> None:
    melody = Melody((Note(Fraction(0), Fraction(5, 4), 60),))
    assert written(write_bars(melody)) == "1~ | 4 r4 r2"


def test_beams_follow_the_beat() -> None:
    def beams(lengths: str, meter: str) -> list[int]:
        return [s.beam for bar in write_bars(tune(lengths, meter)) for s in bar.symbols]

    eighths = " ".join(["1/8"] * 6)
    assert beams(eighths, "3/4") == [1, 1, 2, 2, 3, 3]
    assert beams(eighths, "6/8") == [1, 1, 1, 2, 2, 2]
    assert beams("1/8 1/8 1/8", "3/8") == [1, 1, 1]
    assert beams("1/8 1/8 1/8 1/8 1/8", "5/8") == [1, 1, 1, 2, 2]
    assert beams("1/8 r1/8 1/8 1/16 1/16", "2/4") == [0, 0, 1, 1, 1]
    assert beams("1/8 1/8 1/12 1/12 1/12", "2/4") == [1, 1, 2, 2, 2]


@pytest.mark.parametrize(
    ("pitch", "alter", "expected"),
    [
        (60, 0, ("c", 4)),
        (59, 0, ("b", 3)),
        (60, 1, ("b", 3)),
        (71, -1, ("c", 5)),
        (70, -1, ("b", 4)),
        (0, 1, ("b", -2)),
        (127, 0, ("g", 9)),
        (62, 2, ("c", 4)),
    ],
)
def test_spelling_names_step_and_octave(pitch: int, alter: int, expected: tuple[str, int]) -> None:
    assert spell(pitch, alter) == expected


def test_own_spelling_wins_over_the_key() -> None:
    notes = tuple(
        Note(Fraction(index, 4), Fraction(1, 4), 66, alter)
        for index, alter in enumerate((None, 1, -1))
    )
    symbols = write_bars(Melody(notes, key=Key(-5)))[0].symbols
    assert [(s.step, s.alter) for s in symbols[:3]] == [("g", -1), ("f", 1), ("g", -1)]


def test_times_off_the_grid_are_moved_to_it() -> None:
    fifth = Fraction(1, 20)
    melody = Melody(tuple(Note(index * fifth, fifth, 60 + index) for index in range(5)))
    moved = on_grid(melody)
    assert [note.pitch for note in moved.notes] == [60, 61, 62, 63, 64]
    assert moved.end == Fraction(1, 4)
    assert all((note.onset / GRID).denominator == 1 for note in moved.notes)
    assert on_grid(moved) is moved
    assert sum(s.value.duration for s in write_bars(melody)[0].symbols) == 1


def test_notes_too_short_for_the_grid_do_not_collide() -> None:
    tiny = Fraction(1, 5000)
    melody = Melody(tuple(Note(index * tiny, tiny, 60) for index in range(100)))
    moved = on_grid(melody)
    assert all(note.duration >= GRID for note in moved.notes)
    assert 0 < len(moved.notes) < 100


def test_a_pickup_rounded_to_a_whole_bar_is_none() -> None:
    melody = Melody(
        (Note(Fraction(0), Fraction(1), 60),), meter=Meter(4, 4), pickup=Fraction(9999, 10000)
    )
    assert on_grid(melody).pickup == 0
    assert write_bars(melody)[0].number == 1
