"""Where a training run stands, in one file: weights, optimiser, dice, and how far it is.

Why not :class:`keras.callbacks.BackupAndRestore`: it overwrites its file in place, so that a kill
while it writes loses both the old state and the new one; it keeps the number of the epoch in a
second file and begins that epoch again, so that a run killed in its middle takes its first steps
twice; and it forgets which epoch was best. Here one file is replaced at once, with all of it.
"""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.training.versioning import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FORMAT: Final = 1


@dataclass(slots=True)
class Standing:
    """How far a run is, and what it knows of its past.

    Attributes:
        epoch, batch: the next step is this batch of this epoch, both from 0.
        loss, steps: sum of the losses of this epoch's batches, in bits per note, and their number.
        best: least validation bits per note so far; infinite before the first.
        waited: epochs since then.
        curve: points (epoch, training bits, validation bits or None).
    """

    epoch: int = 0
    batch: int = 0
    loss: float = 0.0
    steps: int = 0
    best: float = float("inf")
    waited: int = 0
    curve: list[tuple[float, float | None, float | None]] = field(default_factory=list)


def save(path: Path, model: Any, standing: Standing, best: Mapping[str, Any]) -> None:
    """Replace the checkpoint.

    Args:
        path: of the file.
        model: a compiled Keras model.
        standing: how far it is.
        best: the weights of the best epoch by name, empty before the first.

    Raises:
        OSError: when there is no room; the old checkpoint stays.
    """
    told = {"format": _FORMAT, **asdict(standing)}
    arrays: dict[str, Any] = {f"model:{i}": np.asarray(v) for i, v in enumerate(model.variables)}
    arrays |= {f"optimizer:{i}": np.asarray(v) for i, v in enumerate(model.optimizer.variables)}
    arrays |= {f"best:{name}": value for name, value in best.items()}
    arrays["standing"] = np.frombuffer(json.dumps(told).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    replace_file(path, file.getbuffer())


def restore(path: Path, model: Any) -> tuple[Standing, dict[str, Any]] | None:
    """Set a compiled model as it was, and give how far it is and the best weights.

    Returns:
        None, and an untouched model, when there is no checkpoint or it does not fit.
    """
    try:
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
        told = json.loads(arrays["standing"].tobytes())
        if told.pop("format") != _FORMAT:
            return None
        told["curve"] = [tuple(point) for point in told["curve"]]
        standing = Standing(**told)
        model.optimizer.build(model.trainable_variables)
        pairs = [
            (variable, arrays[f"{kind}:{i}"])
            for kind, variables in (
                ("model", model.variables),
                ("optimizer", model.optimizer.variables),
            )
            for i, variable in enumerate(variables)
        ]
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return None
    if any(tuple(variable.shape) != value.shape for variable, value in pairs):
        return None
    for variable, value in pairs:
        variable.assign(value)
    best = {name[5:]: value for name, value in arrays.items() if name.startswith("best:")}
    return standing, best
