"""Read the tune out of MusicXML and ABC, through music21.

music21 only ever gets a tree or a text that was checked and pruned before; none of its own file,
archive or network reading is used. What is taken: one part (chosen as in MIDI), its top line,
sounding pitches with their spelling, the first meter, key, tempo and pickup. Ties are merged.
Grace notes are left out. Repeats are not expanded: a primer is the tune as printed, each bar once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Any, Final, Literal

from engine.errors import BadFile
from engine.formats import guard
from engine.formats.bars import Bars, limit
from engine.formats.choose import choose_voice, top_line
from engine.formats.quantise import quantise
from engine.formats.smf import DRUM_CHANNEL, Played, Voice
from engine.formats.sounding import sound_as_written
from engine.formats.tidy_abc import first_tune
from engine.formats.words import one_line, title
from engine.music import MODES, Key, Melody, Meter, Note
from engine.request import Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.etree.ElementTree import Element

TICKS: Final = 10_080
"""Ticks per quarter note between music21 and us: exact for tuplets of 3, 5, 7 and 9."""

_MAX_NOTES: Final = 20_000
"""Notes of all parts together that music21 is asked to read."""

_NATURALS: Final = frozenset({0, 2, 4, 5, 7, 9, 11})


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
        score = importer().xmlRootToScore(root)
    except Exception as error:  # music21 fails in every way on damaged scores
        raise BadFile(name, "broken") from error
    return _melody(score, name, "musicxml", extras)


def read_abc(text: str, name: str) -> tuple[Melody, Taken]:
    """Read the first tune out of ABC text.

    Raises:
        BadFile: ``broken`` or ``empty``.
    """
    tune = first_tune(text)
    if tune is None:
        raise BadFile(name, "broken")
    try:
        from music21 import abcFormat  # noqa: PLC0415 # slow to import

        read: Any = abcFormat.translate.abcToStreamScore
        score = read(abcFormat.ABCFile().readstr(tune.text))
    except Exception as error:  # music21 fails in every way on damaged tunes
        raise BadFile(name, "broken") from error
    extras = _Extras(tune.title, programs=(tune.program,), cut=tune.cut)
    return _melody(score, name, "abc", extras)


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


class _Part:
    """What a music21 part holds: its notes in ticks, their spelling, and how it is written.

    Attributes:
        voice: the notes; the part's name.
        spelling: accidental of the note at (tick, pitch).
        drums: whether there are notes without pitch.
        bars, key, tempo: the first ones of the part.
        end: tick at which the part ends.
    """

    def __init__(self, part: Any, number: int) -> None:
        self.voice = Voice(number, min(number, DRUM_CHANNEL - 1), one_line(part.partName or ""))
        self.spelling: dict[tuple[int, int], int] = {}
        self.drums = False
        flat = part.flatten()
        self._read_notes(flat.notes)
        self.end = self.voice.end = _ticks(part.highestTime)
        self.bars = self._bars(part, flat)
        self.key: Key | None = None
        self.signature: int | None = None
        for key in flat.getElementsByClass("KeySignature"):
            if key.sharps is not None and -7 <= key.sharps <= 7:
                self.signature = key.sharps
                mode = _MODE_NAMES.get(getattr(key, "mode", None) or "")
                self.key = Key(key.sharps, mode) if mode else None
            break
        self.tempo: float | None = None
        for mark in flat.getElementsByClass("MetronomeMark"):
            speed = mark.getQuarterBPM()
            self.tempo = _tempo(float(speed)) if speed else None
            break

    def _read_notes(self, elements: Iterable[Any]) -> None:
        """Read notes and chords; tied notes become one, notes without length are left out."""
        sounding: dict[int, tuple[int, int]] = {}  # pitch -> (place in notes, end) of open ties
        notes: list[Played] = []
        for element in elements:
            if not element.quarterLength > 0 or "ChordSymbol" in element.classes:
                continue
            onset = _ticks(element.offset)
            end = max(onset + 1, _ticks(element.offset + element.quarterLength))
            for note in getattr(element, "notes", None) or (element,):
                if "Note" not in note.classes:
                    self.drums = True
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
                    notes.append(Played(onset, end, pitch))
                    self._spell(onset, pitch, note.pitch.alter)
                if tie in {"start", "continue"}:
                    sounding[pitch] = (place, end)
        self.voice.notes = sorted(notes, key=lambda note: (note.onset, -note.pitch))

    def _spell(self, onset: int, pitch: int, alter: float) -> None:
        if alter == int(alter) and abs(alter) <= 2 and (pitch - int(alter)) % 12 in _NATURALS:
            self.spelling[onset, pitch] = int(alter)

    @staticmethod
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


def _melody(
    score: Any, name: str, form: Literal["musicxml", "abc"], extras: _Extras
) -> tuple[Melody, Taken]:
    """Build the melody from a music21 score."""
    try:
        parts = [_Part(part, number) for number, part in enumerate(score.parts)]
    except Exception as error:  # values that music21 reads but cannot compute with
        raise BadFile(name, "broken") from error
    for place, part in enumerate(parts):
        same = len(parts) == len(extras.programs)
        part.voice.program = next(iter(extras.programs[place if same else 0 :]), None)
    drums = any(part.drums for part in parts)
    parts = [part for part in parts if part.voice.notes]
    choice = choose_voice([part.voice for part in parts])
    if choice is None:
        raise BadFile(name, "drums" if drums else "empty")
    part = parts[choice.track - 1]
    quarter = Fraction(TICKS)
    played, chords = top_line(choice.voice.notes, quarter)
    kept = limit(played, quarter)
    bars = part.bars
    tempo = extras.tempo or part.tempo
    line = quantise(
        [(bars.place(a, quarter), bars.place(b, quarter), pitch) for a, b, pitch in kept],
        1 / quarter,
        tempo or 100.0,
    )
    start, pickup = bars.start(line)
    spelled = {**{k: v for p in parts for k, v in p.spelling.items()}, **part.spelling}
    notes = tuple(
        Note((a - start) / 4, (b - a) / 4, pitch, spelled.get((kept[place].onset, pitch)))
        for (a, b, pitch), place in zip(line.notes, line.places, strict=True)
    )
    melody = Melody(
        notes,
        meter=bars.meter,
        pickup=pickup / 4,
        key=part.key or _guess_mode(part.signature, notes),
        tempo=tempo,
        length=bars.length_of(line, choice.voice.end, start, quarter),
        program=choice.voice.program,
        title=extras.title,
    )
    cut = len(played) - len(kept) + extras.cut
    shifted = float(line.shifted)
    return melody, Taken(
        form, choice.tracks, choice.track, choice.voice.name, chords, shifted, drums, cut
    )


def _guess_mode(signature: int | None, notes: Sequence[Note]) -> Key | None:
    """Choose between major and minor where a file gives only the signature.

    Compares how long tonic and fifth of both keys sound; the last note and the raised seventh
    degree of the minor key count more.
    """
    if signature is None:
        return None
    weights = [Fraction(0)] * 12
    for note in notes:
        weights[note.pitch % 12] += note.duration
    total = sum(weights, Fraction(0))

    def weigh(key: Key) -> Fraction:
        end = total / 4 if notes[-1].pitch % 12 == key.tonic else Fraction(0)
        return weights[key.tonic] + weights[(key.tonic + 7) % 12] / 2 + end

    major, minor = Key(signature), Key(signature, "minor")
    raised = weights[(minor.tonic - 1) % 12] * 2
    return minor if weigh(minor) + raised > weigh(major) else major
