"""Waiting for other processes in tests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens soon; the test's own timeout ends a vain wait."""
    while not condition():  # noqa: ASYNC110  # what another process does sets no event here
        await asyncio.sleep(0.01)
