"""MEI -> placed ink: runs the engraver and takes its drawing apart.

The engraver (verovio) decides where every line, head and beam goes. Its SVG is not shown as it is:
its style sheet and nested viewports cost time, its staff lines fall between pixels, and its text
comes out without a font. What is kept are the shapes, by system and by colour, and the places
where text belongs.

Lengths here are the engraver's own units: 180 from one staff line to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, fromstring

from engine.score.mei import NEW_COLOR

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACE: Final = 180
"""Units between two staff lines."""

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_SEED: Final = 1
_OPTIONS: Final[Mapping[str, object]] = {
    "adjustPageHeight": True,
    "footer": "none",
    "header": "none",
    "lyricTopMinMargin": 3.0,
    "minLastJustification": 0.0,
    "pageHeight": 60000,
    "pageMarginBottom": 0,
    "pageMarginLeft": 0,
    "pageMarginRight": 0,
    "pageMarginTop": 0,
    "scale": 100,
    "spacingSystem": 5,
    "svgFormatRaw": True,
    "xmlIdSeed": _SEED,
}
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


_WHERE: Final = ("points", "d", "transform")
"""Attributes that begin with x and y of a shape."""


@dataclass(slots=True)
class Place:
    """Where one note or rest stands.

    Attributes:
        left: left edge with its accidental.
        head: left edge of the head, or of the rest.
        lyric: left edge and base line of its lyric, None without one.
    """

    left: float
    head: float
    lyric: tuple[float, float] | None = None


@dataclass(slots=True)
class System:
    """One line of music.

    Attributes:
        top: highest staff line.
        number: base line of the bar number, None where none is printed.
        ink: filled shapes as SVG path elements without colour, by whether they are new.
        lines: stroked lines as SVG path data, by whether they are new, width and dashes.
        places: notes and rests by number.
        bars: left edges of the measures.
        high: highest ink, roughly.
    """

    top: float = 0.0
    number: float | None = None
    ink: dict[bool, list[str]] = field(default_factory=lambda: {False: [], True: []})
    lines: dict[tuple[bool, str, str], list[str]] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    bars: list[float] = field(default_factory=list)
    high: float = float("inf")


@dataclass(frozen=True, slots=True)
class Engraving:
    """A whole score as placed ink.

    Attributes:
        width, height: of the page.
        systems: its lines from the top.
    """

    width: float
    height: float
    systems: tuple[System, ...]


@cache
def toolkit() -> Any:
    """Build the engraver, once a process.

    Call it first in the process's main thread: built in another one it finds none of its fonts.
    """
    import verovio  # noqa: PLC0415 - loads a large library, only a process that draws needs it

    verovio.enableLog(verovio.LOG_OFF)
    return verovio.toolkit()


def engrave(mei: str, *, width: int, lyric_size: float) -> Engraving:
    """Set a score on one page.

    Args:
        mei: the score, with its system breaks; without any it becomes one line.
        width: of the page in units.
        lyric_size: height of the lyrics' letters in half staff spaces.

    Raises:
        RuntimeError: when the engraver cannot read the score, which would be our mistake.
    """
    engraver = toolkit()
    breaks = "encoded" if "<sb/>" in mei else "none"  # "encoded" without any breaks where it likes
    options = {**_OPTIONS, "breaks": breaks, "pageWidth": width // 10, "lyricSize": lyric_size}
    engraver.resetOptions()  # another drawing may have set what this one leaves alone
    engraver.setOptions(options)
    engraver.resetXmlIdSeed(_SEED)
    if not engraver.loadData(mei):
        raise RuntimeError("the engraver refused our own score")
    return _Reader(fromstring(engraver.renderToSVG(1))).engraving()  # noqa: S314 - the engraver's own SVG


class _Reader:
    """Walks through the engraver's SVG and sorts its ink by systems."""

    def __init__(self, root: Element) -> None:
        definitions = root.find(f"{_SVG}defs")
        self.glyphs = {
            f"#{glyph.get('id')}": glyph[0].get("d", "")
            for glyph in (definitions if definitions is not None else ())
            if len(glyph)
        }
        page = root.find(f"{_SVG}svg")
        if page is None:
            raise RuntimeError("the engraver drew no page")
        self.page = page
        self.systems: list[System] = []

    def engraving(self) -> Engraving:
        """Read the whole page."""
        for element in self.page.iter(f"{_SVG}g"):
            if element.get("class") == "system":
                self.systems.append(System())
                self.walk(element, self.systems[-1], new=False, place=None)
        box = [float(number) for number in self.page.get("viewBox", "").split()]
        return Engraving(box[2], box[3], tuple(self.systems))

    def walk(self, element: Element, system: System, *, new: bool, place: Place | None) -> None:
        """Take an element and what is inside it; ``place`` belongs to the note it is part of."""
        kinds = element.get("class", "").split()
        if "placeholder" in kinds:
            return
        new = new or element.get("color") == NEW_COLOR
        if "staff" in kinds:
            self.staff(element, system)
        elif "mNum" in kinds:
            system.number = float(element[0].get("y", "0"))
            return
        elif "syl" in kinds:
            if place is not None and len(element):
                text = element[0]
                place.lyric = (float(text.get("x", "0")), float(text.get("y", "0")))
            return
        elif kinds and kinds[0] in {"note", "rest", "mRest"}:
            place = self.place(element)
            name = element.get("id", "")
            if place is not None and re.fullmatch(r"s\d+", name):
                system.places[int(name[1:])] = place
        for child in element:
            if child.tag == f"{_SVG}g":
                self.walk(child, system, new=new, place=place)
            else:
                self.shape(child, system, new=new)

    def staff(self, element: Element, system: System) -> None:
        """Note where the staff lies; its five lines come first."""
        left, top = _NUMBER.findall(element[0].get("d", ""))[:2]
        system.bars.append(float(left))
        system.top = float(top)

    @staticmethod
    def place(element: Element) -> Place | None:
        """Find where a note's head and its leftmost sign are."""
        signs = [
            (
                float(_NUMBER.findall(use.get("transform", ""))[0]),
                use.get(_HREF, "").startswith("#E26"),
            )
            for use in element.iter(f"{_SVG}use")
        ]
        heads = [x for x, accidental in signs if not accidental]
        return Place(min(x for x, _ in signs), heads[0]) if heads else None

    def shape(self, element: Element, system: System, *, new: bool) -> None:
        """Sort one shape into filled ink or stroked lines."""
        kind = element.tag.removeprefix(_SVG)
        numbers = [float(n) for name in _WHERE for n in _NUMBER.findall(element.get(name, ""))]
        if len(numbers) > 1:
            is_clef = kind == "use" and element.get(_HREF, "").startswith("#E05")
            top = numbers[1] - (4.5 if is_clef else 0.6) * SPACE
            system.high = min(system.high, top if kind == "use" else min(numbers[1::2]))
        width = element.get("stroke-width", "")
        if kind == "use":
            outline = self.glyphs.get(element.get(_HREF, ""), "")
            move = element.get("transform", "")
            system.ink[new].append(f'<path transform="{move} scale(1,-1)" d="{outline}"/>')
        elif kind == "ellipse":
            x, y, r = (float(element.get(name, "0")) for name in ("cx", "cy", "rx"))
            arcs = f"a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0z"
            system.ink[new].append(f'<path d="M{x - r:g} {y:g}{arcs}"/>')
        elif kind == "polygon":
            system.ink[new].append(f'<path d="M{element.get("points", "")}z"/>')
        elif kind == "polyline":
            lines = system.lines.setdefault((new, width, ""), [])
            lines.append(f"M{element.get('points', '').strip()}")
        elif kind == "path":
            data = element.get("d", "")
            if "C" in data:
                system.ink[new].append(f'<path d="{data}z"/>')
            else:
                dashes = element.get("stroke-dasharray", "")
                system.lines.setdefault((new, width, dashes), []).append(data)
