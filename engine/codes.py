"""Note codes: melodies as people type them, ``g8 e8 e4 | f8 d8 d4`` or ``솔8 미8 미4``.

One code is: letter, accidental, octave marks, duration, tie.

- Letters ``c`` to ``b`` lie in the octave of middle C; upper case is the same. Korean 도 레 미
  파 솔 라 시 stand for c to b. ``r`` and 쉼 rest.
- The accidental follows the letter: sharp ``#`` ``s`` ``is`` ``♯``, flat ``b`` ``es`` ``-``
  ``♭``, twice for double ones; ``n`` or ``♮`` natural. ``bb8`` is B flat. After every letter
  ``s`` is a sharp: ``as`` is A sharp, ``es`` E sharp; E flat is ``eb`` or ``ees``.
- Each ``'`` lifts by an octave, before or after the duration. Each ``,`` directly between
  the letter (with its accidental) and a duration lowers by one: ``c,8``; so do two or more
  directly after a letter. Every other comma only parts codes: ``c8, d8`` and ``c, d``.
- Duration 1, 2, 4 … 64 with up to two dots, then ``t`` for a triplet, three in the time of two:
  ``8t``, ``4.t``. Left out, it is that of the code before, dots and ``t`` included; at the
  start a quarter. ``3(g8 a8 b8)``, ``(3 g8 a8 b8)`` and ``(g8 a8 b8)3`` are triplets, too.
- ``~`` ties to the next code, which has the same pitch.

Blanks, commas, semicolons, bar lines with or without repeat dots, and code fences part codes
and mean nothing more; none is needed after a duration: ``g8e8e4f8``. Letters glued together
without durations are read as long as there is one way to read them: ``ceg``, but not ``gab``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from engine.errors import BadToken, TooLong
from engine.flags import split_options
from engine.music import STEP_SEMITONES, STEPS, Key, Melody, Note
from engine.notation import on_grid, spell
from engine.request import OPTIONS, option_named
from engine.rhythm import BINARY, TRIPLETS, UNITS, VALUES, Value
from engine.typed import Typed, read_typed

if TYPE_CHECKING:
    from engine.notation import Symbol

__all__ = [
    "MAX_NOTES",
    "Codes",
    "Names",
    "format_codes",
    "format_symbol",
    "parse_codes",
    "split_options",
]

Names = Literal["letters", "solfege"]
"""The alphabet of note names: letters, or Korean 도레미파솔라시."""

MAX_NOTES: Final = 5_000
"""Most notes that are taken from a text."""

SOLFEGE: Final = "도레미파솔라시"
_REST: Final = {"letters": "r", "solfege": "쉼"}
_SHARP: Final = {"": 0, "n": 0, "♮": 0, "#": 1, "s": 1, "is": 1, "##": 2, "ss": 2, "isis": 2}
_ALTERS: Final = _SHARP | {"b": -1, "es": -1, "-": -1, "bb": -2, "eses": -2, "--": -2}
_CLEAR: Final = frozenset({"", "is", "isis"})
_KNOWN: Final = frozenset(VALUES.values()) | frozenset(TRIPLETS.values())

_GAP: Final = re.compile(r"[\s,;]++|[:\[]*+\|[|:\[\]]*+")
_CODE: Final = re.compile(
    rf"(?:(?P<rest>r|쉼표?)"
    rf"|(?P<name>[a-g{SOLFEGE}])(?P<accidental>(?:isis|eses|is|es|ss?|\#\#?|bb?|--?|♮|n)?))"
    r"(?P<marks>'++|,++(?=[0-9.~])|,{2,}+)?"
    r"(?P<base>[0-9]*+)(?P<dots>\.*+)(?P<tuplet>t?)(?P<more>\.*+)(?P<late>'*+)(?P<tie>~*+)"
)
_OPEN: Final = re.compile(r"(?P<three>[3t]\(|\(3(?![0-9])):?|\(")
_CLOSE: Final = re.compile(r"\)(?P<three>[3t](?![0-9]))?")
_FLAG: Final = re.compile(r"(?:--|[—–―]|-(?=[^\W\d_]{2}))(?P<name>[^\W\d_][\w-]*+)")
_WORD: Final = re.compile(r"[^\s,;|]++")

Hint = Literal["letter", "duration", "octave", "tie", "tuplet", "range", "unknown"]


@dataclass(frozen=True, slots=True)
class Codes:
    """What a text of note codes says.

    Attributes:
        melody: its notes; meter, key and tempo are unknown.
        names: the alphabet that was typed.
    """

    melody: Melody
    names: Names


@dataclass(slots=True)
class _Item:
    """One code: a note, or a rest when it has no pitch; ``start`` and ``end`` in the text."""

    start: int
    end: int
    place: int
    value: Value
    pitch: int | None = None
    alter: int = 0
    tied: bool = False


def parse_codes(text: str) -> Codes:
    """Read note codes.

    Every note gets its typed accidental, so that writing the melody gives the same spelling.
    Rests at the end count towards the melody's length. An empty text is an empty melody.

    Raises:
        BadToken: for the first code that cannot be read.
        UnknownFlag: for an option that does not exist.
        TooLong: for more than :data:`MAX_NOTES` notes or too many characters.
    """
    scanner = _Scanner(read_typed(text))
    scanner.scan()
    notes, time = scanner.notes()
    if len(notes) > MAX_NOTES:
        raise TooLong("notes", len(notes), MAX_NOTES)
    end = notes[-1].end if notes else Fraction(0)
    melody = Melody(tuple(notes), length=time if time > end else None)
    return Codes(melody, "solfege" if scanner.korean > 0 else "letters")


class _Scanner:
    """Reads codes from left to right; each character is looked at a bounded number of times.

    Attributes:
        items: the codes so far.
        korean: how many more codes were Korean than letters.
    """

    def __init__(self, typed: Typed) -> None:
        self.items: list[_Item] = []
        self.korean = 0
        self._typed = typed
        self._text = typed.text
        self._value = Value(4)
        self._group: tuple[int, int, bool] | None = None  # start, first item, said to be three
        self._bare_end = -1  # end of the last code, when it was letters and nothing else

    def scan(self) -> None:
        """Read the whole text into :attr:`items`."""
        at = 0
        while at < len(self._text):
            if gap := _GAP.match(self._text, at):
                at = gap.end()
            elif (opening := _OPEN.match(self._text, at)) and self._group is None:
                self._group = (at, len(self.items), opening["three"] is not None)
                at = opening.end()
            elif (closing := _CLOSE.match(self._text, at)) and self._group is not None:
                self._close(three=closing["three"] is not None)
                at = closing.end()
            elif code := _CODE.match(self._text, at):
                self._read(code)
                at = code.end()
            elif self._text[at] == "~" and self.items and not self.items[-1].tied:
                self.items[-1].tied = True
                self.items[-1].end = at = at + 1
            else:
                raise self._unreadable(at)
        if self._group is not None:
            raise self._refuse("tuplet", self._group[0])

    def notes(self) -> tuple[list[Note], Fraction]:
        """Join ties and give the notes and the whole length."""
        notes: list[Note] = []
        time = 0
        before: _Item | None = None
        start = 0
        for item in [*self.items, None]:
            tied = before is not None and before.tied
            if (
                before is not None
                and tied
                and (item is None or before.pitch is None or item.pitch != before.pitch)
            ):
                raise self._bad("tie", before)
            if item is None:
                break
            units = int(item.value.duration * UNITS)
            if not tied:
                start, alter = time, item.alter
            time += units
            if item.pitch is not None and not item.tied:
                length = Fraction(time - start, UNITS)
                notes.append(Note(Fraction(start, UNITS), length, item.pitch, alter))
            before = item
        return notes, Fraction(time, UNITS)

    def _read(self, code: re.Match[str]) -> None:
        """Take one code."""
        item = _Item(code.start(), code.end(), len(self.items) + 1, self._value)
        name, accidental = code["name"], code["accidental"]
        korean = name in SOLFEGE if name else code["rest"] != "r"
        self.korean += 1 if korean else -1
        bare = code.end() == code.end("accidental" if name else "rest")
        if name and not korean and accidental not in _CLEAR:
            following = self._text[code.end() : code.end() + 1]
            glued = self._bare_end == code.start() or (bare and _CODE.match(following))
            if glued:  # "gab" may be three notes or two
                raise self._refuse("unknown", min(code.start(), self._run_start(code.start())))
        self._bare_end = code.end() if bare else -1
        self._read_value(code, item)
        if len(code["tie"]) > 1:
            raise self._bad("tie", item)
        item.tied = bool(code["tie"])
        if name:
            self._read_pitch(code, item)
        elif code["marks"] or code["late"]:
            raise self._bad("octave", item)
        self.items.append(item)

    def _run_start(self, at: int) -> int:
        """Find where the letters glued before a place begin."""
        for item in reversed(self.items):
            if item.end != at:
                break
            at = item.start
        return at

    def _read_value(self, code: re.Match[str], item: _Item) -> None:
        """Take the duration of a code, else repeat the last one."""
        dots = len(code["dots"]) + len(code["more"])
        if code["base"]:
            base = int(code["base"]) if len(code["base"]) < 4 else 0
            item.value = Value(base, dots, bool(code["tuplet"]))
            self._check(item)
            self._value = item.value
        elif dots or code["tuplet"]:
            raise self._bad("duration", item)

    def _check(self, item: _Item) -> None:
        """Refuse durations that cannot be written on the grid."""
        if item.value not in _KNOWN:
            raise self._bad("duration", item)

    def _read_pitch(self, code: re.Match[str], item: _Item) -> None:
        """Take the pitch of a code."""
        name = code["name"]
        step = STEPS[SOLFEGE.index(name)] if name in SOLFEGE else name
        marks = code["marks"] or ""
        octaves = len(code["late"]) + (-len(marks) if "," in marks else len(marks))
        item.alter = _ALTERS[code["accidental"]]
        item.pitch = 60 + STEP_SEMITONES[step] + item.alter + 12 * octaves
        if not 0 <= item.pitch <= 127:
            raise self._bad("range", item)

    def _close(self, *, three: bool) -> None:
        """End a group in brackets: all of its codes are triplets."""
        start, first, said = self._group or (0, 0, False)
        if not (three or said) or first == len(self.items):
            raise self._refuse("tuplet", start)
        for item in self.items[first:]:
            item.value = Value(item.value.base, item.value.dots, tuplet=True)
            self._check(item)
        self._group = None

    def _unreadable(self, at: int) -> Exception:
        """Say what is wrong with the text at a place where no code begins."""
        character = self._text[at]
        glued = bool(self.items) and self.items[-1].end == at
        if flag := _FLAG.match(self._text, at):
            name = flag["name"]
            if name not in OPTIONS and not glued:
                try:
                    option_named("--" + name)
                except Exception as error:  # noqa: BLE001  # the error is the answer
                    return error
        hint: Hint = "unknown"
        if character.isdigit() or character == ".":
            hint = "duration" if glued else "letter"
        elif character.isalpha():
            hint = "letter"
        elif character in "'~()":
            hint = {"'": "octave", "~": "tie"}.get(character, "tuplet")  # type: ignore[assignment]  # values are hints
        if glued and not character.isalpha() and character not in "()":
            word = _WORD.match(self._text, at)
            self.items[-1].end = word.end() if word else at + 1
            return self._bad(hint, self.items[-1])
        latin = character.isascii() and character.isalpha() and self._bare_end == at
        return self._refuse(hint, self._run_start(at) if latin else at)  # "do" is no D before an o

    def _refuse(self, hint: Hint, start: int) -> BadToken:
        """Build the error for text that is no code."""
        word = _WORD.match(self._text, start)
        end = word.end() if word else start + 1
        place = sum(item.start < start for item in self.items) + 1
        return self._bad(hint, _Item(start, end, place, self._value))

    def _bad(self, hint: Hint, item: _Item) -> BadToken:
        """Build the error for a code."""
        token = self._typed.typed(item.start, item.end)
        return BadToken(token, item.place, self._typed.offsets[item.start], hint)


def format_codes(melody: Melody, names: Names = "letters") -> str:
    """Write a melody as codes in one line, in the one form that every reading gives back.

    Every duration is written out; a length that is no single value becomes tied ones, the
    longest first. Bar lines are left out: meter, key and tempo are not part of the codes.
    Times off the grid are moved to it.
    """
    melody = on_grid(melody)
    key = melody.key or Key()
    words: list[str] = []
    time = Fraction(0)
    for note in melody.notes:
        words += _rests(note.onset - time, names)
        alter = key.alter_of(note.pitch) if note.alter is None else note.alter
        step, octave = spell(note.pitch, alter)
        name = _name(step, alter, octave, names)
        words.append("~ ".join(name + str(value) for value in _values(note.duration)))
        time = note.end
    words += _rests(melody.end - time, names)
    return " ".join(words)


def format_symbol(symbol: Symbol, names: Names = "letters") -> str:
    """Write the code of one written note or rest: ``f#8``, ``bb4.``, ``c'8t``, ``r4``, ``g4~``."""
    if symbol.pitch is None:
        return f"{_REST[names]}{symbol.value}"
    name = _name(symbol.step, symbol.alter, symbol.octave, names)
    return f"{name}{symbol.value}{'~' * symbol.tied}"


def _name(step: str, alter: int, octave: int, names: Names) -> str:
    """Write a pitch without its duration."""
    letter = SOLFEGE[STEPS.index(step)] if names == "solfege" else step
    accidental = "#" * alter + "b" * -alter
    return letter + accidental + "'" * (octave - 4) + "," * (4 - octave)


def _rests(length: Fraction, names: Names) -> list[str]:
    return [f"{_REST[names]}{value}" for value in _values(length)]


def _values(length: Fraction) -> list[Value]:
    """Divide a length on the grid into few values: plain ones, then at most one triplet."""
    units = int(length * UNITS)
    triplet = []
    if units % BINARY:
        fitting = (size for size in TRIPLETS if size <= units and (units - size) % BINARY == 0)
        size = max(size for size in fitting if TRIPLETS[size].dots == 0)
        triplet = [TRIPLETS[size]]
        units -= size
    plain = []
    while units:
        size = max(size for size in VALUES if size <= units)
        plain.append(VALUES[size])
        units -= size
    return plain + triplet
