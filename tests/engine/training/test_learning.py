"""Training itself, by the command that makes a version for another machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.predict import Model
from tests.engine.tunes import fill_cache, made_up_tunes

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

SMALL = ("--units", "16", "--inputs", "16", "--hidden", "16", "--notes", "1024")


COMMAND = ("-m", "bot.cli")
DYING = """
import os, signal, sys
from bot.cli import main
from engine.training.loop import Loop

step = Loop.on_train_batch_end

def dying(self, batch, logs=None):
    if (self._standing.epoch, batch) == (3, 1):
        os.kill(os.getpid(), signal.SIGKILL)
    step(self, batch, logs)

Loop.on_train_batch_end = dying
sys.exit(main(sys.argv[1:]))
"""
"""The same command, killed in the midst of its fourth epoch."""


def start(folder: Path, *options: str, program: tuple[str, str] = COMMAND) -> subprocess.Popen[str]:
    command = [sys.executable, *program, "train", "--json", "--name", "small"]
    command += ["--from", "scratch", "--collections", "folk", "--out", str(folder / "weights")]
    command += ["--cache", str(folder), *SMALL, *options]
    environment = {**os.environ, "NABI_DATA": str(folder / "data")}
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )


def said(process: subprocess.Popen[str]) -> list[dict[str, object]]:
    out, errors = process.communicate()
    assert process.returncode == 0, errors[-2000:] + out[-2000:]
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def test_a_version_comes_out_that_the_bot_can_load(tmp_path: Path) -> None:
    fill_cache(tmp_path / "corpus", "folk", made_up_tunes(120))
    lines = said(start(tmp_path, "--epochs", "2"))
    assert lines[-1]["state"] == "done"
    model = Model.load(tmp_path / "weights" / "small")
    assert model.name == "small"
    assert model.copies is not None
    assert len(model.copies.names) == model.document["corpus"]["training_tunes"]
    document = model.document
    assert document["corpus"]["collections"]["folk"]["tunes"] == 120
    assert 0 < document["metrics"]["pitch_bits"] < 10
    card = (tmp_path / "weights" / "small" / "CARD.md").read_text(encoding="utf-8")
    assert "no terms of its own" in card
    assert f"{document['metrics']['pitch_bits']:.3f}" in card
    logs = list((tmp_path / "logs" / "small").rglob("events.out.*"))
    assert logs, "TensorBoard has something to show"
    assert not list(tmp_path.glob("runs/*")), "what only the run needed is gone"


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    fill_cache(tmp_path / "corpus", "folk", made_up_tunes(120))
    first = start(tmp_path, "--epochs", "5", program=("-c", DYING))
    _, errors = first.communicate()
    assert first.returncode == -signal.SIGKILL, errors[-2000:]
    assert not (tmp_path / "weights" / "small").exists()
    with np.load(tmp_path / "runs" / "small" / "checkpoint.npz") as data:
        standing = json.loads(data["standing"].tobytes())
        before = int(data["optimizer:0"])
        steps = len([name for name in data.files if name.startswith("optimizer:")])
    assert steps > 10, "moments of the optimiser are kept, not only its counter"
    assert (standing["epoch"], standing["batch"]) == (3, 0)
    assert before > 3, "there is more than one step in an epoch"
    assert before % 3 == 0
    epochs = [line["epoch"] for line in said(start(tmp_path, "--epochs", "5")) if "bits" in line]
    assert epochs == [4, 5]
    assert Model.load(tmp_path / "weights" / "small").name == "small"


def test_unknown_collections_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    process = start(tmp_path, "--collections", "rock")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert "rock" in errors
    assert "oneill" in errors
