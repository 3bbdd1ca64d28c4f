"""PPM* as Pearce (2005, chapter 6) describes it, to check the benchmark's machinery against.

Contexts of any length, interpolated; the prediction starts from the shortest context that was
always followed by the same, else from the longest that was met. Short-term: escape method X with
update exclusion, knows the test melody alone. Long-term: escape method C, knows the training
melodies; with learning (LTM+) also the test melody so far and those before it. The combination
weighs the two at each note by how sure they are and averages their probabilities.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.folds import Part, Said, Split, fingerprint
from engine import mixture
from engine.mixture import combine
from engine.statistics import ppm
from engine.statistics.ppm import Counts, Smoothing, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.folds import Array

MODELS: Final = ("STM", "LTM", "LTM+", "combined")

LONGEST: Final = 32
"""Notes of the longest context: longer ones repeat only where whole melodies do."""

BITS: Final = 7
"""Of a pitch in the key of a context."""

BIAS: Final = 1.0
"""Of the entropy weights, as :func:`engine.mixture.entropy_weights` takes it."""


class Star:
    """One PPM* model of pitches.

    Args:
        smoothing: escape method, and whether updates are exclusive.
    """

    def __init__(self, smoothing: Smoothing) -> None:
        self._counts = Counts(smoothing)

    def predict(self, recent: Sequence[int], base: Array) -> Array:
        """Give the probabilities of all pitches, (128,); ``recent`` has the latest first."""
        keys = _keys(recent)
        keys = keys[: self._counts.match(keys)]
        sure = (n for n, key in enumerate(keys, 1) if len(self._counts.seen(key)) == 1)
        shares, left = self._counts.blend(keys[: next(sure, len(keys))])
        probs = left * base
        for pitch, share in shares.items():
            probs[pitch] += share
        return np.asarray(probs)

    def learn(self, recent: Sequence[int], pitch: int) -> None:
        """Count one pitch after those before it."""
        self._counts.add(_keys(recent), pitch)

    def learn_all(self, pitches: Sequence[int]) -> None:
        """Count the pitches of a melody."""
        for place, pitch in enumerate(pitches):
            self.learn(pitches[:place][::-1], pitch)


def _keys(recent: Sequence[int]) -> list[int]:
    return keys_of(recent[:LONGEST], BITS)


def foretell(split: Split) -> Said:
    """Let the four models foretell the test melodies."""
    still, lasting = Star(Smoothing("C", exclusion=False)), Star(Smoothing("C", exclusion=False))
    for piece in split.training:
        still.learn_all(piece.pitches.tolist())
        lasting.learn_all(piece.pitches.tolist())
    lines = []
    for piece in split.test:
        passing = Star(Smoothing("X"))
        recent: list[int] = []
        for pitch in piece.pitches.tolist():
            stars = (passing, still, lasting)
            lines.append([star.predict(recent, split.base)[split.alphabet] for star in stars])
            passing.learn(recent, pitch)
            lasting.learn(recent, pitch)
            recent.insert(0, pitch)
    logs = np.log(np.moveaxis(np.array(lines), 1, 0))
    mixed = combine(logs[[0, 2]], BIAS, geometric=False)
    return Said(np.concatenate([logs, mixed[None]]), np.zeros((logs.shape[1], 0)))


PART: Final = Part(MODELS, foretell, fingerprint((ppm.__file__, mixture.__file__, __file__)))
