"""From tunes to weights: ``nabi train``."""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from engine import network
from engine.card import write_card
from engine.copying import FILE as INDEX
from engine.corpus import (
    COLLECTIONS,
    fingerprint,
    read_collections,
    read_pitches,
    split,
    without,
)
from engine.dataset import Batches, Encoded, encode, vocabulary
from engine.indexing import index_file
from engine.request import STYLES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from engine.corpus import Tune

log = logging.getLogger(__name__)

FORMAT: Final = 1
"""Number of the version format; raised when old versions can no longer be read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a training run.

    Attributes:
        name: name of the version, its folder.
        out: folder of the versions.
        cache: folder for parsed collections and for checkpoints of unfinished runs.
        collections: names of bundled collections.
        epochs: most epochs; early stopping may end before.
        units, inputs, hidden, dropout: see :class:`engine.network.Sizes`.
        notes: padded notes in a batch, about.
        rate: highest learning rate.
        seed: of shuffling, transposition and first weights.
        tunes: learn from this many tunes only, 0 for all.
        without: file of benchmark melodies; tunes that share 12 intervals with one are left out.
        json_lines: print progress as JSON lines instead of a bar.
    """

    name: str
    out: Path
    cache: Path
    collections: tuple[str, ...] = tuple(COLLECTIONS)
    epochs: int = 20
    units: int = 256
    inputs: int = 192
    hidden: int = 192
    dropout: float = 0.25
    notes: int = 6144
    rate: float = 2e-3
    seed: int = 1
    tunes: int = 0
    without: Path | None = None
    json_lines: bool = False


def train(plan: Plan) -> dict[str, Any]:
    """Train a version from nothing, or go on where a killed run of this name stopped.

    Returns:
        what was written to ``model.json``.
    """
    say = _Progress(plan.json_lines)
    tunes = read_collections(plan.collections, plan.cache / "corpus", say.reading)
    if plan.without is not None:
        tunes = without(tunes, read_pitches(plan.without))
    training, validation = split(tunes)
    if plan.tunes:
        training, validation = training[: plan.tunes], validation[: max(4, plan.tunes // 10)]
    times = vocabulary(training)
    say.message("encoding", tunes=len(training), notes=sum(len(t.pitches) for t in training))
    pieces = _encode_all(training, times)
    held_out = _encode_all(validation, times)
    sizes = network.Sizes(
        len(times), len(STYLES), plan.inputs, plan.units, 2, plan.hidden, plan.dropout
    )
    keras.utils.set_random_seed(plan.seed)
    model = network.build(sizes)
    batches = Batches(pieces, plan.notes, len(times), len(STYLES), plan.seed)
    checks = Batches(held_out, 2 * plan.notes, len(times), len(STYLES), None)
    _compile(model, plan, len(batches))
    work = plan.cache / "runs" / plan.name
    history = model.fit(
        batches,
        validation_data=checks,
        epochs=plan.epochs,
        callbacks=_callbacks(plan, work, batches, say),
        verbose=0 if plan.json_lines else 1,
    )
    log.info("trained for %d epochs", len(history.epoch))
    best = work / "best.weights.h5"
    if best.exists():
        model.load_weights(best)
    metrics = evaluate(model, checks)
    document = _document(plan, sizes, times, (training, validation), metrics)
    write_version(plan.out / plan.name, model, document, {INDEX: index_file(training)})
    shutil.rmtree(work, ignore_errors=True)
    say.message("done", version=plan.name, **metrics)
    return document


def _encode_all(tunes: Sequence[Tune], times: Sequence[int]) -> list[Encoded]:
    return [piece for tune in tunes for piece in encode(tune, times, STYLES)]


def _compile(model: keras.Model, plan: Plan, steps: int) -> None:
    total = steps * plan.epochs
    schedule = keras.optimizers.schedules.CosineDecay(
        plan.rate / 20,
        max(1, total - steps // 2),
        alpha=0.01,
        warmup_target=plan.rate,
        warmup_steps=steps // 2,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.01, clipnorm=1.0),
        loss={
            name: keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight", name=name
            )
            for name in ("shift", "duration", "pitch")
        },
    )


def _callbacks(
    plan: Plan, work: Path, batches: Batches, say: _Progress
) -> list[keras.callbacks.Callback]:
    work.mkdir(parents=True, exist_ok=True)
    return [
        keras.callbacks.BackupAndRestore(str(work / "backup"), delete_checkpoint=False),
        keras.callbacks.ModelCheckpoint(
            str(work / "best.weights.h5"), save_best_only=True, save_weights_only=True
        ),
        keras.callbacks.EarlyStopping(patience=3),
        keras.callbacks.TensorBoard(str(plan.cache / "logs" / plan.name)),
        keras.callbacks.TerminateOnNaN(),
        keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, _logs=None: batches.start_at(epoch)
        ),
        say,
    ]


def evaluate(model: keras.Model, batches: Batches) -> dict[str, float]:
    """Measure cross-entropy in bits per note, and how often the likeliest pitch is right."""
    bits = dict.fromkeys(("shift", "duration", "pitch"), 0.0)
    notes = right = 0.0
    for number in range(len(batches)):
        inputs, targets, weights = batches[number]
        scores = model(inputs, training=False)
        weight = weights["pitch"]
        notes += float(weight.sum())
        for name, wanted in targets.items():
            logits = keras.ops.convert_to_numpy(scores[name]).astype(np.float64)
            logits -= logits.max(axis=-1, keepdims=True)
            logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
            taken = np.take_along_axis(logs, wanted[..., None], axis=-1)[..., 0]
            bits[name] -= float((taken * weight).sum() / math.log(2))
            if name == "pitch":
                right += float(((logs.argmax(axis=-1) == wanted) * weight).sum())
    out = {f"{name}_bits": round(total / notes, 4) for name, total in bits.items()}
    return {**out, "pitch_accuracy": round(right / notes, 4)}


def _document(
    plan: Plan,
    sizes: network.Sizes,
    times: Sequence[int],
    sides: tuple[Sequence[Tune], Sequence[Tune]],
    metrics: dict[str, float],
) -> dict[str, Any]:
    training, validation = sides
    tunes, notes = Counter[str](), Counter[str]()
    for tune in (*training, *validation):
        tunes[tune.collection] += 1
        notes[tune.collection] += len(tune.pitches)
    return {
        "format": FORMAT,
        "name": plan.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "sizes": sizes.to_json(),
        "times": list(times),
        "styles": list(STYLES),
        "corpus": {
            "fingerprint": fingerprint(training),
            "collections": {
                name: {
                    "tunes": tunes[name],
                    "notes": notes[name],
                    "terms": COLLECTIONS[name].terms,
                }
                for name in plan.collections
            },
            "training_tunes": len(training),
            "validation_tunes": len(validation),
        },
        "training": {
            "epochs": plan.epochs,
            "rate": plan.rate,
            "notes_per_batch": plan.notes,
            "seed": plan.seed,
        },
        "metrics": metrics,
    }


def write_version(
    folder: Path,
    model: keras.Model,
    document: dict[str, Any],
    further: Mapping[str, bytes] | None = None,
) -> None:
    """Write weights, ``model.json`` and the card, all or nothing.

    The folder is made beside its place and renamed into it; an older one of that name is replaced.

    Args:
        folder: of the version.
        model: whose weights are written.
        document: what ``model.json`` says, but for the files.
        further: more files of the version by name.
    """
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    np.savez_compressed(fresh / "weights.npz", **network.arrays(model))
    for name, data in (further or {}).items():
        (fresh / name).write_bytes(data)
    digests = {
        name: hashlib.sha256((fresh / name).read_bytes()).hexdigest()
        for name in ("weights.npz", *(further or {}))
    }
    document = {**document, "files": digests}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (fresh / "model.json").write_text(text + "\n", encoding="utf-8")
    (fresh / "CARD.md").write_text(write_card(document), encoding="utf-8")
    for file in fresh.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old.{os.getpid()}")
        folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old)
    else:
        fresh.rename(folder)


class _Progress(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """Say how far the run is: in words, or as JSON lines for a program."""

    def __init__(self, json_lines: bool) -> None:  # noqa: FBT001  # one private caller
        super().__init__()
        self._json = json_lines
        self._epoch = 0
        self._said = 0.0

    def message(self, state: str, **data: Any) -> None:
        if self._json:
            print(json.dumps({"state": state, **data}), flush=True)  # noqa: T201  # its purpose
        else:
            details = ", ".join(f"{name} {value}" for name, value in data.items())
            above = "\n" if state == "epoch" else ""  # keras' bar is still on the line
            line = f"{state}: {details}" if details else state
            print(above + line, flush=True)  # noqa: T201  # likewise

    def reading(self, name: str, done: int, files: int) -> None:
        now = time.monotonic()
        if done == files or now - self._said > 2:
            self._said = now
            self.message("reading", collection=name, done=done, of=files)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ARG002  # keras' signature
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        if self._json and now - self._said > 2:
            self._said = now
            steps, epochs = self.params["steps"], self.params["epochs"]
            done = (self._epoch + (batch + 1) / steps) / epochs
            loss = (logs or {}).get("loss", math.nan)
            self.message("training", epoch=self._epoch + 1, epochs=epochs, done=done, loss=loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        figures = {name: value / math.log(2) for name, value in (logs or {}).items()}
        bits = {
            f"{name}_bits": round(figures[f"val_{name}_loss"], 4)
            for name in ("shift", "duration", "pitch")
            if f"val_{name}_loss" in figures
        }
        self.message("epoch", epoch=epoch + 1, epochs=self.params["epochs"], **bits)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nabi train``."""
    base = Plan("", Path(), Path())
    parser.add_argument("--name", help="name of the new version (default: date and time)")
    parser.add_argument("--out", type=Path, help="folder of the versions (default: data folder)")
    parser.add_argument("--cache", type=Path, help="folder for parsed collections and checkpoints")
    parser.add_argument(
        "--collections",
        default=",".join(COLLECTIONS),
        help=f"collections to learn from, by comma: {', '.join(COLLECTIONS)} (default: all)",
    )
    for name, what in (
        ("epochs", "most epochs"),
        ("units", "units of each LSTM layer"),
        ("inputs", "width of the input embedding"),
        ("hidden", "width of the layer before the scores"),
        ("notes", "notes in a batch, about"),
        ("seed", "seed of weights, order and transposition"),
        ("tunes", "learn from this many tunes only, for a trial (0: all)"),
    ):
        default = getattr(base, name)
        parser.add_argument(
            f"--{name}", type=int, default=default, help=f"{what} (default: {default})"
        )
    for name, what in (("dropout", "share of units dropped"), ("rate", "highest learning rate")):
        default = getattr(base, name)
        parser.add_argument(
            f"--{name}", type=float, default=default, help=f"{what} (default: {default})"
        )
    parser.add_argument(
        "--without",
        type=Path,
        metavar="FILE",
        help="benchmark melodies (JSON); tunes that share 12 intervals with one are left out",
    )
    parser.add_argument("--json", action="store_true", help="print progress as JSON lines")


def run(args: argparse.Namespace, out: Path, cache: Path) -> int:
    """Carry ``nabi train`` out; ``out`` and ``cache`` are used where the options name none."""
    names = tuple(name.strip() for name in args.collections.split(",") if name.strip())
    unknown = [name for name in names if name not in COLLECTIONS]
    if unknown or not names:
        print(  # noqa: T201  # a message to the person at the command line
            f"nabi train: no collection {', '.join(unknown)}; there are {', '.join(COLLECTIONS)}",
            file=sys.stderr,
        )
        return 2
    plan = Plan(
        name=args.name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S"),
        out=args.out or out,
        cache=args.cache or cache,
        collections=names,
        json_lines=args.json,
    )
    numbers = (
        "epochs",
        "units",
        "inputs",
        "hidden",
        "notes",
        "seed",
        "tunes",
        "dropout",
        "rate",
        "without",
    )
    train(replace(plan, **{name: getattr(args, name) for name in numbers}))
    return 0
