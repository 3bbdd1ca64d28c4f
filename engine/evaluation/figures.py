"""The figures of an evaluation: intervals by bootstrap, the table, the JSON.

Confidence is from a bootstrap by tune (Efron 1979): notes of one tune are no independent trials.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from engine.evaluation.table import align, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.evaluation.measuring import Total
    from engine.evaluation.melodies import Specimen
    from engine.predict import Array

FIGURES: Final = ("shift", "duration", "pitch", "sum", "top1")
"""What is measured: bits per note, and the share of notes whose pitch was thought likeliest."""

RESAMPLES: Final = 2000
"""Times that the tunes are drawn anew to see how far chance could move a figure."""

LEVEL: Final = 0.95


class Figure(NamedTuple):
    """A figure and the interval that holds 95 % of its values when tunes are drawn anew.

    One tune alone, in a collection or in one that is averaged, says nothing of chance: None.
    """

    value: float
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one predictor on one collection, or their average over collections.

    Attributes:
        collection: its name, None for the average.
        tunes, notes: how many.
        known: tunes that share 12 intervals in a row with one that the version learnt from.
        predictor: its name.
        figures: by the names in :data:`FIGURES`.
    """

    collection: str | None
    tunes: int
    notes: int
    known: int | None
    predictor: str
    figures: Mapping[str, Figure]


def bootstrap(totals: Array, notes: Array, random: np.random.Generator, rounds: int) -> Array:
    """Draw tunes anew, as many as there are, and give each draw's figures per note.

    Args:
        totals: of each tune, (tunes, …).
        notes: of each tune, (tunes,), each above 0.
        random: decides the draws.
        rounds: how many.

    Returns:
        (rounds, …).
    """
    tunes = len(notes)
    flat = totals.reshape(tunes, -1)
    drawn = np.empty((rounds, flat.shape[1]))
    for number in range(rounds):  # one at a time: all at once would take gigabytes
        counts = np.bincount(random.integers(tunes, size=tunes), minlength=tunes)
        drawn[number] = counts @ flat / (counts @ notes)
    return drawn.reshape(rounds, *totals.shape[1:])


def summarise(
    collections: Mapping[str, tuple[Array, Array]],
    predictors: Sequence[str],
    seed: int = 0,
    rounds: int = RESAMPLES,
    known: Mapping[str, int] | None = None,
) -> list[Row]:
    """Give the figures of each collection, then their average, in which all weigh the same.

    All predictors are measured on the same draws of tunes.

    Args:
        collections: by name, the totals of each tune, (tunes, predictors, 5) in the order of
            :data:`FIGURES`, and the notes of each tune, (tunes,).
        predictors: their names.
        seed: of the bootstrap.
        rounds: of the bootstrap.
        known: by collection, see :class:`Row`.
    """
    rows: list[Row] = []
    values, draws, sizes = [], [], []
    for name, (totals, notes) in collections.items():
        random = np.random.default_rng([seed, len(notes), int(notes.sum())])
        values.append(totals.sum(axis=0) / notes.sum())
        draws.append(bootstrap(totals, notes, random, rounds))
        sizes.append((len(notes), int(notes.sum()), None if known is None else known[name]))
        ranges = _intervals(draws[-1]) if len(notes) > 1 else None
        rows += _rows(name, sizes[-1], predictors, values[-1], ranges)
    if len(collections) > 1:
        mean, drawn = np.mean(values, axis=0), np.mean(draws, axis=0)
        ranges = _intervals(drawn) if min(tunes for tunes, _, _ in sizes) > 1 else None
        tunes, notes_in_all = (sum(size[slot] or 0 for size in sizes) for slot in (0, 1))
        familiar = None if known is None else sum(known[name] for name in collections)
        rows += _rows(None, (tunes, notes_in_all, familiar), predictors, mean, ranges)
    return rows


def _intervals(draws: Array) -> Array:
    """Give the low and high ends, (2, …), of what (rounds, …) draws gave."""
    tail = (1 - LEVEL) / 2
    return np.asarray(np.quantile(draws, [tail, 1 - tail], axis=0))


def _rows(
    collection: str | None,
    size: tuple[int, int, int | None],
    predictors: Sequence[str],
    values: Array,
    ranges: Array | None,
) -> list[Row]:
    """Make one row a predictor."""

    def figure(*place: int) -> Figure:
        interval = None
        if ranges is not None:
            interval = float(ranges[0][place]), float(ranges[1][place])
        return Figure(float(values[place]), interval)

    return [
        Row(
            collection,
            *size,
            predictor,
            {name: figure(line, slot) for slot, name in enumerate(FIGURES)},
        )
        for line, predictor in enumerate(predictors)
    ]


def by_collection(
    specimens: Sequence[Specimen], totals: Sequence[Sequence[Total]]
) -> dict[str, tuple[Array, Array]]:
    """Sort totals, for each melody one a predictor, into what :func:`summarise` takes."""
    places: dict[str, list[int]] = {}
    for place, each in enumerate(specimens):
        places.setdefault(each.collection, []).append(place)
    return {
        name: (
            np.array([totals[place] for place in where], float),
            np.array([len(specimens[place].melody.notes) for place in where]),
        )
        for name, where in places.items()
    }


def as_text(
    version: str, rows: Sequence[Row], skipped: Sequence[tuple[str, str]], *, exact: bool = True
) -> str:
    """Lay the figures out for a person.

    Args:
        version: its name.
        rows: from :func:`summarise`.
        skipped: what was not read, and why.
        exact: whether the yardsticks learnt exactly what the version did.
    """
    parts = []
    if rows:
        parts.append(align(list(_lines(rows)), left=(0, 4)))
        notes = [f"{version} and others: bits per note; top-1: share of pitches thought likeliest"]
        if any(figure.interval for row in rows for figure in row.figures.values()):
            notes.append("in brackets: 95 % of the values when tunes are drawn anew (bootstrap)")
        if rows[0].known is not None:
            notes.append("known: tunes that share 12 intervals in a row with one that was learnt")
        if not exact:
            notes.append("the yardsticks learnt the same collections, not exactly the same tunes")
        parts.append("\n".join(notes))
    if skipped:
        parts.append("\n".join(["skipped:", *(f"  {name}: {why}" for name, why in skipped)]))
    return "\n\n".join(parts)


def _lines(rows: Sequence[Row]) -> Iterable[Sequence[str]]:
    """Make the head and the lines of the table; an empty line stands between the groups."""
    yield (
        *("collection", "tunes", "known", "notes", "predictor"),
        *("shift", "duration", "pitch", "", "sum", "", "top-1"),
    )
    grouped = len({row.predictor for row in rows}) > 1
    before = rows[0].collection
    for place, row in enumerate(rows):
        size = ("", "", "", "")
        if place == 0 or row.collection != before:
            if place and (grouped or row.collection is None):
                yield ()
            name = "average" if row.collection is None else shorten(row.collection, 32)
            known = "–" if row.known is None else str(row.known)
            size = (name, str(row.tunes), known, str(row.notes))
        before = row.collection
        yield (*size, row.predictor, *_cells(row.figures))


def _cells(figures: Mapping[str, Figure]) -> Iterable[str]:
    for name, (value, interval) in figures.items():
        yield f"{100 * value:.1f} %" if name == "top1" else f"{value:.3f}"
        if name in {"pitch", "sum"}:
            yield "" if interval is None else "[{:.3f}, {:.3f}]".format(*interval)


def as_json(
    version: str, rows: Sequence[Row], skipped: Sequence[tuple[str, str]], *, exact: bool = True
) -> str:
    """Show the figures to a program: one JSON object; see :func:`as_text`."""
    collections: dict[str, Any] = {}
    average: dict[str, Any] = {}
    for row in rows:
        place = average if row.collection is None else collections.setdefault(row.collection, {})
        place.update(tunes=row.tunes, notes=row.notes, known=row.known)
        place.setdefault("predictors", {})[row.predictor] = {
            name: figure._asdict() for name, figure in row.figures.items()
        }
    if len(collections) == 1:
        average = next(iter(collections.values()))
    data = {
        "version": version,
        "same_data": exact,
        "collections": collections,
        "average": average,
        "skipped": [{"name": name, "reason": why} for name, why in skipped],
    }
    return json.dumps(data, ensure_ascii=False)
