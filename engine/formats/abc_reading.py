"""Read the first tune out of ABC text (ABC 2.1 and what people write).

Our own reader: music21's keeps voices that take turns line by line apart, drops invisible and
whole-bar rests, forgets accidentals within the bar, and computes for minutes on bars of odd
lengths. This one reads from left to right once.

Taken: notes, chords, rests, ties, tuplets, broken rhythm, voices, key, meter, tempo and unit
changes. Left out: grace notes, decorations, chord symbols, words, second voices inside a bar
(``&``), and all directives but the MIDI program; nothing is ever included. Repeats are not
expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from engine.errors import BadFile
from engine.formats.abc_fields import (
    ALTERS,
    Signature,
    pitch_of,
    read_key,
    read_length,
    read_meter,
    read_shift,
    read_tempo,
)
from engine.formats.bars import Bars
from engine.formats.parts import TICKS, Part, melody_of
from engine.formats.words import one_line, title

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.music import Melody, Meter
    from engine.request import Taken

MAX_NOTES: Final = 20_000
"""Notes of all voices that are read; the rest is counted."""

MAX_TUNE: Final = 400_000
"""Characters of one tune that are read."""

_WIDEST: Final = 12
"""Notes of one chord that are read."""

_LONGEST: Final = 64
"""Whole notes that one note or rest may last."""

# Every repetition below is bounded or cannot fail late: hostile text must not take long.
_REFERENCE: Final = re.compile(r"^[ \t]*X:", re.MULTILINE)
_KEY_LINE: Final = re.compile(r"^[ \t]*K:", re.MULTILINE)
_PROGRAM: Final = re.compile(
    r"^%%MIDI[ \t]{1,9}program[ \t]{1,9}(?:\d{1,2}[ \t]{1,9})?(\d{1,3})[ \t]*$", re.MULTILINE
)
_FIELD: Final = re.compile(r"^([A-Za-z+]):(.*)$")
_LENGTH: Final = r"(\d{0,4})(/{0,6})(\d{0,4})"
_TOKEN: Final = re.compile(
    r"(?P<skip>\"[^\"]{0,200}\"|![^!|\s]{1,40}!|\+[a-z.]{2,40}\+|\{[^}]{0,200}\}|y\d{0,4})"
    r"|(?P<field>\[(?P<tag>[A-Za-z]):(?P<value>[^\]]{0,200})\])"
    r"|(?P<bar>:*\|[|:\]]*(?:\[?\d[\d,-]*)?|:{2,}|\[\||\[\d[\d,-]*)"
    r"|(?P<note>(?P<sign>\^\^|\^|__|_|=)?(?:(?<=[\^_])/)?(?P<letter>[A-Ga-g])"
    rf"(?P<octave>[',]*)(?P<length>{_LENGTH}))"
    rf"|(?P<rest>(?P<kind>[zxZX])(?P<pause>{_LENGTH}))"
    rf"|(?P<open>\[)|(?P<close>\](?P<chord>{_LENGTH}))"
    r"|(?P<tuplet>\((?P<put>\d)(?::(?P<time>\d{0,2}))?(?::(?P<count>\d{0,2}))?)"
    r"|(?P<broken>>{1,3}|<{1,3})|(?P<tie>-)|(?P<overlay>&)"
    r"|(?P<junk>[h-tw-yH-SU-WY])"
)
"""One token; the outer groups name their kind."""


def is_abc(text: str) -> bool:
    """Tell whether a text is ABC: it has a reference number and a key."""
    return bool(_REFERENCE.search(text) and _KEY_LINE.search(text))


def read_abc(text: str, name: str) -> tuple[Melody, Taken]:
    """Read the first tune.

    Raises:
        BadFile: ``empty``, or ``broken`` when the text is mostly no music.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    program = _PROGRAM.search(text)
    reader = _Reader()
    for line in _first_tune(text):
        reader.read_line(line)
    notes = sum(len(voice.notes) for voice in reader.voices.values())
    if reader.junk > notes:
        raise BadFile(name, "broken")
    number = int(program[1]) if program else 128
    parts = [voice.part(place) for place, voice in enumerate(reader.voices.values())]
    for part in parts:
        part.voice.program = number if number <= 127 else None
    return melody_of(
        parts, name, "abc", title=reader.title, tempo=reader.tempo, cut=reader.left_out
    )


def _first_tune(text: str) -> list[str]:
    """Give the lines of the first tune without remarks; it ends at an empty line after music."""
    found = _REFERENCE.search(text)
    if found:
        following = _REFERENCE.search(text, found.end())
        text = text[found.start() : following.start() if following else len(text)]
    lines: list[str] = []
    music = False
    for raw in text[:MAX_TUNE].split("\n"):
        line = re.sub(r"(?<!\\)%.*", "", raw).strip()
        if line:
            lines.append(line)
            music = music or _FIELD.match(line) is None
        elif music and not raw.strip():
            break
    return lines


@dataclass(slots=True)
class _Event:
    """One note of a voice: times in whole notes."""

    onset: Fraction
    end: Fraction
    pitch: int
    alter: int | None


@dataclass(slots=True)
class _Voice:
    """Where one voice stands.

    Attributes:
        now: time reached. bar: start of the bar. first_bar: time of the first bar line.
        factor: what broken rhythm does to the next note.
        tuplet: notes left in a tuplet and what each is multiplied by.
        last: places in ``notes`` of the last note or chord.
        onset: of the last note, chord or rest.
        tied: notes to which the next ones are tied.
        accidentals: in the bar so far, by step.
    """

    name: str = ""
    shift: int = 0
    key: Signature = field(default_factory=Signature)
    first_key: Signature | None = None
    meter: Meter | None = None
    first_meter: Meter | None = None
    unit: Fraction | None = None
    now: Fraction = Fraction(0)
    first_bar: Fraction | None = None
    factor: Fraction = Fraction(1)
    tuplet: tuple[int, Fraction] = (0, Fraction(1))
    last: tuple[int, ...] = ()
    onset: Fraction = Fraction(0)
    tied: dict[int, int] = field(default_factory=dict)
    accidentals: dict[str, int] = field(default_factory=dict)
    notes: list[_Event] = field(default_factory=list)
    overlay: bool = False

    @property
    def length(self) -> Fraction:
        """Unit note length: as named, else by the meter."""
        if self.unit is not None:
            return self.unit
        short = self.meter is not None and self.meter.bar < Fraction(3, 4)
        return Fraction(1, 16) if short else Fraction(1, 8)

    def part(self, place: int) -> Part:
        """Give what was read as a part."""
        part = Part(place, self.name)
        for event in self.notes:
            onset, end = round(event.onset * 4 * TICKS), round(event.end * 4 * TICKS)
            part.add(onset, max(end, onset + 1), event.pitch, event.alter)
        part.end(round(self.now * 4 * TICKS))
        meter = self.first_meter
        part.bars = Bars(meter)
        if meter is not None and self.first_bar is not None and self.first_bar < meter.bar:
            part.bars = Bars(meter, round(self.first_bar * 4 * TICKS), 4 * self.first_bar)
        part.key = self.first_key.key if self.first_key else None
        return part


class _Reader:
    """Reads a tune line by line, each voice with its own time."""

    def __init__(self) -> None:
        self.title = ""
        self.tempo: float | None = None
        self.junk = 0
        self.left_out = 0
        self.count = 0
        self.header = _Voice()  # what holds before the first voice begins
        self.voices: dict[str, _Voice] = {}
        self.defined: dict[str, str] = {}
        self.voice: _Voice | None = None
        self.body = False
        self.chord: list[tuple[_Event, Fraction]] | None = None
        self.kinds: dict[str, Callable[[_Voice, re.Match[str]], None]] = {
            "skip": self._skip,
            "field": self._read_field,
            "bar": self._read_bar,
            "note": self._read_note,
            "rest": self._read_rest,
            "open": self._read_open,
            "close": self._read_close,
            "tuplet": self._read_tuplet,
            "broken": self._read_broken,
            "tie": self._read_tie,
            "overlay": self._read_overlay,
            "junk": self._read_junk,
        }

    def read_line(self, line: str) -> None:
        """Read a field or a line of music."""
        match = _FIELD.match(line)
        if match is None:
            self.body = True
            self._music(line)
        elif match[1] != "T" or not self.title:
            self._field(match[1], match[2])

    def _current(self) -> _Voice:
        if self.voice is None:
            self._begin("1", "")
        assert self.voice is not None
        return self.voice

    def _begin(self, name: str, options: str) -> None:
        """Go on with a voice; a new one starts with what the header says."""
        if name not in self.voices:
            options = f"{self.defined.get(name, '')} {options}"
            label = re.search(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', options)
            head = self.header
            self.voices[name] = _Voice(
                name=one_line(label[1] or label[2] or "") if label else one_line(name),
                shift=read_shift(options),
                key=head.key,
                first_key=head.first_key,
                meter=head.meter,
                first_meter=head.first_meter,
                unit=head.unit,
            )
        self.voice = self.voices[name]

    def _field(self, tag: str, value: str) -> None:
        voice = self._current() if self.body else self.header
        if tag == "T":
            self.title = title(re.sub(r"\\([\\%&])", r"\1", value))
        elif tag == "Q" and self.tempo is None:
            self.tempo = read_tempo(value, voice.length)
        elif tag == "L":
            voice.unit = read_length(value) or voice.unit
        elif tag == "M":
            voice.meter = read_meter(value)
            voice.first_meter = voice.meter if not voice.notes else voice.first_meter
        elif tag == "K":
            voice.key = read_key(value)
            voice.accidentals.clear()
            voice.first_key = voice.key if not voice.notes else voice.first_key
            self.body = self.body or voice is self.header
        elif tag == "V" and value.strip():
            name, _, options = value.strip().partition(" ")
            self.defined.setdefault(name, options)
            if self.body:
                self._begin(name, options)

    def _music(self, line: str) -> None:
        """Read a line of music, token by token."""
        self.chord = None
        for token in _TOKEN.finditer(line):
            kind = token.lastgroup or ""
            voice = self._current()
            if not voice.overlay or kind in {"bar", "field"}:
                self.kinds[kind](voice, token)

    def _read_field(self, _voice: _Voice, token: re.Match[str]) -> None:
        self._field(token["tag"], token["value"])

    def _read_bar(self, voice: _Voice, _token: re.Match[str]) -> None:
        self.chord = None
        voice.accidentals.clear()
        voice.overlay = False
        if voice.first_bar is None and voice.now > 0:
            voice.first_bar = voice.now

    def _read_note(self, voice: _Voice, token: re.Match[str]) -> None:
        """Read one note: its pitch with what the bar and the key say, and its length."""
        step = token["letter"].lower()
        alter = ALTERS[token["sign"] or ""]
        if alter is None:
            alter = voice.accidentals.get(step, voice.key.alters.get(step, 0))
        else:
            voice.accidentals[step] = alter
        pitch = pitch_of(token["letter"], token["octave"], alter)
        shift = voice.shift + voice.key.shift
        event = _Event(Fraction(0), Fraction(0), pitch + shift, None if shift % 12 else alter)
        length = _length(token["length"], voice.length)
        if self.chord is None:
            self._place(voice, [event], length)
        elif len(self.chord) < _WIDEST:
            self.chord.append((event, length))

    def _read_open(self, _voice: _Voice, _token: re.Match[str]) -> None:
        self.chord = []

    def _read_close(self, voice: _Voice, token: re.Match[str]) -> None:
        """End a chord: it is as long as its longest note."""
        if self.chord:
            longest = max((length for _, length in self.chord), default=Fraction(0))
            events = [event for event, _ in self.chord]
            self._place(voice, events, longest * _length(token["chord"], Fraction(1)))
        self.chord = None

    def _read_tuplet(self, voice: _Voice, token: re.Match[str]) -> None:
        """Read ``(p:q:r``: p notes in the time of q, for the next r notes."""
        notes = int(token["put"])
        compound = voice.meter is not None and voice.meter.beat.numerator == 3
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(notes, 3 if compound else 2)
        time = int(token["time"] or 0) or usual
        voice.tuplet = (0, Fraction(1))
        if notes >= 2:
            voice.tuplet = (int(token["count"] or 0) or notes, Fraction(time, notes))

    def _read_tie(self, voice: _Voice, _token: re.Match[str]) -> None:
        voice.tied = {voice.notes[place].pitch: place for place in voice.last}

    def _read_overlay(self, voice: _Voice, _token: re.Match[str]) -> None:
        voice.overlay = True

    def _read_junk(self, _voice: _Voice, _token: re.Match[str]) -> None:
        self.junk += 1

    def _skip(self, _voice: _Voice, _token: re.Match[str]) -> None:
        pass

    def _place(self, voice: _Voice, events: list[_Event], length: Fraction) -> None:
        """Append a note or chord, joined to the notes that are tied to it."""
        if self.count >= MAX_NOTES:
            self.left_out += 1
            return
        onset = voice.now
        end = onset + _spend(voice, length)
        places: list[int] = []
        for event in events:
            held = voice.tied.get(event.pitch)
            if held is not None and voice.notes[held].end == onset:
                voice.notes[held].end = end
                places.append(held)
            elif 0 <= event.pitch <= 127:
                event.onset, event.end = onset, end
                places.append(len(voice.notes))
                voice.notes.append(event)
                self.count += 1
        voice.tied = {}
        voice.last = tuple(places)
        voice.onset = onset
        voice.now = end

    def _read_rest(self, voice: _Voice, token: re.Match[str]) -> None:
        voice.tied = {}
        if token["kind"] in "ZX":
            bars = int(re.sub(r"\D.*", "", token["pause"]) or 1)
            bar = voice.meter.bar if voice.meter else Fraction(1)
            voice.now += min(bars * bar, Fraction(_LONGEST))
            return
        voice.onset = voice.now
        voice.now += _spend(voice, _length(token["pause"], voice.length))
        voice.last = ()

    def _read_broken(self, voice: _Voice, token: re.Match[str]) -> None:
        """Lengthen the note before and shorten the one after, or the other way round."""
        marks = token["broken"]
        short = Fraction(1, 2 ** len(marks))
        before, voice.factor = (2 - short, short) if marks[0] == ">" else (short, 2 - short)
        length = voice.now - voice.onset
        voice.now = voice.onset + length * before
        for event in (voice.notes[place] for place in voice.last):
            event.end = max(event.end - length + length * before, event.onset + Fraction(1, 1024))
        voice.last = ()
        voice.onset = voice.now  # one mark per note


def _length(text: str, unit: Fraction) -> Fraction:
    """Read a length such as ``3``, ``/``, ``3/2`` or ``//`` in units."""
    match = re.fullmatch(_LENGTH, text)
    assert match is not None
    above, slashes, below = match.groups()
    below = int(below or 0) if slashes else 1
    parts = below or 2 ** len(slashes)
    return min(unit * Fraction(int(above or 1), parts), Fraction(_LONGEST))


def _spend(voice: _Voice, length: Fraction) -> Fraction:
    """Apply what broken rhythm and tuplets do to the next length."""
    length *= voice.factor
    voice.factor = Fraction(1)
    left, scale = voice.tuplet
    if left:
        voice.tuplet = (left - 1, scale)
        length *= scale
    # On ticks: sums of odd fractions would grow without end.
    ticks = max(round(min(length, Fraction(_LONGEST)) * 4 * TICKS), 1)
    return Fraction(ticks, 4 * TICKS)
