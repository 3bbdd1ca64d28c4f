"""Read the tune out of MusicXML, through music21.

music21 only ever gets a tree that was checked and pruned before; none of its own file,
archive or network reading is used. What is taken: one part (chosen as in MIDI), its top line,
sounding pitches with their spelling, the first meter, key, tempo and pickup. Ties are merged.
Grace notes are left out. Repeats are not expanded: a primer is the tune as printed, each bar once.
"""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BadFile
from engine.formats import guard
from engine.formats.bars import Bars
from engine.formats.parts import TICKS, Part, melody_of
from engine.formats.sounding import sound_as_written
from engine.formats.words import one_line, title
from engine.music import MODES, Key, Melody, Meter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from xml.etree.ElementTree import Element

    from engine.request import Taken

_MAX_NOTES: Final = 20_000
"""Notes of all parts together that music21 is asked to read."""


@dataclass(frozen=True, slots=True)
class _Extras:
    """What is read beside the notes: tempo, instruments by part, title, notes left out."""

    title: str = ""
    tempo: float | None = None
    programs: tuple[int | None, ...] = ()
    cut: int = 0


def read_musicxml(data: bytes, name: str) -> tuple[Melody, Taken]:
    """Read the tune out of MusicXML, compressed or not, by part or by measure.

    Raises:
        BadFile: ``format``, ``broken``, ``empty`` or ``drums``.
    """
    packed = data[:2] == b"PK"
    try:
        root = guard.parse_xml(guard.unpack(data) if packed else data)
    except guard.UnsafeXmlError:
        known = packed or name.lower().endswith((".xml", ".musicxml")) or b"score-" in data
        raise BadFile(name, "broken" if known else "format") from None
    if root.tag not in {"score-partwise", "score-timewise"}:
        raise BadFile(name, "format")
    root = guard.by_parts(root)
    try:
        extras = _extras_of(root)
        extras = replace(extras, cut=guard.prune(root, _MAX_NOTES))
        for part in root.findall("part"):
            sound_as_written(part)
        from music21.musicxml.xmlToM21 import MusicXMLImporter  # noqa: PLC0415 # slow to import

        importer: Any = MusicXMLImporter
        with _quiet():
            score = importer().xmlRootToScore(root)
            parts = [_read_part(part, number) for number, part in enumerate(score.parts)]
    except Exception as error:  # music21 fails in every way on damaged scores
        raise BadFile(name, "broken") from error
    for place, read in enumerate(parts):
        # Piano staves become parts of their own; then the first instrument stands for all.
        same = len(parts) == len(extras.programs)
        read.voice.program = next(iter(extras.programs[place if same else 0 :]), None)
    return melody_of(
        parts, name, "musicxml", title=extras.title, tempo=extras.tempo, cut=extras.cut
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep music21 from writing a stranger's text to the log."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nothing,
        contextlib.redirect_stderr(nothing),
        contextlib.redirect_stdout(nothing),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield


def _extras_of(root: Element) -> _Extras:
    """Take title, tempo and instruments out of a MusicXML tree."""
    name = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    programs = []
    listed = {part.get("id"): part for part in root.findall("part-list/score-part")}
    for part in root.findall("part"):
        entry = listed.get(part.get("id"))
        text = entry.findtext("midi-instrument/midi-program", "") if entry is not None else ""
        number = int(text) - 1 if text.strip().isdecimal() else -1
        programs.append(number if 0 <= number <= 127 else None)
    return _Extras(title(name), _tempo_of(root), tuple(programs))


_UNITS: Final = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


def _tempo_of(root: Element) -> float | None:
    """Find the first tempo in quarter notes per minute."""
    for measure in root.iterfind("part/measure"):
        for sound in measure.iter("sound"):
            if sound.get("tempo"):
                return _tempo(float(sound.get("tempo", "")))
        for mark in measure.iter("metronome"):
            unit = _UNITS.get(mark.findtext("beat-unit", "").strip(), 1.0)
            dots = len(mark.findall("beat-unit-dot"))
            speed = re.search(r"\d+(\.\d+)?", mark.findtext("per-minute", ""))
            if speed:
                return _tempo(float(speed[0][:9]) * unit * (2 - 0.5**dots))
    return None


def _tempo(value: float) -> float | None:
    """Bring a tempo into the range that is taken; None for nonsense."""
    return round(min(max(value, 20.0), 400.0), 3) if 0 < value < 1e6 else None


# From music21's streams


def _read_part(part: Any, number: int) -> Part:
    """Take a music21 part over."""
    found = Part(number, one_line(part.partName or ""))
    flat = part.flatten()
    _read_notes(flat.notes, found)
    found.end(_ticks(part.highestTime))
    found.bars = _bars(part, flat)
    for key in flat.getElementsByClass("KeySignature"):
        if key.sharps is not None and -7 <= key.sharps <= 7:
            found.signature = key.sharps
            mode = _MODE_NAMES.get(getattr(key, "mode", None) or "")
            found.key = Key(key.sharps, mode) if mode else None
        break
    return found


def _read_notes(elements: Iterable[Any], part: Part) -> None:
    """Read notes and chords; tied notes become one, notes without length are left out."""
    sounding: dict[int, tuple[int, int]] = {}  # pitch -> (place in notes, end) of open ties
    notes = part.voice.notes
    for element in elements:
        if not element.quarterLength > 0 or "ChordSymbol" in element.classes:
            continue
        onset = _ticks(element.offset)
        end = max(onset + 1, _ticks(element.offset + element.quarterLength))
        for note in getattr(element, "notes", None) or (element,):
            if "Note" not in note.classes:
                part.drums = True
                continue
            pitch = floor(note.pitch.ps + 0.5)
            if not 0 <= pitch <= 127:
                continue
            tie = note.tie.type if note.tie is not None else ""
            place, until = sounding.pop(pitch, (-1, -1))
            if tie in {"stop", "continue"} and until == onset:
                notes[place] = notes[place]._replace(end=end)
            else:
                place = len(notes)
                part.add(onset, end, pitch, note.pitch.alter)
            if tie in {"start", "continue"}:
                sounding[pitch] = (place, end)


def _bars(part: Any, flat: Any) -> Bars:
    """Find the meter, and whether the first bar is shorter than it."""
    meter = None
    for signature in flat.getElementsByClass("TimeSignature"):
        if signature.numerator <= 64 and signature.denominator in _METER_UNITS:
            meter = Meter(signature.numerator, signature.denominator)
        break
    measures = list(part.getElementsByClass("Measure"))
    if meter is None or len(measures) < 2:
        return Bars(meter)
    anchor = _ticks(measures[1].offset)
    first = Fraction(anchor - _ticks(measures[0].offset), TICKS)
    short = first if 0 < first < 4 * meter.bar else None
    return Bars(meter, anchor if short else _ticks(measures[0].offset), short)


_METER_UNITS: Final = (1, 2, 4, 8, 16, 32, 64)
_MODE_NAMES: Final = {**{mode: mode for mode in MODES}, "ionian": "major", "aeolian": "minor"}


def _ticks(time: Any) -> int:
    """Turn music21's quarter notes into ticks."""
    return round(Fraction(time) * TICKS)
