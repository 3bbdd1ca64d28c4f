"""Written rhythm: which note values and ties stand for a span of time in a bar.

Time is counted here in units of :data:`engine.notation.GRID`, 192 to a whole note, so that
both 64ths (3 units) and triplets of 128ths (1 unit) are whole numbers. The rules are those of
common practice as engraving handbooks give them (Gould, "Behind Bars", 2011): a value may not
hide a stronger beat than those at which it starts or ends, except in plain syncopations; rests
are stricter than notes; compound meters are written in dotted beats.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.music import Meter

UNITS: Final = 192
"""Grid units in a whole note."""

BINARY: Final = 3
"""Grid units in a 64th, the shortest value without a triplet."""


@dataclass(frozen=True, slots=True)
class Value:
    """A written note value.

    Attributes:
        base: 1 whole, 2 half, 4 quarter … 128.
        dots: 0 to 2.
        tuplet: whether it belongs to a triplet, three in the time of two.
    """

    base: int
    dots: int = 0
    tuplet: bool = False

    @property
    def duration(self) -> Fraction:
        """Sounding length in whole notes."""
        length = Fraction(2 ** (self.dots + 1) - 1, self.base * 2**self.dots)
        return length * 2 / 3 if self.tuplet else length

    def __str__(self) -> str:
        """Write the value as note codes do: ``8``, ``4.``, ``8t``."""
        return f"{self.base}{'.' * self.dots}{'t' * self.tuplet}"


def _table(*, tuplet: bool) -> dict[int, Value]:
    """Map lengths in units to values; a triplet knows one dot, other values two."""
    table: dict[int, Value] = {}
    for exponent in range(8):
        for dots in range(2 if tuplet else 3):
            value = Value(2**exponent, dots, tuplet)
            units = value.duration * UNITS
            if units.denominator == 1 and (tuplet or units % BINARY == 0):
                table[int(units)] = value
    return table


VALUES: Final = _table(tuplet=False)
"""Plain and dotted values by their length in units."""

TRIPLETS: Final = _table(tuplet=True)
"""Values within triplets by their length in units."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """How strong each place in a bar, or in a triplet group, is.

    Attributes:
        levels: per place; 0 is the bar line, larger numbers are weaker.
        step: units from place to place.
        beat: level of the felt beats.
        beam: places up to this level start a new beam.
        compound: whether the beats are dotted.
        tuplet: whether this is the inside of a triplet group.
    """

    levels: tuple[int, ...]
    step: int
    beat: int
    beam: int
    compound: bool = False
    tuplet: bool = False

    def level(self, place: int) -> int:
        """Give the level of a place; the end is as strong as the start."""
        return self.levels[place] if place < len(self.levels) else 0


def _children(count: int) -> tuple[int, ...]:
    """Divide a span of ``count`` units of the meter as it is usually felt."""
    threes, rest = divmod(count, 3)
    if count in (1, 2, 3):
        return (1,) * count
    if rest == 0 and threes % 2:
        return (3,) * threes
    if count % 4 == 0 or rest == 0:
        return (count // 2, count // 2)
    if count == 5:
        return (3, 2)
    return (2,) * (count // 2) if count % 2 == 0 else (2,) * (count // 2 - 1) + (3,)


def _fill(levels: list[int], start: int, count: int, unit: int, depth: int) -> int:
    """Mark the places of ``count`` units and give the level of the units themselves."""
    if count == 1:
        _halve(levels, start, unit, depth)
        return depth
    deepest = depth
    for child in _children(count):
        levels[start] = min(levels[start], depth + 1)
        deepest = _fill(levels, start, child, unit, depth + 1)
        start += child * unit
    return deepest


def _halve(levels: list[int], start: int, length: int, depth: int) -> None:
    """Mark the binary subdivisions of a span, ``length`` a power of two of places."""
    half, level = length // 2, depth + 1
    while half:
        for place in range(start + half, start + length, 2 * half):
            levels[place] = level
        half, level = half // 2, level + 1


@lru_cache(maxsize=256)
def bar_ladder(meter: Meter) -> Ladder:
    """Rank the places of a bar, a 64th apart."""
    unit = UNITS // meter.unit // BINARY
    levels = [99] * (meter.beats * unit)
    levels[0] = 0
    units_level = _fill(levels, 0, meter.beats, unit, 0)
    compound = meter.beat != Fraction(1, meter.unit)
    return Ladder(
        levels=tuple(levels),
        step=BINARY,
        beat=units_level - compound,
        beam=max(units_level - 1, 0) if meter.unit >= 8 else units_level,
        compound=compound,
    )


@lru_cache(maxsize=16)
def triplet_ladder(size: int) -> Ladder:
    """Rank the places of a triplet group that lasts ``size`` units, a unit apart."""
    levels = [99] * size
    levels[0] = 0
    _fill(levels, 0, 3, size // 3, 0)
    return Ladder(levels=tuple(levels), step=1, beat=0, beam=0, tuplet=True)


def value_of(units: int, *, tuplet: bool = False) -> Value | None:
    """Give the single value that lasts so many units, None when there is none."""
    return (TRIPLETS if tuplet else VALUES).get(units)


@lru_cache(maxsize=4096)
def values_between(ladder: Ladder, start: int, end: int, *, rest: bool) -> tuple[Value, ...]:
    """Write a note or a rest from one place to another; several values are to be tied."""
    value = value_of((end - start) * ladder.step, tuplet=ladder.tuplet)
    inner = ladder.levels[start + 1 : end]
    if value is not None and (
        not inner or (_rest_fits if rest else _note_fits)(ladder, start, end, min(inner), value)
    ):
        return (value,)
    strongest = min(inner)
    if ladder.level(start) <= ladder.level(end):
        cut = end - 1 - inner[::-1].index(strongest)
    else:
        cut = start + 1 + inner.index(strongest)
    return (
        *values_between(ladder, start, cut, rest=rest),
        *values_between(ladder, cut, end, rest=rest),
    )


def _note_fits(ladder: Ladder, start: int, end: int, crossed: int, value: Value) -> bool:
    """Tell whether a note that crosses a place of this level may be one value."""
    first, last = ladder.level(start), ladder.level(end)
    over_beat = ladder.compound and crossed <= ladder.beat
    if over_beat and max(first, last) > ladder.beat:
        return False
    if first <= crossed:
        return True
    if last <= crossed:
        return value.dots <= 1
    return (  # a plain syncopation: 8 4 8, in compound meters 4. 2. 4.
        first == last == crossed + 1
        and (value.dots == 0 or over_beat)
        and (start + end) % 2 == 0
        and ladder.level((start + end) // 2) == crossed
    )


def _rest_fits(ladder: Ladder, start: int, end: int, crossed: int, value: Value) -> bool:
    """Tell whether a rest may be one value: a whole part of the bar, or the start of a beat."""
    first, last = ladder.level(start), ladder.level(end)
    if crossed > max(first, last):
        return True
    return crossed > ladder.beat and first < crossed and value.dots <= 1


def triplet_groups(
    meter: Meter, cuts: Sequence[int], soft: frozenset[int]
) -> tuple[tuple[int, int], ...]:
    """Find the triplet groups of a bar.

    Args:
        meter: its meter.
        cuts: places where notes or rests start or end, in units after the bar line, sorted.
        soft: multiples of :data:`BINARY` within rests, where cutting costs nothing.

    Returns:
        Start and size of each group in units, in order, without overlap.
    """
    groups: list[tuple[int, int]] = []
    for cut in cuts:
        if cut % BINARY == 0 or any(start < cut < start + size for start, size in groups):
            continue
        free = sum(groups[-1]) if groups else 0
        edges = dict.fromkeys(soft, 1) | dict.fromkeys([*cuts, free], 0)
        best = min(
            _candidates(meter, cut, free),
            key=lambda group: (
                _group_cost(meter, group, cuts, edges),
                group[1],
                group[0] % group[1],
            ),
        )
        groups.append(best)
    return tuple(groups)


def _candidates(meter: Meter, cut: int, free: int) -> list[tuple[int, int]]:
    """List the groups around a place that stand on the meter and start at ``free`` or later."""
    unit, bar = UNITS // meter.unit, int(meter.bar * UNITS)
    largest = unit if meter.beat * UNITS != unit else UNITS
    found: list[tuple[int, int]] = []
    size = BINARY
    while size <= min(largest, bar):
        step = min(size, unit)
        first = max((cut - size) // step + 1, 0)
        found += [
            (start, size) for start in range(first * step, cut, step) if free <= start <= bar - size
        ]
        size *= 2
    return found


def _group_cost(
    meter: Meter, group: tuple[int, int], cuts: Sequence[int], edges: Mapping[int, int]
) -> int:
    """Weigh a group: notes tied over its edges, depth of subdivision, missing thirds."""
    start, size = group
    third = size // 3
    inside = {cut - start for cut in cuts if start < cut < start + size}
    finest = gcd(third, *inside)
    depth = (third // finest).bit_length() - 1
    crooked = depth > 0 and not {third, 2 * third} <= inside
    beat = int(meter.beat * UNITS)
    fussy = depth > 1 and size > max(beat, UNITS // 4)  # a group over beats has plain members
    torn = sum(
        edges.get(edge, 2 + (edge % beat != 0))
        for edge in (start, start + size)
        if cuts[0] < edge < cuts[-1]
    )
    return torn + depth + 2 * crooked + 3 * fussy
