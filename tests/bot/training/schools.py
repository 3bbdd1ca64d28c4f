"""A small place to train in: a weak version that answers, and a folder of tunes."""

from __future__ import annotations

import asyncio
import random
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.store import Store
from bot.training.trainer import Trainer, Workshop
from engine.registry import Registry
from engine.training.versioning import write_version
from tests.engine.models import random_weights

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bot.training.runs import Run

FAULTY = Path(__file__).with_name("faulty.py")
"""The training process with a fault in it, see there."""

SAVE_EVERY = 1e-6
"""Seconds between two checkpoints: so few that there is one after every step."""


def write_tunes(folder: Path, count: int = 30, seed: int = 1) -> None:
    """Write a book of jigs on broken chords: easy to foretell for whoever has heard some."""
    dice = random.Random(seed)
    tunes = []
    for number in range(count):
        chord = dice.choice(["CEGc", "DFAd", "EGBe", "FAcf", "GBdg", "Acea"])
        bars = ["{0}2{1}{2} {0}2{1}{2}".format(*dice.choices(chord, k=3)) for _ in range(8)]
        tunes.append(f"X:{number + 1}\nT:{number}\nM:6/8\nL:1/8\nK:C\n{'|'.join(bars)}|\n")
    (folder / "irish").mkdir(parents=True, exist_ok=True)
    (folder / "irish" / "jigs.abc").write_text("\n".join(tunes), encoding="utf-8")


def write_weak_version(data: Path, name: str = "weak") -> None:
    """Write a small version of chance weights, which any training improves."""
    document, weights = random_weights(units=16)
    document |= {
        "name": name,
        "created": "2026-01-01T00:00:00+00:00",
        "corpus": {
            "collections": {},
            "training_tunes": 0,
            "validation_tunes": 0,
            "fingerprint": "",
        },
        "metrics": {"shift_bits": 3.0, "duration_bits": 3.0, "pitch_bits": 6.0}
        | {"pitch_accuracy": 0.0},
    }
    arrays = {key: np.asarray(value) for key, value in weights.items()}
    write_version(data / "weights" / name, arrays, document)
    Registry(data=data).promote(name)


@dataclass
class School:
    """What a test of training needs."""

    data: Path
    store: Store
    registry: Registry
    workshop: Workshop

    def trainer(self, *fault: str) -> Trainer:
        """Make the bot's end; ``fault`` is what its processes suffer from."""
        command: Sequence[str] = (sys.executable, "-m", "bot.training.process")
        if fault:
            command = (sys.executable, str(FAULTY), *fault)
        return Trainer(self.store, self.registry, self.workshop, command)

    @property
    def names(self) -> set[str]:
        """Names of all versions but the shipped ones."""
        return {each.name for each in self.registry.versions() if not each.shipped}

    def leftovers(self) -> list[Path]:
        """Files of unfinished versions."""
        return list((self.data / "weights").glob(".*"))


@asynccontextmanager
async def make_school(folder: Path, lease: float = 60.0) -> AsyncIterator[School]:
    """Open a school; trainers are the test's own to open and close.

    Args:
        folder: for all its files.
        lease: of a run; no busy machine keeps a process from a sign of life for so long.
    """
    data = folder / "data"
    write_weak_version(data)
    write_tunes(data / "corpus")
    store = Store(f"sqlite+aiosqlite:///{data / 'nabi.db'}")
    await store.open()
    workshop = Workshop(
        database=f"sqlite+aiosqlite:///{data / 'nabi.db'}",
        data=data,
        corpus=data / "corpus",
        lease=lease,
        save_every=SAVE_EVERY,
        pace=0.1,
    )
    try:
        yield School(data, store, Registry(data=data), workshop)
    finally:
        await store.close()


async def reached(store: Store, run: Run, condition: Callable[[Run], object]) -> Run:
    """Wait until a run has come somewhere; the test's own timeout ends a vain wait."""
    while True:
        now = await store.run(run.id)
        assert now is not None
        if condition(now):
            return now
        assert not now.over, (now.state, now.failure, now.detail)
        await asyncio.sleep(0.05)


async def ended(store: Store, run: Run) -> Run:
    """Wait for the end of a run."""
    return await reached(store, run, lambda now: now.over)


__all__ = ["FAULTY", "SAVE_EVERY", "School", "ended", "make_school", "reached", "write_tunes"]
