"""Whose turn it is: one running tune per member, and a short rest after each."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.errors import Busy, Closing, TooSoon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


class Turns:
    """Let each member have one request at a time, and count what is running.

    A turn that ends with an exception costs nothing: no rest follows it.

    Args:
        rest: seconds between the end of a member's tune and the next request.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._clock = clock
        self._running: set[int] = set()
        self._free_at: dict[int, float] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def running(self) -> int:
        """Number of requests that are being answered."""
        return len(self._running)

    @asynccontextmanager
    async def turn(self, member: int) -> AsyncIterator[None]:
        """Hold the member's turn while the body runs.

        Raises:
            Busy: the member's last request is still running.
            TooSoon: the member's rest is not over.
            Closing: the bot is about to stop.
        """
        self._admit(member)
        self._running.add(member)
        self._idle.clear()
        try:
            yield
            self._free_at[member] = self._clock() + self._rest
        finally:
            self._running.discard(member)
            if not self._running:
                self._idle.set()

    def _admit(self, member: int) -> None:
        if self._closing:
            raise Closing
        if member in self._running:
            raise Busy
        now = self._clock()
        self._free_at = {who: when for who, when in self._free_at.items() if when > now}
        if member in self._free_at:
            raise TooSoon(self._free_at[member] - now)

    async def close(self, timeout: float) -> bool:  # noqa: ASYNC109 - drains, does not cancel
        """Take no more requests and wait for the running ones; tell whether all finished."""
        self._closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), timeout)
        except TimeoutError:
            return False
        return True


class Rarely:
    """Let something be done for each member once in a while.

    Args:
        seconds: between two times.
        clock: seconds of a clock that never goes back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._done: dict[int, float] = {}

    def due(self, member: int) -> bool:
        """Tell whether it may be done now; then it counts as done."""
        now = self._clock()
        self._done = {who: at for who, at in self._done.items() if now - at < self._seconds}
        if member in self._done:
            return False
        self._done[member] = now
        return True
