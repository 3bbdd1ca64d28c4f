"""What must never happen to a training run, with real processes and real signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot.training.runs import Order, RunOptions
from engine.predict import Model
from tests.bot.training.schools import ended, make_school, reached
from tests.engine.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.training.runs import Run
    from bot.training.trainer import Trainer
    from tests.bot.training.schools import School

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

CORPUS = RunOptions(collections=("corpus",), epochs=2, name="new")


def pid_of(trainer: Trainer) -> int:
    assert trainer._child is not None
    return trainer._child.pid


async def begun(trainer: Trainer, options: RunOptions = CORPUS) -> Run:
    run = await trainer.start(options, Order(asked_by=7))
    await trainer.open()
    return run


def waits(go: Path) -> Callable[[Run], bool]:
    """Give the condition that a process has come to where it waits for ``go``."""
    here = Path(f"{go}.here")
    return lambda _: here.exists()


def check_done(school: School, run: Run) -> None:
    assert (run.state, run.failure, run.detail) == ("done", None, "")
    assert school.names == {"weak", "new"}
    assert school.leftovers() == []
    assert run.outcome is not None
    assert run.outcome.promoted
    assert run.outcome.high < 0
    assert run.level == pytest.approx(run.outcome.old_bits, abs=1e-3)
    assert school.registry.active.name == "new"
    assert Model.load(school.registry.active.folder).name == "new"
    ends = [point.epoch for point in run.curve if point.validation is not None]
    assert ends == [1.0, 2.0]
    assert [point.epoch for point in run.curve] == sorted(point.epoch for point in run.curve)


async def test_a_better_version_comes_out_and_answers(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        (school.data / "corpus" / "broken.mid").write_bytes(b"MThd")
        (school.data / "corpus" / "away.abc").symlink_to("/etc/hostname")
        trainer = school.trainer()
        run = await ended(school.store, await begun(trainer))
        await trainer.close()
        check_done(school, run)
        assert {(each.file, each.reason) for each in run.skipped} == {
            ("away.abc", "link"),
            ("broken.mid", "broken"),
        }
        document = school.registry.active.manifest
        assert document["corpus"]["collections"].keys() == {"corpus"}
        card = (school.registry.active.folder / "CARD.md").read_text(encoding="utf-8")
        assert "jigs" not in card
        assert [line.what for line in await school.store.audit()] == ["done", "train"]


async def test_a_killed_process_is_replaced_and_goes_on(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        go = tmp_path / "go"
        trainer = school.trainer("patient", str(go))
        run = await begun(trainer)
        await reached(school.store, run, waits(go))
        checkpoint = school.data / "cache" / "runs" / run.id / "checkpoint.npz"
        with np.load(checkpoint) as data:
            standing = json.loads(data["standing"].tobytes())
            count = int(data["optimizer:0"])
        assert count > 0
        os.kill(pid_of(trainer), signal.SIGKILL)
        go.touch()
        end = await ended(school.store, run)
        await trainer.close()
        check_done(school, end)
        log = (checkpoint.parent / "trainer.log").read_text(encoding="utf-8")
        assert f"going on at epoch {standing['epoch']}, batch" in log


async def test_the_bot_is_killed_and_its_process_is_found_again(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        go = tmp_path / "go"
        first = school.trainer("patient", str(go))
        run = await begun(first)
        await reached(school.store, run, waits(go))
        pid = pid_of(first)
        assert first._watch is not None
        first._watch.cancel()  # as good as killed: it neither looks nor cleans up
        second = school.trainer()
        await second.open()
        go.touch()
        end = await ended(school.store, run)
        assert second._child is None, "the first process carried it out"
        check_done(school, end)
        await second.close()
        assert first._child is not None
        await first._child._waiting
        assert first._child.pid == pid


OWNER = """
import asyncio, sys
from pathlib import Path
from bot.training.runs import RunOptions
from tests.bot.training.schools import FAULTY, SAVE_EVERY
from bot.store import Store
from bot.training.trainer import Trainer, Workshop
from engine.registry import Registry

async def main():
    data = Path(sys.argv[1])
    url = f"sqlite+aiosqlite:///{data / 'nabi.db'}"
    store = Store(url)
    await store.open()
    workshop = Workshop(url, data, data / "corpus", lease=4.0, save_every=SAVE_EVERY, pace=0.1)
    patient = (sys.executable, str(FAULTY), "patient", sys.argv[2])
    trainer = Trainer(store, Registry(data=data), workshop, patient)
    await trainer.start(RunOptions(collections=("corpus",), epochs=2, name="new"))
    await trainer.open()
    while trainer._child is None:
        await asyncio.sleep(0.05)
    print(trainer._child.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.parametrize("both", [False, True], ids=["owner", "both"])
async def test_kill_nine_of_the_owner_or_of_both(tmp_path: Path, *, both: bool) -> None:
    async with make_school(tmp_path) as school:
        go = tmp_path / "go"
        owner = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            OWNER,
            str(school.data),
            str(go),
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
        )
        assert owner.stdout is not None
        pid = int(await owner.stdout.readline())
        run = await school.store.latest_run()
        assert run is not None
        await reached(school.store, run, waits(go))
        owner.kill()
        if both:
            os.kill(pid, signal.SIGKILL)
        await owner.wait()
        go.touch()
        trainer = school.trainer()
        await trainer.open()
        end = await ended(school.store, run)
        await trainer.close()
        check_done(school, end)


async def test_stopping_in_good_order_keeps_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.training.trainer._PATIENCE", 60.0)
    options = RunOptions(collections=("corpus",), epochs=3, name="new")
    async with make_school(tmp_path) as school:
        school.workshop = replace(school.workshop, save_every=3600)
        go = tmp_path / "go"
        first = school.trainer("patient", str(go))
        run = await begun(first, options)
        await reached(school.store, run, waits(go))
        checkpoint = school.data / "cache" / "runs" / run.id / "checkpoint.npz"
        assert not checkpoint.exists()
        await first.close()
        paused = await school.store.run(run.id)
        assert paused is not None
        assert paused.state == "queued"
        assert checkpoint.exists()
        second = school.trainer()
        await second.open()
        end = await ended(school.store, run)
        await second.close()
        assert end.state == "done"
        assert [p.epoch for p in end.curve if p.validation is not None] == [1.0, 2.0, 3.0]


async def test_a_process_whose_fence_is_outdated_writes_no_version(tmp_path: Path) -> None:
    async with make_school(tmp_path, lease=5.0) as school:
        go = tmp_path / "go"
        slow = school.trainer("sleepy", str(go))
        run = await begun(slow)
        await reached(school.store, run, waits(go))
        pid = pid_of(slow)
        os.kill(pid, signal.SIGSTOP)  # it falls asleep just before it writes
        assert slow._watch is not None
        slow._watch.cancel()
        assert slow._child is not None
        child = slow._child
        quick = school.trainer()
        await quick.open()
        end = await ended(school.store, run)  # after the lease has run out
        check_done(school, end)
        manifest = (school.data / "weights" / "new" / "model.json").stat()
        go.touch()
        os.kill(pid, signal.SIGCONT)
        assert await asyncio.wait_for(child._waiting, 60) != 0
        after = (school.data / "weights" / "new" / "model.json").stat()
        assert (after.st_ino, after.st_mtime_ns) == (manifest.st_ino, manifest.st_mtime_ns)
        assert school.names == {"weak", "new"}
        await quick.close()


@pytest.mark.parametrize("moment", ["before-rename", "after-rename"])
async def test_exactly_one_version_however_near_its_birth_the_process_dies(
    tmp_path: Path, moment: str
) -> None:
    async with make_school(tmp_path, lease=5.0) as school:
        unlucky = school.trainer(moment)
        run = await begun(unlucky)
        await until(lambda: unlucky._child is not None)
        assert unlucky._child is not None
        await unlucky._child._waiting
        assert unlucky._watch is not None
        unlucky._watch.cancel()
        lucky = school.trainer()
        await lucky.open()
        check_done(school, await ended(school.store, run))
        await lucky.close()


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        (("nan",), "diverged"),
        (("full", "2000"), "disk-full"),
        (("stop", "encoding"), "killed"),
        (("silent",), "crashed"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
async def test_a_run_that_cannot_go_on_ends_and_leaves_the_old_version(
    tmp_path: Path, fault: tuple[str, ...], failure: str
) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer(*fault)
        run = await begun(trainer)
        end = await ended(school.store, run)
        await trainer.close()
        assert (end.state, end.failure) == ("failed", failure), end.detail
        assert school.names == {"weak"}
        assert school.leftovers() == []
        assert school.registry.active.name == "weak"
        again = await school.trainer().start(CORPUS)  # nothing stands in the way of another
        assert again.id != run.id


async def test_an_empty_folder_teaches_nothing(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        (school.data / "corpus" / "irish" / "jigs.abc").write_bytes(b"X:1\nK:C\n")
        trainer = school.trainer()
        end = await ended(school.store, await begun(trainer))
        await trainer.close()
        assert (end.state, end.failure) == ("failed", "empty-corpus")
        assert end.skipped_count == 1
        assert school.registry.active.name == "weak"


async def test_a_base_that_was_damaged_meanwhile_is_named(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer()
        run = await trainer.start(CORPUS)
        (school.data / "weights" / "weak" / "weights.npz").write_bytes(b"torn")
        await trainer.open()
        end = await ended(school.store, run)
        await trainer.close()
        assert (end.state, end.failure) == ("failed", "bad-base")


async def test_a_version_that_is_not_better_is_kept_and_does_not_answer(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer("lazy")
        run = await ended(school.store, await begun(trainer))
        await trainer.close()
        assert run.state == "done"
        assert run.outcome is not None
        assert not run.outcome.promoted
        assert run.outcome.new_bits == run.outcome.old_bits
        assert (run.outcome.low, run.outcome.high) == (0, 0)
        assert school.names == {"weak", "new"}
        assert school.registry.active.name == "weak"
        assert Model.load(school.registry.verify("new").folder).name == "new"


async def test_cancelling_ends_the_process_and_leaves_nothing(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        go = tmp_path / "go"
        trainer = school.trainer("patient", str(go))
        run = await begun(trainer)
        await reached(school.store, run, waits(go))
        pid = pid_of(trainer)
        await trainer.cancel(run.id, 8)
        end = await ended(school.store, run)
        assert end.state == "cancelled"
        await until(lambda: trainer._child is None)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        await trainer.close()
        assert school.names == {"weak"}
        audit = [(line.what, line.who) for line in await school.store.audit()]
        assert audit == [("cancelled", None), ("cancel", 8), ("train", 7)]


PATIENT_COMMAND = """
import sys
from tests.bot.training.faulty import with_patience
from bot.cli import main

with_patience(sys.argv.pop(1))
sys.exit(main(sys.argv[1:]))
"""


async def test_the_command_line_and_the_bot_share_a_run(tmp_path: Path) -> None:
    """What the command line began, and was killed in, the bot carries to its end."""
    async with make_school(tmp_path) as school:
        go = tmp_path / "go"
        command = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PATIENT_COMMAND,
            str(go),
            *("train", "--json", "--name", "new", "--collections", "corpus", "--epochs", "2"),
            cwd=Path(__file__).parents[3],
            env={**os.environ, "NABI_DATA": str(school.data)},
            stdout=subprocess.DEVNULL,
        )
        await until(lambda: Path(f"{go}.here").exists() or command.returncode is not None)
        run = await school.store.going_on()
        assert run is not None
        os.kill(command.pid, signal.SIGKILL)
        await command.wait()
        await school.store.let_go(run.id, owner=f"command line, process {command.pid}")
        trainer = school.trainer()
        await trainer.open()
        check_done(school, await ended(school.store, run))
        await trainer.close()
