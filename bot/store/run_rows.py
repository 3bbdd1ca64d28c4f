"""Training runs and the audit as they stand in the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base
from bot.training.runs import ENDED, Outcome, Point, Run, RunOptions, Skipped

MOST_SKIPS: Final = 50
"""Skipped files that are named; the others are only counted."""

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


def plain(options: RunOptions) -> dict[str, Any]:
    """Give options as they stand in a row."""
    data = asdict(options)
    data["collections"] = None if options.collections is None else list(options.collections)
    return data


def run_of_row(row: RunRow) -> Run:
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
        skipped=tuple(Skipped(*each) for each in skipped[:MOST_SKIPS]),
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
