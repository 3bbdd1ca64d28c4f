"""What a continuation may do: keep to the bars and the grid, stay singable, close well.

Rules only say which draws are allowed or likelier; the network chooses among them.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.music import Key
    from engine.predict import Array

QUARTER: Final = 48
STRAIGHT: Final = 6
"""Ticks of the grid outside triplets: a 32nd note."""

TRIPLETS: Final = (8, 16)
"""Triplet values in ticks: sixteenth and eighth."""

PLAIN: Final = (6, 12, 18, 24, 36, 48, 72, 96, 144, 192, 288, 384)
"""Straight values in ticks that are written with one sign."""

DRONE: Final = 4
"""Equal notes in a row that are never exceeded, unless the primer does."""

OUTSIDE: Final = -1.5
"""Change in log-probability of pitches outside the key that the primer does not use."""

OTHER_THIRD: Final = -6.0
"""The same for the other mode's third: the network knows the tonic, but not the mode."""

REACH: Final = 9
"""Semitones above and below the middle of the primer that are always allowed."""

CLOSE: Final = (3.0, 0.0, -0.5)
"""Change in log-probability of tonic, third and fifth on the last note."""

HALF_CLOSE: Final = 0.8
"""Change in log-probability of the dominant chord at a half cadence: degrees 5, 7 and 2."""

BREATHS: Final = ((4, 1.0, -2.0), (2, 0.3, -1.0))
"""Phrases: bars, and the change in log-probability of a note of a beat or more that ends one, and
of a note that sounds across its end."""


class Rules:
    """The rules of one continuation. All times are ticks from the first bar line.

    Args:
        times: time values of the model's vocabulary.
        key: of the tune.
        heard: pitches of the primer.
        bar, beat: lengths.
        begin, end: where new music begins and ends; the end is a bar line.
        pickup: length of the anacrusis; phrases end and begin that much before bar lines.
    """

    def __init__(  # noqa: PLR0913  # all are known where it is built
        self,
        times: Sequence[int],
        key: Key,
        heard: Sequence[int],
        *,
        bar: int,
        beat: int,
        begin: int,
        end: int,
        pickup: int = 0,
    ) -> None:
        self.times = times
        self.bar, self.beat, self.begin, self.end = bar, beat, begin, end
        self.drone = max([DRONE, *(len(list(run)) for _, run in groupby(heard))])
        self._pitches = _leanings(key, heard)
        self._closing = _closing(key)
        self._half_closing = self._pitches + _half_closing(key)
        self._ends = _phrase_ends(bar, begin, end, pickup)
        self._breaths: dict[int, Array] = {}
        self._durations: dict[int, Array] = {}
        self._onsets: dict[tuple[int, int], Array] = {}

    def onsets(self, last: int | None, natural: int) -> Array:
        """Say which shifts are allowed: on at once, or after a rest of up to a beat.

        Args:
            last: onset of the last note; None before the first new one, which starts at once.
            natural: where the next note starts without a rest.

        Returns:
            (times,) booleans; all False: start at ``natural``.
        """
        key = (-1 if last is None else last, natural)
        if key not in self._onsets:
            latest = min(natural + self.beat, self.end - self.beat)
            rests = last is not None and natural % STRAIGHT == 0
            self._onsets[key] = np.array(
                [
                    rests
                    and natural <= (last or 0) + shift <= latest
                    and ((last or 0) + shift - natural) % (2 * STRAIGHT) == 0
                    for shift in self.times
                ]
            )
        return self._onsets[key]

    def durations(self, onset: int) -> Array:
        """Say which lengths are allowed for a note that starts here.

        Returns:
            (times,) booleans; all False: only :meth:`to_next_beat` fits.
        """
        if onset not in self._durations:
            fits = [self._fits(onset, length) for length in self.times]
            self._durations[onset] = np.array(fits)
        return self._durations[onset]

    def breaths(self, onset: int) -> Array:
        """Give what is added to the log-probabilities of lengths: phrases end on longer notes.

        Returns:
            (times,) changes; 0 far from the end of a phrase.
        """
        if onset not in self._breaths:
            near = (end for end in self._ends if onset < end <= onset + self.bar)
            end = min(near, default=0)
            change = np.zeros(len(self.times))
            if end:
                lengths = np.array(self.times)
                _, longer, across = BREATHS[self._ends[end]]
                change[(lengths == end - onset) & (lengths >= self.beat)] = longer
                change[lengths > end - onset] = across
            self._breaths[onset] = change
        return self._breaths[onset]

    def at_phrase_end(self, onset: int, length: int) -> bool:
        """Tell whether a note ends a phrase of four bars with a beat or more."""
        return self._ends.get(onset + length) == 0 and length >= self.beat

    def _fits(self, onset: int, length: int) -> bool:
        """Keep triplets whole, and the last note at least a beat long or all that is left."""
        rest = self.end - onset
        left = rest - length
        if left < 0 or (left and (rest <= self.beat or left < self.beat)):
            return False
        if onset % STRAIGHT:
            return length in TRIPLETS and onset % QUARTER + length <= QUARTER
        if length in TRIPLETS:
            return onset % 24 == 0 and onset % QUARTER + 3 * length <= QUARTER
        return length in PLAIN

    def to_next_beat(self, onset: int) -> int:
        """Give the length up to the next beat: the way back from places off the grid."""
        in_bar = onset % self.bar
        beat = min((in_bar // self.beat + 1) * self.beat, self.bar)
        left = self.end - onset
        length = beat - in_bar
        return length if left - length >= self.beat or left == length else left

    def pitches(self, played: Sequence[int], end: int, banned: Iterable[int] = ()) -> Array:
        """Give what is added to the log-probabilities of the 128 pitches.

        Args:
            played: pitches so far, primer included.
            end: where the note ends; at the end of the tune it closes on the tonic chord, in the
                middle it leans to the dominant.
            banned: pitches that are out of the question.
        """
        leaning = self._half_closing if self._half(end) else self._pitches
        if end >= self.end:
            far = np.abs(np.arange(128) - played[-1]) > 7 if played else np.zeros(128, bool)
            closing = leaning + self._closing - 3.0 * far
            leaning = closing if np.isfinite(closing).any() else leaning
        without = [pitch for pitch in banned if 0 <= pitch < 128]
        recent = played[-self.drone :]
        if len(recent) == self.drone and len(set(recent)) == 1:
            without.append(recent[0])
        return _without(without, leaning, self._pitches) if without else leaning

    def _half(self, end: int) -> bool:
        """Tell whether a half cadence stands here: four bars before the end, and eight bars on."""
        return self._ends.get(end) == 0 and (self.end - end) // self.bar % 8 == 4


def _phrase_ends(bar: int, begin: int, end: int, pickup: int) -> dict[int, int]:
    """Find where phrases end before the end of the tune, and their number in :data:`BREATHS`."""
    ends: dict[int, int] = {}
    for kind, (bars, _, _) in enumerate(BREATHS):
        for line in range(end - bars * bar, begin, -bars * bar):
            ends.setdefault(line - pickup, kind)
    return ends


def _without(banned: Sequence[int], *leanings: Array) -> Array:
    """Take pitches out of the first of some leanings that leaves any; at last, of all pitches."""
    for leaning in (*leanings, np.zeros(128)):
        left = leaning.copy()
        left[list(banned)] = -np.inf
        if np.isfinite(left).any():
            return left
    return leanings[0]


def _half_closing(key: Key) -> Array:
    """Lean to the dominant chord: the fifth, the second and the scale's own seventh."""
    seventh = 11 if (key.tonic + 11) % 12 in key.scale else 10
    degree = (np.arange(128) - key.tonic) % 12
    return np.where(np.isin(degree, (2, 7, seventh)), HALF_CLOSE, 0.0)


def _leanings(key: Key, heard: Sequence[int]) -> Array:
    """Keep to a singable range around the primer's, and mostly to its key."""
    low, high = (min(heard), max(heard)) if heard else (60, 74)
    middle = round((low + high) / 2)
    low, high = max(0, min(low, middle - REACH)), max(high, middle + REACH)
    allowed = np.full(128, -np.inf)
    allowed[low : high + 1] = 0.0
    own = {pitch % 12 for pitch in heard}
    thirds = {(key.tonic + 3) % 12, (key.tonic + 4) % 12}
    wrong_third = thirds - key.scale if len(thirds & key.scale) == 1 else set()
    for pitch in range(128):
        if pitch % 12 not in own | key.scale:
            allowed[pitch] += OTHER_THIRD if pitch % 12 in wrong_third else OUTSIDE
    return allowed


def _closing(key: Key) -> Array:
    """Let the last note be of the tonic chord, best the tonic."""
    bonus = np.full(128, -np.inf)
    degree = (np.arange(128) - key.tonic) % 12
    third = 3 if (key.tonic + 3) % 12 in key.scale else 4
    for step, value in zip((0, third, 7), CLOSE, strict=True):
        bonus[degree == step] = value
    return bonus
