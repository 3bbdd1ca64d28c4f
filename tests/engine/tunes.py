"""Made-up tunes for tests of the corpus and of training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine import corpus
from engine.corpus import Tune
from engine.music import Key, Meter

if TYPE_CHECKING:
    from pathlib import Path

SCALE = (0, 2, 4, 5, 7, 9, 11, 12)


def made_up_tunes(count: int, notes: int = 24, seed: int = 0) -> list[Tune]:
    """Make random walks on scales, in several meters, some with pickups and rests."""
    random = np.random.default_rng(seed)
    tunes = []
    for number in range(count):
        tonic = int(random.integers(-3, 4))
        steps = np.clip(np.cumsum(random.integers(-2, 3, notes)) + 4, 0, 7)
        durations = random.choice([24, 24, 48, 12, 16], notes).astype(np.int32)
        gaps = random.choice([0, 0, 0, 24], notes)
        onsets = np.concatenate(([0], np.cumsum(durations + gaps)[:-1])).astype(np.int32)
        key = Key(tonic)
        pitches = np.array([60 + key.tonic + SCALE[step] for step in steps], np.int16)
        meter = (Meter(4, 4), Meter(3, 4), Meter(6, 8), None)[number % 4]
        tunes.append(
            Tune(
                name=f"made-up/{seed}/{number}",
                collection="folk",
                style="folk",
                onsets=onsets,
                durations=durations,
                pitches=pitches,
                meter=meter,
                pickup=24 if meter and number % 3 == 0 else 0,
                key=key,
            )
        )
    return tunes


def rows_of(tunes: list[Tune]) -> list[dict[str, Any]]:
    """Give tunes as the parser of a collection does."""
    return [
        {
            "name": tune.name,
            "style": tune.style,
            "events": list(zip(tune.onsets, tune.durations, tune.pitches, strict=True)),
            "meter": (tune.meter.beats, tune.meter.unit) if tune.meter else (0, 0),
            "pickup": tune.pickup,
            "key": (tune.key.fifths, tune.key.mode),
        }
        for tune in tunes
    ]


def fill_cache(folder: Path, collection: str, tunes: list[Tune]) -> None:
    """Lay tunes into a cache folder as if a collection had been read."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus.save_tunes(corpus.cache_file(folder, collection), rows_of(tunes))
