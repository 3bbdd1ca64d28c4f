"""Measure how long the short-term memory takes for each note of a tune.

    python benchmarks/memory.py [--notes 500]

Prints microseconds a note: hearing one, predicting its shift, duration and pitch by every view,
forking the memory, and the same for the long-term model that guesses a tune's home.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np

from engine.statistics.finals import Finals
from engine.statistics.memory import ShortTerm

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = tuple(range(0, 384, 6))
ROUNDS = 5


def tune(notes: int, seed: int) -> list[tuple[int, int, int]]:
    """Invent a tune that wanders and comes back: phrases of eight notes, half of them repeats."""
    random = np.random.default_rng(seed)
    phrases: list[list[tuple[int, int, int]]] = []
    while 8 * len(phrases) < notes:
        if phrases and random.random() < 0.5:
            phrases.append(phrases[int(random.integers(len(phrases)))])
            continue
        pitches = 60 + np.abs(np.cumsum(random.integers(-3, 4, 8))) % 20
        lengths = random.choice([12, 24, 48], 8).tolist()
        phrases.append([(b, b, p) for b, p in zip(lengths, pitches.tolist(), strict=True)])
    return [note for phrase in phrases for note in phrase][:notes]


def microseconds(work: Callable[[], object], notes: int) -> float:
    """Time some work over all notes: the best of several rounds, a note."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begin)
    return best / notes * 1e6


def hear(notes: list[tuple[int, int, int]]) -> ShortTerm:
    """Let a short-term memory hear a tune."""
    memory = ShortTerm(bar=192, tonic=0)
    for note in notes:
        memory.push(*note)
    return memory


def jobs(notes: list[tuple[int, int, int]]) -> dict[str, Callable[[], object]]:
    """Give what is timed, by name."""
    full = hear(notes)
    corpus = Finals()
    for seed in range(2, 102):
        corpus.learn([pitch for _, _, pitch in tune(60, seed)])

    def predict() -> None:
        for shift, duration, _ in notes:
            full.shifts(TIMES)
            full.durations(shift, TIMES)
            full.pitches(shift, duration)

    def fork() -> None:
        for _ in notes:
            full.fork()

    def home() -> None:
        seeker = corpus.follow()
        for _, _, pitch in notes:
            seeker.pitches()
            seeker.push(pitch)

    return {"hear": lambda: hear(notes), "predict": predict, "fork": fork, "home": home}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--notes", type=int, default=500)
    notes = tune(parser.parse_args().notes, 1)
    for name, work in jobs(notes).items():
        print(f"{name:10}{microseconds(work, len(notes)):8.0f} µs a note")


if __name__ == "__main__":
    main()
