"""Measure how fast a network learns on this machine."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from engine import network
from engine.corpus import Tune
from engine.music import Key, Meter
from engine.request import STYLES
from engine.training.dataset import Batches, vocabulary
from engine.training.plan import Base, batch_size, compile_for_training, encode_all, sizes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.training.plan import Plan


def measure(plan: Plan, tunes: Sequence[Tune], seconds: float = 4.0) -> float:
    """Measure how many notes a second a plan's network learns here, on a few real batches.

    Args:
        plan: of a version that may be measured without being made.
        tunes: some to learn from; without any a made-up one is taken.
        seconds: how long, about, after the first batches.

    Raises:
        CannotLearn: when the base does not load.
    """
    sample = list(tunes[:: max(1, len(tunes) // 300)]) or _walks()
    if plan.base is not None and plan.start == "current":
        fine = Base(plan.base, plan.dropout)
        times, styles, model = fine.times, fine.styles, fine.network
    else:
        times, styles = vocabulary(sample), STYLES
        model = network.build(sizes_of(plan, times))
    notes = sum(len(tune.pitches) for tune in tunes) or plan.notes * 16
    batches = Batches(
        encode_all(sample, times, styles)[0],
        batch_size(plan, notes),
        len(times),
        len(styles),
        plan.seed,
    )
    compile_for_training(model, plan.rate, batches.count, 1)
    for number in range(2):  # traced and compiled: not measured
        model.train_on_batch(*batches[number % batches.count])
    number, learnt, begun = 2, 0, time.monotonic()
    while learnt == 0 or time.monotonic() - begun < seconds:
        model.train_on_batch(*batches[number % batches.count])
        learnt += batches.notes_of(number % batches.count)
        number += 1
    return learnt / (time.monotonic() - begun)


def _walks(count: int = 100, notes: int = 64) -> list[Tune]:
    """Make tunes to measure with where none was read yet: what they are makes no difference."""
    onsets = np.arange(notes, dtype=np.int32) * 24
    pitches = (60 + np.arange(notes) % 12).astype(np.int16)
    each = np.full(notes, 24, np.int32)
    walk = Tune("", "", "any", onsets, each, pitches, Meter(4, 4), 0, Key(0))
    return [walk] * count
