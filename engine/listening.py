"""How well a model foresees a melody, note by note, told nothing that comes later.

A melody whose key or meter nobody told is heard under many readings at once. The model's word on
the next note is the mixture of what it says under each, weighed by how well that reading foretold
the notes so far: P(note) = sum over readings of P(reading | notes so far) P(note | reading, notes
so far), which is exact Bayesian prediction. Nothing of a later note enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.corpus import TICK
from engine.estimate import METER_PRIOR, PICKUP_METERS, PICKUP_PRIOR, homes_of, ticks
from engine.features import Frame, meter_class
from engine.music import Meter
from engine.predict import PITCHES, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.music import Melody
    from engine.predict import Array, Likelihood, Model

FREE_PRIOR: Final = 0.01
"""How often a melody without a told meter has none at all."""

ODDS: Final = -9.0
"""Log-odds against the best reading at which one is given up, by the notes so far alone."""

MOST: Final = ((0, 1000), (3, 128), (6, 64), (12, 32), (24, 16), (48, 8), (96, 5))
"""From so many notes on, at most so many readings are kept: more cost time and change little."""

CHUNK: Final = 64
"""Notes heard at once when no reading is given up between them; bounds the memory it takes."""

COMMON_TIME: Final = 48
"""Ticks below which half of the times outside a vocabulary lie, by our rule: a quarter note."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to hear a melody: what it is, where it starts, and its odds before the first note.

    Attributes:
        frame: tonic, meter, style.
        start: ticks from the first bar line to the melody's start.
        prior: log-odds, not normalised.
    """

    frame: Frame
    start: int
    prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model said of each note of a melody just before it came, in nats.

    Attributes:
        shift, duration, pitch: log-probabilities of what came, (notes,); each knows the ones
            before it, so that their sum is that of the note.
        pitches: log-probabilities of all 128 pitches, (notes, 128).
        ranks: place of the pitch that came among all, from 1; of equals the lowest is first.
    """

    shift: Array
    duration: Array
    pitch: Array
    pitches: Array
    ranks: Array


def listen_causally(model: Model, melody: Melody, style: int = 0, *, memory: bool = True) -> Heard:
    """Let a model foretell every note of a melody from the notes before it.

    A key and a meter that the melody tells are told to the model; the others are weighed as it
    goes. Times are rounded to ticks of 1/192 of a whole note; all probabilities are over every
    whole number of ticks, see :class:`Rarity`. The shift of the first note is its place in the
    first bar; without a told meter there is no such thing, and it counts 0.

    Args:
        model: the version.
        melody: of any length; of an empty one nothing is heard.
        style: number of the style, 0 for any.
        memory: whether its short-term memory has a word in it.
    """
    notes = ticks(melody.notes)
    if melody.meter is None:
        notes = [(onset - notes[0][0], duration, pitch) for onset, duration, pitch in notes]
    readings = readings_of(melody, style)
    return hear(model, notes, readings, placed=melody.meter is not None, memory=memory)


def readings_of(melody: Melody, style: int = 0) -> list[Reading]:
    """List the readings that agree with what a melody tells of its key and meter."""
    if melody.meter is None:
        bars = list(_bars())
    else:
        bar = melody.meter.bar
        bars = [(melody.meter, round((bar - melody.pickup) % bar / TICK), 0.0)]
    readings = []
    for tonic, home in homes_of(melody).items():
        for meter, start, prior in bars:
            length = int(meter.bar / TICK) if meter else 0
            frame = Frame(tonic, meter_class(meter), length, style)
            readings.append(Reading(frame, start, prior + home.odds))
    return readings


def hear(
    model: Model,
    notes: Sequence[tuple[int, int, int]],
    readings: Sequence[Reading],
    *,
    placed: bool,
    memory: bool = True,
) -> Heard:
    """Let a model foretell every note, mixing readings by how well they foretold those before.

    Args:
        model: the version.
        notes: (onset, duration, pitch) in ticks.
        readings: at least one.
        placed: whether the place of the first note in the bar is told, the same in all readings,
            so that it counts; if not, its probability weighs the readings and nothing else.
        memory: as :func:`listen_causally` takes it.
    """
    frames = [each.frame for each in readings]
    listener = Listener(model, frames, [each.start for each in readings], memory=memory)
    odds = _normal(np.array([each.prior for each in readings]))
    parts = []
    for first, last in pairwise(_borders(len(notes))):
        kept = _likely(odds, first)
        if len(kept) < len(odds):
            listener.keep(kept)
            odds = _normal(odds[kept])
        said = listener.hear(notes[first:last], distributions=True)
        if first == 0 and not placed:
            odds = _normal(odds + said.shift[0])
            said.shift[0] = 0
        *part, odds = _mix(said, odds)
        parts.append(part)
    if not parts:
        empty = np.zeros(0)
        return Heard(empty, empty, empty, np.zeros((0, PITCHES)), empty.astype(int))
    shift, duration, pitches = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    onsets, durations, came = np.array(notes).T
    shifts = np.diff(onsets, prepend=0)
    shifts[0] += readings[0].start if placed else -onsets[0]
    rarity = Rarity(model.times)
    skip = 0 if placed else 1
    shift[skip:] += rarity.of(shifts[skip:])
    duration += rarity.of(durations)
    lines = np.arange(len(notes))
    pitch = pitches[lines, came]
    return Heard(shift, duration, pitch, pitches, ranks(pitches, came))


def ranks(pitches: Array, came: Array) -> Array:
    """Give the place of each pitch that came among all; see :class:`Heard`.

    Args:
        pitches: probabilities or their logarithms, (notes, 128).
        came: (notes,).
    """
    value = np.take_along_axis(pitches, came[:, None], axis=1)
    equal = (pitches == value) & (np.arange(PITCHES) < came[:, None])
    return np.asarray(1 + ((pitches > value) | equal).sum(axis=1))


class Rarity:
    """How the class of all times outside a vocabulary is spread over these times.

    A time of t ticks, 0 or more, weighs c / ((t + c) (t + c + 1)) with c = :data:`COMMON_TIME`.
    Over all t this sums to one without a table or a longest time, and half of it lies below c;
    taking the vocabulary out and dividing by what is left gives a distribution over the rest.

    Args:
        times: the vocabulary in ticks.
    """

    def __init__(self, times: Sequence[int]) -> None:
        self._times = np.array(times)
        self._log_rest = np.log1p(-self._weight(self._times).sum())

    def of(self, ticks: Array) -> Array:
        """Give the log-probability of each time within its class: 0 for those that have one."""
        rare = np.log(self._weight(ticks)) - self._log_rest
        return np.where(np.isin(ticks, self._times), 0.0, rare)

    @staticmethod
    def _weight(ticks: Array) -> Array:
        time = ticks + float(COMMON_TIME)
        return np.asarray(COMMON_TIME / (time * (time + 1)))


def _bars() -> Iterator[tuple[Meter | None, int, float]]:
    """List meters, the places in the bar at which a melody may start, and the odds of each."""
    yield None, 0, float(np.log(FREE_PRIOR))
    for name, prior in METER_PRIOR.items():
        meter = Meter.parse(name)
        bar = int(meter.bar / TICK)
        yield meter, 0, float(np.log(prior))
        if name in PICKUP_METERS:
            for start in (*range(-(-bar // 3 // 24) * 24, bar, 24), bar - 12):
                yield meter, start, float(np.log(prior * PICKUP_PRIOR))


def _borders(notes: int) -> list[int]:
    """List the notes before which readings may be given up, with 0 and the end."""
    early = [count for count, _ in MOST]
    borders = sorted({*early, *range(0, notes, CHUNK)})
    return [*(border for border in borders if border < notes), notes]


def _likely(odds: Array, heard: int) -> list[int]:
    """Choose the readings to keep after so many notes, in their order."""
    most = min(most for count, most in MOST if count <= heard)
    best = np.argsort(-odds, kind="stable")[:most]
    return sorted(best[odds[best] >= odds.max() + ODDS].tolist())


def _mix(said: Likelihood, odds: Array) -> tuple[Array, Array, Array, Array]:
    """Mix what the readings say of some notes.

    Args:
        said: by each reading, (notes, readings).
        odds: log-probability of each reading before these notes, (readings,).

    Returns:
        log-probabilities of shift and duration, (notes,), and of all pitches, (notes, 128), and
        the log-probability of each reading after these notes.
    """
    assert said.pitches is not None
    whole = np.cumsum(said.shift + said.duration + said.pitch, axis=0)
    before = odds + np.concatenate([np.zeros((1, len(odds))), whole[:-1]])
    timed = before + said.shift
    lasting = timed + said.duration
    known = _log_sum(lasting)
    shift = _log_sum(timed) - _log_sum(before)
    duration = known - _log_sum(timed)
    pitches = _log_sum((lasting[:, :, None] + said.pitches).swapaxes(1, 2)) - known[:, None]
    return shift, duration, pitches, _normal(odds + whole[-1])


def _normal(odds: Array) -> Array:
    return np.asarray(odds - _log_sum(odds))


def _log_sum(logs: Array) -> Array:
    """Give the logarithm of the sum of the exponentials over the last axis."""
    most = logs.max(axis=-1, keepdims=True)
    return np.asarray(np.log(np.exp(logs - most).sum(axis=-1)) + most[..., 0])
