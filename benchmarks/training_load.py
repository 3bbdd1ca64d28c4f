"""How much slower the bot answers while it trains, and whether its event loop ever waits.

    python benchmarks/training_load.py [--rounds 8] [--tunes 4]

A training process learns on (the network that ships, on tunes made up here) while the engine is
asked for typed tunes of 8 bars with all files, one after the other. Every other round the training
process is stopped by a signal, so that both are measured on the same machine in the same minutes;
the same seeds are asked with and without. The loop's lag is measured all the time, as how much
later than asked a sleep of 10 ms ends.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.store import Store
from bot.training.runs import CORPUS, RunOptions
from bot.training.trainer import Trainer, Workshop
from engine.registry import Registry
from engine.request import Request
from engine.service import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

LAG_LIMIT = 0.250
RATIO_LIMIT = 1.5


def write_tunes(folder: Path, count: int = 400) -> None:
    """Fill a folder with tunes to learn from."""
    random = np.random.default_rng(1)
    tunes = []
    for number in range(1, count + 1):
        notes = random.choice(list("CDEFGABcdefg"), (16, 8))
        bars = "|".join("".join(bar[:4]) + " " + "".join(bar[4:]) for bar in notes)
        tunes.append(f"X:{number}\nT:{number}\nM:4/4\nL:1/8\nK:C\n{bars}|\n")
    folder.mkdir(parents=True)
    (folder / "tunes.abc").write_text("\n".join(tunes), encoding="utf-8")


class Lag:
    """Measures how late the event loop is."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._task = asyncio.create_task(self._measure())

    async def _measure(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.01)
            self.worst = max(self.worst, time.perf_counter() - begun - 0.01)

    def take(self) -> float:
        """Give the worst lag since the last time, in seconds."""
        worst, self.worst = self.worst, 0.0
        return worst

    def stop(self) -> None:
        """Measure no more."""
        self._task.cancel()


async def replies(engine: Engine, seeds: Sequence[int]) -> list[float]:
    """Ask for a tune with each seed; give the seconds that each took."""
    taken = []
    for seed in seeds:
        begun = time.perf_counter()
        await engine.continue_melody(Request(text="g8 e8 e4 f8 d8 d4", seed=seed))
        taken.append(time.perf_counter() - begun)
    return taken


async def training(trainer: Trainer) -> int:
    """Begin a run and wait until it learns; give its process's number."""
    await trainer.open()
    run = await trainer.start(RunOptions(collections=(CORPUS,), epochs=200, name="load"))
    while True:
        now = await trainer.find(run.id)
        assert now is not None
        assert not now.over, f"{now.failure}: {now.detail}"
        pid = trainer.process
        if now.state == "training" and pid is not None:
            return pid
        await asyncio.sleep(0.2)


async def measure(folder: Path, rounds: int, tunes: int) -> dict[str, list[float]]:
    """Alternate rounds with and without training; give seconds a reply, and lags, by kind."""
    data = folder / "data"
    write_tunes(data / "corpus")
    address = f"sqlite+aiosqlite:///{data / 'nabi.db'}"
    store = Store(address)
    await store.open()
    registry = Registry(data=data)
    engine = Engine(registry, 2)
    await engine.start()
    # Stopped by a signal it gives no sign of life; nobody shall take the run from it.
    trainer = Trainer(store, registry, Workshop(address, data, data / "corpus", lease=3600.0))
    found: dict[str, list[float]] = {"with": [], "without": [], "lag with": [], "lag without": []}
    pid = await training(trainer)
    await replies(engine, range(3))  # warm
    lag = Lag()
    try:
        for number in range(rounds):
            for kind in ("with", "without")[:: 1 if number % 2 else -1]:
                os.kill(pid, signal.SIGCONT if kind == "with" else signal.SIGSTOP)
                await asyncio.sleep(0.5)
                lag.take()
                first = 100 + number * tunes
                found[kind] += await replies(engine, range(first, first + tunes))
                found[f"lag {kind}"].append(lag.take())
    finally:
        lag.stop()
        os.kill(pid, signal.SIGKILL)
        await trainer.close()
        await engine.close()
        await store.close()
    return found


def main() -> int:
    """Measure and print; 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8, help="of each kind (default: 8)")
    parser.add_argument("--tunes", type=int, default=4, help="in a round (default: 4)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder), args.rounds, args.tunes))
    medians = {kind: statistics.median(found[kind]) for kind in ("without", "with")}
    for kind, seconds in medians.items():
        worst = max(found[f"lag {kind}"])
        print(
            f"{kind:>8} training: {seconds:.2f} s a reply (median of {len(found[kind])}), "
            f"longest lag of the loop {worst * 1000:.0f} ms"
        )
    ratio = medians["with"] / medians["without"]
    lag = max(found["lag with"])
    print(f"while training, replies take {ratio:.2f} times as long (limit {RATIO_LIMIT})")
    return 0 if ratio <= RATIO_LIMIT and lag <= LAG_LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
