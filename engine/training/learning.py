"""From tunes to a version: learn, then compare with the version that answers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from engine import network
from engine.copying import FILE as INDEX
from engine.predict import Model
from engine.request import STYLES
from engine.training.blending import learn_gates
from engine.training.dataset import Batches, vocabulary
from engine.training.indexing import index_file
from engine.training.loop import Loop
from engine.training.plan import (
    FINE_EPOCHS,
    FINE_RATE,
    Base,
    Interrupted,
    Observer,
    Plan,
    batch_size,
    compile_for_training,
    encode_all,
    hold_out,
    sizes_of,
)
from engine.training.scoring import Comparison, Scores, compare
from engine.training.speed import measure
from engine.training.versioning import FORMAT, describe_corpus, now, write_version

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from engine.training.material import Material

__all__ = [
    "FINE_EPOCHS",
    "FINE_RATE",
    "Interrupted",
    "Observer",
    "Plan",
    "Trained",
    "measure",
    "train",
    "write_version",
]


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
    base = None if plan.base is None else Base(plan.base, plan.dropout)
    old = None
    if base is not None:
        held_out = hold_out(material.validation, base.times, base.styles)
        old = held_out.score(base.network)
        observer.tell("encoding", level=old.per_note)
    if base is not None and plan.start == "current":
        times, styles, sizes, model = base.times, base.styles, base.sizes, base.network
    else:
        times, styles = vocabulary(material.training), STYLES
        sizes = sizes_of(plan, times)
        model = network.build(sizes)
        held_out = hold_out(material.validation, times, styles)
    pieces = encode_all(material.training, times, styles)[0]
    batches = Batches(pieces, batch_size(plan, notes), len(times), len(styles), plan.seed)
    compile_for_training(model, plan.rate, batches.count, plan.epochs)
    run = Loop(plan, model, batches, held_out, observer, standing_at, old)
    run.learn()
    observer.tell("comparing")
    final = held_out.score(model)
    comparison = None if old is None else compare(old, final, plan.seed)
    weights = {name: np.array(value) for name, value in network.arrays(model).items()}
    document = _document(plan, sizes, (times, styles), material, (final, comparison))
    _blend(document, weights, material, base)
    return Trained(weights, document, {INDEX: index_file(material.training)}, comparison)


def _blend(
    document: dict[str, Any], weights: dict[str, Any], material: Material, base: Base | None
) -> None:
    """Add the gates that mix the short-term memory in, and what they are good for.

    Where too few tunes are held out to learn them, those of the base go on; without one, the
    network predicts alone.
    """
    blend = learn_gates(Model(document, weights), material.validation)
    if blend is not None:
        document["gates"] = blend.gates.to_json()
        document["metrics"]["with_memory"] = blend.metrics
    elif base is not None and base.gates is not None:
        document["gates"] = base.gates.to_json()


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
