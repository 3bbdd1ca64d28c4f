"""Small models with random weights: what holds for them holds for every model."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.features import LAGS, PLACES, REACH, columns
from engine.gating import features
from engine.predict import Model
from engine.request import STYLES

if TYPE_CHECKING:
    from pathlib import Path

TIMES = (0, 6, 8, 12, 16, 18, 24, 36, 48, 72, 96, 144, 192)


def random_weights(
    seed: int = 0, scale: float = 0.3, units: int = 16, hidden: int = 12
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a document and weights of the right shapes."""
    random = np.random.default_rng(seed)
    times, width = len(TIMES) + 1, 12
    table = sum(column.size for column in columns(len(TIMES), len(STYLES)))
    shapes: dict[str, tuple[int, ...]] = {
        "inputs/embeddings": (table, width),
        "inputs_norm/gamma": (width,),
        "inputs_norm/beta": (width,),
        "lstm_1/kernel": (width, 4 * units),
        "lstm_1/recurrent_kernel": (units, 4 * units),
        "lstm_1/bias": (4 * units,),
        "lstm_2/kernel": (units, 4 * units),
        "lstm_2/recurrent_kernel": (units, 4 * units),
        "lstm_2/bias": (4 * units,),
        "shift_scores/kernel": (units, times),
        "shift_scores/bias": (times,),
        "known_shift/embeddings": (times, hidden),
        "known_place/embeddings": (PLACES, hidden),
        "duration_state/kernel": (units, hidden),
        "duration_state/bias": (hidden,),
        "duration_scores/kernel": (hidden, times),
        "duration_scores/bias": (times,),
        "known_duration/embeddings": (times, hidden),
        "known_place_2/embeddings": (PLACES, hidden),
        "pitch_state/kernel": (units, hidden),
        "pitch_state/bias": (hidden,),
        "pitch_scores/interval": (hidden, 2 * REACH + 1),
        "pitch_scores/degree": (hidden, 12),
        "pitch_scores/pitch": (hidden, 128),
        "pitch_scores/memory": (hidden, 1 + len(LAGS)),
        "pitch_scores/bias": (128,),
    }
    weights = {
        name: random.normal(0, scale, shape).astype(np.float32) for name, shape in shapes.items()
    }
    document = {
        "format": 1,
        "name": "tiny",
        "sizes": {
            "times": len(TIMES),
            "styles": len(STYLES),
            "inputs": width,
            "units": units,
            "layers": 2,
            "hidden": hidden,
            "dropout": 0.0,
        },
        "times": list(TIMES),
        "styles": list(STYLES),
        "gates": {
            "duration": {"theta": random.normal(0.2, 0.05, (2, features(2, 1))).tolist()},
            "pitch": {"theta": random.normal(0.2, 0.05, (3, features(3, 2))).tolist()},
        },
        "files": {},
    }
    return document, weights


def write_tiny(folder: Path) -> Path:
    """Write a version of random weights into a folder of its own below, and give that."""
    document, weights = random_weights()
    version = folder / "tiny"
    version.mkdir()
    np.savez(version / "weights.npz", **weights)
    digest = hashlib.sha256((version / "weights.npz").read_bytes()).hexdigest()
    document["files"] = {"weights.npz": digest}
    (version / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return version


def tiny_model(seed: int = 0, scale: float = 0.3) -> Model:
    """Make a ready model."""
    return Model(*random_weights(seed, scale))
