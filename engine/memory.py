"""What is remembered of melodies: statistical models that learn while they listen.

:class:`ShortTerm` learns inside one melody as it goes and knows nothing else; it is what takes up
a primer's own motifs. :class:`LongTerm` learns from a corpus. Both count by several viewpoints
(Conklin & Witten 1995; Pearce 2005): ways of seeing a note and what came before it, each with its
own variable-order model of :mod:`engine.ppm`. Their predictions are mixed by :mod:`engine.mixture`.

Times are ticks of 1/192 of a whole note. A note is (shift, duration, pitch): its shift is its
onset minus the onset before, for the first note its place in the first bar.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.ppm import Counts, Smoothing, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Array = np.ndarray[Any, np.dtype[Any]]

PITCHES: Final = 128
TIME_BITS: Final = 24
"""Bits of a time in a key: holds every time of the longest melody."""

UNIFORM: Final = np.full(PITCHES, 1 / PITCHES)


@dataclass(slots=True)
class Past:
    """What the viewpoints see of a melody up to now.

    Attributes:
        bar: length of a bar, 0 without a meter.
        tonic: pitch class, None when nobody told it.
        notes: how many have come.
        onset, shift, duration, pitch: of the last note.
        before: the pitch before the last.
        first: the first pitch.
    """

    bar: int = 0
    tonic: int | None = None
    notes: int = 0
    onset: int = 0
    shift: int = 0
    duration: int = 0
    pitch: int = 0
    before: int = 0
    first: int = 0

    def push(self, shift: int, duration: int, pitch: int) -> None:
        """Take one note in."""
        self.before = self.pitch if self.notes else pitch
        if not self.notes:
            self.first = pitch
        self.onset += shift
        self.shift, self.duration, self.pitch = shift, duration, pitch
        self.notes += 1

    def place(self, shift: int = 0) -> int:
        """Give the place in the bar of a time ``shift`` ticks after the last onset."""
        return (self.onset + shift) % self.bar if self.bar else 0

    @property
    def reference(self) -> int:
        """The tonic, or the first pitch's class where nobody told the tonic."""
        return self.first if self.tonic is None else self.tonic


@dataclass(frozen=True, slots=True)
class View:
    """One way of seeing a coming value: pitch, shift or duration.

    The value is counted as its distance from ``origin``, in contexts of the symbols that
    ``symbol`` made of the notes before, the latest ``order`` of them at most.

    Attributes:
        name: for people.
        order: longest context.
        symbol: what a note adds to the contexts of those that follow; asked after it came.
        origin: what is subtracted from the value; asked before it comes.
        given: what is known of the note before its value, from its shift and duration: it stands
            nearest in the context. None: nothing is.
        bits: by which symbols are told apart.
        smoothing: see there.
    """

    name: str
    order: int
    symbol: Callable[[Past], int]
    origin: Callable[[Past], int]
    given: Callable[[Past, int, int], int] | None = None
    bits: int = 10
    smoothing: Smoothing = field(default_factory=Smoothing)


def _zero(_past: Past) -> int:
    return 0


def _pitch(past: Past) -> int:
    return past.pitch


def _interval(past: Past) -> int:
    return past.pitch - past.before


def _first(past: Past) -> int:
    return past.first


def _from_first(past: Past) -> int:
    return past.pitch - past.first


def _degree(past: Past) -> int:
    return (past.pitch - past.reference) % 12


def _interval_degree(past: Past) -> int:
    """Link the interval and the scale degree it led to."""
    return (past.pitch - past.before) * 12 + _degree(past)


def _contour(past: Past) -> int:
    return (past.pitch > past.before) - (past.pitch < past.before)


def _interval_duration(past: Past) -> int:
    return (past.pitch - past.before + PITCHES) << TIME_BITS | past.duration


def _duration(past: Past) -> int:
    return past.duration


def _rest(past: Past) -> int:
    """Say when the next note is expected: when the last one ends."""
    return past.duration if past.notes else 0


def _event(past: Past) -> int:
    return past.shift << TIME_BITS | past.duration


def _given_shift(_past: Past, shift: int, _duration: int) -> int:
    return shift


def _given_place(past: Past, shift: int, _duration: int) -> int:
    return past.place(shift)


def _given_rhythm(past: Past, shift: int, duration: int) -> int:
    return past.place(shift) << TIME_BITS | duration


PITCH_VIEWS: Final = (
    View("pitch", 4, _pitch, _zero),
    View("interval", 4, _interval, _pitch),
    View("first", 4, _from_first, _first),
    View("degree", 4, _interval_degree, _pitch, bits=14),
)
"""Views of pitch by pitch alone: they ask for no rhythm."""

RHYTHM_VIEWS: Final = (
    View("interval and duration", 4, _interval_duration, _pitch, bits=TIME_BITS + 10),
    View("degree and place", 3, _degree, _pitch, _given_rhythm, bits=2 * TIME_BITS),
)
"""Views of pitch by pitch and rhythm, that of the coming note included."""

DURATION_VIEWS: Final = (
    View("duration", 4, _duration, _zero, bits=TIME_BITS),
    View("duration by place", 4, _duration, _zero, _given_place, bits=TIME_BITS),
)

SHIFT_VIEWS: Final = (
    View("rest", 3, _duration, _rest, bits=TIME_BITS),
    View(
        "rest by place",
        3,
        _duration,
        _rest,
        lambda past, _shift, _duration: past.place(past.duration),
        bits=TIME_BITS,
    ),
)


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a memory, of each value."""

    pitch: tuple[View, ...] = PITCH_VIEWS + RHYTHM_VIEWS
    duration: tuple[View, ...] = DURATION_VIEWS
    shift: tuple[View, ...] = SHIFT_VIEWS

    @property
    def every(self) -> tuple[View, ...]:
        """All of them: shift, duration, pitch."""
        return self.shift + self.duration + self.pitch


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
        views = views or Views()
        super().__init__(
            views, [Counts(view.smoothing) for view in views.every], bar=bar, tonic=tonic
        )


class LongTerm:
    """What is remembered of a corpus.

    Args:
        views: what it sees.
    """

    def __init__(self, views: Views | None = None) -> None:
        self.views = views or Views()
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


@lru_cache(maxsize=8)
def _classes(times: tuple[int, ...]) -> Mapping[int, int]:
    return {ticks: number for number, ticks in enumerate(times, 1)}


def _logs(probs: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(probs / probs.sum(axis=-1, keepdims=True)))
