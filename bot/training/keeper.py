"""Hold a run's lease from the training process, beside the training itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.store.runs import Outdated, Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from bot.store.runs import Lease
    from bot.training.runs import State

T = TypeVar("T")
log = logging.getLogger(__name__)

OUTDATED: Final = 75
"""Exit status of a process whose run has passed on to another."""

_BEAT: Final = 1.0
"""Seconds between two signs of life, where the lease is not shorter still."""

_STATES: Final[Mapping[str, State]] = {
    "reading": "reading",
    "encoding": "encoding",
    "training": "training",
    "epoch": "training",
    "comparing": "comparing",
}
_FIGURES: Final = frozenset(
    {"epoch", "epochs", "share", "loss", "speed", "seconds_left", "curve", "level", "tunes"}
    | {"notes", "held_out", "skipped", "skipped_count"}
)


def vanish() -> None:
    """End this process at once, whatever it is doing."""
    os._exit(OUTDATED)


class Keeper:
    """A thread with the database, which renews the lease and carries progress there.

    It is the observer of the training (:class:`engine.training.learning.Observer`).

    Args:
        database: its address.
        seconds: how long a lease lasts; after that much silence the run may be another's.
        lost: called in the thread when the run has passed on; it must end the process.
        echo: is told the same as :meth:`tell`, to show it.
    """

    def __init__(
        self,
        database: str,
        seconds: float,
        lost: Callable[[], None] = vanish,
        echo: Callable[[str, Mapping[str, Any]], None] | None = None,
    ) -> None:
        self.runs = Runs(database)
        self.lease: Lease | None = None
        self._seconds = seconds
        self._lost = lost
        self._echo = echo
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="lease", daemon=True)
        self._lock = threading.Lock()
        self._state: State | None = None
        self._news: dict[str, Any] = {}
        self._saved = False
        self._wish: Literal["", "pause", "stop"] = ""
        self._beating: asyncio.Task[None] | None = None
        self._beats_now = asyncio.Lock()

    def __enter__(self) -> Self:
        """Open the database."""
        self._thread.start()
        self.call(self.runs.open())
        return self

    def __exit__(self, *_: object) -> None:
        """Stop renewing, and close the database."""
        with contextlib.suppress(asyncio.CancelledError):
            self.call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something with the database and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def take(self, run_id: str, owner: str) -> Lease | None:
        """Take a run and hold it from now on; None when it is not to be had."""
        self.lease = self.call(self.runs.take(run_id, owner, self._seconds))
        if self.lease is not None:
            self.call(self._begin())
        return self.lease

    def tell(self, state: str, **figures: Any) -> None:
        """Pass on how far the run is."""
        with self._lock:
            self._state = _STATES[state]
            self._news |= {name: figures[name] for name in _FIGURES & figures.keys()}
        if self._echo is not None:
            self._echo(state, figures)

    def saved(self) -> None:
        """Pass on that there is a new checkpoint."""
        with self._lock:
            self._saved = True

    def wish(self) -> Literal["", "pause", "stop"]:
        """Say whether somebody wants the run to end, or this process to pause it."""
        return self._wish

    def pause(self) -> None:
        """Wish for a pause; a wish for the end is stronger."""
        self._wish = self._wish or "pause"

    async def beat(self) -> None:
        """Renew the lease once, with all news.

        Raises:
            Outdated: when the run has passed on.
        """
        assert self.lease is not None
        with self._lock:
            state, news, saved = self._state, self._news, self._saved
            self._news, self._saved = {}, False
        try:
            cancelled = await self.runs.renew(
                self.lease.run.id,
                self.lease.fence,
                self._seconds,
                state=state,
                progress=news,
                saved=saved,
            )
        except (SQLAlchemyError, OSError) as error:
            # Whoever would take the run needs the database as well: wait for it.
            log.warning("the database does not answer: %s", type(error).__name__)
            with self._lock:
                self._news, self._saved = {**news, **self._news}, saved or self._saved
            return
        if cancelled:
            self._wish = "stop"

    async def _begin(self) -> None:
        self._beating = asyncio.get_running_loop().create_task(self._beats())

    async def _beats(self) -> None:
        while True:
            try:
                async with self._beats_now:
                    await self.beat()
            except Outdated:
                log.warning("the run has passed on to another process")
                self._lost()
                return
            await asyncio.sleep(min(_BEAT, self._seconds / 5))

    async def rest(self) -> None:
        """Stop renewing, after the last news: the run is about to end or to be given back.

        Raises:
            Outdated: when the run has passed on.
        """
        if self._beating is not None:
            async with self._beats_now:  # never in the middle of one
                self._beating.cancel()
                await asyncio.wait({self._beating})
                self._beating = None
                await self.beat()

    async def _stop(self) -> None:
        with contextlib.suppress(Outdated):
            await self.rest()
        await self.runs.close()
