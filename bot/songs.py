"""What the lab's models sing, for ``lab``: read from what ships, performed once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from engine.codes import SOLFEGE
from engine.evaluation.table import align
from engine.lab import songs
from engine.lab.butterfly import CODES, NUMBERS
from engine.lab.registry import FAMILIES
from engine.music import STEPS
from engine.request import File

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from engine.lab.outcome import Outcome
    from engine.request import Names

    Sing = Callable[[str, Names], Awaitable[tuple[bytes, bytes, bytes]]]

MODELS: Final = tuple(FAMILIES)
"""Names of the models, in the order of the table."""


class Songbook:
    """Keeps the songs that the engine has performed."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Names], tuple[File, ...]] = {}

    async def perform(self, name: str, names: Names, sing: Sing) -> tuple[File, ...]:
        """Give picture, sound and MIDI of a model's song.

        Args:
            name: of the model.
            names: alphabet of the note names.
            sing: lets the engine perform it, should it be the first time.

        Raises:
            EngineFailed: when it cannot be drawn and played.
        """
        if (name, names) not in self._made:
            picture, sound, midi = await sing(name, names)
            self._made[name, names] = (
                File("score.png", picture),
                File(f"{name}.ogg", sound),
                File(f"{name}.mid", midi),
            )
        return self._made[name, names]


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
