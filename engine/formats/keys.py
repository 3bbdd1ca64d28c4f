"""What written scores say about the key."""

from __future__ import annotations

from typing import Final

from engine.music import MODES, Key

_MODES: Final = {**{mode: mode for mode in MODES}, "ionian": "major", "aeolian": "minor"}


def key_of(fifths: int, mode: str | None) -> Key | None:
    """Give a key as music21 reads it; None where the mode is unknown.

    A signature of more than seven accidentals becomes the one that sounds the same.
    """
    known = _MODES.get(mode or "")
    return None if known is None else Key(within_seven(fifths), known)


def within_seven(fifths: int) -> int:
    """Give a signature, or the one that sounds the same where it has more than 7 accidentals."""
    return fifths if -7 <= fifths <= 7 else (fifths + 5) % 12 - 5
