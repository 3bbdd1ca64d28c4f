"""What is remembered of melodies: statistical models that learn while they listen.

:class:`ShortTerm` learns inside one melody as it goes and knows nothing else; it is what takes up
a primer's own motifs. :class:`LongTerm` learns from a corpus. Both count by several viewpoints
(Conklin & Witten 1995; Pearce 2005): ways of seeing a note and what came before it, each with its
own variable-order model of :mod:`engine.statistics.ppm`. Their predictions are mixed by
:mod:`engine.mixture`.

Times are ticks of 1/192 of a whole note. A note is (shift, duration, pitch): its shift is its
onset minus the onset before, for the first note its place in the first bar.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.statistics.ppm import Counts, keys_of
from engine.statistics.viewpoints import (
    LONG,
    LONG_TIMES,
    ORDER_2,
    PITCH_VIEWS,
    RHYTHM_VIEWS,
    SHORT,
    SHORT_TIMES,
    Past,
    View,
    Views,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "PITCH_VIEWS",
    "RHYTHM_VIEWS",
    "Listener",
    "LongTerm",
    "ShortTerm",
    "View",
    "Views",
    "markov",
]

Array = np.ndarray[Any, np.dtype[Any]]

PITCHES: Final = 128
UNIFORM: Final = np.full(PITCHES, 1 / PITCHES)


class Listener:
    """Follow one melody with counts by several views, and predict its next note.

    Args:
        views: what it sees.
        counts: one for each of ``views.every``; it learns into them.
        bar: length of a bar in ticks, 0 without a meter.
        tonic: pitch class, None when unknown.
        learn: whether it learns from the notes it hears.
    """

    __slots__ = ("counts", "learn", "past", "recent", "views")

    def __init__(
        self,
        views: Views,
        counts: Sequence[Counts],
        *,
        bar: int = 0,
        tonic: int | None = None,
        learn: bool = True,
    ) -> None:
        self.views = views
        self.counts = list(counts)
        self.past = Past(bar, tonic)
        self.recent: list[tuple[int, ...]] = [
            (1 << view.bits - 1,)  # the melody's beginning: no note's symbol
            for view in views.every
        ]
        self.learn = learn

    def fork(self) -> Listener:
        """Make a copy that goes its own way; takes no longer when more is known."""
        twin = copy(self)
        twin.counts = [counts.fork() for counts in self.counts]
        twin.past = replace(self.past)
        twin.recent = list(self.recent)
        return twin

    def __len__(self) -> int:
        """Count the notes heard."""
        return self.past.notes

    def push(self, shift: int, duration: int, pitch: int) -> None:
        """Take one note in.

        Args:
            shift: onset minus the onset before, for the first note its place in the first bar.
            duration: above 0.
            pitch: 0 to 127.
        """
        past = self.past
        if self.learn:
            values = (
                *(shift,) * len(self.views.shift),
                *(duration,) * len(self.views.duration),
                *(pitch,) * len(self.views.pitch),
            )
            for index, (view, value) in enumerate(zip(self.views.every, values, strict=True)):
                keys = self._keys(index, view, shift, duration)
                self.counts[index].add(keys, value - view.origin(past))
        past.push(shift, duration, pitch)
        for index, view in enumerate(self.views.every):
            self.recent[index] = (view.symbol(past), *self.recent[index][: view.order - 1])

    def _keys(self, index: int, view: View, shift: int, duration: int) -> list[int]:
        if not self.past.notes:
            return [0]  # the first note has nothing before it and no origin
        recent = self.recent[index]
        if view.given is None:
            return keys_of(recent, view.bits)
        return keys_of((view.given(self.past, shift, duration), *recent), view.bits)

    def shifts(self, times: tuple[int, ...]) -> Array:
        """Give the log-probabilities of the next shift.

        Args:
            times: the vocabulary's time values; class ``n`` is ``times[n - 1]``, class 0 any other.

        Returns:
            (views, len(times) + 1) float64.
        """
        return self._times(0, self.views.shift, times, 0)

    def durations(self, shift: int, times: tuple[int, ...]) -> Array:
        """Give the log-probabilities of the next duration, after its shift; see :meth:`shifts`."""
        return self._times(len(self.views.shift), self.views.duration, times, shift)

    def _times(
        self, first: int, views: tuple[View, ...], times: tuple[int, ...], shift: int
    ) -> Array:
        classes = _classes(times)
        probs = np.empty((len(views), len(times) + 1))
        for line, view in enumerate(views):
            shares, left = self.counts[first + line].blend(self._keys(first + line, view, shift, 0))
            row = [left / (len(times) + 1)] * (len(times) + 1)
            origin = view.origin(self.past)
            for symbol, share in shares.items():
                row[classes.get(symbol + origin, 0)] += share
            probs[line] = row
        return _logs(probs)

    def pitches(self, shift: int = 0, duration: int = 0, base: Array | None = None) -> Array:
        """Give the log-probabilities of the next pitch.

        Args:
            shift: of the coming note, asked by the views of rhythm only.
            duration: likewise.
            base: (128,) probabilities to fall back on where nothing is remembered, such as
                another model's, or those of an alphabet: what it gives 0 stays impossible. None:
                all pitches alike.

        Returns:
            (views, 128) float64.
        """
        views = self.views.pitch
        first = len(self.counts) - len(views)
        fallback = UNIFORM if base is None else base
        probs = np.zeros((len(views), PITCHES))
        left = np.empty((len(views), 1))
        for line, view in enumerate(views):
            keys = self._keys(first + line, view, shift, duration)
            shares, left[line] = self.counts[first + line].blend(keys)
            row = [0.0] * PITCHES
            origin = view.origin(self.past)
            for symbol, share in shares.items():
                if 0 <= symbol + origin < PITCHES:
                    row[symbol + origin] = share
            probs[line] = row
        return _logs(np.where(fallback > 0, probs + left * fallback, 0.0))

    def matches(self, shift: int = 0, duration: int = 0) -> tuple[int, ...]:
        """Say, for each view of pitch, how long a context was met before (0: none)."""
        views = self.views.pitch
        first = len(self.counts) - len(views)
        return tuple(
            counts.match(self._keys(first + line, view, shift, duration))
            for line, (view, counts) in enumerate(zip(views, self.counts[first:], strict=True))
        )


class ShortTerm(Listener):
    """A memory of one melody that knows nothing else.

    Args:
        views: what it sees.
        bar: length of a bar in ticks, 0 without a meter.
        tonic: pitch class, None when unknown.
    """

    __slots__ = ()

    def __init__(
        self, views: Views | None = None, *, bar: int = 0, tonic: int | None = None
    ) -> None:
        views = (views or Views()).smoothed(SHORT, SHORT_TIMES)
        super().__init__(
            views, [Counts(view.smoothing) for view in views.every], bar=bar, tonic=tonic
        )


class LongTerm:
    """What is remembered of a corpus.

    Args:
        views: what it sees.
    """

    def __init__(self, views: Views | None = None) -> None:
        self.views = (views or Views()).smoothed(LONG, LONG_TIMES)
        self.counts = [Counts(view.smoothing) for view in self.views.every]

    def learn(
        self, notes: Iterable[tuple[int, int, int]], *, bar: int = 0, tonic: int | None = None
    ) -> None:
        """Learn one melody.

        Args:
            notes: (shift, duration, pitch).
            bar: length of a bar in ticks, 0 without a meter.
            tonic: pitch class, None when unknown.
        """
        listener = Listener(self.views, self.counts, bar=bar, tonic=tonic)
        for note in notes:
            listener.push(*note)

    def follow(self, *, bar: int = 0, tonic: int | None = None, learn: bool = False) -> Listener:
        """Begin a melody.

        Args:
            bar: length of a bar in ticks, 0 without a meter.
            tonic: pitch class, None when unknown.
            learn: learn from the melody while following it (LTM+ in Pearce's words); what is
                learnt stays with the listener.
        """
        counts = [counts.fork() for counts in self.counts]
        return Listener(self.views, counts, bar=bar, tonic=tonic, learn=learn)


def markov() -> LongTerm:
    """Make the yardstick: order 2, backing off to shorter contexts, never zero.

    One model of pitch, one of (shift, duration) pairs, predicted one after the other.
    """
    return LongTerm(ORDER_2)


@lru_cache(maxsize=8)
def _classes(times: tuple[int, ...]) -> Mapping[int, int]:
    return {ticks: number for number, ticks in enumerate(times, 1)}


def _logs(probs: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probs / probs.sum(axis=-1, keepdims=True)))
