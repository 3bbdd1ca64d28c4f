"""How near one continuation is to another: measures of the literature, on notes in ticks.

A line is a sequence of (onset, duration, pitch) in ticks of 1/192 of a whole note. Single
continuations are compared by the measures of the MIREX task *Patterns for Prediction* (Janssen,
Collins, Ren 2018–2020), sets of them by Yang & Lerch, *On the evaluation of generative models in
music* (2020).
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from engine.features import REACH, WHOLE, interval_class

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Line = tuple[tuple[int, int, int], ...]
Array = np.ndarray[Any, np.dtype[Any]]

QUARTER: Final = WHOLE // 4
FIRST, STEP, LAST = 2 * QUARTER, QUARTER // 2, 10 * QUARTER
"""Times after the primer up to which MIREX compares: 2 to 10 quarters, every eighth."""

GRID: Final = 512
"""Points at which densities are compared."""

LENGTHS: Final = 24
"""Classes of durations: four to an octave, from a 64th note up."""


class Score(NamedTuple):
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


def cardinality(true: Line, made: Line) -> Score:
    """Count the notes that fit best by one shift in time and pitch: the cardinality score.

    The (onset, pitch) points of one line are moved by each difference to a point of the other;
    the most that ever coincide, less the one that always does, over the notes of each line less
    one (MIREX). A line of one note scores nothing.
    """
    if len(true) < 2 or len(made) < 2:
        return Score(0.0, 0.0, 0.0)
    shifts = Counter(
        (onset - other, pitch - below) for onset, _, pitch in true for other, _, below in made
    )
    most = max(shifts.values()) - 1
    precision, recall = most / (len(made) - 1), most / (len(true) - 1)
    f1 = 2 * precision * recall / (precision + recall) if most else 0.0
    return Score(precision, recall, f1)


def cardinality_over_time(true: Line, made: Line, origin: int) -> Score:
    """Average the cardinality score over growing parts of the continuations.

    Args:
        true: the real continuation.
        made: the other; onsets of both count from the same zero.
        origin: onset of the primer's last note.

    Returns:
        means over those ends, 2 to 10 quarters after ``origin``, by which both have two notes;
        over the whole lines when there is no such end.
    """
    scores = []
    for after in range(FIRST, LAST + 1, STEP):
        parts = [tuple(n for n in line if n[0] <= origin + after) for line in (true, made)]
        if min(len(part) for part in parts) > 1:
            scores.append(cardinality(*parts))
    if not scores:
        return cardinality(true, made)
    return Score(*(sum(values) / len(scores) for values in zip(*scores, strict=True)))


def pitch_overlap(true: Line, made: Line, *, octaves: bool = True) -> float:
    """Give the overlap of two normalised histograms of pitch, 0 to 1 (MIREX).

    Args:
        true: one continuation; an empty one overlaps with nothing.
        made: the other.
        octaves: False: of pitch classes.
    """
    if not true or not made:
        return 0.0
    counts = [Counter(p if octaves else p % 12 for _, _, p in line) for line in (true, made)]
    shares = [{p: n / sum(count.values()) for p, n in count.items()} for count in counts]
    return sum(min(share, shares[1].get(pitch, 0.0)) for pitch, share in shares[0].items())


def _pitch_classes(line: Line, tonic: int) -> Array:
    """Count pitch classes above the tonic, so that keys do not part what sounds alike."""
    return np.bincount([(pitch - tonic) % 12 for _, _, pitch in line], minlength=12)


def _intervals(line: Line, _tonic: int) -> Array:
    steps = np.diff([pitch for _, _, pitch in line]).tolist()
    classes = [interval_class(step) for step in steps]
    return np.bincount(np.array(classes, np.int64), minlength=2 * REACH + 1)


def _durations(line: Line, _tonic: int) -> Array:
    classes = [
        min(LENGTHS - 1, max(0, round(4 * math.log2(64 * length / WHOLE)))) for _, length, _ in line
    ]
    return np.bincount(np.array(classes, np.int64), minlength=LENGTHS)


def _density(line: Line, _tonic: int) -> Array:
    length = line[-1][0] + line[-1][1] - line[0][0]
    return np.array([len(line) * WHOLE / max(1, length)])


FEATURES: Final[dict[str, Callable[[Line, int], Array]]] = {
    "pitch class": _pitch_classes,
    "interval": _intervals,
    "duration": _durations,
    "note density": _density,
}
"""What of a line is compared: counts, but for the note density (notes in a whole note)."""


def features(name: str, lines: Sequence[Line], tonics: Sequence[int]) -> Array:
    """Give one feature of each line, (lines, values); counts become shares."""
    rows = np.array(
        [FEATURES[name](line, tonic) for line, tonic in zip(lines, tonics, strict=True)], float
    )
    if rows.shape[1] == 1:
        return rows
    return np.asarray(rows / np.maximum(1.0, rows.sum(axis=1, keepdims=True)))


def distances(rows: Array, others: Array) -> Array:
    """Give the Euclidean distance of every row to every row of ``others``."""
    squares = np.square(rows).sum(1)[:, None] + np.square(others).sum(1) - 2 * rows @ others.T
    return np.asarray(np.sqrt(np.maximum(0.0, squares)))


def within(square: Array) -> Array:
    """Give the distances inside a set: each pair once, none to itself."""
    return np.asarray(square[np.triu_indices(len(square), 1)])


def overlap_area(values: Array, others: Array) -> float:
    """Give the area under both of two Gaussian kernel densities, 0 to 1.

    The widths follow Scott's rule, as in Yang & Lerch; values are binned on a grid first.
    """
    both = np.concatenate([values, others])
    widths = [_scott(part) for part in (values, others)]
    low, high = both.min() - 4 * max(widths), both.max() + 4 * max(widths)
    if high - low < 1e-9:
        return 1.0
    edges = np.linspace(low, high, GRID + 1)
    step = edges[1] - edges[0]
    densities = []
    for part, width in zip((values, others), widths, strict=True):
        counts = np.histogram(part, edges)[0] / len(part)
        reach = np.arange(-GRID, GRID + 1) * step
        kernel = np.exp(-0.5 * np.square(reach / max(width, step)))
        density = np.convolve(counts, kernel)[GRID : 2 * GRID]
        densities.append(density / density.sum())
    return float(np.minimum(*densities).sum())


def _scott(values: Array) -> float:
    deviation = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return deviation * float(len(values) ** -0.2)


def histogram_overlap(rows: Array, others: Array) -> float:
    """Give the overlap of two sets' mean distributions, 0 to 1; of scalars, of their densities."""
    if rows.shape[1] == 1:
        return overlap_area(rows[:, 0], others[:, 0])
    return float(np.minimum(rows.mean(axis=0), others.mean(axis=0)).sum())


def interval_of_confidence(
    values: Array, random: np.random.Generator, rounds: int = 1000
) -> tuple[float, float]:
    """Give the 95 % interval of a mean by the bootstrap over tunes."""
    picks = random.integers(len(values), size=(rounds, len(values)))
    low, high = np.quantile(values[picks].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)
