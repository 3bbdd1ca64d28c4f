"""LilyPond source: the tune with its note codes as lyrics, the continuation coloured.

The file compiles by itself with LilyPond 2.24 and makes a score and a MIDI file.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from engine.codes import Names, format_symbol
from engine.formats.written import NEW_COLOR, Written, write_down
from engine.music import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from engine.music import Key, Melody
    from engine.notation import Bar, Symbol

_ACCIDENTALS: Final = {-2: "eses", -1: "es", 0: "", 1: "is", 2: "isis"}
_COLOURED: Final = (
    "Accidental", "Beam", "Dots", "Flag", "MultiMeasureRest", "NoteHead", "Rest", "Stem", "Tie",
    "TupletBracket", "TupletNumber",
)  # fmt: skip
_PER_LINE: Final = 4


def write_lilypond(melody: Melody, split: Fraction | None, names: Names = "letters") -> str:
    """Write a melody as a complete LilyPond file.

    Args:
        melody: the whole tune.
        split: onset in whole notes at which new music begins, None: nothing is new.
        names: alphabet of the note codes under the notes.
    """
    written = write_down(melody, split)
    title = [f'  title = "{_quoted(written.title)}"'] if written.title else []
    lines = [
        '\\version "2.24.0"',
        "",
        "\\header {",
        *title,
        "  tagline = ##f",
        "}",
        "",
        *_colour(),
        "",
        "melody = {",
        *_opening(written),
        *_music(written),
        '  \\bar "|."',
        "}",
        "",
        "codes = \\lyricmode {",
        *_lyrics(written, names),
        "}",
        "",
        "\\score {",
        "  \\new Staff { \\melody }",
        "  \\addlyrics { \\codes }",
        "  \\layout { indent = 0 }",
        "  \\midi { }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Escape a text for the inside of a string."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _colour() -> Iterator[str]:
    """Define how the continuation looks."""
    red, green, blue = (f"{part / 255:.3f}" for part in NEW_COLOR)
    yield f"newColor = #(rgb-color {red} {green} {blue})"
    yield "newMusic = {"
    for grob in _COLOURED:
        yield f"  \\override {grob}.color = \\newColor"
    yield "}"


def _opening(written: Written) -> Iterator[str]:
    """Set clef, key, meter and tempo."""
    shift = {-2: "_15", -1: "_8", 0: "", 1: "^8", 2: "^15"}[written.clef.shift]
    yield f'  \\clef "{"treble" if written.clef.shape == "G" else "bass"}{shift}"'
    yield f"  \\key {_tonic(written.key)} \\{written.key.mode}"
    yield f"  \\time {written.meter}"
    if written.tempo is not None:
        yield f"  \\tempo 4 = {written.tempo}"
    yield "  \\autoBeamOff"
    yield "  \\set melismaBusyProperties = #'()"
    if written.bars[0].number == 0:
        yield f"  \\partial 1*{written.bars[0].length}"


def _tonic(key: Key) -> str:
    """Name the tonic of a key."""
    place = key.fifths + MODES[key.mode] + 1
    return "fcgdaeb"[place % 7] + _ACCIDENTALS[place // 7]


def _music(written: Written) -> Iterator[str]:
    """Write the bars, one a line; the continuation is coloured from its first symbol on."""
    new = False
    for bar in written.bars:
        words: list[str] = []
        if bar.silent and bar.length == written.meter.bar:
            words += _turned(new, bar.symbols[0])
            words.append(f"R1*{bar.length}")
            new = new or bar.symbols[-1].new
        else:
            for number, group in groupby(bar.symbols, key=lambda symbol: symbol.tuplet):
                words += ["\\tuplet 3/2 {"] if number else []
                for symbol in group:
                    words += [*_turned(new, symbol), _symbol(symbol, bar)]
                    new = new or symbol.new
                words += ["}"] if number else []
        yield f"  {' '.join(words)} |  % {bar.number}"


def _turned(new: bool, symbol: Symbol) -> list[str]:  # noqa: FBT001  # the state so far
    """Switch to the colour of the continuation where it begins."""
    return ["\\newMusic"] if symbol.new and not new else []


def _symbol(symbol: Symbol, bar: Bar) -> str:
    """Write one note or rest."""
    length = f"{symbol.value.base}{'.' * symbol.value.dots}"
    if symbol.pitch is None:
        return f"r{length}"
    octave = "'" * (symbol.octave - 3) + "," * (3 - symbol.octave)
    beam = ""
    if symbol.beam:
        group = [other for other in bar.symbols if other.beam == symbol.beam]
        beam = "[" if symbol is group[0] else "]" if symbol is group[-1] else ""
    name = symbol.step + _ACCIDENTALS[symbol.alter]
    return f"{name}{octave}{length}{'~' * symbol.tied}{beam}"


def _lyrics(written: Written, names: Names) -> Iterator[str]:
    """Write the code of every note, a few bars a line."""
    new = False
    bars = written.bars
    for start in range(0, len(bars), _PER_LINE):
        words = []
        for bar in bars[start : start + _PER_LINE]:
            for symbol in bar.symbols:
                if symbol.pitch is not None:
                    if symbol.new and not new:
                        words.append("\\override LyricText.color = \\newColor")
                        new = True
                    words.append(f'"{format_symbol(symbol, names)}"')
        if words:
            yield "  " + " ".join(words)
