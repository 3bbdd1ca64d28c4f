"""Databases of every age are brought up to date, and none of their rows is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.util import greenlet_spawn

from bot.cli import main
from bot.errors import BadDatabase
from bot.explaining import explain
from bot.migrations import scripts, upgrade
from bot.store import Base, Store
from bot.store.address import engine_at
from bot.store.base import _keep_log_beside
from engine.request import Request
from tests.databases import new_database
from tests.fakes import make_result

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.engine import Connection


REVISIONS = sorted(script.revision for script in scripts().walk_revisions())

BEFORE_REVISIONS = {
    "with the message's id": """
        CREATE TABLE results (id VARCHAR(10) NOT NULL, request JSON NOT NULL, file BLOB,
            tune TEXT NOT NULL, message_id BIGINT, created_at DATETIME NOT NULL, PRIMARY KEY (id));
        CREATE INDEX ix_results_message_id ON results (message_id);
        CREATE INDEX ix_results_created_at ON results (created_at);
        CREATE TABLE facts (name VARCHAR(100) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
    """,
    "without the file's size": """
        CREATE TABLE results (id VARCHAR(10) NOT NULL, request JSON NOT NULL, file BLOB,
            tune TEXT NOT NULL, created_at DATETIME NOT NULL, PRIMARY KEY (id));
        CREATE INDEX ix_results_created_at ON results (created_at);
        CREATE TABLE facts (name VARCHAR(100) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
    """,
    "the last without revisions": """
        CREATE TABLE results (id VARCHAR(10) NOT NULL, request JSON NOT NULL, file BLOB,
            size INTEGER NOT NULL DEFAULT 0, tune TEXT NOT NULL, created_at DATETIME NOT NULL,
            PRIMARY KEY (id));
        CREATE INDEX ix_results_created_at ON results (created_at);
        CREATE TABLE facts (name VARCHAR(100) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
    """,
    "one table only": """
        CREATE TABLE facts (name VARCHAR(100) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name));
    """,
}


def address(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def differences(path: Path) -> list[object]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = list(compare_metadata(context, Base.metadata))
    engine.dispose()
    return found


async def open_and_close(path: Path) -> None:
    store = Store(address(path))
    await store.open()
    await store.close()


def test_the_revisions_are_one_line() -> None:
    assert len(scripts().get_heads()) == 1
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


@pytest.mark.parametrize("revision", ["nothing", *REVISIONS])
async def test_every_revision_becomes_what_the_program_expects(
    tmp_path: Path, revision: str
) -> None:
    path = tmp_path / "nabi.db"
    if revision != "nothing":
        engine = create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(connection, revision)
        engine.dispose()
        with closing(sqlite3.connect(path)) as old, old:
            assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [
                (revision,)
            ]
            old.execute("INSERT INTO facts VALUES ('a', '1')")
    store = Store(address(path))
    await store.open()
    assert await store.fact("a") == (None if revision == "nothing" else "1")
    await store.close()
    assert differences(path) == []


async def differences_at(address: str) -> list[object]:
    engine = engine_at(address)

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        found = await connection.run_sync(compare)
    await engine.dispose()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["nothing", *REVISIONS])
async def test_every_revision_becomes_it_on_postgresql_too(postgresql: str, revision: str) -> None:
    address = await new_database(postgresql)
    if revision != "nothing":
        engine = engine_at(address)
        async with engine.begin() as connection:
            await connection.run_sync(upgrade, revision)
            await connection.execute(text("INSERT INTO facts VALUES ('a', '1')"))
        await engine.dispose()
    stores = [Store(address) for _ in range(4)]
    await asyncio.gather(*(store.open() for store in stores))
    assert await stores[3].fact("a") == (None if revision == "nothing" else "1")
    for store in stores:
        await store.close()
    assert await differences_at(address) == []


@pytest.mark.slow
async def test_postgresql_is_refused_when_newer_and_undoes_what_fails(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await new_database(postgresql)
    last = scripts().get_revision(scripts().get_heads()[0])
    assert last is not None

    def fail(**_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(last.module, "upgrade", fail)
        with pytest.raises(BadDatabase, match="the disk is full"):
            await Store(address).open()
    engine = engine_at(address)
    async with engine.begin() as connection:
        assert await connection.run_sync(lambda each: inspect(each).get_table_names()) == []
    store = Store(address)
    await store.open()
    await store.close()
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    with pytest.raises(BadDatabase) as caught:
        await Store(address).open()
    assert (caught.value.reason, caught.value.detail) == ("newer", "9999")


@pytest.mark.parametrize("layout", BEFORE_REVISIONS)
async def test_a_database_from_before_revisions_keeps_its_rows(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "nabi.db"
    whole = "results" in BEFORE_REVISIONS[layout]
    request = Request(text="", file_name="x.mid", seed=7).to_json()
    with closing(sqlite3.connect(path)) as old, old:
        old.executescript(BEFORE_REVISIONS[layout])
        old.execute("INSERT INTO facts VALUES ('commands:1', 'abc')")
        if whole:
            old.execute(
                "INSERT INTO results (id, request, file, tune, created_at)"
                " VALUES ('abcdefghjk', json(?), x'4d546864', 'g8', datetime('now'))",
                [json.dumps(request)],
            )
            if "size" in BEFORE_REVISIONS[layout]:
                old.execute("UPDATE results SET size = 4")
    store = Store(address(path), max_kept=6)
    await store.open()
    assert await store.fact("commands:1") == "abc"
    kept = await store.find("abcdefghjk")
    assert (kept is not None) is whole
    if kept is not None:
        assert kept.request.file == b"MThd"
        assert kept.request.seed == 7
        # Its size counts: the next file pushes it out.
        await store.keep(make_result(Request(file=b"123", file_name="y.mid")))
        assert await store.find("abcdefghjk") is None
    await store.close()


async def test_nothing_is_done_twice(tmp_path: Path) -> None:
    path = tmp_path / "nabi.db"
    await open_and_close(path)
    before = path.read_bytes()
    await open_and_close(path)
    assert path.read_bytes() == before


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "nabi.db"
    await open_and_close(path)
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.execute("CREATE TABLE stars (id INTEGER)")
    with pytest.raises(BadDatabase) as caught:
        await Store(address(path)).open()
    assert "newer version of this program (revision 9999)" in explain(caught.value, "en")
    assert "9999" in explain(caught.value, "ko")
    with closing(sqlite3.connect(path)) as after:
        assert after.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"x" * 99]
)
async def test_a_file_that_is_no_database_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "nabi.db"
    path.write_bytes(content)
    with pytest.raises(BadDatabase) as caught:
        await Store(address(path)).open()
    assert "file is not a database" in explain(caught.value, "en")
    assert path.read_bytes() == content


async def test_a_revision_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nabi.db"
    last = scripts().get_revision(scripts().get_heads()[0])
    assert last is not None

    def fail(**_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(last.module, "upgrade", fail)
        with pytest.raises(BadDatabase, match="the disk is full"):
            await Store(address(path)).open()
    with closing(sqlite3.connect(path)) as after:
        assert after.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    await open_and_close(path)
    assert differences(path) == []


async def test_many_in_one_program_open_a_new_database_at_once(tmp_path: Path) -> None:
    stores = [Store(address(tmp_path / name)) for name in ("a.db", "a.db", "b.db", "b.db")]
    await asyncio.gather(*(store.open() for store in stores))
    for store in stores:
        await store.set_fact("a", "1")
        await store.close()
    assert differences(tmp_path / "a.db") == differences(tmp_path / "b.db") == []


class Contended:
    """A cursor of a database that others open at the same moment."""

    def __init__(self, code: int) -> None:
        self.left = 3
        self.error = sqlite3.OperationalError("database is locked")
        self.error.sqlite_errorcode = code

    def execute(self, _statement: str) -> None:
        self.left -= 1
        if self.left:
            raise self.error


async def test_what_sqlite_does_not_wait_for_is_tried_again() -> None:
    cursor: Any = Contended(sqlite3.SQLITE_BUSY)
    await greenlet_spawn(_keep_log_beside, cursor)
    assert cursor.left == 0
    cursor = Contended(sqlite3.SQLITE_READONLY)
    with pytest.raises(sqlite3.OperationalError):
        await greenlet_spawn(_keep_log_beside, cursor)
    assert cursor.left == 2


OPEN = """
import asyncio, sys, time
from bot.store import Store

async def main():
    store = Store(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await store.open()
    await store.set_fact(sys.argv[2], "1")
    await store.close()

asyncio.run(main())
"""


def test_programs_open_a_new_database_at_once(tmp_path: Path) -> None:
    """From another directory than the project's: the revisions are found beside the code."""
    path = tmp_path / "nabi.db"
    command = [sys.executable, "-c", OPEN, address(path)]
    programs = [
        subprocess.Popen(
            [*command, name],
            cwd=tmp_path,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in ("a", "b", "c")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("\n")
        program.stdin.flush()
    for program in programs:
        _, complaints = program.communicate(timeout=60)
        assert program.returncode == 0, complaints
    with closing(sqlite3.connect(path)) as after:
        assert after.execute("SELECT name FROM facts ORDER BY name").fetchall() == [
            ("a",),
            ("b",),
            ("c",),
        ]
    assert differences(path) == []


def test_the_command_line_says_so_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "nabi.db"
    asyncio.run(open_and_close(path))
    with closing(sqlite3.connect(path)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    monkeypatch.setenv("NABI_DATA", str(tmp_path))
    assert main(["run", "--local", "--no-browser", "--port", "0"]) == 1
    complaint = capsys.readouterr().err
    assert "belongs to a newer version of this program (revision 9999)" in complaint
    assert "Traceback" not in complaint
