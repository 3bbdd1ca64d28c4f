"""Measure how near composed continuations are to the true ones of tunes never seen.

    python benchmarks/continuation.py --cache FOLDER [--tunes 200] [--seed 1] [--version nabi-2]
        [--candidates 16] [--ablate] [--json FILE]

(On a machine with other work, OMP_NUM_THREADS=1 makes it faster.)

Held-out tunes are cut after five bars and continued to their length, told their meter, key and
pickup. Beside the model stand three anchors: the real continuation, an order-2 Markov chain that
learnt from the same tunes, and the primer repeated. With --ablate each part of the choice among
candidates is left out in turn, then the whole choice.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from anchors import PRIMER_BARS, Markov, Task, cut, foil, repeated
from tqdm import tqdm

from engine.choice import Taste
from engine.compose import CANDIDATES, compose
from engine.copying import LONGEST, Copies, index_arrays
from engine.corpus import TICK, read_collections, split
from engine.evaluation.comparison import (
    FEATURES,
    cardinality_over_time,
    distances,
    features,
    histogram_overlap,
    interval_of_confidence,
    overlap_area,
    pitch_overlap,
    within,
)
from engine.features import Frame, meter_class
from engine.music import Melody, Note
from engine.notation import write_bars
from engine.predict import Model, listen
from engine.registry import SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.evaluation.comparison import Line

    Writer = Callable[[Task, int], Line]

REAL: Final = "the real continuation"
HALVINGS: Final = 20

HEAD: Final = """\
{tunes} tunes that it has not learnt from, cut after {bars} bars and continued to their length, told
their meter, key and pickup. Means with 95 % intervals by the bootstrap over tunes. Made by
`{command}`.
"""
SCORES: Final = """
Cardinality score and pitch overlap as in MIREX *Patterns for Prediction*; the former is averaged
over the first 2 to 10 quarters.
"""
RUNS: Final = """
Runs that end in the continuation and may begin in the primer; shorter ones than 12 count as 0. The
last column is the share of tunes over 16 although the primer is no training tune: a primer that is
one (half of its 12-interval windows stand in it) may go on as learnt.
"""
FOILS: Final = """\
The true continuation against another tune's in the same key, mode and meter, by the model's
log-likelihood a note, and by how much likelier the primer makes it (Bayes' rule); on all
{tunes} held-out tunes that have a foil.
"""

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What every row is measured with."""

    tasks: list[Task]
    copies: Copies
    random: np.random.Generator


def composer(model: Model, candidates: int = CANDIDATES, **options: Any) -> Writer:
    """Give a function that lets the model continue a task with a seed."""

    def write(task: Task, seed: int) -> Line:
        tune = task.tune
        notes = tuple(Note(o * TICK, d * TICK, p) for o, d, p in task.primer)
        primer = Melody(
            notes, tune.meter, tune.pickup * TICK, tune.key, tempo=100.0, length=task.cut * TICK
        )
        made = compose(
            model,
            primer,
            bars=task.bars,
            temperature=1.0,
            seed=seed,
            candidates=candidates,
            **options,
        )
        new = made.melody.notes[len(notes) :]
        return tuple((int(n.onset / TICK), int(n.duration / TICK), n.pitch) for n in new)

    return write


def measure(bench: Bench, lines: Sequence[Line]) -> dict[str, Array]:
    """Measure each continuation alone and against the true one."""
    rows = []
    for task, line in zip(bench.tasks, lines, strict=True):
        score = cardinality_over_time(task.rest, line, task.primer[-1][0])
        whole = [pitch for _, _, pitch in (*task.primer, *line)]
        scale = task.tune.key.scale
        rows.append(
            {
                "cardinality F1": score.f1,
                "precision": score.precision,
                "recall": score.recall,
                "pitch overlap": pitch_overlap(task.rest, line),
                "pitch-class overlap": pitch_overlap(task.rest, line, octaves=False),
                "in key": sum(p % 12 in scale for _, _, p in line) / len(line),
                "bars filled": filled(task, line),
                "longest copy": bench.copies.longest(whole, len(task.primer)),
                "known primer": bool(bench.copies.known(whole[: len(task.primer)])),
            }
        )
    return {name: np.array([row[name] for row in rows], float) for name in rows[0]}


def filled(task: Task, line: Line) -> float:
    """Give the share of new bars that notes and written rests fill exactly."""
    notes = tuple(Note(o * TICK, d * TICK, p) for o, d, p in (*task.primer, *line))
    tune = task.tune
    melody = Melody(notes, tune.meter, tune.pickup * TICK, tune.key)
    bars = [bar for bar in write_bars(melody) if bar.onset >= task.cut * TICK]
    whole = [sum(symbol.value.duration for symbol in bar.symbols) == bar.length for bar in bars]
    ends = line[-1][0] + line[-1][1] == task.end
    return (sum(whole) - (not ends)) / task.bars


def overlaps(bench: Bench, lines: Sequence[Line], name: str) -> tuple[float, float, float, float]:
    """Compare the distribution of a feature with that of the real continuations.

    The real ones are halved, again and again: what the one half has in common with the other is
    the yardstick for what it has in common with the composed ones of the other's tunes.

    Returns:
        Yang & Lerch's overlap area of the distances inside the real half with those to the
        composed ones, the same for the other real half, and the overlap of the mean
        distributions likewise.
    """
    tonics = [task.tune.key.tonic for task in bench.tasks]
    real = features(name, [task.rest for task in bench.tasks], tonics)
    made = features(name, lines, tonics)
    among, across = distances(real, real), distances(real, made)
    random = np.random.default_rng(1)
    found = []
    for _ in range(HALVINGS):
        order = random.permutation(len(real))
        half, other = order[: len(order) // 2], order[len(order) // 2 :]
        inside = within(among[np.ix_(half, half)])
        found.append(
            (
                overlap_area(inside, across[np.ix_(half, other)].ravel()),
                overlap_area(inside, among[np.ix_(half, other)].ravel()),
                histogram_overlap(real[half], made[other]),
                histogram_overlap(real[half], real[other]),
            )
        )
    area, yardstick, mean, mean_yardstick = np.mean(found, axis=0).tolist()
    return area, yardstick, mean, mean_yardstick


def discriminate(bench: Bench, model: Model) -> dict[str, Array]:
    """Ask the model which of two continuations is true, for each tune that has a foil.

    Returns:
        for each way to decide, 1 where the true one is chosen: by log-likelihood per note, and
        by how much likelier the primer makes it (Bayes' rule for two tunes of equal standing).
    """
    rows = []
    for task in tqdm(bench.tasks, desc="foils", disable=None):
        false = foil(task, bench.tasks, bench.random)
        if false is None:
            continue
        end = min(task.rest[-1][0], false[-1][0])
        pair = [tuple(note for note in line if note[0] <= end) for line in (task.rest, false)]
        after = [_surprise(model, task, line) for line in pair]
        alone = [_surprise(model, replace(task, primer=()), line) for line in pair]
        gain = [(a * len(x), b * len(x)) for a, b, x in zip(after, alone, pair, strict=True)]
        rows.append((after[0] > after[1], gain[0][0] - gain[0][1] > gain[1][0] - gain[1][1]))
    found = np.array(rows, float)
    return {"likelihood per note": found[:, 0], "gain by the primer": found[:, 1]}


def _surprise(model: Model, task: Task, line: Line) -> float:
    """Give the log-likelihood a note, in nats, of a continuation after a task's primer."""
    meter = task.tune.meter
    frame = Frame(task.tune.key.tonic, meter_class(meter), task.bar)
    start = (task.bar - task.tune.pickup) % task.bar
    notes = [*task.primer, *line]
    if not task.primer:
        notes, start = [(o - task.cut, d, p) for o, d, p in line], 0
    _, _, found = listen(model, notes, [frame], [start], memory=True)
    every = found.shift + found.duration + found.pitch
    first = max(1, len(task.primer))  # alone, the first note has no interval: it tells nothing
    return float(every[first:].sum() / len(line))


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tunes", type=int, default=200, help="held-out tunes (0: all)")
    parser.add_argument("--seed", type=int, default=1, help="of drawing tunes, foils and notes")
    parser.add_argument("--version", default="nabi-2", help="name of the version, or its folder")
    parser.add_argument("--cache", type=Path, required=True, help="folder of parsed collections")
    parser.add_argument("--candidates", type=int, default=CANDIDATES, help="drawn for each tune")
    parser.add_argument("--ablate", action="store_true", help="leave parts of the choice out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    folder = Path(options.version)
    model = Model.load(folder if folder.is_dir() else SHIPPED / options.version)
    figures = bench(options, model)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(report(options, figures))


def bench(options: argparse.Namespace, model: Model) -> dict[str, Any]:
    """Measure every row and give the figures by name."""
    names = tuple(model.document["corpus"]["collections"])
    training, held_out = split(read_collections(names, options.cache))
    random = np.random.default_rng(options.seed)
    tasks = [task for tune in held_out if (task := cut(tune)) is not None]
    random.shuffle(tasks)  # type: ignore[arg-type]  # a list is a sequence to shuffle
    tools = Bench(tasks[: options.tunes or None], Copies(index_arrays(training)), random)
    chain = Markov(training)
    writers: dict[str, Writer] = {
        model.name: composer(model, options.candidates),
        "order-2 Markov": lambda task, seed: chain.go_on(task, np.random.default_rng(seed)),
        "the primer repeated": lambda task, _seed: repeated(task),
        REAL: lambda task, _seed: task.rest,
    }
    if options.ablate:
        for part in fields(Taste):
            taste = replace(Taste(), **{part.name: 0.0})
            writers[f"without {part.name}"] = composer(model, options.candidates, taste=taste)
        writers["one candidate"] = composer(model, 1)
    rows = {}
    for name, write in writers.items():
        work = tqdm(tools.tasks, desc=name, disable=None)
        lines = [write(task, options.seed * 100_003 + place) for place, task in enumerate(work)]
        rows[name] = summary(tools, lines)
    told = discriminate(replace(tools, tasks=tasks), model)  # cheap: all held-out tunes
    return {
        "version": model.name,
        "tunes": len(tools.tasks),
        "rows": rows,
        "foil_tunes": len(next(iter(told.values()))),
        "foils": {name: _mean(found, random) for name, found in told.items()},
    }


def summary(tools: Bench, lines: Sequence[Line]) -> dict[str, Any]:
    """Measure one row: means with their confidence, copying, and the distributions."""
    found = measure(tools, lines)
    copies, known = found.pop("longest copy"), found.pop("known primer")
    return {
        **{name: _mean(values, tools.random) for name, values in found.items()},
        "copied": {
            "mean": float(copies.mean()),
            "p95": float(np.quantile(copies, 0.95)),
            "most": int(copies.max()),
            "over": float((copies > LONGEST).mean()),
            "over unknown": float(((copies > LONGEST) & (known == 0)).mean()),
        },
        "distributions": {name: overlaps(tools, lines, name) for name in FEATURES},
    }


def _mean(values: Array, random: np.random.Generator) -> tuple[float, float, float]:
    return float(values.mean()), *interval_of_confidence(values, random)


def report(options: argparse.Namespace, figures: dict[str, Any]) -> str:
    """Lay the figures out as Markdown."""
    rows = figures["rows"]
    single = [name for name in rows[REAL] if name not in {"copied", "distributions"}]
    command = (
        f"python benchmarks/continuation.py --tunes {options.tunes} --seed {options.seed} "
        f"--version {figures['version']} --candidates {options.candidates} "
        f"{'--ablate ' if options.ablate else ''}--cache FOLDER"
    )
    return "\n".join(
        [
            f"# Continuations by {figures['version']}\n",
            HEAD.format(tunes=figures["tunes"], bars=PRIMER_BARS, command=command),
            "## Against the true continuation\n",
            _table(single, {n: [_span(row[s]) for s in single] for n, row in rows.items()}),
            SCORES,
            "## Overlap of the distributions with the real ones\n",
            *_distributions(rows),
            "## Longest run of intervals shared with one training tune\n",
            _table(
                ["mean", "95th percentile", "longest", f"over {LONGEST}", "primer not learnt"],
                {
                    name: [
                        f"{row['copied']['mean']:.1f}",
                        f"{row['copied']['p95']:.0f}",
                        f"{row['copied']['most']}",
                        f"{row['copied']['over']:.1%}",
                        f"{row['copied']['over unknown']:.1%}",
                    ]
                    for name, row in rows.items()
                },
            ),
            RUNS,
            "## Which continuation is true?\n",
            FOILS.format(tunes=figures["foil_tunes"]),
            _table(["right"], {n: [_span(v, percent=True)] for n, v in figures["foils"].items()}),
            "",
        ]
    )


def _distributions(rows: dict[str, Any]) -> list[str]:
    names = list(FEATURES)
    parts = []
    for title, at in (
        ("Area under both densities of distances (Yang & Lerch 2020)", 0),
        ("Area under both mean distributions", 2),
    ):
        cells = {}
        for row, figures in rows.items():
            if row == REAL:
                continue
            found = [figures["distributions"][name] for name in names]
            mean = float(np.mean([f[at] / f[at + 1] for f in found]))
            cells[row] = [*(f"{f[at]:.3f}" for f in found), f"{mean:.3f}"]
        halves = [rows[REAL]["distributions"][name][at + 1] for name in names]
        cells["two halves of the real ones"] = [*(f"{value:.3f}" for value in halves), "1.000"]
        parts += [f"{title}; last column: share of what two real halves have in common.\n"]
        parts += [_table([*names, "share of real"], cells), ""]
    return parts


def _span(value: Sequence[float], *, percent: bool = False) -> str:
    mean, low, high = value
    if percent:
        return f"{mean:.1%} ({low:.1%}–{high:.1%})"
    return f"{mean:.3f} ({low:.3f}–{high:.3f})"


def _table(heads: Sequence[str], rows: dict[str, list[str]]) -> str:
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
