"""Numbers -> PNG: how a model learns, in bits per note over the passes through its tunes.

Large letters and few lines, because it is looked at on a phone; each line differs in colour (after
Okabe & Ito's palette for all kinds of colour vision) and in its stroke.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.score.fonts import HANGUL, shorten, width, writable
from engine.score.picture import LIGHT, Anchor, Style, rasterise, text_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.request import Curve

WIDTH: Final = 1000
HEIGHT: Final = 680

_EDGE: Final = 28
_SIZE: Final = 32
"""Of all letters, in pixels: a third of that on a phone."""
_LINE: Final = 46
_SAMPLE: Final = 56
"""Length of a line in the legend."""
_TALLEST: Final = 1e6
"""Bits per note beyond which a figure is taken for a fault."""
_LEAST_SPAN: Final = 0.05
_GRID: Final = "#d9dce1"
_FAINT: Final = "#5a5f66"
"""Darker than elsewhere: these letters are thin."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Pen:
    """How a line is drawn, in the picture and in the legend."""

    color: str
    line: float
    dash: str = ""
    dots: bool = False

    @property
    def stroke(self) -> str:
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        return (
            f'fill="none" stroke="{self.color}" stroke-width="{self.line:g}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dash}'
        )


_TRAINING: Final = _Pen("#e08a00", 4)
_VALIDATION: Final = _Pen("#0072b2", 6, dots=True)
_LEVEL: Final = _Pen("#1f2328", 4, dash="14 11")


class _Entry(NamedTuple):
    """One line of the picture, as the legend tells it."""

    pen: _Pen
    words: str


def draw_curve(curve: Curve) -> bytes:
    """Draw a learning curve as a PNG of 1000 x 680 pixels, on white in every theme."""
    return rasterise(curve_svg(curve), LIGHT)


def curve_svg(curve: Curve) -> str:
    """Lay the picture out as SVG; see :func:`draw_curve`."""
    training, validation = _clean(curve.training), _clean(curve.validation)
    level = curve.level if curve.level is not None and _usable(curve.level) else None
    parts = [_words(curve.bits, _EDGE, _EDGE + _SIZE * 0.7, _FAINT)]
    entries = _entries(curve, training, validation, level)
    top = _EDGE + _LINE
    for number, row in enumerate(_rows(entries)):
        parts += _legend(row, top + number * _LINE)
    top += len(_rows(entries)) * _LINE
    frame = _Frame.around(training, validation, level, top)
    parts += frame.axes(curve.epochs)
    parts.append(
        f'<clipPath id="in"><rect x="{frame.left:g}" y="{top:g}" '
        f'width="{frame.right - frame.left + 12:g}" height="{frame.bottom - top:g}"/></clipPath>'
        f'<g clip-path="url(#in)">'
    )
    parts += frame.line(_thinned(training, frame), _TRAINING)
    parts += frame.line(validation, _VALIDATION)
    if level is not None:
        y = frame.y(level)
        parts.append(f'<path {_LEVEL.stroke} d="M{frame.left:g} {y:.1f}H{frame.right:g}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f"{''.join(parts)}</g></svg>"
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the numbers lie, in pixels; the axes begin at no pass at all.

    Attributes:
        low, high: bits per note at the bottom and at the top.
        last: passes at the right edge.
        left, right, top, bottom: edges in pixels.
    """

    low: float
    high: float
    last: float
    left: float
    top: float
    right: float = WIDTH - _EDGE - 8
    bottom: float = HEIGHT - _EDGE - 2 * _LINE + 10

    @classmethod
    def around(
        cls,
        training: Sequence[Point],
        validation: Sequence[Point],
        level: float | None,
        top: float,
    ) -> _Frame:
        """Choose the ranges: all of validation and level, but not the first heights of training."""
        firm = [y for _, y in validation] + ([] if level is None else [level])
        usual = sorted(y for _, y in training)
        most = usual[int(len(usual) * 0.8) :][:1] if firm else usual[-1:]
        high = max([*firm, *most], default=1.0)
        low = min([*firm, *usual], default=0.0)
        pad = max(0.06 * (high - low), (_LEAST_SPAN - (high - low)) / 2, 0.0)
        low, high = max(0.0, low - pad), high + pad
        last = max([1.0, *(x for x, _ in (*training, *validation))])
        widest = max(width(label, HANGUL) for _, label in _ticks(low, high, 5)) * _SIZE
        return cls(low, high, float(ceil(last)), _EDGE + widest + 14, top)

    def x(self, value: float) -> float:
        """Give the place of a number of passes."""
        return self.left + (self.right - self.left) * value / self.last

    def y(self, value: float) -> float:
        """Give the place of a number of bits."""
        share = (value - self.low) / (self.high - self.low)
        return self.bottom + (self.top - self.bottom) * share

    def axes(self, label: str) -> Iterator[str]:
        """Draw the grid with its numbers, and the label of the lower axis below its own."""
        for value, figure in _ticks(self.low, self.high, 5):
            y = self.y(value)
            across = f"M{self.left:g} {y:.1f}H{self.right:g}"
            yield f'<path stroke="{_GRID}" stroke-width="2" d="{across}"/>'
            yield _words(figure, self.left - 14, y + _SIZE * 0.36, _FAINT, "end")
        yield (
            f'<path stroke="{_FAINT}" stroke-width="2" '
            f'd="M{self.left:g} {self.bottom:g}H{self.right:g}"/>'
        )
        under = self.bottom + _SIZE + 8
        for value, figure in _ticks(0, self.last, 8, whole=True):
            yield _words(figure, self.x(value), under, _FAINT, "middle")
        middle = (self.left + self.right) / 2
        yield _words(label, middle, under + _LINE - 4, _FAINT, "middle")

    def line(self, points: Sequence[Point], pen: _Pen) -> Iterator[str]:
        """Draw a line through points; a single one is a dot."""
        places = [(self.x(x), self.y(y)) for x, y in points]
        if len(places) > 1:
            way = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            yield f'<path {pen.stroke} d="M{way}"/>'
        if len(places) == 1 or (pen.dots and len(places) <= 40):
            for x, y in places:
                yield _dot(x, y, pen)


def _usable(value: float) -> bool:
    return isfinite(value) and 0 <= value <= _TALLEST


def _clean(points: Iterable[Point]) -> list[Point]:
    """Keep finite points, in the order of passes, the last one of each place."""
    good = {x: y for x, y in points if _usable(x) and _usable(y)}
    return sorted(good.items())


def _thinned(points: list[Point], frame: _Frame) -> list[Point]:
    """Put points together that fall on the same three pixels."""
    groups = groupby(points, key=lambda point: int(frame.x(point[0]) / 3))
    means = []
    for _, group in groups:
        each = list(group)
        means.append((sum(x for x, _ in each) / len(each), sum(y for _, y in each) / len(each)))
    return means


def _entries(
    curve: Curve, training: Sequence[Point], validation: Sequence[Point], level: float | None
) -> list[_Entry]:
    """Name the lines that there are, each with its last figure."""
    last = (
        (_VALIDATION, curve.names[1], validation[-1][1] if validation else None),
        (_LEVEL, curve.names[2], level),
        (_TRAINING, curve.names[0], training[-1][1] if training else None),
    )
    room = (WIDTH - 2 * _EDGE - _SAMPLE - 20) / _SIZE
    made = []
    for pen, name, value in last:
        if value is not None:
            figure = f" {value:.3f}" if value < 100 else f" {value:.0f}"
            short = shorten(writable(name, HANGUL), room - width(figure, HANGUL), HANGUL)
            made.append(_Entry(pen, short + figure))
    return made


def _rows(entries: Sequence[_Entry]) -> list[list[tuple[_Entry, float]]]:
    """Set the legend's entries side by side, with their left edges, in as many rows as needed."""
    rows: list[list[tuple[_Entry, float]]] = []
    x = float(WIDTH)
    for entry in entries:
        long = _SAMPLE + 14 + width(entry.words, HANGUL) * _SIZE
        if not rows or x + long > WIDTH - _EDGE:
            rows.append([])
            x = float(_EDGE)
        rows[-1].append((entry, x))
        x += long + 36
    return rows


def _legend(row: Sequence[tuple[_Entry, float]], y: float) -> Iterator[str]:
    for (pen, words), x in row:
        middle = y + _LINE * 0.4
        yield f'<path {pen.stroke} d="M{x:.1f} {middle:.1f}h{_SAMPLE}"/>'
        if pen.dots:
            yield _dot(x + _SAMPLE / 2, middle, pen)
        yield _words(words, x + _SAMPLE + 14, middle + _SIZE * 0.36, LIGHT.ink)


def _dot(x: float, y: float, pen: _Pen) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{pen.line * 1.5:g}" fill="{pen.color}"/>'


def _words(text: str, x: float, y: float, color: str, anchor: Anchor = "start") -> str:
    """Write a line of text, cut to the picture's width."""
    short = shorten(writable(text, HANGUL), (WIDTH - 2 * _EDGE) / _SIZE, HANGUL)
    return text_line(short, x, y, Style(_SIZE, color, anchor, HANGUL))


def _ticks(low: float, high: float, most: int, *, whole: bool = False) -> list[tuple[float, str]]:
    """Choose at most so many round numbers between two, and write them alike.

    The steps are 1, 2 or 5 times a power of ten, after Heckbert (Graphics Gems, 1990).
    """
    rough = (high - low) / most
    power = 10 ** floor(log10(rough))
    steps = [power * factor for factor in (1, 2, 5, 10, 20)]
    step = steps[bisect_left(steps, rough * (1 - 1e-9))]
    if whole:
        step = max(1.0, step)
    digits = max(0, -floor(log10(step) + 1e-9))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [(n * step, f"{n * step:.{digits}f}") for n in range(first, last + 1)]
