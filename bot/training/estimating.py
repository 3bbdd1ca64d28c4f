"""Tell what a run would learn from and how long it would take, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.store.runs import Lease
from bot.training.process import Job, diagnose, load_training, plan_of, stand_back
from bot.training.runs import CORPUS, Estimate, Run, RunOptions, Skipped, Source
from engine.corpus import COLLECTIONS, cache_file
from engine.errors import BadVersion, UnknownVersion
from engine.registry import Registry
from engine.training.folder import list_files
from engine.training.material import CannotLearn, count, gather

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.corpus import Tune

_MANY: Final = 50


def ask(job: Job, options: RunOptions, base: str) -> bytes:
    """Put the question into a line for the process."""
    return json.dumps({"job": asdict(job), "options": asdict(options), "base": base}).encode()


def estimate_from(answer: Mapping[str, Any], options: RunOptions, base: str) -> Estimate:
    """Read the process's answer."""
    sources = tuple(Source(**each) for each in answer["sources"])
    notes = sum(source.notes for source in sources)
    return Estimate(
        options=replace(options, epochs=answer["epochs"]),
        base=base,
        sources=sources,
        tunes=sum(source.tunes for source in sources),
        notes=notes,
        skipped=tuple(Skipped(*each) for each in answer["skipped"]),
        skipped_count=answer["skipped_count"],
        epochs=answer["epochs"],
        speed=answer["speed"],
        seconds=notes * answer["epochs"] / answer["speed"],
        unread=tuple(answer["unread"]),
    )


def main() -> int:
    """Answer the question on standard input with the last line of standard output."""
    stand_back()
    sys.stdout.write(json.dumps(reply(sys.stdin.buffer.read())) + "\n")
    return 0


def reply(question: bytes) -> dict[str, Any]:
    """Answer a question from :func:`ask`; a failure is an answer, too."""
    told = json.loads(question)
    options = told["options"]
    if options["collections"] is not None:
        options["collections"] = tuple(options["collections"])
    try:
        return _answer(Job(**told["job"]), RunOptions(**options), told["base"])
    except Exception as error:  # noqa: BLE001 - whatever it was, the answer tells
        code, detail = diagnose(error)
        return {"failure": code, "detail": detail}


def _answer(job: Job, options: RunOptions, base: str) -> dict[str, Any]:
    registry = Registry(data=Path(job.data))
    cache = Path(job.data, "cache", "corpus")
    names = options.collections if options.collections is not None else (*COLLECTIONS, CORPUS)
    bundled = [name for name in names if name != CORPUS]
    unread = [name for name in bundled if not cache_file(cache, name).exists()]
    there = [name for name in names if name not in unread]
    tunes, skipped = gather(there, cache, Path(job.corpus), None, lambda *_: None)
    counts = {**count(tunes), **_told(registry, unread)}
    files = Counter({CORPUS: _files(job)}) if CORPUS in names else Counter[str]()
    if not counts:
        raise CannotLearn("empty-corpus")
    try:
        folder = registry.verify(base).folder if base else None
    except (BadVersion, UnknownVersion):
        folder = None
    lease = Lease(_as_run(options, base), 0, {})
    plan = plan_of(lease, folder)
    sources = [
        {"name": name, **counts.get(name, {"tunes": 0, "notes": 0}), "files": files[name]}
        for name in names
    ]
    return {
        "sources": sources,
        "skipped": skipped[:_MANY],
        "skipped_count": len(skipped),
        "unread": unread,
        "epochs": plan.epochs,
        "speed": _speed(plan, tunes),
    }


def _files(job: Job) -> int:
    return len(list_files(Path(job.corpus))[0])


def _told(registry: Registry, names: list[str]) -> dict[str, dict[str, int]]:
    """Count collections that were never read here by what versions say that learnt from them."""
    found: dict[str, dict[str, int]] = {}
    for version in registry.versions():
        corpus = version.manifest.get("corpus")
        collections = corpus.get("collections") if isinstance(corpus, dict) else None
        for name in names:
            told = collections.get(name) if isinstance(collections, dict) else None
            if isinstance(told, dict):
                figures = {key: int(told.get(key, 0)) for key in ("tunes", "notes")}
                found.setdefault(name, figures)
    return found


def _speed(plan: Any, tunes: list[Tune]) -> float:
    training = load_training()
    speed: float = training.measure(plan, tunes)
    return speed


def _as_run(options: RunOptions, base: str) -> Run:
    now = datetime.now(UTC)
    return Run("", "queued", options, options.name or "", base, now, now)


if __name__ == "__main__":
    sys.exit(main())
