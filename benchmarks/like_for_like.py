"""Row (a): predict each collection from nine tenths of itself, pitch in, pitch out.

For every fold an LSTM of :mod:`engine.network` learns from the training melodies alone (their
rhythm is taken away: every note a quarter long, no meter), and so do a long-term memory of
:mod:`engine.memory` and one of distances from home (:mod:`engine.finals`). As in Pearce (2005), the
long-term memories go on learning: inside the test melody, and from the test melodies of the fold
that came before it. A short-term memory learns from the test melody alone. A gate
(:mod:`engine.gating`) mixes them; its few weights are learnt on the other seven collections, never
on the one that is measured.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from engine import dataset, network
from engine.corpus import Tune
from engine.finals import Finals
from engine.gating import Events, Gate, bits, known, learn
from engine.memory import PITCH_VIEWS, LongTerm, ShortTerm, Views
from engine.mixture import normalised
from engine.music import Key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pearce import Piece

FOLDS: Final = 10
TIMES: Final = (0, 24)
STYLES: Final = ("any",)
VIEWS: Final = Views(pitch=PITCH_VIEWS)
MEMORIES: Final = (
    *(f"long-term {view.name}" for view in PITCH_VIEWS),
    *(f"short-term {view.name}" for view in PITCH_VIEWS),
    "finals",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the small network is trained: found on folds 0 of two collections, used on all."""

    units: int = 128
    inputs: int = 64
    hidden: int = 64
    dropout: float = 0.5
    epochs: int = 40
    notes: int = 600
    rate: float = 2e-3
    decay: float = 0.02


def folds(melodies: int, seed: int) -> list[list[int]]:
    """Deal whole melodies into ten folds."""
    order = list(range(melodies))
    random.Random(seed).shuffle(order)  # noqa: S311 - nothing secret
    return [sorted(order[first::FOLDS]) for first in range(FOLDS)]


def fold_file(work: Path, name: str, seed: int, fold: int, *, network: bool) -> Path:
    """Name the file that keeps a fold's predictions."""
    return work / f"{name}-{seed}-{fold}{'' if network else '-memory'}.npz"


def predict_fold(pieces: list[Piece], fold: int, seed: int, file: Path, *, network: bool) -> None:
    """Train on nine folds, predict the tenth, and keep all predictions in a file.

    Without ``network`` the memories stand alone; that takes a hundredth of the time.
    """
    alphabet = np.unique(np.concatenate([piece.pitches for piece in pieces]))
    held = folds(len(pieces), seed)[fold]
    training = [piece for index, piece in enumerate(pieces) if index not in set(held)]
    test = [pieces[index] for index in held]
    log_probs, matches = _memories(training, test, alphabet)
    models = MEMORIES
    if network:
        said = normalised(_network(training, test, alphabet, 1000 * seed + fold))
        log_probs = np.concatenate([said[None], log_probs])
        models = ("network", *MEMORIES)
    arrays = {
        "log_probs": log_probs.astype(np.float32),
        "matches": matches.astype(np.uint8),
        "place": np.concatenate([np.arange(len(piece.pitches)) for piece in test]),
        "came": np.searchsorted(alphabet, np.concatenate([piece.pitches for piece in test])),
        "models": np.array(models),
        "melody": np.repeat(held, [len(piece.pitches) for piece in test]),
    }
    part = file.with_suffix(".part")
    with part.open("wb") as handle:
        np.savez_compressed(handle, **arrays)
    os.replace(part, file)  # noqa: PTH105 - the documented atomic call


def _network(
    training: list[Piece], test: list[Piece], alphabet: np.ndarray, seed: int
) -> np.ndarray:
    """Train a small network; give its log-probabilities over the alphabet, (events, n)."""
    how = Settings()
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    sizes = network.Sizes(
        len(TIMES), len(STYLES), how.inputs, how.units, 2, how.hidden, how.dropout
    )
    model = network.build(sizes)
    pieces = [part for piece in training for part in dataset.encode(_tune(piece), TIMES, STYLES)]
    batches = dataset.Batches(pieces, how.notes, len(TIMES), len(STYLES), seed)
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
    return np.concatenate([_said(model, piece)[:, alphabet] for piece in test])


def _said(model: Any, piece: Piece) -> np.ndarray:
    """Give the network's log-probabilities for one melody, (notes, 128)."""
    parts = dataset.encode(_tune(piece), TIMES, STYLES)
    lines = []
    for part in parts:  # a long melody's later pieces begin with a fresh state
        inputs, _, _ = dataset.Batches([part], 10**6, len(TIMES), len(STYLES), None)[0]
        scores = keras.ops.convert_to_numpy(model(inputs, training=False)["pitch"])[0]
        lines.append(scores.astype(np.float64))
    return np.concatenate(lines)


def _tune(piece: Piece) -> Tune:
    """Take the rhythm away."""
    count = len(piece.pitches)
    return Tune(
        name=piece.name,
        collection="",
        style="any",
        onsets=np.arange(count, dtype=np.int32) * 24,
        durations=np.full(count, 24, np.int32),
        pitches=piece.pitches.astype(np.int16),
        meter=None,
        pickup=0,
        key=Key(0),
    )


def _memories(
    training: list[Piece], test: list[Piece], alphabet: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give the memories' log-probabilities (models, events, n) and matches (events, kinds)."""
    base = np.zeros(128)
    base[alphabet] = 1 / len(alphabet)
    lasting, homes = LongTerm(VIEWS), Finals()
    for piece in training:
        lasting.learn((24, 24, int(pitch)) for pitch in piece.pitches)
        homes.learn(piece.pitches.tolist())
    logs, matches = [], []
    for piece in test:
        listeners = (lasting.follow(learn=True), ShortTerm(VIEWS))
        seeker = homes.follow()
        for pitch in piece.pitches.tolist():
            said = [one.pitches(24, 24, base) for one in listeners]
            logs.append(np.concatenate([*said, seeker.pitches(base)[None]]))
            matches.append([length for one in listeners for length in one.matches(24, 24)])
            for one in listeners:
                one.push(24, 24, pitch)
            seeker.push(pitch)
        lasting.learn((24, 24, int(pitch)) for pitch in piece.pitches)
        homes.learn(piece.pitches.tolist())
    table = np.array(logs)[:, :, alphabet]
    return np.moveaxis(normalised(np.maximum(table, -40.0)), 1, 0), np.array(matches)


def read_events(files: list[Path]) -> tuple[Events, list[str]]:
    """Read kept folds of one collection: the events, and the names of the models."""
    parts = [dict(np.load(file, allow_pickle=False)) for file in files]
    log_probs = normalised(np.concatenate([p["log_probs"] for p in parts], 1).astype(np.float64))
    place = np.concatenate([p["place"] for p in parts])
    matches = np.concatenate([p["matches"] for p in parts]).astype(np.float64)
    came = np.concatenate([p["came"] for p in parts])
    events = Events(log_probs, came, known(log_probs, place, matches))
    return events, parts[0]["models"].tolist()


def mixtures(collections: dict[str, Events]) -> dict[str, np.ndarray]:
    """Mix each collection's models by a gate that was learnt on the others: bits of each event."""
    out = {}
    for name, events in collections.items():
        others = [other for key, other in collections.items() if key != name]
        gate: Gate = learn(others) if others else learn([events])
        out[name] = bits(gate, [events])
    return out


def alone(events: Events, names: Sequence[str]) -> dict[str, float]:
    """Give the mean bits of each model by itself."""
    lines = np.arange(len(events.came))
    means = -events.log_probs[:, lines, events.came].mean(axis=1) / np.log(2)
    return {name: float(mean) for name, mean in zip(names, means, strict=True)}
