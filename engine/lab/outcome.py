"""What came of a lesson, as data; light to import, so that the bot can show it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from engine.evaluation.table import align
from engine.lab.butterfly import NUMBERS, Score, codes, score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Outcome:
    """One trained model and how it did.

    Attributes:
        name: of the model.
        what: one line about it.
        parameters: numbers that it learnt.
        epochs: passes over the song.
        seconds: processor time that learning took.
        window: notes that it sees.
        one_step: notes predicted from the true ones before them.
        sung: notes sung after the song's first ones.
        raw: notes sung when fed raw numbers by mistake, None where nothing is fed.
        fourteenth: notes sung when fed numbers divided by 14 instead of 13, likewise.
        loss, accuracy: learning curves.
        passes: to which passes their points belong.
        remarks: what else was found.
    """

    name: str
    what: str
    parameters: int
    epochs: int
    seconds: float
    window: int
    one_step: tuple[int, ...]
    sung: tuple[int, ...]
    raw: tuple[int, ...] | None = None
    fourteenth: tuple[int, ...] | None = None
    loss: tuple[float, ...] = ()
    accuracy: tuple[float, ...] = ()
    passes: tuple[int, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def song(self) -> tuple[int, ...]:
        """The whole song as sung, with the notes that were given."""
        return (*NUMBERS[: self.window], *self.sung)

    @property
    def steps_score(self) -> Score:
        """How many notes were predicted."""
        return score(self.one_step, self.window)

    @property
    def song_score(self) -> Score:
        """How many notes were sung right."""
        return score(self.sung, self.window)

    def to_json(self) -> dict[str, Any]:
        """Give what a reader of the song needs: no curves."""
        data = asdict(self)
        for name in ("loss", "accuracy", "passes"):
            del data[name]
        return {**data, "seconds": round(self.seconds, 1)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Outcome:
        """Build an outcome from what :meth:`to_json` gave."""
        lists: dict[str, Any] = {
            name: tuple(v) if isinstance(v, list) else v for name, v in data.items()
        }
        return cls(**lists)


def table(outcomes: Sequence[Outcome]) -> str:
    """Write the lesson's table."""
    head = ("model", "parameters", "epochs", "CPU seconds", "one step", "whole song", "first wrong")
    rows = [row(outcome) for outcome in outcomes]
    return align([head, *rows])


def row(outcome: Outcome) -> tuple[str, ...]:
    """Write one line of the table."""
    return (
        outcome.name,
        f"{outcome.parameters:,}",
        f"{outcome.epochs:,}",
        f"{outcome.seconds:.1f}",
        str(outcome.steps_score),
        str(outcome.song_score),
        first_wrong(outcome),
    )


def first_wrong(outcome: Outcome) -> str:
    """Say where the song goes astray, as ``22: g8, not e8``; a dash where it does not."""
    place = outcome.song_score.first_wrong
    if place is None:
        return "–"
    sung, wanted = codes(outcome.song[place - 1 : place]), codes(NUMBERS[place - 1 : place])
    return f"{place}: {sung[0] if sung else '…'}, not {wanted[0]}"


def feeding_table(outcomes: Sequence[Outcome]) -> str:
    """Write how the models sing when their own notes are fed back in another scale."""
    head = ("model", "whole song, fed as it learnt", "fed raw numbers", "fed numbers / 14")
    rows = [
        (
            each.name,
            str(each.song_score),
            *(_score_of(each, s) for s in (each.raw, each.fourteenth)),
        )
        for each in outcomes
    ]
    return align([head, *rows])


def _score_of(outcome: Outcome, sung: tuple[int, ...] | None) -> str:
    return "–" if sung is None else str(score(sung, outcome.window))
