"""``nabi lab piano``: read, learn, measure, play."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from engine.evaluation.table import align
from engine.lab.piano import reuse, training
from engine.lab.piano.events import FIELDS, Piece, Vocabulary, kept
from engine.lab.piano.markov import Markov
from engine.lab.piano.model import SETTINGS, Sizes, build
from engine.lab.piano.reading import bundled, files_in, read_all
from engine.lab.piano.sampling import longest_run, play
from engine.lab.piano.staves import draw, write_midi
from engine.lab.pictures import Axes, learning_curves

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path


def tell(text: str) -> None:
    """Say how far it is, beside the result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # its purpose


def run(args: argparse.Namespace, cache: Path) -> str:
    """Carry the command out and give its report.

    Raises:
        ValueError: for a folder without music, or a checkpoint that cannot be used.
    """
    if args.corpus is not None and not args.corpus.is_dir():
        raise ValueError(f"{args.corpus} is no folder")
    paths = bundled() if args.corpus is None else files_in(args.corpus)
    if args.files:
        paths = paths[: args.files]
    pieces = read_all(paths, cache / "lab", tell)
    sides = training.split(pieces)
    folder: Path = args.out / _folder(args)
    keras.utils.set_random_seed(args.seed or 1)
    model, vocabulary, sizes, begun = _network(args, sides[0])
    begun_at, worked = time.perf_counter(), time.process_time()
    history = _learn(model, sides, vocabulary, sizes, folder, begun)
    seconds, worked = time.perf_counter() - begun_at, time.process_time() - worked
    played = _play(args, (model, vocabulary, sizes), folder)
    figures = measure(model, sides, vocabulary, sizes)
    _write_curve(folder, history, begun)
    record = {
        "pieces": len(pieces),
        "events": sum(len(piece.events) for piece in pieces),
        "held_out": len(sides[1]),
        "words": {name: vocabulary.size(name) for name in vocabulary.fields},
        "parameters": model.count_params(),
        "seconds": round(seconds, 1),
        "processor_seconds": round(worked, 1),
        "epochs": begun + len(history.get("loss", ())),
        "bits": figures,
        "kept": {name: _mean_kept(sides[1], fields) for name, fields in _CODINGS.items()},
        "longest_run": {name: longest_run(piece) for name, piece in played.items()},
    }
    (folder / "figures.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return json.dumps(record) if args.json else report(record, folder)


def _folder(args: argparse.Namespace) -> str:
    """Name a folder apart for each way, so that no checkpoint is written over."""
    if args.deepen is not None:
        return "piano-deepened"
    return "piano" if args.fine_tune is None else "piano-fine-tuned"


_CODINGS = {"the notes' words": ("sound",), "every field": FIELDS}


def _network(
    args: argparse.Namespace, pieces: Sequence[Piece]
) -> tuple[keras.Model, Vocabulary, Sizes, int]:
    """Build a network, or load one to go on with."""
    names = ("window", "units", "layers", "epochs", "batch", "dropout", "rate", "seed")
    changes = {name: value for name in names if (value := getattr(args, name, None)) is not None}
    saved = args.resume or args.deepen or args.fine_tune
    if saved is None:
        sizes = SETTINGS[args.size].but(**changes)
        fields = ("sound",) if sizes.plain else FIELDS
        vocabulary = Vocabulary.of(training.in_all_keys(pieces, sizes), fields)
        model = build(vocabulary, sizes)
        training.compile_model(model, sizes)
        return model, vocabulary, sizes, 0
    vocabulary, sizes = training.load_vocabulary(saved.parent)
    sizes = sizes.but(**changes)
    model = reuse.load(saved)
    if args.resume is not None:  # the optimiser goes on where it was, too
        return model, vocabulary, sizes, _epoch_of(saved)
    if args.deepen is not None:
        model, _ = reuse.deepen(model, sizes.units)
    else:
        reuse.unfreeze(model)
        sizes = sizes.but(rate=changes.get("rate", sizes.rate / 10))
    training.compile_model(model, sizes)
    return model, vocabulary, sizes, 0


def _epoch_of(checkpoint: Path) -> int:
    digits = checkpoint.stem.rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _learn(  # noqa: PLR0913, PLR0917 - handed on
    model: keras.Model,
    sides: tuple[Sequence[Piece], Sequence[Piece]],
    vocabulary: Vocabulary,
    sizes: Sizes,
    folder: Path,
    begun: int,
) -> dict[str, list[float]]:
    """Train; Ctrl-C ends it with what has been learnt."""
    if begun >= sizes.epochs:
        tell(f"all {sizes.epochs} epochs are done; --epochs asks for more")
    try:
        return training.fit(model, sides, vocabulary, sizes, folder, begun=begun, tell=tell)
    except KeyboardInterrupt:
        tell("stopped; it plays with what it has learnt")
        return {}


def _play(
    args: argparse.Namespace, trained: tuple[keras.Model, Vocabulary, Sizes], folder: Path
) -> dict[str, Piece]:
    """Play at the temperature, and by the likeliest for comparison; write both."""
    made = {}
    for name, temperature in (("sampled", args.temperature), ("likeliest", 0.0)):
        piece = play(*trained, events=args.events, temperature=temperature, seed=args.seed or 1)
        made[name] = piece
        (folder / f"{name}.mid").write_bytes(write_midi(piece))
        (folder / f"{name}.png").write_bytes(draw(piece))
    return made


def measure(
    model: keras.Model,
    sides: tuple[Sequence[Piece], Sequence[Piece]],
    vocabulary: Vocabulary,
    sizes: Sizes,
) -> dict[str, dict[str, float]]:
    """Give bits per event on the held-out pieces by field, of the network and of a Markov model.

    The Markov model looks two words back and learnt from the same pieces in the same keys.
    """
    found = {"network": training.bits(model, sides[1], vocabulary, sizes), "markov": {}}
    learnt = [vocabulary.encode(piece) for piece in training.in_all_keys(sides[0], sizes)]
    held = [vocabulary.encode(piece) for piece in sides[1]]
    for name in vocabulary.fields:
        chain = Markov(vocabulary.size(name))
        chain.learn(row[name].tolist() for row in learnt)
        found["markov"][name] = chain.bits(row[name].tolist() for row in held)
    return found


def _mean_kept(pieces: Sequence[Piece], fields: Sequence[str]) -> dict[str, float]:
    rows = [kept(piece, fields) for piece in pieces]
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _write_curve(folder: Path, history: dict[str, list[float]], begun: int) -> None:
    if not history:
        return
    curves = {
        label: (range(begun + 1, begun + 1 + len(history[name])), history[name])
        for name, label in (("loss", "training"), ("val_loss", "held out"))
    }
    picture = learning_curves(
        curves, Axes("piano", "passes over the corpus", "loss (nats per event)")
    )
    (folder / "curve.png").write_bytes(picture)


def report(record: dict[str, Any], folder: Path) -> str:
    """Write what came of it."""
    bits, words = record["bits"], record["words"]
    rows = [("bits per event, held out", "words", "network", "order-2 Markov")]
    rows += [
        (name, str(words[name]), *(f"{bits[m][name]:.3f}" for m in ("network", "markov")))
        for name in words
    ]
    lost = [("of a piece's notes there come back", "pitch", "onset", "length", "all three")]
    lost += [
        (name, *(f"{100 * value:.0f} %" for value in each.values()))
        for name, each in record["kept"].items()
    ]
    runs = record["longest_run"]
    head = (
        f"{record['pieces']} pieces, {record['events']:,} events, "
        f"{record['held_out']} pieces held out; {record['parameters']:,} parameters, "
        f"{record['epochs']} epochs, {record['seconds']:.0f} s "
        f"({record['processor_seconds']:.0f} s of processor time)"
    )
    longest = (
        f"most equal events in a row: {runs['sampled']} sampled, "
        f"{runs['likeliest']} taking the likeliest"
    )
    return "\n".join(
        (
            head,
            "",
            align(rows),
            "",
            align(lost),
            "",
            longest,
            f"music, picture, checkpoints: {folder}",
            f"tensorboard --logdir {folder / 'log'}",
        )
    )
