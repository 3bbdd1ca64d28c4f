from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recall import LONGEST, PITCH_PULL, PITCHES, Array, Recall, Said

Notes = list[tuple[int, int, int]]
"""Pitch, class of the duration, class of the place."""

note = st.tuples(st.integers(0, 127), st.integers(0, 5), st.integers(0, 8))
melodies = st.lists(note, max_size=40)


def one(value: int) -> Array:
    return np.array([value])


def remember(notes: Notes, memory: Recall | None = None) -> Recall:
    memory = memory or Recall.start(1)
    for pitch, duration, place in notes:
        memory = memory.after(one(pitch), one(duration), one(place))
    return memory


def said(notes: Notes, duration: int, place: int) -> Said:
    return remember(notes).pitches(one(duration), one(place))


@given(melodies, st.integers(0, 5), st.integers(0, 8))
def test_predictions_are_distributions_that_exclude_nothing(
    notes: Notes, duration: int, place: int
) -> None:
    memory = remember(notes)
    for found, size in (
        (memory.pitches(one(duration), one(place)), PITCHES),
        (memory.durations(one(place), 6), 6),
    ):
        assert found.log_probs.shape[1:] == (1, size)
        assert np.isfinite(found.log_probs).all()
        assert np.allclose(np.exp(found.log_probs).sum(axis=-1), 1)
        assert (found.matches <= min(LONGEST, len(notes))).all()


def by_the_book(contexts: list[tuple[int, ...]], came: list[int], now: tuple[int, ...]) -> Array:
    """Blend, one length of context after the other, as the formula says."""
    probs = np.full(PITCHES, 1 / PITCHES)
    for length in range(LONGEST + 1):
        if length > len(now):
            break
        pull = PITCH_PULL[min(length, len(PITCH_PULL) - 1)]
        counts = np.zeros(PITCHES)
        for context, pitch in zip(contexts, came, strict=True):
            if context[:length] == now[:length] and len(context) >= length:
                counts[pitch] += 1
        probs = (counts + pull * probs) / (counts.sum() + pull)
    return probs


@given(st.lists(st.tuples(st.integers(60, 62), st.just(1), st.integers(0, 1)), max_size=30))
def test_the_view_by_place_is_the_formula(notes: Notes) -> None:
    contexts, came = [], []
    before: tuple[int, ...] = ()
    for pitch, _, place in notes:
        contexts.append((place, *before))
        came.append(pitch)
        before = (pitch, *before)
    expected = by_the_book(contexts, came, (1, *before))
    assert np.allclose(np.exp(said(notes, 1, 1).log_probs[0, 0]), expected)


def test_a_repetition_is_expected_to_go_on() -> None:
    tune = [(67, 1, 0), (64, 1, 1), (64, 2, 2), (65, 1, 3), (62, 1, 4)]
    by_place, motif = said([*tune, *tune[:3]], 1, 3).log_probs[:, 0]
    assert by_place.argmax() == 65
    assert motif.argmax() == 65


def test_a_motif_is_expected_to_go_on_from_another_degree() -> None:
    tune = [(67, 1, 0), (64, 1, 1), (64, 2, 2), (65, 1, 0), (62, 1, 1), (62, 2, 2)]
    again = [(72, 1, 0), (69, 1, 1), (69, 2, 2), (70, 1, 0)]
    _, motif = said([*tune, *again], 1, 1).log_probs[:, 0]
    assert motif.argmax() == 67


def test_a_rhythm_is_expected_to_go_on() -> None:
    rhythm = [(60, 1, 0), (61, 1, 1), (62, 2, 2), (63, 1, 0), (64, 1, 1)]
    found = remember(rhythm).durations(one(2), 6)
    assert found.log_probs[0, 0].argmax() == 2
    assert found.matches[0, 0] == 3


def test_matches_count_the_notes_that_agree() -> None:
    tune = [(67, 1, 0), (64, 1, 1), (64, 2, 2), (65, 1, 3)]
    assert said(tune, 5, 7).matches.tolist() == [[0, 0]]
    by_place, _ = said([*tune, *tune[:3]], 1, 3).matches[0]
    assert by_place == 4  # the place of the note to come and the three pitches before it


@given(melodies, melodies, st.integers(1, 4))
def test_lines_side_by_side_say_what_each_says_alone(
    left: Notes, right: Notes, copies: int
) -> None:
    length = min(len(left), len(right))
    memory = Recall.start(2)
    for first, second in zip(left, right, strict=False):
        memory = memory.after(*(np.array(pair) for pair in zip(first, second, strict=True)))
    picked = memory.take(np.array([1] * copies + [0]))
    assert len(picked) == length
    together = picked.pitches(np.full(copies + 1, 1), np.full(copies + 1, 2))
    for line, notes in [(0, right), (copies - 1, right), (copies, left)]:
        alone = said(notes[:length], 1, 2)
        assert np.allclose(together.log_probs[:, line], alone.log_probs[:, 0])
        assert np.array_equal(together.matches[line], alone.matches[0])


@pytest.mark.parametrize("pitch", [0, 127])
def test_a_motif_that_would_leave_the_range_is_no_evidence(pitch: int) -> None:
    leap = 100 if pitch else -100
    notes = [(60, 1, 0), (60 + leap // 2, 1, 0), (pitch, 1, 0)]
    found = said([*notes, (pitch, 1, 0)], 1, 0).log_probs
    assert np.allclose(np.exp(found).sum(axis=-1), 1)


def test_what_is_remembered_does_not_change_when_a_line_goes_on() -> None:
    before = remember([(60, 1, 0), (62, 1, 1)])
    first = before.pitches(one(1), one(0)).log_probs.copy()
    remember([(64, 2, 2), (60, 1, 0)], before)
    assert np.array_equal(first, before.pitches(one(1), one(0)).log_probs)
