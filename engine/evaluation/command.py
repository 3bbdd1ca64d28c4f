"""How well a version predicts melodies: ``nabi evaluate``.

Bits per note, −log2 P(note | all earlier notes), over every note of every melody, the first
included: of its shift, its duration and its pitch, which add up to the whole note. Each knows what
comes before it in this order, so the pitch is told the rhythm up to its own duration.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from tqdm import tqdm

from engine.corpus import windows
from engine.errors import EngineFailed
from engine.evaluation.figures import as_json, as_text, by_collection, summarise
from engine.evaluation.melodies import read_melodies
from engine.request import STYLES
from engine.statistics.yardsticks import NAMES, tunes_of
from engine.workers.pool import Pool
from engine.workers.process import Job, PoolError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

    from engine.corpus import Tune
    from engine.errors import EngineError
    from engine.evaluation.measuring import Total
    from engine.evaluation.melodies import Found, Specimen
    from engine.music import Melody
    from engine.registry import Registry, Version

log = logging.getLogger(__name__)

_LONG: Final = 3600.0
"""Seconds that one melody may take; the longest takes minutes."""


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
        "--style", choices=STYLES, default="any", help="tell it a style (default: any)"
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
        help="processes in which the version listens (default: one a core)",
    )
    parser.add_argument(
        "--alone", action="store_true", help="without Markov model and PPM* beside it"
    )
    parser.add_argument("--cache", type=Path, help="folder for parsed collections")
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


def run(
    args: argparse.Namespace,
    registry: Registry,
    cache: Path,
    explain: Callable[[EngineError], str],
) -> int:
    """Carry ``nabi evaluate`` out.

    Args:
        args: from :func:`add_arguments`.
        registry: where the versions are.
        cache: folder for the parsed collections where the options name none.
        explain: puts an error into words.

    Returns:
        0: done; 2: there was nothing to measure.

    Raises:
        EngineError: when the version or a process fails.
    """
    version = registry.verify(args.version) if args.version else registry.active
    cache = args.cache or cache
    found = read_melodies(args.paths, lambda files: _bar(files, "reading", "file"))
    specimens = _choose(found, args.tunes, args.seed, blind=args.blind)
    tunes: list[Tune] = []
    exact = True
    if specimens and not args.alone:
        tunes, exact = tunes_of(version.manifest, version.folder, cache, _Reading())
    rows = []
    if specimens:
        learnt = cache if tunes else None
        totals = measure(version, specimens, args.workers, learnt, args.style)
        names = [version.name, *(NAMES if tunes else ())]
        if version.manifest.get("gates"):
            names.insert(1, "network alone")
        known = _known(specimens, tunes) if tunes else None
        rows = summarise(by_collection(specimens, totals), names, args.seed, known=known)
    skipped = [(name, why if isinstance(why, str) else explain(why)) for name, why in found.skipped]
    show = as_json if args.json else as_text
    print(show(version.name, rows, skipped, exact=exact))  # noqa: T201  # its purpose
    if not rows:
        print("nabi evaluate: no melody could be read", file=sys.stderr)  # noqa: T201  # likewise
    return 0 if rows else 2


def measure(
    version: Version,
    specimens: Sequence[Specimen],
    workers: int,
    cache: Path | None,
    style: str = "any",
) -> list[list[Total]]:
    """Let a version and the yardsticks foretell melodies, in processes of one thread each.

    Args:
        version: which; its folder and manifest are used.
        specimens: each with a note.
        workers: processes for the version; more threads than cores would get in each other's way.
        cache: folder of the parsed collections that the yardsticks learn; None: none of them.
        style: what the version is told; one that it does not know counts as ``"any"``.

    Returns:
        for each melody one total a predictor: the version's, its network's alone if it has a
        short-term memory besides, then the yardsticks'.

    Raises:
        BadVersion: when it does not load.
        EngineFailed: when a process fails.
    """
    melodies = [each.melody for each in specimens]
    return asyncio.run(_measure(version, melodies, workers, cache, style))


async def _measure(
    version: Version, melodies: Sequence[Melody], workers: int, cache: Path | None, style: str
) -> list[list[Total]]:
    folder = str(version.folder)
    load = Job("engine.evaluation.measuring:load", (folder,), seconds=120)
    lesson = (dict(version.manifest), folder, str(cache))
    teach = Job("engine.evaluation.measuring:teach", lesson, seconds=_LONG)
    version_pool = Pool(workers, "listener", lambda: load)
    yardstick_pool = Pool(1, "yardsticks", lambda: teach)
    listen = Job("engine.evaluation.measuring:measure", seconds=_LONG)
    compare = Job("engine.evaluation.measuring:measure_yardsticks", seconds=_LONG)
    notes = sum(len(melody.notes) for melody in melodies)
    bar = tqdm(total=notes, desc="listening", unit="note", disable=None, leave=False)

    async def hear(melody: Melody) -> list[Total]:
        jobs = [version_pool.run(listen.on(folder, melody, style))]
        if cache is not None:
            jobs.append(yardstick_pool.run(compare.on(melody)))
        heard = await asyncio.gather(*jobs)
        bar.update(len(melody.notes))
        return [each for part in heard for each in part]

    try:
        await version_pool.start()
        if cache is not None:
            await yardstick_pool.start()
        return await asyncio.gather(*(hear(melody) for melody in melodies))
    except PoolError as error:
        log.warning("measuring failed: %s %s", type(error).__name__, error)
        raise EngineFailed("crashed") from None
    finally:
        bar.close()
        await asyncio.gather(version_pool.close(0), yardstick_pool.close(0))


def _known(specimens: Sequence[Specimen], tunes: Sequence[Tune]) -> Counter[str]:
    """Count, by collection, the melodies that share 12 intervals in a row with a tune learnt."""
    learnt = {key for tune in tunes for key in windows(tune.pitches)}
    known = Counter[str]()
    for each in specimens:
        pitches = np.array([note.pitch for note in each.melody.notes])
        known[each.collection] += not learnt.isdisjoint(windows(pitches))
    return known


class _Reading:
    """Show how far the parsing of the bundled collections is: it takes minutes, once."""

    def __init__(self) -> None:
        self._name = ""
        self._bar: Any = None

    def __call__(self, name: str, done: int, files: int) -> None:
        if name != self._name:
            self._name = name
            self._bar = tqdm(total=files, desc=name, unit="file", disable=None, leave=False)
        self._bar.update(done - self._bar.n)
        if done == files:
            self._bar.close()


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
