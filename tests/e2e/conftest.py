"""The whole program: the engine with its shipped model, the bot, and the local chat."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio

from engine.registry import Registry
from engine.service import Engine
from tests.rooms import make_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.rooms import Room


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def engine() -> AsyncIterator[Engine]:
    engine = Engine(Registry(), 1)
    await engine.start()
    yield engine
    await engine.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def room(engine: Engine) -> AsyncIterator[Room]:
    with tempfile.TemporaryDirectory() as folder:
        async with make_room(Path(folder), engine) as made, made.running():
            yield made
