"""``nabi models``: list versions, choose the one that answers, make room."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.errors import BadDatabase
from bot.explaining import explain
from bot.store import Store
from bot.training.versions import Versions, listing
from engine.errors import BadVersion, EngineError, EngineFailed
from engine.registry import Registry
from engine.workbench import Stages
from engine.workers.pool import Pool
from engine.workers.process import PoolError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bot.settings import Settings
    from bot.training.runs import VersionInfo
    from engine.registry import Version


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Carry ``nabi models`` out; a bot that runs follows within a second.

    Returns:
        exit status: 1: a version is damaged; 2: there is none of this name, or the command line
        is wrong.
    """
    if (args.action == "use") != (args.name is not None):
        return _complain("say 'nabi models use NAME', 'nabi models rollback' or 'nabi models'", 2)
    registry = Registry(data=settings.data)
    try:
        gone = asyncio.run(_change(args, settings, registry)) if args.action != "list" else ()
        return _show(listing(registry), gone, as_json=args.json)
    except (EngineError, BadDatabase) as error:
        reason = f" ({error.reason})" if isinstance(error, BadVersion) else ""
        ours = isinstance(error, BadVersion | EngineFailed | BadDatabase)
        return _complain(f"{explain(error, 'en')}{reason}", 1 if ours else 2)


def _show(versions: Sequence[VersionInfo], gone: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        told = {"versions": [asdict(each) for each in versions], "removed": list(gone)}
        _say(json.dumps(told, ensure_ascii=False))
    else:
        for name in gone:
            _say(f"removed {name}")
        for each in versions:
            _say(_line(each))
    if not any(each.active for each in versions):
        return _complain("no version is whole enough to answer", 1)
    return 0


def _say(text: str) -> None:
    print(text)  # noqa: T201 - a command line prints


def _complain(sentence: str, status: int) -> int:
    print(f"nabi: {sentence}", file=sys.stderr)  # noqa: T201 - likewise
    return status


def _line(each: VersionInfo) -> str:
    figures = "  ".join(f"{part} {bits:.3f}" for part, bits in each.bits.items())
    whole = f"{figures}  = {sum(each.bits.values()):.3f} bits a note" if each.bits else ""
    notes = [
        "shipped" if each.shipped else "",
        f"{each.tunes:,} tunes" if each.tunes else "",
        "" if each.sound else "DAMAGED",
    ]
    words = ", ".join(word for word in notes if word)
    mark = "*" if each.active else " "
    return f"{mark} {each.name}  {each.created[:16] or '-'}  {whole}  {words}".rstrip()


async def _change(
    args: argparse.Namespace, settings: Settings, registry: Registry
) -> tuple[str, ...]:
    """Carry out what changes something; give the names of versions that were removed."""
    store = Store(settings.database_url)
    await store.open()
    versions = Versions(registry, _Apart(registry), store, settings.keep_versions)
    try:
        if args.action == "use":
            await versions.use(args.name, None)
        elif args.action == "rollback":
            await versions.rollback(None)
        else:
            return await versions.prune(None)
        return ()
    finally:
        await store.close()


class _Apart:
    """Switches versions where no bot runs, or beside one that does."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def promote(self, name: str) -> Version:
        """Let a worker try a version, then let it answer.

        Raises:
            UnknownVersion, BadVersion, EngineFailed: when it cannot.
        """
        version = await asyncio.to_thread(self._registry.reconsider, name)
        job = Stages().prepare.on(version.name, str(version.folder))
        pool = Pool(1, "trial")
        try:
            await pool.run(job)
        except PoolError as error:
            raise EngineFailed("crashed") from error
        finally:
            await pool.close(0)
        return await asyncio.to_thread(self._registry.promote, name)

    async def rollback(self) -> Version:
        """Go back to the version before."""
        return await asyncio.to_thread(self._registry.rollback)
