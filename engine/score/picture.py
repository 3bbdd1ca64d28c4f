"""Melody -> PNG: the score as a page of a songbook.

The primer is black, the continuation coloured; under each note stands its code, so that the
picture can be read, sung and typed in again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from engine.codes import format_symbol
from engine.music import Meter
from engine.notation import write_bars
from engine.score.engraving import SPACE, Engraving, System, engrave
from engine.score.fonts import SERIF, fonts, shorten, svg_text, width, writable
from engine.score.layout import (
    LYRIC_SIZE,
    SPACES,
    Extract,
    Plan,
    Planner,
    extract,
    lyric_font,
    stand_in,
)
from engine.score.mei import Sheet, choose_clef, write_mei

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from fractions import Fraction

    from engine.codes import Names
    from engine.music import Melody
    from engine.notation import Symbol
    from engine.score.mei import Clef

Anchor = Literal["start", "middle", "end"]

WIDTH: Final = 1000
MARGIN: Final = 30
MAX_PIXELS: Final = 3_000_000
"""Larger pictures are scaled down: a page that nobody scrolls through is not worth the time."""

_TITLE_SIZE: Final = 42
_TEMPO_SIZE: Final = 30
_NUMBER_SIZE: Final = 20
_MAX_TITLE: Final = 300
DEFAULT_TEMPO: Final = 100


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a picture."""

    paper: str
    ink: str
    new: str
    faint: str


LIGHT: Final = Theme("#ffffff", "#000000", "#1565c0", "#757575")
DARK: Final = Theme("#2b2d31", "#f2f3f5", "#7ab7ff", "#949ba4")
WRONG: Final = replace(LIGHT, new="#d32f2f")
"""Colours of a picture that shows mistakes."""


def draw(  # noqa: PLR0913 - what a picture depends on
    melody: Melody,
    split: Fraction | None,
    names: Names = "letters",
    *,
    dark: bool = False,
    max_bars: int = 64,
    max_pixels: int = MAX_PIXELS,
) -> bytes:
    """Draw a melody as a PNG, at most 1000 pixels wide.

    Args:
        melody: the whole tune.
        split: where new music begins, in whole notes; None when nothing is new.
        names: alphabet of the codes under the notes.
        dark: for a dark background.
        max_bars: of a longer tune the end of the primer and the continuation are drawn, at most so
            many bars.
        max_pixels: a larger picture is scaled down.
    """
    theme = DARK if dark else LIGHT
    svg = score_svg(melody, split, names, theme, max_bars, max_pixels=max_pixels)
    return rasterise(svg, theme)


def draw_mistakes(melody: Melody, wrong: Collection[int], names: Names = "letters") -> bytes:
    """Draw a melody as a PNG with some notes in red.

    Args:
        melody: the whole tune.
        wrong: which of its notes are wrong, from 0.
        names: alphabet of the codes under the notes.
    """
    return rasterise(score_svg(melody, None, names, WRONG, 64, frozenset(wrong)), WRONG)


def score_svg(  # noqa: PLR0913, PLR0917 - what a picture depends on
    melody: Melody,
    split: Fraction | None,
    names: Names,
    theme: Theme,
    max_bars: int,
    coloured: Collection[int] = (),
    *,
    max_pixels: int = MAX_PIXELS,
) -> str:
    """Lay the picture out as SVG; see :func:`draw`; ``coloured`` notes look like new ones."""
    if not melody.end:
        melody = replace(melody, length=(melody.meter or Meter()).bar)  # draws one silent bar
    bars = write_bars(melody, split)
    if coloured:
        bars = tuple(replace(bar, symbols=_coloured(bar.symbols, coloured)) for bar in bars)
    shown = extract(bars, max_bars)
    part = set_part(Part(shown, melody, names))
    page = Page(theme, part.width)
    page.header(melody.title, melody.tempo or DEFAULT_TEMPO)
    page.music(part, marked=bool(split))
    return page.svg(max_pixels)


@dataclass(frozen=True, slots=True)
class Part:
    """Some bars of a melody, to be engraved.

    Attributes:
        shown: the bars.
        melody: whose key and meter hold.
        names: alphabet of the codes under the notes.
        clef: None: the one that suits the notes.
        spaces: sizes to choose from; see :data:`~engine.score.layout.SPACES`.
    """

    shown: Extract
    melody: Melody
    names: Names
    clef: Clef | None = None
    spaces: Sequence[int] = SPACES

    @property
    def symbols(self) -> list[Symbol]:
        """The notes and rests, in order."""
        return [symbol for bar in self.shown.bars for symbol in bar.symbols]

    @property
    def codes(self) -> dict[int, str]:
        """The codes under the notes, by number."""
        pairs = enumerate(self.symbols)
        return {n: format_symbol(s, self.names) for n, s in pairs if s.pitch is not None}

    def plan(self) -> Plan:
        """Choose size and line breaks."""
        key = self.melody.key
        planner = Planner(self.shown, key.fifths if key else 0, self.codes)
        return planner.plan(WIDTH - 2 * MARGIN, self.spaces)


@dataclass(frozen=True, slots=True)
class Set:
    """An engraved part, and what belongs to it."""

    part: Part
    plan: Plan
    engraving: Engraving
    codes: Mapping[int, str]
    new: tuple[int, ...]

    @property
    def scale(self) -> float:
        """Pixels to one of the engraver's units."""
        return min(self.plan.space / SPACE, (WIDTH - 2 * MARGIN) / self.engraving.width)

    @property
    def width(self) -> int:
        """Pixels from edge to edge."""
        return round(self.engraving.width * self.scale) + 2 * MARGIN


def set_part(part: Part) -> Set:
    """Engrave a part."""
    symbols, codes, plan = part.symbols, part.codes, part.plan()
    font = lyric_font(codes.values())
    lyrics = {number: stand_in(code, font) for number, code in codes.items()}
    clef = part.clef or choose_clef(symbols)
    sheet = Sheet(part.melody.key, part.melody.meter or Meter(), clef, lyrics)
    mei = write_mei(plan.measures, sheet)
    engraving = engrave(mei, width=_page_units(plan), lyric_size=LYRIC_SIZE)
    new = tuple(n for n, symbol in enumerate(symbols) if symbol.new)
    return Set(part, plan, engraving, codes, new)


def _coloured(symbols: Iterable[Symbol], notes: Collection[int]) -> tuple[Symbol, ...]:
    return tuple(replace(s, new=True) if s.note in notes else s for s in symbols)


def _page_units(plan: Plan) -> int:
    """Give the page's width in the engraver's units: a single short line gets a narrow page."""
    full = (WIDTH - 2 * MARGIN) * SPACE / plan.space
    if plan.lines > 1:
        return int(full)
    return int(min(full, max(full * 0.45, plan.natural * 1.25)))


def rasterise(svg: str, theme: Theme) -> bytes:
    """Turn an SVG into a PNG, with our own fonts only."""
    import resvg_py  # noqa: PLC0415 - a library that only a process that draws needs

    png: bytes = resvg_py.svg_to_bytes(
        svg_string=svg,
        background=theme.paper,
        skip_system_fonts=True,
        font_files=[str(font.path) for font in fonts()],
        font_family=SERIF,
    )
    return png


@dataclass(frozen=True, slots=True)
class Style:
    """How a line of text looks."""

    size: float
    color: str
    anchor: Anchor = "start"
    font: str = SERIF


def text_line(text: str, x: float, y: float, style: Style) -> str:
    """Write a line of text as SVG, with its base line at ``y``."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{style.size:g}" fill="{style.color}" '
        f'text-anchor="{style.anchor}" xml:space="preserve">{svg_text(text, style.font)}</text>'
    )


class Page:
    """Puts a picture of some width together, in pixels, from the top."""

    def __init__(self, theme: Theme, width: int) -> None:
        self.theme = theme
        self.width = width
        self.y = float(MARGIN) * 0.6
        self.parts: list[str] = []
        self.scale = self.space = 1.0
        self.new: frozenset[int] = frozenset()
        self.labels: Mapping[int, str] = {}

    def header(self, title: str, tempo: float) -> None:
        """Write the title, centred, and the tempo below it on the left."""
        name = writable(title[:_MAX_TITLE])
        if name:
            room = self.width - 2 * MARGIN
            size = max(_TITLE_SIZE * 0.6, min(_TITLE_SIZE, room / max(width(name), 1)))
            self.y += size
            name = shorten(name, room / size)
            style = Style(size, self.theme.ink, "middle")
            self.parts.append(text_line(name, self.width / 2, self.y, style))
            self.y += size * 0.3
        self.y += _TEMPO_SIZE
        mark = f"♩ = {tempo:.0f}"
        self.parts.append(text_line(mark, MARGIN, self.y, Style(_TEMPO_SIZE, self.theme.ink)))

    def music(self, part: Set, *, marked: bool) -> None:
        """Draw all lines of a part below what is there; ``marked``: with the place of the split."""
        self.scale, self.space = part.scale, part.scale * SPACE
        self.new = frozenset(part.new)
        self.labels = {m.symbols[0][0]: m.label for m in part.plan.measures if m.symbols}
        shown, systems = part.part.shown, part.engraving.systems
        font = lyric_font(part.codes.values())
        first_new = part.new[0] if part.new and marked else None
        if systems:
            number = systems[0].number
            label = float("inf") if number is None else number - _NUMBER_SIZE / self.scale
            self.y += 0.5 * self.space - min(systems[0].high, label) * self.scale
        for index, system in enumerate(systems):
            top = round(self.y + system.top * self.scale) + 0.5
            self.system(system, top - system.top * self.scale)
            self.lyrics(system, top - system.top * self.scale, part.codes, font)
            self.number(system, top - system.top * self.scale)
            if first_new is not None and first_new in system.places:
                self.mark(system, top, first_new)
            if index == 0 and shown.before:
                self.dots(MARGIN - 22, top)
            if index == len(systems) - 1 and shown.after:
                self.dots(part.width - MARGIN + 6, top)
        self.y += part.engraving.height * self.scale

    def color(self, *, new: bool) -> str:
        """Give the colour of the primer or of the continuation."""
        return self.theme.new if new else self.theme.ink

    def system(self, system: System, y: float) -> None:
        """Draw one line of music, moved so that its staff lines fall on whole pixels."""
        move = f'transform="translate({MARGIN} {y:.3f}) scale({self.scale:.6f})"'
        self.parts.append(f"<g {move}>")
        for (new, line, dashes), paths in system.lines.items():
            dash = f' stroke-dasharray="{dashes}"' if dashes else ""
            self.parts.append(
                f'<path fill="none" stroke="{self.color(new=new)}" stroke-width="{line}"{dash} '
                f'd="{"".join(paths)}"/>'
            )
        for new, shapes in system.ink.items():
            self.parts.append(f'<g fill="{self.color(new=new)}">{"".join(shapes)}</g>')
        self.parts.append("</g>")

    def lyrics(self, system: System, y: float, codes: Mapping[int, str], font: str) -> None:
        """Write the codes, centred under the heads as far as they do not touch each other.

        The engraver has left each code room to the right of its own place, so going there is
        always possible, and going further left is where the code before allows it.
        """
        size = LYRIC_SIZE * self.space / 2
        gap = size * 0.28
        drop = size * (0.08 if font == SERIF else 0.2)  # keeps off the beams; Hangul is tall
        end = float("-inf")
        head = 0.65 * self.space
        for number, place in sorted(system.places.items()):
            if place.lyric is None or number not in codes:
                continue
            long = width(codes[number], font) * size
            limit = MARGIN + place.lyric[0] * self.scale
            wish = MARGIN + place.head * self.scale + head - long / 2
            x = min(limit, max(wish, end + gap))
            end = x + long
            style = Style(size, self.color(new=number in self.new), font=font)
            baseline = y + place.lyric[1] * self.scale + drop
            self.parts.append(text_line(codes[number], x, baseline, style))

    def number(self, system: System, y: float) -> None:
        """Write the number of a line's first bar above its clef."""
        if system.number is None or not system.places:
            return
        label = self.labels.get(min(system.places), "")
        baseline = y + system.number * self.scale
        self.parts.append(text_line(label, MARGIN, baseline, Style(_NUMBER_SIZE, self.theme.faint)))

    def mark(self, system: System, top: float, first_new: int) -> None:
        """Mark where the continuation begins: a dashed line with a small wedge on top."""
        space = self.space
        place = system.places[first_new]
        edges = [edge for edge in system.bars[1:] if place.left - 3 * SPACE < edge < place.left]
        at_bar = bool(edges) and not any(
            other.head > edges[-1] for number, other in system.places.items() if number < first_new
        )
        x = MARGIN + (edges[-1] - 13 if at_bar else place.left - 0.55 * SPACE) * self.scale
        high = top - 0.5 * space
        color = self.theme.new
        wing = 0.42 * space
        self.parts.append(
            f'<path fill="{color}" d="M{x - wing:.1f} {high - 0.75 * space:.1f}h{2 * wing:.1f}'
            f'l{-wing:.1f} {0.75 * space:.1f}z"/>'
        )
        if min(system.places) != first_new:
            self.parts.append(
                f'<path fill="none" stroke="{color}" stroke-width="1.6" stroke-dasharray="5 4" '
                f'd="M{x:.1f} {high:.1f}V{top + 4.5 * space:.1f}"/>'
            )

    def dots(self, x: float, top: float) -> None:
        """Draw three dots beside the staff, where bars are left out."""
        y = top + 2 * self.space
        circles = "".join(f'<circle cx="{x + 7 * i:g}" cy="{y:g}" r="2.2"/>' for i in range(3))
        self.parts.append(f'<g fill="{self.theme.faint}">{circles}</g>')

    def svg(self, max_pixels: int) -> str:
        """Give the whole picture."""
        height = round(self.y + MARGIN * 0.7)
        shrink = min(1.0, (max_pixels / (self.width * height)) ** 0.5)
        size = f'width="{self.width * shrink:.0f}" height="{height * shrink:.0f}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
            f'viewBox="0 0 {self.width} {height}">{"".join(self.parts)}</svg>'
        )
