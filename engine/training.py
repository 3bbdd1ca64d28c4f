"""From tunes to weights: plan, loop, checkpoints, and the comparison at the end."""

from __future__ import annotations

import dataclasses
import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import keras
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from engine import checkpoint, network
from engine.checkpoint import Standing
from engine.copying import FILE as INDEX
from engine.corpus import Tune
from engine.dataset import Batches, Encoded, Lap, encode, vocabulary
from engine.errors import BadVersion
from engine.indexing import index_file
from engine.material import CannotLearn
from engine.music import Key, Meter
from engine.predict import Model
from engine.request import STYLES
from engine.scoring import PARTS, Comparison, HeldOut, Scores, compare
from engine.versioning import FORMAT, describe_corpus, now, write_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from engine.material import Material

__all__ = ["Plan", "measure", "train", "write_version"]

log = logging.getLogger(__name__)

PATIENCE: Final = 3
"""Epochs without a better one after which the training ends."""

_PAUSE: Final = 2.0
"""Seconds between two reports of an epoch's progress."""

_POINTS: Final = 20
"""Points of the learning curve inside an epoch, at most."""

_MANY_POINTS: Final = 400
"""Points of the learning curve; where there are more, those inside epochs are thinned out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides a training run, but for the tunes.

    Attributes:
        name: name of the version.
        base: folder of the version that answers; None: there is none to compare with.
        start: ``current``: go on from the base, with its vocabulary and sizes; ``scratch``.
        epochs: most epochs; early stopping may end before.
        units, inputs, hidden, dropout: see :class:`engine.network.Sizes`; of a base its own count.
        notes: padded notes in a batch, about; fewer where there are few tunes.
        rate: highest learning rate.
        seed: of shuffling, transposition and first weights.
        save_every: seconds between two checkpoints inside an epoch.
        logs: folder for TensorBoard; None: nothing is logged.
    """

    name: str
    base: Path | None = None
    start: Literal["current", "scratch"] = "scratch"
    epochs: int = 20
    units: int = 256
    inputs: int = 192
    hidden: int = 192
    dropout: float = 0.25
    notes: int = 6144
    rate: float = 2e-3
    seed: int = 1
    save_every: float = 180.0
    logs: Path | None = None


FINE_EPOCHS: Final = 4
FINE_RATE: Final = 3e-4
"""Epochs and rate when a trained network learns on: enough to change it, not to forget."""


class Observer(Protocol):
    """Whoever follows a run."""

    def tell(self, state: str, **figures: Any) -> None:
        """Hear how far it is: ``encoding``, ``training``, ``epoch``, ``comparing`` and figures."""
        ...

    def saved(self) -> None:
        """Hear that a checkpoint was written."""
        ...

    def wish(self) -> Literal["", "pause", "stop"]:
        """Say whether the run shall go on, be interrupted at a checkpoint, or end."""
        ...


class Interrupted(Exception):
    """A run that ended because its observer wished so; after a pause there is a checkpoint."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A network that has learnt, ready to be written as a version.

    Attributes:
        weights: by name.
        document: what ``model.json`` says, but for the files.
        further: more files of the version.
        comparison: with the base; None without one.
    """

    weights: dict[str, Any]
    document: dict[str, Any]
    further: dict[str, bytes]
    comparison: Comparison | None


class _Base:
    """The version that answers, as a Keras network.

    Raises:
        CannotLearn: when it does not load.
    """

    def __init__(self, folder: Path) -> None:
        try:
            loaded = Model.load(folder)  # checks files, hashes and shapes
            known = {field.name for field in dataclasses.fields(network.Sizes)}
            sizes = {k: v for k, v in loaded.document["sizes"].items() if k in known}
            self.name = loaded.name
            self.times, self.styles = loaded.times, loaded.styles
            self.sizes = network.Sizes(**sizes)
            with np.load(folder / "weights.npz", allow_pickle=False) as data:
                self.weights = {key: data[key] for key in data.files}
            network.assign(network.build(self.sizes), self.weights)
        except (BadVersion, KeyError, ValueError, TypeError, OSError) as error:
            raise CannotLearn("bad-base", f"{folder.name}: {error}") from error


def train(plan: Plan, material: Material, observer: Observer, standing_at: Path) -> Trained:
    """Train a network, or go on where a checkpoint stands.

    Args:
        plan: what to do.
        material: what to learn from.
        observer: is told how far it is, and may end it.
        standing_at: file of the checkpoint.

    Raises:
        CannotLearn: when the loss diverges, the base does not load, or there is no room.
        Interrupted: when the observer wished so.
    """
    notes = material.notes
    observer.tell(
        "encoding",
        tunes=len(material.training),
        notes=notes,
        held_out=len(material.validation),
        epochs=plan.epochs,
    )
    keras.utils.set_random_seed(plan.seed)
    base = None if plan.base is None else _Base(plan.base)
    old = None
    if base is not None:
        judged = network.build(base.sizes)
        network.assign(judged, base.weights)
        old = _held_out(material.validation, base.times, base.styles).score(judged)
        observer.tell("encoding", level=old.per_note)
        del judged
    fine = base if plan.start == "current" else None
    times = fine.times if fine else vocabulary(material.training)
    styles: Sequence[str] = fine.styles if fine else STYLES
    sizes = _sizes(plan, fine, times)
    pieces = _encode_all(material.training, times, styles)[0]
    model = network.build(sizes)
    if fine:
        network.assign(model, fine.weights)
    batches = Batches(pieces, _batch_size(plan, notes), len(times), len(styles), plan.seed)
    compile_for_training(model, plan.rate, batches.count, plan.epochs)
    held_out = _held_out(material.validation, times, styles)
    run = _Run(plan, model, batches, held_out, observer, standing_at, old)
    run.learn()
    observer.tell("comparing")
    final = held_out.score(model)
    comparison = None if old is None else compare(old, final, plan.seed)
    return Trained(
        {name: np.array(value) for name, value in network.arrays(model).items()},
        _document(plan, sizes, (times, styles), material, (final, comparison)),
        {INDEX: index_file(material.training)},
        comparison,
    )


def _encode_all(
    tunes: Sequence[Tune], times: Sequence[int], styles: Sequence[str]
) -> tuple[list[Encoded], list[int]]:
    """Encode tunes in pieces; give the number of each piece's tune beside."""
    pieces: list[Encoded] = []
    owners: list[int] = []
    for number, tune in enumerate(tunes):
        found = encode(tune, times, styles)
        pieces += found
        owners += [number] * len(found)
    return pieces, owners


def _held_out(tunes: Sequence[Tune], times: Sequence[int], styles: Sequence[str]) -> HeldOut:
    pieces, owners = _encode_all(tunes, times, styles)
    batches = Batches(pieces, 8192, len(times), len(styles), None)
    return HeldOut(tunes, batches, owners, times, styles)


def compile_for_training(model: keras.Model, rate: float, steps: int, epochs: int) -> None:
    """Give a network its losses and its optimiser: the rate rises half an epoch, then falls."""
    total = steps * epochs
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20,
        max(1, total - steps // 2),
        alpha=0.01,
        warmup_target=rate,
        warmup_steps=steps // 2,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.01, clipnorm=1.0),
        loss={
            name: keras.losses.SparseCategoricalCrossentropy(
                from_logits=True, reduction="mean_with_sample_weight", name=name
            )
            for name in PARTS
        },
    )


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
    fine = None if plan.base is None or plan.start == "scratch" else _Base(plan.base)
    times = fine.times if fine else vocabulary(sample)
    styles: Sequence[str] = fine.styles if fine else STYLES
    model = network.build(_sizes(plan, fine, times))
    notes = sum(len(tune.pitches) for tune in tunes) or plan.notes * 16
    batches = Batches(
        _encode_all(sample, times, styles)[0],
        _batch_size(plan, notes),
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


def _sizes(plan: Plan, fine: _Base | None, times: Sequence[int]) -> network.Sizes:
    if fine is not None:
        return dataclasses.replace(fine.sizes, dropout=plan.dropout)
    return network.Sizes(
        len(times), len(STYLES), plan.inputs, plan.units, 2, plan.hidden, plan.dropout
    )


def _batch_size(plan: Plan, notes: int) -> int:
    """Give the notes of a batch: fewer where there are few, so that an epoch has some steps."""
    return min(plan.notes, max(256, notes // 16))


class _Run(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """The loop over the epochs, and what happens between two of its steps."""

    def __init__(  # noqa: PLR0913, PLR0917 - one private caller
        self,
        plan: Plan,
        network_: keras.Model,
        batches: Batches,
        held_out: HeldOut,
        observer: Observer,
        standing_at: Path,
        old: Scores | None,
    ) -> None:
        super().__init__()
        self._plan = plan
        self._network = network_
        self._batches = batches
        self._held_out = held_out
        self._observer = observer
        self._path = standing_at
        self._level = None if old is None else old.per_note
        self._standing, self._best = Standing(), dict[str, Any]()
        self._first = 0
        self._begun = (0, 0.0)
        self._learnt = 0
        self._mark = (0, 0.0)
        self._told = self._kept = self._clock = time.monotonic()
        self._board = None if plan.logs is None else EventFileWriter(str(plan.logs / plan.name))

    def learn(self) -> None:
        """Go through the epochs; at the end the network has the weights of the best."""
        restored = checkpoint.restore(self._path, self._network)
        if restored is not None:
            self._standing, self._best = restored
            log.info("going on at epoch %d, batch %d", self._standing.epoch, self._standing.batch)
        while self._standing.epoch < self._plan.epochs and self._standing.waited < PATIENCE:
            self._epoch()
        network.assign(self._network, self._best)

    def _epoch(self) -> None:
        standing = self._standing
        self._batches.start_at(standing.epoch)
        self._first = standing.batch
        self._begun = self._mark = standing.steps, standing.loss
        self._learnt = 0
        self._clock = time.monotonic()
        if standing.batch < self._batches.count:
            self._network.fit(
                Lap(self._batches, standing.batch),
                epochs=standing.epoch + 1,
                initial_epoch=standing.epoch,
                callbacks=[self],
                verbose=0,
            )
        bits = self._held_out.score(self._network).per_note
        least = min(standing.best, math.inf if self._level is None else self._level)
        if not math.isfinite(bits) or bits > 2 * least:
            raise CannotLearn("diverged", f"epoch {standing.epoch + 1}: {bits:.3f} bits held out")
        if bits < standing.best:
            standing.best, standing.waited = bits, 0
            arrays = network.arrays(self._network)
            self._best = {name: np.array(value) for name, value in arrays.items()}
        else:
            standing.waited += 1
        loss = standing.loss / max(1, standing.steps)
        standing.epoch, standing.batch = standing.epoch + 1, 0
        standing.loss, standing.steps = 0.0, 0
        standing.curve.append((float(standing.epoch), loss, bits))
        self._thin()
        self._save()
        self._log(loss=loss, held_out=bits)
        self._observer.tell(
            "epoch",
            epoch=standing.epoch,
            epochs=self._plan.epochs,
            loss=loss,
            bits=bits,
            share=standing.epoch / self._plan.epochs,
            curve=list(standing.curve),
        )
        self._obey()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Note how far it is; now and then tell it and save it."""
        standing = self._standing
        mean = float((logs or {}).get("loss", math.nan)) / math.log(2)
        if not math.isfinite(mean):
            raise CannotLearn("diverged", f"epoch {standing.epoch + 1}, step {batch}: no number")
        done = batch + 1
        standing.batch = self._first + done
        standing.steps = self._begun[0] + done
        standing.loss = self._begun[1] + mean * done
        self._learnt += self._batches.notes_of(standing.batch - 1)
        self._draw()
        now_ = time.monotonic()
        if now_ - self._told > _PAUSE:
            self._told = now_
            self._report(now_)
        wish = self._observer.wish()
        if wish == "pause" or now_ - self._kept > self._plan.save_every:
            self._save()
        self._obey()

    def _draw(self) -> None:
        """Add a point to the curve: the mean loss since the last one."""
        standing, count = self._standing, self._batches.count
        every = max(1, -(-count // _POINTS))
        if standing.batch % every == 0 and standing.batch < count:
            steps, loss = standing.steps - self._mark[0], standing.loss - self._mark[1]
            if steps > 0:
                place = standing.epoch + (standing.batch - steps / 2) / count
                standing.curve.append((round(place, 3), loss / steps, None))
                self._mark = standing.steps, standing.loss

    def _thin(self) -> None:
        curve = self._standing.curve
        while len(curve) > _MANY_POINTS:
            inside = [point for point in curve if point[2] is None][::2]
            if not inside:
                return
            curve[:] = [point for point in curve if point not in inside]

    def _report(self, now_: float) -> None:
        standing, plan = self._standing, self._plan
        speed = self._learnt / max(1e-6, now_ - self._clock)
        share = (standing.epoch + standing.batch / self._batches.count) / plan.epochs
        left = (1 - share) * plan.epochs * self._batches.notes
        self._observer.tell(
            "training",
            epoch=standing.epoch + 1,
            epochs=plan.epochs,
            share=share,
            loss=standing.loss / max(1, standing.steps),
            speed=speed,
            seconds_left=left / speed if speed else None,
            curve=list(standing.curve),
        )

    def _log(self, **figures: float) -> None:
        """Write an epoch's figures down for TensorBoard."""
        if self._board is not None:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items()]
            event = Event(
                wall_time=time.time(), step=self._standing.epoch, summary=Summary(value=values)
            )
            self._board.add_event(event)
            self._board.flush()

    def _save(self) -> None:
        # For a JAX network, the callback's own ``model`` brings its variables up to date first.
        model = getattr(self, "model", None) or self._network
        checkpoint.save(self._path, model, self._standing, self._best)
        self._kept = time.monotonic()
        self._observer.saved()

    def _obey(self) -> None:
        if self._observer.wish():
            raise Interrupted


def _document(
    plan: Plan,
    sizes: network.Sizes,
    words: tuple[Sequence[int], Sequence[str]],
    material: Material,
    result: tuple[Scores, Comparison | None],
) -> dict[str, Any]:
    scores, comparison = result
    document = {
        "format": FORMAT,
        "name": plan.name,
        "created": now(),
        "sizes": sizes.to_json(),
        "times": list(words[0]),
        "styles": list(words[1]),
        "corpus": describe_corpus(material.training, material.validation),
        "training": {
            "start": plan.start,
            "epochs": plan.epochs,
            "rate": plan.rate,
            "notes_per_batch": plan.notes,
            "seed": plan.seed,
        },
        "metrics": scores.metrics(),
    }
    if plan.base is not None and comparison is not None:
        found = {k: round(v, 4) for k, v in dataclasses.asdict(comparison).items()}
        document["compared"] = {"with": plan.base.name, **found, "better": comparison.better}
    return document
