"""Tell a member where in the queue they stand, where their answer will be."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final, Self

import aiohttp
import discord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

PATIENCE: Final = 1.0
"""Seconds of waiting that are not worth a word."""

PACE: Final = 3.0
"""Seconds between two changes of a message: Discord takes five in five seconds a channel."""

_log: Final = logging.getLogger(__name__)


class Waiting:
    """Show a place in the queue and how it changes, at a pace that Discord likes.

    Use it as an asynchronous context manager around what waits, and give :meth:`tell` to the
    queue. Once it is left, nothing is shown any more: the answer is not overtaken.

    Args:
        show: shows a place, from 1; 0: it is their turn. Nothing is shown after it has failed;
            None: nothing is shown at all.
        patience: seconds before the first time.
        pace: seconds between two times.
    """

    def __init__(
        self,
        show: Callable[[int], Awaitable[None]] | None,
        *,
        patience: float = PATIENCE,
        pace: float = PACE,
    ) -> None:
        self._show = show
        self._patience = patience
        self._pace = pace
        self._place = 0
        self._changed = asyncio.Event()
        self._showing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def tell(self, place: int) -> None:
        """Take a new place in the queue; 0: it is their turn."""
        self._place = place
        self._changed.set()

    async def __aenter__(self) -> Self:
        """Begin to follow the queue."""
        if self._show is not None:
            self._task = asyncio.create_task(self._follow(self._show), name="waiting")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, once what is being shown has arrived."""
        if self._task is None:
            return
        async with self._showing:
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _follow(self, show: Callable[[int], Awaitable[None]]) -> None:
        await asyncio.sleep(self._patience)
        shown = 0  # whoever has not waited is not told that it is their turn
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._place == shown:
                continue
            async with self._showing:
                shown = self._place
                try:
                    await show(shown)
                except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                    _log.info("a place in the queue is not shown: %s", type(error).__name__)
                    return
            await asyncio.sleep(self._pace)
