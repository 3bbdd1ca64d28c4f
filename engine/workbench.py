"""What the engine lets its workers do with a tune: write, draw and play it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from engine.errors import EngineError, EngineFailed
from engine.workers.finish import format_file
from engine.workers.process import Closed, Crashed, Defect, Job, NotStarted, PoolError, TimedOut

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.request import File
    from engine.workers.pool import Pool
    from engine.workers.stages import Composed, Media

log = logging.getLogger(__name__)

GIB: Final = 1024**3


class Stages(NamedTuple):
    """The jobs of a continuation with the time and memory that each may take."""

    prepare_reader: Job = Job("engine.workers.reader:prepare", seconds=120)
    read: Job = Job("engine.workers.reader:read", seconds=10, memory=GIB)
    prepare: Job = Job("engine.workers.worker:prepare", seconds=120)
    compose: Job = Job("engine.workers.worker:compose_tune", seconds=60, memory=2 * GIB)
    picture: Job = Job("engine.workers.worker:draw_tune", seconds=30, memory=2 * GIB)
    takes: Job = Job("engine.workers.worker:draw_many", seconds=30, memory=2 * GIB)
    audio: Job = Job("engine.workers.worker:play_tune", seconds=60, memory=2 * GIB)
    wave: Job = Job("engine.workers.worker:wave_tune", seconds=60, memory=2 * GIB)
    formats: Job = Job("engine.workers.worker:write_formats", seconds=30, memory=2 * GIB)
    curve: Job = Job("engine.workers.worker:draw_learning", seconds=30, memory=GIB)
    alike: Job = Job("engine.alike:perform_alike", seconds=60, memory=2 * GIB)
    song: Job = Job("engine.lab.songs:perform", seconds=60, memory=2 * GIB)
    check: Job = Job("engine.workers.child:ready", seconds=10)


class Workbench:
    """Gives jobs to the workers.

    Args:
        workers: the processes.
        stages: the jobs and their limits.
    """

    def __init__(self, workers: Pool, stages: Stages) -> None:
        self._workers = workers
        self._stages = stages

    async def formats(self, tune: Composed, number: str, limit: int | None) -> list[File]:
        """Write one take in every format beside MIDI; a sound is shorter to keep to a limit."""
        parts = (tune.melody, tune.split, tune.names)
        written, wave = await asyncio.gather(
            self.ask(self._stages.formats.on(*parts)),
            self.ask(self._stages.wave.on(*parts, limit)),
        )
        files = [format_file(form, data, number) for form, data in written.items()]
        sound = format_file("wav", wave.data, number)
        return [*files, replace(sound, lightened=wave.lightened, excerpt=wave.excerpt)]

    async def draw_and_play(
        self, tunes: Sequence[Composed], seconds: dict[str, float], limit: int | None
    ) -> dict[tuple[str, int], Media]:
        """Make what is wanted of pictures and sounds, side by side.

        Returns:
            What was made, as :func:`~engine.workers.finish.result_of` takes it.
        """
        stages, first = self._stages, tunes[0]
        jobs: dict[tuple[str, int], Job] = {}
        if first.request.picture:
            melodies = tuple(tune.melody for tune in tunes)
            one = len(tunes) == 1
            stage, drawn = (stages.picture, first.melody) if one else (stages.takes, melodies)
            jobs["picture", 0] = stage.on(drawn, first.split, first.names, limit)
        sounds = (
            ("audio", stages.audio, first.request.audio),
            ("wave", stages.wave, first.request.form == "wav"),
        )
        for number, tune in enumerate(tunes):
            for name, stage, wanted in sounds:
                if wanted:
                    jobs[name, number] = stage.on(tune.melody, tune.split, tune.names, limit)
        made = await asyncio.gather(
            *(self._make(name, job, seconds) for (name, _), job in jobs.items())
        )
        return {key: media for key, media in zip(jobs, made, strict=True) if media is not None}

    async def _make(self, name: str, job: Job, seconds: dict[str, float]) -> Media | None:
        """Make picture or sound; its failure costs the reply nothing else."""
        begun = perf_counter()
        try:
            made: Media = await self.ask(job)
        except EngineError as error:
            log.warning("a reply lacks its %s: %r", name, error)
            return None
        seconds[name] = perf_counter() - begun
        return made

    async def ask(self, job: Job) -> Any:
        """Do a job in a worker and turn what may go wrong into the engine's errors."""
        with explained(job):
            return await twice(self._workers, job)


@contextlib.contextmanager
def explained(job: Job) -> Iterator[None]:
    """Turn what may go wrong with a worker into the engine's errors."""
    try:
        yield
    except Closed:
        raise EngineFailed("closed") from None
    except TimedOut:
        log.warning("%s took longer than %s s", job.function, job.seconds)
        raise EngineFailed("timeout") from None
    except Defect as defect:
        log.error("%s failed: %s", job.function, defect)  # noqa: TRY400  # the trace is the argument
        raise EngineFailed("crashed") from None
    except PoolError as error:
        log.warning("%s brought no answer: %s", job.function, type(error).__name__)
        raise EngineFailed("crashed") from None


async def twice(pool: Pool, job: Job) -> Any:
    """Do a job; when its process dies, do it once more in another one."""
    try:
        return await pool.run(job)
    except (Crashed, NotStarted) as error:
        log.warning("%s: a process was lost (%s), trying another", job.function, error)
        return await pool.run(job)
