"""Letters for the picture: where the fonts are, what they can write, and how wide it gets.

No font is bundled and none is taken from the system, so the picture is the same everywhere: STIX
and DejaVu come with matplotlib, NanumGothic (Hangul, Kana, Han) with koreanize-matplotlib. All
three may be used and embedded freely (STIX licence, Bitstream Vera licence, SIL OFL).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from html import escape
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_MATPLOTLIB: Final = "mpl-data/fonts/ttf"
_PLACES: Final = {
    "STIXGeneral": ("matplotlib", f"{_MATPLOTLIB}/STIXGeneral.ttf"),
    "NanumGothic": ("koreanize_matplotlib", "fonts/NanumGothic.ttf"),
    "DejaVu Sans": ("matplotlib", f"{_MATPLOTLIB}/DejaVuSans.ttf"),
}
"""Family name: the package that ships the font and the file's place in it; first choice first."""

SERIF: Final = "STIXGeneral"
HANGUL: Final = "NanumGothic"
ELLIPSIS: Final = "…"


class FontMissingError(FileNotFoundError):
    """A package that should ship one of our fonts does not."""


@dataclass(frozen=True)
class Font:
    """One font file.

    Attributes:
        family: name under which the rasteriser knows it.
        path: the TrueType file.
    """

    family: str
    path: Path

    @cached_property
    def advances(self) -> Mapping[int, float]:
        """Width of every character that the font has, in parts of the font size."""
        from fontTools.ttLib import TTFont  # noqa: PLC0415 - slow to import, needed once a process

        with TTFont(self.path, lazy=True) as table:
            widths = table["hmtx"].metrics
            size = table["head"].unitsPerEm
            return {code: widths[name][0] / size for code, name in table.getBestCmap().items()}


@cache
def fonts() -> tuple[Font, ...]:
    """Find our fonts, first choice first, without importing the packages that ship them.

    Raises:
        FontMissingError: when one is not where it should be; drawn without it, text would just be
            left out of the picture.
    """
    found = []
    for family, (package, place) in _PLACES.items():
        spec = find_spec(package)
        folders = (spec.submodule_search_locations if spec else None) or ()
        paths = [path for folder in folders if (path := Path(folder) / place).is_file()]
        if not paths:
            raise FontMissingError(f"font {family} not found in the package {package}")
        found.append(Font(family, paths[0]))
    return tuple(found)


@lru_cache(maxsize=4096)
def _runs(text: str, first: str) -> tuple[tuple[Font, str], ...]:
    """Divide a text into runs of one font each, leaving out what no font has.

    One font that has every character writes all of it: the rasteriser, too, prefers that, and
    Arabic letters join only within one run. The wanted family is asked before the others.
    """
    order = sorted(fonts(), key=lambda font: font.family != first)
    for font in order:
        if all(ord(char) in font.advances for char in text):
            return ((font, text),) if text else ()
    chosen = ((next((f for f in order if ord(c) in f.advances), None), c) for c in text)
    known = [(font, char) for font, char in chosen if font is not None]
    return tuple(
        (font, "".join(char for _, char in run))
        for font, run in groupby(known, lambda pair: pair[0])
    )


def width(text: str, first: str = SERIF) -> float:
    """Measure a text in parts of the font size; characters that no font has count nothing."""
    return sum(font.advances[ord(char)] for font, run in _runs(text, first) for char in run)


def writable(text: str, first: str = SERIF) -> str:
    """Bring foreign text into one line of characters that can be drawn.

    Composes split letters (file names from macOS split Hangul), turns every space, line end and
    control character into one blank, and leaves out what no font has, such as emoji.
    """
    composed = unicodedata.normalize("NFC", text)
    blank = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp", "Zs"} else c for c in composed
    )
    kept = (c for c in blank if unicodedata.category(c)[0] != "C" and _runs(c, first))
    return " ".join("".join(kept).split())


def shorten(text: str, room: float, first: str = SERIF) -> str:
    """Cut a text to a width, given in parts of the font size, with an ellipsis where it is cut."""
    if width(text, first) <= room:
        return text
    low, high = 0, len(text)
    while high - low > 1:  # the font may change with the cut, so measure the very text
        middle = (low + high) // 2
        fits = width(text[:middle].rstrip() + ELLIPSIS, first) <= room
        low, high = (middle, high) if fits else (low, middle)
    return text[:low].rstrip() + ELLIPSIS


def svg_text(text: str, first: str = SERIF) -> str:
    """Write a text as SVG, every run in a font that has its characters, and safe in XML."""
    return "".join(
        f'<tspan font-family="{font.family}">{escape(run)}</tspan>'
        for font, run in _runs(text, first)
    )
