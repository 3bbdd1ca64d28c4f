"""What a continuation is compared with: tunes cut in two, and plain ways to go on after the cut."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.corpus import TICK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.corpus import Tune
    from engine.evaluation.comparison import Line

PRIMER_BARS: Final = 5
LEAST_BARS: Final = 3
MOST_BARS: Final = 32

Outcome = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """A held-out tune, cut at a bar line.

    Attributes:
        tune: the whole tune.
        primer, rest: its notes before and after the cut; onsets in ticks from the start.
        cut: tick of the bar line after five bars; notes that sound across it are cut there.
        bar: length of a bar in ticks.
        bars: whole bars that hold the rest.
    """

    tune: Tune
    primer: Line
    rest: Line
    cut: int
    bar: int
    bars: int

    @property
    def end(self) -> int:
        """Tick at which the last whole bar ends."""
        return self.cut + self.bars * self.bar


def cut(tune: Tune) -> Task | None:
    """Cut a tune after five bars; None when it has no meter or too little stands on a side."""
    if tune.meter is None:
        return None
    bar = int(tune.meter.bar / TICK)
    line = tune.pickup + PRIMER_BARS * bar
    columns = (tune.onsets.tolist(), tune.durations.tolist(), tune.pitches.tolist())
    notes = list(zip(*columns, strict=True))
    primer = tuple((o, min(d, line - o), p) for o, d, p in notes if o < line)
    rest = tuple(note for note in notes if note[0] >= line)
    if len(primer) < 4 or len(rest) < 6:
        return None
    bars = -(-(rest[-1][0] + rest[-1][1] - line) // bar)
    return Task(tune, primer, rest, line, bar, bars) if LEAST_BARS <= bars <= MOST_BARS else None


def foil(task: Task, others: Sequence[Task], random: np.random.Generator) -> Line | None:
    """Take another tune's rest, moved to this tune's tonic and nearest to its register.

    Its meter and mode are the same. None when there is no such tune.
    """
    key = task.tune.key
    fits = [
        other
        for other in others
        if other is not task
        and other.tune.meter == task.tune.meter
        and other.tune.key.mode == key.mode
    ]
    if not fits:
        return None
    other = fits[int(random.integers(len(fits)))]
    up = (key.tonic - other.tune.key.tonic) % 12
    middle = np.mean([pitch for _, _, pitch in task.primer])
    up += 12 * round(float(middle - up - np.mean([pitch for _, _, pitch in other.primer])) / 12)
    moved = tuple((o - other.cut + task.cut, d, p + up) for o, d, p in other.rest)
    return moved if all(0 <= pitch <= 127 for _, _, pitch in moved) else None


def repeated(task: Task) -> Line:
    """Repeat the primer's five bars until the end."""
    start = task.cut - PRIMER_BARS * task.bar
    loop = [note for note in task.primer if note[0] >= start]
    made = []
    for begin in range(task.cut, task.end, PRIMER_BARS * task.bar):
        made += [(o - start + begin, d, p) for o, d, p in loop]
    return _fitted(made, task.end)


class Markov:
    """An order-2 Markov chain over (interval, time to the next note), given degrees and times.

    What follows the last two (degree, time) pairs is drawn as often as it followed them in the
    training tunes; unseen pairs fall back to the last one, then to all.
    """

    def __init__(self, tunes: Iterable[Tune]) -> None:
        self._followers: dict[tuple[Any, ...], Counter[Outcome]] = defaultdict(Counter)
        for tune in tunes:
            times = [*np.diff(tune.onsets).tolist(), int(tune.durations[-1])]
            degrees = ((tune.pitches - tune.key.tonic) % 12).tolist()
            steps = np.diff(tune.pitches).tolist()
            states = list(zip(degrees, times, strict=True))
            for place in range(1, len(steps)):
                outcome = steps[place], times[place + 1]
                for order in (0, 1, 2):
                    self._followers[tuple(states[place + 1 - order : place + 1])][outcome] += 1

    def go_on(self, task: Task, random: np.random.Generator) -> Line:
        """Draw notes after a primer until its bars are full; the last one is cut there."""
        onsets = [onset for onset, _, _ in task.primer]
        times = [*np.diff(onsets).tolist(), task.cut - onsets[-1]]
        pitches = [pitch for _, _, pitch in task.primer]
        tonic, time, made = task.tune.key.tonic, task.cut, []
        while time < task.end:
            degrees = [(pitch - tonic) % 12 for pitch in pitches[-2:]]
            states = tuple(zip(degrees, times[-2:], strict=True))
            step, length = self._draw(states, random)
            pitch = pitches[-1] + step
            pitch += 12 * ((pitch < 48) - (pitch > 96))
            made.append((time, length, pitch))
            pitches.append(pitch)
            times.append(length)
            time += length
        return _fitted(made, task.end)

    def _draw(self, states: tuple[Any, ...], random: np.random.Generator) -> Outcome:
        for start in range(len(states) + 1):
            followers = self._followers.get(states[start:])
            if followers:
                break
        else:
            raise ValueError("the chain has learnt nothing")
        outcomes = tuple(followers)
        ladder = np.cumsum([followers[outcome] for outcome in outcomes])
        return outcomes[int(np.searchsorted(ladder, random.random() * ladder[-1], "right"))]


def _fitted(notes: Iterable[tuple[int, int, int]], end: int) -> Line:
    return tuple((o, min(d, end - o), p) for o, d, p in notes if o < end)
