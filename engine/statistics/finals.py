"""A long-term model of melody heard from its home note, which the listener has to guess.

The corpus is learnt as distances from each tune's home, its last note or a known tonic. A tune to
predict does not say where its home is: every pitch is tried as the home, weighed by how well it
has explained the notes so far (Bayes), and the weighted predictions are averaged. So one tune
teaches all keys, degrees of the scale count from the first note on, and nothing looks ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.statistics.ppm import Counts, Smoothing, keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = np.ndarray[Any, np.dtype[Any]]

PITCHES: Final = 128
UNIFORM: Final = np.full(PITCHES, 1 / PITCHES)

BITS: Final = 10
BEGIN: Final = 1 << BITS - 1
"""What stands in a context where the melody begins."""

FAINT: Final = 3e-4
"""Belief, beside the strongest, below which a home is no longer asked after the first notes."""

FIRST: Final = 3
"""Notes before which every home is asked."""

FAR: Final = 0.1
"""Share of homes in registers that the corpus does not know, among those in other keys."""

REGISTER: Final = 6
"""Half the distance, in semitones, to which homes stand for others near them."""

SMOOTHING: Final = Smoothing("PY", (0.3, 0.3, 0.7, 0.7, 0.85), (1.0, 1.5, 5.0, 5.0, 4.0, 1.5))


class Finals:
    """What is remembered of a corpus, as distances from each tune's home.

    Args:
        order: longest context.
        smoothing: how counts become probabilities.
    """

    def __init__(self, order: int = 7, smoothing: Smoothing = SMOOTHING) -> None:
        self.order = order
        self.counts = Counts(smoothing)
        self.homes = np.zeros(PITCHES)

    def learn(self, pitches: Sequence[int], home: int | None = None) -> None:
        """Learn one melody.

        Args:
            pitches: MIDI numbers.
            home: MIDI number of its home; None: the last note.
        """
        if not pitches:
            return
        home = pitches[-1] if home is None else home
        self.homes[home] += 1
        recent: tuple[int, ...] = (BEGIN,)
        for pitch in pitches:
            self.counts.add(keys_of(recent, BITS), pitch - home)
            recent = (pitch - home, *recent[: self.order - 1])

    def follow(self, tonic: int | None = None, *, moved: float = 0.15) -> HomeSeeker:
        """Begin a melody.

        Args:
            tonic: pitch class of the home, None when nobody told it.
            moved: how likely the melody stands in any other key than the corpus's tunes, but near
                their register; small where corpus and melody come from one collection.
        """
        wide = np.ones(2 * REGISTER + 1)
        near = np.convolve(self.homes, np.convolve(wide, wide))  # falls off on both sides
        near = near[2 * REGISTER : 2 * REGISTER + PITCHES]
        near += FAR * near.sum() / PITCHES + 1e-9
        odds = self.homes / max(1.0, self.homes.sum()) * (1 - moved) + near / near.sum() * moved
        if tonic is not None:
            odds = np.where((np.arange(PITCHES) - tonic) % 12 == 0, odds, 0.0)
        return HomeSeeker(self, odds / odds.sum())


class HomeSeeker:
    """Follow one melody, guessing its home, and predict its next pitch.

    Args:
        corpus: what is known.
        belief: (128,) probability of each home before the first note.
    """

    __slots__ = ("_asked", "belief", "corpus", "recent")

    def __init__(self, corpus: Finals, belief: Array) -> None:
        self.corpus = corpus
        self.belief = belief
        self.recent: tuple[int, ...] = ()
        self._asked: tuple[Array, Array, Array] | None = None

    def fork(self) -> HomeSeeker:
        """Make a copy that goes its own way."""
        twin = HomeSeeker(self.corpus, self.belief)  # beliefs are replaced, never changed
        twin.recent, twin._asked = self.recent, self._asked
        return twin

    @property
    def classes(self) -> Array:
        """Give the belief in each pitch class as the home, (12,)."""
        return np.asarray(np.bincount(np.arange(PITCHES) % 12, self.belief, 12))

    def pitches(self, base: Array | None = None) -> Array:
        """Give the log-probabilities of the next pitch.

        Args:
            base: (128,) probabilities to fall back on where nothing is remembered; what it gives
                0 stays impossible. None: all pitches alike.

        Returns:
            (128,) float64.
        """
        homes, shares, left = self._ask()
        fallback = UNIFORM if base is None else base
        probs = np.where(fallback > 0, shares + left * fallback, 0.0)
        probs /= probs.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.belief[homes] @ probs / self.belief[homes].sum()))

    def push(self, pitch: int) -> None:
        """Take one pitch in."""
        homes, shares, left = self._ask()
        likely = shares[:, pitch] + left[:, 0] / PITCHES
        usual = self.belief[homes] @ likely / self.belief[homes].sum()
        belief = self.belief * usual  # homes not asked explain it as well as the others together
        belief[homes] = self.belief[homes] * likely
        self.belief = belief / belief.sum()
        self.recent = (pitch, *self.recent[: self.corpus.order - 1])
        self._asked = None

    def _ask(self) -> tuple[Array, Array, Array]:
        """Give the homes that are likely, what each remembers of the next pitch, what it leaves."""
        if self._asked is None:
            least = FAINT * self.belief.max() if len(self.recent) >= FIRST else 0.0
            homes = np.flatnonzero(self.belief > least)
            shares = np.zeros((len(homes), PITCHES))
            left = np.empty((len(homes), 1))
            for line, home in enumerate(homes.tolist()):
                found, left[line, 0] = self.corpus.counts.blend(self._keys(home))
                row = [0.0] * PITCHES
                for symbol, share in found.items():
                    if 0 <= symbol + home < PITCHES:
                        row[symbol + home] = share
                shares[line] = row
            self._asked = homes, shares, left
        return self._asked

    def _keys(self, home: int) -> list[int]:
        recent = [pitch - home for pitch in self.recent]
        if len(recent) < self.corpus.order:
            recent.append(BEGIN)
        return keys_of(recent, BITS)
