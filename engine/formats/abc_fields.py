"""Read the fields of ABC: key, meter, unit length, tempo, voice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from engine.music import MODES, STEPS, Key, Meter

_KEY: Final = re.compile(
    r"\s*(?P<tonic>[A-Ga-g])(?P<alter>[#b♯♭]?)\s*(?P<mode>[A-Za-z]*)(?P<rest>.*)"
)
_MODE_NAMES: Final = {
    "": "major", "maj": "major", "ion": "major", "m": "minor", "min": "minor", "aeo": "minor",
    "mix": "mixolydian", "dor": "dorian", "phr": "phrygian", "lyd": "lydian", "loc": "locrian",
}  # fmt: skip
_OPTION: Final = re.compile(r"\b(clef|octave|transpose|middle|name|nm|snm|style|stafflines|stem)\b")
_ACCIDENTAL: Final = re.compile(r"(\^\^|\^|__|_|=)([A-Ga-g])")
_SHIFT: Final = re.compile(r"\b(octave|transpose)\s*=\s*(-?\d{1,2})\b")
_CLEF: Final = re.compile(r"\b(?:treble|bass|alto|tenor)\d?([+-])8|(?<!\S)([+-])8va")
_FRACTION: Final = re.compile(r"(\d{1,3})\s*/\s*(\d{1,3})")
ALTERS: Final = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2, "": None}
_SHARPS: Final = "fcgdaeb"


@dataclass(frozen=True, slots=True)
class Signature:
    """A key field.

    Attributes:
        key: None when the field names none.
        alters: accidentals of the steps that are not natural.
        shift: semitones by which its clef or its options move the notes.
    """

    key: Key | None = None
    alters: dict[str, int] = field(default_factory=dict)
    shift: int = 0


def read_key(text: str) -> Signature:
    """Read ``G``, ``Ador``, ``Bb minor``, ``D =c``, ``D exp ^f``, ``HP``, ``none``."""
    shift = read_shift(text)
    if text.strip()[:2] in {"HP", "Hp"}:  # Highland pipes play F and C sharp, in A.
        return Signature(Key(2, "mixolydian"), {"f": 1, "c": 1}, shift)
    match = _KEY.match(text)
    if match is None or text.strip().lower().startswith("none") or _OPTION.match(text.strip()):
        return Signature(shift=shift)
    mode = match["mode"].lower()
    explicit = mode == "exp" or re.match(r"\s*exp\b", match["rest"]) is not None
    name = _MODE_NAMES.get(mode if mode == "m" else mode[:3], "major")
    tonic = _SHARPS.index(match["tonic"].lower()) - 1
    tonic += {"#": 7, "♯": 7, "b": -7, "♭": -7}.get(match["alter"], 0)
    fifths = tonic - MODES[name]
    if not -7 <= fifths <= 7:
        fifths = (fifths + 5) % 12 - 5
    alters = {} if explicit else signature(fifths)
    for sign, step in _ACCIDENTAL.findall(match["rest"]):
        alters[step.lower()] = ALTERS[sign] or 0
    return Signature(None if explicit else Key(fifths, name), alters, shift)


def signature(fifths: int) -> dict[str, int]:
    """Give the accidentals of a key signature by step."""
    if fifths >= 0:
        return dict.fromkeys(_SHARPS[:fifths], 1)
    return dict.fromkeys(_SHARPS[fifths:], -1)


def read_shift(text: str) -> int:
    """Give the semitones by which the options of a key or voice move its notes."""
    shift = sum(
        int(value) * (12 if name == "octave" else 1) for name, value in _SHIFT.findall(text)
    )
    clef = _CLEF.search(text)
    return shift + (int((clef[1] or clef[2]) + "12") if clef else 0)


def read_meter(text: str) -> Meter | None:
    """Read ``6/8``, ``C``, ``C|`` or ``(2+3)/8``; None for ``none`` and nonsense."""
    plain = text.strip()
    added = re.fullmatch(r"\(?(\d{1,2}(?:\+\d{1,2}){1,7})\)?\s*/\s*(\d{1,2})", plain)
    if added:
        plain = f"{sum(int(part) for part in added[1].split('+'))}/{added[2]}"
    try:
        return Meter.parse(plain)
    except ValueError:
        return None


def read_length(text: str) -> Fraction | None:
    """Read a unit note length such as ``1/8``."""
    found = re.fullmatch(r"\s*1\s*(?:/\s*(\d{1,3}))?\s*", text)
    value = int(found[1] or 1) if found else 0
    return Fraction(1, value) if value in {1, 2, 4, 8, 16, 32, 64, 128, 256} else None


def read_tempo(text: str, unit: Fraction) -> float | None:
    """Read ``1/4=120``, ``"Allegro" 3/8=80`` or ``120`` in quarter notes per minute."""
    plain = re.sub(r'"[^"]*"', " ", text)
    beats, _, speed = plain.rpartition("=")
    number = re.search(r"\d{1,4}", speed)
    if number is None:
        return None
    lengths = [Fraction(int(a), int(b)) for a, b in _FRACTION.findall(beats) if int(b)]
    beat = sum(lengths, Fraction(0)) or (unit if "=" in plain else Fraction(1, 4))
    value = float(beat * 4 * int(number[0]))
    return min(max(value, 20.0), 400.0) if value else None


def pitch_of(letter: str, octave_marks: str, alter: int) -> int:
    """Give the MIDI pitch of an ABC note; ``C`` is middle C, ``c`` an octave above."""
    octave = octave_marks.count("'") - octave_marks.count(",")
    natural = (0, 2, 4, 5, 7, 9, 11)[STEPS.index(letter.lower())]
    return 60 + natural + 12 * (letter.islower() + octave) + alter
