"""The training process: takes a run, learns, and lets exactly one version come out.

It is started with one line of JSON on its standard input (:class:`Job`) and needs nobody from
then on: it holds its run by a lease in the database, keeps its checkpoints in the data folder,
and goes on when the bot dies. No secret stands in its environment or its command line.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import shutil
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.store.runs import Outdated
from bot.training.keeper import OUTDATED, Keeper
from bot.training.runs import CORPUS
from bot.training.versions import prune
from engine.corpus import COLLECTIONS
from engine.errors import BadVersion, UnknownVersion
from engine.registry import Registry
from engine.training import door as training_door
from engine.training.material import CannotLearn, Material, Taught, gather, part
from engine.workers.child import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.store.runs import Lease
    from bot.training.console import Console
    from bot.training.runs import Failure
    from engine.training.learning import Plan

log = logging.getLogger(__name__)

_NICENESS: Final = 15
_FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
_MANY_SKIPS: Final = 50
_KEPT_LOGS: Final = 10

LOG: Final = "trainer.log"
"""Name of a process's log in its run's folder."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a training process is told.

    Attributes:
        run: id of the run.
        owner: name under which it takes the run.
        database: SQLAlchemy address.
        data: the data folder.
        corpus: the operator's folder of tunes.
        keep: versions to keep.
        lease: seconds without a sign of life after which the run may be another's.
        save_every: seconds between two checkpoints.
    """

    run: str
    owner: str
    database: str
    data: str
    corpus: str
    keep: int = 10
    lease: float = 30.0
    save_every: float = 180.0

    def line(self) -> bytes:
        """Give the line that starts the process."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> int:
    """Do the job that standard input tells."""
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    job = Job(**json.loads(sys.stdin.readline()))
    stand_back()
    with Keeper(job.database, job.lease) as keeper:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.pause())
        return work(job, keeper)


def stand_back() -> None:
    """Let everybody else go first: processor time, and who is ended when memory runs out."""
    if sys.platform != "win32":
        os.nice(_NICENESS)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_bytes(b"800")


def threads() -> int:
    """Give the number of threads that training may use."""
    return max(1, (os.cpu_count() or 1) // 2)


def work(job: Job, keeper: Keeper) -> int:
    """Take a run and carry it as far as possible.

    Returns:
        exit status: 0 also when there was nothing to take, 1 when the run failed.
    """
    lease = keeper.take(job.run, job.owner)
    if lease is None:
        return 0
    try:
        _carry_out(job, keeper, lease)
    except Outdated:
        return OUTDATED
    except BaseException as error:  # noqa: BLE001 - whatever it was, the row must tell
        return _end(job, keeper, lease, error)
    _clean(job)
    return 0


def _end(job: Job, keeper: Keeper, lease: Lease, error: BaseException) -> int:
    """Write down how a run ended that made no version."""
    run = lease.run.id
    with contextlib.suppress(Outdated):
        keeper.call(keeper.rest())
        if type(error).__name__ == "Interrupted" or isinstance(error, KeyboardInterrupt):
            if keeper.wish() != "stop":
                keeper.call(keeper.runs.let_go(run, fence=lease.fence))
                return 0
            keeper.call(keeper.runs.end(run, lease.fence, "cancelled"))
        else:
            code, detail = diagnose(error)
            log.error("the run failed: %s\n%s", code, detail)
            keeper.call(keeper.runs.end(run, lease.fence, "failed", failure=code, detail=detail))
        _clean(job)
    return 0 if keeper.wish() == "stop" else 1


def diagnose(error: BaseException) -> tuple[Failure, str]:
    """Give the failure's code, and for operators where it arose."""
    if isinstance(error, CannotLearn):
        return error.code, error.detail
    if isinstance(error, OSError) and error.errno in _FULL:
        return "disk-full", str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "memory", describe(error)
    message = str(error) if isinstance(error, OSError) else ""
    return "crashed", f"{message}\n{describe(error)}".strip()


def _carry_out(job: Job, keeper: Keeper, lease: Lease) -> None:
    registry = Registry(data=Path(job.data))
    run = lease.run
    made = _made(registry, run.id)
    if made is None:
        made = _learn(job, keeper, lease, registry)
    folder, document = made
    keeper.call(keeper.rest())
    keeper.call(
        keeper.runs.end(
            run.id,
            lease.fence,
            "done",
            last=lambda: _publish(registry, folder, document, run.base),
        )
    )
    for name in prune(registry, job.keep):
        keeper.call(keeper.runs.note(None, "prune", name))


def _made(registry: Registry, run_id: str) -> tuple[Path, Mapping[str, Any]] | None:
    """Find the version that an earlier process of this run has published already."""
    for version in registry.versions():
        if version.manifest.get("run") == run_id:
            return version.folder, version.manifest
    return None


def _learn(
    job: Job, keeper: Keeper, lease: Lease, registry: Registry
) -> tuple[Path, dict[str, Any]]:
    """Read, train, and write the version beside its place; give the folder and what it says."""
    run = lease.run
    folder = work_folder(job)
    try:
        base = registry.verify(run.base).folder if run.base else None
    except (BadVersion, UnknownVersion) as error:
        raise CannotLearn("bad-base", str(error)) from error

    material = gather_all(job, run.options.collections, lease.further, folder, base, keeper)
    training = load_training()
    plan = plan_of(lease, base, job.save_every, Path(job.data, "cache", "logs"))
    trained = training.train(plan, material, keeper, folder / "checkpoint.npz")
    document = {**trained.document, "run": run.id}
    return _stage(job, lease, trained, document), document


def gather_all(  # noqa: PLR0913, PLR0917 - the parts of a run
    job: Job,
    asked: tuple[str, ...] | None,
    further: Mapping[str, Any],
    folder: Path,
    base: Path | None,
    observer: Keeper | Console,
) -> Material:
    """Read what a run learns from, and part it.

    Args:
        job: tells where things are.
        asked: collections; None: all.
        further: may name another ``cache`` and a file of melodies to do ``without``.
        folder: in which the operator's tunes are kept while the run lasts.
        base: folder of the version that answers.
        observer: is told how far it is, and may end it.

    Raises:
        CannotLearn: when there is too little.
        KeyboardInterrupt: when the observer wished for an end.
    """

    def reading(collection: str, done: int, of: int) -> None:
        observer.tell("reading", collection=collection, done=done, of=of, share=done / max(1, of))
        if observer.wish():
            raise KeyboardInterrupt

    observer.tell("reading", share=None)
    without = further.get("without")
    tunes, skipped = gather(
        asked if asked is not None else (*COLLECTIONS, CORPUS),
        Path(further.get("cache") or Path(job.data, "cache", "corpus")),
        Path(job.corpus),
        folder / "tunes.npz",
        reading,
        processes=threads(),
        unrelated=None if without is None else Path(without),
    )
    observer.tell("encoding", skipped=skipped[:_MANY_SKIPS], skipped_count=len(skipped), share=None)
    return Material(*part(tunes, Taught(base)), skipped)


def plan_of(
    lease: Lease, base: Path | None, save_every: float = 180.0, logs: Path | None = None
) -> Plan:
    """Make the plan of a run: what was asked, then what suits the start."""
    training = load_training()
    fine = lease.run.options.start == "current" and base is not None
    usual: dict[str, Any] = {"epochs": training.FINE_EPOCHS, "rate": training.FINE_RATE}
    given = {k: v for k, v in lease.further.items() if k not in {"without", "cache"}}
    if lease.run.options.epochs is not None:
        given["epochs"] = lease.run.options.epochs
    plan: Plan = training.Plan(
        name=lease.run.version,
        base=base,
        start="current" if fine else "scratch",
        save_every=save_every,
        logs=logs,
        **{**(usual if fine else {}), **given},
    )
    return plan


def load_training() -> Any:
    """Import the training."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it is chatty before it is asked
    return training_door.load_training(threads())


def _stage(job: Job, lease: Lease, trained: Any, document: dict[str, Any]) -> Path:
    """Write the version beside its place under this fence, and let it compose a phrase."""
    from engine.training.versioning import stage  # noqa: PLC0415 - likewise
    from engine.workers.trial import try_version  # noqa: PLC0415 - with the rest

    weights = Path(job.data, "weights")
    for left in weights.glob(f".*.{lease.run.id}-*"):  # of processes that were killed here
        shutil.rmtree(left, ignore_errors=True)
    if (weights / lease.run.version).exists():  # somebody put it there meanwhile
        document["name"] = f"{lease.run.version[:50]}-{lease.run.id}"
    staged = stage(
        weights / document["name"],
        trained.weights,
        document,
        trained.further,
        mark=f"{lease.run.id}-{lease.fence}",
    )
    try_version(staged)
    return staged


def _publish(
    registry: Registry, folder: Path, document: Mapping[str, Any], base: str
) -> dict[str, Any]:
    """Put a version into its place, unless it is there, and let it answer if it is better.

    Called while the row of the run is locked: nobody else can come to this point.
    """
    from engine.training.versioning import sync  # noqa: PLC0415 - with the rest

    name = document["name"]
    if folder.name != name:
        folder.rename(folder.with_name(name))
        sync(folder.parent)
    compared = dict(document.get("compared") or {})
    figures = {key: compared.get(key) for key in ("tunes", "old_bits", "new_bits", "low", "high")}
    if None in figures.values():
        return {"version": name, "share": 1.0}
    better = bool(compared.get("better"))
    promoted = registry.active.name == name
    if better and registry.active.name == base:
        registry.promote(name)
        promoted = True
    return {"version": name, "share": 1.0, "outcome": {"promoted": promoted, **figures}}


def work_folder(job: Job) -> Path:
    """Give the folder of a run's checkpoint and of what else it needs until it ends."""
    return Path(job.data, "cache", "runs", job.run)


def _clean(job: Job) -> None:
    """Remove what a run that is over needs no more; the last logs stay."""
    folder = work_folder(job)
    for path in folder.glob("*"):
        if path.name != LOG:
            path.unlink(missing_ok=True)
    logs = sorted(folder.parent.glob(f"*/{LOG}"), key=lambda log_: log_.stat().st_mtime)
    for old in logs[:-_KEPT_LOGS]:
        if [path.name for path in old.parent.iterdir()] == [LOG]:
            shutil.rmtree(old.parent, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
