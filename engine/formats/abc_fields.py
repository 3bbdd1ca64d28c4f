"""Read the fields of ABC that say how notes are to be written out, and tidy keys for music21."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from engine.music import Meter

_KEY: Final = re.compile(r"(?P<tonic>[A-Ga-g])(?P<alter>[#b♯♭]?)\s*(?P<mode>[A-Za-z]*)(?P<rest>.*)")
_MODES: Final = frozenset({"maj", "ion", "m", "min", "aeo", "mix", "dor", "phr", "lyd"})
_LOCRIAN: Final = {"B": "C", "E": "F", "A": "Bb", "D": "Eb", "G": "Ab", "F#": "G", "C#": "D"}
"""Major keys with the signatures of locrian ones, a mode that music21 does not know in ABC."""

_OPTION: Final = re.compile(r"(clef|octave|transpose|middle|name|nm|snm|style|stafflines|stem)\b")
_ACCIDENTAL: Final = re.compile(r"(\^\^|\^|__|_|=)([A-Ga-g])")
_SHIFT: Final = re.compile(r"\b(octave|transpose)\s*=\s*(-?\d{1,2})\b")
_CLEF: Final = re.compile(r"\b(?:treble|bass|alto|tenor)\d?([+-])8|(?<!\S)([+-])8va")
_FRACTION: Final = re.compile(r"(\d{1,3})\s*/\s*(\d{1,3})")


def tidy_key(text: str) -> tuple[str, dict[str, str]]:
    """Give a key as music21 reads it, and the accidentals of its own that the field adds.

    Reads ``G``, ``Ador``, ``Bb minor``, ``D =c``, ``D exp ^f``, ``HP``, ``none``.

    Returns:
        The key, ``none`` where there is none; ABC accidentals by step.
    """
    plain = text.strip()
    if plain[:2] in {"HP", "Hp"}:  # Highland pipes play F and C sharp, in A.
        return "Amix", {}
    match = _KEY.match(plain)
    if match is None or plain.lower().startswith("none") or _OPTION.match(plain):
        return "none", {}
    added = {step.lower(): sign for sign, step in _ACCIDENTAL.findall(match["rest"])}
    mode = match["mode"].lower()
    if mode == "exp" or re.match(r"\s*exp\b", match["rest"]):
        return "none", added
    tonic = match["tonic"].upper() + {"♯": "#", "♭": "b"}.get(match["alter"], match["alter"])
    mode = mode if mode == "m" else mode[:3]
    if mode == "loc":
        return _LOCRIAN.get(tonic, "none"), added
    return tonic + (mode if mode in _MODES else ""), added


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
