"""The engine's door, with real processes and stand-ins for the stages."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from engine.errors import BadFile, BadVersion, EngineFailed, TooLong, UnknownVersion
from engine.pool import Job
from engine.registry import Registry
from engine.request import MAX_FILE, MAX_TEXT, Request
from engine.service import Engine, Stages
from tests.engine.weights import make_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

_HERE = "tests.engine.jobs"
STAGES = Stages(
    prepare_reader=Job(f"{_HERE}:nothing"),
    read=Job(f"{_HERE}:read", seconds=2, memory=256 * 1024**2),
    prepare=Job(f"{_HERE}:prepare"),
    compose=Job(f"{_HERE}:compose", seconds=2, memory=256 * 1024**2),
    picture=Job(f"{_HERE}:picture"),
    audio=Job(f"{_HERE}:audio"),
    wave=Job(f"{_HERE}:wave"),
)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    make_version(tmp_path / "shipped" / "first", default=True)
    return Registry(tmp_path / "shipped", tmp_path / "data")


@pytest.fixture
async def engine(registry: Registry) -> AsyncIterator[Engine]:
    engine = Engine(registry, stages=STAGES)
    await engine.start()
    yield engine
    await engine.close()


def file(content: str) -> Request:
    return Request(file=content.encode(), file_name="tune.mid")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens soon; the test's own timeout ends a vain wait."""
    while not condition():
        await asyncio.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_every_part_arrives(engine: Engine) -> None:
    result = await engine.continue_melody(Request(text="c4"))
    assert result.midi.data == b"MThd"
    assert result.picture is not None
    assert result.picture.name == "score.png"
    assert result.audio is not None
    assert result.audio.data == b"ogg"
    assert result.request.seed is not None
    assert result.request.version == "first"
    assert (result.primer_notes, result.new_notes) == (1, 1)
    assert {"queue", "compose", "picture", "audio", "total"} <= result.seconds.keys()
