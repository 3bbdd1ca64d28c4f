"""Start training processes, follow them, and replace those that were lost.

The truth about a run is its row (:mod:`bot.store.runs`). This end only looks: a run that goes on
although no process holds it is given one, whoever began it and whatever became of the last. A
process goes on when the bot is killed, and is found again by its row; when the bot stops in good
order, it asks the process to keep a checkpoint and end, and the next start goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import SQLAlchemyError

from bot.errors import EstimateFailed
from bot.store.runs import Outdated
from bot.training.asked import check
from bot.training.child import Child, environment
from bot.training.process import LOG, Job
from bot.training.runs import SOMEBODY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.store.runs import Runs
    from bot.training.runs import Estimate, Order, Run, RunOptions
    from engine.registry import Registry

log = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-m", "bot.training.process")

_HOME: Final = Path(__file__).resolve().parents[2]
_PATIENCE: Final = 10.0
"""Seconds between asking a process to end and ending it."""
_TIDYING: Final = 60.0
"""Seconds that a process may take to tidy up when its run is over."""
_CANCEL_PATIENCE: Final = 15.0
"""Seconds after which a run that somebody cancelled ends without its process's consent."""
_MISFIRES: Final = 3
"""Processes that ended before they could take the run, after which it fails."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where training happens.

    Attributes:
        database: SQLAlchemy address.
        data: the data folder.
        corpus: the operator's folder of tunes.
        keep: versions to keep.
        lease: seconds without a sign of life after which a run is given to another process.
        save_every: seconds between two checkpoints.
        pace: seconds between two looks at the row.
    """

    database: str
    data: Path
    corpus: Path
    keep: int = 10
    lease: float = 30.0
    save_every: float = 180.0
    pace: float = 1.0

    def job(self, run: str, owner: str) -> Job:
        """Tell a process what it needs."""
        return Job(
            run=run,
            owner=owner,
            database=self.database,
            data=str(self.data),
            corpus=str(self.corpus),
            keep=self.keep,
            lease=self.lease,
            save_every=self.save_every,
        )


class Trainer:
    """The bot's end of training. See :class:`bot.training.runs.TrainerDoor`.

    Args:
        runs: the rows.
        registry: the model versions.
        workshop: where training happens.
        command: starts a training process.
    """

    def __init__(
        self,
        runs: Runs,
        registry: Registry,
        workshop: Workshop,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._runs = runs
        self._registry = registry
        self._workshop = workshop
        self._command = tuple(command)
        self._child: Child | None = None
        self._misfires = 0
        self._seen: Run | None = None
        self._changed = asyncio.Condition()
        self._look = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self._wanted_end: tuple[str, float] | None = None

    async def open(self) -> None:
        """Begin to look after runs; one that was left alone goes on."""
        self._watch = asyncio.create_task(self._watching(), name="training")

    async def close(self) -> None:
        """Let a process of ours keep a checkpoint and end; its run goes on at the next start."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
            self._watch = None
        if self._child is not None:
            await self._child.end(_PATIENCE)
            await self._reap(self._child)

    @property
    def process(self) -> int | None:
        """Number of our training process; None when there is none, or another bot's trains."""
        return None if self._child is None else self._child.pid

    async def start(self, options: RunOptions, order: Order = SOMEBODY) -> Run:
        """Begin a run; see :meth:`~bot.training.runs.TrainerDoor.start`."""
        if order.key is not None and (old := await self._runs.run_of(order.key)) is not None:
            return old
        base = await asyncio.to_thread(check, options, self._registry)
        run = await self._runs.begin(
            options,
            version=options.name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S"),
            base=base,
            order=order,
        )
        self._look.set()
        return run

    async def attach(
        self,
        run_id: str,
        message_id: int,
        *,
        guild_id: int | None = None,
        channel_id: int | None = None,
    ) -> None:
        """Remember which message is the run's dashboard, and where, if it moved there."""
        await self._runs.set_message(run_id, message_id, guild_id, channel_id)

    async def current(self) -> Run | None:
        """Give the run that is going on."""
        return await self._runs.going_on()

    async def latest(self) -> Run | None:
        """Give the run that was begun last, going on or over."""
        return await self._runs.latest_run()

    async def find(self, run_id: str) -> Run | None:
        """Give a run by its id."""
        return await self._runs.run(run_id)

    async def wait(self, timeout: float) -> Run | None:  # noqa: ASYNC109 - a pace, not a limit
        """Wait until the latest run changes or the time is over, and give the latest run."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait()
        return await self.latest()

    async def cancel(self, run_id: str, who: int | None) -> Run:
        """Ask a run to end, and give it; it ends some seconds later.

        Raises:
            NotTraining: when there is no such run, or it is over.
        """
        run = await self._runs.want_end(run_id, who)
        self._look.set()
        return run

    async def estimate(self, options: RunOptions) -> Estimate:
        """Tell what a run would learn from and how long it would take; takes up to a minute.

        Raises:
            BadOption: as :meth:`start`.
            EstimateFailed: when the process that measures failed; carries a failure code.
        """
        from bot.training.estimating import ask, estimate_from  # noqa: PLC0415 - seldom needed

        base = await asyncio.to_thread(check, options, self._registry)
        name = options.name or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        question = ask(self._workshop.job("", ""), replace(options, name=name), base)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.training.estimating",
            cwd=_HOME,
            env=environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            out, _ = await process.communicate(question)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise
        try:
            answer: dict[str, Any] = json.loads(out.splitlines()[-1])
        except (IndexError, ValueError):
            raise EstimateFailed("crashed") from None
        if "failure" in answer:
            log.warning("an estimate failed: %s", answer.get("detail"))
            raise EstimateFailed(answer["failure"])
        return estimate_from(answer, replace(options, name=name), base)

    # --- looking after runs -----------------------------------------------------------------

    async def _watching(self) -> None:
        trouble = ""
        while True:
            before, trouble = trouble, ""
            try:
                await self._glance()
            except (SQLAlchemyError, OSError) as error:
                trouble = type(error).__name__
            if trouble and trouble != before:  # told once: a database may be away for hours
                log.warning("training cannot be looked after: %s", trouble)
            elif before and not trouble:
                log.info("training is looked after again")
            self._look.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self._workshop.pace)

    async def _glance(self) -> None:
        """Look once: tell those who wait, reap a process that ended, start one where none is."""
        run = await self._runs.latest_run()
        if run != self._seen:
            seen, self._seen = self._seen, run
            if run is not None and run.state == "failed" and (seen is None or not seen.over):
                log.error("run %s failed: %s\n%s", run.id, run.failure, run.detail)
            async with self._changed:
                self._changed.notify_all()
        if self._child is not None and self._child.ended:
            await self._reap(self._child)
        if run is None or run.over:
            if self._child is not None:
                # Its run is over without it: it may hang.
                self._child.doom(_TIDYING)
            return
        await self._insist(run)
        if self._child is None and await self._runs.unheld() is not None:
            await self._spawn(run)

    async def _spawn(self, run: Run) -> None:
        if self._misfires >= _MISFIRES:
            self._misfires = 0
            with contextlib.suppress(Outdated):
                detail = "its process ended before it began; see its log"
                await self._runs.end(run.id, None, "failed", failure="crashed", detail=detail)
            return
        owner = secrets.token_hex(8)
        folder = self._workshop.data / "cache" / "runs" / run.id
        job = self._workshop.job(run.id, owner)
        try:
            self._child = await Child.start(self._command, job, folder / LOG)
        except OSError as error:
            self._misfires += 1
            log.warning("a training process cannot be started: %s", error)
        else:
            log.info("run %s: process %d", run.id, self._child.pid)

    async def _reap(self, child: Child) -> None:
        """Take note of a process that has ended; what it held is free at once."""
        self._child = None
        taken = await self._runs.let_go(child.job.run, owner=child.job.owner)
        run = await self._runs.run(child.job.run)
        if run is not None and not run.over:
            log.warning("run %s: its process ended with status %s", run.id, child.status)
            if not taken and await self._runs.unheld() is not None:
                self._misfires += 1
                return
        self._misfires = 0

    async def _insist(self, run: Run) -> None:
        """End a run that was cancelled when its process does not do so."""
        if not run.cancel_requested:
            self._wanted_end = None
            return
        now = asyncio.get_running_loop().time()
        if self._wanted_end is None or self._wanted_end[0] != run.id:
            self._wanted_end = run.id, now
        elif now - self._wanted_end[1] > _CANCEL_PATIENCE:
            with contextlib.suppress(Outdated):
                await self._runs.end(run.id, None, "cancelled")
            if self._child is not None and self._child.job.run == run.id:
                self._child.kill()
