"""The whole program as an operator runs it: signals, health, logs. POSIX only."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import launch
from bot.probe import ask

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

ROOT = Path(__file__).parents[2]
HERE = "127.0.0.1"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HERE, 0))
        return int(found.getsockname()[1])


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something outside of this process; the condition may block."""
    async with asyncio.timeout(100):
        while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.05)


PROGRAM = ("-m", "bot.cli")

SLOW_TO_START = (
    "-c",
    """
import asyncio, os, sys
from pathlib import Path
from bot import launch
from bot.cli import main

class Slow(launch.MeasuredEngine):
    async def start(self):
        Path(os.environ["NABI_DATA"], "starting").touch()
        await asyncio.gather(super().start(), asyncio.sleep(600))

launch.MeasuredEngine = Slow
sys.exit(main(sys.argv[1:]))
""",
)
"""The program with an engine that takes its time to start, and says by a file that it does."""


@contextlib.asynccontextmanager
async def nabi(
    folder: Path, *program: str, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the program in the local chat until the body ends."""
    pipe = asyncio.subprocess.PIPE
    told = {"NABI_DATA": str(folder), "NABI_WORKERS": "1", "NABI_LOG_LEVEL": "INFO", **settings}
    environment = {name: value for name, value in os.environ.items() if name != "DISCORD_TOKEN"}
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, *(program or PROGRAM), "--local", "--port", "0", "--no-browser"),
        cwd=ROOT,
        env={**environment, **told},
        stdout=pipe,
        stderr=pipe,
    )
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.communicate()


async def opened(program: asyncio.subprocess.Process) -> None:
    assert program.stdout is not None
    line = await asyncio.wait_for(program.stdout.readline(), 120)
    assert re.search(rb"http://127\.0\.0\.1:\d+/", line)


@pytest.mark.slow
async def test_it_tells_its_health_logs_json_and_ends_in_good_order(tmp_path: Path) -> None:
    port = free_port()
    token = "a-token-that-is-nobodys"
    settings = {"NABI_HEALTH_PORT": str(port), "NABI_LOG_FORMAT": "json", "DISCORD_TOKEN": token}
    async with nabi(tmp_path, **settings) as program:
        assert not (await asyncio.to_thread(ask, HERE, port))[0]
        await opened(program)
        await until(lambda: ask(HERE, port)[0])
        program.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 0
    lines = [json.loads(line) for line in err.decode().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert any("invite link" in line["message"] for line in lines)
    assert any(f"{HERE}:{port}" in line["message"] for line in lines)
    assert not [line for line in lines if line["level"] in {"WARNING", "ERROR"}]
    assert token not in err.decode()
    assert not (await asyncio.to_thread(ask, HERE, port))[0]


@pytest.mark.slow
async def test_a_lost_worker_is_noticed_and_replaced(tmp_path: Path) -> None:
    port = free_port()
    async with nabi(tmp_path, NABI_HEALTH_PORT=str(port)) as program:
        await opened(program)
        await until(lambda: ask(HERE, port)[0])

        def noticed() -> bool:
            # Each time anew: the one that takes the place of a lost one comes up any moment.
            for number in workers_of(program.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            return not ask(HERE, port)[0]

        await until(noticed)
        await until(lambda: ask(HERE, port)[0])


def workers_of(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended
            found += map(int, path.read_text().split())
    return found


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_of_either_kind_ends_it_at_once(
    second: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    stop = asyncio.Event()
    launch.stop_on_signals(stop)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        assert ended == []
        os.kill(os.getpid(), second)
        await until(lambda: bool(ended))
        assert ended == [128 + second]
    finally:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def test_a_start_that_is_stopped_is_undone() -> None:
    stop, begun, undone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def start() -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            undone.set()
        return "never"

    starting = asyncio.create_task(launch.unless(stop, start()))
    await begun.wait()
    stop.set()
    assert await starting is None
    assert undone.is_set()


async def test_a_start_that_works_or_fails_is_left_alone() -> None:
    async def work(error: Exception | None = None) -> str:
        if error is not None:
            raise error
        return "done"

    def unless(work: Coroutine[None, None, str]) -> Coroutine[None, None, str | None]:
        return launch.unless(asyncio.Event(), work)

    assert await unless(work()) == "done"
    with pytest.raises(OSError, match="full"):
        await unless(work(OSError("full")))


@pytest.mark.slow
async def test_a_signal_while_starting_ends_it_with_0(tmp_path: Path) -> None:
    async with nabi(tmp_path, *SLOW_TO_START, NABI_HEALTH_PORT="0") as program:
        await until((tmp_path / "starting").exists)
        program.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(program.communicate(), 60)
    assert program.returncode == 0
    assert b"http" not in out
    assert b"Traceback" not in err
