"""What holds for all tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from bot.settings import variables
from tests.databases import new_database, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# No property fails because a machine is busy: time is measured in benchmarks/.
settings.register_profile("nabi", deadline=None)
settings.load_profile("nabi")

# Nor because of who runs it: what they have set for their own bot, in the environment or in a file
# ``.env`` here, counts as not set, and a help text is as wide as on any terminal.
_THEIRS = {name: "" for name in variables() if name != "NABI_DATA"}
os.environ |= {**_THEIRS, "COLUMNS": "100"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a long test take four times as long as any: the limit is there to end a vain wait."""
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(1200))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server for as long as the tests run; give its address."""
    with running_server() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database that is empty, of every kind that the bot can use."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'nabi.db'}"
    return await new_database(request.getfixturevalue("postgresql"))
