"""Worker processes that answer one job at a time and may die without harm.

Why not a ready-made pool: ``concurrent.futures`` loses every pending job when one process dies
and cannot stop a running one; pebble can, but its workers share one pipe, so that one killed
while it answers spoils the others' answers, and both start a process by importing the parent's
main module again, which here would be the whole bot. Here each process is a fresh interpreter
with pipes of its own, and each is held by one thread that does the blocking calls.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.errors import EngineError
from engine.workers.process import Closed, Crashed, Job, NotStarted, PoolError, Process

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

log = logging.getLogger(__name__)

T = TypeVar("T")

_CANCEL_SECONDS: Final = 5.0
"""How long a job that nobody waits for any more may go on."""


class Pool:
    """A fixed number of processes that take jobs in the order in which they were given.

    Args:
        size: number of processes.
        name: for threads and logs.
        setup: gives the first job of every fresh process, None for none.
    """

    def __init__(self, size: int, name: str, setup: Callable[[], Job] | None = None) -> None:
        self._name = name
        self._setup = setup
        self._processes = [Process(f"{name}-{number}") for number in range(size)]
        self._idle: deque[Process] = deque(self._processes)
        self._waiters: deque[asyncio.Future[Process]] = deque()
        self._wanted: dict[Process, deque[asyncio.Future[Process]]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._revivals: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def alive(self) -> int:
        """Number of processes that run."""
        return sum(process.alive for process in self._processes)

    @property
    def waiting(self) -> int:
        """Number of jobs that wait for a process."""
        return len(self._waiters)

    @property
    def running(self) -> int:
        """Number of jobs that a process works on."""
        return len(self._tasks)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process numbers of those that run."""
        return tuple(process.pid for process in self._processes if process.alive and process.pid)

    async def start(self) -> None:
        """Start all processes side by side and wait until they are ready.

        Raises:
            EngineError: what the first job raised.
            PoolError: when a process did not come up.
        """
        outcomes = await asyncio.gather(
            *(self._start(process) for process in self._processes), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    def warm(self) -> None:
        """Start idle processes that do not run, without waiting for them."""
        for _ in range(len(self._idle)):
            process = self._idle.popleft()
            if process.alive:
                self._idle.append(process)
            else:
                self._spawn(self._revive(process), self._revivals)

    async def run(self, job: Job, *, first: bool = False) -> Any:
        """Do a job in the next free process; ``first``: before all those that wait.

        A cancelled caller gives up its place at once; a job that already runs may finish within a
        few seconds, which is cheaper than a new process.

        Raises:
            EngineError: what the job raised.
            PoolError: when there is no answer.
        """
        process = await self._take(first=first)
        task = self._spawn(self._serve(process, job), self._tasks)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if task.cancelled() and not (caller and caller.cancelling()):
                raise Closed from None  # it was the pool that ended the job
            if not task.done():
                asyncio.get_running_loop().call_later(_CANCEL_SECONDS, task.cancel)
            raise

    async def everywhere(self, job: Job) -> None:
        """Do a job in every process, one after the other, so that the others go on answering.

        A process is taken when it is free, before those who wait for any; one that dies of the
        job does it once more.

        Raises:
            EngineError: what the job raised.
            PoolError: when a process gave no answer.
        """
        for process in self._processes:
            for again in (True, False):
                await self._take_this(process)
                task = self._spawn(self._serve(process, job), self._tasks)
                try:
                    await asyncio.shield(task)
                except (Crashed, NotStarted):
                    if again:
                        continue
                    raise
                break

    async def close(self, seconds: float = 10.0) -> None:
        """Refuse new jobs, let running ones finish within ``seconds``, end all processes."""
        self._closed = True
        for waiter in (*self._waiters, *chain.from_iterable(self._wanted.values())):
            if not waiter.done():
                waiter.set_exception(Closed())
        self._waiters.clear()
        self._wanted.clear()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        late = self._tasks | self._revivals
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        await asyncio.gather(*(process.close() for process in self._processes))

    async def _take(self, *, first: bool) -> Process:
        """Wait for a free process, at the end of the line or at its head."""
        if self._closed:
            raise Closed
        if self._idle:
            return self._idle.popleft()
        waiter: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        if first:
            self._waiters.appendleft(waiter)
        else:
            self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give(waiter.result())  # it had just been handed to us
            raise

    async def _take_this(self, process: Process) -> None:
        """Wait until one certain process is free."""
        if self._closed:
            raise Closed
        if process in self._idle:
            self._idle.remove(process)
            return
        waiter: asyncio.Future[Process] = asyncio.get_running_loop().create_future()
        self._wanted.setdefault(process, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._give(process)
            raise

    def _give(self, process: Process) -> None:
        """Hand a free process to whoever wants just this one, else to who has waited longest."""
        for waiters in (self._wanted.get(process, deque()), self._waiters):
            while waiters:
                waiter = waiters.popleft()
                if not waiter.done():
                    waiter.set_result(process)
                    return
        self._idle.append(process)

    async def _serve(self, process: Process, job: Job) -> Any:
        try:
            if not process.alive:
                await self._start(process)
            return await process.ask(job)
        finally:
            if process.alive or self._closed:
                self._give(process)
            else:
                self._spawn(self._revive(process), self._revivals)

    async def _start(self, process: Process) -> None:
        try:
            await process.start(None if self._setup is None else self._setup())
        except PoolError as error:
            log.warning(
                "%s: a process did not start: %s %s", self._name, type(error).__name__, error
            )
            raise NotStarted(error) from None

    async def _revive(self, process: Process) -> None:
        """Start a process that died; if that fails, the next job tries again and tells why."""
        try:
            if not self._closed:
                await self._start(process)
        except PoolError:
            pass  # logged where it arose
        except EngineError as error:
            log.warning("%s: a process refused to start: %r", self._name, error)
        finally:
            self._give(process)

    @staticmethod
    def _spawn(work: Coroutine[Any, Any, T], keep: set[asyncio.Task[Any]]) -> asyncio.Task[T]:
        """Run beside the caller; the loop itself would forget a task that nobody keeps."""
        task = asyncio.get_running_loop().create_task(work)
        keep.add(task)
        task.add_done_callback(keep.discard)
        # A caller that was cancelled asks for the outcome no more; nothing is lost.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task
