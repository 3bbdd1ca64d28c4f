"""Studies of one model beside training it: compare options, find a learning rate, search."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.evaluation.table import align
from engine.lab import options as comparing
from engine.lab import rate as finding
from engine.lab import search as searching
from engine.lab.arguments import changes
from engine.lab.pictures import Axes, learning_curves
from engine.lab.running import prepare, run

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from engine.lab.registry import Family
    from engine.lab.setup import Setup


def tell(text: str) -> None:
    """Say how far it is, beside the result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201  # its purpose


def options(args: argparse.Namespace, family: Family) -> str:
    """Compare all options on one model; give the table, write it and the learning curves."""
    prepare()
    rows = comparing.compare(family, family.setup.but(**changes(args)), tell)
    folder = _folder(args, f"options-{family.name}")
    text = comparing.table(rows)
    (folder / "table.txt").write_text(text + "\n", encoding="utf-8")
    for group in ("optimiser", "activation", "scaling"):
        curves = {value: (each.passes, each.loss) for g, value, each in rows if g == group}
        picture = learning_curves(curves, Axes(f"{family.name}: {group}"))
        (folder / f"{group}.png").write_bytes(picture)
    return f"{family.name}, one option changed at a time\n\n{text}\n\nlearning curves: {folder}"


def rate(args: argparse.Namespace, family: Family) -> str:
    """Find a learning rate; give it, compare it with the optimiser's own, draw the sweep."""
    prepare()
    setup = family.setup.but(**changes(args))
    found = finding.sweep(family, setup)
    shown = [loss <= 2 * found.smoothed[0] for loss in found.smoothed]
    end = shown.index(False) if False in shown else len(shown)
    around = Axes(
        f"{family.name}, {setup.optimiser}: loss while the rate rises",
        x="learning rate",
        logarithmic=True,
        mark=found.chosen,
    )
    curves = {
        "each step": (found.rates[:end], found.losses[:end]),
        "smoothed": (found.rates[:end], found.smoothed[:end]),
    }
    path = _folder(args, f"rate-{family.name}") / "rate.png"
    path.write_bytes(learning_curves(curves, around))
    tried = {"as set": setup, f"{found.chosen:.2g}": setup.but(rate=found.chosen)}
    text = _side_by_side("learning rate", family, tried)
    return (
        f"{family.name}, {setup.optimiser}: the largest good rate is {found.largest:.2g}, "
        f"half of it {found.chosen:.2g}\n\n{text}\n\nloss by rate: {path}"
    )


def search(args: argparse.Namespace, family: Family) -> str:
    """Search setups at random in short trainings; train the best and the lesson's in full."""
    prepare()
    full = family.setup.but(**changes(args))
    short = full if args.epochs else full.but(epochs=max(1, full.epochs // searching.SHARE))
    folder = _folder(args, "search")
    found = searching.search(family, short, args.trials, folder, tell)
    trials = searching.table(short, found)
    best = found[0][0].but(epochs=full.epochs)
    last = _side_by_side("trained in full", family, {"as set": full, "the best trial's": best})
    text = f"{trials}\n\n{last}"
    (folder / f"{family.name}.txt").write_text(text + "\n", encoding="utf-8")
    head = f"{family.name}: {len(found)} setups, at most {short.epochs:,} epochs each"
    return f"{head}\n\n{text}\n\ntrials: {folder}"


def _side_by_side(what: str, family: Family, setups: Mapping[str, Setup]) -> str:
    """Train setups by name and write how they did."""
    rows = [(what, "epochs", "loss at the end", "one step", "whole song")]
    for name, setup in setups.items():
        tell(f"training with {name} …")
        each = run(family, setup)
        scores = str(each.steps_score), str(each.song_score)
        rows.append((name, f"{each.epochs:,}", f"{each.loss[-1]:.3f}", *scores))
    return align(rows)


def _folder(args: argparse.Namespace, name: str) -> Path:
    folder: Path = args.out / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
