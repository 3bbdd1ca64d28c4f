"""Famous melodies in the public domain, each cut in two: what the guessing game is played with.

They are folk songs and themes whose composers died before 1914, written down as note codes in
``famous.json``: an opening, and how the tune really goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from engine.codes import format_codes, parse_codes
from engine.music import Key, Meter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from engine.music import Melody
    from engine.request import Names

_ALIKE = 0.6
"""Share of notes in common from which two endings are too much alike to be told apart."""


_CLOSING = frozenset({0, 3, 4})
"""Semitones above the tonic of the notes on which a tune comes to rest."""


@dataclass(frozen=True, slots=True)
class Famous:
    """A famous melody.

    Attributes:
        name: short and unique.
        title, origin: by language; the origin is the composer or the country, with years.
        meter, key, pickup: as in a :class:`~engine.request.Request`.
        tempo: quarter notes per minute.
        opening, ending: note codes by bars. Both end where a phrase does.
    """

    name: str
    title: Mapping[str, str]
    origin: Mapping[str, str]
    meter: str
    key: str
    pickup: str
    tempo: int
    opening: str
    ending: str

    @property
    def whole(self) -> str:
        """Note codes of the whole tune."""
        return f"{self.opening} | {self.ending}"

    @property
    def bars(self) -> int:
        """Whole bars of the ending, which may have a shorter one before them."""
        return int(_end(self.ending) / Meter.parse(self.meter).bar)

    @property
    def open(self) -> bool:
        """Whether the ending stops on a half cadence: neither on the tonic nor on its third."""
        last = parse_codes(self.ending).melody.notes[-1]
        return (last.pitch - Key.parse(self.key).tonic) % 12 not in _CLOSING


@dataclass(frozen=True, slots=True)
class Alike:
    """Tunes with one opening, to be written, drawn and played in just the same way.

    Attributes:
        tunes: note codes of whole tunes.
        opening: note codes with which all of them begin.
        meter, key, pickup, tempo: of all of them.
        names: alphabet of the note names that are shown.
        picture, audio: whether to draw and to play them.
    """

    tunes: tuple[str, ...]
    opening: str
    meter: str
    key: str
    pickup: str
    tempo: int
    names: Names = "letters"
    picture: bool = True
    audio: bool = True


@dataclass(frozen=True, slots=True)
class Performed:
    """What :class:`Alike` tunes look and sound like.

    Attributes:
        texts: scores as text, in order.
        picture: PNG with all of them, None when not asked for.
        sounds: OGG Vorbis, in order; empty when not asked for.
    """

    texts: tuple[str, ...]
    picture: bytes | None
    sounds: tuple[bytes, ...]


@cache
def famous() -> Mapping[str, Famous]:
    """Read all melodies, by name."""
    text = (files("engine") / "famous.json").read_text(encoding="utf-8")
    return {entry["name"]: Famous(**entry) for entry in json.loads(text)}


def closed_alike(tune: Famous, other: str) -> str:
    """Let another tune end when the real one does, its last note held as long as the real one's.

    A model's last notes are shorter than those of a song, where the singers breathe: that would
    tell which is which, whatever the tune.

    Args:
        tune: the real one.
        other: note codes of a tune with the same opening that is as long or longer; which note
            it has reached at the end stays.

    Returns:
        Note codes.
    """
    real, melody = parse_codes(tune.whole).melody, parse_codes(other).melody
    start = real.notes[-1].onset
    before = [
        replace(note, duration=min(note.duration, start - note.onset))
        for note in melody.notes
        if note.onset < start
    ]
    reached = [note for note in melody.notes if note.onset < real.end][-1]
    last = replace(reached, onset=start, duration=real.end - start)
    return format_codes(replace(melody, notes=(*before, last), length=None))


def can_be_told_apart(tune: Famous, other: str) -> bool:
    """Tell whether another tune is as long as this one and goes on differently.

    Args:
        tune: the real one.
        other: note codes of a whole tune with the same opening.
    """
    split = _end(tune.opening)
    real, mine = parse_codes(tune.whole).melody, parse_codes(other).melody
    if real.end != mine.end:
        return False
    ours, theirs = _after(real, split), _after(mine, split)
    return len(ours & theirs) < _ALIKE * max(len(ours), len(theirs))


def _after(melody: Melody, split: Fraction) -> set[tuple[Fraction, int]]:
    return {(note.onset, note.pitch) for note in melody.notes if note.onset >= split}


def _end(codes: str) -> Fraction:
    return parse_codes(codes).melody.end
