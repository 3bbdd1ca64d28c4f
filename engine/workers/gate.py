"""A gate that lets a few through at a time, and nobody's crowd before everybody else.

Those who wait stand in one line for each party, such as a server of Discord. The parties take
turns, those that have the fewest inside first: one with a hundred in its line does not delay
another's first by a single place. This is the round robin of fair queueing (Nagle, RFC 970, 1985).
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
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
        self._inside: Counter[int] = Counter()  # of each party
        self._lines: OrderedDict[int, deque[_Place]] = OrderedDict()  # longest unserved first
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
        return self._inside.total()

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
            self._leave(party)

    async def _enter(self, party: int, tell: Callable[[int], None] | None) -> None:
        if self._closed:
            raise EngineFailed("closed")
        if self.running < self._limit:
            self._inside[party] += 1
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
                self._leave(party)  # the place had just been given to us
            else:
                self._tell_all()
            raise
        if tell is not None:
            tell(0)

    def _leave(self, party: int) -> None:
        """Give the place to the first of the party whose turn it is."""
        self._inside[party] -= 1
        if not self._inside[party]:
            del self._inside[party]
        if party in self._lines:
            self._lines.move_to_end(party)
        following = next(self._order(), None)
        if following is None:
            self._lines.clear()  # nobody in them waits any more
            if not self._inside:
                self._empty.set()
            return
        party, place = following
        line = self._lines[party]
        while line.popleft() is not place:
            pass  # gave up
        self._lines.move_to_end(party)
        if not line:
            del self._lines[party]
        self._inside[party] += 1
        place.turn.set_result(None)
        self._tell_all()

    def _order(self) -> Iterator[tuple[int, _Place]]:
        """Yield parties and those of them who wait in the order in which they will go in."""
        lines = [
            (party, [place for place in line if not place.turn.done()])
            for party, line in sorted(self._lines.items(), key=lambda each: self._inside[each[0]])
        ]
        for depth in range(max((len(line) for _, line in lines), default=0)):
            for party, line in lines:
                if depth < len(line):
                    yield party, line[depth]

    def _queue(self) -> Iterator[_Place]:
        """Yield those who wait."""
        return (place for _, place in self._order())

    def _tell_all(self) -> None:
        for number, place in enumerate(self._queue(), 1):
            if place.tell is not None and place.told != number:
                place.told = number
                place.tell(number)
