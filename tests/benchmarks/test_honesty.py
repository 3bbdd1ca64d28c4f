"""No row of the prediction benchmark may know a note before it comes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks import folds, like_for_like, pretrained, rhythm, yardstick
from benchmarks.folds import Part, joined, mixtures, predict
from tests.benchmarks.melodies import KINDS, changed, noise, split_of, walks
from tests.engine.models import tiny_model

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.pearce import Piece
    from engine.gating import Events

MEMORIES = {
    "a": like_for_like.PART,
    "c": rhythm.PART,
    "plain": yardstick.PART,
}
TIMED = {"c"}


@pytest.fixture(params=MEMORIES)
def row(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("place", [0, 1, 13])
def test_what_comes_later_changes_nothing(row: str, place: int) -> None:
    part, training = MEMORIES[row], walks(12, 1)
    first, second, third = walks(3, 2)
    said = part.foretell(split_of(training, [first, second, third]))
    other = changed(second, place, rhythm=True)
    again = part.foretell(split_of(training, [first, other, walks(1, 3)[0]]))
    so_far = len(first.pitches) + place + 1  # the note at the place is foretold, then changed
    assert np.array_equal(said.log_probs[:, :so_far], again.log_probs[:, :so_far])
    assert np.array_equal(said.matches[:so_far], again.matches[:so_far])
    assert not np.allclose(said.log_probs[:, so_far:], again.log_probs[:, so_far:])


def test_rhythm_says_nothing_where_it_is_not_known(row: str) -> None:
    part, training, test = MEMORIES[row], walks(12, 1), walks(3, 2)
    flat = [
        replace(p, onsets=np.arange(len(p.onsets)), durations=p.durations * 0 + 24) for p in test
    ]
    said = part.foretell(split_of(training, test)).log_probs
    again = part.foretell(split_of(training, flat)).log_probs
    assert np.array_equal(said, again) == (row not in TIMED)


def test_every_model_gives_a_distribution_over_the_alphabet(row: str) -> None:
    part = MEMORIES[row]
    test = walks(3, 2)
    said = part.foretell(split_of(walks(6, 1), test))
    assert said.log_probs.shape == (len(part.models), sum(len(p.pitches) for p in test), KINDS)
    assert len(said.matches) == said.log_probs.shape[1]
    assert np.exp(said.log_probs).sum(axis=-1) == pytest.approx(1, abs=1e-6)
    assert (said.log_probs > -np.inf).all()


@pytest.mark.parametrize("part", pretrained.parts(tiny_model()), ids=lambda part: part.models[0])
def test_a_pretrained_version_hears_nothing_of_later_notes(part: Part) -> None:
    (tune,) = walks(1, 2)
    said = part.foretell(split_of([], [tune])).log_probs
    again = part.foretell(split_of([], [changed(tune, 9, rhythm=True)])).log_probs
    assert np.allclose(said[:, :10], again[:, :10], atol=1e-5)
    assert not np.allclose(said[:, 10:], again[:, 10:], atol=1e-2)


@pytest.mark.slow
@pytest.mark.parametrize("timed", [False, True])
def test_a_small_network_hears_nothing_of_later_notes(
    monkeypatch: pytest.MonkeyPatch, *, timed: bool
) -> None:
    small = pytest.importorskip("benchmarks.small_network")
    how = small.Settings(units=8, inputs=8, hidden=8, epochs=1)
    monkeypatch.setattr(small, "Settings", lambda: how)
    part = small.WITH_RHYTHM if timed else small.BY_PITCH
    training, (tune,) = walks(3, 1), walks(1, 2)
    said = part.foretell(split_of(training, [tune])).log_probs
    again = part.foretell(split_of(training, [changed(tune, 9, rhythm=True)])).log_probs
    assert np.allclose(said[:, :10], again[:, :10], atol=1e-5)
    assert not np.allclose(said[:, 10:], again[:, 10:], atol=1e-3)


def events_of(part: Part, folder: Path, seed: int, pieces: list[Piece]) -> Events:
    parts = []
    for fold in range(3):
        file = folder / f"{seed}-{fold}.npz"
        predict(part, pieces, seed, fold, file)
        cut = folds.split(pieces, seed, fold)
        parts.append(folds.gather([file], cut.test, cut.alphabet))
    return joined(parts)


@pytest.mark.parametrize("row", ["a", "c"])
def test_noise_cannot_be_foretold(tmp_path: Path, row: str) -> None:
    collections = {
        str(seed): events_of(MEMORIES[row], tmp_path, seed, noise(20, seed)) for seed in (1, 2, 3)
    }
    least = np.log2(KINDS)
    for name, bits in mixtures(collections, list(collections)).items():
        error = bits.std() / np.sqrt(len(bits))
        assert bits.mean() > least - 2 * error
        alone = folds.alone(collections[name], MEMORIES[row].models)
        assert min(alone.values()) > least - 2 * error


def test_the_mixture_is_learnt_without_the_melodies_that_it_is_tried_on(tmp_path: Path) -> None:
    part = MEMORIES["a"]
    mine, other, third = (events_of(part, tmp_path, seed, walks(30, seed)) for seed in (1, 2, 3))
    every = ("mine", "other", "third")
    before = mixtures({"mine": mine, "other": other, "third": third}, every)
    came = mine.came.copy()
    came[40:] = (came[40:] + 1) % KINDS
    after = mixtures({"mine": replace(mine, came=came), "other": other, "third": third}, every)
    assert np.array_equal(before["mine"][:40], after["mine"][:40])
    assert not np.allclose(before["other"], after["other"])
    with pytest.raises(ValueError, match="other collections"):
        mixtures({"mine": mine}, ("mine",))
