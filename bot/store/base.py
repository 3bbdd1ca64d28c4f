"""The database: one connection pool, a way to read, a way to write, and the tables' common base."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bot.errors import BadDatabase
from bot.migrations import NewerDatabase, upgrade

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.ext.asyncio import AsyncSession

_OPENING: Final = 0x6E616269
"""Number of the lock that PostgreSQL holds while one program brings the tables up to date."""


class Base(DeclarativeBase):
    """All tables. A change to any of them wants a revision in :mod:`bot.migrations`."""


def now() -> datetime:
    """Give the time in UTC, without a zone, as it stands in the tables."""
    return datetime.now(UTC).replace(tzinfo=None)


class Database:
    """A database that is open between :meth:`open` and :meth:`close`.

    Args:
        url: SQLAlchemy address, such as ``sqlite+aiosqlite:////var/lib/nabi/nabi.db``.
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
            BadDatabase: when it was made by a newer program, or is no database at all.
            OSError: when its folder cannot be made.
        """
        self._engine = create_async_engine(self._url)
        sqlite = self._engine.dialect.name == "sqlite"
        if sqlite:
            if self._engine.url.database not in (None, "", ":memory:"):
                Path(str(self._engine.url.database)).parent.mkdir(parents=True, exist_ok=True)
            event.listen(self._engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)
        # An engine that shares the pool, whose transactions are told apart in _begin_sqlite.
        writer = self._engine.execution_options(nabi_writes=True)
        self._read = async_sessionmaker(self._engine)
        self._write = async_sessionmaker(writer, expire_on_commit=False)
        try:
            async with writer.begin() as connection:
                if self._engine.dialect.name == "postgresql":
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_OPENING})"))
                await connection.run_sync(upgrade)
        except NewerDatabase as error:
            await self.close()
            raise BadDatabase("newer", str(error)) from error
        except (SQLAlchemyError, OSError) as error:
            await self.close()
            raise BadDatabase("unusable", str(getattr(error, "orig", None) or error)) from error

    async def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None


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
