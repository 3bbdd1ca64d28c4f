"""One worker process: started, asked, killed; and the thread that talks to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from engine.errors import EngineError
from engine.workers.wire import pack, read_frame, unpack_plain, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_COMMAND: Final = "from engine.workers.child import main; main()"

_KEPT_VARIABLES: Final = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR"}
    | {"TZ", "USERPROFILE", "WINDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"}
)
"""Variables a worker keeps: what Python and its libraries need to run, and no token."""

_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Workers are the parallelism; threads inside them would only get in each other's way."""

_SAME_ORDER: Final = {"PYTHONHASHSEED": "0"}
"""Sets of strings iterate alike in every worker, so that nothing that is made can differ by it."""

_EXIT_SECONDS: Final = 3.0


class PoolError(Exception):
    """A job that brought no answer."""


class Crashed(PoolError):
    """The process died; the argument is its exit status."""


class TimedOut(PoolError):
    """The job took more time than it may; its process was killed."""


class OutOfMemory(PoolError):
    """The job took more memory than it may."""


class Defect(PoolError):
    """The job raised what it should not; the argument tells where."""


class NotStarted(PoolError):
    """No process could be started for the job; the argument is the error."""


class Closed(PoolError):
    """The pool takes no more jobs."""


@dataclass(frozen=True)
class Job:
    """One call in a worker.

    Attributes:
        function: ``"package.module:name"``. A name, because the module belongs to the worker: it
            is never imported here.
        args: plain data.
        seconds: wall time it may take.
        memory: bytes by which its process may grow; None: no limit.
    """

    function: str
    args: tuple[Any, ...] = ()
    seconds: float = 60.0
    memory: int | None = None

    def on(self, *args: Any) -> Job:
        """Make the same job with arguments."""
        return replace(self, args=args)


_READY: Final = Job("engine.workers.child:ready")


class Process:
    """One worker process and the thread that talks to it.

    All blocking calls run in that thread. It also starts the process: Linux ends a process that
    asked to die with its parent when the *thread* that started it ends.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._child: subprocess.Popen[bytes] | None = None
        self._doomed = False
        self._closed = False

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process number, None before the first start."""
        return None if self._child is None else self._child.pid

    async def start(self, setup: Job | None) -> None:
        """Start afresh and do the first job, which prepares the process.

        Raises:
            EngineError: what the first job raised.
            PoolError: when the process did not come up.
        """
        self._doomed = False
        first = setup or _READY
        await self._guard(lambda: self._open(first), first.seconds)

    async def ask(self, job: Job) -> Any:
        """Do a job and give its result.

        Raises:
            EngineError: what the job raised.
            PoolError: when there is no answer. After a timeout, a crash or running out of memory
                the process is gone.
        """
        return await self._guard(lambda: self._exchange(job), job.seconds)

    def kill(self) -> None:
        """End the process now."""
        self._doomed = True
        if self._child is not None:
            self._child.kill()

    async def close(self) -> None:
        """Let the process end, make it end, and free its thread; once is enough."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._shut)
        self._thread.shutdown(wait=False)

    async def _guard(self, work: Callable[[], T], seconds: float) -> T:
        """Run blocking work in the thread; kill the process on timeout and on cancelling."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        clock = asyncio.timeout(seconds)
        try:
            async with clock:
                return await asyncio.shield(future)
        except (TimeoutError, asyncio.CancelledError):
            self.kill()
            await asyncio.wait([future])
            if clock.expired():
                raise TimedOut(seconds) from None
            raise

    def _open(self, first: Job) -> None:
        self._shut()
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter, no shell
            [sys.executable, "-P", "-c", _COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
        )
        if self._doomed:  # killed between the wish to start and the start
            self._child.kill()
        self._exchange(first)

    def _exchange(self, job: Job) -> Any:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise Crashed(None)
        frame = pack((job.function, job.args, job.memory))
        try:
            write_frame(child.stdin, frame)
            kind, value = _pair(unpack_plain(read_frame(child.stdout)))
        except (OSError, EOFError, pickle.UnpicklingError):
            self._shut()
            raise Crashed(child.returncode) from None
        if kind == "value":
            return value
        if kind == "error" and isinstance(value, EngineError):
            raise value
        if kind == "memory":
            self.kill()  # what is left of it is not worth trusting
            self._shut()
            raise OutOfMemory
        raise Defect(value)

    def _shut(self) -> None:
        """Close the pipes and reap the process."""
        child = self._child
        if child is None:
            return
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            child.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _pair(message: object) -> tuple[object, Any]:
    """Take an answer apart.

    Raises:
        pickle.UnpicklingError: when it is not one.
    """
    if isinstance(message, tuple) and len(message) == 2:
        return message
    raise pickle.UnpicklingError("not an answer")


def _environment() -> dict[str, str]:
    """Pass on what a process needs to run, and our module path.

    The environment is handed down here, not read: no setting comes from it.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT_VARIABLES or name.startswith("LC_")
    }
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)  # noqa: PTH109  # as sys.path means it
    return {**kept, **_ONE_THREAD, **_SAME_ORDER, "PYTHONPATH": path}
