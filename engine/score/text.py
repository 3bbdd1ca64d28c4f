"""The score as text: note codes by bars, to be read in a block of fixed-width letters.

::

      g8 e8  e4 | f8 d8 d4 | c8 d8 e8 f8 | g8 g8 g4
    » g8 e8  e4 | f8 d8 d4 | c8 e8 g8 g8 | c2       |

The lines of the continuation start with a mark; what is left out for lack of room is counted
in bars: ``⋯ 12 ⋯``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

from engine.codes import Names, format_symbol
from engine.notation import write_bars

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from engine.music import Melody
    from engine.notation import Bar

NEW: Final = "» "
"""Starts every line of the continuation."""

OLD: Final = "  "
"""Starts every line of the primer, when there is a continuation."""

WIDTH: Final = 76
"""Widest line, in columns, that Discord shows unbroken on a desktop."""

PER_LINE: Final = (4, 2, 1)
"""Bars on a line: as many as fit."""

_BAR_LINE: Final = " | "


@dataclass(frozen=True, slots=True)
class _Cell:
    """A bar or, where new music begins within one, a part of it.

    Attributes:
        text: its note codes.
        new: whether it belongs to the continuation.
        closed: whether a bar line follows; also what makes it count as a bar.
        pickup: whether it is the pickup bar.
    """

    text: str
    new: bool
    closed: bool = True
    pickup: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """Some cells on one line."""

    cells: tuple[_Cell, ...]

    @property
    def new(self) -> bool:
        return self.cells[0].new

    @property
    def bars(self) -> int:
        return sum(cell.closed for cell in self.cells)


def score_text(
    melody: Melody, split: Fraction | None, names: Names = "letters", limit: int = 1500
) -> str:
    """Write the score as text without a code block around it.

    Args:
        melody: the whole tune.
        split: onset in whole notes at which new music begins; None: nothing is new.
        names: alphabet of the note names.
        limit: most characters; beyond it bars are left out and counted, last of all those
            around the beginning and at the end of the continuation.

    Returns:
        Lines of at most :data:`WIDTH` columns where no single code is wider; never a back
        quote; empty for a melody of no length.
    """
    cells = [cell for bar in write_bars(melody, split) for cell in _cells(bar, names)]
    if not cells:
        return ""
    marks = split is not None
    lines = _lines(cells)
    text = _render(lines, range(len(lines)), marks=marks)
    if len(text) > limit:
        kept = _kept(lines, limit, marks=marks)
        text = _render(lines, kept, marks=marks)
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "⋯" * (limit > 0)


def columns(text: str) -> int:
    """Count the columns of a text in a fixed-width font: Hangul takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _cells(bar: Bar, names: Names) -> list[_Cell]:
    """Turn a bar into cells: one, more where new music begins within it or it is too wide."""
    cells = [
        _Cell(text, new, closed=False, pickup=bar.number == 0)
        for new, symbols in groupby(bar.symbols, key=lambda symbol: symbol.new)
        for text in _wrapped(format_symbol(symbol, names) for symbol in symbols)
    ]
    cells[-1] = replace(cells[-1], closed=True)
    return cells


def _wrapped(codes: Iterable[str]) -> list[str]:
    """Join codes with blanks into texts that fit on a line."""
    texts: list[str] = []
    room = WIDTH - len(OLD) - len(_BAR_LINE)
    for code in codes:
        if texts and columns(texts[-1]) + 1 + columns(code) <= room:
            texts[-1] += f" {code}"
        else:
            texts.append(code)
    return texts


def _lines(cells: Sequence[_Cell]) -> list[_Line]:
    """Put cells on lines: the largest number of bars a line on which every line fits."""
    lines: list[_Line] = []
    for per_line in PER_LINE:
        lines = list(_filled(cells, per_line))
        widths, pickup = _widths(lines)
        bar_lines = len(_BAR_LINE) * (len(widths) + bool(pickup)) - 1
        if len(OLD) + pickup + sum(widths) + bar_lines <= WIDTH:
            break
    return lines


def _filled(cells: Sequence[_Cell], per_line: int) -> Iterable[_Line]:
    """Give lines of so many bars; a pickup goes before several, new music begins a line."""
    line: list[_Cell] = []
    for cell in cells:
        if line and (
            line[-1].new != cell.new
            or not line[-1].closed
            or sum(per_line == 1 or not other.pickup for other in line) == per_line
        ):
            yield _Line(tuple(line))
            line = []
        line.append(cell)
    yield _Line(tuple(line))


def _widths(lines: Sequence[_Line]) -> tuple[list[int], int]:
    """Measure the columns of bars and that of the pickup, which is 0 without one."""
    widths: list[int] = []
    pickup = 0
    for line in lines:
        bars = [columns(cell.text) for cell in line.cells]
        if line.cells[0].pickup and len(bars) > 1:
            pickup = bars.pop(0)
        widths += [0] * (len(bars) - len(widths))
        widths[: len(bars)] = [max(pair) for pair in zip(widths, bars, strict=False)]
    return widths, pickup


def _render(lines: Sequence[_Line], kept: Iterable[int], *, marks: bool) -> str:
    """Write the lines of these numbers, aligned, with a count of the bars between them."""
    numbers = sorted(kept)
    widths, pickup = _widths([lines[number] for number in numbers])
    rows: list[str] = []
    following = 0
    for number in [*numbers, len(lines)]:
        if number > following:
            left_out = sum(line.bars for line in lines[following:number])
            mark = NEW if marks and lines[following].new else OLD if marks else ""
            rows.append(f"{mark}⋯ {left_out} ⋯")
        if number < len(lines):
            mark = NEW if lines[number].new else OLD
            row = _row(lines[number], widths, pickup)
            rows.append((mark if marks else "") + row.rstrip())
        following = number + 1
    return "\n".join(rows)


def _row(line: _Line, widths: Sequence[int], pickup: int) -> str:
    """Write one line, its bars in columns behind that of the pickup."""
    cells = list(line.cells)
    row = ""
    if pickup:
        starts = cells[0].pickup and len(cells) > 1
        row = cells.pop(0).text + _BAR_LINE if starts else " " * (pickup + len(_BAR_LINE))
    for cell, width in zip(cells, widths, strict=False):
        room = " " * (width - columns(cell.text)) if len(widths) > 1 else ""
        row += cell.text + room + (_BAR_LINE if cell.closed else "")
    return row


def _kept(lines: Sequence[_Line], limit: int, *, marks: bool) -> list[int]:
    """Choose the lines for which there is room, the most telling ones first."""
    first_new = next((number for number, line in enumerate(lines) if line.new), len(lines))
    last = len(lines) - 1
    turns = [first_new, last, first_new - 1] if 0 < first_new <= last else [0, last]
    turns += range(first_new, last)
    turns += range(first_new - 1, -1, -1)
    kept: list[int] = []
    misses = 0
    for number in dict.fromkeys(turn for turn in turns if 0 <= turn <= last):
        if len(_render(lines, [*kept, number], marks=marks)) <= limit:
            kept.append(number)
        else:
            misses += 1
            if misses > 3:
                break
    return kept
