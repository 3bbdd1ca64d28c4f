"""Ten folds of whole melodies: dealt, predicted once, kept in files, and read again.

What is kept is named by a fingerprint of the data and of the code that made it, so that a run
that goes on later never takes up predictions of other code or other melodies.
"""

from __future__ import annotations

import ast
import hashlib
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.gating import Events, bits, known, learn
from engine.mixture import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from benchmarks.pearce import Piece

Array = np.ndarray[Any, np.dtype[Any]]

FOLDS: Final = 10
FAINTEST: Final = -40.0
"""Least log-probability that is kept of a single model."""


@dataclass(frozen=True, slots=True)
class Split:
    """One fold of one collection.

    Attributes:
        training: the melodies of the other nine folds.
        test: those of this one, in the order in which they are met.
        alphabet: the pitches that occur in the collection, in order.
        seed: of whatever the predictions need chance for.
    """

    training: Sequence[Piece]
    test: Sequence[Piece]
    alphabet: Array
    seed: int

    @property
    def base(self) -> Array:
        """The alphabet's pitches alike, (128,): what is left when nothing is known."""
        base = np.zeros(128)
        base[self.alphabet] = 1 / len(self.alphabet)
        return base


@dataclass(frozen=True, slots=True)
class Said:
    """What models said of each note of the test melodies before it came.

    Attributes:
        log_probs: (models, notes, alphabet) natural logarithms.
        matches: (notes, kinds) lengths of the contexts that memories had met, in notes.
    """

    log_probs: Array
    matches: Array


@dataclass(frozen=True, slots=True)
class Part:
    """Some models that predict a fold together.

    Attributes:
        models: their names.
        foretell: predicts the test melodies.
        made_by: fingerprint of its code, see :func:`fingerprint`.
    """

    models: tuple[str, ...]
    foretell: Callable[[Split], Said]
    made_by: str


def deal(melodies: int, seed: int) -> list[list[int]]:
    """Deal whole melodies into ten folds."""
    order = list(range(melodies))
    random.Random(seed).shuffle(order)  # noqa: S311 - nothing secret
    return [sorted(order[first::FOLDS]) for first in range(FOLDS)]


def split(pieces: Sequence[Piece], seed: int, fold: int) -> Split:
    """Part the training melodies from the test melodies."""
    held = deal(len(pieces), seed)[fold]
    return Split(
        training=[piece for index, piece in enumerate(pieces) if index not in set(held)],
        test=[pieces[index] for index in held],
        alphabet=np.unique(np.concatenate([piece.pitches for piece in pieces])),
        seed=1000 * seed + fold,
    )


def fingerprint(files: Iterable[str | None], *more: str) -> str:
    """Name the code in some files, comments and docstrings apart.

    Args:
        files: the ``__file__`` of modules.
        more: what else the predictions depend on.
    """
    digest = hashlib.sha256("\n".join(more).encode())
    for file in files:
        assert file is not None
        tree = ast.parse(Path(file).read_bytes())
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]  # has one
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()[:12]


def _is_text(line: ast.AST) -> bool:
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def data_of(pieces: Sequence[Piece]) -> str:
    """Name a collection by its notes."""
    digest = hashlib.sha256()
    for piece in pieces:
        for array in (piece.onsets, piece.pitches, piece.durations):
            digest.update(array.astype("<i4").tobytes())
    return digest.hexdigest()[:8]


def predict(part: Part, pieces: Sequence[Piece], seed: int, fold: int, file: Path) -> None:
    """Predict one fold by one part, unless its file is there, and keep all that was said."""
    if not file.exists():
        predict_split(part, split(pieces, seed, fold), file)


def predict_split(part: Part, cut: Split, file: Path) -> None:
    """Predict some melodies by one part, unless the file is there, and keep all that was said."""
    if file.exists():
        return
    said = part.foretell(cut)
    log_probs = normalised(np.maximum(said.log_probs, FAINTEST)).astype(np.float32)
    keep(file, log_probs, said.matches.astype(np.uint8))


def keep(file: Path, log_probs: Array, matches: Array) -> None:
    """Write predictions to a file that is either whole or not there."""
    beside = file.with_suffix(".part")
    with beside.open("wb") as handle:
        np.savez_compressed(handle, log_probs=log_probs, matches=matches)
        handle.flush()
        os.fsync(handle.fileno())
    beside.replace(file)


def gather(files: Sequence[Path], test: Sequence[Piece], alphabet: Array) -> Events:
    """Put together what the parts said of one fold, with what came."""
    parts = []
    for file in files:
        with np.load(file, allow_pickle=False) as data:
            parts.append((data["log_probs"].astype(np.float64), data["matches"].astype(float)))
    log_probs = normalised(np.concatenate([said for said, _ in parts]))
    matches = np.concatenate([lengths for _, lengths in parts], axis=1)
    place = np.concatenate([np.arange(len(piece.pitches)) for piece in test])
    came = np.searchsorted(alphabet, np.concatenate([piece.pitches for piece in test]))
    return Events(log_probs, came, known(log_probs, place, matches))


def joined(events: Sequence[Events]) -> Events:
    """Put events of one alphabet after one another."""
    return Events(
        np.concatenate([each.log_probs for each in events], axis=1),
        np.concatenate([each.came for each in events]),
        np.concatenate([each.known for each in events]),
    )


def mixtures(collections: Mapping[str, Events], aims: Sequence[str]) -> dict[str, Array]:
    """Mix a collection's models by a gate that was learnt on the others: bits of each event.

    Args:
        collections: at least two.
        aims: those that are measured.

    Raises:
        ValueError: when there is no other collection to learn from.
    """
    if len(collections) < 2:
        raise ValueError("the gate is learnt on other collections: give two at least")
    return {
        aim: bits(
            learn([each for name, each in collections.items() if name != aim]), [collections[aim]]
        )
        for aim in aims
    }


def alone(events: Events, names: Sequence[str]) -> dict[str, float]:
    """Give the mean bits of each model by itself."""
    lines = np.arange(len(events.came))
    means = -events.log_probs[:, lines, events.came].mean(axis=1) / np.log(2)
    return {name: float(mean) for name, mean in zip(names, means, strict=True)}
