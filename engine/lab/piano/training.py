"""Pieces -> a trained network: windows, checkpoints after every epoch, bits per event."""

from __future__ import annotations

import json
from math import log2
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from engine.lab.piano.events import START, Vocabulary
from engine.lab.piano.model import NOW, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from engine.lab.piano.events import Ids, Piece

    Arrays = dict[str, NDArray[Any]]
    Triple = tuple[Arrays, Arrays, Arrays]

TRANSPOSITIONS: Final = tuple(range(-5, 7))
HELD_OUT: Final = 10
"""One piece of so many is held out for validation."""

VOCABULARY: Final = "vocabulary.json"
"""Beside the checkpoints: words and sizes, without which they mean nothing."""


def split(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Part pieces in those to learn from and those to measure on, always the same way.

    Raises:
        ValueError: when there is only one.
    """
    if len(pieces) < 2:
        raise ValueError("one piece is too few: one at least is held out to measure on")
    ordered = sorted(pieces, key=lambda piece: piece.name)
    held = ordered[HELD_OUT // 2 :: HELD_OUT] or ordered[-1:]
    return [piece for piece in ordered if piece not in held], held


def in_all_keys(pieces: Iterable[Piece], sizes: Sizes) -> list[Piece]:
    """Give every piece in twelve keys, where the sizes want it."""
    moves = TRANSPOSITIONS if sizes.transpose else (0,)
    return [piece.moved(move) for piece in pieces for move in moves]


def arrays(pieces: Iterable[Piece], vocabulary: Vocabulary, sizes: Sizes) -> Triple:
    """Cut pieces into windows: inputs, answers and their weights, each by field.

    The whole network answers at every step, so its windows follow each other without overlap; the
    plain one answers once a window, which therefore begins at every event.
    """
    encoded = [vocabulary.encode(piece) for piece in pieces]
    return _plain(encoded, vocabulary, sizes) if sizes.plain else _whole(encoded, vocabulary, sizes)


def _plain(encoded: Sequence[dict[str, Ids]], vocabulary: Vocabulary, sizes: Sizes) -> Triple:
    inputs, wanted = [], []
    for piece in encoded:
        row = np.concatenate([np.full(sizes.window, START, np.int32), piece["sound"]])
        views = np.lib.stride_tricks.sliding_window_view(row, sizes.window + 1)
        inputs.append(views[:, :-1])
        wanted.append(views[:, -1])
    seen = scaled(np.concatenate(inputs), vocabulary)
    answers = np.concatenate(wanted)
    return {"sound": seen}, {"sound": answers}, {"sound": np.ones(len(answers), np.float32)}


def scaled(numbers: NDArray[Any], vocabulary: Vocabulary) -> NDArray[np.float32]:
    """Divide words' numbers by their count, as the notes feed them: shape (…, 1)."""
    return (numbers[..., None] / vocabulary.size("sound")).astype(np.float32)


def _whole(encoded: Sequence[dict[str, Ids]], vocabulary: Vocabulary, sizes: Sizes) -> Triple:
    inputs: dict[str, list[Ids]] = {name: [] for name in vocabulary.fields}
    wanted: dict[str, list[Ids]] = {name: [] for name in vocabulary.fields}
    weights: list[NDArray[np.float32]] = []
    size = sizes.window
    for piece in encoded:
        count = len(piece["sound"])
        length = -(-count // size) * size
        for name, row in piece.items():
            padded = np.full(length, START, np.int32)
            padded[:count] = row
            before = np.concatenate([[START], padded[:-1]]).astype(np.int32)
            inputs[name].append(before.reshape(-1, size))
            wanted[name].append(padded.reshape(-1, size))
        weights.append((np.arange(length) < count).astype(np.float32).reshape(-1, size))
    seen: Arrays = {name: np.concatenate(rows) for name, rows in inputs.items()}
    answers: Arrays = {name: np.concatenate(rows) for name, rows in wanted.items()}
    weight = np.concatenate(weights)
    return {**seen, NOW: answers["sound"]}, answers, dict.fromkeys(answers, weight)


def compile_model(model: keras.Model, sizes: Sizes) -> None:
    """Set categorical cross-entropy and RMSprop; after layers were frozen, do it again."""
    model.compile(
        optimizer=keras.optimizers.RMSprop(sizes.rate, clipnorm=1.0),
        loss={name: keras.losses.SparseCategoricalCrossentropy(name=name) for name in model.output},
    )


def fit(  # noqa: PLR0913 - what a run depends on
    model: keras.Model,
    sides: tuple[Sequence[Piece], Sequence[Piece]],
    vocabulary: Vocabulary,
    sizes: Sizes,
    folder: Path,
    *,
    begun: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, list[float]]:
    """Train, saving the whole network after every epoch, so that one can stop when content.

    Args:
        model: compiled.
        sides: pieces to learn from and pieces held out.
        vocabulary: words of the model; written beside the checkpoints.
        sizes: of the model; likewise.
        folder: for checkpoints and the TensorBoard log.
        begun: epochs that were done before.
        tell: is told after every epoch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_vocabulary(folder, vocabulary, sizes)
    inputs, wanted, weights = arrays(in_all_keys(sides[0], sizes), vocabulary, sizes)

    def after(epoch: int, logs: Mapping[str, float]) -> None:
        losses = f"loss {logs['loss']:.3f}, held out {logs['val_loss']:.3f}"
        tell(f"epoch {epoch + 1} of {sizes.epochs}: {losses}")

    history = model.fit(
        inputs,
        wanted,
        sample_weight=weights,
        validation_data=arrays(sides[1], vocabulary, sizes),
        batch_size=sizes.batch,
        initial_epoch=begun,
        epochs=sizes.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.ModelCheckpoint(str(folder / "epoch-{epoch:03d}.keras")),
            keras.callbacks.EarlyStopping("val_loss", patience=5, restore_best_weights=True),
            keras.callbacks.TensorBoard(str(folder / "log")),
            keras.callbacks.TerminateOnNaN(),
            keras.callbacks.LambdaCallback(on_epoch_end=after),
        ],
    )
    return {name: [float(value) for value in row] for name, row in history.history.items()}


def save_vocabulary(folder: Path, vocabulary: Vocabulary, sizes: Sizes) -> None:
    """Write words and sizes beside the checkpoints."""
    data = {"words": vocabulary.to_json(), "sizes": sizes.to_json()}
    (folder / VOCABULARY).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def load_vocabulary(folder: Path) -> tuple[Vocabulary, Sizes]:
    """Read words and sizes from beside a checkpoint.

    Raises:
        ValueError: when they are not there, or damaged.
    """
    try:
        data = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        return Vocabulary.from_json(data["words"]), Sizes(**data["sizes"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no {VOCABULARY} that can be read in {folder}") from error


def bits(
    model: keras.Model, pieces: Iterable[Piece], vocabulary: Vocabulary, sizes: Sizes
) -> dict[str, float]:
    """Give the cross-entropy of pieces, in bits per event, by field.

    Every event of every piece counts, the first ones, too. The whole network hears each piece from
    its beginning; the plain one hears its window.
    """
    total = dict.fromkeys(vocabulary.fields, 0.0)
    events = 0
    for piece in pieces:
        # One window as long as the piece: the state runs from its first event to its last.
        whole = sizes if sizes.plain else sizes.but(window=len(piece.events))
        inputs, wanted, _ = arrays([piece], vocabulary, whole)
        given = model.predict_on_batch(inputs)
        events += len(piece.events)
        for name, row in wanted.items():
            chances = np.take_along_axis(given[name], row[..., None], axis=-1)
            total[name] -= float(np.log(np.maximum(chances, 1e-9)).sum()) * log2(np.e)
    return {name: value / events for name, value in total.items()}
