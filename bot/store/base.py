"""The database: one connection pool, a way to read, a way to write, and the tables' common base."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.util import await_only

from bot.errors import BadDatabase
from bot.migrations import NewerDatabase, upgrade
from bot.store.address import engine_at

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.ext.asyncio import AsyncSession

_WRITING: Final = 0x6E616269
"""Number of the lock that PostgreSQL holds while one of the programs writes."""

_PATIENCE: Final = 10.0
"""Seconds that a writer waits for the others."""

_AGAIN: Final = 0.02
"""Seconds after which what SQLite does not wait for is tried again."""

_STUCK: Final = 120.0
"""Seconds after which PostgreSQL gives up on a writer that began and says no more."""


class Base(DeclarativeBase):
    """All tables. A change to any of them wants a revision in :mod:`bot.migrations`."""


def now() -> datetime:
    """Give the time in UTC, without a zone, as it stands in the tables."""
    return datetime.now(UTC).replace(tzinfo=None)


class Database:
    """A database that is open between :meth:`open` and :meth:`close`.

    Args:
        url: address, as :func:`bot.store.address.engine_at` takes it.
    """

    _read: async_sessionmaker[AsyncSession]
    _write: async_sessionmaker[AsyncSession]
    """Begins with the lock for writing: two writers wait for each other, none fails half-way."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine: AsyncEngine | None = None

    async def open(self) -> None:
        """Connect, and bring the tables up to date.

        Raises:
            BadDatabase: when it was made by a newer program, or is no database at all, or its
                folder cannot be made.
        """
        self._engine = engine_at(self._url)
        where = ""
        if self._engine.dialect.name == "sqlite":
            if self._engine.url.database not in (None, "", ":memory:"):
                where = f" ({self._engine.url.database})"
                _make_folder(Path(str(self._engine.url.database)).parent)
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        else:
            event.listen(self._engine.sync_engine, "begin", _begin_postgresql)
        # An engine that shares the pool; the listeners tell its transactions from the others.
        writer = self._engine.execution_options(nabi_writes=True)
        self._read = async_sessionmaker(self._engine)
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        try:
            async with writer.begin() as connection:
                await connection.run_sync(upgrade)
        except NewerDatabase as error:
            await self.close()
            raise BadDatabase("newer", str(error)) from error
        except (SQLAlchemyError, OSError, TypeError) as error:  # TypeError: of asyncpg's options
            await self.close()
            told = str(getattr(error, "orig", None) or error)
            raise BadDatabase("unusable", f"{told}{where}") from error

    async def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        told = f"the folder {folder} cannot be made: {error.strerror}"
        raise BadDatabase("unusable", told) from error


async def clock(session: AsyncSession) -> float:
    """Tell the seconds since 1970 by one clock for all programs that share the database."""
    if session.get_bind().dialect.name != "postgresql":
        return time.time()  # a file is shared on one machine only
    told = await session.scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
    return float(told or 0.0)


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    """Set up one SQLite connection: our own BEGIN, a log beside the file, patience for locks."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")
    _keep_log_beside(cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file
    cursor.close()


def _keep_log_beside(cursor: DBAPICursor) -> None:
    """Switch to a write-ahead log; SQLite does not wait here for who does so at the same moment."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            await_only(asyncio.sleep(_AGAIN))
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    """Let one write at a time, as SQLite does, so that nothing needs to be tried again.

    What is written is small and seldom: some rows for each tune.
    """
    if _writes(connection):
        connection.exec_driver_sql(
            f"SELECT set_config('lock_timeout', '{_PATIENCE * 1000:.0f}', true),"
            f" set_config('idle_in_transaction_session_timeout', '{_STUCK * 1000:.0f}', true),"
            f" pg_advisory_xact_lock({_WRITING})"
        )


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("nabi_writes", False))
