"""What the bot remembers: results for their buttons, and small facts about itself.

SQLAlchemy, asynchronous; a SQLite file by default, another database by its address. A result
holds the request and the tune, nothing about who asked.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.request import Request

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncSession

    from engine.request import Result

KEEP: Final = timedelta(days=30)
"""How long a result and its buttons live."""

MAX_KEPT: Final = 512 * 1024 * 1024
"""Bytes of members' files that are kept at most; the oldest results go first."""

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH: Final = 10


class _Base(DeclarativeBase):
    """All tables."""


class _ResultRow(_Base):
    """One continuation that was sent."""

    __tablename__ = "results"

    id: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer, default=0)
    tune: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime, index=True)


class _FactRow(_Base):
    """One small fact under a name."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True)
class Kept:
    """A result as it is remembered.

    Attributes:
        id: short name, part of its buttons.
        request: the request with everything chosen filled in.
        tune: the whole tune as note codes.
    """

    id: str
    request: Request
    tune: str

    def again(self) -> Request:
        """Ask for another continuation of the same primer."""
        return self.request.but(seed=None)

    def longer(self, bars: int = 8) -> Request:
        """Ask for ``bars`` more bars after the tune's end."""
        return self.request.but(text=self.tune, file=None, file_name="", bars=bars, seed=None)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """The database behind the bot.

    Args:
        url: SQLAlchemy address, such as ``sqlite+aiosqlite:////var/lib/nabi/nabi.db``.
        max_kept: bytes of members' files that are kept at most.
    """

    def __init__(self, url: str, max_kept: int = MAX_KEPT) -> None:
        self._url = url
        self._max_kept = max_kept
        self._engine: AsyncEngine | None = None

    async def open(self) -> None:
        """Connect, and make the tables when they are missing."""
        self._engine = create_async_engine(self._url)
        if self._engine.dialect.name == "sqlite":
            if self._engine.url.database not in (None, "", ":memory:"):
                Path(str(self._engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        # An engine that shares the pool and takes SQLite's write lock when a transaction begins:
        # two writers then wait for each other instead of one failing half-way.
        writer = self._engine.execution_options(nabi_writes=True)
        self._read = async_sessionmaker(self._engine)
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        async with writer.begin() as connection:
            await connection.run_sync(_Base.metadata.create_all)

    async def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def keep(self, result: Result) -> str:
        """Remember a result under a new short id, which is returned."""
        name = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
        file = result.request.file
        async with self._write.begin() as session:
            if file:
                await _make_room(session, self._max_kept - len(file))
            session.add(
                _ResultRow(
                    id=name,
                    request=result.request.but(file=None).to_json(),
                    file=file,
                    size=len(file or b""),
                    tune=result.tune,
                    created_at=_now(),
                )
            )
        return name

    async def find(self, name: str) -> Kept | None:
        """Find a result by its short id; None when it has expired."""
        async with self._read() as session:
            row = await session.scalar(select(_ResultRow).where(_ResultRow.id == name))
        if row is None or row.created_at < _now() - KEEP:
            return None
        request = Request.from_json(row.request)
        return Kept(row.id, request.but(file=row.file) if row.file else request, row.tune)

    async def prune(self, now: datetime | None = None) -> int:
        """Delete the results that have expired; give their number."""
        oldest = (now or _now()) - KEEP
        async with self._write.begin() as session:
            done = await session.execute(
                delete(_ResultRow)
                .where(_ResultRow.created_at < oldest)
                .returning(_ResultRow.id)
                .execution_options(synchronize_session=False)
            )
            return len(done.all())

    async def fact(self, name: str) -> str | None:
        """Recall a fact."""
        async with self._read() as session:
            return await session.scalar(select(_FactRow.value).where(_FactRow.name == name))

    async def set_fact(self, name: str, value: str) -> None:
        """Remember a fact, in place of an earlier one of this name."""
        async with self._write.begin() as session:
            await session.merge(_FactRow(name=name, value=value))


async def _make_room(session: AsyncSession, limit: int) -> None:
    """Delete the oldest results with files until those left have at most ``limit`` bytes."""
    kept = await session.scalar(select(func.sum(_ResultRow.size))) or 0
    if kept <= limit:
        return
    with_files = select(_ResultRow.id, _ResultRow.size).where(_ResultRow.size > 0)
    for name, size in (await session.execute(with_files.order_by(_ResultRow.created_at))).all():
        await session.execute(delete(_ResultRow).where(_ResultRow.id == name))
        kept -= size
        if kept <= limit:
            return


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Set up one SQLite connection: our own BEGIN, a log beside the file, patience for locks."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 10000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("nabi_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
