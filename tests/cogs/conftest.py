"""A bot with a stand-in for the engine, connected to a local chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import answering
from tests.fakes import FakeEngine
from tests.rooms import PATIENCE, Room, make_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Acknowledge nothing only because this machine is slow; tests of that choose the time."""
    monkeypatch.setattr(answering, "_SOON", PATIENCE)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def room(tmp_path: Path, engine: FakeEngine) -> AsyncIterator[Room]:
    async with make_room(tmp_path, engine) as made, made.running():
        yield made
