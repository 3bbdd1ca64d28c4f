"""Whose turn it is: one running tune per member, and a short rest after each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from bot.errors import Busy, Closing, TooSoon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


_LAST_WORDS: Final = 5.0
"""Seconds in which those who are given up are told so."""

_EXPLAINING: Final = "discord.py: on_command_error"
"""Name of the tasks in which typed commands are told what went wrong."""


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
        self._running: dict[int, asyncio.Task[Any] | None] = {}
        self._given_up: set[asyncio.Task[Any]] = set()
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
            Closing: the bot is about to stop, or gives up what is running.
        """
        self._admit(member)
        task = asyncio.current_task()
        self._running[member] = task
        self._idle.clear()
        try:
            yield
            self._free_at[member] = self._clock() + self._rest
        except asyncio.CancelledError:
            if task in self._given_up and not task.uncancel():
                raise Closing from None  # as asyncio's own timeouts do
            raise
        finally:
            del self._running[member]
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

    async def give_up(self) -> None:
        """End what is still running, and let each member be told that the bot is about to stop."""
        self._given_up = {task for task in self._running.values() if task is not None}
        for task in self._given_up:
            task.cancel()
        told = set(self._given_up)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                while told := {task for task in told if not task.done()} | _explaining():
                    await asyncio.wait(told)


def _explaining() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task.get_name() == _EXPLAINING}


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
