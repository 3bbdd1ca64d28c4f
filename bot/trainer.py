"""Training in a process of its own, followed line by line.

The process is ``nabi train --json``: one JSON object per line, with a ``state`` (``reading``,
``encoding``, ``training``, ``epoch``, ``done``) and figures. What is not understood is left out,
so that the process may say more than is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.errors import AlreadyTraining, NotTraining

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

State = Literal["reading", "encoding", "training", "epoch", "done", "failed", "cancelled"]

_NICENESS: Final = 10
_PATIENCE: Final = 10.0
"""Seconds between asking the process to end and ending it."""
_LONGEST_LINE: Final = 1 << 20
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training run is.

    Attributes:
        state: what it is doing, or how it ended.
        share: part of the planned training that is done, 0 to 1.
        epoch, epochs: passes over the tunes, begun and planned at most.
        bits: validation cross-entropy after the last whole epoch, bits per note; None: not yet.
        tunes, notes: what is learnt from; 0: not yet known.
        version: name of the version that was made.
        reason: why it failed, for the log.
    """

    state: State = "reading"
    share: float = 0.0
    epoch: int = 0
    epochs: int = 0
    bits: float | None = None
    tunes: int = 0
    notes: int = 0
    version: str = ""
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in {"done", "failed", "cancelled"}

    def after(self, line: bytes) -> Progress:
        """Take in one line of the process's output; any other line changes nothing."""
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            return self
        state = _state(data)
        if state is None:
            return self
        known: dict[str, Any] = {
            key: data[key]
            for key in _NUMBERS
            if type(data.get(key)) is int and 0 <= data[key] < _MANY
        }
        if isinstance(data.get("version"), str):
            known["version"] = data["version"][:64]
        if state == "training":
            known["share"] = max(self.share, min(1.0, _number(data.get("done")) or 0.0))
        if state == "epoch" and known.get("epochs"):
            known["share"] = max(self.share, min(1.0, known.get("epoch", 0) / known["epochs"]))
        if state in {"epoch", "done"}:
            parts = [_number(data.get(f"{name}_bits")) for name in ("shift", "duration", "pitch")]
            if None not in parts:
                known["bits"] = sum(part for part in parts if part is not None)
        return replace(self, state=state, **known)


_STATES: Final[tuple[State, ...]] = ("reading", "encoding", "training", "epoch", "done")
_MANY: Final = 1 << 40
_NUMBERS: Final = ("epoch", "epochs", "tunes", "notes")


def _state(data: object) -> State | None:
    said = data.get("state") if isinstance(data, dict) else None
    return next((state for state in _STATES if state == said), None)


def _number(value: object) -> float | None:
    """Give a finite number, or None for anything else that JSON may hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -_MANY < value < _MANY else None


class Trainer:
    """Run one training process at a time.

    Args:
        command: program and arguments.
        folder: working directory of the process; None: ours.
        environment: variables set for the process besides ours.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = tuple(command)
        self._folder = folder
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._cancelled = False
        self.progress = Progress(state="cancelled")

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Start a run.

        Raises:
            AlreadyTraining: when one is going on.
            OSError: when the process cannot be started.
        """
        if self.running:
            raise AlreadyTraining
        self._cancelled = False
        self.progress = Progress()
        # No await between the check above and this line: two commands cannot both pass.
        self._task = asyncio.create_task(self._run(), name="training")

    async def wait(self, timeout: float) -> Progress:  # noqa: ASYNC109 - a pace, not a limit
        """Wait until something changed or the time is over, and give the progress."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)
        self._changed.clear()
        return self.progress

    async def cancel(self) -> None:
        """End the run and wait for its end.

        Raises:
            NotTraining: when there is none.
        """
        if self._task is None or not self.running:
            raise NotTraining
        self._cancelled = True
        if self._process is not None:
            await _end(self._process)
        await asyncio.wait({self._task})

    async def close(self) -> None:
        """End what is running, when the bot stops."""
        with contextlib.suppress(NotTraining):
            await self.cancel()

    async def _run(self) -> None:
        tail: deque[bytes] = deque(maxlen=30)
        try:
            self._process = process = await self._spawn()
            if self._cancelled:
                await _end(process)
            assert process.stdout is not None
            assert process.stderr is not None
            errors = asyncio.create_task(_drain(process.stderr, tail))
            await self._follow(process.stdout)
            code = await process.wait()
            await errors
        except OSError as error:
            self._finish(None, str(error))
        else:
            self._finish(code, b"".join(tail).decode("utf-8", "replace"))
        finally:
            self._process = None

    async def _spawn(self) -> asyncio.subprocess.Process:
        # A session of its own: Ctrl-C in the terminal reaches us, and we end it in good order.
        process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=self._folder,
            env={**_without_token(os.environ), **self._environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,
        )
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # it may be over already
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
        return process

    async def _follow(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # a line beyond the limit: not one of ours
                continue
            if not line:
                return
            progress = self.progress.after(line)
            if progress.over:  # the end is told when the process has ended, not before
                self._last = progress
                continue
            if progress != self.progress:
                self.progress = progress
                self._changed.set()

    _last: Progress | None = None

    def _finish(self, code: int | None, complaint: str) -> None:
        last, self._last = self._last or self.progress, None
        if self._cancelled:
            self.progress = replace(last, state="cancelled")
        elif code == 0 and last.state == "done":
            self.progress = last
        else:
            reason = complaint if code is None else f"exit status {code}"
            _log.error("training failed: %s\n%s", reason, complaint)
            self.progress = replace(last, state="failed", reason=reason)
        self._changed.set()


def _without_token(environment: Mapping[str, str]) -> dict[str, str]:
    """Keep the bot's token from a process that has no use for it."""
    return {name: value for name, value in environment.items() if name != "DISCORD_TOKEN"}


async def _drain(stream: asyncio.StreamReader, tail: deque[bytes]) -> None:
    while chunk := await stream.read(4096):
        tail.append(chunk)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, and after a while end it with all it has started."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _PATIENCE)
    except TimeoutError:
        _log.warning("the training process did not end by itself")
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
