"""Waiting for other processes in tests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens soon; the test's own timeout ends a vain wait."""
    while not condition():  # noqa: ASYNC110  # what another process does sets no event here
        await asyncio.sleep(0.01)


class Barrier:
    """Where a job in another process waits, see :func:`tests.engine.jobs.hold`, until it is lifted.

    As text it is the path that the job is given.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "barrier"

    def __str__(self) -> str:
        return str(self._path)

    def reached(self) -> bool:
        """Tell whether somebody waits here, or did."""
        return Path(f"{self._path}.here").exists()

    def lift(self) -> None:
        """Let everybody go on."""
        self._path.touch()
