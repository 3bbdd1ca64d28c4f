from __future__ import annotations

import pytest

from engine.formats.keys import key_of
from engine.music import Key


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
