"""A gate that lets a few through at a time, and nobody's crowd before everybody else.

Those who wait stand in one line for each party, such as a server of Discord. The parties take
turns: one with a hundred in its line delays another's first by a single place. This is the
round robin of fair queueing (Nagle, RFC 970, 1985).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from engine.errors import EngineFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

NOBODY: Final = 0
"""The party of those who name none."""


class _Place:
    """Somebody who waits.

    Attributes:
        turn: done when they may go in.
        tell: called with their place in the queue whenever it changes.
        told: the place that was told last.
    """

    def __init__(self, tell: Callable[[int], None] | None) -> None:
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tell = tell
        self.told = 0


class Gate:
    """A semaphore that is fair between parties, can be counted and closed.

    Args:
        limit: how many may be inside.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._inside = 0
        self._lines: OrderedDict[int, deque[_Place]] = OrderedDict()  # the next party first
        self._closed = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def waiting(self) -> int:
        """Number of those outside."""
        return sum(1 for _ in self._queue())

    @property
    def running(self) -> int:
        """Number of those inside."""
        return self._inside

    def close(self) -> None:
        """Send everyone outside away and let nobody in any more."""
        self._closed = True
        for place in self._queue():
            place.turn.set_exception(EngineFailed("closed"))
        self._lines.clear()

    async def empty(self) -> None:
        """Wait until nobody is inside."""
        await self._empty.wait()

    @asynccontextmanager
    async def turn(
        self, party: int = NOBODY, tell: Callable[[int], None] | None = None
    ) -> AsyncIterator[None]:
        """Wait for a place and hold it while the body runs.

        Args:
            party: whose line to stand in.
            tell: is called with the place in the queue, from 1, as long as there is one to wait
                for, whenever it changes; with 0 once that is over. It must not block.

        Raises:
            EngineFailed: when the gate is or becomes closed.
        """
        await self._enter(party, tell)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, party: int, tell: Callable[[int], None] | None) -> None:
        if self._closed:
            raise EngineFailed("closed")
        if self._inside < self._limit:
            self._inside += 1
            self._empty.clear()
            return
        place = _Place(tell)
        self._lines.setdefault(party, deque()).append(place)
        self._tell_all()
        try:
            await place.turn
        except asyncio.CancelledError:
            given = place.turn.done() and not place.turn.cancelled()
            if given and place.turn.exception() is None:
                self._leave()  # the place had just been given to us
            else:
                self._tell_all()
            raise
        if tell is not None:
            tell(0)

    def _leave(self) -> None:
        """Give the place to the first of the party whose turn it is."""
        while self._lines:
            party, line = self._lines.popitem(last=False)
            while line and line[0].turn.done():
                line.popleft()
            if not line:
                continue
            line.popleft().turn.set_result(None)
            if line:
                self._lines[party] = line  # behind the others
            self._tell_all()
            return
        self._inside -= 1
        if self._inside == 0:
            self._empty.set()

    def _queue(self) -> Iterator[_Place]:
        """Yield those who wait in the order in which they will go in."""
        lines = [
            [place for place in line if not place.turn.done()] for line in self._lines.values()
        ]
        for depth in range(max(map(len, lines), default=0)):
            for line in lines:
                if depth < len(line):
                    yield line[depth]

    def _tell_all(self) -> None:
        for number, place in enumerate(self._queue(), 1):
            if place.tell is not None and place.told != number:
                place.told = number
                place.tell(number)
