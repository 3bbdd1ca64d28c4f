"""What is particular to SQLite, what to PostgreSQL, and how an address is read."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
import time
from typing import TYPE_CHECKING, Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BadDatabase
from bot.explaining import explain
from bot.store import Store, base
from bot.store.address import dumps, engine_at
from bot.training.runs import Order, RunOptions
from engine.request import Request
from tests.databases import new_database
from tests.fakes import make_result
from tests.rooms import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path


async def opened(address: str) -> Store:
    store = Store(address)
    await store.open()
    return store


# --- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:////tmp/x.db", "aiosqlite"),
        ("sqlite+aiosqlite:////tmp/x.db", "aiosqlite"),
        ("postgres://me:pw@host/x", "asyncpg"),
        ("postgresql://me:pw@host:5432/x", "asyncpg"),
        ("postgresql+asyncpg://me:pw@host/x", "asyncpg"),
    ],
)
def test_the_driver_need_not_be_named(address: str, driver: str) -> None:
    engine = engine_at(address)
    assert engine.dialect.driver == driver
    assert engine.url.password in (None, "pw")


def test_a_wish_for_encryption_is_passed_on() -> None:
    url = engine_at("postgres://me:pw@host/x?sslmode=require&application_name=nabi").url
    assert dict(url.query) == {"ssl": "require", "application_name": "nabi"}


@pytest.mark.parametrize(
    "address",
    [
        *("nonsense", "mysql://me:secret@host/x", "mysql+aiomysql://me:secret@host/x", "://", " "),
        *("postgresql+psycopg2://me:secret@host/x", "sqlite+pysqlite:///x", "oracle://secret"),
        *("postgresql://me:se@cret@host:secret/x", "mssql://me:secret@host"),
    ],
)
async def test_what_is_no_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(BadDatabase) as caught:
        await Store(address).open()
    assert caught.value.reason == "address"
    for locale in ("en", "ko"):
        assert "postgresql://" in explain(caught.value, locale)
        assert "secret" not in explain(caught.value, locale) + repr(caught.value)


async def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(BadDatabase) as caught:
        await Store("postgresql://me:secret@host/x").open()
    assert "pip install asyncpg" in explain(caught.value, "en")
    assert "pip install asyncpg" in explain(caught.value, "ko")


def test_numbers_that_are_none_become_null() -> None:
    value = {"loss": math.nan, "curve": [(0.5, math.inf)], "n": 1, "text": "\0나비\ud800"}
    assert dumps(value) == (
        '{"loss": null, "curve": [[0.5, null]], "n": 1, "text": "\\u0000\\ub098\\ube44\\ud800"}'
    )


# --- SQLite ---------------------------------------------------------------------------------


async def test_sqlite_is_set_up_for_several_writers(tmp_path: Path) -> None:
    store = await opened(f"sqlite+aiosqlite:///{tmp_path / 'nabi.db'}")
    await store.set_fact("a", "1")
    async with aiosqlite.connect(tmp_path / "nabi.db") as connection:
        rows = await connection.execute_fetchall("PRAGMA journal_mode")
        assert next(iter(rows))[0] == "wal"
    await store.close()


async def test_a_write_waits_for_another_programs_lock(tmp_path: Path) -> None:
    store = await opened(f"sqlite+aiosqlite:///{tmp_path / 'nabi.db'}")
    async with aiosqlite.connect(tmp_path / "nabi.db", isolation_level=None) as other:
        await other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.set_fact("a", "1"))
        await asyncio.sleep(0.1)
        assert not writing.done()
        await other.execute("COMMIT")
        await writing
    assert await store.fact("a") == "1"
    await store.close()


async def test_not_a_byte_is_left_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "nabi.db"
    store = await opened(f"sqlite+aiosqlite:///{path}")
    secret = b"MThd-the-members-own-tune" * 400
    request = Request(file=secret, file_name="the-members-own-name.mid")
    await store.keep(make_result(request), author=3)
    await store.keep(make_result(Request(text="g8")), author=4)
    files = [path, path.with_name("nabi.db-wal")]

    def on_disk() -> bytes:
        return b"".join(file.read_bytes() for file in files if file.exists())

    assert b"members-own-tune" in on_disk()
    await store.forget(3)
    assert b"members-own" not in on_disk()
    await store.close()


# --- PostgreSQL -----------------------------------------------------------------------------


@pytest.fixture
async def database(postgresql: str) -> str:
    return await new_database(postgresql)


async def run_in(address: str, *statements: str) -> list[Any]:
    engine = engine_at(address).execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        done = [await connection.execute(text(statement)) for statement in statements]
        rows = [tuple(row) for row in done[-1]] if done[-1].returns_rows else []
    await engine.dispose()
    return rows


@pytest.mark.slow
async def test_what_cannot_be_reached_is_told_in_one_sentence(postgresql: str) -> None:
    start = postgresql.rpartition("/")[0]
    for address, words in {
        f"{start}/absent": "does not exist",
        f"{start}/postgres?bogus=1": "bogus",
        f"{start}/postgres?sslmode=require": "SSL",
        f"{start.replace('nabi@', 'nobody-known:secret@')}/postgres": "does not exist",
        "postgresql://me:secret@127.0.0.1:1/x": "Connect call failed",
    }.items():
        with pytest.raises(BadDatabase) as caught:
            await Store(address).open()
        told = explain(caught.value, "en")
        assert words in told
        assert "\n" not in told
        assert "secret" not in told


@pytest.mark.slow
async def test_one_writes_at_a_time_whatever_the_servers_default_is(database: str) -> None:
    name = database.rpartition("/")[2]
    await run_in(
        database,
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'",
        f"ALTER DATABASE {name} SET TimeZone = 'Asia/Seoul'",
    )
    stores = await asyncio.gather(*(opened(database) for _ in range(4)))
    await stores[0].set_fact("n", "0")

    async def count_up(store: Store) -> None:
        while True:
            old = await store.fact("n")
            if await store.swap_fact("n", old, str(int(old or 0) + 1)):
                return

    await asyncio.gather(*(count_up(store) for store in stores * 10))
    assert await stores[1].fact("n") == "40"
    await asyncio.gather(*(store.set_fact("new", str(n)) for n, store in enumerate(stores * 5)))
    for store in stores:
        await store.close()


@pytest.mark.slow
async def test_what_is_written_odd_comes_back(database: str) -> None:
    store = await opened(database)
    request = Request(text="g8 \0 \ud800 🦋", seed=2**31 - 1)
    kept = await store.find(await store.keep(make_result(request), author=2**63 - 1))
    assert kept is not None
    assert kept.request.text == request.text
    assert kept.author == 2**63 - 1
    run = await store.begin(RunOptions(), version="new", base="old", order=Order(asked_by=2**62))
    lease = await store.take(run.id, "me", 60)
    assert lease is not None
    await store.renew(run.id, lease.fence, 60, progress={"loss": math.nan, "share": 0.5})
    found = await store.going_on()
    assert found is not None
    assert (found.loss, found.share) == (None, 0.5)
    await store.close()


@pytest.mark.slow
async def test_connections_that_were_cut_are_made_anew(database: str, postgresql: str) -> None:
    store = await opened(database)
    await store.set_fact("a", "1")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
    assert await run_in(postgresql, cut.format(database.rpartition("/")[2]))
    assert await store.fact("a") == "1"
    await store.set_fact("a", "2")
    assert await store.fact("a") == "2"
    await store.close()


@pytest.mark.slow
async def test_a_machine_whose_clock_is_wrong_takes_no_run_from_another(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, fast = await opened(database), await opened(database)
    run = await right.begin(RunOptions(), version="new", base="old")
    assert await right.take(run.id, "right", 60) is not None
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: 4e9)
        assert await fast.unheld() is None
        assert await fast.take(run.id, "fast", 60) is None
    assert await right.let_go(run.id, fence=1)
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", lambda: 1e9)
        assert await fast.take(run.id, "slow", 60) is not None
    assert await right.unheld() is None
    for store in (right, fast):
        await store.close()


@pytest.mark.slow
async def test_a_writer_that_hangs_stops_the_others_for_a_while_only(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "_PATIENCE", 0.1)
    monkeypatch.setattr(base, "_STUCK", 600)
    hanging, other = await opened(database), await opened(database)
    session = hanging._write()
    await session.begin()
    await session.execute(text("INSERT INTO facts VALUES ('a', 'half done')"))
    with pytest.raises(SQLAlchemyError, match="lock timeout"):
        await other.set_fact("a", "1")
    idle = "idle_in_transaction_session_timeout"
    assert await session.scalar(text(f"SHOW {idle}")) == "10min"
    await session.execute(text(f"SET LOCAL {idle} = '50ms'"))  # as when they have nearly passed
    async with asyncio.timeout(PATIENCE):
        while await other.fact("a") is None:
            with contextlib.suppress(SQLAlchemyError):
                await other.set_fact("a", "1")
    assert await other.fact("a") == "1"
    with pytest.raises(SQLAlchemyError):
        await session.commit()
    await session.close()
    await hanging.set_fact("a", "2")
    for store in (hanging, other):
        await store.close()
