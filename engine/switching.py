"""Which model version answers: it is switched only when every worker holds the new one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

from engine.errors import BadVersion, EngineError, EngineFailed, UnknownVersion
from engine.workbench import explained

if TYPE_CHECKING:
    from engine.registry import Registry, Version
    from engine.workbench import Stages
    from engine.workers.pool import Pool
    from engine.workers.process import Job

log = logging.getLogger(__name__)

_LOOK: Final = 1.0
"""Seconds between two looks at which version others have chosen."""


class Switch:
    """Lets one version answer at a time, and passes over those that do not load.

    Args:
        registry: the model versions.
        stages: the jobs and their limits.
    """

    def __init__(self, registry: Registry, stages: Stages) -> None:
        self._registry = registry
        self._stages = stages
        self._workers: Pool | None = None
        self._version: Version | None = None
        self._switching = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    async def open(self, workers: Pool) -> None:
        """Start the workers with the active version, or with the next one that loads.

        Raises:
            BadVersion: when none loads.
            PoolError: when a process does not come up.
        """
        while True:
            version = await self.active()
            self._version = version
            try:
                await workers.start()
            except BadVersion as error:
                log.warning("model version %s does not load: %s", version.name, error.reason)
                await self.reject(version, error.reason)
            else:
                break
        self._workers = workers
        self._watch = asyncio.create_task(self._watching(), name="versions")

    async def close(self) -> None:
        """Stop following what others choose."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})

    def first_job(self) -> Job:
        """Make the first job of a fresh worker; once we run, it must not fail for a version."""
        version = self._version
        assert version is not None
        strict = self._workers is None
        return self._stages.prepare.on(version.name, str(version.folder), strict)

    async def active(self) -> Version:
        """Give the version that is to answer.

        Raises:
            BadVersion: when there is no sound one.
        """
        return await asyncio.to_thread(lambda: self._registry.active)

    async def answering(self, wanted: str | None = None) -> Version:
        """Give the version that answers a request, as long as it is sound.

        Args:
            wanted: asked for by name; None: the one that all workers hold.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged, or there is no sound one.
        """
        if wanted is not None:
            return await asyncio.to_thread(self._registry.verify, wanted)
        if self._version is not None:
            with contextlib.suppress(BadVersion, UnknownVersion):
                return await asyncio.to_thread(self._registry.verify, self._version.name)
        self._version = await self.active()
        return self._version

    async def reject(self, version: Version, reason: str) -> None:
        """Remember that a version does not load, so that another one answers."""
        await asyncio.to_thread(self._registry.reject, version.name, reason)

    async def promote(self, name: str) -> Version:
        """Let a version answer from now on; see :meth:`engine.service.Engine.promote`."""
        async with self._switching:
            version = await asyncio.to_thread(self._registry.reconsider, name)
            await self._load(version)
            self._version = await asyncio.to_thread(self._registry.promote, name)
            return self._version

    async def rollback(self) -> Version:
        """Let the version answer that was active before, and give it.

        Raises:
            BadVersion: when there is no data folder, or no version is sound.
        """
        async with self._switching:
            await asyncio.to_thread(self._registry.rollback)
            return await self._follow()

    async def _watching(self) -> None:
        """Follow what others choose: the command line, and training when it made a better one."""
        while True:
            await asyncio.sleep(_LOOK)
            try:
                async with self._switching:
                    await self._follow()
            except EngineError as error:
                log.warning("the version cannot be switched: %r", error)

    async def _follow(self) -> Version:
        """Let the active version answer once every worker has loaded it."""
        while True:
            active = await self.active()
            if self._version is not None and active.name == self._version.name:
                return self._version
            try:
                await self._load(active)
            except BadVersion as error:
                await self.reject(active, error.reason)
            except EngineFailed as error:
                if error.reason == "closed":
                    raise
                await self.reject(active, "a worker died of it")
            else:
                self._version = active
                log.info("model version %s answers from now on", active.name)

    async def _load(self, version: Version) -> None:
        """Let every worker load a version and try it."""
        if self._workers is None:
            raise EngineFailed("closed")
        job = self._stages.prepare.on(version.name, str(version.folder))
        with explained(job):
            await self._workers.everywhere(job)
