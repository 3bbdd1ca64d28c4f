"""How well networks foretell held-out tunes, tune by tune, and which of two is better.

Bits are −log2 of the probability over all times there are: a time outside a network's vocabulary
is told by a class, and :class:`engine.listening.Rarity` spreads it. So networks with different
vocabularies may be compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.listening import Rarity
from engine.training.dataset import frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.corpus import Tune
    from engine.training.dataset import Batches

Array = np.ndarray[Any, np.dtype[Any]]

PARTS: Final = ("shift", "duration", "pitch")

ENOUGH: Final = 5
"""Tunes below which no difference counts as more than chance."""

_ROUNDS: Final = 4000


@dataclass(frozen=True, slots=True)
class Scores:
    """How well a network foretold each held-out tune.

    Attributes:
        bits: of shift, duration and pitch, (tunes, 3), in the network's own classes.
        rare: further bits of times outside its vocabulary, (tunes,).
        notes: (tunes,).
        right: pitches that it thought likeliest, (tunes,).
    """

    bits: Array
    rare: Array
    notes: Array
    right: Array

    @property
    def totals(self) -> Array:
        """Bits of each whole tune."""
        return np.asarray(self.bits.sum(axis=1) + self.rare)

    @property
    def per_note(self) -> float:
        """Bits per note over all tunes."""
        return float(self.totals.sum() / self.notes.sum())

    def metrics(self) -> dict[str, float]:
        """Give what ``model.json`` says: bits per note by part, in the network's own classes."""
        notes = self.notes.sum()
        out = {
            f"{name}_bits": round(float(self.bits[:, i].sum() / notes), 4)
            for i, name in enumerate(PARTS)
        }
        return {**out, "pitch_accuracy": round(float(self.right.sum() / notes), 4)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two networks on the same tunes: bits per note, and the 95 % interval of new minus old."""

    tunes: int
    old_bits: float
    new_bits: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the new one is better beyond chance."""
        return self.tunes >= ENOUGH and self.high < 0


class HeldOut:
    """Tunes that nobody learnt from, encoded for a network.

    Args:
        tunes: at least one.
        batches: their pieces, unshuffled.
        owners: number of the tune of each piece.
        times: the network's vocabulary.
        styles: its styles.
    """

    def __init__(
        self,
        tunes: Sequence[Tune],
        batches: Batches,
        owners: Sequence[int],
        times: Sequence[int],
        styles: Sequence[str],
    ) -> None:
        self._batches = batches
        self._owners = np.array(owners)
        rarity = Rarity(times)
        self.rare = np.array([_rare_bits(tune, rarity, styles) for tune in tunes])
        self.notes = np.array([len(tune.pitches) for tune in tunes])

    def score(self, model: Any) -> Scores:
        """Let a network, a Keras model, foretell all tunes, told neither style nor length."""
        bits = np.zeros((len(self.notes), len(PARTS)))
        right = np.zeros(len(self.notes))
        for number in range(self._batches.count):
            inputs, targets, weights = self._batches[number]
            owners = self._owners[self._batches.pieces_of(number)]
            scores = model.predict_on_batch(inputs)
            weight = weights["pitch"]
            for i, name in enumerate(PARTS):
                logs = _log_softmax(scores[name])
                taken = np.take_along_axis(logs, targets[name][..., None], axis=-1)[..., 0]
                np.add.at(bits[:, i], owners, -(taken * weight).sum(axis=1) / math.log(2))
            hits = (np.argmax(scores["pitch"], axis=-1) == targets["pitch"]) * weight
            np.add.at(right, owners, hits.sum(axis=1))
        return Scores(bits, self.rare, self.notes, right)


def compare(old: Scores, new: Scores, seed: int = 0) -> Comparison:
    """Compare two networks by the paired bootstrap over tunes (Efron & Tibshirani 1993)."""
    difference = new.totals - old.totals
    random = np.random.default_rng(seed)
    picks = random.integers(len(difference), size=(_ROUNDS, len(difference)))
    drawn = difference[picks].sum(axis=1) / old.notes[picks].sum(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Comparison(len(difference), old.per_note, new.per_note, float(low), float(high))


def _log_softmax(scores: Any) -> Array:
    logits = np.asarray(scores, np.float64)
    logits = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)))


def _rare_bits(tune: Tune, rarity: Rarity, styles: Sequence[str]) -> float:
    """Give the bits by which a tune's times outside the vocabulary are told apart."""
    _, start = frame_of(tune, styles)
    shifts = np.diff(tune.onsets, prepend=-start)
    logs = rarity.of(shifts).sum() + rarity.of(tune.durations).sum()
    return -float(logs) / math.log(2)
