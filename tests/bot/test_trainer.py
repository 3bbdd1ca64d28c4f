"""A training process: followed, cancelled, and never two at a time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from bot.errors import AlreadyTraining, NotTraining
from bot.trainer import Progress, Trainer
from tests.fakes import training_command
from tests.rooms import soon

if TYPE_CHECKING:
    from pathlib import Path


def line(**data: object) -> str:
    return json.dumps(data)


async def finished(trainer: Trainer) -> Progress:
    async with asyncio.timeout(20):
        while not (progress := await trainer.wait(5)).over:
            pass
    return progress


async def test_a_run_is_followed_to_its_end() -> None:
    trainer = Trainer(
        training_command(
            line(state="encoding", tunes=30, notes=900),
            line(state="training", epoch=1, epochs=4, done=0.1, loss=3.0),
            line(state="epoch", epoch=1, epochs=4, shift_bits=0.1, duration_bits=0.9, pitch_bits=2),
            line(state="done", version="new-1", shift_bits=0.1, duration_bits=0.8, pitch_bits=1.9),
        )
    )
    await trainer.start()
    end = await finished(trainer)
    assert (end.state, end.version, end.tunes, end.epochs) == ("done", "new-1", 30, 4)
    assert end.bits == pytest.approx(2.8)
    assert not trainer.running


@pytest.mark.parametrize(
    "command",
    [
        training_command(code=3),
        training_command(line(state="done", version="x"), code=1),
        training_command(line(state="training", epoch=1, epochs=2)),  # it ends without a word
        ("/no/such/program",),
    ],
)
async def test_a_failed_run_says_so(command: tuple[str, ...]) -> None:
    trainer = Trainer(command)
    await trainer.start()
    end = await finished(trainer)
    assert end.state == "failed"
    assert end.reason
    assert not trainer.running


async def test_only_one_run_at_a_time() -> None:
    trainer = Trainer(training_command(last="time.sleep(60)"))
    await trainer.start()
    with pytest.raises(AlreadyTraining):
        await trainer.start()
    await trainer.close()
    assert trainer.progress.state == "cancelled"
    await trainer.start()  # and then another one
    await trainer.cancel()


async def test_nothing_to_cancel() -> None:
    with pytest.raises(NotTraining):
        await Trainer(training_command()).cancel()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
async def test_a_cancelled_process_is_gone_even_when_it_will_not_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.trainer._PATIENCE", 0.2)
    told = tmp_path / "pid"
    trainer = Trainer(
        training_command(
            last="import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            f"open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
        )
    )
    await trainer.start()
    await soon(lambda: told.exists() and told.read_text())
    await trainer.cancel()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@pytest.mark.skipif(sys.platform == "win32", reason="niceness of POSIX")
async def test_it_runs_with_low_priority() -> None:
    trainer = Trainer(
        training_command(
            last="import os; time.sleep(0.3); "
            'print(\'{"state": "done", "epoch": %d}\' % os.nice(0), flush=True)'
        )
    )
    await trainer.start()
    assert (await finished(trainer)).epoch >= 10


async def test_the_token_stays_with_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    trainer = Trainer(
        training_command(
            last="import os, json; print(json.dumps({'state': 'done', 'version': "
            "os.environ.get('DISCORD_TOKEN', 'none') + os.environ['NABI_DATA']}), flush=True)"
        ),
        environment={"NABI_DATA": "-here"},
    )
    await trainer.start()
    assert (await finished(trainer)).version == "none-here"


async def test_much_noise_does_not_stop_it() -> None:
    trainer = Trainer(
        training_command(
            "not json",
            "[1, 2]",
            line(state="training", epoch=2, epochs=3, done=float("nan")),
            last="print('x' * 3_000_000); print('[' * 100_000); sys.stderr.write('e' * 1_000_000)\n"
            'print(\'{"state": "done", "version": "n"}\')',
        )
    )
    await trainer.start()
    end = await finished(trainer)
    assert (end.state, end.epoch, end.version) == ("done", 2, "n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        '{"state": "flying"}',
        '{"state": ["done"]}',
        '{"state": {"a": 1}}',
        "{",
        "1e999",
        '{"state": null}',
    ],
)
def test_lines_that_mean_nothing_change_nothing(text: str) -> None:
    assert Progress().after(text.encode()) == Progress()


@pytest.mark.parametrize("value", ["true", "-1", '"7"', "NaN", "Infinity", "[]", "1e400"])
def test_figures_of_a_wrong_kind_are_left_out(value: str) -> None:
    text = f'{{"state": "training", "epoch": {value}, "tunes": {value}, "done": {value}}}'
    after = Progress().after(text.encode())
    assert (after.state, after.epoch, after.tunes) == ("training", 0, 0)
    assert 0 <= after.share <= 1


def test_the_bar_never_goes_back() -> None:
    progress = Progress(share=0.5).after(b'{"state": "training", "done": 0.2}')
    assert progress.share == 0.5
