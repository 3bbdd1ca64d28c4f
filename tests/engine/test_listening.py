from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.features import Frame
from engine.listening import (
    COMMON_TIME,
    Heard,
    Rarity,
    Reading,
    hear,
    listen_causally,
    ranks,
    readings_of,
)
from engine.music import Key, Melody, Meter, Note
from engine.predict import listen
from tests.engine.models import TIMES, tiny_model

if TYPE_CHECKING:
    from collections.abc import Sequence

WILD = tiny_model(3, scale=1.0)
READINGS = [
    Reading(Frame(0, 2, 96), 0, -0.1),
    Reading(Frame(7, 3, 144), 48, -1.5),
    Reading(Frame(2, 0, 0), 0, -2.0),
]
Line = list[tuple[int, int, int]]

lines = st.lists(
    st.tuples(st.sampled_from([0, 0, 24, 7]), st.integers(1, 700), st.integers(0, 127)),
    min_size=1,
    max_size=12,
)


def placed(rows: Sequence[tuple[int, int, int]]) -> Line:
    """Turn (rest, duration, pitch) into (onset, duration, pitch)."""
    notes, now = [], 0
    for rest, duration, pitch in rows:
        notes.append((now + rest, duration, pitch))
        now += rest + duration
    return notes


def melody_of(notes: Line) -> Melody:
    return Melody(tuple(Note(Fraction(o, 192), Fraction(d, 192), p) for o, d, p in notes))


def walk(count: int, seed: int = 0) -> Line:
    random = np.random.default_rng(seed)
    rests, durations = random.choice([0, 0, 24], count), random.choice([12, 24, 48, 13], count)
    pitches = random.integers(0, 128, count)
    return placed(list(zip(rests.tolist(), durations.tolist(), pitches.tolist(), strict=True)))


def same(first: Heard, second: Heard, notes: int) -> bool:
    return all(
        np.array_equal(getattr(first, name)[:notes], getattr(second, name)[:notes])
        for name in ("shift", "duration", "pitch", "pitches", "ranks")
    )


@given(rows=lines, told=st.booleans())
@settings(max_examples=20, deadline=None)
def test_every_distribution_sums_to_one(rows: list[tuple[int, int, int]], told: bool) -> None:  # noqa: FBT001
    notes = placed(rows)
    heard = hear(WILD, notes, READINGS[:1] if told else READINGS, placed=told)
    assert np.allclose(np.exp(heard.pitches).sum(axis=1), 1, atol=1e-9)
    onset, duration, pitch = notes[-1]
    rarity = Rarity(TIMES)

    def last(note: tuple[int, int, int]) -> Heard:
        return hear(WILD, [*notes[:-1], note], READINGS[:1] if told else READINGS, placed=told)

    unknown = 1001  # stands for its whole class, of which it is a known share
    share = np.exp(rarity.of(np.array(unknown)))
    lasting = [np.exp(last((onset, ticks, pitch)).duration[-1]) for ticks in (*TIMES, unknown)]
    assert sum(lasting[:-1]) + lasting[-1] / share == pytest.approx(1, abs=1e-6)
    if len(notes) > 1:
        before = notes[-2][0]
        shifted = [
            np.exp(last((before + ticks, duration, pitch)).shift[-1]) for ticks in (*TIMES, unknown)
        ]
        assert sum(shifted[:-1]) + shifted[-1] / share == pytest.approx(1, abs=1e-6)


@given(times=st.sets(st.integers(0, 2000), max_size=40))
def test_times_outside_the_vocabulary_share_their_class(times: set[int]) -> None:
    ticks = np.arange(400_000)
    logs = Rarity(sorted(times)).of(ticks)
    rare = ~np.isin(ticks, sorted(times))
    assert not logs[~rare].any()
    assert np.isfinite(logs).all()
    whole = np.exp(logs[rare]).sum()
    assert 1 - 50 * COMMON_TIME / len(ticks) < whole < 1
    assert np.isfinite(Rarity(sorted(times)).of(np.array([7_680_000]))).all()


@given(rows=lines)
@settings(max_examples=20, deadline=None)
def test_the_mixture_is_exact(rows: list[tuple[int, int, int]]) -> None:
    """Its notes' probabilities multiply to the mean of the readings', weighed by their priors."""
    notes = placed(rows[:3])  # so few that no reading is given up
    twins = [replace(each, start=0) for each in READINGS]
    heard = hear(WILD, notes, twins, placed=True)
    whole = listen(WILD, notes, [e.frame for e in twins], [0] * 3, memory=True)[2].total
    prior = np.array([each.prior for each in twins])
    wanted = np.logaddexp.reduce(whole + prior) - np.logaddexp.reduce(prior)
    shifts = np.diff([onset for onset, _, _ in notes], prepend=0)
    rarity = Rarity(TIMES)
    wanted += rarity.of(shifts).sum() + rarity.of(np.array([d for _, d, _ in notes])).sum()
    assert (heard.shift + heard.duration + heard.pitch).sum() == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("change", [1, 5, 63, 64, 70])
def test_later_notes_change_nothing(change: int) -> None:
    notes = walk(80)
    onset, duration, pitch = notes[change]
    other = [*notes[:change], (onset + 500, 99, 127 - pitch)]
    first = listen_causally(WILD, melody_of(notes))
    second = listen_causally(WILD, melody_of(other))
    third = listen_causally(WILD, melody_of(notes[:change]))
    assert same(first, second, change)
    assert same(first, third, change)
    retimed = [*notes[:change], (onset, duration + 500, 127 - pitch)]
    heard = listen_causally(WILD, melody_of(retimed))
    assert heard.shift[change] == first.shift[change]


def test_what_is_told_is_one_reading() -> None:
    notes = walk(20)
    melody = replace(
        melody_of(notes), key=Key(2), meter=Meter(7, 8), pickup=Fraction(1, 8), title="x"
    )
    readings = readings_of(melody)
    assert [(each.frame, each.start) for each in readings] == [(Frame(2, 1, 168), 144)]
    heard = listen_causally(WILD, melody)
    alone = listen(WILD, notes, [Frame(2, 1, 168)], [144], memory=True)[2]
    assert np.allclose(heard.pitch, alone.pitch[:, 0])


def test_readings_cover_what_is_not_told() -> None:
    notes = walk(3)
    keyed = replace(melody_of(notes), key=Key(-3))
    assert {each.frame.tonic for each in readings_of(keyed)} == {3}
    assert {each.frame.bar for each in readings_of(keyed)} == {0, 96, 144, 192, 216, 240}
    free = readings_of(melody_of(notes))
    assert {each.frame.tonic for each in free} == set(range(12))
    assert all(0 <= each.start < max(1, each.frame.bar) for each in free)


def test_without_a_meter_the_beginning_counts_nothing() -> None:
    notes = walk(9)
    later = [(onset + 1000, duration, pitch) for onset, duration, pitch in notes]
    first, second = (listen_causally(WILD, melody_of(each)) for each in (notes, later))
    assert first.shift[0] == 0
    assert same(first, second, 9)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_short_tunes_are_heard(count: int) -> None:
    heard = listen_causally(WILD, melody_of(walk(count)))
    assert len(heard.pitch) == len(heard.ranks) == count
    assert heard.pitches.shape == (count, 128)


def test_a_very_long_tune_is_heard() -> None:
    heard = listen_causally(WILD, melody_of(walk(3000)))
    for logs in (heard.shift, heard.duration, heard.pitch):
        assert np.isfinite(logs).all()
        assert (logs <= 1e-9).all()


def test_times_off_the_grid_are_heard() -> None:
    odd = (
        Note(Fraction(0), Fraction(1, 1000), 0),
        Note(Fraction(1, 1000), Fraction(1, 1000), 127),
        Note(Fraction(30_001, 3), Fraction(1, 7), 60),
    )
    heard = listen_causally(WILD, Melody(odd))
    assert np.isfinite(heard.shift + heard.duration + heard.pitch).all()


def test_ranks_count_from_one_and_ties_go_to_the_lowest() -> None:
    row = np.full(128, -9.0)
    row[[5, 60, 61]] = [-1.0, -2.0, -2.0]
    pitches = np.stack([row] * 4)
    assert ranks(pitches, np.array([5, 60, 61, 0])).tolist() == [1, 2, 3, 4]
