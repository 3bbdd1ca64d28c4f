from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats.quantise import GRID, Line, quantise

TICK = Fraction(1, 480)
Rhythm = list[tuple[Fraction, Fraction]]
"""Onset and end of each note, in quarter notes."""

TUNE = "1 1/2 1/2 1 1 3/2 1/2 1 1 1/3 1/3 1/3 1 1/2 1/2 1 1/2 1/4 1/4 1 2"


def rhythm(lengths: str) -> Rhythm:
    time = Fraction(0)
    found: Rhythm = []
    for length in map(Fraction, lengths.split()):
        found.append((time, time + length))
        time += length
    return found


def play(notes: Rhythm, *, jitter: float = 0, touch: float = 1, seed: int = 1) -> Line:
    """Play a rhythm; ``jitter`` in quarter notes, ``touch`` is the part of a note that sounds."""
    rng = random.Random(seed)
    played: list[tuple[Fraction, Fraction, int]] = []
    for number, (onset, end) in enumerate(notes):
        start = max(round((float(onset) + rng.gauss(0, jitter)) * 480), 0)
        length = max(round(float(end - onset) * touch * 480), 1)
        if played:
            start = max(start, int(played[-1][0] * 480) + 1)
            before = played[-1]
            played[-1] = (before[0], min(before[1], Fraction(start, 480)), before[2])
        played.append((Fraction(start, 480), Fraction(start + length, 480), 60 + number % 12))
    return quantise(played, TICK, 100)


def times(line: Line) -> Rhythm:
    return [(onset, end) for onset, end, _ in line.notes]


@pytest.mark.parametrize("touch", [1, 0.98, 0.9, 0.8, 0.6])
def test_shortened_notes_are_filled(touch: float) -> None:
    line = play(rhythm(TUNE), touch=touch)
    assert times(line) == rhythm(TUNE)
    assert line.shifted == 0
    assert line.exact


@pytest.mark.parametrize("seed", range(5))
def test_a_played_tune_comes_out_as_written(seed: int) -> None:
    line = play(rhythm(TUNE), jitter=0.02, touch=0.85, seed=seed)
    assert times(line) == rhythm(TUNE)
    assert 0 < line.shifted < Fraction(1, 8)
    assert not line.exact


def test_staccato_written_exactly_stays() -> None:
    staccato = [(onset, onset + Fraction(1, 4)) for onset, _ in rhythm("1/2 " * 8)]
    assert times(play(staccato)) == staccato


def test_rests_in_a_played_tune_stay() -> None:
    sung = rhythm("1 1 1 1 2 1 1")
    del sung[3]
    assert times(play(sung, jitter=0.015, touch=0.9)) == sung


def test_no_forest_of_short_rests() -> None:
    rng = random.Random(4)
    notes = [(onset, onset + (end - onset) * Fraction(rng.randrange(70, 96), 100))
             for onset, end in rhythm("1/2 1/2 1 " * 16)]  # fmt: skip
    line = times(play(notes, jitter=0.015))
    gaps = [after[0] - note[1] for note, after in pairwise(line)]
    assert set(gaps) == {0}


def test_ornaments_do_not_break_the_order() -> None:
    grace = [
        (Fraction(0), Fraction(1)),
        (Fraction(97, 100), Fraction(1)),
        (Fraction(1), Fraction(2)),
    ]
    assert times(play(grace)) == rhythm("1 1")


def test_swing_and_triplets_are_told_from_sixteenths() -> None:
    swing = rhythm("2/3 1/3 " * 8)
    assert times(play(swing, jitter=0.015, touch=0.9)) == swing
    dotted = rhythm("3/4 1/4 " * 8)
    assert times(play(dotted, jitter=0.015, touch=0.9)) == dotted


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4000), st.integers(1, 3000), st.integers(0, 127)),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([1, 7, 24, 96, 480, 15_360]),
    st.floats(1, 1000),
)
def test_anything_comes_out_in_order_and_on_the_grid(
    raw: list[tuple[int, int, int]], division: int, tempo: float
) -> None:
    onsets = sorted({onset: (length, pitch) for onset, length, pitch in raw}.items())
    ends = [*(onset for onset, _ in onsets[1:]), 10**6]
    notes = [
        (Fraction(onset, division), Fraction(min(onset + length, end), division), pitch)
        for (onset, (length, pitch)), end in zip(onsets, ends, strict=True)
    ]
    line = quantise(notes, Fraction(1, division), tempo)
    assert line.notes
    assert all(onset < end for onset, end, _ in line.notes)
    pairs = zip(line.notes, line.notes[1:], strict=False)
    assert all(before[1] <= after[0] for before, after in pairs)
    assert all((time * GRID).denominator == 1 for note in line.notes for time in note[:2])
    assert [notes[place][2] for place in line.places] == [note[2] for note in line.notes]
