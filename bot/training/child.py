"""The training process as the bot holds it: started, asked to end, made to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.training.process import Job

_HOME: Final = Path(__file__).resolve().parents[2]


class Child:
    """A training process of ours."""

    def __init__(self, process: asyncio.subprocess.Process, job: Job) -> None:
        self._process = process
        self._waiting = asyncio.create_task(process.wait())
        self._doom: asyncio.TimerHandle | None = None
        self.job = job

    @classmethod
    async def start(cls, command: Sequence[str], job: Job, record: Path) -> Child:
        """Start one; its words go to a file, since it may outlive us.

        Raises:
            OSError: when it cannot be started.
        """
        await asyncio.to_thread(record.parent.mkdir, parents=True, exist_ok=True)
        with record.open("ab") as file:
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=_HOME,
                env=environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # it may have ended already
            process.stdin.write(job.line())
            await process.stdin.drain()
        process.stdin.close()
        return cls(process, job)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._waiting.done()

    @property
    def status(self) -> int | None:
        """Its exit status."""
        return self._process.returncode

    def kill(self) -> None:
        """End it now."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def doom(self, seconds: float) -> None:
        """End it some seconds from now, if it still runs."""
        if self._doom is None:
            self._doom = asyncio.get_running_loop().call_later(seconds, self.kill)

    async def end(self, patience: float) -> None:
        """Ask it to keep a checkpoint and end; make it end after a while."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        done, _ = await asyncio.wait({self._waiting}, timeout=patience)
        if not done:
            self.kill()
            await self._waiting


def environment() -> dict[str, str]:
    """Pass our environment on, but for what is set for the bot alone: its token above all."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() != "DISCORD_TOKEN" and not name.upper().startswith("NABI_")
    }
