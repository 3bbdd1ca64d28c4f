"""A PostgreSQL server for the tests: on loopback, in a temporary folder, gone when they end."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import text

from bot.store.address import engine_at

if TYPE_CHECKING:
    from collections.abc import Iterator

_HASTY: Final = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"
"""Nothing needs to outlive the tests."""


def _programs() -> Path | None:
    """Find the folder of the server's programs, which Debian keeps off the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).resolve().parent if named else None


def _account(folder: Path) -> dict[str, Any]:
    """Give a folder to whom the server can run as: it refuses to be root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415 - not on Windows

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server of its own; skip the test where there is none to run.

    Yields:
        The address of a database that is always there.
    """
    programs = _programs()
    if programs is None:
        pytest.skip("the server of PostgreSQL is not installed (Debian: postgresql)")
    with tempfile.TemporaryDirectory(prefix="nabi-", ignore_cleanup_errors=True) as made:
        account = _account(Path(made))
        data, log = Path(made) / "data", Path(made) / "log"

        def works(program: str, *arguments: str) -> bool:
            # Into a file: a pipe would stay open for as long as the server runs.
            with log.open("ab") as told:
                done = subprocess.run(
                    [programs / program, "-D", data, *arguments],
                    cwd=made,
                    stdout=told,
                    stderr=told,
                    check=False,
                    **account,
                )
            return done.returncode == 0

        def start(port: int) -> bool:
            return works("pg_ctl", "start", "-o", f"-h 127.0.0.1 -p {port} -k '' {_HASTY}")

        # In English whatever the machine speaks; its errors are compared.
        options = ("--username=nabi", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        assert works("initdb", *options), log.read_text(errors="replace")
        # Somebody else may take a port between its being found and its being used.
        port = next((port for port in (_free_port() for _ in range(5)) if start(port)), 0)
        assert port, log.read_text(errors="replace")
        try:
            yield f"postgresql://nabi@127.0.0.1:{port}/postgres"
        finally:
            assert works("pg_ctl", "stop", "-m", "immediate"), log.read_text(errors="replace")


async def new_database(server: str) -> str:
    """Make an empty database on a server and give its address."""
    name = f"nabi_{secrets.token_hex(6)}"
    engine = engine_at(server).execution_options(isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    await engine.dispose()
    return f"{server.rpartition('/')[0]}/{name}"
