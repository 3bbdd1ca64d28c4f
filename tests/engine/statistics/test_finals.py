from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.finals import Finals, HomeSeeker

tunes = st.lists(st.integers(0, 127), max_size=30)


def follow(corpus: Finals, pitches: list[int], tonic: int | None = None) -> HomeSeeker:
    seeker = corpus.follow(tonic)
    for pitch in pitches:
        seeker.push(pitch)
    return seeker


@cache
def scales() -> Finals:
    """Learn tunes in C that wander about the C major scale and end on C; it takes a while."""
    random = np.random.default_rng(2)
    corpus = Finals()
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    for _ in range(40):
        steps = np.clip(4 + np.cumsum(random.choice([-2, -1, 0, 1, 2], 30)), 0, 7)
        corpus.learn([scale[step] for step in steps] + [62, 60])
    return corpus


@settings(deadline=None)
@given(st.lists(tunes, max_size=5), tunes, st.one_of(st.none(), st.integers(0, 11)))
def test_predictions_and_beliefs_are_distributions(
    corpus: list[list[int]], tune: list[int], tonic: int | None
) -> None:
    known = Finals()
    for other in corpus:
        known.learn(other)
    seeker = follow(known, tune, tonic)
    logs = seeker.pitches()
    assert logs.shape == (128,)
    assert np.isfinite(logs).all()
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-12)
    assert seeker.belief.sum() == pytest.approx(1, abs=1e-12)
    assert seeker.classes.sum() == pytest.approx(1, abs=1e-12)
    if tonic is not None:
        assert seeker.classes[tonic] == pytest.approx(1)


@settings(deadline=None)
@given(tunes, tunes, tunes)
def test_forks_go_their_own_way(primer: list[int], left: list[int], right: list[int]) -> None:
    corpus = scales()
    trunk = follow(corpus, primer)
    trunk.pitches()
    one, two = trunk.fork(), trunk.fork()
    for pitch in left:
        one.push(pitch)
    for pitch in right:
        two.push(pitch)
    np.testing.assert_array_equal(trunk.pitches(), follow(corpus, primer).pitches())
    np.testing.assert_array_equal(one.pitches(), follow(corpus, primer + left).pitches())
    np.testing.assert_array_equal(two.pitches(), follow(corpus, primer + right).pitches())


@pytest.mark.parametrize("up", [-7, 0, 1, 6, 18])
def test_the_home_of_a_transposed_tune_is_found(up: int) -> None:
    tune = [67, 64, 64, 65, 62, 62, 60, 62, 64, 65, 67, 67, 67, 71, 72]
    seeker = follow(scales(), [pitch + up for pitch in tune])
    assert seeker.belief.argmax() == 60 + up
    assert seeker.classes[(60 + up) % 12] > 0.5


def test_a_told_tonic_is_believed_from_the_first_note() -> None:
    corpus = scales()
    best = corpus.follow(tonic=0).pitches().argmax()
    assert corpus.follow(tonic=2).pitches().argmax() == best + 2


def test_a_told_home_teaches_more_than_the_last_note() -> None:
    open_end, told = Finals(), Finals()
    for _ in range(5):
        open_end.learn([60, 64, 67, 62])
        told.learn([60, 64, 67, 62], home=60)
    assert open_end.follow(tonic=0).pitches().argmax() == 58
    assert told.follow(tonic=0).pitches().argmax() == 60


def test_a_base_limits_the_alphabet() -> None:
    base = np.zeros(128)
    base[[60, 62, 64]] = 1 / 3
    logs = follow(scales(), [60, 62, 60]).pitches(base)
    assert (np.isfinite(logs) == (base > 0)).all()
    assert np.exp(logs).sum() == pytest.approx(1, abs=1e-12)


def test_a_long_melody_is_followed() -> None:
    random = np.random.default_rng(1)
    pitches = np.clip(np.cumsum(random.integers(-9, 10, 3000)) + 64, 0, 127).tolist()
    seeker = follow(scales(), pitches)
    assert np.isfinite(seeker.pitches()).all()
    assert np.isfinite(seeker.belief).all()


def test_nothing_is_learnt_from_no_notes() -> None:
    corpus = Finals()
    corpus.learn([])
    assert not len(corpus.counts)
