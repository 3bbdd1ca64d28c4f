from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.comparison import (
    FEATURES,
    Line,
    cardinality,
    cardinality_over_time,
    distances,
    features,
    histogram_overlap,
    interval_of_confidence,
    overlap_area,
    pitch_overlap,
    within,
)

TRUE: Line = ((0, 48, 60), (48, 48, 62), (96, 48, 64), (144, 48, 65))

lines = st.lists(
    st.tuples(st.integers(0, 900), st.integers(1, 96), st.integers(40, 90)),
    min_size=1,
    max_size=12,
    unique_by=lambda note: note[0],
).map(lambda notes: tuple(sorted(notes)))


def test_a_moved_copy_scores_fully() -> None:
    moved = tuple((onset + 24, length, pitch + 7) for onset, length, pitch in TRUE)
    assert cardinality(TRUE, moved) == (1.0, 1.0, 1.0)


def test_counts_what_fits_by_the_best_shift_less_one() -> None:
    made: Line = ((0, 48, 60), (48, 48, 62), (96, 48, 70))
    score = cardinality(TRUE, made)
    assert score.precision == pytest.approx(1 / 2)
    assert score.recall == pytest.approx(1 / 3)
    assert score.f1 == pytest.approx(0.4)


@given(lines, lines)
def test_scores_are_shares_and_precision_mirrors_recall(true: Line, made: Line) -> None:
    score, mirrored = cardinality(true, made), cardinality(made, true)
    assert all(0 <= value <= 1 for value in score)
    assert score.precision == mirrored.recall
    assert 0 <= pitch_overlap(true, made) <= pitch_overlap(true, made, octaves=False) + 1e-9
    assert pitch_overlap(true, made, octaves=False) <= 1 + 1e-9


def test_averages_over_growing_parts() -> None:
    late: Line = (*TRUE[:3], (144, 48, 90))
    score = cardinality_over_time(TRUE, late, -48)
    ends = [-48 + after for after in range(96, 481, 24)]
    each = [
        cardinality(*(tuple(n for n in line if n[0] <= end) for line in (TRUE, late))).f1
        for end in ends
    ]
    assert score.f1 == pytest.approx(np.mean(each))
    assert cardinality(TRUE, late).f1 < score.f1 < 1


def test_one_late_note_scores_nothing_but_does_not_fail() -> None:
    assert cardinality_over_time(TRUE, ((9999, 1, 60),), 0) == (0.0, 0.0, 0.0)


def test_overlap_of_pitches_by_octave_or_class() -> None:
    high = tuple((onset, length, pitch + 12) for onset, length, pitch in TRUE)
    assert pitch_overlap(TRUE, high) == 0
    assert pitch_overlap(TRUE, high, octaves=False) == 1
    assert pitch_overlap(TRUE, TRUE[:2]) == pytest.approx(0.5)
    assert pitch_overlap(TRUE, ()) == 0


def test_features_do_not_hear_the_key() -> None:
    moved = tuple((onset, length, pitch + 5) for onset, length, pitch in TRUE)
    for name in FEATURES:
        rows = features(name, [TRUE, moved], [0, 5])
        assert rows[0].tolist() == rows[1].tolist()
    assert features("note density", [TRUE], [0]).tolist() == [[4.0]]
    assert features("interval", [TRUE[:1]], [0]).sum() == 0


def test_distances_are_euclidean() -> None:
    rows = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert distances(rows, rows).tolist() == [[0, 5], [5, 0]]
    assert within(distances(rows, rows)).tolist() == [5]


def test_densities_overlap_with_themselves_and_not_with_what_is_far() -> None:
    random = np.random.default_rng(0)
    values, others = random.normal(0, 1, (2, 4000))
    assert overlap_area(values, values) == pytest.approx(1)
    assert overlap_area(values, others) > 0.95
    assert overlap_area(values, values + 100) < 0.01
    # Two normal densities one deviation apart share 2 * Phi(-1/2) = 0.617.
    assert overlap_area(values, others + 1) == pytest.approx(0.617, abs=0.03)
    assert overlap_area(np.ones(5), np.ones(7)) == 1
    assert overlap_area(np.ones(5), np.zeros(5)) < 0.01


def test_mean_histograms_overlap() -> None:
    rows = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert histogram_overlap(rows, rows[::-1]) == 1
    assert histogram_overlap(rows, np.array([[1.0, 0.0]])) == 0.5
    assert histogram_overlap(np.array([[1.0], [2.0]]), np.array([[1.0], [2.0]])) == 1


def test_an_interval_of_confidence_holds_the_mean_and_narrows() -> None:
    random = np.random.default_rng(0)
    widths = []
    for count in (20, 2000):
        values = random.random(count)
        low, high = interval_of_confidence(values, random)
        assert low < values.mean() < high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5
