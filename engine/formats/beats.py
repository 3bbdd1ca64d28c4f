"""Find the beat of a recording that nobody played to a click.

Keyboards and phones write what is played in ticks of a tempo that nobody heard. Bars and note
values of that tempo mean nothing then, so they are read from the playing itself: the likeliest path
of tempo and place in the beat from onset to onset, found by Viterbi's algorithm. The model is that
of Raphael, "A hybrid graphical model for rhythmic parsing" (2002), with a tempo of discrete steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate, pairwise
from math import log, sqrt
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.int64]

FEWEST: Final = 8
"""Onsets from which a beat can be told."""

MOST: Final = 1_000
"""Onsets up to which one is looked for; each costs about half a millisecond."""

_PRICES: Final = {
    Fraction(0): 0.0,
    Fraction(1, 2): 0.5,
    Fraction(1, 4): 1.5,
    Fraction(3, 4): 1.5,
    Fraction(1, 3): 2.2,
    Fraction(2, 3): 2.2,
}
"""Places in a beat at which notes start, and what each costs in units of a log-likelihood."""

_SPANS: Final = {
    Fraction(1, 2): 0.0,
    Fraction(1): 0.0,
    Fraction(1, 3): 0.5,
    Fraction(1, 4): 0.6,
    Fraction(2, 3): 0.8,
    Fraction(2): 1.5,
    Fraction(3, 4): 1.8,
    Fraction(3, 2): 1.8,
    Fraction(3): 2.5,
}
"""Beats from one onset to the next, and what each costs ..."""

_OTHER: Final = 3.5
"""... and what others cost."""

_LONGEST: Final = 8
"""Beats from one onset to the next, at most."""

_FASTEST, _SLOWEST, _STEPS = 0.3, 1.5, 64
"""Seconds a beat may last, and the steps between them, each of 2.5 %."""

_USUAL, _SPREAD = 0.55, 0.45
"""Middle of the seconds a beat lasts, and the standard deviation of their logarithm."""

_JITTER: Final = 0.03
"""Standard deviation of an onset in seconds, and ..."""

_LOOSE: Final = 0.01
"""... what it grows by with the time since the last one."""

_DRIFT: Final = 0.035
"""Standard deviation of the tempo's logarithm over half a second."""

_MOVES: Final = 5
"""Steps by which the tempo changes from one onset to the next, at most."""

_PAUSE: Final = 4.0
"""Seconds beyond which a silence is a pause: how long it was tells nothing of the beat."""

_SHORTEST: Final = Fraction(1, 96)
"""Unit of the ends of notes, in quarter notes."""

_CHANCE: Final = 0.02
"""How seldom onsets that follow no grid may seem to follow one."""

_NEAR: Final = 0.045
"""Seconds from a click within which most onsets are played that follow it."""

_RATIOS: Final = (1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0)
"""What a beat may be of a click that was played to."""


@dataclass(frozen=True, slots=True)
class Beat:
    """The beat of a recording.

    Attributes:
        places: begin and end of the notes, in quarter notes after the first; begins are exact.
        tempo: quarter notes per minute, in the middle of all.
    """

    places: list[tuple[Fraction, Fraction]]
    tempo: int


class _Path(NamedTuple):
    """Onsets in quarter notes after the first, and the seconds of a quarter note at each."""

    onsets: list[Fraction]
    quarters: list[float]


def find_beat(notes: Sequence[tuple[Fraction, Fraction]], quarter: Fraction) -> Beat | None:
    """Find the beat of a tune that follows none that its file has.

    Args:
        notes: begin and end of each in seconds, by begin.
        quarter: seconds that a quarter note lasts for the file.

    Returns:
        None when the notes follow the file's beat, or are too few or too many to tell.
    """
    begins = [begin for begin, _ in notes]
    if not FEWEST <= len(notes) <= MOST or _gather(begins, quarter, (1, 2, 4)):
        return None
    times = [0.0]
    for before, after in pairwise(begins):
        times.append(times[-1] + min(float(after - before), _PAUSE))
    path = _compound(_track(times))
    if _follow(begins, path.onsets, quarter):
        return None
    places = []
    for (begin, end), onset, length in zip(notes, *path, strict=True):
        sounding = max(1, round(float(end - begin) / length / _SHORTEST))
        places.append((onset, onset + sounding * _SHORTEST))
    return Beat(places, round(60 / median(path.quarters)))


def _gather(begins: Sequence[Fraction], quarter: Fraction, parts: Sequence[int]) -> bool:
    """Tell whether notes begin mostly at such parts of the file's beat.

    Rayleigh's test on the circle: Mardia and Jupp, "Directional Statistics" (2000).
    """
    import numpy as np  # noqa: PLC0415 - few files need it

    turns = np.array([float(begin / quarter) for begin in begins])
    gathered = max(abs(np.mean(np.exp(2j * np.pi * part * turns))) for part in parts)
    return bool(gathered > sqrt(log(len(parts) / _CHANCE) / len(begins)))


def _follow(begins: Sequence[Fraction], onsets: Sequence[Fraction], quarter: Fraction) -> bool:
    """Tell whether the beat that was found is the file's, or a simple part of it.

    It is when it stays with it all along. From note to note is enough where triplets of the file's
    beat speak for it as well: notes in equal steps of another tempo may seem to be triplets.
    """
    in_thirds = _gather(begins, quarter, (3,))
    for ratio in _RATIOS:
        beat = ratio * float(quarter)
        apart = [float(a) - beat * float(b) for a, b in zip(begins, onsets, strict=True)]
        middle = median(apart)
        if median(abs(each - middle) for each in apart) < _NEAR:
            return True
        if in_thirds and median(abs(b - a) for a, b in pairwise(apart)) < _NEAR:
            return True
    return False


def _compound(path: _Path) -> _Path:
    """Write a beat that is mostly parted in three as a dotted quarter note."""
    thirds = sum(onset.denominator == 3 for onset in path.onsets)
    straight = sum(onset.denominator in {2, 4} for onset in path.onsets)
    if thirds < 3 or thirds <= straight:
        return path
    return _Path([each * 3 / 2 for each in path.onsets], [each * 2 / 3 for each in path.quarters])


class _Spans(NamedTuple):
    """Every way from one place in a beat to another: number of either place, and the beats."""

    begin: Numbers
    end: Numbers
    beats: list[Fraction]


@cache
def _spans() -> _Spans:
    import numpy as np  # noqa: PLC0415 - likewise

    places = list(_PRICES)
    ways = [
        (begin, end, after - before + whole)
        for begin, before in enumerate(places)
        for end, after in enumerate(places)
        for whole in range(_LONGEST + 1)
        # Within one beat, parts of two and of three do not mix.
        if 0 < after - before + whole <= _LONGEST
        and (whole or {before.denominator, after.denominator} not in ({2, 3}, {3, 4}))
    ]
    begins, ends, beats = zip(*ways, strict=True)
    return _Spans(np.array(begins), np.array(ends), list(beats))


def _track(times: Sequence[float]) -> _Path:
    """Find the likeliest tempo and place in the beat at each time (seconds)."""
    import numpy as np  # noqa: PLC0415 - likewise

    periods = np.geomspace(_FASTEST, _SLOWEST, _STEPS + 1)
    prices = np.array(list(_PRICES.values()))
    score = -((np.log(periods / _USUAL) / _SPREAD) ** 2)[:, None] / 2 - prices
    steps = []
    for time in np.diff(times):
        score, step = _hear(float(time), score, periods, prices)
        steps.append(step)
    period, place = np.unravel_index(int(score.argmax()), score.shape)
    begin, _, beats = _spans()
    spans: list[Fraction] = []
    lengths = [float(periods[period])]
    for step in reversed(steps):
        way = step.ways[period, place]
        spans.append(beats[way])
        lengths.append(float(periods[period]))
        place = begin[way]
        period += step.moves[period, place]
    lengths.reverse()
    return _Path(list(accumulate(reversed(spans), initial=Fraction(0))), lengths)


class _Step(NamedTuple):
    """How each (period, place) was come to: the way, and by how many steps the tempo was other."""

    ways: Numbers
    moves: Numbers


def _hear(time: float, score: Floats, periods: Floats, prices: Floats) -> tuple[Floats, _Step]:
    """Weigh every period and place of an onset that comes ``time`` seconds after the last one."""
    import numpy as np  # noqa: PLC0415 - likewise
    from numpy.lib.stride_tricks import sliding_window_view  # noqa: PLC0415 - likewise

    begin, end, beats = _spans()
    moves = np.arange(-_MOVES, _MOVES + 1)
    drift = _DRIFT * sqrt(max(time, 0.1) / 0.5)
    against = (moves * log(periods[1] / periods[0]) / drift) ** 2 / 2
    wide = np.pad(score, ((_MOVES, _MOVES), (0, 0)), constant_values=-np.inf)
    moved = sliding_window_view(wide, len(moves), axis=0) - against
    steady = moved.max(axis=2)

    spread = 2 * _JITTER**2 + (_LOOSE * time) ** 2
    off = time - periods[:, None] * np.array([float(each) for each in beats])
    costs = np.array([_SPANS.get(each, _OTHER) for each in beats])
    reached = steady[:, begin] - off**2 / (2 * spread) - costs
    ways = np.empty(score.shape, np.int64)
    for place in range(len(prices)):
        ending = np.flatnonzero(end == place)
        ways[:, place] = ending[reached[:, ending].argmax(axis=1)]
    best = np.take_along_axis(reached, ways, axis=1) - prices
    return best, _Step(ways, moves[moved.argmax(axis=2)])
