"""Leave of a MusicXML score what a tune needs, checked, for music21 to read.

music21 gets a new tree that holds nothing but notes, rests, ties, divisions, keys, meters and
transpositions: lyrics, directions, layout, beams and the like cost most of its time. Each staff
becomes a part of its own, and voices become one, because a tune is the top line of a staff. Grace
notes and small notes of other parts are left out. Numbers that would fill the memory or keep the
processor busy are refused before music21 sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # builds elements, parses nothing

from engine.formats.words import one_line
from engine.music import MODES, STEP_SEMITONES, Meter

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_MOST_PARTS: Final = 100
"""Parts of one score that are read."""

_MOST_STAVES: Final = 8
"""Staves of one part that are read."""

_LONGEST: Final = 64 * 4
"""Quarter notes that one note or rest may last."""

_FULLEST: Final = 2_000
"""Notes and rests of one bar that are read."""

_PIECE: Final = 16
"""Bars of a staff that music21 gets as one part."""

_BLOCK: Final = 4
"""Bars in a row of a sample."""

_WIDEST: Final = 24
"""Semitones, steps or octaves of a transposition."""

_NUMBER: Final = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*")
"""A length: no exponents, a fraction of ``1e999999999`` would fill the memory."""

_MODES: Final = frozenset({*MODES, "ionian", "aeolian"})


@dataclass(frozen=True, slots=True)
class Staff:
    """One staff of one part of a score.

    Attributes:
        name: the part's name.
        program: its MIDI program from 0, None where none is named.
        measures: the part's bars, with the notes of all its staves.
        number: of the staff in the part.
    """

    name: str
    program: int | None
    measures: Sequence[ET.Element]
    number: str

    def first(self, most: int) -> range:
        """Give the places of the bars up to about ``most`` notes and rests."""
        for place, measure in enumerate(self.measures):
            most -= max(len(measure), 1)
            if most < 0 and place:
                return range(place)
        return range(len(self.measures))


def staves_of(root: ET.Element) -> list[Staff]:
    """Find the staves of a score that is written part by part."""
    listed = {part.get("id"): part for part in root.findall("part-list/score-part")}
    staves: list[Staff] = []
    for part in root.findall("part")[:_MOST_PARTS]:
        entry = listed.get(part.get("id"), part)
        number = entry.findtext("midi-instrument/midi-program", "")
        program = int(number) - 1 if re.fullmatch(r"\s*\d{1,3}\s*", number) else -1
        numbers = sorted({note.findtext("staff", "1") for note in part.iterfind("measure/note")})
        staves += [
            Staff(
                one_line(entry.findtext("part-name", "")),
                program if 0 <= program <= 127 else None,
                part.findall("measure"),
                staff,
            )
            for staff in numbers[:_MOST_STAVES]
        ]
    return staves


def sample(staves: Sequence[Staff], most: int) -> Container[int]:
    """Give the places of bars from everywhere in a score that hold about ``most`` elements.

    All bars of a score that is no longer.
    """
    weight = sum(max(len(measure), 1) for staff in staves for measure in staff.measures)
    every = -(-weight // most)
    bars = max((len(staff.measures) for staff in staves), default=0)
    return {place for place in range(bars) if place // _BLOCK % max(every, 1) == 0}


class Excerpt:
    """Some bars of a staff, as music21 reads them.

    Attributes:
        pieces: the bars in short parts: music21 looks through all bars of a part for
            each bar that it adds, which takes minutes for thousands.
        implicit: whether each bar says that it is not counted.
        drums: whether there are notes without pitch; they are left out.
        left_out: notes in bars that were not wanted.

    Raises:
        ValueError: when a number in the score is none, or no sensible one.
    """

    def __init__(self, staff: Staff, wanted: Container[int]) -> None:
        self.staff = staff
        self.pieces: list[list[ET.Element]] = []
        self.implicit: list[bool] = []
        self.drums = False
        self.left_out = 0
        self._divisions = Fraction(1)
        self._attributes: dict[str, ET.Element] = {}  # in force, by tag
        self._told: dict[str, bytes] = {}  # what music21 knows of them
        for place, measure in enumerate(staff.measures):
            if place in wanted:
                self._copy(measure)
                continue
            for child in measure:
                if child.tag == "attributes":
                    self._read_attributes(child)
                elif child.tag == "note":
                    self.left_out += self._sounds(child)

    def _copy(self, measure: ET.Element) -> None:
        """Copy a bar."""
        if len(self.implicit) % _PIECE == 0:
            self.pieces.append([])
            self._told.clear()
        bar = ET.Element("measure", number=str(len(self.implicit) + 1))
        self.pieces[-1].append(bar)
        self.implicit.append(measure.get("implicit") == "yes")
        self._tell(bar)
        base, length = False, ""  # what a chord is written on: whether it sounds, its length
        for child in measure:
            if child.tag == "attributes":
                self._read_attributes(child)
                self._tell(bar)
            elif len(bar) > _FULLEST:
                self.left_out += self._sounds(child)
            elif child.tag == "backup":
                _put(ET.SubElement(bar, "backup"), "duration", self._duration(child))
            elif child.tag in {"note", "forward"} and child.find("grace") is None:
                pitch = _pitch(child) if self._sounds(child) else None
                if child.find("chord") is None:
                    base, length = pitch is not None, self._duration(child)
                    _note(bar, child, pitch, length)
                elif pitch is not None:
                    if not base:  # the note it is written on was left out: go back for it
                        _put(ET.SubElement(bar, "backup"), "duration", length)
                    _note(bar, child, pitch, length, chord=base)
                    base = True

    def _read_attributes(self, attributes: ET.Element) -> None:
        """Take divisions, key, meter and transposition as far as they make sense."""
        for child in attributes:
            copied: ET.Element | None = None
            if child.tag == "divisions":
                self._divisions = _number(child.text or "")
                if not 0 < self._divisions <= 1_000_000:
                    raise ValueError(child.text)
                copied = ET.Element("divisions")
                copied.text = child.text
            elif child.tag == "key":
                copied = _key(child)
            elif child.tag == "time":
                copied = _time(child)
            elif child.tag == "transpose":
                copied = _transpose(child)
            if copied is not None:
                self._attributes[child.tag] = copied

    def _tell(self, bar: ET.Element) -> None:
        """Write the attributes that have changed: music21 takes long for each meter."""
        changed = ET.Element("attributes")
        for tag, element in self._attributes.items():
            text = ET.tostring(element)
            if self._told.get(tag) != text:
                self._told[tag] = text
                changed.append(element)
        if len(changed):
            bar.append(changed)

    def _duration(self, element: ET.Element) -> str:
        text = element.findtext("duration", "0")
        if _number(text) / self._divisions > _LONGEST:
            raise ValueError(text)
        return text.strip()

    def _sounds(self, note: ET.Element) -> bool:
        """Tell whether something is a note that sounds on this staff."""
        if note.findtext("staff", "1") != self.staff.number or note.find("cue") is not None:
            return False
        self.drums = self.drums or note.find("unpitched") is not None
        timed = note.find("pitch") is not None and note.find("grace") is None
        return timed and _number(note.findtext("duration", "0")) > 0


def score_of(excerpts: Sequence[Excerpt]) -> ET.Element:
    """Build the score that music21 reads."""
    root = ET.Element("score-partwise", version="4.0")
    listed = ET.SubElement(root, "part-list")
    for piece in (piece for excerpt in excerpts for piece in excerpt.pieces):
        name = f"P{len(listed) + 1}"
        ET.SubElement(ET.SubElement(listed, "score-part", id=name), "part-name")
        ET.SubElement(root, "part", id=name).extend(piece)
    return root


def _note(
    bar: ET.Element, note: ET.Element, pitch: ET.Element | None, length: str, *, chord: bool = False
) -> None:
    """Append a note, or a rest where there is no pitch."""
    copied = ET.SubElement(bar, "note")
    if chord:
        ET.SubElement(copied, "chord")
    copied.append(ET.Element("rest") if pitch is None else pitch)
    _put(copied, "duration", length)
    if pitch is not None:
        kinds = {tie.get("type") for tie in note.findall("tie")}
        copied.extend(ET.Element("tie", type=kind) for kind in ("stop", "start") if kind in kinds)


def _pitch(note: ET.Element) -> ET.Element:
    """Copy a pitch, to the nearest semitone: quarter tones have no place in a tune."""
    step = note.findtext("pitch/step", "").strip()
    alter = float(note.findtext("pitch/alter", "0"))
    octave = int(note.findtext("pitch/octave", "4"))
    if step.lower() not in STEP_SEMITONES or not -3 <= alter <= 3 or not -1 <= octave <= 10:
        raise ValueError(step)
    pitch = ET.Element("pitch")
    _put(pitch, "step", step.upper())
    _put(pitch, "alter", str(floor(alter + 0.5)))
    _put(pitch, "octave", str(octave))
    return pitch


def _key(key: ET.Element) -> ET.Element | None:
    """Copy a key signature; None for one that is not traditional."""
    fifths = key.findtext("fifths")
    if fifths is None or not -7 <= int(fifths) <= 7:
        return None
    copied = ET.Element("key")
    _put(copied, "fifths", str(int(fifths)))
    mode = key.findtext("mode", "").strip().lower()
    if mode in _MODES:
        _put(copied, "mode", mode)
    return copied


def _time(time: ET.Element) -> ET.Element:
    """Copy a meter; ``3+2`` over 8 and several fractions in a row add up.

    One that cannot be written becomes none, so that the one before ends.
    """
    copied = ET.Element("time")
    total, unit = Fraction(0), 1
    for beats, beat_type in zip(time.findall("beats"), time.findall("beat-type"), strict=False):
        below = (beat_type.text or "").strip()
        above = (beats.text or "").replace(" ", "").split("+")
        if all(re.fullmatch(r"[0-9]{1,2}", number) for number in (below, *above)) and int(below):
            unit = max(unit, int(below))
            total += Fraction(sum(map(int, above)), int(below))
    try:
        meter = Meter(int(total * unit), unit)
    except ValueError:
        ET.SubElement(copied, "senza-misura")
    else:
        _put(copied, "beats", str(meter.beats))
        _put(copied, "beat-type", str(meter.unit))
    return copied


def _transpose(transpose: ET.Element) -> ET.Element:
    """Copy a transposition, octaves included: music21 fails on those without steps."""
    chromatic = round(float(transpose.findtext("chromatic", "0")))
    octaves = int(transpose.findtext("octave-change", "0"))
    diatonic = transpose.findtext("diatonic")
    # The simplest interval where no steps are told: within six places on the line of fifths.
    steps = int(diatonic) if diatonic else (7 * chromatic - (7 * chromatic + 5) % 12 + 5) // 12
    if max(abs(chromatic), abs(steps), abs(octaves)) > _WIDEST:
        raise ValueError(chromatic)
    copied = ET.Element("transpose")
    _put(copied, "diatonic", str(steps + 7 * octaves))
    _put(copied, "chromatic", str(chromatic + 12 * octaves))
    return copied


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _number(text: str) -> Fraction:
    """Read a length or the divisions; a ValueError where the text is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(text[:20])
    return Fraction(match[1])
