"""Several continuations of one primer -> PNG: one page, the takes below each other.

The first take shows the primer, too. The others begin with the bar in which new music does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.notation import write_bars
from engine.score.layout import extract
from engine.score.mei import choose_clef
from engine.score.picture import (
    DARK,
    DEFAULT_TEMPO,
    LIGHT,
    MARGIN,
    MAX_PIXELS,
    Page,
    Part,
    Style,
    rasterise,
    set_part,
    text_line,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from engine.codes import Names
    from engine.music import Melody
    from engine.notation import Bar
    from engine.score.picture import Set, Theme

_MAX_BARS: Final = 72
"""Bars in the whole picture: more would be too small to read."""

_RADIUS: Final = 23
_NUMBER: Final = 32
_GAP: Final = 16


def draw_takes(
    melodies: Sequence[Melody],
    split: Fraction,
    names: Names = "letters",
    *,
    dark: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> bytes:
    """Draw takes as one PNG, each under its number.

    Args:
        melodies: whole tunes that are the same before ``split``.
        split: where new music begins, in whole notes.
        names: alphabet of the codes under the notes.
        dark: for a dark background.
        max_pixels: a larger picture is scaled down.
    """
    theme = DARK if dark else LIGHT
    return rasterise(takes_svg(melodies, split, names, theme, max_pixels), theme)


def takes_svg(
    melodies: Sequence[Melody],
    split: Fraction,
    names: Names,
    theme: Theme,
    max_pixels: int = MAX_PIXELS,
) -> str:
    """Lay the picture out as SVG; see :func:`draw_takes`."""
    sets = _engraved(melodies, split, names)
    page = Page(theme, max(each.width for each in sets))
    page.header(melodies[0].title, melodies[0].tempo or DEFAULT_TEMPO)
    for number, each in enumerate(sets, start=1):
        _number(page, number)
        # Where a take has nothing but new music there is no place to mark.
        page.music(each, marked=bool(split) and each.new[:1] != (0,))
    return page.svg(max_pixels)


def _engraved(melodies: Sequence[Melody], split: Fraction, names: Names) -> list[Set]:
    """Engrave the takes in one size and with one clef."""
    first, *others = (write_bars(melody, split) for melody in melodies)
    room = _MAX_BARS // len(melodies)
    shown = [extract(bars, room) for bars in (first, *map(_new_bars, others))]
    parts = [Part(bars, melody, names) for bars, melody in zip(shown, melodies, strict=True)]
    clef = choose_clef([symbol for part in parts for symbol in part.symbols])
    space = min(part.plan().space for part in parts)
    return [set_part(replace(part, clef=clef, spaces=(space,))) for part in parts]


def _new_bars(bars: Sequence[Bar]) -> Sequence[Bar]:
    """Leave out the bars before the one in which new music begins."""
    new = (i for i, bar in enumerate(bars) if any(symbol.new for symbol in bar.symbols))
    return bars[next(new, 0) :]


def _number(page: Page, number: int) -> None:
    """Write a take's number in a disc, at the left above its music."""
    page.y += _GAP + _RADIUS
    x, y = MARGIN + _RADIUS, page.y
    page.parts.append(f'<circle cx="{x}" cy="{y:.1f}" r="{_RADIUS}" fill="{page.theme.new}"/>')
    style = Style(_NUMBER, page.theme.paper, "middle")
    page.parts.append(text_line(str(number), x, y + 0.36 * _NUMBER, style))
    page.y += _RADIUS
