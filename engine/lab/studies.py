"""Studies of one model beside training it: compare options, find a learning rate, search."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from engine.lab import options as comparing
from engine.lab import rate as finding
from engine.lab import search as searching
from engine.lab.arguments import changes
from engine.lab.pictures import Axes, learning_curves
from engine.lab.running import prepare, run
from engine.table import align

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from engine.lab.registry import Family


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
    head = ("learning rate", "loss at the end", "one step", "whole song")
    rows = []
    for name, value in (("as set", setup.rate), (f"{found.chosen:.2g}", found.chosen)):
        tell(f"training with {name} …")
        each = run(family, setup.but(rate=value))
        rows.append((name, f"{each.loss[-1]:.3f}", str(each.steps_score), str(each.song_score)))
    return (
        f"{family.name}, {setup.optimiser}: the largest good rate is {found.largest:.2g}, "
        f"half of it {found.chosen:.2g}\n\n{align([head, *rows])}\n\nloss by rate: {path}"
    )


def search(args: argparse.Namespace, family: Family) -> str:
    """Search setups at random; give the best."""
    prepare()
    setup = family.setup.but(**changes(args))
    folder = _folder(args, "search")
    found = searching.search(family, setup, args.trials, folder, tell)
    text = searching.table(setup, found)
    (folder / f"{family.name}.txt").write_text(text + "\n", encoding="utf-8")
    return f"{family.name}: the best of {len(found)} setups\n\n{text}\n\ntrials: {folder}"


def _folder(args: argparse.Namespace, name: str) -> Path:
    folder: Path = args.out / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
