"""Worker processes: what they may do, and that they die alone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.errors import BadToken
from engine.workers.pool import Pool
from engine.workers.process import Closed, Crashed, Defect, Job, NotStarted, OutOfMemory, TimedOut
from tests.engine import jobs
from tests.engine.waiting import Barrier, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def job(name: str, *args: Any, **limits: Any) -> Job:
    return Job(f"tests.engine.jobs:{name}", args, **limits)


@pytest.fixture
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(2, "test")
    await pool.start()
    yield pool
    await pool.close(0)


@pytest.fixture
def barrier(tmp_path: Path) -> Barrier:
    return Barrier(tmp_path)


async def test_answers_come_back_whole(pool: Pool) -> None:
    payload = os.urandom(3_000_000)
    assert await pool.run(job("echo", payload)) == payload


async def test_jobs_run_in_the_main_thread(pool: Pool) -> None:
    assert await pool.run(job("in_main_thread")) is True


async def test_a_worker_starts_light(pool: Pool) -> None:
    """It imports neither the parent's main module nor anything heavy before its first job."""
    loaded = set(await pool.run(job("modules")))
    assert not loaded & {"pytest", "bot", "discord", "numpy", "tensorflow", "asyncio"}


async def test_a_worker_knows_no_secrets_and_uses_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    pool = Pool(1, "test")
    variables = await pool.run(job("environment"))
    await pool.close()
    assert "secret" not in variables.values()
    assert variables["OMP_NUM_THREADS"] == "1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked to choose")
async def test_when_memory_runs_out_a_worker_goes_before_the_bot(pool: Pool) -> None:
    assert await pool.run(job("sacrifice")) >= max(jobs.sacrifice(), 500)


_OFFERED = """
import asyncio, pathlib
from engine.workers.pool import Pool
from engine.workers.process import Job

async def main():
    pathlib.Path("/proc/self/oom_score_adj").write_text("900")
    print(await Pool(1, "test").run(Job("tests.engine.jobs:sacrifice")))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked to choose")
def test_where_the_bot_goes_early_a_worker_does_not_go_later() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _OFFERED],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "900\n", done.stderr


async def test_prints_do_not_land_among_the_answers(pool: Pool) -> None:
    assert await pool.run(job("chatter")) == "quiet"


async def test_the_engines_errors_come_back_as_they_are(pool: Pool) -> None:
    with pytest.raises(BadToken) as caught:
        await pool.run(job("refuse"))
    assert caught.value.data() == {"token": "h8", "place": 2, "start": 3, "hint": "letter"}


async def test_a_defect_tells_where_but_not_what_was_said(pool: Pool) -> None:
    with pytest.raises(Defect) as caught:
        await pool.run(job("fail", "private"))
    assert "ValueError" in str(caught.value)
    assert "in fail" in str(caught.value)
    assert "private" not in str(caught.value)


async def test_a_process_survives_an_error_but_not_a_crash(pool: Pool) -> None:
    before = set(pool.pids)
    for name in ("refuse", "fail"):
        with pytest.raises((BadToken, Defect)):
            await pool.run(job(name, *(["x"] if name == "fail" else [])))
    assert set(pool.pids) == before
    with pytest.raises(Crashed):
        await pool.run(job("leave"))
    assert await pool.run(job("pid")) in before | set(pool.pids)


@pytest.mark.parametrize(
    ("name", "limits", "error"),
    [
        ("leave", {}, Crashed),
        ("abort", {}, Crashed),
        ("spin", {"seconds": 0.5}, TimedOut),
        ("stubborn", {"seconds": 0.5}, TimedOut),
        pytest.param(
            "eat",
            {"memory": 2**28},
            OutOfMemory,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory"),
        ),
        ("unplain", {}, Crashed),
    ],
)
async def test_a_job_that_misbehaves_dies_alone(
    pool: Pool, barrier: Barrier, name: str, limits: dict[str, Any], error: type[Exception]
) -> None:
    neighbour = asyncio.create_task(pool.run(job("hold", str(barrier))))
    await until(barrier.reached)
    with pytest.raises(error):
        await pool.run(job(name, **limits))
    assert not neighbour.done()
    barrier.lift()
    assert await neighbour == "let go"
    assert await pool.run(job("echo", 1)) == 1


async def test_the_memory_limit_ends_with_its_job() -> None:
    pool = Pool(1, "test")
    assert await pool.run(job("grow", 2**20, memory=2**26)) == 2**20
    assert await pool.run(job("grow", 2**27)) == 2**27
    await pool.close()


async def test_a_kill_from_outside_is_seen_while_working(pool: Pool, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    task = asyncio.create_task(pool.run(job("mark", str(note))))
    await until(lambda: note.exists() and note.read_text(encoding="ascii") != "")
    os.kill(int(note.read_text(encoding="ascii")), signal.SIGKILL)
    with pytest.raises(Crashed):
        await task


async def test_signals_to_the_group_are_left_to_the_parent(pool: Pool, barrier: Barrier) -> None:
    task = asyncio.create_task(pool.run(job("hold", str(barrier))))
    await until(barrier.reached)
    for pid in pool.pids:
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
    barrier.lift()
    assert await task == "let go"


async def test_a_cancelled_wait_takes_nothing(pool: Pool, barrier: Barrier) -> None:
    busy = [asyncio.create_task(pool.run(job("hold", str(barrier)))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(pool.run(job("echo", n))) for n in range(3)]
    await asyncio.sleep(0)
    assert pool.waiting == 3
    waiting[0].cancel()
    waiting[2].cancel()
    barrier.lift()
    assert await waiting[1] == 1
    assert await asyncio.gather(*busy) == ["let go", "let go"]
    assert (pool.waiting, pool.running) == (0, 0)


async def test_a_job_can_go_before_those_that_wait(barrier: Barrier) -> None:
    pool = Pool(1, "test")
    await pool.start()
    done: list[str] = []

    async def run(name: str, *, first: bool = False) -> None:
        done.append(await pool.run(job("echo", name), first=first))

    busy = asyncio.create_task(pool.run(job("hold", str(barrier))))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(run(name)) for name in ("one", "two")]
    await asyncio.sleep(0)
    waiting.append(asyncio.create_task(run("check", first=True)))
    await asyncio.sleep(0)
    barrier.lift()
    await asyncio.gather(busy, *waiting)
    await pool.close(0)
    assert done == ["check", "one", "two"]


async def test_a_process_handed_over_while_its_waiter_is_cancelled_is_not_lost() -> None:
    pool = Pool(1, "test")
    await pool.start()
    holder = await pool._take(first=False)
    waiting = asyncio.create_task(pool._take(first=False))
    await asyncio.sleep(0)
    pool._give(holder)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await pool.run(job("echo", 5)) == 5
    await pool.close()


async def test_an_abandoned_job_is_ended_after_a_while(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("engine.workers.pool._CANCEL_SECONDS", 0.2)
    pool = Pool(1, "test")
    await pool.start()
    (before,) = pool.pids
    task = asyncio.create_task(pool.run(job("begin", "spin", str(tmp_path / "begun"))))
    await until((tmp_path / "begun").exists)
    task.cancel()
    assert await pool.run(job("echo", 1)) == 1
    assert pool.pids != (before,)
    await pool.close()


async def test_a_pool_whose_processes_cannot_start_says_so_and_does_not_hang() -> None:
    pool = Pool(1, "test", lambda: job("leave"))
    with pytest.raises(NotStarted):
        await pool.start()
    with pytest.raises(NotStarted):
        await pool.run(job("echo", 1))
    await pool.close()


async def test_setup_is_done_once_in_every_fresh_process(tmp_path: Path) -> None:
    note = tmp_path / "setups"
    pool = Pool(1, "test", lambda: job("append", str(note)))
    await pool.start()
    await pool.run(job("echo", 1))
    assert note.read_text(encoding="ascii") == "x"
    with pytest.raises(Crashed):
        await pool.run(job("leave"))
    assert await pool.run(job("echo", 1)) == 1
    assert note.read_text(encoding="ascii") == "xx"
    await pool.close()


async def test_closing_turns_waiters_away_and_leaves_no_process(barrier: Barrier) -> None:
    pool = Pool(1, "test")
    await pool.start()
    pids = pool.pids
    running = asyncio.create_task(pool.run(job("hold", str(barrier))))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(pool.run(job("echo", 1)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(pool.close(60))
    with pytest.raises(Closed):
        await waiting
    assert not running.done()
    barrier.lift()
    assert await running == "let go"
    await closing
    with pytest.raises(Closed):
        await pool.run(job("echo", 1))
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


_ORPHANS = """
import asyncio, pathlib, sys
from engine.workers.pool import Pool
from engine.workers.process import Job

async def main():
    begun = pathlib.Path(sys.argv[2])
    pool = Pool(2, "test")
    jobs = [Job("tests.engine.jobs:pid"), Job("tests.engine.jobs:pid")]
    pids = await asyncio.gather(*map(pool.run, jobs))
    asyncio.create_task(pool.run(Job("tests.engine.jobs:begin", (sys.argv[1], str(begun)))))
    while not begun.exists():
        await asyncio.sleep(0.01)
    print(*pids, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("busy_with", ["spin", "stubborn"])
def test_workers_die_with_their_parent_even_while_busy(busy_with: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", _ORPHANS, busy_with, str(tmp_path / "begun")],
        stdout=subprocess.PIPE,
        cwd=root,
    ) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.kill()
    while any(_runs(pid) for pid in pids):  # the test's own timeout ends a vain wait
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Tell whether a process lives; an ended one that nobody has waited for does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def test_everywhere_means_every_process_once(
    pool: Pool, barrier: Barrier, tmp_path: Path
) -> None:
    busy = asyncio.create_task(pool.run(job("hold", str(barrier))))
    await until(barrier.reached)
    every = asyncio.gather(
        pool.everywhere(job("append", str(tmp_path / "a"))),
        pool.everywhere(job("append", str(tmp_path / "b"))),
    )
    await asyncio.gather(*(pool.run(job("pid")) for _ in range(8)))
    assert not every.done()
    barrier.lift()
    await every
    assert await busy == "let go"
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "xx"


async def test_everywhere_tells_what_went_wrong_and_leaves_the_pool_whole(pool: Pool) -> None:
    with pytest.raises(BadToken):
        await pool.everywhere(job("refuse"))
    with pytest.raises(Crashed):
        await pool.everywhere(job("leave"))
    assert {await pool.run(job("echo", n)) for n in range(4)} == {0, 1, 2, 3}


async def test_who_waits_for_every_process_is_told_of_the_end() -> None:
    pool = Pool(2, "test")
    await pool.start()
    busy = [asyncio.create_task(pool.run(job("sleep", 600))) for _ in range(2)]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(pool.everywhere(job("pid")))
    await asyncio.sleep(0)
    await pool.close(0)
    with pytest.raises(Closed):
        await waiting
    await asyncio.gather(*busy, return_exceptions=True)
