"""MIDI files of our own, for tests that read a folder."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.lab.piano.events import Event, Piece
from engine.lab.piano.staves import write_midi

if TYPE_CHECKING:
    from pathlib import Path


def chorale(seed: int, events: int = 40) -> Piece:
    """Make a piece of triads and passing notes in C."""
    draw = random.Random(seed)
    made, time = [], Fraction(0)
    for _ in range(events):
        root = draw.choice((48, 53, 55, 57))
        chord = (root, root + 12, root + (15 if root == 57 else 16), root + 19)
        length = draw.choice((Fraction(1), Fraction(1, 2)))
        made.append(Event(time, length, chord if draw.random() < 0.7 else (root + 24,)))
        time += length
    return Piece(f"piece-{seed}", tuple(made))


def fill(folder: Path, count: int = 4) -> Path:
    """Write some pieces as MIDI files."""
    for seed in range(count):
        (folder / f"piece-{seed}.mid").write_bytes(write_midi(chorale(seed)))
    return folder
