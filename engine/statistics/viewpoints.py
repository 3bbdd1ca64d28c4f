"""Ways of seeing a note and what came before it (Conklin & Witten 1995; Pearce 2005).

Each view counts a coming pitch, shift or duration as its distance from something heard, so that a
prediction by any view becomes one of the value itself by addition, in contexts of symbols made of
the notes before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from engine.statistics.ppm import Smoothing

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_BITS: Final = 24
"""Bits of a time in a key: holds every time of the longest melody."""

PITCHES: Final = 128


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
    def home(self) -> int:
        """The tonic at or below the first pitch, or that pitch where nobody told the tonic."""
        if self.tonic is None:
            return self.first
        return self.first - (self.first - self.tonic) % 12


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
        smoothing: None leaves it to the memory, short-term or long-term.
    """

    name: str
    order: int
    symbol: Callable[[Past], int]
    origin: Callable[[Past], int]
    given: Callable[[Past, int, int], int] | None = None
    bits: int = 10
    smoothing: Smoothing | None = None


def _zero(_past: Past) -> int:
    return 0


def _pitch(past: Past) -> int:
    return past.pitch


def _interval(past: Past) -> int:
    return past.pitch - past.before


def _home(past: Past) -> int:
    return past.home


def _from_home(past: Past) -> int:
    return past.pitch - past.home


def _degree(past: Past) -> int:
    return (past.pitch - past.home) % 12


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


def _given_duration(_past: Past, _shift: int, duration: int) -> int:
    return duration


def _given_place(past: Past, shift: int, _duration: int) -> int:
    return past.place(shift)


def _given_end(past: Past, _shift: int, _duration: int) -> int:
    return past.place(past.duration)


def _given_rhythm(past: Past, shift: int, duration: int) -> int:
    return past.place(shift) << TIME_BITS | duration


PITCH: Final = View("pitch", 6, _pitch, _zero)
INTERVAL: Final = View("interval", 6, _interval, _pitch)
FROM_HOME: Final = View("from home", 6, _from_home, _home)
DEGREE: Final = View("degree", 4, _interval_degree, _pitch, bits=14)

INTERVAL_DURATION: Final = View(
    "interval and duration", 4, _interval_duration, _pitch, _given_duration, bits=TIME_BITS + 10
)
INTERVAL_PLACE: Final = View(
    "interval by place", 5, _interval, _pitch, _given_place, bits=TIME_BITS
)
HOME_RHYTHM: Final = View(
    "from home by rhythm", 5, _from_home, _home, _given_rhythm, bits=2 * TIME_BITS
)
DURATION: Final = View("duration", 8, _duration, _zero, bits=TIME_BITS)
DURATION_PLACE: Final = View("duration by place", 8, _duration, _zero, _given_place, bits=TIME_BITS)
REST: Final = View("rest", 3, _duration, _rest, bits=TIME_BITS)
REST_PLACE: Final = View("rest by place", 3, _duration, _rest, _given_end, bits=TIME_BITS)

SHORT: Final = Smoothing("PY", (0.1, 0.3, 0.5), (4.0, 5.0, 4.0, 2.0, 0.5, 0.2))
"""For what is learnt inside a melody: short contexts say little, long ones are its motifs."""

LONG: Final = Smoothing(
    "PY", (0.5, 0.4, 0.7, 0.7, 0.6, 0.8, 0.7, 0.6), (1.0, 1.0, 3.0, 5.0, 4.0, 0.3, 0.1)
)
"""For what is learnt from a corpus and the melody itself."""

SHORT_TIMES: Final = Smoothing("PY", (0.1, 0.3, 0.5), (0.5, 1.0, 2.0, 2.0, 3.0))
LONG_TIMES: Final = Smoothing("PY", (0.5, 0.7, 0.8), (1.0, 2.0))
"""The same for durations and shifts, of which a melody has few."""

MARKOV: Final = Smoothing("C", exclusion=False)
"""For the baseline: plain counts, plain back-off."""

PITCH_VIEWS: Final = (PITCH, INTERVAL, FROM_HOME, DEGREE)
"""Views of pitch by pitch alone: they ask for no rhythm."""

RHYTHM_VIEWS: Final = (INTERVAL_DURATION, INTERVAL_PLACE, HOME_RHYTHM)
"""Views of pitch by pitch and rhythm, that of the coming note included."""


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a memory, of each value."""

    pitch: tuple[View, ...] = PITCH_VIEWS + RHYTHM_VIEWS
    duration: tuple[View, ...] = (DURATION, DURATION_PLACE)
    shift: tuple[View, ...] = (REST, REST_PLACE)

    @property
    def every(self) -> tuple[View, ...]:
        """All of them: shift, duration, pitch."""
        return self.shift + self.duration + self.pitch

    def smoothed(self, pitches: Smoothing, times: Smoothing) -> Views:
        """Give the same views, those that name no smoothing with one."""

        def with_one(views: tuple[View, ...], smoothing: Smoothing) -> tuple[View, ...]:
            return tuple(replace(v, smoothing=v.smoothing or smoothing) for v in views)

        return Views(
            with_one(self.pitch, pitches),
            with_one(self.duration, times),
            with_one(self.shift, times),
        )


BY_PITCH: Final = Views(PITCH_VIEWS, (), ())
"""Views that see pitches only."""

ORDER_2: Final = Views(
    (View("pitch", 2, _pitch, _zero),),
    (View("duration", 2, _event, _zero, _given_shift, bits=2 * TIME_BITS),),
    (View("shift", 2, _event, _zero, bits=2 * TIME_BITS),),
).smoothed(MARKOV, MARKOV)
"""An order-2 Markov model of pitch, and one of (shift, duration)."""
