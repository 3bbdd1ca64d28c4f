"""Search at random for settings of row (a)'s small network, with Keras Tuner.

    python benchmarks/search.py [pearce8.json] [--trials 12] [--collections 4_jugoslav,7_kinder]

Each trial draws settings, trains on eight ninths of the training melodies of the first fold of
each collection, and is measured in bits per pitch on the last ninth. The fold's own test melodies
are never looked at. A search that was stopped goes on where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import keras_tuner
import numpy as np
from platformdirs import user_cache_path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script

from benchmarks import folds, small_network
from benchmarks.folds import Split
from benchmarks.pearce import load
from benchmarks.small_network import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARE: Final = 9
"""One in so many of the training melodies measures."""

LIKELY: Final = "4_jugoslav,7_kinder"
"""A small and a large collection, whose trials do not take all day."""


class Search(keras_tuner.RandomSearch):  # type: ignore[misc]  # keras-tuner ships no types
    """Keras Tuner's random search; what it minimises is the mean over the collections.

    Args:
        splits: what each trial learns and is measured on.
        trials: how many.
        folder: keeps what is done.
    """

    def __init__(self, splits: Sequence[Split], trials: int, folder: Path) -> None:
        self.splits = splits
        super().__init__(
            objective=keras_tuner.Objective("bits", "min"),
            max_trials=trials,
            seed=1,
            directory=str(folder),
            project_name="small-network",
            overwrite=False,
        )

    @staticmethod
    def settings(hp: Any) -> Settings:
        """Draw settings."""
        return Settings(
            units=hp.Choice("units", [48, 64, 96, 128, 192]),
            inputs=hp.Choice("inputs", [32, 64, 96]),
            hidden=hp.Choice("hidden", [32, 64, 96]),
            dropout=hp.Float("dropout", 0.2, 0.6, step=0.1),
            epochs=hp.Choice("epochs", [15, 25, 40]),
            rate=hp.Float("rate", 5e-4, 5e-3, sampling="log"),
            decay=hp.Float("decay", 1e-3, 1e-1, sampling="log"),
        )

    def run_trial(self, trial: Any, *_: Any, **__: Any) -> dict[str, float]:
        """Train on every collection and measure."""
        how = self.settings(trial.hyperparameters)
        bits = [measure(split, how) for split in self.splits]
        return {"bits": float(np.mean(bits))}


def held_in(pieces: Sequence[Any]) -> Split:
    """Part the training melodies of the first fold: the test melodies stay out of sight."""
    seen = folds.split(pieces, 1, 0)
    return Split(
        [piece for place, piece in enumerate(seen.training) if place % SHARE],
        list(seen.training[::SHARE]),
        seen.alphabet,
        seen.seed,
    )


def measure(split: Split, how: Settings) -> float:
    """Train with some settings and give the bits per pitch."""
    said = small_network.by_pitch(split, how)
    logs = folds.normalised(said.log_probs[0])
    came = np.searchsorted(split.alphabet, np.concatenate([p.pitches for p in split.test]))
    return float(-logs[np.arange(len(came)), came].mean() / np.log(2))


def main() -> None:
    """Read the command line, search, print the trials, the best first."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, help="the benchmark's JSON file")
    parser.add_argument("--trials", type=int, default=12, help="settings to try (default: 12)")
    parser.add_argument("--collections", default=LIKELY, help=f"by comma (default: {LIKELY})")
    parser.add_argument(
        "--work", type=Path, default=user_cache_path("nabi", appauthor=False) / "benchmarks"
    )
    args = parser.parse_args()
    every = load(args.file)
    names = args.collections.split(",")
    tuner = Search([held_in(every[name]) for name in names], args.trials, args.work / "search")
    tuner.search(verbose=0)
    heads = [*asdict(Settings()), "bits"]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for trial in tuner.oracle.get_best_trials(args.trials):
        how = asdict(tuner.settings(trial.hyperparameters))
        cells = [
            f"{value:.2g}" if isinstance(value, float) else str(value) for value in how.values()
        ]
        print(f"| {' | '.join(cells)} | {trial.score:.3f} |")


if __name__ == "__main__":
    main()
