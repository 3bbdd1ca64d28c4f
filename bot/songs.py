"""What the lab's models sing, for ``lab``: read from what ships, performed in a process apart."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from engine.codes import SOLFEGE
from engine.errors import EngineFailed
from engine.evaluation.table import align
from engine.lab import songs
from engine.lab.butterfly import CODES, NUMBERS
from engine.lab.registry import FAMILIES
from engine.music import STEPS
from engine.request import File
from engine.workers.process import Job, PoolError, Process, TimedOut

if TYPE_CHECKING:
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


def table(head: tuple[str, str, str, str]) -> str:
    """Write what all models did, narrow enough for a phone.

    The columns: name, hits in one step, hits in the whole song, place of the first wrong note.
    """
    rows = [
        (
            each.name,
            str(each.steps_score.hits),
            str(each.song_score.hits),
            str(each.song_score.first_wrong or "–"),
        )
        for each in outcomes()
    ]
    return align([head, *rows])


@dataclass(frozen=True, slots=True)
class Figures:
    """How one model did.

    Attributes:
        step, song: hits in one step and in the whole song, as ``46/50``.
        place: of the first wrong note, from 1; None when there is none.
        sung, wanted: that note, and the one that belongs there.
    """

    step: str
    song: str
    place: int | None = None
    sung: str = "–"
    wanted: str = "–"


def figures(name: str, names: Names) -> Figures:
    """Give what one model did."""
    each = next(outcome for outcome in outcomes() if outcome.name == name)
    step, song = (f"{score.hits}/{score.of}" for score in (each.steps_score, each.song_score))
    place = each.song_score.first_wrong
    if place is None:
        return Figures(step, song)
    sung, wanted = (
        _code(row[place - 1], names) if place <= len(row) else "–" for row in (each.song, NUMBERS)
    )
    return Figures(step, song, place, sung, wanted)


def _code(number: int, names: Names) -> str:
    code = CODES[number]
    return code if names == "letters" else SOLFEGE[STEPS.index(code[0])] + code[1:]
