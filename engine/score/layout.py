"""Which bars are drawn, how large, and where the lines break.

A songbook's habits: four bars to a line, fewer where many notes need the room, all lines of one
size. A tune too long for a picture shows the end of its primer and the whole continuation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import ceil
from typing import TYPE_CHECKING, Final

from engine.score.fonts import HANGUL, SERIF, width
from engine.score.mei import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.notation import Bar, Symbol
    from engine.score.mei import Item

PRIMER_BARS: Final = 8
"""Bars of the primer that are drawn before the continuation when not all can be."""

MAX_SYMBOLS: Final = 1024
"""Most notes and rests in a picture: 64 bars of sixteenths."""

PER_LINE: Final = 4

SPACES: Final = (15, 13, 11, 10)
"""Pixels from staff line to staff line; whole ones keep the lines sharp."""

LYRIC_SIZE: Final = 4.2
"""Height of the lyrics' letters in half staff spaces."""

_UNITS: Final = 180
_HEADER_PIXELS: Final = 100
_LINE_SPACES: Final = 12.5
_SCREEN_PIXELS: Final = 700
_LYRIC_GAP: Final = 115.0
_QUARTER: Final = 690.0
_NARROWEST: Final = 300.0
_BAR_LINE: Final = 190.0
_CLEF: Final = 800.0
_METER: Final = 450.0
_SIGN: Final = 175.0
_I: Final = 0.278
_N: Final = 0.5


@dataclass(frozen=True, slots=True)
class Extract:
    """The bars that are drawn.

    Attributes:
        bars: in order.
        before, after: whether bars are left out there.
    """

    bars: tuple[Bar, ...]
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A score ready to be engraved.

    Attributes:
        measures: with line breaks set.
        space: pixels from staff line to staff line.
        lines: number of lines.
        natural: width of the widest line without stretching, in the engraver's units.
    """

    measures: tuple[Measure, ...]
    space: int
    lines: int
    natural: float


def extract(bars: Sequence[Bar], max_bars: int, max_symbols: int = MAX_SYMBOLS) -> Extract:
    """Choose the bars to draw: all, else the primer's last ones and the whole continuation.

    Bars so full that the picture would never end are left out, too: first of the primer, then at
    the end; of a single endless bar the beginning is drawn.
    """
    start, stop = 0, len(bars)
    new = (i for i, bar in enumerate(bars) if any(symbol.new for symbol in bar.symbols))
    first_new = next(new, 0)
    if len(bars) > max_bars:
        room = max(max_bars - (len(bars) - first_new), PRIMER_BARS // 2)
        start = max(0, first_new - min(room, PRIMER_BARS))
        stop = min(len(bars), start + max_bars)
    symbols = sum(len(bar.symbols) for bar in bars[start:stop])
    while symbols > max_symbols and stop - start > 1:
        if start < first_new - 1:
            symbols -= len(bars[start].symbols)
            start += 1
        else:
            stop -= 1
            symbols -= len(bars[stop].symbols)
    shown = tuple(replace(bar, symbols=bar.symbols[:max_symbols]) for bar in bars[start:stop])
    after = stop < len(bars) or symbols > max_symbols
    return Extract(_opened(shown), before=start > 0, after=after)


def _opened(bars: tuple[Bar, ...]) -> tuple[Bar, ...]:
    """Let the first note of an extract show its accidental though it is tied from before."""
    if not bars or not bars[0].symbols[0].continued:
        return bars
    first = replace(bars[0].symbols[0], continued=False)
    return (replace(bars[0], symbols=(first, *bars[0].symbols[1:])), *bars[1:])


def stand_in(code: str, first: str) -> str:
    """Give letters that take just as much room as a code in the engraver's own font, or a bit more.

    The engraver measures text as Times; a code in Hangul it could not measure at all.
    """
    room = width(code, first)
    counts = [(ceil(max(0.0, room - _N * n) / _I - 1e-9), n) for n in range(ceil(room / _N) + 1)]
    i, n = min(counts, key=lambda pair: pair[0] * _I + pair[1] * _N)
    return "n" * n + "i" * i


def lyric_font(codes: Iterable[str]) -> str:
    """Choose the family for all lyrics: one with Hangul as soon as one code needs it."""
    return HANGUL if any(not code.isascii() for code in codes) else SERIF


def _slot(symbol: Symbol) -> float:
    """Give the engraver's spacing for a value, which grows by half when the time doubles."""
    dotted = 60.0 * symbol.value.dots
    spacing: float = _QUARTER * float(symbol.value.duration * 4) ** 0.6
    return spacing + dotted + 90.0 * bool(symbol.alter)


def _cost(plan: Plan) -> float:
    """Weigh small notes against a picture so high that a chat shows it shrunk."""
    height = _HEADER_PIXELS + plan.lines * plan.space * _LINE_SPACES
    return max(1.0, height / _SCREEN_PIXELS) / float(plan.space**1.5)


class Planner:
    """Lays bars out in lines of a given width."""

    def __init__(self, shown: Extract, fifths: int, codes: Mapping[int, str]) -> None:
        self.shown = shown
        self.codes = codes
        self.font = lyric_font(codes.values())
        self.clef_width = _CLEF + _SIGN * abs(fifths)
        number = 0
        self.items: list[tuple[Item, ...]] = []
        for bar in shown.bars:
            self.items.append(tuple(enumerate(bar.symbols, number)))
            number += len(bar.symbols)

    def plan(self, pixels: int, spaces: Sequence[int] = SPACES) -> Plan:
        """Choose the size, one of ``spaces``, and the line breaks for lines of so many pixels."""
        plans = {space: self._try(pixels * _UNITS / space, space) for space in spaces}
        fitting = [plan for fits, plan in plans.values() if fits]
        candidates = fitting or [plan for _, plan in plans.values()]
        return min(candidates, key=_cost)

    def _try(self, room: float, space: int) -> tuple[bool, Plan]:
        """Lay out in one size; say whether every bar fits whole."""
        room -= self.clef_width
        fits = True
        measures: list[Measure] = []
        lines = 0
        natural = 0.0
        for group in self._groups():
            for line in self._divide(group, room if measures else room - _METER):
                pieces = [piece for index in line for piece in self._pieces(index, room)]
                whole = len(pieces) == len(line)
                fits = fits and whole
                wide = sum(self.measure_width(piece.symbols) for piece in pieces)
                natural = max(natural, wide)
                for i, piece in enumerate(pieces):
                    fresh = bool(measures) and (i == 0 or not whole)
                    lines += fresh or not measures
                    measures.append(replace(piece, fresh=fresh))
        if measures:
            last = "single" if self.shown.after else "end"
            measures[-1] = replace(measures[-1], right=last)
        return fits, Plan(tuple(measures), space, lines, natural + self.clef_width + _METER)

    def _groups(self) -> list[list[int]]:
        """Take bars by fours; a pickup goes with the first four."""
        count = len(self.items)
        first = PER_LINE + (1 if self.shown.bars and self.shown.bars[0].number == 0 else 0)
        edges = [0, *range(min(first, count), count, PER_LINE), count]
        groups = [list(range(a, b)) for a, b in pairwise(edges) if a < b]
        if len(groups) > 1 and len(groups[-1]) == 1 and self._light(groups[-2] + groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
        return groups

    def _light(self, bars: Sequence[int]) -> bool:
        """Say whether bars are light enough for five in a line, so that none stands alone."""
        return sum(len(self.items[index]) for index in bars) <= PER_LINE * 4

    def _divide(self, group: list[int], room: float) -> list[list[int]]:
        """Halve a group of bars until each part fits a line."""
        if len(group) == 1 or sum(self.measure_width(self.items[i]) for i in group) <= room:
            return [group]
        middle = (len(group) + 1) // 2
        return self._divide(group[:middle], room) + self._divide(group[middle:], room)

    def measure_width(self, items: Sequence[Item]) -> float:
        """Estimate the natural width of a measure in the engraver's units, from trials."""
        total = _BAR_LINE
        for i, (number, symbol) in enumerate(items, start=1):
            lyric = width(self.codes.get(number, ""), self.font) * LYRIC_SIZE * _UNITS / 2
            gap = _LYRIC_GAP if i < len(items) else _LYRIC_GAP - _BAR_LINE
            total += max(_slot(symbol), lyric + gap if lyric else 0.0, _NARROWEST)
        return total

    def _pieces(self, index: int, room: float) -> list[Measure]:
        """Make one measure of a bar, or several without bar lines if it is too wide for a line."""
        bar = self.shown.bars[index]
        items = self.items[index]
        whole = bar.number > 0
        label = str(bar.number) if bar.number > 1 or self.shown.before else ""
        if self.measure_width(items) <= room:
            return [Measure(label, items, whole=whole)]
        count = ceil(self.measure_width(items) / room)
        room = min(room, self.measure_width(items) / count * 1.25)
        parts: list[list[Item]] = [[]]
        for _, run in groupby(items, key=lambda item: (item[1].beam, item[1].tuplet)):
            self._add(parts, list(run), room)
        return self._measures(parts, label)

    def _add(self, parts: list[list[Item]], run: list[Item], room: float) -> None:
        """Put a beam's notes on the current line if they fit there, else on the next."""
        if parts[-1] and self.measure_width(parts[-1] + run) > room:
            parts.append([])
        for item in run:
            if parts[-1] and self.measure_width([*parts[-1], item]) > room:
                parts.append([])
            parts[-1].append(item)

    @staticmethod
    def _measures(parts: Sequence[Sequence[Item]], label: str) -> list[Measure]:
        measures = []
        for i, part in enumerate(parts):
            right = "single" if i == len(parts) - 1 else "invis"
            name = label if i == 0 else ""
            measures.append(Measure(name, tuple(part), whole=False, right=right, keep=i > 0))
        return measures
