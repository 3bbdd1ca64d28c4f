"""Melodies for tests of the score."""

from __future__ import annotations

import random
from fractions import Fraction

from engine.codes import parse_codes
from engine.music import Key, Melody, Meter, Note

BUTTERFLY = "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4 g8 e8 e8 e8 f8 d8 d4 c8 e8 g8 g8 e8 e8 e4"


def tune(codes: str, meter: str = "4/4", key: str = "C", pickup: str = "0") -> Melody:
    """Read a tune from note codes."""
    melody = parse_codes(codes).melody
    return Melody(
        melody.notes,
        meter=Meter.parse(meter),
        key=Key.parse(key),
        pickup=Fraction(pickup),
        length=melody.length,
    )


def walk(count: int, length: str, seed: int = 0, low: int = 58, high: int = 80) -> tuple[Note, ...]:
    """Make notes of one length that wander about."""
    chance = random.Random(seed)
    duration = Fraction(length)
    pitch = (low + high) // 2
    notes = []
    for i in range(count):
        pitch = max(low, min(high, pitch + chance.choice((-4, -2, -1, 1, 2, 5))))
        notes.append(Note(i * duration, duration, pitch))
    return tuple(notes)
