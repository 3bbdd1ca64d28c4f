"""What decides a training run, who follows it, and what it is made of."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import keras
import numpy as np

from engine import network
from engine.errors import BadVersion
from engine.predict import Model
from engine.request import STYLES
from engine.training.dataset import Batches, Encoded, encode
from engine.training.material import CannotLearn
from engine.training.scoring import PARTS, HeldOut

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.corpus import Tune


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


class Base:
    """The version that answers, as a Keras network.

    Args:
        folder: where it lies.
        dropout: its share of units dropped when it learns on.

    Raises:
        CannotLearn: when it does not load.
    """

    def __init__(self, folder: Path, dropout: float) -> None:
        try:
            loaded = Model.load(folder)  # checks files, hashes and shapes
            known = {field.name for field in dataclasses.fields(network.Sizes)}
            sizes = {k: v for k, v in loaded.document["sizes"].items() if k in known}
            self.name = loaded.name
            self.times, self.styles = loaded.times, loaded.styles
            self.gates = loaded.gates
            self.sizes = dataclasses.replace(network.Sizes(**sizes), dropout=dropout)
            self.network = network.build(self.sizes)
            with np.load(folder / "weights.npz", allow_pickle=False) as data:
                network.assign(self.network, data)
        except (BadVersion, KeyError, ValueError, TypeError, OSError) as error:
            raise CannotLearn("bad-base", f"{folder.name}: {error}") from error


def encode_all(
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


def hold_out(tunes: Sequence[Tune], times: Sequence[int], styles: Sequence[str]) -> HeldOut:
    """Encode the tunes that measure, for a network with this vocabulary."""
    pieces, owners = encode_all(tunes, times, styles)
    batches = Batches(pieces, 8192, len(times), len(styles), None)
    return HeldOut(tunes, batches, owners, times, styles)


def sizes_of(plan: Plan, times: Sequence[int]) -> network.Sizes:
    """Give the sizes of a network that learns from nothing."""
    return network.Sizes(
        len(times), len(STYLES), plan.inputs, plan.units, 2, plan.hidden, plan.dropout
    )


def batch_size(plan: Plan, notes: int) -> int:
    """Give the notes of a batch: fewer where there are few, so that an epoch has some steps."""
    return min(plan.notes, max(256, notes // 16))


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
