"""How a melody is written: bars of note values with ties, triplet groups and beams.

The text, the picture and the files in LilyPond, ABC and MusicXML are all made from
:func:`write_bars`, so that they show the same notes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from engine.music import STEP_SEMITONES, Key, Melody, Meter, Note
from engine.rhythm import (
    BINARY,
    UNITS,
    Ladder,
    Value,
    bar_ladder,
    triplet_groups,
    triplet_ladder,
    values_between,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["GRID", "Bar", "Symbol", "Value", "on_grid", "spell", "write_bars"]

GRID: Final = Fraction(1, UNITS)
"""All times of a written melody are multiples of this, in whole notes."""

_STEP_OF: Final = {semitone: step for step, semitone in STEP_SEMITONES.items()}


@dataclass(frozen=True, slots=True)
class Symbol:
    """One written note or rest.

    Attributes:
        onset: start, in whole notes after the start of the melody.
        value: written value; its duration is exact.
        pitch: MIDI note number, None for a rest.
        step: ``c`` … ``b``, empty for a rest.
        alter: accidental, -2 double flat to 2 double sharp.
        octave: scientific, middle C is in octave 4.
        tied: whether a tie leads to the next symbol.
        continued: whether a tie comes from the symbol before.
        note: index into the melody's notes, None for a rest.
        new: whether it belongs to the continuation.
        tuplet: number of its triplet group within the bar, from 1; 0: none. The symbols of a
            group stand together; a group is incomplete only at the start of a pickup bar.
        beam: number of its beam within the bar, from 1; 0: none. The symbols of a beam stand
            together, and all of them in the same triplet group or all in none.
    """

    onset: Fraction
    value: Value
    pitch: int | None = None
    step: str = ""
    alter: int = 0
    octave: int = 0
    tied: bool = False
    continued: bool = False
    note: int | None = None
    new: bool = False
    tuplet: int = 0
    beam: int = 0

    @property
    def end(self) -> Fraction:
        """Time at which the symbol ends, in whole notes."""
        return self.onset + self.value.duration


@dataclass(frozen=True, slots=True)
class Bar:
    """One written bar.

    Attributes:
        number: from 1; 0 is the pickup bar.
        onset: start, in whole notes after the start of the melody.
        length: whole length; the symbols fill it exactly.
        symbols: notes and rests in order, at least one.
    """

    number: int
    onset: Fraction
    length: Fraction
    symbols: tuple[Symbol, ...]

    @property
    def silent(self) -> bool:
        """Whether the bar holds nothing but rests."""
        return all(symbol.pitch is None for symbol in self.symbols)


@dataclass(frozen=True, slots=True)
class _Event:
    """A note (by index) or a rest (None) from ``start`` to ``end``, in grid units."""

    start: int
    end: int
    note: int | None


def spell(pitch: int, alter: int) -> tuple[str, int]:
    """Give the step and the scientific octave of a pitch with a written accidental."""
    natural = pitch - alter
    return _STEP_OF[natural % 12], natural // 12 - 1


def on_grid(melody: Melody) -> Melody:
    """Move all times to the nearest point of the grid; a melody on the grid comes back as it is.

    Notes that would vanish keep one unit where there is room, else they are left out.
    """
    times = [time for note in melody.notes for time in (note.onset, note.duration)]
    times += [melody.pickup, melody.end]
    if all((time * UNITS).denominator == 1 for time in times):
        return melody
    notes: list[Note] = []
    free = 0
    for note, following in zip(melody.notes, [*melody.notes[1:], None], strict=True):
        start = max(_units(note.onset), free)
        end = max(_units(note.end), start + 1)
        if following is not None:
            end = min(end, max(_units(following.onset), start))
        if end > start:
            notes.append(
                Note(Fraction(start, UNITS), Fraction(end - start, UNITS), note.pitch, note.alter)
            )
            free = end
    pickup = _units(melody.pickup)
    if melody.meter is not None and pickup >= melody.meter.bar * UNITS:
        pickup = 0
    end = max(_units(melody.end), free)
    return replace(
        melody,
        notes=tuple(notes),
        pickup=Fraction(pickup, UNITS),
        length=Fraction(end, UNITS) if end > free else None,
    )


def _units(time: Fraction) -> int:
    return round(time * UNITS)


def write_bars(melody: Melody, split: Fraction | None = None) -> tuple[Bar, ...]:
    """Write a melody as bars.

    Notes are divided at bar lines and, where a value would hide the beat, at beats; the last
    incomplete bar is filled with rests. Without a meter the melody is written in 4/4, without
    a key it is spelled as in C major. Times off the grid are moved to it.

    Args:
        melody: what to write.
        split: onset in whole notes at which new music begins; None: there is none.

    Returns:
        The bars in order; none for a melody of no length.
    """
    melody = on_grid(melody)
    meter = melody.meter or Meter()
    split_units = None if split is None else _units(split)
    bar, pickup = int(meter.bar * UNITS), _units(melody.pickup) % int(meter.bar * UNITS)
    total = _units(melody.end)
    if total == 0:
        return ()
    count = -((pickup - total) // bar) if total > pickup else 0
    lines = [0] if pickup else []
    lines += [pickup + index * bar for index in range(count + 1)]
    events = list(_timeline(melody, lines[-1], split_units))
    bars = []
    position = 0
    for number, (start, end) in enumerate(pairwise(lines), start=0 if pickup else 1):
        while events[position].end <= start:
            position += 1
        inside = []
        last = position
        while last < len(events) and events[last].start < end:
            event = events[last]
            inside.append(_Event(max(event.start, start), min(event.end, end), event.note))
            last += 1
        symbols = _write_bar(melody, meter, inside, end - bar, split_units)
        bars.append(Bar(number, Fraction(start, UNITS), Fraction(end - start, UNITS), symbols))
    return tuple(bars)


def _timeline(melody: Melody, end: int, split: int | None) -> Iterator[_Event]:
    """Give notes and the rests between them up to ``end``; rests are cut at the split."""
    time = 0
    spans = [(_units(note.onset), _units(note.end)) for note in melody.notes]
    for index, (start, stop) in enumerate([*spans, (end, end)]):
        if start > time:
            if split is not None and time < split < start:
                yield _Event(time, split, None)
                time = split
            yield _Event(time, start, None)
        if stop > start:
            yield _Event(start, stop, index)
        time = stop


def _write_bar(
    melody: Melody, meter: Meter, events: list[_Event], line: int, split: int | None
) -> tuple[Symbol, ...]:
    """Write the events of one bar; ``line`` is where a whole bar would have begun."""
    cuts = sorted({event.start - line for event in events} | {events[-1].end - line})
    soft = frozenset(
        place
        for event in events
        if event.note is None
        for place in range(-((line - event.start) // BINARY) * BINARY, event.end - line, BINARY)
    )
    groups = triplet_groups(meter, cuts, soft)
    symbols: list[Symbol] = []
    for event in events:
        start = event.start - line
        for ladder, base, stop, group in _pieces(meter, groups, start, event.end - line):
            first, last = (start - base) // ladder.step, (stop - base) // ladder.step
            for value in values_between(ladder, first, last, rest=event.note is None):
                symbols.append(_symbol(melody, event, line + start, value, group, split))
                start += int(value.duration * UNITS)
    return tuple(_beamed(symbols, bar_ladder(meter), line))


def _pieces(
    meter: Meter, groups: tuple[tuple[int, int], ...], start: int, end: int
) -> Iterator[tuple[Ladder, int, int, int]]:
    """Cut a span at the edges of triplet groups: ladder, its origin, end and group's number."""
    for number, (first, size) in enumerate(groups, start=1):
        if start >= end or end <= first:
            break
        if start < first:
            yield bar_ladder(meter), 0, first, 0
            start = first
        if start < first + size:
            stop = min(end, first + size)
            yield triplet_ladder(size), first, stop, number
            start = stop
    if start < end:
        yield bar_ladder(meter), 0, end, 0


def _symbol(  # noqa: PLR0913, PLR0917  # the parts of one symbol; a bundle would only rename them
    melody: Melody, event: _Event, onset: int, value: Value, group: int, split: int | None
) -> Symbol:
    """Build the symbol for one value of an event."""
    time = Fraction(onset, UNITS)
    if event.note is None:
        new = split is not None and onset >= split
        return Symbol(time, value, new=new, tuplet=group)
    note = melody.notes[event.note]
    alter = (melody.key or Key()).alter_of(note.pitch) if note.alter is None else note.alter
    step, octave = spell(note.pitch, alter)
    return Symbol(
        onset=time,
        value=value,
        pitch=note.pitch,
        step=step,
        alter=alter,
        octave=octave,
        tied=time + value.duration < note.end,
        continued=time > note.onset,
        note=event.note,
        new=split is not None and note.onset * UNITS >= split,
        tuplet=group,
    )


def _beamed(symbols: list[Symbol], ladder: Ladder, line: int) -> Iterator[Symbol]:
    """Number the beams: neighbouring eighths and shorter notes within a beat."""
    runs: list[list[Symbol]] = []
    beat = 0
    previous: tuple[int, int] | None = None
    for symbol in symbols:
        place, off = divmod(int(symbol.onset * UNITS) - line, BINARY)
        if off == 0 and ladder.level(place) <= ladder.beam:
            beat += 1
        key = (beat, symbol.tuplet) if symbol.pitch is not None and symbol.value.base >= 8 else None
        if key is None or key != previous:
            runs.append([])
        runs[-1].append(symbol)
        previous = key
    number = 0
    for run in runs:
        number += len(run) > 1
        for symbol in run:
            yield replace(symbol, beam=number) if len(run) > 1 else symbol
