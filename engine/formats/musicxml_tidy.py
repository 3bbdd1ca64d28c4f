"""Leave of a MusicXML score what a tune needs, checked, for music21 to read.

music21 gets a new tree that holds nothing but notes, rests, ties, divisions, keys, meters and
transpositions: lyrics, directions, layout, beams and the like cost most of its time. Each staff
becomes a part of its own, and voices become one, because a tune is the top line of a staff. Grace
notes and small notes of other parts are left out. Numbers that would fill the memory or keep the
processor busy are refused before music21 sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # builds elements, parses nothing

from engine.formats.words import one_line
from engine.music import MODES, STEP_SEMITONES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_PARTS: Final = 100
"""Parts of one score that are read."""

_LONGEST: Final = 64 * 4
"""Quarter notes that one note or rest may last."""

_FULLEST: Final = 4_000
"""Notes and rests of one bar."""

_PIECE: Final = 64
"""Bars of a staff that music21 gets as one part."""

_BLOCK: Final = 4
"""Bars in a row of a sample."""

_NUMBER: Final = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*")
"""A length: no exponents, a fraction of ``1e999999999`` would fill the memory."""

_MOST_STAVES: Final = 8
"""Staves of one part that are read."""

_WIDEST: Final = 24
"""Semitones, steps or octaves of a transposition."""

_FRACTIONS: Final = 14
"""Elements of a meter that is a sum."""

_UNITS: Final = frozenset({"1", "2", "4", "8", "16", "32", "64"})
_BEATS: Final = re.compile(r"\s*\d{1,2}(?:\s*\+\s*\d{1,2}){0,7}\s*")
_MODES: Final = frozenset({*MODES, "ionian", "aeolian"})

_Carried = dict[str, ET.Element]
"""Attributes in force, by tag."""


@dataclass(slots=True)
class Staff:
    """One staff of one part, as a part for music21.

    Attributes:
        name: the part's name.
        program: its MIDI program from 0, None where none is named.
        drums: whether it holds notes without pitch, which are left out.
        bars: measures for music21.
        implicit: whether each bar says that it is not counted.
        sung: notes in each bar.
        left_out: notes in bars that were cut off.
    """

    name: str
    program: int | None
    drums: bool = False
    bars: list[ET.Element] = field(default_factory=list)
    implicit: list[bool] = field(default_factory=list)
    sung: list[int] = field(default_factory=list)
    left_out: int = 0

    @property
    def weight(self) -> int:
        """What it costs to read the staff."""
        return sum(map(len, self.bars)) + len(self.bars)

    def take(self, wanted: Iterable[int]) -> Staff:
        """Give some bars of the staff; the attributes of the bars between them are carried on."""
        taken = Staff(self.name, self.program, self.drums)
        places = set(wanted)
        carried: _Carried = {}
        for place, bar in enumerate(self.bars):
            if place not in places:
                _carry(carried, bar)
                taken.left_out += self.sung[place]
                continue
            taken.bars.append(_with(carried, bar))
            carried.clear()
            taken.implicit.append(self.implicit[place])
            taken.sung.append(self.sung[place])
        return taken

    def first(self, most: int) -> Staff:
        """Give the staff up to about ``most`` notes."""
        count = 0
        for place, sung in enumerate(self.sung):
            count += max(sung, 1)
            if count > most and place:
                return self.take(range(place))
        return self


def sample(staves: Sequence[Staff], most: int) -> list[Staff]:
    """Give blocks of bars from everywhere in a score that together weigh about ``most``."""
    weight = sum(staff.weight for staff in staves)
    bars = max((len(staff.bars) for staff in staves), default=0)
    every = -(-weight // most)
    wanted = [place for place in range(bars) if place // _BLOCK % every == 0]
    return [staff.take(wanted) for staff in staves]


def score_of(staves: Sequence[Staff]) -> ET.Element:
    """Build the score that music21 reads.

    A staff becomes several parts one after the other: music21 looks through all bars of a part
    for each bar that it adds, which takes minutes for thousands.
    """
    root = ET.Element("score-partwise", version="4.0")
    listed = ET.SubElement(root, "part-list")
    part = root
    for staff in staves:
        carried: _Carried = {}
        for place, bar in enumerate(staff.bars):
            if place % _PIECE == 0:
                name = f"P{len(listed) + 1}"
                ET.SubElement(ET.SubElement(listed, "score-part", id=name), "part-name")
                part = ET.SubElement(root, "part", id=name)
                part.append(_with(carried, bar))
            else:
                part.append(bar)
            _carry(carried, bar)
    return root


def _carry(carried: _Carried, bar: ET.Element) -> None:
    """Note what the attributes of a bar change."""
    carried.update({e.tag: e for attributes in bar.findall("attributes") for e in attributes})


def _with(carried: _Carried, bar: ET.Element) -> ET.Element:
    """Give a bar that begins with the attributes in force."""
    if not carried:
        return bar
    whole = ET.Element("measure", bar.attrib)
    ET.SubElement(whole, "attributes").extend(carried.values())
    whole.extend(bar)
    return whole


def staves_of(root: ET.Element) -> list[Staff]:
    """Take the staves out of a score that is written part by part.

    Raises:
        ValueError: when a number is none, or no sensible one.
    """
    listed = {part.get("id"): part for part in root.findall("part-list/score-part")}
    staves: list[Staff] = []
    for part in root.findall("part")[:MAX_PARTS]:
        entry = listed.get(part.get("id"), part)
        number = entry.findtext("midi-instrument/midi-program", "")
        program = int(number) - 1 if re.fullmatch(r"\s*\d{1,3}\s*", number) else -1
        name = one_line(entry.findtext("part-name", ""))
        numbers = sorted({note.findtext("staff", "1") for note in part.iterfind("measure/note")})
        for staff in numbers[:_MOST_STAVES]:
            tidier = _Tidier(Staff(name, program if 0 <= program <= 127 else None), staff)
            for measure in part.findall("measure"):
                tidier.tidy(measure)
            staves.append(tidier.staff)
    return staves


class _Tidier:
    """Copies what belongs to one staff, bar by bar.

    Attributes:
        staff: what it makes.
    """

    def __init__(self, staff: Staff, number: str) -> None:
        self.staff = staff
        self._number = number
        self._divisions = Fraction(1)

    def tidy(self, measure: ET.Element) -> None:
        """Copy a bar."""
        bar = ET.Element("measure", number=str(len(self.staff.bars) + 1))
        sung = 0
        base, length = False, ""  # what a chord is written on: whether it sounds, its length
        for child in measure:
            if child.tag == "attributes":
                bar.append(self._attributes(child))
            elif child.tag == "backup":
                _put(ET.SubElement(bar, "backup"), "duration", self._duration(child))
            elif child.tag in {"note", "forward"} and child.find("grace") is None:
                pitch = self._pitch(child)
                sung += pitch is not None
                if child.find("chord") is None:
                    base, length = pitch is not None, self._duration(child)
                    _note(bar, child, pitch, length)
                elif pitch is not None:
                    if not base:  # the note it is written on was left out: go back for it
                        _put(ET.SubElement(bar, "backup"), "duration", length)
                    _note(bar, child, pitch, length, chord=base)
                    base = True
        if len(bar) > _FULLEST:
            raise ValueError(len(bar))
        self.staff.bars.append(bar)
        self.staff.implicit.append(measure.get("implicit") == "yes")
        self.staff.sung.append(sung)

    def _attributes(self, attributes: ET.Element) -> ET.Element:
        """Copy divisions, key, meter and transposition as far as they make sense."""
        copied = ET.Element("attributes")
        divisions = attributes.findtext("divisions")
        if divisions is not None:
            self._divisions = _number(divisions)
            if not 0 < self._divisions <= 1_000_000:
                raise ValueError(divisions)
            _put(copied, "divisions", divisions.strip())
        key = attributes.find("key")
        fifths = key.findtext("fifths") if key is not None else None
        if key is not None and fifths is not None and -7 <= int(fifths) <= 7:
            signature = ET.SubElement(copied, "key")
            _put(signature, "fifths", str(int(fifths)))
            mode = key.findtext("mode", "").strip().lower()
            if mode in _MODES:
                _put(signature, "mode", mode)
        time = attributes.find("time")
        if time is not None:
            copied.append(_time(time))
        transpose = attributes.find("transpose")
        if transpose is not None:
            copied.append(_transpose(transpose))
        return copied

    def _duration(self, element: ET.Element) -> str:
        text = element.findtext("duration", "0")
        if _number(text) / self._divisions > _LONGEST:
            raise ValueError(text)
        return text.strip()

    def _pitch(self, note: ET.Element) -> ET.Element | None:
        """Copy the pitch of a note that sounds on this staff; None where there is silence."""
        if note.findtext("staff", "1") != self._number or note.find("cue") is not None:
            return None
        self.staff.drums = self.staff.drums or note.find("unpitched") is not None
        pitch = note.find("pitch")
        if pitch is None or not _number(note.findtext("duration", "0")):
            return None
        step = pitch.findtext("step", "").strip().upper()
        alter = float(pitch.findtext("alter", "0"))
        octave = int(pitch.findtext("octave", "4"))
        if step.lower() not in STEP_SEMITONES or not -3 <= alter <= 3 or not -1 <= octave <= 10:
            raise ValueError(step)
        copied = ET.Element("pitch")
        _put(copied, "step", step)
        _put(copied, "alter", str(floor(alter + 0.5)))  # quarter tones have no place in a tune
        _put(copied, "octave", str(octave))
        return copied


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
        copied.extend(
            ET.Element("tie", type=kind)
            for kind in ("stop", "start")
            if any(tie.get("type") == kind for tie in note.findall("tie"))
        )


def _put(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _number(text: str) -> Fraction:
    """Read a length or the divisions; a ValueError where the text is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(text[:20])
    return Fraction(match[1])


def _time(time: ET.Element) -> ET.Element:
    """Copy a meter; one that cannot be written becomes none, so that the last one ends."""
    copied = ET.Element("time")
    for beats, beat_type in zip(time.findall("beats"), time.findall("beat-type"), strict=False):
        above, below = (beats.text or "").strip(), (beat_type.text or "").strip()
        if below not in _UNITS or not _BEATS.fullmatch(above) or len(copied) > _FRACTIONS:
            copied.clear()
            break
        _put(copied, "beats", above.replace(" ", ""))
        _put(copied, "beat-type", below)
    if not len(copied):
        ET.SubElement(copied, "senza-misura")
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
