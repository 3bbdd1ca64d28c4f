"""List model versions, choose the one that answers, and make room."""

from __future__ import annotations

import asyncio
import logging
import math
import secrets
import shutil
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.training.runs import VersionInfo
from engine.errors import BadVersion, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.store.runs import Runs
    from engine.registry import Registry, Version

log = logging.getLogger(__name__)

_PARTS: Final = ("shift", "duration", "pitch")


class Switch(Protocol):
    """Lets another version answer: :class:`engine.service.Engine` is one."""

    async def promote(self, name: str) -> Version:
        """Let a version answer after it has proved that it can, or raise an EngineError."""
        ...

    async def rollback(self) -> Version:
        """Let the version answer that did before."""
        ...


class Versions:
    """The versions, and every change to them in the audit.

    Args:
        registry: where they are.
        switch: lets another one answer.
        runs: keeps the audit.
        keep: versions made here that are kept, the newest first; 0: all.
    """

    def __init__(self, registry: Registry, switch: Switch, runs: Runs, keep: int = 10) -> None:
        self._registry = registry
        self._switch = switch
        self._runs = runs
        self._keep = keep

    async def listing(self) -> tuple[VersionInfo, ...]:
        """List the versions, newest first."""
        return await asyncio.to_thread(listing, self._registry)

    async def use(self, name: str, who: int | None) -> VersionInfo:
        """Let a version answer from now on, after it has proved that it can.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged or does not fit the code; the old one goes on.
        """
        return await self._change("use", name, who)

    async def promote(self, name: str, who: int | None) -> VersionInfo:
        """Do as :meth:`use`, for a version that was not better; the audit tells them apart."""
        return await self._change("promote", name, who)

    async def rollback(self, who: int | None) -> VersionInfo:
        """Let the version answer that was active before, and give it.

        Raises:
            BadVersion: when no version is sound.
        """
        before = await asyncio.to_thread(_active_name, self._registry)
        version = await self._switch.rollback()
        await self._runs.note(who, "rollback", f"{before} to {version.name}")
        return await asyncio.to_thread(_info, self._registry, version, version.name)

    async def prune(self, who: int | None) -> tuple[str, ...]:
        """Remove the oldest versions beyond the limit, and give their names."""
        gone = await asyncio.to_thread(prune, self._registry, self._keep)
        for name in gone:
            await self._runs.note(who, "prune", name)
        return gone

    async def _change(self, what: str, name: str, who: int | None) -> VersionInfo:
        before = await asyncio.to_thread(_active_name, self._registry)
        version = await self._switch.promote(name)
        await self._runs.note(who, what, f"{before} to {version.name}")
        return await asyncio.to_thread(_info, self._registry, version, version.name)


def listing(registry: Registry) -> tuple[VersionInfo, ...]:
    """List the versions, newest first. Reads files."""
    active = _active_name(registry)
    return tuple(_info(registry, version, active) for version in registry.versions())


def prune(registry: Registry, keep: int) -> tuple[str, ...]:
    """Remove the oldest versions beyond a limit, and give their names.

    Never the active one or one that came with the program, and not the one before the active,
    so that one can go back.

    Args:
        registry: where they are.
        keep: how many stay that did not come with the program; 0: all.
    """
    ours = [version for version in registry.versions() if not version.shipped]
    kept = {_active_name(registry), *registry.history()[:2]}
    gone = []
    for version in ours[keep:] if keep else []:
        if version.name not in kept:
            # Out of sight first: whoever looks now sees a whole version or none.
            beside = version.folder.with_name(f".{version.name}.gone-{secrets.token_hex(4)}")
            try:
                version.folder.rename(beside)
            except OSError as error:
                log.warning("version %s cannot be removed: %s", version.name, error.strerror)
                continue
            shutil.rmtree(beside, ignore_errors=True)
            gone.append(version.name)
    return tuple(gone)


def _active_name(registry: Registry) -> str:
    try:
        return registry.active.name
    except BadVersion:
        return ""


def _info(registry: Registry, version: Version, active: str) -> VersionInfo:
    try:
        registry.verify(version.name)
        sound = True
    except (BadVersion, UnknownVersion):
        sound = False
    metrics = version.metrics
    bits = {part: _number(metrics, f"{part}_bits") for part in _PARTS}
    corpus = version.manifest.get("corpus")
    tunes = corpus.get("training_tunes") if isinstance(corpus, dict) else None
    return VersionInfo(
        name=version.name,
        created=version.created[:32],
        shipped=version.shipped,
        active=version.name == active,
        bits={part: value for part, value in bits.items() if value is not None},
        tunes=tunes if isinstance(tunes, int) and not isinstance(tunes, bool) else 0,
        sound=sound,
    )


def _number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
