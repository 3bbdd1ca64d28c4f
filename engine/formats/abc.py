"""ABC 2.1: the tune in plain text, with its note codes as words under the notes.

Every accidental that the key does not give is written, and repeated within the bar, because
programs differ in how far an accidental reaches. No clef is named, because some programs shift
the notes by it; they choose one by themselves.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Final

from engine.codes import Names, format_symbol
from engine.formats.written import Written, write_down
from engine.music import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.music import Key, Melody
    from engine.notation import Bar, Symbol

_UNIT: Final = Fraction(1, 8)
_ACCIDENTALS: Final = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
_MODES: Final = {
    "major": "", "minor": "m", "dorian": "dor", "phrygian": "phr", "lydian": "lyd",
    "mixolydian": "mix", "locrian": "loc",
}  # fmt: skip
_PER_LINE: Final = 4
_LONGEST_TUPLET: Final = 9
"""Notes in one tuplet mark: several programs read a single digit there."""


def write_abc(melody: Melody, split: Fraction | None, names: Names = "letters") -> str:
    """Write a melody as an ABC file with one tune.

    ABC knows no colours: the continuation begins a line of its own after a remark, and its
    first note carries the mark ``»``.

    Args:
        melody: the whole tune.
        split: onset in whole notes at which new music begins, None: nothing is new.
        names: alphabet of the note codes under the notes.
    """
    written = write_down(melody, split)
    tempo = [] if written.tempo is None else [f"Q:1/4={written.tempo}"]
    program = [] if written.program is None else [f"%%MIDI program {written.program}"]
    lines = [
        "%abc-2.1",
        "X:1",
        f"T:{_title(written.title)}",
        f"M:{written.meter}",
        f"L:{_UNIT}",
        *tempo,
        *program,
        f"K:{_key(written.key)}",
        *_body(written, names),
    ]
    return "\n".join(lines) + "\n"


def _title(text: str) -> str:
    """Write a title apart from the colon where music21 would take both for a bar line."""
    return f" {_escaped(text)}" if text.startswith("|") else _escaped(text)


def _escaped(text: str) -> str:
    """Escape a text: a percent sign would start a remark, the others special characters."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("&", "\\&")


def _key(key: Key) -> str:
    """Name a key."""
    place = key.fifths + MODES[key.mode] + 1
    accidental = "#" * (place // 7) + "b" * -(place // 7)
    return "FCGDAEB"[place % 7] + accidental + _MODES[key.mode]


def _body(written: Written, names: Names) -> Iterator[str]:
    """Write lines of music, each followed by its line of codes."""
    first_new = next((symbol for bar in written.bars for symbol in bar.symbols if symbol.new), None)
    last = written.bars[-1]
    for bars in _lines(written.bars):
        if first_new is not None and first_new in bars[0].symbols:
            yield "% continuation"
        music = []
        words = []
        for bar in bars:
            line = "|]" if bar is last else "|"
            music.append(f"{_bar(written, bar, first_new)} {line}")
            words += [_word(symbol, names) for symbol in bar.symbols if symbol.pitch is not None]
        yield " ".join(music)
        if words:
            yield "w: " + " ".join(words)


def _lines(bars: Sequence[Bar]) -> Iterator[list[Bar]]:
    """Part bars into lines; new music begins a line."""
    line: list[Bar] = []
    for bar in bars:
        begins = bar.symbols[-1].new and not (line and line[-1].symbols[-1].new)
        if line and (begins or sum(other.number > 0 for other in line) == _PER_LINE):
            yield line
            line = []
        line.append(bar)
    yield line


def _bar(written: Written, bar: Bar, first_new: Symbol | None) -> str:
    """Write a bar without its bar line; the notes of a beam stand together."""
    altered: set[str] = set()
    words: list[str] = []
    beam = 0
    for number, group in groupby(bar.symbols, key=lambda symbol: symbol.tuplet):
        symbols = list(group)
        for index, symbol in enumerate(symbols):
            opening = ""
            if number and index % _LONGEST_TUPLET == 0:
                count = min(len(symbols) - index, _LONGEST_TUPLET)
                opening = "(3" if count == 3 else f"(3:2:{count}"
            mark = '"^»"' if symbol is first_new else ""
            text = opening + mark + _symbol(written, symbol, altered)
            if symbol.beam and symbol.beam == beam:
                words[-1] += text
            else:
                words.append(text)
            beam = symbol.beam
    return " ".join(words)


def _symbol(written: Written, symbol: Symbol, altered: set[str]) -> str:
    """Write one note or rest; ``altered`` are the steps with an accidental in this bar."""
    base, dots = symbol.value.base, symbol.value.dots
    length = Fraction(2 ** (dots + 1) - 1, base * 2**dots) / _UNIT
    above = "" if length.numerator == 1 else str(length.numerator)
    below = "" if length.denominator == 1 else f"/{length.denominator}"
    if symbol.pitch is None:
        return f"z{above}{below}"
    accidental = ""
    if symbol.alter != written.alter_in_key(symbol.step) or symbol.step in altered:
        accidental = _ACCIDENTALS[symbol.alter]
        altered.add(symbol.step)
    if symbol.octave > 4:
        name = symbol.step + "'" * (symbol.octave - 5)
    else:
        name = symbol.step.upper() + "," * (4 - symbol.octave)
    return f"{accidental}{name}{above}{below}{'-' * symbol.tied}"


def _word(symbol: Symbol, names: Names) -> str:
    """Write a code as a word: a tilde would be shown as a blank, so the tie is drawn."""
    return format_symbol(symbol, names).replace("~", "‿")
