"""Measure how long a typed tune waits for its answer, next to a yardstick on the same machine.

    python benchmarks/latency.py [--requests 20] [--workers 2] [--bars 8] [--json]

The yardstick is a fixed piece of NumPy arithmetic. Milliseconds differ between machines; the
ratio to the yardstick is what two machines, or two versions on a noisy one, can be compared by.
Where the system tells it (Linux), so are the processor seconds that a reply takes in all processes:
other work on the machine lengthens them far less than the wait.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import statistics
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.registry import Registry
from engine.request import Request
from engine.service import Engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

TUNES: Final = (
    "g8 e8 e4 f8 d8 d4",
    "g4. a8 g4 f4 | e4 f4 g2",
    "d8 e8 f8 g8 a8 b8 c'8 a8",
    "c4 d4 e4 c4 | c4 d4 e4 c4",
    "a4 e'4 d'8 c'8 b4 a2",
)


def yardstick(rounds: int = 20) -> float:
    """Time a fixed piece of arithmetic on one core: the best of some rounds, in seconds."""
    values = np.random.default_rng(0).standard_normal(200_000, np.float32)
    best = float("inf")
    for _ in range(rounds):
        begun = perf_counter()
        state = values
        for _ in range(20):
            state = np.tanh(np.sort(state) + values)
        best = min(best, perf_counter() - begun)
    return best


def processor_seconds() -> float | None:
    """Give the processor seconds of this process and its workers; None where nobody tells."""
    if sys.platform != "linux":
        return None
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            fields = path.read_text(encoding="latin-1").rpartition(")")[2].split()
            if int(fields[1]) == os.getpid():
                ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def started(workers: int, data: Path | None) -> AsyncIterator[tuple[Engine, float]]:
    """Give a started engine and the seconds that its start took."""
    engine = Engine(Registry(data=data), workers)
    begun = perf_counter()
    await engine.start()
    try:
        yield engine, perf_counter() - begun
    finally:
        await engine.close()


async def measure(engine: Engine, requests: int, bars: int, at_once: int) -> list[dict[str, float]]:
    """Ask for tunes, ``at_once`` at a time, and give the seconds per stage of each."""
    gate = asyncio.Semaphore(at_once)

    async def ask(number: int) -> dict[str, float]:
        async with gate:
            begun = perf_counter()
            request = Request(text=TUNES[number % len(TUNES)], bars=bars, seed=number)
            result = await engine.continue_melody(request)
            return {**result.seconds, "answer": perf_counter() - begun}

    return await asyncio.gather(*(ask(number) for number in range(requests)))


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Give the median and the 95th percentile."""
    ordered = sorted(seconds)
    return {
        "median": statistics.median(ordered),
        "p95": ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))],
    }


async def bench(options: argparse.Namespace) -> dict[str, Any]:
    """Run everything and give the figures, in seconds."""
    unit = yardstick()
    async with started(options.workers, options.data) as (engine, start):
        (first,) = await measure(engine, 1, options.bars, 1)
        await measure(engine, options.warm_up, options.bars, 1)
        before = processor_seconds()
        runs = await measure(engine, options.requests, options.bars, 1)
        after = processor_seconds()
        begun = perf_counter()
        crowd = await measure(engine, options.requests, options.bars, 2 * options.workers)
        busy = perf_counter() - begun
        version = (await engine.active()).name
    stages = {stage: summary([run[stage] for run in runs]) for stage in runs[0]}
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "version": version,
        "workers": options.workers,
        "requests": options.requests,
        "bars": options.bars,
        "yardstick": unit,
        "yardstick_after": yardstick(),
        "start": start,
        "first": first["answer"],
        "processor": None if before is None or after is None else (after - before) / len(runs),
        "stages": stages,
        "crowd": summary([run["answer"] for run in crowd]),
        "per_minute": 60 * len(crowd) / busy,
    }


def table(figures: dict[str, Any]) -> str:
    """Lay the figures out for reading."""
    unit = figures["yardstick"]
    lines = [
        f"{figures['machine']}, Python {figures['python']}, model {figures['version']}",
        f"{figures['workers']} workers, {figures['requests']} requests of {figures['bars']} bars",
        f"yardstick {1000 * unit:.1f} ms before, {1000 * figures['yardstick_after']:.1f} ms after",
        f"start {figures['start']:.2f} s, first answer {1000 * figures['first']:.0f} ms",
        "",
        f"{'stage':<10}{'median ms':>12}{'p95 ms':>12}{'median / yardstick':>22}",
    ]
    rows = {**figures["stages"], "in a crowd": figures["crowd"]}
    for stage, each in rows.items():
        median, p95 = each["median"], each["p95"]
        lines.append(f"{stage:<10}{1000 * median:>12.0f}{1000 * p95:>12.0f}{median / unit:>22.2f}")
    lines += ["", f"{figures['per_minute']:.0f} answers a minute in a crowd"]
    if figures["processor"] is not None:
        lines.append(f"{1000 * figures['processor']:.0f} ms of processor time a reply")
    return "\n".join(lines)


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--requests", type=int, default=20, help="requests that are measured")
    parser.add_argument("--warm-up", type=int, default=3, help="requests before them")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--bars", type=int, default=8, help="bars of new music")
    parser.add_argument("--data", type=Path, help="data folder with further model versions")
    parser.add_argument("--json", action="store_true", help="print figures for machines")
    options = parser.parse_args()
    figures = asyncio.run(bench(options))
    print(json.dumps(figures, indent=2) if options.json else table(figures))


if __name__ == "__main__":
    main()
