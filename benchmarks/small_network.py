"""A small LSTM of :mod:`engine.network` that learns from the nine folds of one collection alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from benchmarks.folds import Part, Said, fingerprint
from engine import corpus, features, network
from engine.music import Key, Meter
from engine.training import dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.folds import Array, Split
    from benchmarks.pearce import Piece
    from engine.corpus import Tune

STYLES: Final = ("any",)
TICKS: Final = 2
"""Ticks of the network in one of the benchmark's 24 to a quarter note."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the network is trained: found on folds 0 of two collections, used on all."""

    units: int = 128
    inputs: int = 64
    hidden: int = 64
    dropout: float = 0.5
    epochs: int = 40
    notes: int = 600
    rate: float = 2e-3
    decay: float = 0.02


def by_pitch(split: Split, how: Settings | None = None) -> Said:
    """Predict by a network that sees no rhythm: every note a quarter long, no meter."""
    training, test = ([_bare(piece) for piece in side] for side in (split.training, split.test))
    return _said(split, training, test, how)


def with_rhythm(split: Split) -> Said:
    """Predict by a network that knows onsets and durations, the coming note's too."""
    return _said(split, [_timed(piece) for piece in split.training], list(map(_timed, split.test)))


def _part(name: str, foretell: Any) -> Part:
    files = (corpus.__file__, dataset.__file__, features.__file__, network.__file__, __file__)
    return Part((name,), foretell, fingerprint(files))


BY_PITCH: Final = _part("network", by_pitch)
WITH_RHYTHM: Final = _part("network", with_rhythm)


def _said(
    split: Split, training: Sequence[Tune], test: Sequence[Tune], how: Settings | None = None
) -> Said:
    """Train, then give the network's log-probabilities over the alphabet."""
    times = dataset.vocabulary(training)
    model = train(training, times, how or Settings(), split.seed)
    log_probs = np.concatenate([_foretold(model, tune, times) for tune in test])
    return Said(log_probs[None, :, split.alphabet], np.zeros((len(log_probs), 0)))


def train(training: Sequence[Tune], times: tuple[int, ...], how: Settings, seed: int) -> Any:
    """Train a network on some melodies."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    sizes = network.Sizes(
        len(times), len(STYLES), how.inputs, how.units, 2, how.hidden, how.dropout
    )
    model = network.build(sizes)
    pieces = [part for tune in training for part in dataset.encode(tune, times, STYLES)]
    batches = dataset.Batches(pieces, how.notes, len(times), len(STYLES), seed)
    steps = len(batches) * how.epochs
    schedule = keras.optimizers.schedules.CosineDecay(
        how.rate / 10, steps, alpha=0.02, warmup_target=how.rate, warmup_steps=len(batches)
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=how.decay, clipnorm=1.0),
        loss={
            output: keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight", name=output
            )
            for output in ("shift", "duration", "pitch")
        },
    )
    model.fit(batches, epochs=how.epochs, verbose=0)
    return model


def _foretold(model: Any, tune: Tune, times: tuple[int, ...]) -> Array:
    """Give the network's log-probabilities for one melody, (notes, 128)."""
    lines = []
    for part in dataset.encode(tune, times, STYLES):
        # a long melody's later pieces begin with a fresh state; what is left of it is not told
        inputs, _, _ = dataset.Batches([part], 10**6, len(times), len(STYLES), None)[0]
        scores = keras.ops.convert_to_numpy(model(inputs, training=False)["pitch"])[0]
        lines.append(scores.astype(np.float64))
    return np.concatenate(lines)


def _bare(piece: Piece) -> Tune:
    """Take the rhythm away."""
    count = len(piece.pitches)
    onsets, durations = np.arange(count) * 24, np.full(count, 24)
    return _tune(piece, onsets, durations, None, 0)


def _timed(piece: Piece) -> Tune:
    """Give a piece in bars of four quarters, of which the first begins at its tick 0."""
    onsets = TICKS * (piece.onsets - piece.onsets[0])
    meter = Meter(4, 4)
    bar = int(meter.bar / corpus.TICK)
    pickup = -TICKS * int(piece.onsets[0]) % bar
    return _tune(piece, onsets, TICKS * piece.durations, meter, pickup)


def _tune(piece: Piece, onsets: Array, durations: Array, meter: Meter | None, pickup: int) -> Tune:
    return corpus.Tune(
        name=piece.name,
        collection="",
        style=STYLES[0],
        onsets=onsets.astype(np.int32),
        durations=durations.astype(np.int32),
        pitches=piece.pitches.astype(np.int16),
        meter=meter,
        pickup=pickup,
        key=Key(0),  # the collection's keys are as they are: nobody tells the tonic
    )
