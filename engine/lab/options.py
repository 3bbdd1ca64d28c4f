"""One model under many options, in one table: what each does to learning a song by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.evaluation.table import align
from engine.lab.running import run
from engine.lab.setup import ACTIVATIONS, OPTIMISERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.lab.outcome import Outcome
    from engine.lab.registry import Family
    from engine.lab.setup import Setup

GROUPS: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "optimiser": tuple({"optimiser": name} for name in OPTIMISERS),
    "activation": tuple({"activation": name} for name in ACTIVATIONS),
    "l1": ({"l1": 1e-4}, {"l1": 1e-3}),
    "l2": ({"l2": 1e-4}, {"l2": 1e-3}),
    "dropout": ({"dropout": 0.2}, {"dropout": 0.5}),
    "max-norm": ({"max_norm": 1.0}, {"max_norm": 3.0}),
    "class weights": ({"class_weights": True},),
    "scaling": tuple({"scaling": name} for name in ("13", "14", "minmax", "standard", "none")),
}
"""What is varied, one at a time; everything else stays as the model has it in the lesson."""


def compare(
    family: Family, setup: Setup, tell: Callable[[str], None] = lambda _: None
) -> list[tuple[str, str, Outcome]]:
    """Train a model once for every option: group, value, outcome.

    Args:
        family: which model.
        setup: what all runs have in common.
        tell: is told before each run.
    """
    made = []
    for group, value, changed in varied(setup):
        tell(f"{group} {value} …")
        made.append((group, value, run(family, changed)))
    return made


def varied(setup: Setup) -> Iterator[tuple[str, str, Setup]]:
    """Give every setup to be tried: group, value, setup."""
    for group, changes in GROUPS.items():
        for change in changes:
            value = "yes" if change == {"class_weights": True} else str(*change.values())
            yield group, value, setup.but(**change)


def table(rows: Sequence[tuple[str, str, Outcome]]) -> str:
    """Write the comparison."""
    head = ("option", "value", "loss at the end", "one step", "whole song", "CPU seconds")
    lines: list[tuple[str, ...]] = [head]
    before = ""
    for group, value, each in rows:
        if before and group != before:
            lines.append(())
        cells = (str(each.steps_score), str(each.song_score), f"{each.seconds:.1f}")
        lines.append((group if group != before else "", value, f"{each.loss[-1]:.3f}", *cells))
        before = group
    return align(lines, left=(0, 1))
