"""Where bar lines stand in a file, and where the tune in it starts."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.formats.quantise import GRID
from engine.music import MAX_WHOLES

if TYPE_CHECKING:
    from engine.formats.quantise import Line
    from engine.formats.smf import Played
    from engine.music import Meter

MAX_NOTES: Final = 5_000
"""Notes of the tune that are taken from one file."""

LONGEST_NOTE: Final = 32
"""Whole notes that one note may last; what is longer was forgotten, not played."""


class Bars(NamedTuple):
    """Bar lines: one stands at ``anchor`` (ticks), the others whole bars before and after.

    Attributes:
        meter: None when the file names none.
        anchor: tick of a bar line.
        short: length of the short bar before the anchor in quarter notes, None when there is none.
    """

    meter: Meter | None
    anchor: int = 0
    short: Fraction | None = None

    def place(self, tick: int, quarter: Fraction) -> Fraction:
        """Give a time in quarter notes after the anchor."""
        return (tick - self.anchor) / quarter

    @property
    def length(self) -> Fraction:
        """Length of a bar in quarter notes."""
        return 4 * (self.meter.bar if self.meter else Fraction(1))

    def start(self, line: Line) -> tuple[Fraction, Fraction]:
        """Choose where the melody starts, and its pickup; both in quarter notes.

        Silent bars are left out. A first bar whose first half is silent becomes a pickup. Without
        a meter there are no bars: then silent quarter notes are left out, and in a recording
        all silence.
        """
        first = line.notes[0][0]
        if self.meter is None:
            return (Fraction(floor(first)) if line.exact else first), Fraction(0)
        if self.short is not None and -self.short <= first < 0:
            return -self.short, self.short
        start = floor(first / self.length) * self.length
        if (first - start) * 2 >= self.length:
            return first, start + self.length - first
        return start, Fraction(0)

    def length_of(
        self, line: Line, end: int, start: Fraction, quarter: Fraction
    ) -> Fraction | None:
        """Give a melody's length in whole notes with its trailing rests.

        Programs end their tracks anywhere, so the ``end`` (ticks) counts only when it lies on
        the grid within the bar in which the last note ends; else None: up to that note's end.
        """
        last = line.notes[-1][1]
        raw = self.place(end, quarter)
        bar_line = ceil(last / self.length) * self.length
        if last < nearest(raw) <= bar_line and abs(nearest(raw) - raw) <= 1 / quarter:
            return (nearest(raw) - start) / 4
        return None


def limit(line: list[Played], quarter: Fraction) -> list[Played]:
    """Keep as many notes as are taken, within the longest melody there may be."""
    last = line[0].onset + int(4 * (MAX_WHOLES - 2 * LONGEST_NOTE) * quarter)
    longest = max(int(4 * LONGEST_NOTE * quarter), 1)
    return [
        note._replace(end=min(note.end, note.onset + longest))
        for note in line[:MAX_NOTES]
        if note.onset < last
    ]


def nearest(time: Fraction) -> Fraction:
    """Bring a time in quarter notes onto the finest written grid."""
    return Fraction(floor(time * GRID + Fraction(1, 2)), GRID)
