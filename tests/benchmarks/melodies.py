"""Invented melodies for the tests of the benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.folds import Split
from benchmarks.pearce import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

LOWEST, KINDS = 60, 12


def piece(name: str, pitches: Sequence[int], rhythm: Sequence[int], start: int = 0) -> Piece:
    durations = np.array(rhythm, np.int32)
    onsets = start + np.concatenate([[0], np.cumsum(durations)[:-1]]).astype(np.int32)
    return Piece(name, onsets.astype(np.int32), np.array(pitches, np.int32), durations)


def walks(count: int, seed: int, length: int = 24) -> list[Piece]:
    """Invent melodies that go by step and repeat themselves."""
    random = np.random.default_rng(seed)
    made = []
    for index in range(count):
        steps = random.choice([-2, -1, 1, 2], length // 2)
        half = LOWEST + np.abs(np.cumsum(steps) + 5) % KINDS
        rhythm = random.choice([12, 24, 48], length // 2)
        start = int(random.choice([0, 24, 72]))
        made.append(piece(f"walk {index}", [*half, *half], [*rhythm, *rhythm], start))
    return made


def noise(count: int, seed: int, length: int = 30) -> list[Piece]:
    """Invent melodies that nobody can predict."""
    random = np.random.default_rng(seed)
    return [
        piece(
            f"noise {index}",
            random.integers(LOWEST, LOWEST + KINDS, length).tolist(),
            random.choice([12, 24, 48], length).tolist(),
        )
        for index in range(count)
    ]


def changed(one: Piece, place: int, *, rhythm: bool) -> Piece:
    """Change the pitch of a note and all that comes after it; with ``rhythm`` its times too."""
    pitches, durations = one.pitches.copy(), one.durations.copy()
    count = len(pitches)
    pitches[place:] = LOWEST + (pitches[place:] - LOWEST + 1 + np.arange(count - place) % 5) % KINDS
    if rhythm:
        durations[place + 1 :] = 60 - durations[place + 1 :]
    gaps = np.concatenate([[0], np.cumsum(durations)[:-1]])
    onsets = one.onsets if not rhythm else (one.onsets[0] + gaps).astype(np.int32)
    return Piece(one.name, onsets, pitches, durations)


def split_of(training: Sequence[Piece], test: Sequence[Piece]) -> Split:
    return Split(training, test, np.arange(LOWEST, LOWEST + KINDS), seed=1)
