"""Bars -> MEI, the music encoding that the engraver reads.

No text of a member's gets in here: lyrics are stand-ins of the right width, titles are drawn
later, so there is nothing that could break the XML. Every note and rest carries an ``xml:id``,
``s`` and its number, by which the finished drawing finds it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import TYPE_CHECKING, Final

from engine.music import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.music import Key, Meter
    from engine.notation import Symbol

NEW_COLOR: Final = "#010101"
"""Marks the continuation on its way through the engraver; the drawing puts its own colour there."""

_ACCIDENTALS: Final = {-2: "ff", -1: "f", 0: "n", 1: "s", 2: "x"}
_SHARPS: Final = "fcgdaeb"


@dataclass(frozen=True, slots=True)
class Clef:
    """A clef and the octaves by which it shifts what stands on its lines.

    Attributes:
        shape: MEI shape, ``"G"`` or ``"F"``.
        line: line on which it stands, from below.
        bottom: diatonic position (octave * 7 + step, c is 0) of the lowest line.
        shift: octaves that the notes sound above (negative: below) the plain clef.
        penalty: how unusual it is, in staff positions of ledger lines per note.
    """

    shape: str
    line: int
    bottom: int
    shift: int = 0
    penalty: float = 0.0

    def strain(self, positions: Sequence[int]) -> float:
        """Rate this clef for notes: how far they lie outside the staff, and its own oddness."""
        top = self.bottom + 8
        outside = [max(0, self.bottom - 1 - place, place - top - 1) for place in positions]
        strain = sum(steps + steps * steps / 6 for steps in outside)  # far out is worse than often
        return strain / max(1, len(positions)) + self.penalty


CLEFS: Final = (
    Clef("G", 2, 30),
    Clef("F", 4, 18, penalty=0.25),
    Clef("G", 2, 23, -1, penalty=0.5),
    Clef("G", 2, 37, 1, penalty=1.5),
    Clef("F", 4, 11, -1, penalty=1.5),
    Clef("G", 2, 44, 2, penalty=3.0),
    Clef("F", 4, 4, -2, penalty=3.0),
)


def position(symbol: Symbol) -> int:
    """Give a note's diatonic position, octave * 7 + step; middle C is 28."""
    return symbol.octave * 7 + STEPS.index(symbol.step)


def choose_clef(symbols: Iterable[Symbol]) -> Clef:
    """Take the clef that spares the reader most ledger lines, a treble clef where it will do."""
    positions = [position(symbol) for symbol in symbols if symbol.pitch is not None]
    return min(CLEFS, key=lambda clef: clef.strain(positions))


Item = tuple[int, "Symbol"]
"""A symbol and its number in the score."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What stands between two bar lines on paper.

    Attributes:
        label: number written at the start of a system, possibly empty.
        symbols: notes and rests by number; numbers run through the whole score.
        whole: whether this is a complete bar, not a pickup or a part of one.
        right: bar line after it, in MEI's words.
        fresh: whether a system starts here.
        keep: whether accidentals of the measure before are still in force.
    """

    label: str
    symbols: tuple[Item, ...]
    whole: bool = True
    right: str = "single"
    fresh: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What holds for the whole score.

    Attributes:
        key: key signature, None for none.
        meter: time signature, None for none.
        clef: the clef.
        lyrics: stand-in for the code under each symbol, by number.
    """

    key: Key | None
    meter: Meter | None
    clef: Clef
    lyrics: Mapping[int, str]


class _Writer:
    """Writes measures, keeping track of the accidentals in force."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        fifths = sheet.key.fifths if sheet.key else 0
        steps = _SHARPS[:fifths] if fifths > 0 else _SHARPS[::-1][:-fifths]
        self.signature = dict.fromkeys(steps, 1 if fifths > 0 else -1)
        self.altered: dict[tuple[str, int], int] = {}

    def accidental(self, symbol: Symbol) -> int | None:
        """Decide which accidental to print before a note, None for none.

        Within a bar an accidental holds for its line or space until another one; a note tied over
        the bar line needs none and leaves none behind.
        """
        if symbol.continued:
            return None
        place = (symbol.step, symbol.octave)
        if self.altered.get(place, self.signature.get(symbol.step, 0)) == symbol.alter:
            return None
        self.altered[place] = symbol.alter
        return symbol.alter

    def symbol(self, number: int, symbol: Symbol) -> str:
        """Write one note with its lyric, or one rest."""
        color = f' color="{NEW_COLOR}"' if symbol.new else ""
        dots = f' dots="{symbol.value.dots}"' if symbol.value.dots else ""
        start = f'xml:id="s{number}" dur="{symbol.value.base}"{dots}{color}'
        if symbol.pitch is None:
            return f"<rest {start}/>"
        accidental = self.accidental(symbol)
        accid = "" if accidental is None else f' accid="{_ACCIDENTALS[accidental]}"'
        lyric = self.sheet.lyrics.get(number)
        verse = f'<verse n="1"><syl xml:id="l{number}">{lyric}</syl></verse>' if lyric else ""
        return f'<note {start} pname="{symbol.step}" oct="{symbol.octave}"{accid}>{verse}</note>'

    def tuplet(self, items: Sequence[Item]) -> str:
        """Write a triplet group; the bracket is spared where a beam shows what belongs to it."""
        bracket = "false" if len({s.beam for _, s in items}) == 1 and items[0][1].beam else "true"
        color = f' color="{NEW_COLOR}"' if all(s.new for _, s in items) else ""
        return (
            f'<tuplet num="3" numbase="2" bracket.visible="{bracket}"{color}>'
            f"{self.beams(items)}</tuplet>"
        )

    def beams(self, items: Iterable[Item]) -> str:
        """Write symbols with their beams; none leads from the primer into the continuation."""
        parts = []
        for (beam, new), run in groupby(items, key=lambda item: (item[1].beam, item[1].new)):
            notes = [self.symbol(number, symbol) for number, symbol in run]
            color = f' color="{NEW_COLOR}"' if new else ""
            written = "".join(notes)
            parts.append(f"<beam{color}>{written}</beam>" if beam and len(notes) > 1 else written)
        return "".join(parts)

    def row(self, items: Iterable[Item]) -> str:
        """Write the symbols of a measure."""
        return "".join(
            self.tuplet(list(run)) if tuplet else self.beams(run)
            for tuplet, run in groupby(items, key=lambda item: item[1].tuplet)
        )

    def measure(self, measure: Measure, ties: str) -> str:
        """Write one measure with the ties that start in it."""
        if not measure.keep:
            self.altered = {}
        symbols = measure.symbols
        if measure.whole and all(s.pitch is None for _, s in symbols):
            color = f' color="{NEW_COLOR}"' if all(s.new for _, s in symbols) else ""
            number = symbols[0][0] if symbols else "x"
            inner = f'<mRest xml:id="s{number}"{color}/>'
        else:
            inner = self.row(symbols)
        return (
            f'{"<sb/>" if measure.fresh else ""}<measure n="{measure.label}" '
            f'right="{measure.right}" metcon="{"true" if measure.whole else "false"}">'
            f'<staff n="1"><layer n="1">{inner}</layer></staff>{ties}</measure>'
        )


def _ties(measures: Sequence[Measure]) -> Mapping[int, str]:
    """Write the ties by the number of the symbol at which each starts."""
    symbols = list(chain.from_iterable(measure.symbols for measure in measures))
    ties = {}
    for (number, symbol), (following, after) in pairwise(symbols):
        if symbol.tied and after.pitch == symbol.pitch and symbol.pitch is not None:
            color = f' color="{NEW_COLOR}"' if symbol.new else ""
            ties[number] = f'<tie startid="#s{number}" endid="#s{following}"{color}/>'
    return ties


def write_mei(measures: Sequence[Measure], sheet: Sheet) -> str:
    """Write a score of one staff as an MEI document."""
    writer = _Writer(sheet)
    ties = _ties(measures)
    body = "".join(
        writer.measure(measure, "".join(ties.get(number, "") for number, _ in measure.symbols))
        for measure in measures
    )
    clef = f'clef.shape="{sheet.clef.shape}" clef.line="{sheet.clef.line}"'
    if sheet.clef.shift:
        place = "above" if sheet.clef.shift > 0 else "below"
        clef += f' clef.dis="{abs(sheet.clef.shift) * 7 + 1}" clef.dis.place="{place}"'
    fifths = sheet.key.fifths if sheet.key else 0
    score = f'key.sig="{abs(fifths)}{"s" if fifths > 0 else "f"}"' if fifths else 'key.sig="0"'
    if sheet.meter:
        score += f' meter.count="{sheet.meter.beats}" meter.unit="{sheet.meter.unit}"'
    return (
        '<mei xmlns="http://www.music-encoding.org/ns/mei" meiversion="5.0"><meiHead/><music>'
        f'<body><mdiv><score><scoreDef {score}><staffGrp><staffDef n="1" lines="5" {clef}/>'
        f"</staffGrp></scoreDef><section>{body}</section></score></mdiv></body></music></mei>"
    )
