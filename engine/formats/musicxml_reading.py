"""Read the tune out of MusicXML.

Our own reader over the standard library's tree, in time that grows with the file alone: music21
is too slow for long scores and odd meters under the limits that members' files are read with. The
tests compare both on the scores that music21 brings along.

Taken: one part and staff (chosen as in MIDI), its top line, sounding pitches with their
spelling, the first meter, key and tempo, and the pickup. Ties are merged. Grace notes and small
notes of other parts are left out. Repeats are not expanded: a primer is the tune as printed,
each bar once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Final

from engine.errors import BadFile
from engine.formats import guard
from engine.formats.bars import Bars
from engine.formats.parts import TICKS, Part, melody_of
from engine.formats.sounding import sound_as_written
from engine.formats.words import one_line, title
from engine.music import MODES, STEP_SEMITONES, Key, Melody, Meter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from engine.request import Taken

_LONGEST: Final = 64 * 4
"""Quarter notes that one note or rest may last."""

_MAX_PARTS: Final = 100
"""Parts of one score that are read."""

_NUMBER: Final = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*")
"""A length: no exponents, a fraction of ``1e999999999`` would fill the memory."""

_MODES: Final = {**{mode: mode for mode in MODES}, "ionian": "major", "aeolian": "minor"}
_UNITS: Final = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


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
        parts = _read_parts(root)
        tempo = _tempo_of(root)
    except (ValueError, ArithmeticError, KeyError) as error:  # what should be a number is none
        raise BadFile(name, "broken") from error
    heading = root.findtext("work/work-title") or root.findtext("movement-title") or ""
    return melody_of(parts, name, "musicxml", title=title(heading), tempo=tempo)


def _read_parts(root: Element) -> list[Part]:
    """Read all parts, and put them together bar by bar."""
    listed = {part.get("id"): part for part in root.findall("part-list/score-part")}
    readers = []
    for element in root.findall("part")[:_MAX_PARTS]:
        sound_as_written(element)
        entry = listed.get(element.get("id"))
        label = entry.findtext("part-name", "") if entry is not None else ""
        number = entry.findtext("midi-instrument/midi-program", "") if entry is not None else ""
        program = int(number) - 1 if re.fullmatch(r"\s*\d{1,3}\s*", number) else -1
        reader = _PartReader(one_line(label), program if 0 <= program <= 127 else None)
        for measure in element.findall("measure"):
            reader.read_measure(measure)
        readers.append(reader)
    usual = _usual_lengths(readers)
    parts: list[Part] = []
    for reader in readers:
        parts += reader.parts(len(parts), reader.starts(usual))
    return parts


def _usual_lengths(readers: Sequence[_PartReader]) -> list[Fraction]:
    """Give what most parts hold in each bar, in quarter notes; 0 for a bar that all leave out."""
    usual = []
    for place in range(max((len(reader.lengths) for reader in readers), default=0)):
        lengths = Counter(r.lengths[place] for r in readers if place < len(r.lengths))
        del lengths[Fraction(0)]
        usual.append(max(lengths, key=lambda n: (lengths[n], n)) if lengths else Fraction(0))
    return usual


@dataclass(slots=True)
class _Read:
    """One note as it stands in its bar; times in quarter notes after the bar's start."""

    bar: int
    onset: Fraction
    length: Fraction
    pitch: int
    alter: float
    ties: frozenset[str]


@dataclass(slots=True)
class _PartReader:
    """Reads one part bar by bar, each of its staves for itself.

    Attributes:
        lengths: what each bar holds, in quarter notes.
        full: what it should hold by its meter, 0 where there is none.
        implicit: whether it says that it is not counted.
        staves: notes by staff.
    """

    name: str
    program: int | None
    divisions: Fraction = Fraction(1)
    lengths: list[Fraction] = field(default_factory=list)
    full: list[Fraction] = field(default_factory=list)
    implicit: list[bool] = field(default_factory=list)
    bar: Fraction = Fraction(0)
    staves: dict[str, list[_Read]] = field(default_factory=lambda: defaultdict(list))
    drums: bool = False
    meter: Meter | None = None
    meter_read: bool = False
    key: Key | None = None
    signature: int | None = None

    def read_measure(self, measure: Element) -> None:
        """Read a bar from left to right; ``backup`` goes back for the next voice."""
        now = last = longest = Fraction(0)
        for child in measure:
            if child.tag == "attributes":
                self._read_attributes(child)
            elif child.tag in {"note", "backup", "forward"} and child.find("grace") is None:
                length = self._length(child)
                if child.tag == "backup":
                    now = max(now - length, Fraction(0))
                elif child.tag == "note":
                    if child.find("chord") is None:
                        last = now
                        now += length
                    self._read_note(child, last, length)
                else:
                    now += length
                longest = max(longest, now)
        self.lengths.append(longest)
        self.full.append(self.bar)
        self.implicit.append(measure.get("implicit") == "yes")

    def _length(self, element: Element) -> Fraction:
        length = _number(element.findtext("duration", "0")) / self.divisions
        if length > _LONGEST:
            raise ValueError
        return Fraction(_ticks(length), TICKS)  # sums of odd fractions would grow without end

    def _read_attributes(self, attributes: Element) -> None:
        """Read divisions, and the part's first key and meter."""
        divisions = attributes.findtext("divisions")
        if divisions is not None:
            self.divisions = _number(divisions)
            if not 0 < self.divisions <= 1_000_000:
                raise ValueError
        time = attributes.find("time")
        if time is not None:
            meter = _meter(time)
            self.bar = 4 * meter.bar if meter else Fraction(0)
            self.meter = self.meter if self.meter_read else meter
            self.meter_read = True
        key = attributes.find("key")
        if key is not None and self.signature is None and key.find("fifths") is not None:
            fifths = int(key.findtext("fifths", "0"))
            if -7 <= fifths <= 7:
                self.signature = fifths
                mode = _MODES.get(key.findtext("mode", "").strip().lower())
                self.key = Key(fifths, mode) if mode else None

    def _read_note(self, note: Element, onset: Fraction, length: Fraction) -> None:
        """Read one note; rests and small notes only pass the time."""
        self.drums = self.drums or note.find("unpitched") is not None
        pitch = note.find("pitch")
        if pitch is None or not length or note.find("cue") is not None:
            return
        step = pitch.findtext("step", "").strip().lower()
        alter = float(pitch.findtext("alter", "0"))
        octave = int(pitch.findtext("octave", "4"))
        if not -3 <= alter <= 3 or not -1 <= octave <= 10:
            raise ValueError
        midi = floor(12 * (octave + 1) + STEP_SEMITONES[step] + alter + 0.5)
        if 0 <= midi <= 127:
            ties = frozenset(tie.get("type", "") for tie in note.findall("tie"))
            staff = note.findtext("staff", "1")
            bar = len(self.lengths)
            self.staves[staff].append(_Read(bar, onset, length, midi, alter, ties))

    def starts(self, usual: Sequence[Fraction]) -> list[Fraction]:
        """Find out where the bars start, and where the last one ends, in quarter notes.

        A bar lasts as long as what it holds. One that holds less than its meter says is short
        only where that makes sense: the first one, the last one, one that says so
        (``implicit``), and two halves around a repeat. Elsewhere rests were left out.

        Args:
            usual: what most parts hold in each bar.
        """
        starts = [Fraction(0)]
        for place, own in enumerate(self.lengths):
            full = self.full[place]
            others = usual[place] if usual[place] <= full else Fraction(0)
            around = (self.lengths[place - 1 : place] or [full])[0], own
            after = own, (self.lengths[place + 1 : place + 2] or [full])[0]
            short = self.implicit[place] or place in (0, len(self.lengths) - 1)
            if own >= full:
                length = own
            elif own and (short or full in (sum(around), sum(after))):
                length = max(own, others)
            else:
                length = full if own else usual[place] or full
            starts.append(starts[-1] + length)
        return starts

    def parts(self, number: int, starts: Sequence[Fraction]) -> list[Part]:
        """Give the staves as parts, once it is known where the bars start."""
        found = []
        for place, (_, notes) in enumerate(sorted(self.staves.items())):
            part = Part(number + place, self.name)
            part.voice.program = self.program
            part.drums = self.drums
            part.key, part.signature = self.key, self.signature
            _join_ties(part, notes, starts)
            part.end(_ticks(starts[len(self.lengths)]))
            part.bars = self._bars(starts)
            found.append(part)
        if not found:
            found.append(Part(number, self.name))
            found[0].drums = self.drums
        return found

    def _bars(self, starts: Sequence[Fraction]) -> Bars:
        """Find out whether the first bar is shorter than its meter says."""
        if self.meter is None or len(starts) < 3 or not 0 < starts[1] < 4 * self.meter.bar:
            return Bars(self.meter)
        return Bars(self.meter, _ticks(starts[1]), starts[1])


def _join_ties(part: Part, notes: Sequence[_Read], starts: Sequence[Fraction]) -> None:
    """Add notes to a part; tied ones become one."""
    held: dict[int, tuple[int, int]] = {}  # pitch -> place of the note, its end
    for note in sorted(notes, key=lambda note: (note.bar, note.onset)):
        onset = _ticks(starts[note.bar] + note.onset)
        end = max(_ticks(starts[note.bar] + note.onset + note.length), onset + 1)
        place, until = held.pop(note.pitch, (-1, -1))
        if "stop" in note.ties and until == onset:
            part.voice.notes[place] = part.voice.notes[place]._replace(end=end)
        else:
            place = len(part.voice.notes)
            part.add(onset, end, note.pitch, note.alter)
        if "start" in note.ties:
            held[note.pitch] = (place, end)


def _number(text: str) -> Fraction:
    """Read a length or the divisions; a ValueError where the text is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(text[:20])
    return Fraction(match[1])


def _ticks(time: Fraction) -> int:
    return round(time * TICKS)


def _meter(time: Element) -> Meter | None:
    """Read a meter; ``3+2`` over 8 and several fractions in a row add up."""
    total = Fraction(0)
    unit = 1
    for beats, beat_type in zip(time.findall("beats"), time.findall("beat-type"), strict=False):
        below = (beat_type.text or "").strip()
        above = (beats.text or "").replace(" ", "").split("+")
        if not all(re.fullmatch(r"[0-9]{1,2}", number) for number in (below, *above)):
            return None
        if not int(below):
            return None
        unit = max(unit, int(below))
        total += Fraction(sum(map(int, above)), int(below))
    count = total * unit
    if count.denominator != 1:
        return None
    try:
        return Meter(int(count), unit)
    except ValueError:
        return None


def _tempo_of(root: Element) -> float | None:
    """Find the first tempo in quarter notes per minute."""
    for measure in root.iterfind("part/measure"):
        for sound in measure.iter("sound"):
            if sound.get("tempo"):
                return _tempo(float(sound.get("tempo", "")))
        for mark in measure.iter("metronome"):
            unit = _UNITS.get(mark.findtext("beat-unit", "").strip(), 1.0)
            dots = len(mark.findall("beat-unit-dot"))
            speed = re.search(r"\d{1,4}(\.\d{1,4})?", mark.findtext("per-minute", ""))
            if speed:
                return _tempo(float(speed[0]) * unit * (2 - 0.5 ** min(dots, 4)))
    return None


def _tempo(value: float) -> float | None:
    """Bring a tempo into the range that is taken; None for nonsense."""
    return round(min(max(value, 20.0), 400.0), 3) if 0 < value < 1e6 else None
