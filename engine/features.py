"""What the network sees of a melody: a row of small integers for each note to come.

One :class:`Tracker` follows a melody note by note. The same code makes training data and feeds
the network while it composes, so that the two can never differ.

An event is (shift, duration, pitch), predicted in that order: ``shift`` is the onset minus the
previous onset (for the first note: its place in the first bar), all in ticks of 1/192 of a whole
note. Features are viewpoints in the sense of Conklin & Witten (1995): pitch, interval, scale
degree, duration, place in the bar, and what stood at the same place one, two, four and eight bars
ago (the look-back of Magenta's Lookback RNN, Waite 2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.music import Meter

WHOLE: Final = 192
"""Ticks in a whole note."""

LAGS: Final = (1, 2, 4, 8)
"""Bars back at which the look-back features read."""

REACH: Final = 24
"""Largest interval told apart, in semitones; wider ones count as this wide."""

NO_INTERVAL: Final = 2 * REACH + 1
NO_PITCH: Final = 128
NO_DEGREE: Final = 12
PLACES: Final = 97
"""Places in the bar: 1/48 of a whole note each, the last is 'no meter'."""

MAX_BARS_LEFT: Final = 17
"""Class for 16 or more bars left; 0 stands for 'not told'."""

BAR_CYCLE: Final = 16

METERS: Final = (
    "none",
    "other",
    "2/4",
    "3/4",
    "4/4",
    "6/8",
    "3/8",
    "2/2",
    "9/8",
    "6/4",
    "3/2",
    "12/8",
    "4/2",
    "5/4",
    "4/8",
    "4/1",
    "3/1",
    "6/2",
)
"""Meters told apart, by the number the network sees."""


class Column(NamedTuple):
    """One input of the network: its name and how many values it takes."""

    name: str
    size: int


def columns(times: int, styles: int) -> tuple[Column, ...]:
    """List the inputs in order for a vocabulary of ``times`` time values and ``styles`` styles."""
    look_intervals = tuple(Column(f"interval_{lag}_bars_ago", NO_INTERVAL + 1) for lag in LAGS)
    look_times = tuple(Column(f"duration_{lag}_bars_ago", times + 1) for lag in LAGS)
    matches = tuple(Column(f"repeats_{lag}_bars_ago", 3) for lag in LAGS)
    return (
        Column("pitch", NO_PITCH + 1),
        Column("interval", NO_INTERVAL + 1),
        Column("degree", NO_DEGREE + 1),
        Column("register", 27),
        Column("shift", times + 1),
        Column("duration", times + 1),
        Column("place", PLACES),
        Column("next_place", PLACES),
        Column("bar", BAR_CYCLE),
        Column("bars_left", MAX_BARS_LEFT + 1),
        Column("meter", len(METERS)),
        Column("style", styles),
        *look_intervals,
        *look_times,
        *matches,
    )


def interval_class(interval: int) -> int:
    """Number an interval in semitones, 0 to 48, wide ones cut at two octaves."""
    return max(-REACH, min(REACH, interval)) + REACH


def meter_class(meter: Meter | None) -> int:
    """Number a meter by its place in :data:`METERS`."""
    if meter is None:
        return 0
    name = str(meter)
    return METERS.index(name) if name in METERS else 1


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known of a whole tune before its first note.

    Attributes:
        tonic: pitch class 0 to 11.
        meter: number from :func:`meter_class`.
        bar: length of a bar in ticks, 0 without a meter.
        style: number of the style, 0 for any.
        end: time in ticks, from the first bar line, at which the tune shall end; None: not told.
    """

    tonic: int
    meter: int = 0
    bar: int = 0
    style: int = 0
    end: int | None = None


class Tracker:
    """Follow a melody and say what the network sees before each note.

    Times count from the bar line before the first note, so that a pickup of a quarter in 4/4
    starts at 144.

    Args:
        frame: what is known of the tune.
        times: the time values of the vocabulary in ticks, in order; class 0 is any other value.
    """

    def __init__(self, frame: Frame, times: Sequence[int]) -> None:
        self.frame = frame
        self._time_class = {ticks: number for number, ticks in enumerate(times, 1)}
        self.onsets: list[int] = []
        self.durations: list[int] = []
        self.pitches: list[int] = []
        self._sum = 0
        self._matches = [2] * len(LAGS)
        self._cursors = [0] * len(LAGS)
        self._none_looks = (NO_INTERVAL,) * len(LAGS)
        self._looked: tuple[int, tuple[tuple[int, ...], tuple[int, ...]]] | None = None

    def fork(self) -> Tracker:
        """Make a copy that goes its own way."""
        twin = Tracker.__new__(Tracker)
        twin.__dict__.update(self.__dict__)
        for name in ("onsets", "durations", "pitches", "_matches", "_cursors"):
            setattr(twin, name, list(getattr(self, name)))
        return twin

    @property
    def next_onset(self) -> int:
        """Time at which the next note starts when no rest comes between."""
        return self.onsets[-1] + self.durations[-1] if self.onsets else 0

    def time_class(self, ticks: int) -> int:
        """Number a time value: its place in the vocabulary from 1, or 0 for any other."""
        return self._time_class.get(ticks, 0)

    def place(self, time: int) -> int:
        """Number the place in the bar of a time in ticks."""
        if not self.frame.bar:
            return PLACES - 1
        return min(time % self.frame.bar // 4, PLACES - 2)

    def look_back(self, time: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Find what stood 1, 2, 4 and 8 bars before a time.

        Returns:
            MIDI pitches sounding then (128: none), and time classes of the notes that start
            exactly then (0: none starts, or its length is not in the vocabulary).
        """
        if self._looked is not None and self._looked[0] == time:
            return self._looked[1]
        pitches, durations = [], []
        for slot, lag in enumerate(LAGS):
            then = time - lag * self.frame.bar
            if not self.frame.bar or not self.onsets or then < self.onsets[0]:
                pitches.append(NO_PITCH)
                durations.append(0)
                continue
            cursor = self._cursors[slot]
            while cursor + 1 < len(self.onsets) and self.onsets[cursor + 1] <= then:
                cursor += 1
            while cursor > 0 and self.onsets[cursor] > then:
                cursor -= 1
            self._cursors[slot] = cursor
            starts, sounds = self.onsets[cursor], self.onsets[cursor] + self.durations[cursor]
            pitches.append(self.pitches[cursor] if then < sounds else NO_PITCH)
            durations.append(self.time_class(self.durations[cursor]) if starts == then else 0)
        found = tuple(pitches), tuple(durations)
        self._looked = time, found
        return found

    def row(self) -> tuple[int, ...]:
        """Give the inputs for the next note, in the order of :func:`columns`."""
        now = self.next_onset
        frame = self.frame
        bar = now // frame.bar % BAR_CYCLE if frame.bar else 0
        left = 0
        if frame.end is not None and frame.bar:
            bars = -(-(frame.end - now) // frame.bar)
            left = max(1, min(MAX_BARS_LEFT, bars))
        if not self.onsets:
            start = (NO_PITCH, NO_INTERVAL, NO_DEGREE, 26, 0, 0, PLACES - 1, self.place(0))
            none = (0,) * len(LAGS)
            known = (bar, left, frame.meter, frame.style)
            return (*start, *known, *self._none_looks, *none, *self._matches)
        pitch = self.pitches[-1]
        interval = NO_INTERVAL
        shift = self.onsets[-1]
        if len(self.pitches) > 1:
            interval = interval_class(pitch - self.pitches[-2])
            shift -= self.onsets[-2]
        register = max(-12, min(12, round(pitch - self._sum / len(self.pitches)))) + 12
        look_pitches, look_durations = self.look_back(now)
        looks = tuple(
            NO_INTERVAL if then == NO_PITCH else interval_class(then - pitch)
            for then in look_pitches
        )
        return (
            pitch,
            interval,
            (pitch - frame.tonic) % 12,
            register,
            self.time_class(shift),
            self.time_class(self.durations[-1]),
            self.place(self.onsets[-1]),
            self.place(now),
            bar,
            left,
            frame.meter,
            frame.style,
            *looks,
            *look_durations,
            *self._matches,
        )

    def push(self, onset: int, duration: int, pitch: int) -> None:
        """Take one note in."""
        look_pitches, _ = self.look_back(onset)
        self._matches = [2 if then == NO_PITCH else int(then == pitch) for then in look_pitches]
        self._looked = None
        self.onsets.append(onset)
        self.durations.append(duration)
        self.pitches.append(pitch)
        self._sum += pitch
