"""What files say about the key, and how far it is believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.music import MODES, Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.music import Note

_MODES: Final = {**{mode: mode for mode in MODES}, "ionian": "major", "aeolian": "minor"}

_SIGNATURES: Final = range(-6, 7)


def key_of(fifths: int, mode: str | None) -> Key | None:
    """Give a key as music21 reads it; None where the mode is unknown.

    A signature of more than seven accidentals becomes the one that sounds the same.
    """
    known = _MODES.get(mode or "")
    return None if known is None else Key(within_seven(fifths), known)


def within_seven(fifths: int) -> int:
    """Give a signature, or the one that sounds the same where it has more than 7 accidentals."""
    return fifths if -7 <= fifths <= 7 else (fifths + 5) % 12 - 5


def believable(signature: int | None, notes: Sequence[Note]) -> int | None:
    """Give a key signature that tells no mode, unless it is there because nobody chose one.

    Many programs write no accidentals where no key was chosen. That is believed unless more than
    one note in twenty lies outside and another signature holds more of them.
    """
    if signature != 0:
        return signature
    inside = {
        fifths: sum(note.pitch % 12 in Key(fifths).scale for note in notes)
        for fifths in _SIGNATURES
    }
    outside = len(notes) - inside[0]
    return None if outside * 20 > len(notes) and max(inside.values()) > inside[0] else 0
