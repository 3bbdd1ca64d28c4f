"""``nabi train``: the same run as in the chat, here and in words; or one for another machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.errors import AlreadyTraining
from bot.explaining import explain
from bot.training.asked import check
from bot.training.console import Console
from bot.training.estimating import ask, estimate_from, reply
from bot.training.keeper import Keeper
from bot.training.process import Job, diagnose, gather_all, load_training, stand_back, work
from bot.training.runs import CORPUS, RunOptions
from engine.corpus import COLLECTIONS
from engine.errors import EngineError
from engine.registry import Registry

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from bot.settings import Settings
    from bot.training.runs import Estimate, Run

LEASE: Final = 30.0
_USERS: Final = 2

_PLAN: Final[Mapping[str, tuple[type, str]]] = {
    "units": (int, "units of each LSTM layer (with --from scratch)"),
    "inputs": (int, "width of the input embedding (with --from scratch)"),
    "hidden": (int, "width of the layer before the scores (with --from scratch)"),
    "notes": (int, "notes in a batch, about"),
    "seed": (int, "seed of weights, order and transposition"),
    "dropout": (float, "share of units dropped"),
    "rate": (float, "highest learning rate"),
}
"""What may be set of :class:`engine.training.learning.Plan` besides what the chat offers."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nabi train``."""
    parser.add_argument(
        "--from",
        dest="start",
        choices=("current", "scratch"),
        default="current",
        help="go on from the version that answers, or learn from nothing (default: current)",
    )
    parser.add_argument("--epochs", type=int, help="most passes over the tunes")
    parser.add_argument(
        "--collections",
        help="what to learn from, by comma: "
        f"{', '.join(COLLECTIONS)}, and {CORPUS} for your own folder (default: all)",
    )
    parser.add_argument("--name", help="name of the new version (default: date and time)")
    parser.add_argument("--dry-run", action="store_true", help="tell what it would do, and stop")
    parser.add_argument(
        "--out",
        type=Path,
        help="write the version into this folder, to be dropped in elsewhere: nothing is "
        "compared or switched, and the bot does not see the run",
    )
    parser.add_argument("--cache", type=Path, help="folder for parsed collections")
    parser.add_argument("--corpus", type=Path, help="your own folder of tunes")
    for name, (kind, what) in _PLAN.items():
        parser.add_argument(f"--{name}", type=kind, help=what)
    parser.add_argument(
        "--without",
        type=Path,
        metavar="FILE",
        help="benchmark melodies (JSON); tunes that share 12 intervals with one are left out",
    )
    parser.add_argument("--json", action="store_true", help="print progress as JSON lines")


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Carry ``nabi train`` out.

    Returns:
        exit status: 1: the run failed; 2: the command line is wrong, or another run is going on.
    """
    names = args.collections
    options = RunOptions(
        start=args.start,
        epochs=args.epochs,
        collections=None
        if names is None
        else tuple(name.strip() for name in names.split(",") if name.strip()),
        name=args.name,
    )
    further = {name: value for name in _PLAN if (value := getattr(args, name)) is not None}
    if args.start == "current" and further.keys() & {"units", "inputs", "hidden"}:
        return _complain("--units, --inputs and --hidden go with --from scratch")
    if args.without is not None:
        further["without"] = str(args.without.absolute())
    if args.cache is not None:
        further["cache"] = str((args.cache / "corpus").absolute())
    registry = Registry(data=settings.data)
    try:
        base = check(options, registry)
        job = _job(args, settings)
        if args.dry_run:
            return _dry_run(args, job, options, base)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        if args.out is not None:
            return _apart(args, job, options, further, registry)
        return _registered(args, job, options, further, base)
    except AlreadyTraining as error:
        return _complain(_other(error.run))
    except EngineError as error:
        return _complain(explain(error, "en"))


def _job(args: argparse.Namespace, settings: Settings) -> Job:
    corpus = settings.corpus_folder if args.corpus is None else args.corpus.absolute()
    return Job(
        run="",
        owner=f"command line, process {os.getpid()}",
        database=settings.database_url,
        data=str(settings.data),
        corpus=str(corpus),
        keep=settings.keep_versions,
        lease=LEASE,
    )


def _complain(sentence: str) -> int:
    print(f"nabi train: {sentence}", file=sys.stderr)  # noqa: T201 - for the person who typed it
    return _USERS


def _other(other: Run | None) -> str:
    if other is None:
        return explain(AlreadyTraining(), "en")
    return (
        f"another run is going on: {other.version} ({other.state}), begun {other.begun:%F %R} UTC"
    )


def _name(options: RunOptions) -> str:
    return options.name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _registered(
    args: argparse.Namespace, job: Job, options: RunOptions, further: dict[str, Any], base: str
) -> int:
    """Train here, as a run that the bot sees too; go on with one that was left alone."""
    from dataclasses import replace  # noqa: PLC0415 - with its use

    console = Console(json_lines=args.json)
    Path(job.data).mkdir(parents=True, exist_ok=True)
    with Keeper(job.database, job.lease, echo=console.show) as keeper:
        left = keeper.call(keeper.runs.unheld())
        if left is not None and options.name in {None, left.version}:
            console.line(f"going on with {left.version}")
            begun = left
        else:
            begun = keeper.call(
                keeper.runs.begin(options, version=_name(options), base=base, further=further)
            )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.pause())
        stand_back()
        status = work(replace(job, run=begun.id), keeper)
        console.close()
        end = keeper.call(keeper.runs.run(begun.id))
    assert end is not None
    _tell_end(end, console, json_lines=args.json)
    return status


def _tell_end(end: Run, console: Console, *, json_lines: bool) -> None:
    outcome = end.outcome
    if json_lines:
        told: dict[str, Any] = {"state": end.state, "version": end.version}
        if end.failure is not None:
            told |= {"failure": end.failure, "detail": end.detail}
        if outcome is not None:
            told |= {
                "promoted": outcome.promoted,
                "old_bits": outcome.old_bits,
                "new_bits": outcome.new_bits,
                "low": outcome.low,
                "high": outcome.high,
            }
        print(json.dumps(told), flush=True)  # noqa: T201 - its purpose
        return
    if end.failure is not None:
        console.line(f"failed: {end.failure}\n{end.detail}")
    elif not end.over:
        console.line("paused: 'nabi train', or the bot, goes on from the last checkpoint")
    elif outcome is None:
        console.line(f"{end.state}: {end.version}")
    else:
        console.line(
            f"{end.version}: {outcome.new_bits:.3f} bits a note on {outcome.tunes} held-out tunes, "
            f"{end.base} {outcome.old_bits:.3f} "
            f"(difference {outcome.low:+.3f} to {outcome.high:+.3f})"
        )
        verdict = "it answers now" if outcome.promoted else "not better beyond noise: kept"
        console.line(f"{verdict}; 'nabi models' lists the versions")


def _apart(
    args: argparse.Namespace,
    job: Job,
    options: RunOptions,
    further: dict[str, Any],
    registry: Registry,
) -> int:
    """Train a version into a folder; nobody else hears of it. A killed one goes on by its name."""
    name = _name(options)
    base = registry.active.folder if options.start == "current" else None
    console = Console(json_lines=args.json)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: console.pause())
    folder = (args.cache or Path(job.data, "cache")) / "runs" / name
    try:
        material = gather_all(job, options.collections, further, folder, base, console)
        training = load_training()
        usual: dict[str, Any] = {}
        if base is not None:
            usual = {"epochs": training.FINE_EPOCHS, "rate": training.FINE_RATE}
        given = {key: value for key, value in further.items() if key in _PLAN}
        if options.epochs is not None:
            given["epochs"] = options.epochs
        plan = training.Plan(
            name=name,
            base=base,
            start=options.start,
            logs=folder.parents[1] / "logs",
            **{**usual, **given},
        )
        trained = training.train(plan, material, console, folder / "checkpoint.npz")
        training.write_version(args.out / name, trained.weights, trained.document, trained.further)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - told as it is to the bot
        console.close()
        if console.wish():
            console.line("paused: the same command with --name goes on from the last checkpoint")
            return 0
        code, detail = diagnose(error)
        console.show("failed", {"failure": code, "detail": detail})
        console.line(f"{code}: {detail}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    console.close()
    console.show("done", {"version": name, **trained.document["metrics"]})
    console.line(f"{args.out / name}: {trained.document['metrics']}")
    return 0


def _dry_run(args: argparse.Namespace, job: Job, options: RunOptions, base: str) -> int:
    """Tell what a run would do."""
    answer = reply(ask(job, options, base))
    if "failure" in answer:
        print(json.dumps(answer) if args.json else f"{answer['failure']}: {answer['detail']}")  # noqa: T201
        return 1
    estimate = estimate_from(answer, options, base)
    print(json.dumps(answer) if args.json else _estimate_text(estimate))  # noqa: T201 - its purpose
    return 0


def _estimate_text(estimate: Estimate) -> str:
    lines = [
        f"{source.name:>8}  {source.tunes:6,} tunes  {source.notes:9,} notes"
        + (f"  in {source.files} files" if source.files else "")
        + ("  (to be read first)" if source.name in estimate.unread else "")
        for source in estimate.sources
    ]
    lines += [f"skipped {each.file}: {each.reason}" for each in estimate.skipped]
    minutes = estimate.seconds / 60
    lines.append(
        f"from {estimate.base if estimate.options.start == 'current' else 'nothing'}, at most "
        f"{estimate.epochs} epochs of {estimate.notes:,} notes at {estimate.speed:,.0f} notes a "
        f"second: about {minutes:,.0f} minutes"
    )
    return "\n".join(lines)
