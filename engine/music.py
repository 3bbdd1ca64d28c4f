"""Notes, keys, meters and melodies: frozen, validated and exact.

Time is counted in whole notes as :class:`fractions.Fraction`: a quarter note lasts
``Fraction(1, 4)``. Pitch is a MIDI note number, 60 is middle C.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS: Final = "cdefgab"
"""Letters of the natural notes, upwards from c."""

STEP_SEMITONES: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
"""Semitones of each natural note above c."""

MODES: Final = {
    "major": 0,
    "minor": 3,
    "dorian": 2,
    "phrygian": 4,
    "lydian": -1,
    "mixolydian": 1,
    "locrian": 5,
}
"""Fifths from a mode's tonic to the tonic of the major key with the same signature, downwards.

``Key(fifths)`` has its tonic at ``fifths + MODES[mode]`` on the line of fifths.
"""

MAX_WHOLES: Final = 40_000
"""Longest melody, in whole notes; far beyond any tune, short enough to stay harmless."""

_TONICS: Final = {"f": -1, "c": 0, "g": 1, "d": 2, "a": 3, "e": 4, "b": 5}
_KEY_NAME: Final = re.compile(
    r"^\s*(?P<step>[A-Ga-g])\s*(?P<alter>[#♯b♭]|is|es|s|-)?\s*(?P<mode>[A-Za-z]*)\s*$"
)
_MODE_NAMES: Final = {
    "": "major",
    "major": "major",
    "maj": "major",
    "ionian": "major",
    "minor": "minor",
    "min": "minor",
    "m": "minor",
    "aeolian": "minor",
    "dorian": "dorian",
    "dor": "dorian",
    "phrygian": "phrygian",
    "phr": "phrygian",
    "lydian": "lydian",
    "lyd": "lydian",
    "mixolydian": "mixolydian",
    "mix": "mixolydian",
    "locrian": "locrian",
    "loc": "locrian",
}

_KOREAN_KEY: Final = re.compile(
    r"(?P<alter>올림|내림)?\s*(?P<step>[다라마바사가나])\s*"
    r"(?P<mode>장조|단조|(?:도리아|프리지아|리디아|믹솔리디아|로크리아)(?=$|\s*선법$))(?:\s*선법)?"
)
_KOREAN_STEPS: Final = dict(zip("다라마바사가나", STEPS, strict=True))
_KOREAN_MODES: Final = {
    "장조": "major",
    "단조": "minor",
    "도리아": "dorian",
    "프리지아": "phrygian",
    "리디아": "lydian",
    "믹솔리디아": "mixolydian",
    "로크리아": "locrian",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its signature and its mode.

    Attributes:
        fifths: sharps of the signature (negative: flats), -7 to 7.
        mode: one of :data:`MODES`.
    """

    fifths: int = 0
    mode: str = "major"

    def __post_init__(self) -> None:
        """Refuse signatures and modes that do not exist."""
        if not -7 <= self.fifths <= 7:
            raise ValueError(f"a key signature has at most 7 accidentals, not {self.fifths}")
        if self.mode not in MODES:
            raise ValueError(f"unknown mode {self.mode!r}")

    @property
    def tonic(self) -> int:
        """Pitch class of the tonic, 0 (C) to 11 (B)."""
        return (self.fifths + MODES[self.mode]) * 7 % 12

    @property
    def scale(self) -> frozenset[int]:
        """The seven pitch classes of the key."""
        return frozenset((self.fifths + i) * 7 % 12 for i in range(-1, 6))

    def alter_of(self, pitch: int) -> int:
        """Spell a MIDI pitch in this key: -1 flat, 0 natural, 1 sharp (rarely -2 or 2).

        Chromatic notes take their usual spelling: in C major C sharp, E flat, F sharp, A flat
        and B flat; in A minor the raised degrees (C, D, F and G sharp) and B flat.
        """
        lowest = self.fifths - (2 if self.mode in {"minor", "phrygian"} else 4)
        position = lowest + (pitch * 7 - lowest) % 12
        return (position + 1) // 7

    def __str__(self) -> str:
        """Name the key as people write it, for example ``B♭ minor``."""
        position = self.fifths + MODES[self.mode]
        step = "FCGDAEB"[(position + 1) % 7]
        alter = (position + 1) // 7
        return f"{step}{'♯' * alter}{'♭' * -alter} {self.mode}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read ``C``, ``Am``, ``F# minor``, ``Bb``, ``E♭ major``, ``D dorian`` or ``올림바단조``.

        Raises:
            ValueError: when the text names no key, or one with more than 7 accidentals.
        """
        korean = _KOREAN_KEY.fullmatch(text.strip())
        if korean is not None:
            sign = {"올림": "#", "내림": "b"}.get(korean["alter"], "")
            step = _KOREAN_STEPS[korean["step"]]
            return cls.parse(f"{step}{sign} {_KOREAN_MODES[korean['mode']]}")
        match = _KEY_NAME.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not a key")
        mode_text = match["mode"]
        mode = "major" if mode_text == "M" else _MODE_NAMES.get(mode_text.lower())
        if mode is None:
            raise ValueError(f"{mode_text!r} is not a mode")
        alter = {None: 0, "#": 1, "♯": 1, "is": 1, "s": 1}.get(match["alter"], -1)
        fifths = _TONICS[match["step"].lower()] + 7 * alter - MODES[mode]
        if not -7 <= fifths <= 7:
            raise ValueError(f"{text!r} would need more than 7 accidentals")
        return cls(fifths, mode)


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature.

    Attributes:
        beats: upper number, 1 to 64.
        unit: lower number, a power of two from 1 to 64.
    """

    beats: int = 4
    unit: int = 4

    def __post_init__(self) -> None:
        """Refuse time signatures that cannot be written."""
        if not 1 <= self.beats <= 64:
            raise ValueError(f"a meter has 1 to 64 beats, not {self.beats}")
        if self.unit not in (1, 2, 4, 8, 16, 32, 64):
            raise ValueError(f"a meter counts in 1, 2, 4, … 64, not {self.unit}")

    @property
    def bar(self) -> Fraction:
        """Length of one bar in whole notes."""
        return Fraction(self.beats, self.unit)

    @property
    def beat(self) -> Fraction:
        """Length of one felt beat: a dotted one in 6/8, 9/8, 12/8, else the unit."""
        if self.beats % 3 == 0 and self.beats > 3 and self.unit >= 8:
            return Fraction(3, self.unit)
        return Fraction(1, self.unit)

    def __str__(self) -> str:
        """Write the meter as ``3/4``."""
        return f"{self.beats}/{self.unit}"

    @classmethod
    def parse(cls, text: str) -> Meter:
        """Read ``3/4``, ``C`` (4/4) or ``C|`` (2/2).

        Raises:
            ValueError: when the text is not a time signature.
        """
        stripped = text.strip().upper()
        if stripped in {"C", "C|"}:
            return cls(4, 4) if stripped == "C" else cls(2, 2)
        match = re.fullmatch(r"(\d{1,2})\s*/\s*(\d{1,2})", stripped, re.ASCII)
        if match is None:
            raise ValueError(f"{text!r} is not a meter like 3/4")
        return cls(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class Note:
    """One sounding note.

    Attributes:
        onset: start, in whole notes after the start of the melody.
        duration: length in whole notes, above 0.
        pitch: MIDI note number, 0 to 127.
        alter: written accidental (-2 double flat to 2 double sharp), None when unknown:
            then the key spells the note.
    """

    onset: Fraction
    duration: Fraction
    pitch: int
    alter: int | None = None

    def __post_init__(self) -> None:
        """Refuse notes that cannot sound or cannot be written."""
        if not 0 <= self.pitch <= 127:
            raise ValueError(f"a MIDI pitch is 0 to 127, not {self.pitch}")
        if self.duration <= 0:
            raise ValueError("a note lasts longer than nothing")
        if self.onset < 0:
            raise ValueError("a note starts at or after the start of its melody")
        if self.alter is not None and (
            not -2 <= self.alter <= 2
            or (self.pitch - self.alter) % 12 not in STEP_SEMITONES.values()
        ):
            raise ValueError(f"pitch {self.pitch} cannot be spelled with accidental {self.alter}")

    @property
    def end(self) -> Fraction:
        """Time at which the note stops, in whole notes."""
        return self.onset + self.duration


@dataclass(frozen=True)
class Melody:
    """One voice: notes that follow each other without overlap, and how they are written.

    Bar lines stand at ``pickup``, ``pickup + bar``, ``pickup + 2 bar`` and so on; the pickup
    (anacrusis) is shorter than a bar.

    Attributes:
        notes: by onset; each starts at or after the end of the one before.
        meter: time signature, None when unknown.
        pickup: length of the incomplete first bar in whole notes, 0 when there is none.
        key: None when unknown.
        tempo: quarter notes per minute, None when unknown.
        length: whole length in whole notes with trailing rests; None: up to the last note's end.
        program: General MIDI instrument, 0 to 127, None when unknown.
        title: name of the tune, possibly empty.
        signature: sharps (negative: flats) of a written key signature that does not tell the mode,
            -7 to 7; None when there is none. A key that is known says more.
        assumed: whether the meter may stand in a file only because nobody chose one.
    """

    notes: tuple[Note, ...] = ()
    meter: Meter | None = None
    pickup: Fraction = Fraction(0)
    key: Key | None = None
    tempo: float | None = None
    length: Fraction | None = None
    program: int | None = None
    title: str = ""
    signature: int | None = None
    assumed: bool = False

    def __post_init__(self) -> None:
        """Refuse overlaps, a pickup as long as a bar, and a length that cuts notes off."""
        for before, after in pairwise(self.notes):
            if after.onset < before.end:
                raise ValueError(f"notes overlap at {after.onset}")
        end = self.notes[-1].end if self.notes else Fraction(0)
        if self.length is not None and self.length < end:
            raise ValueError("the melody is shorter than its notes")
        if self.end > MAX_WHOLES:
            raise ValueError(f"a melody lasts at most {MAX_WHOLES} whole notes")
        if self.pickup < 0 or (self.meter is not None and self.pickup >= self.meter.bar):
            raise ValueError("a pickup is shorter than a bar")
        if self.tempo is not None and not 1 <= self.tempo <= 1000:
            raise ValueError("a tempo is 1 to 1000 quarter notes per minute")
        if self.signature is not None and not -7 <= self.signature <= 7:
            raise ValueError("a key signature has at most 7 accidentals")
        if self.program is not None and not 0 <= self.program <= 127:
            raise ValueError("an instrument is 0 to 127")

    @cached_property
    def end(self) -> Fraction:
        """Length in whole notes, trailing rests included."""
        if self.length is not None:
            return self.length
        return self.notes[-1].end if self.notes else Fraction(0)

    def bar_lines(self) -> Iterator[Fraction]:
        """Yield the times of all bar lines after 0 and up to the end of the melody.

        A melody without a meter has none.
        """
        if self.meter is None:
            return
        time = self.pickup or self.meter.bar
        while time <= self.end:
            yield time
            time += self.meter.bar
