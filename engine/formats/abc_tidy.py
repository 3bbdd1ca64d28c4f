"""Bring strangers' ABC into the plain form that music21 reads right.

This is no reader of music: a note keeps its letter, its octave marks and its length, and music21
makes pitches and times of them. Written out here is what music21 10 would lose: accidentals that
last through the bar (also out of and into chords), accidentals in the key field, invisible and
whole-bar rests, octaves and transpositions of clefs and voices, lengths like ``////`` and
voices that take turns line by line. Left out is what is no part of a tune or could grow:
decorations, chord symbols, grace notes, words, slurs, second voices inside a bar (``&``) and all
directives but the MIDI program; nothing is ever included. Bar lines lose their repeats: a primer
is the tune as printed, each bar once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from engine.formats.abc_fields import read_length, read_meter, read_shift, tidy_key
from engine.formats.words import one_line, title

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.music import Meter

MAX_NOTES: Final = 20_000
"""Notes of all voices that are read; the rest is counted."""

MAX_TUNE: Final = 400_000
"""Characters of one tune that are read."""

_WIDEST: Final = 12
"""Notes of one chord that are read."""

_HIGHEST: Final = 8
"""Octave marks of one note that are read: more leave the range of MIDI anyway."""

LONGEST: Final = 64
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


@dataclass(slots=True)
class Voice:
    """One voice and where it stands.

    Attributes:
        plain: its ABC so far, for music21. The field ``N:`` holds the semitones by which
            the notes after it move.
        name: as it calls itself.
        meter: in force.
        unit: unit note length in whole notes, None until one is named.
        key: accidentals by step that its key field adds to the signature.
        accidentals: in the bar so far, by step.
        held: the accidental that a tie carries over the bar line, with its step and octave.
        shift: semitones by which its clef or its options move its notes.
        overlay: whether a second voice inside the bar is being left out.
    """

    plain: list[str] = field(default_factory=list)
    name: str = ""
    meter: Meter | None = None
    unit: Fraction | None = None
    key: dict[str, str] = field(default_factory=dict)
    accidentals: dict[str, str] = field(default_factory=dict)
    held: tuple[str, str, str] = ("", "", "")
    last: tuple[str, str, str] = ("", "", "")
    shift: int = 0
    overlay: bool = False

    @property
    def text(self) -> str:
        """What music21 reads."""
        return "".join(self.plain)

    @property
    def length(self) -> Fraction:
        """Unit note length: as named, else by the meter."""
        if self.unit is not None:
            return self.unit
        short = self.meter is not None and self.meter.bar < Fraction(3, 4)
        return Fraction(1, 16) if short else Fraction(1, 8)


class Tune:
    """The first tune of a text, tidied line by line, each voice for itself.

    Attributes:
        title: the first one.
        tempo: the first tempo field.
        program: the MIDI program that the file names, from 0.
        voices: by name, in order.
        count: notes of all voices.
        left_out: notes beyond the limit.
        junk: letters that stand for nothing in music.
    """

    def __init__(self, text: str) -> None:
        text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
        program = _PROGRAM.search(text)
        number = int(program[1]) if program else 128
        self.program = number if number <= 127 else None
        self.title = ""
        self.tempo = ""
        self.voices: dict[str, Voice] = {}
        self.count = self.left_out = self.junk = 0
        self._header = Voice()  # what holds before the first voice begins
        self._defined: dict[str, str] = {}
        self._voice: Voice | None = None
        self._body = False
        self._chord: list[str] | None = None
        self._kinds: dict[str, Callable[[Voice, re.Match[str]], None]] = {
            "field": self._inline,
            "bar": self._bar,
            "note": self._note,
            "rest": self._rest,
            "open": self._open,
            "close": self._close,
            "tuplet": self._tuplet,
            "broken": self._broken,
            "tie": self._tie,
            "overlay": self._overlay,
        }
        for line in _first_tune(text):
            self._line(line)

    def _line(self, line: str) -> None:
        """Tidy a field or a line of music."""
        match = _FIELD.match(line)
        if match is None:
            self._body = True
            self._music(line)
        elif match[1] != "T" or not self.title:
            self._field(match[1], match[2].strip())

    def _current(self) -> Voice:
        if self._voice is None:
            self._begin("1", "")
        assert self._voice is not None
        return self._voice

    def _begin(self, name: str, options: str) -> None:
        """Go on with a voice; a new one starts with what the header says."""
        if name not in self.voices:
            options = f"{self._defined.get(name, '')} {options}"
            label = re.search(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))', options)
            head = self._header
            self.voices[name] = voice = Voice(
                ["X:1\n", *head.plain],
                one_line(label[1] or label[2] or "") if label else one_line(name),
                head.meter,
                head.unit,
                head.key,
                shift=read_shift(options),
            )
            voice.plain.append(f"L:{voice.length}\nN:{voice.shift + head.shift}\n")
        self._voice = self.voices[name]

    def _field(self, tag: str, value: str) -> None:
        voice = self._current() if self._body else self._header
        if tag == "T":
            self.title = title(re.sub(r"\\([\\%&])", r"\1", value))
        elif tag == "Q":
            self.tempo = self.tempo or value
        elif tag == "L":
            voice.unit = read_length(value) or voice.unit
            self._say(voice, f"L:{voice.length}")
        elif tag == "M":
            voice.meter = read_meter(value)
            self._say(voice, f"M:{voice.meter}" if voice.meter else "M:none")
            self._say(voice, f"L:{voice.length}")
        elif tag == "K":
            key, voice.key = tidy_key(value)
            voice.accidentals.clear()
            self._say(voice, f"K:{key}")
            shift = read_shift(value)
            if voice is self._header:
                voice.shift = shift
            else:
                self._say(voice, f"N:{voice.shift + shift}")
            self._body = self._body or voice is self._header
        elif tag == "V" and value:
            name, _, options = value.partition(" ")
            self._defined.setdefault(name, options)
            if self._body:
                self._begin(name, options)

    @staticmethod
    def _say(voice: Voice, metadata: str) -> None:
        """Write a field on a line of its own: music21 reads it up to the line's end."""
        voice.plain.append(f"\n{metadata}\n" if voice.plain else f"{metadata}\n")

    def _music(self, line: str) -> None:
        """Tidy a line of music, token by token."""
        self._chord = None
        for token in _TOKEN.finditer(line):
            kind = token.lastgroup or ""
            voice = self._current()
            if kind == "junk":
                self.junk += 1
            elif kind in self._kinds and (not voice.overlay or kind in {"bar", "field"}):
                self._kinds[kind](voice, token)

    def _inline(self, _voice: Voice, token: re.Match[str]) -> None:
        self._field(token["tag"], token["value"].strip())

    def _bar(self, voice: Voice, _token: re.Match[str]) -> None:
        self._chord = None
        voice.accidentals.clear()
        voice.overlay = False
        voice.plain.append("|\n")

    def _note(self, voice: Voice, token: re.Match[str]) -> None:
        """Write one note with the accidental that the bar or the key field gives it."""
        step = token["letter"].lower()
        octave = token["octave"][:_HIGHEST]
        place = token["letter"], octave
        sign = token["sign"]
        if sign:
            voice.accidentals[step] = sign
        elif voice.held[:2] == place and step not in voice.accidentals:
            sign = voice.held[2]
        else:
            sign = voice.accidentals.get(step, voice.key.get(step, ""))
        voice.last = (*place, sign)
        plain = f"{sign}{token['letter']}{octave}{_plain_length(token['length'])}"
        if self._chord is None:
            self._place(voice, plain)
        elif len(self._chord) < _WIDEST:
            self._chord.append(plain)

    def _open(self, _voice: Voice, _token: re.Match[str]) -> None:
        self._chord = []

    def _close(self, voice: Voice, token: re.Match[str]) -> None:
        if self._chord:
            self._place(voice, *self._chord, after=_plain_length(token["chord"]))
        self._chord = None

    def _place(self, voice: Voice, *notes: str, after: str = "") -> None:
        """Write a note, or a chord with the length ``after`` it."""
        voice.held = ("", "", "")
        if self.count >= MAX_NOTES:
            self.left_out += len(notes)
            return
        self.count += len(notes)
        voice.plain.append(f"[{''.join(notes)}]{after}" if len(notes) > 1 or after else notes[0])

    def _rest(self, voice: Voice, token: re.Match[str]) -> None:
        """Write any rest as ``z``; whole bars have the length of the meter."""
        pause = token["pause"]
        if token["kind"] in "ZX":
            bars = int(re.sub(r"\D.*", "", pause) or 1)
            bar = voice.meter.bar if voice.meter else Fraction(1)
            units = min(bars * bar, Fraction(LONGEST)) / voice.length
            voice.plain.append(f"z{units.numerator}/{units.denominator}")
        else:
            voice.plain.append(f"z{_plain_length(pause)}")

    def _tuplet(self, voice: Voice, token: re.Match[str]) -> None:
        """Write ``(p:q:r``; music21 reads numbers of one digit."""
        numbers = [int(token[name] or 0) for name in ("put", "time", "count")]
        if numbers[0] >= 2 and max(numbers) <= 9:
            put, time, count = (str(number or "") for number in numbers)
            voice.plain.append(f"({put}:{time}:{count}" if time or count else f"({put}")

    @staticmethod
    def _broken(voice: Voice, token: re.Match[str]) -> None:
        """Write broken rhythm; of marks in a row the first counts, as each takes two notes."""
        if not any(plain[0] in "<>" for plain in voice.plain[-2:]):
            voice.plain.append(token["broken"])

    @staticmethod
    def _tie(voice: Voice, _token: re.Match[str]) -> None:
        """Write a tie, unless it stands between a broken rhythm and its note."""
        if voice.plain[-1][0] not in "-<>":
            voice.held = voice.last
            voice.plain.append("-")

    @staticmethod
    def _overlay(voice: Voice, _token: re.Match[str]) -> None:
        voice.overlay = True


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


def _plain_length(text: str) -> str:
    """Write ``//`` as ``/4``, ``/0`` as ``/2``; empty stays empty."""
    match = re.fullmatch(_LENGTH, text)
    assert match is not None
    above, slashes, below = match.groups()
    parts = int(below or 0) or 2 ** len(slashes)
    return f"{int(above or 1) or 1}/{parts}" if slashes else above.lstrip("0")
