"""Bring played notes onto the grid of written music.

A file from a notation program lies on the grid already and must stay exactly as it is; a
recording must come out simple. So the file is judged first, onsets and ends apart. Onsets off
the grid are moved beat by beat to the subdivision that explains them best: a normal error of
about 20 ms against the price of a complicated beat, after Cemgil, Desain and Kappen, "Rhythm
Quantization for Transcription" (2000). Ends off the grid are what playing makes of written
lengths: the gaps between notes are filled unless they are clearly rests.

Times are in quarter notes (``Fraction``) after a bar line, negative in a pickup.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor, log
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

GRID: Final = 48
"""Finest steps per quarter note: straight and triplet 64ths."""

_STRAIGHT: Final = 8
_TRIPLET: Final = 12
_PRICES: Final = {1: 0.0, 2: 0.7, 4: 2.2, 3: 3.2, 8: 6.0, 6: 6.5, 12: 10.0, 16: 11.0, 24: 16.0}
"""Subdivisions of a beat and what each costs, in units of a log-likelihood."""

_TRIPLE: Final = frozenset({3, 6, 12, 24})
_EARLY: Final = Fraction(1, 12)
"""A note that comes so little before a beat belongs to it."""

_ORNAMENT: Final = 2.5
"""Times the usual error below which two onsets may be one note and its ornament."""

_LENGTHS: Final = tuple(
    sorted(
        Fraction(base * dots)
        for base in (Fraction(1, 4), Fraction(1, 2), 1, 2, 4)
        for dots in (Fraction(1), Fraction(3, 2))
    )
)
"""Quarter notes that a note before a rest may last."""

_THIRDS: Final = (Fraction(1, 3), Fraction(2, 3), Fraction(4, 3))
"""Further lengths of such a note where it starts off the straight grid."""


@dataclass(frozen=True, slots=True)
class Line:
    """Notes on the grid.

    Attributes:
        notes: (onset, end, pitch) in quarter notes, one after the other.
        shifted: largest change of an onset, in quarter notes.
        exact: whether the onsets lay on the grid already.
        places: which of the notes given each of ``notes`` is.
    """

    notes: list[tuple[Fraction, Fraction, int]]
    shifted: Fraction
    exact: bool
    places: list[int]


def quantise(notes: Sequence[tuple[Fraction, Fraction, int]], tick: Fraction, tempo: float) -> Line:
    """Bring notes onto the grid.

    Args:
        notes: (onset, end, pitch) in quarter notes, by onset, without overlaps.
        tick: resolution of the file, in quarter notes.
        tempo: quarter notes per minute; says how much a quarter note's hundredth matters.
    """
    onsets = [note[0] for note in notes]
    exact = written(onsets, tick)
    moved = _onsets(onsets, tick, tempo, exact=exact)
    kept = [place for place, onset in enumerate(moved) if onset is not None]
    starts = [onset for onset in moved if onset is not None]
    shifted = max(
        (abs(start - onsets[place]) for place, start in zip(kept, starts, strict=True)),
        default=Fraction(0),
    )
    played = [notes[place] for place in kept]
    ends = _ends(played, starts, tick)
    line = [(a, b, n[2]) for a, b, n in zip(starts, ends, played, strict=True)]
    return Line(line, Fraction(0) if shifted <= _slack(tick) else shifted, exact, kept)


def _slack(tick: Fraction) -> Fraction:
    """Give how far rounding to ticks may have moved a time that was on the grid."""
    return tick if tick * 96 <= 1 else tick / 2


def _nearest(time: Fraction, steps: int) -> Fraction:
    return Fraction(floor(time * steps + Fraction(1, 2)), steps)


def _is_written(time: Fraction, tick: Fraction) -> bool:
    """Tell whether a time lies on the grid of 32nds or of 16th triplets' halves."""
    slack = _slack(tick)
    return any(abs(_nearest(time, steps) - time) <= slack for steps in (_STRAIGHT, _TRIPLET))


def _on_grid(time: Fraction, tick: Fraction) -> bool:
    """Tell whether a time lies on the grid, as far as the file's resolution can say."""
    if tick * 4 * GRID > 1:
        return _is_written(time, tick)
    return abs(_nearest(time, GRID) - time) <= _slack(tick)


def written(times: Sequence[Fraction], tick: Fraction) -> bool:
    """Tell whether times were written rather than played."""
    if all(_nearest(time, GRID) == time for time in times) and tick * 4 * GRID <= 1:
        return True
    return sum(_is_written(time, tick) for time in times) >= 0.9 * len(times)


def _onsets(
    onsets: Sequence[Fraction], tick: Fraction, tempo: float, *, exact: bool
) -> list[Fraction | None]:
    """Move onsets to the grid, in strict order; None for an ornament that found no place."""
    spread = min(max(0.02 * tempo / 60, 0.02), 0.06)
    beats = [
        (beat, [onset - beat for onset in group])
        for beat, group in groupby(onsets, key=lambda onset: floor(onset + _EARLY))
    ]

    def settle(triplets: float) -> list[tuple[int, list[Fraction]]]:
        found = []
        for beat, places in beats:
            if exact and all(_on_grid(place, tick) for place in places):
                found.append((0, [beat + _nearest(place, GRID) for place in places]))
            else:
                steps = _subdivide(places, spread, triplets)
                found.append((steps, [beat + _nearest(place, steps) for place in places]))
        return found

    settled = settle(0.0)
    busy = sum(steps > 1 for steps, _ in settled)
    triple = sum(steps in _TRIPLE for steps, _ in settled)
    if busy >= 4 and triple:
        # Tunes rarely mix: what most beats do makes it likelier in the others.
        settled = settle(2.0 if triple * 2 < busy else -2.0)
    moved = [onset for _, places in settled for onset in places]
    return _in_order(moved, onsets, _ORNAMENT * spread)


def _subdivide(places: Sequence[Fraction], spread: float, triplets: float) -> int:
    """Choose the subdivision of a beat that explains onsets at ``places`` best."""

    def cost(steps: int) -> float:
        grid = [_nearest(place, steps) for place in places]
        errors = (float(place - point) / spread for place, point in zip(places, grid, strict=True))
        clashes = sum(
            6.0 if float(places[i + 1] - places[i]) < _ORNAMENT * spread else 50.0
            for i, (a, b) in enumerate(pairwise(grid))
            if a == b
        )
        price = _PRICES[steps] + (triplets if steps in _TRIPLE else 0.0)
        return sum(error * error / 2 for error in errors) + price + clashes

    return min(_PRICES, key=cost)


def _in_order(
    moved: Sequence[Fraction], raw: Sequence[Fraction], ornament: float
) -> list[Fraction | None]:
    """Make onsets strictly rise: drop ornaments that have no place of their own.

    Args:
        moved: onsets on the grid.
        raw: onsets as played.
        ornament: quarter notes to the next onset below which a note may be dropped.
    """
    result: list[Fraction | None] = []
    last = -1
    for place, onset in enumerate(moved):
        before = result[last] if last >= 0 else None
        now = onset
        if before is not None and now <= before:
            if raw[place] - raw[last] < ornament:
                result[last] = None
                now = before
            else:
                now = before + Fraction(1, _TRIPLET)
        result.append(now)
        last = place
    return result


def _ends(
    played: Sequence[tuple[Fraction, Fraction, int]], starts: Sequence[Fraction], tick: Fraction
) -> list[Fraction]:
    """Give every note its written end."""
    following: list[Fraction | None] = [*starts[1:], None]
    if written([note[1] for note in played], tick) and not _detached(played):
        raw: list[Fraction | None] = [*(note[0] for note in played[1:]), None]
        return [
            _written_end(note[1], start, before, after, tick)
            for note, start, before, after in zip(played, starts, raw, following, strict=True)
        ]
    touch = _articulation(played)
    return [
        start + _length(float(note[1] - note[0]) / touch, start, after)
        for note, start, after in zip(played, starts, following, strict=True)
    ]


def _written_end(
    end: Fraction, start: Fraction, raw: Fraction | None, after: Fraction | None, tick: Fraction
) -> Fraction:
    """Round an end that was written: to the next onset where it touched it, else to the grid.

    Args:
        end: as in the file.
        start: where the note was moved to.
        raw: next onset in the file.
        after: where that was moved to.
        tick: resolution of the file.
    """
    if raw is not None and after is not None and raw - end <= _slack(tick):
        return after
    end = _nearest(end, GRID) if _on_grid(end, tick) else _nearest(end, _STRAIGHT)
    end = max(end, start + Fraction(1, GRID))
    return end if after is None else min(end, after)


def _detached(played: Sequence[tuple[Fraction, Fraction, int]]) -> bool:
    """Tell whether a program shortened all notes a little, for instance to seven eighths."""
    short = 0
    for note, after in pairwise(played):
        gap = after[0] - note[1]
        short += 0 < gap <= Fraction(1, 4) and 2 * gap <= note[1] - note[0]
    return short >= 4 and short >= 0.6 * (len(played) - 1)


def _articulation(played: Sequence[tuple[Fraction, Fraction, int]]) -> float:
    """Give the usual part of its written length that a note sounds."""
    parts = [
        float((note[1] - note[0]) / (after[0] - note[0]))
        for note, after in pairwise(played)
        if 0 < after[0] - note[0] <= 2
    ]
    return min(max(median(parts), 0.4), 1.0) if parts else 1.0


def _length(estimate: float, start: Fraction, after: Fraction | None) -> Fraction:
    """Choose the written length of a note that was played for about ``estimate`` quarters."""
    room = None if after is None else after - start
    if room is not None and (estimate >= 0.7 * room or room - estimate < 0.25):
        return room
    if estimate > _LENGTHS[-1]:
        return Fraction(round(estimate)) if room is None else min(Fraction(round(estimate)), room)
    lengths = _LENGTHS if (start * _STRAIGHT).denominator == 1 else (*_LENGTHS, *_THIRDS)
    fitting = [length for length in lengths if room is None or length < room]
    if room is not None and not fitting:
        return room
    return min(fitting, key=lambda length: abs(log(max(estimate, 1e-6) / float(length))))
