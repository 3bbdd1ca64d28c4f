"""Training runs as rows with a lease, and the audit of what was done to the models.

A run belongs to the process whose fence it carries, for as long as that process renews its lease.
Whoever takes the run over raises the fence; every write of a process names its fence and is
refused when it is outdated, so that of two processes that both believe to train a run only one
can change it.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.errors import AlreadyTraining, NotTraining
from bot.store.base import Database, clock, now
from bot.store.run_rows import AuditRow, RunRow, plain, run_of_row
from bot.training.runs import SOMEBODY, Run, RunOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.training.runs import Failure, Order, State

MOST_ATTEMPTS: Final = 5
"""Processes that may take a run one after the other without coming any further."""

_DETAIL: Final = 2000


class Outdated(Exception):
    """The run has passed on to another process, or is over."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What a process holds of a run: its word counts as long as the fence is the latest."""

    run: Run
    fence: int
    further: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the audit."""

    at: datetime
    who: int | None
    what: str
    detail: str


class Runs(Database):
    """Begin, take, follow and end training runs."""

    async def begin(
        self,
        options: RunOptions,
        *,
        version: str,
        base: str,
        further: Mapping[str, Any] | None = None,
        order: Order = SOMEBODY,
    ) -> Run:
        """Make a run that nobody holds yet; give the old one when its key is known.

        Args:
            options: what was asked.
            version: name of the version to be made.
            base: name of the version that answers.
            further: for the training process alone.
            order: who asks, and where the run is followed.

        Raises:
            AlreadyTraining: when another run is going on.
        """
        try:
            async with self._write.begin() as session:
                if order.key is not None:
                    found = await session.scalar(select(RunRow).where(RunRow.key == order.key))
                    if found is not None:
                        return run_of_row(found)
                other = await session.scalar(select(RunRow).where(RunRow.going == 1))
                if other is not None:
                    raise AlreadyTraining(run_of_row(other))
                row = RunRow(
                    id=secrets.token_hex(4),
                    going=1,
                    state="queued",
                    options={"asked": plain(options), "further": dict(further or {})},
                    version=version,
                    base=base,
                    owner=None,
                    expires=0.0,
                    fence=0,
                    attempts=0,
                    cancel=False,
                    progress={},
                    begun=now(),
                    updated=now(),
                    **asdict(order),
                )
                session.add(row)
                _note(session, row.asked_by, "train", f"{row.id} {version} from {base}")
            return run_of_row(row)
        except IntegrityError:  # somebody was faster by a hair, on another database than SQLite
            async with self._read() as session:
                either = or_(RunRow.going == 1, RunRow.key == order.key)
                row_ = await session.scalar(select(RunRow).where(either))
            if row_ is not None and row_.key is not None and row_.key == order.key:
                return run_of_row(row_)
            raise AlreadyTraining(None if row_ is None else run_of_row(row_)) from None

    async def going_on(self) -> Run | None:
        """Give the run that is going on."""
        async with self._read() as session:
            row = await session.scalar(select(RunRow).where(RunRow.going == 1))
        return None if row is None else run_of_row(row)

    async def latest_run(self) -> Run | None:
        """Give the run that was begun last."""
        async with self._read() as session:
            row = await session.scalar(
                select(RunRow).order_by(RunRow.begun.desc(), RunRow.id).limit(1)
            )
        return None if row is None else run_of_row(row)

    async def run(self, run_id: str) -> Run | None:
        """Give a run."""
        async with self._read() as session:
            row = await session.get(RunRow, run_id)
        return None if row is None else run_of_row(row)

    async def unheld(self) -> Run | None:
        """Give the run that is going on although no process holds it."""
        async with self._read() as session:
            row = await session.scalar(
                select(RunRow).where(RunRow.going == 1, RunRow.expires < await clock(session))
            )
        return None if row is None else run_of_row(row)

    async def measured_speed(self) -> float | None:
        """Give the notes learnt in a second by the last run that told."""
        async with self._read() as session:
            rows = await session.scalars(select(RunRow).order_by(RunRow.begun.desc()).limit(10))
            speeds = [run_of_row(row).speed for row in rows]
        return next((speed for speed in speeds if speed), None)

    async def take(self, run_id: str, owner: str, seconds: float) -> Lease | None:
        """Take a run that nobody holds; None when somebody does or it is over.

        A run that process after process has died on ends as ``killed``.
        """
        async with self._write.begin() as session:
            row = await session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.going is None or row.expires >= await clock(session):
                return None
            row.fence += 1
            row.attempts += 1
            if row.cancel or row.attempts > MOST_ATTEMPTS:
                failed = None if row.cancel else f"after {MOST_ATTEMPTS} attempts"
                _close(session, row, "failed" if failed else "cancelled", "killed", failed)
                return None
            row.owner, row.expires = owner, await clock(session) + seconds
            row.updated = now()
            return Lease(run_of_row(row), row.fence, row.options["further"])

    async def renew(  # noqa: PLR0913 - all news at once
        self,
        run_id: str,
        fence: int,
        seconds: float,
        *,
        state: State | None = None,
        progress: Mapping[str, Any] | None = None,
        saved: bool = False,
    ) -> bool:
        """Keep a run, and tell how far it is; give whether somebody wants it to end.

        Raises:
            Outdated: when the run is another's by now.
        """
        async with self._write.begin() as session:
            row = await _own(session, run_id, fence)
            row.expires = await clock(session) + seconds
            if state is not None:
                row.state = state
            if progress:
                row.progress = {**row.progress, **progress}
                row.updated = now()
            if saved:
                row.attempts, row.checkpoint_at = 0, now()
            return row.cancel

    async def let_go(self, run_id: str, *, fence: int | None = None, owner: str = "") -> bool:
        """Give a run back before the lease ends, for its process has ended or will.

        Returns:
            whether it was that process's.
        """
        held = RunRow.fence == fence if fence is not None else RunRow.owner == owner
        async with self._write.begin() as session:
            row = await session.scalar(
                select(RunRow).where(RunRow.id == run_id, RunRow.going == 1, held).with_for_update()
            )
            if row is not None:
                row.expires, row.state, row.updated = 0.0, "queued", now()
            return row is not None

    async def run_of(self, key: str) -> Run | None:
        """Give the run that was begun under a key."""
        async with self._read() as session:
            row = await session.scalar(select(RunRow).where(RunRow.key == key))
        return None if row is None else run_of_row(row)

    async def end(  # noqa: PLR0913 - how it ended
        self,
        run_id: str,
        fence: int | None,
        state: State,
        *,
        failure: Failure | None = None,
        detail: str = "",
        last: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        """End a run.

        Args:
            run_id: which one.
            fence: of the process that ends it; None: whoever holds it has lost it.
            state: how.
            failure: why.
            detail: more of it, for operators.
            last: done while nobody else can write: the only place where a version may come out.
                What it gives becomes part of the progress.

        Raises:
            Outdated: when the run is another's by now.
        """
        async with self._write.begin() as session:
            row = await _own(session, run_id, fence)
            if last is not None:
                row.progress = {**row.progress, **last()}
            if fence is None:
                row.fence += 1
            _close(session, row, state, failure, detail)

    async def want_end(self, run_id: str, who: int | None) -> Run:
        """Note that somebody wants a run to end; end it at once when no process holds it.

        Raises:
            NotTraining: when it is over or unknown.
        """
        async with self._write.begin() as session:
            row = await session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.going is None:
                raise NotTraining
            if not row.cancel:
                row.cancel = True
                _note(session, who, "cancel", f"{row.id} {row.version}")
            if row.expires < await clock(session):
                row.fence += 1
                _close(session, row, "cancelled", None, None)
            row.updated = now()
            return run_of_row(row)

    async def set_message(
        self, run_id: str, message_id: int, guild_id: int | None, channel_id: int | None
    ) -> None:
        """Remember which message shows a run; without a channel it is where the last one was."""
        values: dict[str, int | None] = {"message_id": message_id}
        if channel_id is not None:
            values |= {"guild_id": guild_id, "channel_id": channel_id}
        async with self._write.begin() as session:
            await session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))

    async def note(self, who: int | None, what: str, detail: str) -> None:
        """Write a line into the audit."""
        async with self._write.begin() as session:
            _note(session, who, what, detail)

    async def audit(self, limit: int = 100) -> tuple[Change, ...]:
        """Give the last lines of the audit, newest first."""
        async with self._read() as session:
            rows = await session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(limit))
            return tuple(Change(row.at, row.who, row.what, row.detail) for row in rows)


async def _own(session: AsyncSession, run_id: str, fence: int | None) -> RunRow:
    """Give the row of a run that is going on under this fence.

    Raises:
        Outdated: when there is none.
    """
    row = await session.get(RunRow, run_id, with_for_update=True)
    if row is None or row.going is None or (fence is not None and row.fence != fence):
        raise Outdated
    return row


def _close(
    session: AsyncSession,
    row: RunRow,
    state: State,
    failure: Failure | None,
    detail: str | None,
) -> None:
    row.state, row.going, row.expires = state, None, 0.0
    row.updated = now()
    if state == "failed":
        row.progress = {
            **row.progress,
            "failure": failure or "crashed",
            "detail": (detail or "")[-_DETAIL:],
        }
    _note(session, None, state, f"{row.id} {row.version} {failure or ''}".strip())


def _note(session: AsyncSession, who: int | None, what: str, detail: str) -> None:
    session.add(AuditRow(at=now(), who=who, what=what, detail=detail[:_DETAIL]))
