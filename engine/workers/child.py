"""What a worker process does: take a job from its pipe, do it under its limits, answer.

The parent starts it as a fresh interpreter (see :mod:`engine.workers.process`); jobs run in
the main thread, because verovio finds its fonts nowhere else. It never outlives the parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import pickle
import signal
import sys
import traceback
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO, TYPE_CHECKING, Final

from engine.errors import EngineError
from engine.workers.wire import pack, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import resource
except ImportError:  # Windows has no such limits; there only the clock protects us
    resource = None  # type: ignore[assignment]

_PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>


def main() -> None:
    """Serve jobs from standard input until it closes."""
    _settle()
    jobs, replies = _take_pipes()
    inbox: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_receive, args=(jobs, inbox), name="inbox", daemon=True).start()
    while True:
        write_frame(replies, answer(inbox.get()))


def ready() -> None:
    """Do nothing; whoever gets the answer knows that the process is up."""


def answer(frame: bytes) -> bytes:
    """Do one job and pack its outcome.

    Returns:
        Packed pair: ``("value", result)``, ``("error", EngineError)``, ``("memory", None)`` or
        ``("trace", text)`` for a defect.
    """
    try:
        function, args, memory = pickle.loads(frame)  # noqa: S301  # the parent's own words
        module, _, name = function.partition(":")
        job = getattr(importlib.import_module(module), name)
        with memory_limit(memory):
            value = job(*args)
        return pack(("value", value))
    except MemoryError:
        return pack(("memory", None))
    except EngineError as error:
        return pack(("error", error))
    except BaseException as error:  # noqa: BLE001  # whatever it was, the worker goes on
        return pack(("trace", describe(error)))


def describe(error: BaseException) -> str:
    """Tell where an unexpected error arose, without its message: that may quote a member."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 4:
        frames = "".join(traceback.format_tb(seen.__traceback__, limit=-8))
        chain.append(f"{type(seen).__module__}.{type(seen).__qualname__}\n{frames}")
        seen = seen.__cause__ or seen.__context__
    return "caused by ".join(chain)


@contextlib.contextmanager
def memory_limit(headroom: int | None) -> Iterator[None]:
    """Let this process grow by at most ``headroom`` bytes of address space; None: no limit.

    Where the system cannot say how large a process is, there is no limit.
    """
    size = _address_space()
    if headroom is None or size is None or resource is None:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = size + headroom
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int | None:
    """Measure this process's address space in bytes; only Linux tells."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _settle() -> None:
    """Leave signals to the parent, die with it, and dump no core: it would hold members' files.

    A terminal or a service manager signals the whole group; the parent then lets running jobs
    finish and closes our pipe.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if resource is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    if sys.platform == "linux":
        # When memory runs out, the system shall end a worker, which is replaced, not the bot.
        with contextlib.suppress(OSError, ValueError):
            score = Path("/proc/self/oom_score_adj")
            score.write_bytes(b"%d" % max(500, int(score.read_bytes())))
        # The pipe's end tells of the parent's death too, but not while native code that holds
        # the interpreter lock runs for ever.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for ourselves; whatever a library prints goes to the log instead."""
    jobs = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return jobs, replies


def _receive(jobs: IO[bytes], inbox: SimpleQueue[bytes]) -> None:
    """Hand jobs to the main thread; when the pipe ends, so does the process, whatever it does."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            inbox.put(read_frame(jobs))
    os._exit(0)
