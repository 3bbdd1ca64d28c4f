"""The engine's one door: ask for a continuation, get a result.

Nothing here blocks the event loop: reading, composing, drawing and playing happen in worker
processes, file access in threads. A stranger's file is read in a process of its own, so that it
takes no worker away from those who typed their tune.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import (
    BadFile,
    BadVersion,
    EngineFailed,
    TooLong,
)
from engine.famous import Performed
from engine.request import MAX_FILE, MAX_TEXT, Request, Result
from engine.switching import Switch
from engine.takes import compose_takes
from engine.workbench import Stages, Workbench, explained, twice
from engine.workers.finish import numbers, result_of
from engine.workers.gate import NOBODY, Gate
from engine.workers.pool import Pool
from engine.workers.process import Closed, Defect, Job, NotStarted, PoolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.famous import Alike
    from engine.registry import Registry, Version
    from engine.request import Curve, File, Names
    from engine.workers.stages import Composed, Primer

log = logging.getLogger(__name__)


class Load(NamedTuple):
    """How busy the engine is.

    Attributes:
        workers: processes that compose.
        alive: those of them that run.
        waiting: requests that wait for their turn.
        running: requests that are being worked on.
    """

    workers: int
    alive: int
    waiting: int
    running: int


class Engine:
    """Worker processes that continue melodies.

    Args:
        registry: the model versions.
        workers: processes that answer, and requests that are worked on at once.
        readers: processes that read files.
        stages: the jobs and their limits.
    """

    def __init__(
        self,
        registry: Registry,
        workers: int = 2,
        *,
        readers: int = 1,
        stages: Stages | None = None,
    ) -> None:
        self._registry = registry
        self._stages = stages or Stages()
        self._size = workers
        self._switch = Switch(registry, self._stages)
        self._workers = Pool(workers, "worker", self._switch.first_job)
        self._bench = Workbench(self._workers, self._stages)
        self._readers = Pool(readers, "reader", lambda: self._stages.prepare_reader)
        self._gate = Gate(workers)
        self._desk = Gate(readers)  # before the readers
        self._open = False

    async def start(self) -> None:
        """Start the workers and wait until they are ready to answer.

        Raises:
            BadVersion: when no model version can be loaded.
            EngineFailed: when a process does not come up.
        """
        try:
            await self._switch.open(self._workers)
        except PoolError as error:
            await self._workers.close(0)
            raise EngineFailed("crashed") from error
        except BaseException:
            await self._workers.close(0)
            raise
        self._open = True
        self._readers.warm()

    async def close(self, seconds: float = 10.0) -> None:
        """Let running requests finish within ``seconds`` and end every process."""
        self._open = False
        await self._switch.close()
        self._desk.close()
        self._gate.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._gate.empty(), seconds)
        await asyncio.gather(self._readers.close(0), self._workers.close(0))

    def healthy(self) -> bool:
        """Tell whether requests are taken and a worker is there to answer them."""
        return self._open and self._workers.alive > 0

    async def check(self) -> None:
        """Let a worker prove that it answers, as soon as one is free.

        One that does not answer within its time is replaced.

        Raises:
            EngineFailed: when it did not.
        """
        with explained(self._stages.check):
            await self._workers.run(self._stages.check, first=True)

    def load(self) -> Load:
        """Tell how busy the engine is."""
        return Load(self._size, self._workers.alive, self.waiting, self.running)

    @property
    def waiting(self) -> int:
        """Number of requests that wait for their turn."""
        return self._gate.waiting + self._desk.waiting

    @property
    def running(self) -> int:
        """Number of requests that are being worked on."""
        return self._gate.running + self._desk.running

    async def continue_melody(
        self,
        request: Request,
        *,
        party: int = NOBODY,
        tell: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> Result:
        """Continue a melody.

        Args:
            request: what is wanted.
            party: on whose behalf: those who wait are taken from each party in turn.
            tell: is called with the request's place in the queue while it waits, then with 0.
            limit: largest file that is of use, in bytes. Pictures become smaller and sounds
                shorter to keep to it.

        Returns:
            The tune in all forms. Its request has the seed and everything else that was chosen
            filled in: it gives the same tune again. A picture or sound that could not be made is
            missing, and the log says why.

        Raises:
            EngineError: see :mod:`engine.errors`.
        """
        begun = perf_counter()
        self._check(request)
        if request.seed is None:
            request = request.but(seed=secrets.randbelow(2**31))
        primer = await self._primer(request, party, tell)
        read = perf_counter()
        async with self._gate.turn(party, tell):
            entered = perf_counter()
            tunes = await compose_takes(partial(self._compose, primer=primer), request)
            seconds = {"read": read - begun, "queue": entered - read, **tunes[0].seconds}
            made = await self._bench.draw_and_play(tunes, seconds, limit)
        seconds["total"] = perf_counter() - begun
        return result_of(tunes, primer, made, seconds)

    async def write_formats(
        self,
        request: Request,
        *,
        party: int = NOBODY,
        tell: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> tuple[File, ...]:
        """Write a tune that was composed before in every format beside MIDI.

        Args:
            request: that of the tune's result; without a seed it is another tune.
            party: see :meth:`continue_melody`.
            tell: likewise.
            limit: largest file that is of use, in bytes. Sounds become shorter to keep to it.

        Raises:
            UnknownVersion: when the version that composed it is gone.
            EngineError: see :mod:`engine.errors`.
        """
        self._check(request)
        primer = await self._primer(request, party, tell)
        async with self._gate.turn(party, tell):
            tunes = await compose_takes(partial(self._compose, primer=primer), request)
            write = partial(self._bench.formats, limit=limit)
            written = await asyncio.gather(*map(write, tunes, numbers(tunes)))
        return tuple(itertools.chain(*written))

    async def draw_curve(self, curve: Curve) -> bytes:
        """Draw a learning curve as PNG.

        Raises:
            EngineFailed: when it could not be drawn.
        """
        picture: bytes = await self._in_turn(self._stages.curve.on(curve))
        return picture

    async def perform_alike(
        self, tunes: Alike, *, party: int = NOBODY, tell: Callable[[int], None] | None = None
    ) -> Performed:
        """Write, draw and play tunes that begin alike; nothing is composed.

        Args:
            tunes: what is performed.
            party: see :meth:`continue_melody`.
            tell: likewise.

        Raises:
            BadToken: when one cannot be read.
            EngineFailed: when they could not be performed.
        """
        return Performed(*await self._in_turn(self._stages.alike.on(tunes), party, tell))

    async def perform_song(
        self,
        name: str,
        names: Names,
        *,
        party: int = NOBODY,
        tell: Callable[[int], None] | None = None,
    ) -> tuple[bytes, bytes, bytes]:
        """Give the song of one of the lab's models as PNG, OGG and MIDI.

        Args:
            name: of the model.
            names: alphabet of the note names.
            party: see :meth:`continue_melody`.
            tell: likewise.

        Raises:
            EngineFailed: when it could not be performed.
        """
        job = self._stages.song.on(name, names)
        made: tuple[bytes, bytes, bytes] = await self._in_turn(job, party, tell)
        return made

    async def _in_turn(
        self, job: Job, party: int = NOBODY, tell: Callable[[int], None] | None = None
    ) -> Any:
        """Let a worker do a job when it is the party's turn."""
        async with self._gate.turn(party, tell):
            return await self._bench.ask(job)

    async def versions(self) -> tuple[Version, ...]:
        """List the model versions, newest first."""
        return await asyncio.to_thread(self._registry.versions)

    async def active(self) -> Version:
        """Give the model version that answers.

        Raises:
            BadVersion: when there is no sound one.
        """
        return await self._switch.active()

    async def promote(self, name: str) -> Version:
        """Let a model version answer from now on, after it has proved that it can.

        Every worker loads it beside the one that answers and composes a phrase with it; requests
        are answered by the old one until all have, and those that run finish with it.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged or does not fit the code.
            EngineFailed: when a worker died of it.
        """
        return await self._switch.promote(name)

    async def rollback(self) -> Version:
        """Let the version answer that was active before, and give it.

        Raises:
            BadVersion: when there is no data folder, or no version is sound.
        """
        return await self._switch.rollback()

    def _check(self, request: Request) -> None:
        if not self._open:
            raise EngineFailed("closed")
        if request.file is None and len(request.text) > MAX_TEXT:
            raise TooLong("characters", len(request.text), MAX_TEXT)
        if request.file is not None and len(request.file) > MAX_FILE:
            raise TooLong("bytes", len(request.file), MAX_FILE)

    async def _primer(
        self, request: Request, party: int, tell: Callable[[int], None] | None = None
    ) -> Primer | None:
        """Read the request's file, if it has one, in its turn."""
        if request.file is None:
            return None
        async with self._desk.turn(party, tell):
            return await self._read(request.file, request.file_name)

    async def _read(self, data: bytes, name: str) -> Primer:
        """Read a file in the reading process; what goes wrong there is the file's fault."""
        job = self._stages.read.on(data, name)
        try:
            primer: Primer = await twice(self._readers, job)
        except Closed:
            raise EngineFailed("closed") from None
        except NotStarted:
            raise EngineFailed("crashed") from None
        except Defect as defect:
            log.error("reading a file failed: %s", defect)  # noqa: TRY400  # the trace is the argument
            raise BadFile(name, "broken") from None
        except PoolError:
            raise BadFile(name, "limits") from None
        return primer

    async def _compose(self, request: Request, primer: Primer | None) -> Composed:
        """Compose with the version asked for, or with the active one that loads."""
        while True:
            version = await self._switch.answering(request.version)
            job = self._stages.compose.on(request, primer, version.name, str(version.folder))
            try:
                tune: Composed = await self._bench.ask(job)
            except BadVersion as error:
                if request.version is not None:
                    raise
                await self._switch.reject(version, error.reason)
            else:
                return tune
