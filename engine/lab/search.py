"""Random search: draw settings, train briefly, keep the best; with Keras Tuner.

What is sought is the smallest surprise, in nats per note, at the song's own notes: learning a song
by heart is what the lesson is about, so there is nothing to hold out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import keras_tuner

from engine.evaluation.table import align

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from engine.lab.registry import Family
    from engine.lab.setup import Setup

SHARE: Final = 4
"""A trial takes the lesson's epochs divided by this, where none are set."""

PATIENCE: Final = 10
"""Hundredths of the training without progress after which a trial is stopped."""


class Search(keras_tuner.RandomSearch):  # type: ignore[misc]  # keras-tuner ships no types
    """Keras Tuner's random search over a lesson's settings."""

    def __init__(self, family: Family, base: Setup, trials: int, folder: Path) -> None:
        self.family = family
        self.base = base
        self.tell: Callable[[str], None] = lambda _: None
        super().__init__(
            objective=keras_tuner.Objective("nats", "min"),
            max_trials=trials,
            seed=base.seed,
            directory=str(folder),
            project_name=family.name,
            overwrite=True,
        )

    def setup_of(self, hp: Any) -> Setup:
        """Draw a setup."""
        changes: dict[str, Any] = {
            "units": hp.Int("units", 16, 256, sampling="log"),
            "optimiser": hp.Choice("optimiser", ["momentum", "rmsprop", "adam"]),
            "rate": hp.Float("rate", 1e-4, 1e-1, sampling="log"),
            "dropout": hp.Choice("dropout", [0.0, 0.1, 0.3]),
            "scaling": hp.Choice("scaling", ["13", "minmax", "standard"]),
        }
        if self.base.batch > 1:
            changes["batch"] = hp.Choice("batch", [5, 10, 25, 50])
        return self.base.but(**changes)

    def run_trial(self, trial: Any, *_: Any, **__: Any) -> dict[str, float]:
        """Train one setup until it learns no more, and measure it."""
        keras.backend.clear_session()
        keras.utils.set_random_seed(self.base.seed)
        lesson = self.family.build(self.setup_of(trial.hyperparameters))
        lesson.learn([keras.callbacks.EarlyStopping("loss", patience=PATIENCE, min_delta=1e-3)])
        hits = sum(a == b for a, b in zip(lesson.one_step(), lesson.wanted(), strict=True))
        figures = {
            "nats": lesson.surprise(),
            "hits": float(hits),
            "epochs": float(lesson.passes[-1]),
        }
        values = ", ".join(f"{n} {_short(v)}" for n, v in trial.hyperparameters.values.items())
        self.tell(f"{figures['nats']:.3f} nats, {hits} hits: {values}")
        return figures


def search(
    family: Family,
    base: Setup,
    trials: int,
    folder: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> Sequence[tuple[Setup, dict[str, float]]]:
    """Draw so many setups and give them with their figures, the best first.

    Raises:
        ValueError: for a model that gives no probabilities, or for no trials.
    """
    if family.module in {"gan", "seq2seq"}:
        raise ValueError(f"{family.name} gives no probability of the next note to search by")
    if trials < 1:
        raise ValueError("a search takes at least one trial")
    tuner = Search(family, base, trials, folder)
    tuner.tell = tell
    tuner.search(verbose=0)
    done = tuner.oracle.get_best_trials(trials)
    names = ("nats", "hits", "epochs")
    return [
        (
            tuner.setup_of(trial.hyperparameters),
            {name: float(trial.metrics.get_best_value(name)) for name in names},
        )
        for trial in done
    ]


def table(base: Setup, found: Sequence[tuple[Setup, dict[str, float]]], most: int = 10) -> str:
    """Write the best setups."""
    head = ("nats per note", "one step", "epochs", "setup")
    rows = [
        (
            f"{figures['nats']:.4f}",
            f"{figures['hits']:.0f}",
            f"{figures['epochs']:,.0f}",
            ", ".join(f"{n} {_short(v)}" for n, v in setup.differences(base).items()) or "as it is",
        )
        for setup, figures in found[:most]
    ]
    return align([head, *rows], left=(3,))


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
