"""Short-term memory: what a melody has done so far, recalled for many melodies side by side.

It learns inside the melody and knows nothing else, so it is what takes up a primer's own motifs.
Every past note whose context agrees with the present one is evidence for what comes; contexts of
each length are blended with those one shorter as in a hierarchical Dirichlet model (MacKay & Peto
1995), by several viewpoints (Conklin & Witten 1995). Instead of a tree of contexts it keeps, for
every past note, how many notes before it agree with the latest ones; that is brought up to date by
one comparison a note, for all melodies of a batch at once.

Pulls towards shorter contexts are weak, so that each view says little more than what followed the
longest context that was met before. How far to trust that is left to the gate that mixes the views
with the network (:mod:`engine.gating`): on held-out tunes the mixture is the better for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

PITCHES: Final = 128
NO_INTERVAL: Final = 2 * PITCHES
"""Interval of the first note, which has none; the others are -127 to 127."""

LONGEST: Final = 10
"""Notes of the longest context told apart; two notes that agree so far back agree enough."""

PITCH_PULL: Final = (1.0, 0.3, 0.1, 0.03, 0.01)
DURATION_PULL: Final = (0.3, 0.1, 0.05)
"""Weight of the shorter contexts, in notes, by the length of the context; the last for all longer.

Found on held-out tunes: stronger ones cost up to 0.02 bits, weaker ones gain nothing.
"""

PITCH_VIEWS: Final = ("pitch by place", "interval and duration")
DURATION_VIEWS: Final = ("duration by place",)


class Said(NamedTuple):
    """What the views say of the next value, and how long a context each has met before.

    Attributes:
        log_probs: (views, batch, n) float64, none is minus infinity.
        matches: (batch, views), in notes, that of the note to come included; 0: none.
    """

    log_probs: Array
    matches: Array


@dataclass(frozen=True, slots=True)
class Recall:
    """What is remembered of a batch of melodies that have as many notes each.

    Attributes:
        pitch, interval, duration, place: of each note, (batch, notes): MIDI number, semitones,
            class of the duration, class of the place in the bar.
        pitch_run, motif_run, duration_run: how many notes before each note agree with the latest
            ones in pitch; in interval and duration; in duration.
    """

    pitch: Array
    interval: Array
    duration: Array
    place: Array
    pitch_run: Array
    motif_run: Array
    duration_run: Array

    @classmethod
    def start(cls, batch: int) -> Recall:
        """Begin ``batch`` melodies of which nothing is heard yet."""
        return cls(*(np.zeros((batch, 0), np.int32) for _ in range(7)))

    def __len__(self) -> int:
        """Count the notes that each melody has."""
        return int(self.pitch.shape[1])

    def take(self, index: Any) -> Recall:
        """Pick melodies of the batch, in the order of ``index``; repeats make copies."""
        return Recall(
            self.pitch[index],
            self.interval[index],
            self.duration[index],
            self.place[index],
            self.pitch_run[index],
            self.motif_run[index],
            self.duration_run[index],
        )

    def after(self, pitch: Array, duration: Array, place: Array) -> Recall:
        """Take one note of each melody in: its pitch, its duration's class, its place's class."""
        nothing = np.full(len(pitch), NO_INTERVAL)
        interval = pitch - self.pitch[:, -1] if len(self) else nothing
        same_duration = self.duration == duration[:, None]
        same_motif = same_duration & (self.interval == interval[:, None])
        return Recall(
            _append(self.pitch, pitch),
            _append(self.interval, interval),
            _append(self.duration, duration),
            _append(self.place, place),
            _go_on(self.pitch_run, self.pitch == pitch[:, None]),
            _go_on(self.motif_run, same_motif),
            _go_on(self.duration_run, same_duration),
        )

    def durations(self, place: Array, classes: int) -> Said:
        """Foretell the next duration.

        Args:
            place: (batch,) class of the place in the bar at which the note starts.
            classes: how many classes of durations there are.
        """
        length = _agreement(self.place == place[:, None], self.duration_run)
        return _said(length, self.duration, classes, DURATION_PULL, 1)

    def pitches(self, duration: Array, place: Array) -> Said:
        """Foretell the next pitch, knowing when and how long; see :meth:`durations`."""
        here = _agreement(self.place == place[:, None], self.pitch_run)
        motif = _agreement(self.duration == duration[:, None], self.motif_run)
        moved = self.interval + (self.pitch[:, -1:] if len(self) else 0)
        length, values = np.concatenate([here, motif]), np.concatenate([self.pitch, moved])
        return _said(length, values, PITCHES, PITCH_PULL, 2)


def _append(array: Array, last: Array) -> Array:
    return np.concatenate([array, last[:, None]], axis=1, dtype=np.int32)


def _go_on(run: Array, same: Array) -> Array:
    """Bring agreements up to date, now that one more note has come.

    Args:
        run: how many notes before each note agreed with the latest ones, (batch, notes).
        same: whether each of these notes is what has come.

    Returns:
        (batch, notes + 1): a note's own agreement and one more is that of the note after it.
    """
    start = np.zeros((len(run), 1), np.int32)
    return np.concatenate([start, np.where(same, run + 1, 0)], axis=1, dtype=np.int32)


def _agreement(given: Array, run: Array) -> Array:
    """Give the length of the context that each past note shares with the one to come."""
    return np.where(given, np.minimum(run + 1, LONGEST), 0)


def _said(length: Array, values: Array, size: int, pull: tuple[float, ...], views: int) -> Said:
    """Blend the evidence of all past notes, each by the length of the context that it shares.

    With c notes that share a context of length k, P_k = (counts + pull_k P_{k-1}) / (c + pull_k);
    so each note's evidence has one weight, the sum of what it weighs at all lengths up to its own.

    Args:
        length: (views * batch, notes).
        values: (views * batch, notes) what came; values outside 0 to ``size`` - 1 are no evidence.
        size: how many values are possible.
        pull: of the shorter contexts.
        views: how many.
    """
    rows = np.arange(len(length))[:, None]
    length = np.where((values >= 0) & (values < size), length, -1)
    cells = rows * (LONGEST + 2) + length + 1
    counts = np.bincount(cells.ravel(), minlength=len(length) * (LONGEST + 2))
    counts = counts.reshape(-1, LONGEST + 2)[:, 1:]
    at_least = counts[:, ::-1].cumsum(axis=1)[:, ::-1]
    pulls = np.array([pull[min(k, len(pull) - 1)] for k in range(LONGEST + 1)])
    whole = at_least + pulls
    left = pulls / whole
    after = np.ones_like(left)  # what longer contexts leave to each length
    after[:, :-1] = left[:, :0:-1].cumprod(axis=1)[:, ::-1]
    weight = np.concatenate([np.zeros((len(left), 1)), (after / whole).cumsum(axis=1)], axis=1)
    cells = rows * size + np.clip(values, 0, size - 1)
    evidence = np.bincount(cells.ravel(), weight[rows, length + 1].ravel(), len(rows) * size)
    probs = evidence.reshape(-1, size) + (after[:, :1] * left[:, :1]) / size
    return Said(
        np.log(probs).reshape(views, -1, size),
        np.maximum(length.max(axis=1, initial=0), 0).reshape(views, -1).T,
    )
