"""How well a version predicts melodies: ``nabi evaluate``.

Bits per note, −log2 P(note | all earlier notes), over every note of every melody, the first
included: of its shift, its duration and its pitch, which add up to the whole note. Each knows what
comes before it in this order, so the pitch is told the rhythm up to its own duration. Confidence
is from a bootstrap by tune (Efron 1979): notes of one tune are no independent trials.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from tqdm import tqdm

from engine.errors import EngineFailed
from engine.melodies import read_melodies
from engine.pool import Pool
from engine.process import Job, PoolError
from engine.table import align, shorten

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from engine.errors import EngineError
    from engine.measuring import Total
    from engine.melodies import Found, Specimen
    from engine.music import Melody
    from engine.predict import Array
    from engine.registry import Registry, Version

log = logging.getLogger(__name__)

FIGURES: Final = ("shift", "duration", "pitch", "sum", "top1")
"""What is measured: bits per note, and the share of notes whose pitch was thought likeliest."""

RESAMPLES: Final = 2000
"""Times that the tunes are drawn anew to see how far chance could move a figure."""

LEVEL: Final = 0.95


class Figure(NamedTuple):
    """A figure and the interval that holds 95 % of its values when tunes are drawn anew."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one predictor on one collection, or their average over collections.

    Attributes:
        collection: its name, None for the average.
        tunes, notes: how many.
        predictor: its name.
        figures: by the names in :data:`FIGURES`.
    """

    collection: str | None
    tunes: int
    notes: int
    predictor: str
    figures: Mapping[str, Figure]


def bootstrap(totals: Array, notes: Array, random: np.random.Generator, rounds: int) -> Array:
    """Draw tunes anew, as many as there are, and give each draw's figures per note.

    Args:
        totals: of each tune, (tunes, …).
        notes: of each tune, (tunes,), each above 0.
        random: decides the draws.
        rounds: how many.

    Returns:
        (rounds, …).
    """
    tunes = len(notes)
    flat = totals.reshape(tunes, -1)
    drawn = np.empty((rounds, flat.shape[1]))
    for number in range(rounds):  # one at a time: all at once would take gigabytes
        counts = np.bincount(random.integers(tunes, size=tunes), minlength=tunes)
        drawn[number] = counts @ flat / (counts @ notes)
    return drawn.reshape(rounds, *totals.shape[1:])


def summarise(
    collections: Mapping[str, tuple[Array, Array]],
    predictors: Sequence[str],
    seed: int = 0,
    rounds: int = RESAMPLES,
) -> list[Row]:
    """Give the figures of each collection, then their average, in which all weigh the same.

    All predictors are measured on the same draws of tunes.

    Args:
        collections: by name, the totals of each tune, (tunes, predictors, 5) in the order of
            :data:`FIGURES`, and the notes of each tune, (tunes,).
        predictors: their names.
        seed: of the bootstrap.
        rounds: of the bootstrap.
    """
    rows: list[Row] = []
    values, draws = [], []
    for name, (totals, notes) in collections.items():
        random = np.random.default_rng([seed, len(notes), int(notes.sum())])
        values.append(totals.sum(axis=0) / notes.sum())
        draws.append(bootstrap(totals, notes, random, rounds))
        rows += _rows(name, notes, predictors, values[-1], draws[-1])
    if len(collections) > 1:
        every = np.concatenate([notes for _, notes in collections.values()])
        rows += _rows(None, every, predictors, np.mean(values, axis=0), np.mean(draws, axis=0))
    return rows


def _rows(
    collection: str | None, notes: Array, predictors: Sequence[str], values: Array, draws: Array
) -> list[Row]:
    """Make one row a predictor."""
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return [
        Row(
            collection,
            len(notes),
            int(notes.sum()),
            predictor,
            {
                figure: Figure(
                    float(values[line, slot]), float(low[line, slot]), float(high[line, slot])
                )
                for slot, figure in enumerate(FIGURES)
            },
        )
        for line, predictor in enumerate(predictors)
    ]


def measure(
    version: Version,
    melodies: Sequence[Melody],
    workers: int = 1,
    done: Callable[[int], object] = int,
) -> list[Total]:
    """Let a version foretell melodies, each in one of several processes.

    Args:
        version: which; its folder is all that is used.
        melodies: each with a note.
        workers: processes, each with one thread: more would get in each other's way.
        done: told how many notes were heard since it was last told.

    Raises:
        BadVersion: when it does not load.
        EngineFailed: when a process fails.
    """
    return asyncio.run(_measure(str(version.folder), melodies, workers, done))


async def _measure(
    folder: str, melodies: Sequence[Melody], workers: int, done: Callable[[int], object]
) -> list[Total]:
    setup = Job("engine.measuring:prepare", (folder,), seconds=120)
    pool = Pool(workers, "listener", lambda: setup)

    async def hear(melody: Melody) -> Total:
        job = Job("engine.measuring:measure", (folder, melody), seconds=3600)
        heard: Total = await pool.run(job)
        done(len(melody.notes))
        return heard

    try:
        await pool.start()
        return await asyncio.gather(*(hear(melody) for melody in melodies))
    except PoolError as error:
        log.warning("measuring failed: %s %s", type(error).__name__, error)
        raise EngineFailed("crashed") from None
    finally:
        await pool.close(0)


def by_collection(
    specimens: Sequence[Specimen], totals: Sequence[Sequence[Total]]
) -> dict[str, tuple[Array, Array]]:
    """Sort totals, for each melody one a predictor, into what :func:`summarise` takes."""
    places: dict[str, list[int]] = {}
    for place, each in enumerate(specimens):
        places.setdefault(each.collection, []).append(place)
    return {
        name: (
            np.array([totals[place] for place in where], float),
            np.array([len(specimens[place].melody.notes) for place in where]),
        )
        for name, where in places.items()
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nabi evaluate``."""
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="MIDI, MusicXML, ABC or JSON files, or folders of them",
    )
    parser.add_argument("--version", metavar="NAME", help="the version (default: the active one)")
    parser.add_argument(
        "--blind", action="store_true", help="do not tell it the keys and meters that files tell"
    )
    parser.add_argument(
        "--tunes",
        type=_count,
        metavar="N",
        help="measure at most N tunes of each collection, drawn by the seed (default: all)",
    )
    parser.add_argument(
        "--seed", type=_seed, default=0, help="of the bootstrap and of --tunes (default: 0)"
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes that listen (default: one a core)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def run(args: argparse.Namespace, registry: Registry, explain: Callable[[EngineError], str]) -> int:
    """Carry ``nabi evaluate`` out.

    Args:
        args: from :func:`add_arguments`.
        registry: where the versions are.
        explain: puts an error into words.

    Returns:
        0: done; 2: there was nothing to measure.

    Raises:
        EngineError: when the version or the reading process fails.
    """
    version = registry.verify(args.version) if args.version else registry.active
    found = read_melodies(args.paths, lambda files: _bar(files, "reading", "file"))
    specimens = _choose(found, args.tunes, args.seed, blind=args.blind)
    rows = []
    if specimens:
        melodies = [each.melody for each in specimens]
        notes = sum(len(melody.notes) for melody in melodies)
        with tqdm(total=notes, desc="listening", unit="note", disable=None, leave=False) as bar:
            totals = [[each] for each in measure(version, melodies, args.workers, bar.update)]
        rows = summarise(by_collection(specimens, totals), [version.name], args.seed)
    skipped = [(name, why if isinstance(why, str) else explain(why)) for name, why in found.skipped]
    show = as_json if args.json else as_text
    print(show(version.name, rows, skipped))  # noqa: T201  # its purpose
    if not rows:
        print("nabi evaluate: no melody could be read", file=sys.stderr)  # noqa: T201  # likewise
    return 0 if rows else 2


def as_text(version: str, rows: Sequence[Row], skipped: Sequence[tuple[str, str]]) -> str:
    """Lay the figures out for a person."""
    parts = []
    if rows:
        head = ("collection", "tunes", "notes", "predictor", *FIGURES[:2])
        lines: list[Sequence[str]] = [(*head, "pitch", "", "sum", "", "top-1")]
        before: str | None = ""
        for row in rows:
            label = ("average",) if row.collection is None else (shorten(row.collection, 32),)
            size = (*label, str(row.tunes), str(row.notes))
            if row.collection == before:
                size = ("", "", "")
            elif row.collection is None or len({each.predictor for each in rows}) > 1:
                lines += [()] if len(lines) > 1 else []
            before = row.collection
            lines.append((*size, row.predictor, *_cells(row.figures)))
        parts.append(align(lines, left=(0, 3)))
        parts.append(
            f"{version}: bits per note; in brackets 95 % intervals by tune; "
            "top-1: share of pitches thought likeliest"
        )
    if skipped:
        parts.append("\n".join(["skipped:", *(f"  {name}: {why}" for name, why in skipped)]))
    return "\n\n".join(parts)


def _cells(figures: Mapping[str, Figure]) -> Iterable[str]:
    for name in FIGURES:
        figure = figures.get(name)
        if name == "top1":
            yield "–" if figure is None else f"{100 * figure.value:.1f} %"
            continue
        yield "–" if figure is None else f"{figure.value:.3f}"
        if name in {"pitch", "sum"}:
            yield "" if figure is None else f"[{figure.low:.3f}, {figure.high:.3f}]"


def as_json(version: str, rows: Sequence[Row], skipped: Sequence[tuple[str, str]]) -> str:
    """Show the figures to a program: one JSON object."""
    collections: dict[str, Any] = {}
    average: dict[str, Any] = {}
    for row in rows:
        place = average if row.collection is None else collections.setdefault(row.collection, {})
        place.update(tunes=row.tunes, notes=row.notes)
        place.setdefault("predictors", {})[row.predictor] = {
            name: {"value": figure.value, "interval": [figure.low, figure.high]}
            for name, figure in row.figures.items()
        }
    if not average and len(collections) == 1:
        average = next(iter(collections.values()))
    data = {
        "version": version,
        "collections": collections,
        "average": average,
        "skipped": [{"name": name, "reason": why} for name, why in skipped],
    }
    return json.dumps(data, ensure_ascii=False)


def _choose(found: Found, most: int | None, seed: int, *, blind: bool) -> list[Specimen]:
    """Take all melodies, or some of each collection, without what shall not be told."""
    random = np.random.default_rng(seed)
    chosen: list[Specimen] = []
    for specimens in found.collections().values():
        kept = specimens
        if most is not None and most < len(kept):
            places = random.choice(len(kept), most, replace=False)
            kept = [kept[place] for place in sorted(places)]
        chosen += kept
    if blind:
        chosen = [
            replace(e, melody=replace(e.melody, key=None, meter=None, pickup=Fraction(0)))
            for e in chosen
        ]
    return chosen


def _bar(items: Sequence[Any], what: str, unit: str) -> Iterable[Any]:
    """Show a progress bar while items are taken, where somebody can see it."""
    bar: Iterable[Any] = tqdm(items, desc=what, unit=unit, disable=None, leave=False)
    return bar
