"""A gate that lets a few through at a time, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from engine.errors import EngineFailed

if TYPE_CHECKING:
    from types import TracebackType


class Gate:
    """A semaphore that can be counted and closed.

    Use it as an asynchronous context manager.

    Args:
        limit: how many may be inside.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0
        self._queue: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def waiting(self) -> int:
        """Number of those outside."""
        return sum(not place.done() for place in self._queue)

    @property
    def running(self) -> int:
        """Number of those inside."""
        return self._inside

    def close(self) -> None:
        """Send everyone outside away and let nobody in any more."""
        self._closed = True
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_exception(EngineFailed("closed"))

    async def empty(self) -> None:
        """Wait until nobody is inside."""
        await self._empty.wait()

    async def __aenter__(self) -> Self:
        """Wait for a place.

        Raises:
            EngineFailed: when the gate is or becomes closed.
        """
        if self._closed:
            raise EngineFailed("closed")
        if self._inside < self._limit:
            self._inside += 1
            self._empty.clear()
            return self
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._leave()  # the place had just been given to us
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the place to whoever has waited longest."""
        self._leave()

    def _leave(self) -> None:
        while self._queue:
            place = self._queue.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._inside -= 1
        if self._inside == 0:
            self._empty.set()
