"""Key, meter and pickup of a primer that does not say them: asked of the model itself.

The network says how likely the primer is in each key and under each meter; the likeliest reading
wins, after a mild prior. No profile of key or meter is needed beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from engine.corpus import TICK
from engine.errors import BadOption
from engine.features import Frame, meter_class
from engine.music import Key, Meter
from engine.predict import Listener
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction

    from engine.music import Melody, Note
    from engine.predict import Array, Model

HEARD: Final = 24
"""Notes of a primer that are weighed; more cost time and change little."""

GLANCE: Final = 8
"""Notes after which most readings are given up."""

TONICS: Final = 2
"""Tonics that are weighed under every meter."""

READINGS: Final = 6
"""Readings that are weighed on all notes."""

ACCIDENTAL: Final = 0.08
"""Log-odds against each accidental that the major key of a tonic has: C before C sharp."""

METER_PRIOR: Final = {"4/4": 0.34, "2/4": 0.32, "3/4": 0.19, "6/8": 0.13, "9/8": 0.01, "5/4": 0.01}
"""How often members mean each meter, before a note is heard."""

DUPLE: Final = {"2/4", "4/4"}
"""Meters that differ only in how bars are grouped: what speaks for one speaks for both."""

TRIPLE: Final = {"3/4", "6/8"}
"""Meters that a tune may be in whose file says 4/4 because nobody chose one."""

PICKUP_METERS: Final = {"4/4", "2/4", "3/4", "6/8"}
"""Meters that are tried with pickups."""

PICKUP_PRIOR: Final = 0.25
"""Odds of any pickup against none: who types a tune mostly begins on the beat."""

MODE_PRIOR: Final = {"major": 0.0, "minor": 0.02, "mixolydian": 0.08, "dorian": 0.08}
"""Share of sounding time that a rarer mode must explain beyond a commoner one."""

ASSUMED: Final = 7.0
"""Log-odds for the 4/4 that programs write where nobody chose a meter."""

PLAIN: Final = 1.5
"""Log-odds for C major and A minor where a signature has no accidentals."""

CHURCH: Final = 1.5
"""Log-odds against dorian and mixolydian where a signature leaves four tonics to choose from."""

RAISED: Final = 0.9
"""How much a raised seventh speaks for minor, and a raised sixth as far as the seventh is raised:
the harmonic and the melodic minor have them on the way up to the tonic, beside the scale."""


class Home(NamedTuple):
    """A tonic that a melody may have: the key on it, if told, and its log-odds before a note."""

    key: Key | None
    odds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """How a primer is read.

    Attributes:
        key, meter: as told, else the likeliest.
        pickup: in whole notes.
        guessed: names of what was estimated, ``"key"`` and ``"meter"``; what agrees with a file's
            default is none.
    """

    key: Key
    meter: Meter
    pickup: Fraction
    guessed: tuple[str, ...]


def ticks(notes: Iterable[Note]) -> list[tuple[int, int, int]]:
    """Give notes as (onset, duration, pitch) in ticks, off-grid times rounded."""
    return [
        (round(note.onset / TICK), max(1, round(note.duration / TICK)), note.pitch)
        for note in notes
    ]


def read(model: Model, primer: Melody, style: int, *, pickup: Fraction | None = None) -> Reading:
    """Estimate what the primer does not say; it must have a note.

    Args:
        model: judges how likely each reading makes the primer.
        primer: at least one note.
        style: number of the style.
        pickup: as told, in whole notes; None: that of the primer, or estimated with the meter.

    Raises:
        BadOption: when the pickup is as long as a bar of every meter that is tried.
    """
    heard = ticks(primer.notes[:HEARD])
    known = primer.meter or Meter(4, 4)
    start = int((known.bar - primer.pickup) % known.bar / TICK) if primer.meter else 0
    homes = homes_of(primer)
    contest = _Contest(model, [(tonic, known, start) for tonic in homes], style, homes)
    contest.hear(heard[:GLANCE])
    if primer.meter is None or primer.assumed:
        contest.keep(TONICS)
        bars = _bars(heard, pickup)
        if primer.assumed:
            bars = [(known, start), *(bar for bar in bars if str(bar[0]) in TRIPLE)]
        every = [(tonic, *bar) for tonic, _, _ in contest.readings for bar in bars]
        contest = _Contest(model, every, style, homes, known if primer.assumed else None)
        contest.hear(heard[:GLANCE])
        contest.keep(READINGS)
    contest.hear(heard[GLANCE:])
    tonic, meter, start = contest.winner()
    key = homes[tonic].key or mode_on(tonic, primer.notes)
    told = {
        "key": primer.key is not None or key.fifths == primer.signature,
        "meter": meter == primer.meter,
    }
    if pickup is None:
        pickup = primer.pickup if told["meter"] else (meter.bar - start * TICK) % meter.bar
    return Reading(key, meter, pickup, tuple(name for name in told if not told[name]))


def homes_of(melody: Melody) -> dict[int, Home]:
    """Give the tonics that agree with what a melody tells of its key.

    A signature without a mode leaves a key of each mode of :data:`MODE_PRIOR`; one without
    accidentals may be there because nobody chose any and only speaks for C and A.
    """
    if melody.key is not None:
        return {melody.key.tonic: Home(melody.key, 0.0)}
    if melody.signature:
        keys = [Key(melody.signature, mode) for mode in MODE_PRIOR]
        return {
            key.tonic: Home(key, 0.0 if key.mode in {"major", "minor"} else -CHURCH) for key in keys
        }
    plain = {0, 9} if melody.signature == 0 else set[int]()
    return {
        tonic: Home(
            None,
            (PLAIN if tonic in plain else 0.0) - ACCIDENTAL * abs((tonic * 7 + 5) % 12 - 5),
        )
        for tonic in range(12)
    }


def mode_on(tonic: int, notes: Sequence[Note]) -> Key:
    """Choose the mode on a tonic that holds most of the sounding time, commoner ones first."""
    weight = [0.0] * 12
    for note in notes:
        weight[note.pitch % 12] += float(note.duration)
    total = sum(weight) or 1.0
    keys = [Key(sharps, mode) for mode in MODE_PRIOR for sharps in range(-6, 7)]

    def fit(key: Key) -> float:
        held = sum(weight[pc] for pc in key.scale)
        if key.mode == "minor":
            sixth, seventh = (weight[(tonic + degree) % 12] for degree in (9, 11))
            held += RAISED * (seventh + min(sixth, seventh))
        return held / total - MODE_PRIOR[key.mode]

    return max((key for key in keys if key.tonic == tonic), key=fit)


class _Contest:
    """Readings of a melody that are weighed against each other as it goes on.

    Args:
        model: says how likely each makes the notes; a single reading needs no judge.
        readings: (tonic, meter, start in ticks) each.
        style: number of the style.
        homes: the tonics.
        assumed: a meter that stands in a file, but perhaps by chance.

    Attributes:
        readings: those that are left.
    """

    def __init__(
        self,
        model: Model,
        readings: Sequence[tuple[int, Meter, int]],
        style: int,
        homes: Mapping[int, Home],
        assumed: Meter | None = None,
    ) -> None:
        self.readings = list(readings)
        frames = [
            Frame(tonic, meter_class(meter), int(meter.bar / TICK), style)
            for tonic, meter, _ in readings
        ]
        self._listener = Listener(model, frames, [start for _, _, start in readings])
        self._odds = np.array(
            [
                np.log(METER_PRIOR.get(str(meter), 0.01))
                + (np.log(PICKUP_PRIOR) if start else 0.0)
                + homes[tonic].odds
                + (ASSUMED if meter == assumed else 0.0)
                for tonic, meter, start in readings
            ]
        )

    @property
    def odds(self) -> Array:
        """Log-odds of the readings, not normalised."""
        return np.round(self._odds, 4)

    def hear(self, notes: Sequence[tuple[int, int, int]]) -> None:
        """Weigh the readings on the next notes."""
        if len(self.readings) > 1:
            self._odds = self._odds + self._listener.hear(notes).total

    def keep(self, count: int) -> None:
        """Go on with the ``count`` likeliest readings, the best first."""
        best = np.argsort(-self.odds, kind="stable")[:count].tolist()
        self.readings = [self.readings[index] for index in best]
        self._odds = self._odds[best]
        self._listener.keep(best)

    def winner(self) -> tuple[int, Meter, int]:
        """Give the likeliest reading of the likeliest kind of meter."""
        odds = self.odds
        kinds = ["duple" if str(meter) in DUPLE else str(meter) for _, meter, _ in self.readings]
        together = {
            kind: np.logaddexp.reduce([w for w, k in zip(odds, kinds, strict=True) if k == kind])
            for kind in kinds
        }
        best = max(together, key=lambda kind: round(float(together[kind]), 4))
        order = (int(index) for index in np.argsort(-odds, kind="stable"))
        return next(self.readings[index] for index in order if kinds[index] == best)


def longer_than(pickup: Fraction, meters: Iterable[Meter]) -> list[Meter]:
    """Give the meters whose bars are longer than a pickup that was told.

    Raises:
        BadOption: when none is.
    """
    found = [meter for meter in meters if meter.bar > pickup]
    if not found:
        raise BadOption("pickup", str(pickup), OPTIONS["pickup"].expected)
    return found


def _bars(
    heard: Sequence[tuple[int, int, int]], pickup: Fraction | None
) -> list[tuple[Meter, int]]:
    """List meters and the places in the bar at which the primer may start."""
    if pickup is not None:
        meters = longer_than(pickup, map(Meter.parse, METER_PRIOR))
        return [(meter, int((meter.bar - pickup) % meter.bar / TICK)) for meter in meters]
    step = 24 if all(onset % 24 == 0 for onset, _, _ in heard) else 12
    bars = []
    for name in METER_PRIOR:
        meter = Meter.parse(name)
        bar = int(meter.bar / TICK)
        late = range(-(-bar // 3 // step) * step, bar, step) if name in PICKUP_METERS else ()
        bars += [(meter, start) for start in (0, *late)]
    return bars
