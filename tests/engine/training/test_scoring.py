"""When one network counts as better than another."""

from __future__ import annotations

import numpy as np
import pytest

from engine.training.scoring import ENOUGH, Scores, compare


def scores(totals: np.ndarray, notes: np.ndarray) -> Scores:
    bits = np.stack([totals / 3] * 3, axis=1)
    return Scores(bits, np.zeros(len(totals)), notes, np.zeros(len(totals)))


def made_up(tunes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    random = np.random.default_rng(seed)
    notes = random.integers(20, 200, tunes)
    return notes * random.normal(2.6, 0.4, tunes), notes, random


def test_the_difference_is_in_bits_per_note() -> None:
    totals, notes, _ = made_up(100)
    found = compare(scores(totals, notes), scores(totals - 0.1 * notes, notes))
    assert found.old_bits == pytest.approx(totals.sum() / notes.sum())
    assert found.new_bits == pytest.approx(found.old_bits - 0.1)
    assert (found.low, found.high) == pytest.approx((-0.1, -0.1))
    assert found.better
    assert not compare(scores(totals, notes), scores(totals + 0.1 * notes, notes)).better
    assert not compare(scores(totals, notes), scores(totals, notes)).better


def test_chance_rarely_counts_as_better() -> None:
    better = 0
    for seed in range(200):
        totals, notes, random = made_up(40, seed)
        other = totals + notes * random.normal(0, 0.05, 40)
        better += compare(scores(totals, notes), scores(other, notes), seed).better
    assert better <= 14, "2.5 % of 200 are expected"


def test_a_small_gain_on_many_tunes_counts() -> None:
    totals, notes, random = made_up(600)
    other = totals + notes * random.normal(-0.01, 0.05, 600)
    assert compare(scores(totals, notes), scores(other, notes)).better


def test_too_few_tunes_prove_nothing() -> None:
    totals, notes, _ = made_up(ENOUGH - 1)
    assert not compare(scores(totals, notes), scores(totals - notes, notes)).better


def test_times_outside_the_vocabulary_cost_their_share() -> None:
    totals, notes, _ = made_up(10)
    plain = scores(totals, notes)
    rare = Scores(plain.bits, np.full(10, 3.0), notes, plain.right)
    assert rare.per_note == pytest.approx(plain.per_note + 30 / notes.sum())
    assert rare.metrics() == plain.metrics(), "a card tells of the network's own classes"
