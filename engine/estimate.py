"""Key, meter and pickup of a primer that does not say them: asked of the model itself.

The network says how likely the primer is in each key and under each meter; the likeliest reading
wins, after a mild prior. No profile of key or meter is needed beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.corpus import TICK
from engine.features import Frame, meter_class
from engine.music import Key, Meter
from engine.predict import listen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from fractions import Fraction

    from engine.music import Melody, Note
    from engine.predict import Model

HEARD: Final = 32
"""Notes of a primer that are weighed; more cost time and change nothing."""

METER_PRIOR: Final = {"4/4": 0.33, "2/4": 0.3, "3/4": 0.22, "6/8": 0.13, "9/8": 0.01, "5/4": 0.01}
"""How often members mean each meter, before a note is heard."""

PICKUP_PRIOR: Final = 0.25
"""Odds of any pickup against none: who types a tune mostly begins on the beat."""

MODE_PRIOR: Final = {"major": 0.0, "minor": 0.02, "mixolydian": 0.08, "dorian": 0.08}
"""Share of sounding time that a rarer mode must explain beyond a commoner one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a primer is read.

    Attributes:
        key, meter: as told, else the likeliest.
        pickup: in whole notes.
        guessed: names of what was estimated: ``"key"``, ``"meter"``.
    """

    key: Key
    meter: Meter
    pickup: Fraction
    guessed: tuple[str, ...]


def ticks(notes: Iterable[Note]) -> list[tuple[int, int, int]]:
    """Give notes as (onset, duration, pitch) in ticks, off-grid times rounded."""
    return [
        (round(note.onset / TICK), max(1, round(note.duration / TICK)), note.pitch)
        for note in notes
    ]


def read(model: Model, primer: Melody, style: int) -> Reading:
    """Estimate what the primer does not say; it must have a note.

    Args:
        model: judges how likely each reading makes the primer.
        primer: at least one note.
        style: number of the style.
    """
    heard = ticks(primer.notes[:HEARD])
    guessed = tuple(name for name in ("key", "meter") if getattr(primer, name) is None)
    meter, pickup = primer.meter, primer.pickup
    tonics = list(range(12)) if primer.key is None else [primer.key.tonic]
    if meter is None:
        if len(tonics) > 1:
            bars = [(Meter(4, 4), 0), (Meter(3, 4), 0)]
            weights = _weigh(model, heard, tonics, bars, style)
            best = max(weights, key=lambda reading: weights[reading])
            tonics = sorted({best[0], *_runner_up(weights, best[0])})
        weights = _weigh(model, heard, tonics, _bars(heard), style)
        tonic, meter, start = max(weights, key=lambda reading: weights[reading])
        pickup = (meter.bar - start * TICK) % meter.bar
    else:
        start = int((meter.bar - pickup) % meter.bar / TICK)
        weights = _weigh(model, heard, tonics, [(meter, start)], style)
        tonic = max(weights, key=lambda reading: weights[reading])[0]
    return Reading(primer.key or mode_on(tonic, primer.notes), meter, pickup, guessed)


def mode_on(tonic: int, notes: Sequence[Note]) -> Key:
    """Choose the mode on a tonic that holds most of the sounding time, commoner ones first."""
    weight = [0.0] * 12
    for note in notes:
        weight[note.pitch % 12] += float(note.duration)
    total = sum(weight) or 1.0
    keys = [Key(sharps, mode) for mode in MODE_PRIOR for sharps in range(-6, 7)]

    def fit(key: Key) -> float:
        return sum(weight[pc] for pc in key.scale) / total - MODE_PRIOR[key.mode]

    return max((key for key in keys if key.tonic == tonic), key=fit)


def _weigh(
    model: Model,
    heard: Sequence[tuple[int, int, int]],
    tonics: Iterable[int],
    bars: Iterable[tuple[Meter, int]],
    style: int,
) -> dict[tuple[int, Meter, int], float]:
    """Give the log-probability of each reading (tonic, meter, start in ticks)."""
    readings = [(tonic, meter, start) for meter, start in bars for tonic in tonics]
    frames = [
        Frame(tonic, meter_class(meter), int(meter.bar / TICK), style)
        for tonic, meter, _ in readings
    ]
    _, _, likelihood = listen(model, heard, frames, [start for _, _, start in readings])
    scale = {reading: mode_weight(reading[0], heard) for reading in readings}
    prior = [
        np.log(METER_PRIOR.get(str(meter), 0.01)) + (np.log(PICKUP_PRIOR) if start else 0.0)
        for _, meter, start in readings
    ]
    return {
        reading: float(total + before) + scale[reading]
        for reading, total, before in zip(readings, likelihood.total, prior, strict=True)
    }


def mode_weight(tonic: int, heard: Sequence[tuple[int, int, int]]) -> float:
    """Give a mild log-prior for tonics with few accidentals: C before C sharp."""
    key = Key(((tonic * 7 + 5) % 12) - 5)
    return -0.08 * abs(key.fifths) * (1 if len(heard) < HEARD else 0.5)


def _bars(heard: Sequence[tuple[int, int, int]]) -> list[tuple[Meter, int]]:
    """List meters and the places in the bar at which the primer may start."""
    step = 24 if all(onset % 24 == 0 for onset, _, _ in heard) else 12
    bars = []
    for name in METER_PRIOR:
        meter = Meter.parse(name)
        bar = int(meter.bar / TICK)
        bars += [(meter, start) for start in range(0, bar, step) if start == 0 or start >= bar / 3]
    return bars


def _runner_up(weights: dict[tuple[int, Meter, int], float], best: int) -> list[int]:
    """Find the next best tonic."""
    rest = {reading: weight for reading, weight in weights.items() if reading[0] != best}
    return [max(rest, key=lambda reading: rest[reading])[0]] if rest else []
