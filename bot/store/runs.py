"""Training runs as rows with a lease, and the audit of what was done to the models.

A run belongs to the process whose fence it carries, for as long as that process renews its lease.
Whoever takes the run over raises the fence; every write of a process names its fence and is
refused when it is outdated, so that of two processes that both believe to train a run only one
can change it.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    Float,
    Integer,
    String,
    Text,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from bot.errors import AlreadyTraining, NotTraining
from bot.store.base import Base, Database, now
from bot.training.runs import ENDED, Outcome, Point, Run, RunOptions, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.training.runs import Failure, State

MOST_ATTEMPTS: Final = 5
"""Processes that may take a run one after the other without coming any further."""

_KEPT_SKIPS: Final = 50
_DETAIL: Final = 2000
_COUNTS: Final = ("epoch", "epochs", "tunes", "notes", "held_out")
_FIGURES: Final = ("share", "loss", "level", "speed", "seconds_left", "failure")


class RunRow(Base):
    """One training run."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    going: Mapped[int | None] = mapped_column(Integer, unique=True)
    """1 while the run is going on, else nothing: so there is never more than one."""
    state: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[str] = mapped_column(String(64))
    base: Mapped[str] = mapped_column(String(64))
    owner: Mapped[str | None] = mapped_column(String(100))
    expires: Mapped[float] = mapped_column(Float)
    """When the lease ends, in seconds since 1970; 0: nobody holds it."""
    fence: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    checkpoint_at: Mapped[datetime | None] = mapped_column(DateTime)
    cancel: Mapped[bool] = mapped_column(Boolean)
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    guild_id: Mapped[int | None] = mapped_column(BigInteger)
    channel_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    locale: Mapped[str] = mapped_column(String(16))
    begun: Mapped[datetime] = mapped_column(DateTime, index=True)
    updated: Mapped[datetime] = mapped_column(DateTime)


class AuditRow(Base):
    """One change to runs or versions: who, when, what."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(DateTime, index=True)
    who: Mapped[int | None] = mapped_column(BigInteger)
    """Number of the member; nothing: the program itself, or somebody at the command line."""
    what: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)


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
        **told: Any,
    ) -> Run:
        """Make a run that nobody holds yet; give the old one when its key is known.

        Args:
            options: what was asked.
            version: name of the version to be made.
            base: name of the version that answers.
            further: for the training process alone.
            told: ``key``, ``asked_by``, ``guild_id``, ``channel_id``, ``locale``.

        Raises:
            AlreadyTraining: when another run is going on.
        """
        try:
            async with self._write.begin() as session:
                if told.get("key") is not None:
                    found = await session.scalar(select(RunRow).where(RunRow.key == told["key"]))
                    if found is not None:
                        return _run(found)
                other = await session.scalar(select(RunRow).where(RunRow.going == 1))
                if other is not None:
                    raise AlreadyTraining(_run(other))
                row = RunRow(
                    id=secrets.token_hex(4),
                    going=1,
                    state="queued",
                    options={"asked": _plain(options), "further": dict(further or {})},
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
                    **{"locale": "en", **told},
                )
                session.add(row)
                _note(session, row.asked_by, "train", f"{row.id} {version} from {base}")
            return _run(row)
        except IntegrityError:  # somebody was faster by a hair, on another database than SQLite
            async with self._read() as session:
                either = or_(RunRow.going == 1, RunRow.key == told.get("key"))
                row_ = await session.scalar(select(RunRow).where(either))
            if row_ is not None and row_.key is not None and row_.key == told.get("key"):
                return _run(row_)
            raise AlreadyTraining(None if row_ is None else _run(row_)) from None

    async def going_on(self) -> Run | None:
        """Give the run that is going on."""
        async with self._read() as session:
            row = await session.scalar(select(RunRow).where(RunRow.going == 1))
        return None if row is None else _run(row)

    async def latest_run(self) -> Run | None:
        """Give the run that was begun last."""
        async with self._read() as session:
            row = await session.scalar(
                select(RunRow).order_by(RunRow.begun.desc(), RunRow.id).limit(1)
            )
        return None if row is None else _run(row)

    async def run(self, run_id: str) -> Run | None:
        """Give a run."""
        async with self._read() as session:
            row = await session.get(RunRow, run_id)
        return None if row is None else _run(row)

    async def unheld(self) -> Run | None:
        """Give the run that is going on although no process holds it."""
        async with self._read() as session:
            row = await session.scalar(
                select(RunRow).where(RunRow.going == 1, RunRow.expires < time.time())
            )
        return None if row is None else _run(row)

    async def measured_speed(self) -> float | None:
        """Give the notes learnt in a second by the last run that told."""
        async with self._read() as session:
            rows = await session.scalars(select(RunRow).order_by(RunRow.begun.desc()).limit(10))
            speeds = [_run(row).speed for row in rows]
        return next((speed for speed in speeds if speed), None)

    async def take(self, run_id: str, owner: str, seconds: float) -> Lease | None:
        """Take a run that nobody holds; None when somebody does or it is over.

        A run that process after process has died on ends as ``killed``.
        """
        async with self._write.begin() as session:
            row = await session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.going is None or row.expires >= time.time():
                return None
            row.fence += 1
            row.attempts += 1
            if row.cancel or row.attempts > MOST_ATTEMPTS:
                failed = None if row.cancel else f"after {MOST_ATTEMPTS} attempts"
                _close(session, row, "failed" if failed else "cancelled", "killed", failed)
                return None
            row.owner, row.expires = owner, time.time() + seconds
            row.updated = now()
            return Lease(_run(row), row.fence, row.options["further"])

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
            row.expires = time.time() + seconds
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
        return None if row is None else _run(row)

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
            if row.expires < time.time():
                row.fence += 1
                _close(session, row, "cancelled", None, None)
            row.updated = now()
            return _run(row)

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


def _plain(options: RunOptions) -> dict[str, Any]:
    data = asdict(options)
    data["collections"] = None if options.collections is None else list(options.collections)
    return data


def _run(row: RunRow) -> Run:
    """Read a row; what a later program may have added to its progress is left out."""
    told = row.progress
    asked = row.options["asked"]
    names = asked.get("collections")
    skipped = told.get("skipped") or []
    outcome = told.get("outcome")
    figures: dict[str, Any] = {name: told.get(name) or 0 for name in _COUNTS}
    figures |= {name: told.get(name) for name in _FIGURES}
    return Run(
        id=row.id,
        state=row.state,  # type: ignore[arg-type]  # only our own words stand there
        options=RunOptions(**{**asked, "collections": None if names is None else tuple(names)}),
        version=told.get("version") or row.version,
        base=row.base,
        begun=row.begun.replace(tzinfo=UTC),
        updated=row.updated.replace(tzinfo=UTC),
        **figures,
        curve=tuple(Point(*point) for point in told.get("curve") or ()),
        skipped=tuple(Skipped(*each) for each in skipped[:_KEPT_SKIPS]),
        skipped_count=told.get("skipped_count") or len(skipped),
        outcome=None if outcome is None else Outcome(**outcome),
        detail=told.get("detail") or "",
        asked_by=row.asked_by,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        locale=row.locale,
        cancel_requested=row.cancel and row.state not in ENDED,
    )
