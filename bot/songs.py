"""What the lab's models sing, for ``lab``: read from what ships, performed in a process apart."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from engine.errors import EngineFailed
from engine.lab import songs
from engine.lab.outcome import first_wrong
from engine.lab.registry import FAMILIES
from engine.process import Job, PoolError, Process, TimedOut
from engine.request import File
from engine.table import align

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.lab.outcome import Outcome

    Names = Literal["letters", "solfege"]

MODELS: Final = tuple(FAMILIES)
"""Names of the models, in the order of the table."""

_PERFORM: Final = Job("engine.lab.songs:perform", seconds=60, memory=2 * 1024**3)


class Songbook:
    """Performs songs, one at a time, and keeps what it has performed."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._made: dict[tuple[str, Names], tuple[File, ...]] = {}

    async def perform(self, name: str, names: Names) -> tuple[File, ...]:
        """Give picture, sound and MIDI of a model's song.

        Raises:
            EngineFailed: when the process that draws and plays fails.
        """
        async with self._turn:
            if (name, names) not in self._made:
                self._made[name, names] = await self._perform(name, names)
        return self._made[name, names]

    @staticmethod
    async def _perform(name: str, names: Names) -> tuple[File, ...]:
        process = Process("lab")
        try:
            await process.start(None)
            picture, sound, midi = await process.ask(_PERFORM.on(name, names))
        except TimedOut as error:
            raise EngineFailed("timeout") from error
        except PoolError as error:
            raise EngineFailed("crashed") from error
        finally:
            await process.close()
        return (
            File("score.png", picture),
            File(f"{name}.ogg", sound),
            File(f"{name}.mid", midi),
        )


@cache
def outcomes() -> tuple[Outcome, ...]:
    """Read what every model did, in the order of the table."""
    return tuple(songs.read().values())


def table(names: Sequence[str], head: tuple[str, str, str, str]) -> str:
    """Write what models did: name, one step, whole song, first wrong note."""
    rows = [
        (each.name, _figure(each.steps_score), _figure(each.song_score), first_wrong(each))
        for each in outcomes()
        if each.name in names
    ]
    return align([head, *(tuple(part.replace(", not", " ≠") for part in row) for row in rows)])


def _figure(score: object) -> str:
    return str(score).replace(" of ", "/")
