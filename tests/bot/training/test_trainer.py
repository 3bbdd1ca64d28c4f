"""The bot's end of training: what is refused, what is waited for, what a process is given."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from bot.errors import AlreadyTraining, EstimateFailed, NotTraining
from bot.training.child import environment
from bot.training.runs import Order, RunOptions
from engine.errors import BadOption
from tests.bot.training.schools import make_school

if TYPE_CHECKING:
    from pathlib import Path

    from bot.training.runs import Run


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (RunOptions(epochs=0), "epochs"),
        (RunOptions(epochs=10_000), "epochs"),
        (RunOptions(collections=()), "collections"),
        (RunOptions(collections=("corpus", "rock")), "collections"),
        (RunOptions(name="weak"), "name"),
        (RunOptions(name="../weak"), "name"),
        (RunOptions(name="Großer Name"), "name"),
        (RunOptions(name=""), "name"),
        (RunOptions(name="x" * 65), "name"),
    ],
)
async def test_what_cannot_be_done_is_refused_before_it_begins(
    tmp_path: Path, options: RunOptions, name: str
) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer()
        for ask in (trainer.start, trainer.estimate):
            with pytest.raises(BadOption) as caught:
                await ask(options)
            assert caught.value.name == name
        assert await trainer.latest() is None


async def test_a_second_run_is_told_of_the_first(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer()
        first = await trainer.start(RunOptions(), Order(asked_by=7, key="5"))
        assert first.base == "weak"
        assert (await trainer.start(RunOptions(epochs=9), Order(key="5"))).id == first.id
        with pytest.raises(AlreadyTraining) as caught:
            await trainer.start(RunOptions(), Order(key="6"))
        assert caught.value.run == first
        assert await trainer.current() == await trainer.find(first.id) == first
        assert (await trainer.cancel(first.id, 7)).state == "cancelled"
        assert await trainer.current() is None
        with pytest.raises(NotTraining):
            await trainer.cancel(first.id, 7)


async def test_waiting_ends_with_a_change_or_with_the_time(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        trainer = school.trainer("silent")
        assert await trainer.wait(0.05) is None
        run = await trainer.start(RunOptions())
        waiting = [asyncio.create_task(trainer.wait(60)) for _ in range(3)]
        await trainer.open()
        changed = await asyncio.gather(*waiting)
        assert {each.id for each in changed if each is not None} == {run.id}
        while not (changed[0] is not None and changed[0].over):
            changed[0] = await trainer.wait(60)
        assert changed[0].failure == "crashed"
        await trainer.close()


def test_a_process_is_given_neither_token_nor_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setenv("NABI_DATABASE", "postgresql://me:secret@host/x")
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    given = environment()
    assert not [value for value in given.values() if "secret" in value]
    assert given["PATH"] == os.environ["PATH"]
    assert given["KERAS_BACKEND"] == "tensorflow"


@pytest.mark.slow
async def test_an_estimate_is_measured(tmp_path: Path) -> None:
    async with make_school(tmp_path) as school:
        (school.data / "corpus" / "broken.mid").write_bytes(b"MThd")
        trainer = school.trainer()
        estimate = await trainer.estimate(RunOptions(collections=("corpus", "aird")))
        told = {each.name: each for each in estimate.sources}
        assert (told["corpus"].tunes, told["corpus"].files) == (30, 2)
        assert told["aird"].tunes > 1000, "as the shipped version says: it was never read here"
        assert estimate.unread == ("aird",)
        assert [each.file for each in estimate.skipped] == ["broken.mid"]
        assert estimate.options.start == "current"
        assert estimate.options.epochs == estimate.epochs
        assert estimate.speed > 1
        assert estimate.seconds == pytest.approx(estimate.notes * estimate.epochs / estimate.speed)
        assert await trainer.latest() is None
        (school.data / "corpus" / "irish" / "jigs.abc").unlink()
        with pytest.raises(EstimateFailed) as caught:
            await trainer.estimate(RunOptions(collections=("corpus",)))
        assert caught.value.failure == "empty-corpus"


async def test_a_database_that_is_away_for_hours_is_told_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.training.trainer")
    async with make_school(tmp_path) as school:
        looks: asyncio.Queue[None] = asyncio.Queue()
        away = True
        ask = school.store.latest_run

        async def latest() -> Run | None:
            looks.put_nowait(None)
            if away:
                raise OperationalError("select", None, OSError())
            return await ask()

        monkeypatch.setattr(school.store, "latest_run", latest)
        trainer = school.trainer()
        await trainer.open()
        for _ in range(3):
            await looks.get()
        away = False
        for _ in range(2):
            await looks.get()
        await trainer.close()
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "training cannot be looked after: OperationalError",
        "training is looked after again",
    ]
