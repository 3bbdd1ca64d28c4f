"""A bot with a stand-in for the engine, connected to a local chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import FakeEngine
from tests.rooms import Room, make_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def room(tmp_path: Path, engine: FakeEngine) -> AsyncIterator[Room]:
    async with make_room(tmp_path, engine) as made, made.running():
        yield made
