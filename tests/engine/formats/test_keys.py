from __future__ import annotations

from fractions import Fraction

import pytest

from engine.formats.keys import believable, key_of
from engine.music import Key, Note

QUARTER = Fraction(1, 4)


def notes(*pitches: int) -> list[Note]:
    return [Note(QUARTER * place, QUARTER, pitch) for place, pitch in enumerate(pitches)]


@pytest.mark.parametrize(
    ("fifths", "mode", "key"),
    [
        (2, "major", Key(2)),
        (0, "aeolian", Key(0, "minor")),
        (-1, "dorian", Key(-1, "dorian")),
        (8, "major", Key(-4)),
        (-9, "minor", Key(3, "minor")),
        (1, None, None),
        (1, "exp", None),
    ],
)
def test_keys_as_files_name_them(fifths: int, mode: str | None, key: Key | None) -> None:
    assert key_of(fifths, mode) == key


@pytest.mark.parametrize(
    ("pitches", "believed"),
    [
        ((60, 62, 64, 65, 67), True),
        ((57, 60, 64, 68, 69, 71), True),  # A minor with its leading tone
        ((60, 64, 66, 67, 72), False),  # F sharp: G major holds more
        ((62, 66, 69, 74), False),
        ((*[60, 62, 64, 65, 67] * 5, 66), True),  # one chromatic note among many
        ((*range(60, 72),), True),  # no signature holds more of the chromatic scale
    ],
)
def test_no_accidentals_are_believed_unless_the_notes_speak_against_them(
    pitches: tuple[int, ...], *, believed: bool
) -> None:
    assert believable(0, notes(*pitches)) == (0 if believed else None)
    assert believable(2, notes(*pitches)) == 2
    assert believable(None, notes(*pitches)) is None
