"""MusicXML 4.0: the tune with its note codes as lyrics, the continuation coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from engine.codes import Names, format_symbol
from engine.formats.written import NEW_COLOR, Written, write_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from engine.music import Melody
    from engine.notation import Bar, Symbol

DIVISIONS: Final = 48
"""Divisions of a quarter note: a division is one unit of the written grid."""

_COLOR: Final = "#{:02X}{:02X}{:02X}".format(*NEW_COLOR)
_TYPES: Final = {
    1: "whole", 2: "half", 4: "quarter", 8: "eighth", 16: "16th", 32: "32nd", 64: "64th",
    128: "128th",
}  # fmt: skip
_ACCIDENTALS: Final = {
    -2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp",
}  # fmt: skip


def write_musicxml(melody: Melody, split: Fraction | None, names: Names = "letters") -> str:
    """Write a melody as a partwise MusicXML score with one part.

    Args:
        melody: the whole tune.
        split: onset in whole notes at which new music begins, None: nothing is new.
        names: alphabet of the note codes under the notes.
    """
    written = write_down(melody, split)
    score = Element("score-partwise", version="4.0")
    if written.title:
        _add(_add(score, "work"), "work-title", written.title)
    _add(_add(_add(score, "identification"), "encoding"), "software", "Nabi")
    _add_part_list(score, written)
    part = _add(score, "part", id="P1")
    for bar in written.bars:
        measure = _add(part, "measure", number=str(bar.number))
        if bar.number == 0:
            measure.set("implicit", "yes")
        if bar is written.bars[0]:
            _add_attributes(measure, written)
        _Notes(measure, written, bar, names).add()
        if bar is written.bars[-1]:
            _add(_add(measure, "barline", location="right"), "bar-style", "light-heavy")
    indent(score)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return head + tostring(score, encoding="unicode") + "\n"


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """Append an element."""
    child = SubElement(parent, name, attributes)
    child.text = text
    return child


def _add_part_list(score: Element, written: Written) -> None:
    """Name the part and its instrument."""
    part = _add(_add(score, "part-list"), "score-part", id="P1")
    _add(part, "part-name", "Melody")
    if written.program is not None:
        _add(_add(part, "score-instrument", id="P1-I1"), "instrument-name", "Melody")
        instrument = _add(part, "midi-instrument", id="P1-I1")
        _add(instrument, "midi-channel", "1")
        _add(instrument, "midi-program", str(written.program + 1))


def _add_attributes(measure: Element, written: Written) -> None:
    """Set divisions, key, meter, clef and tempo."""
    attributes = _add(measure, "attributes")
    _add(attributes, "divisions", str(DIVISIONS))
    key = _add(attributes, "key")
    _add(key, "fifths", str(written.key.fifths))
    _add(key, "mode", written.key.mode)
    time = _add(attributes, "time")
    _add(time, "beats", str(written.meter.beats))
    _add(time, "beat-type", str(written.meter.unit))
    clef = _add(attributes, "clef")
    _add(clef, "sign", written.clef.shape)
    _add(clef, "line", str(written.clef.line))
    if written.clef.shift:
        _add(clef, "clef-octave-change", str(written.clef.shift))
    if written.tempo is not None:
        direction = _add(measure, "direction", placement="above")
        metronome = _add(_add(direction, "direction-type"), "metronome")
        _add(metronome, "beat-unit", "quarter")
        _add(metronome, "per-minute", str(written.tempo))
        _add(direction, "sound", tempo=str(written.tempo))


class _Notes:
    """Adds the notes and rests of one bar to its measure."""

    def __init__(self, measure: Element, written: Written, bar: Bar, names: Names) -> None:
        self._measure = measure
        self._written = written
        self._bar = bar
        self._names = names
        self._in_force: dict[tuple[str, int], int] = {}
        self._beams = _beams(bar.symbols)

    def add(self) -> None:
        """Add them all; a bar of silence is one rest."""
        symbols = self._bar.symbols
        if self._bar.silent and self._bar.length == self._written.meter.bar:
            note = self._start(symbols[0])
            _add(note, "rest", measure="yes")
            _add(note, "duration", str(int(self._bar.length * 4 * DIVISIONS)))
            _add(note, "voice", "1")
            return
        for index, symbol in enumerate(symbols):
            self._add_note(index, symbol)

    def _start(self, symbol: Symbol) -> Element:
        """Begin a note, coloured when it is new."""
        return _add(self._measure, "note", **({"color": _COLOR} if symbol.new else {}))

    def _add_note(self, index: int, symbol: Symbol) -> None:
        """Add one note or rest, its parts in the order that the format demands."""
        note = self._start(symbol)
        if symbol.pitch is None:
            _add(note, "rest")
        else:
            pitch = _add(note, "pitch")
            _add(pitch, "step", symbol.step.upper())
            if symbol.alter:
                _add(pitch, "alter", str(symbol.alter))
            _add(pitch, "octave", str(symbol.octave))
        _add(note, "duration", str(int(symbol.value.duration * 4 * DIVISIONS)))
        for way, there in (("stop", symbol.continued), ("start", symbol.tied)):
            if there:
                _add(note, "tie", type=way)
        _add(note, "voice", "1")
        _add(note, "type", _TYPES[symbol.value.base])
        for _ in range(symbol.value.dots):
            _add(note, "dot")
        self._add_accidental(note, symbol)
        if symbol.tuplet:
            change = _add(note, "time-modification")
            _add(change, "actual-notes", "3")
            _add(change, "normal-notes", "2")
        for level, state in self._beams.get(index, {}).items():
            _add(note, "beam", state, number=str(level))
        self._add_notations(note, index, symbol)
        if symbol.pitch is not None:
            lyric = _add(note, "lyric", number="1", **({"color": _COLOR} if symbol.new else {}))
            _add(lyric, "syllabic", "single")
            _add(lyric, "text", format_symbol(symbol, self._names))

    def _add_accidental(self, note: Element, symbol: Symbol) -> None:
        """Print an accidental where the key or the bar so far says otherwise."""
        if symbol.pitch is None or symbol.continued:
            return
        place = (symbol.step, symbol.octave)
        if symbol.alter != self._in_force.get(place, self._written.alter_in_key(symbol.step)):
            _add(note, "accidental", _ACCIDENTALS[symbol.alter])
            self._in_force[place] = symbol.alter

    def _add_notations(self, note: Element, index: int, symbol: Symbol) -> None:
        """Draw ties and the brackets of triplet groups."""
        notations = Element("notations")
        for way, there in (("stop", symbol.continued), ("start", symbol.tied)):
            if there:
                _add(notations, "tied", type=way)
        if symbol.tuplet:
            symbols = self._bar.symbols
            group = [i for i, other in enumerate(symbols) if other.tuplet == symbol.tuplet]
            if index == group[0]:
                bracket = "yes" if not symbol.beam else "no"
                _add(notations, "tuplet", type="start", number="1", bracket=bracket)
            if index == group[-1]:
                _add(notations, "tuplet", type="stop", number="1")
        if len(notations):
            note.append(notations)


def _beams(symbols: Sequence[Symbol]) -> Mapping[int, Mapping[int, str]]:
    """Give for each beamed symbol the state of each of its beams, by level from 1."""
    states: dict[int, dict[int, str]] = {}
    for index, symbol in enumerate(symbols):
        if not symbol.beam:
            continue
        states[index] = {}
        before, after = (
            _beam_count(symbols[other])
            if 0 <= other < len(symbols) and symbols[other].beam == symbol.beam
            else 0
            for other in (index - 1, index + 1)
        )
        for level in range(1, _beam_count(symbol) + 1):
            if before >= level:
                state = "continue" if after >= level else "end"
            elif after >= level:
                state = "begin"
            else:
                state = "backward hook" if before else "forward hook"
            states[index][level] = state
    return states


def _beam_count(symbol: Symbol) -> int:
    """Count the beams of a value: one for an eighth, two for a 16th and so on."""
    return max(symbol.value.base.bit_length() - 3, 0)
