"""From P(next note) to a phrase: sample within the rules of the bar, then choose.

Several candidates are drawn at once. Each fills the bars exactly: the network is told how many
bars are left, the rules keep every note inside them, and the last note rests on the tonic chord.
The best candidate is the one whose likelihood per note is nearest to the primer's own, with a
bonus for the primer's motif and for a full cadence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.corpus import TICK
from engine.errors import BadOption
from engine.estimate import Reading, read, ticks
from engine.features import Frame, Tracker, meter_class
from engine.music import Key, Melody, Meter, Note
from engine.predict import listen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.predict import Array, Model, State

CANDIDATES: Final = 16
TOP_P: Final = 0.95
MEMORY: Final = 384
"""Notes of a long primer that the network hears; of all earlier ones only the features remain."""

LONGEST: Final = Fraction(256)
"""Most new music at once, in whole notes."""

STRAIGHT: Final = 6
"""Ticks of the grid outside triplets: a 32nd note."""

TRIPLETS: Final = (8, 16, 32)
"""Triplet values in ticks: sixteenth, eighth, quarter."""

PLAIN: Final = (6, 12, 18, 24, 36, 48, 72, 96, 144, 192, 288, 384)
"""Straight values in ticks that are written with one sign."""

DRONE: Final = 4
"""Equal notes in a row that are never exceeded, unless the primer does."""

OUTSIDE: Final = -1.5
"""Change in log-probability of pitches outside the key that the primer does not use."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A finished tune.

    Attributes:
        melody: primer and continuation; meter, key and tempo are set.
        split: time in whole notes at which new music begins.
        invented: names of what was estimated because nobody told it.
        style: style name that was used.
    """

    melody: Melody
    split: Fraction
    invented: tuple[str, ...]
    style: str


@dataclass(frozen=True, slots=True)
class _Task:
    """What all candidates share; times in ticks from the first bar line."""

    frame: Frame
    key: Key
    start: int
    begin: int
    end: int
    beat: int
    pitches: Array  # (128,) added to the log-probabilities
    drone: int
    temperature: float


def compose(  # noqa: PLR0913  # the options of a request, by name
    model: Model,
    primer: Melody,
    *,
    bars: int,
    temperature: float,
    seed: int,
    style: str = "any",
    candidates: int = CANDIDATES,
) -> Composition:
    """Continue a primer by exactly ``bars`` whole bars.

    A bar that the primer leaves unfinished is filled first and does not count. An empty primer
    invents a tune. The same arguments give the same notes.

    Args:
        model: the version that composes.
        primer: what to continue; unknown meter, key and tempo are estimated.
        bars: whole bars of new music.
        temperature: 1 draws as the model says; lower is calmer, higher wilder.
        seed: of the random generator.
        style: one of the model's styles; one that it does not know counts as ``"any"``.
        candidates: how many to draw and choose from.

    Raises:
        BadOption: when so many bars of this meter are more than is composed at once.
    """
    random = np.random.Generator(np.random.Philox(seed))
    number = model.styles.index(style) if style in model.styles else 0
    reading = read(model, primer, number) if primer.notes else _invent(primer, random)
    meter = reading.meter
    most = int(LONGEST / meter.bar)
    if bars > most:
        raise BadOption("bars", str(bars), f"1–{most} ({meter})")
    bar = int(meter.bar / TICK)
    start = int((meter.bar - reading.pickup) % meter.bar / TICK)
    begin = start + -int(-primer.end // TICK)
    end = (-(-begin // bar) + bars) * bar
    frame = Frame(reading.key.tonic, meter_class(meter), bar, number, end)
    heard = ticks(primer.notes)
    task = _Task(
        frame=frame,
        key=reading.key,
        start=start,
        begin=begin,
        end=end,
        beat=int(meter.beat / TICK),
        pitches=_leanings(reading.key, [note.pitch for note in primer.notes]),
        drone=max([DRONE, *(len(list(run)) for _, run in groupby(n.pitch for n in primer.notes))]),
        temperature=temperature,
    )
    lines = min(candidates, max(2, 256 // bars))
    drawn = _draw(model, task, heard, random, lines)
    chosen = _choose(drawn, heard, reading.key)
    new = tuple(
        Note((onset - start) * TICK, duration * TICK, pitch) for onset, duration, pitch in chosen
    )
    melody = replace(
        primer,
        notes=(*primer.notes, *_fit(new, primer.end)),
        meter=meter,
        pickup=reading.pickup,
        key=reading.key,
        tempo=primer.tempo or _tempo(meter),
        length=(end - start) * TICK,
    )
    guessed = (*reading.guessed, *(() if primer.tempo else ("tempo",)))
    return Composition(melody, primer.end, guessed, model.styles[number])


def _fit(new: tuple[Note, ...], split: Fraction) -> tuple[Note, ...]:
    """Trim the first new note when the primer ends between two ticks."""
    if new and new[0].onset < split:
        first = Note(split, new[0].end - split, new[0].pitch)
        return (first, *new[1:])
    return new


def _tempo(meter: Meter) -> float:
    """Give a walking tempo: 100 beats a minute, 80 dotted ones, in quarter notes a minute."""
    beat = meter.beat
    if beat.numerator == 3:
        return 120.0
    return float(min(Fraction(160), 400 * max(beat, Fraction(1, 4))))


def _invent(primer: Melody, random: np.random.Generator) -> Reading:
    """Choose a frame for a tune without a primer."""
    meters = (Meter(4, 4), Meter(2, 4), Meter(3, 4), Meter(6, 8))
    meter = primer.meter or meters[int(random.integers(len(meters)))]
    key = primer.key or Key(
        int(random.integers(-2, 4)), "minor" if random.random() < 0.25 else "major"
    )
    guessed = tuple(name for name in ("key", "meter") if getattr(primer, name) is None)
    return Reading(key, meter, primer.pickup, guessed)


def _leanings(key: Key, heard: Sequence[int]) -> Array:
    """Say what speaks for and against each pitch before the network is asked.

    Pitches stay in a singable range around the primer's; those outside the key that the primer
    does not use are rarer.
    """
    low, high = (min(heard), max(heard)) if heard else (60, 74)
    middle = (low + high) / 2
    low, high = min(low, round(middle) - 9), max(high, round(middle) + 9)
    allowed = np.full(128, -np.inf)
    allowed[max(0, low) : high + 1] = 0.0
    own = {pitch % 12 for pitch in heard} | set(key.scale)
    allowed += [0.0 if pitch % 12 in own else OUTSIDE for pitch in range(128)]
    return allowed


@dataclass(slots=True)
class _Line:
    """One candidate: its tracker, what was added, how likely it was."""

    tracker: Tracker
    notes: list[tuple[int, int, int]]
    log: float = 0.0


def _draw(
    model: Model,
    task: _Task,
    heard: Sequence[tuple[int, int, int]],
    random: np.random.Generator,
    count: int,
) -> list[tuple[float, list[tuple[int, int, int]]]]:
    """Draw candidates side by side until each has filled its bars.

    Returns:
        for each candidate its mean log-likelihood per note and its notes.
    """
    state, tracker = _prime(model, task.frame, heard, task.start)
    lines = [_Line(tracker.fork(), []) for _ in range(count)]
    state = state.take(np.zeros(count, np.int64))
    live = np.arange(count)
    while live.size:
        luck = random.random((3, count))[:, live]
        active = [lines[index] for index in live]
        state = model.see(state, np.array([line.tracker.row() for line in active]))
        _step(model, task, state, active, luck)
        going = np.array([line.tracker.next_onset < task.end for line in active])
        live, state = live[going], state.take(np.flatnonzero(going))
    return [(line.log / len(line.notes), line.notes) for line in lines]


def _prime(
    model: Model, frame: Frame, heard: Sequence[tuple[int, int, int]], start: int
) -> tuple[State, Tracker]:
    """Hear the primer; of a long one the network hears only the last notes."""
    if len(heard) <= MEMORY:
        state, trackers, _ = listen(model, heard, [frame], [start])
        return state, trackers[0]
    tracker = Tracker(frame, model.times)
    state = model.start(1)
    for index, (onset, duration, pitch) in enumerate(heard):
        if index >= len(heard) - MEMORY:
            state = model.see(state, np.array([tracker.row()]))
        tracker.push(onset + start, duration, pitch)
    return state, tracker


def _step(model: Model, task: _Task, state: State, lines: Sequence[_Line], luck: Array) -> None:
    """Add one note to each line: its shift, then its duration, then its pitch."""
    every = np.arange(len(lines))
    shift_logs = model.shifts(state)
    onsets = np.array(
        [
            _pick_onset(model, task, line, logs, lucky)
            for line, logs, lucky in zip(lines, shift_logs, luck[0], strict=True)
        ]
    )
    before = [line.tracker.onsets[-1] if line.notes or line.tracker.onsets else 0 for line in lines]
    shifts = np.array(
        [
            line.tracker.time_class(int(onset) - last)
            for line, onset, last in zip(lines, onsets, before, strict=True)
        ]
    )
    place = np.array([line.tracker.place(int(t)) for line, t in zip(lines, onsets, strict=True)])
    duration_logs = model.durations(state, shifts, place)
    lengths = np.array(
        [
            _pick_duration(model, task, int(onset), logs, lucky)
            for onset, logs, lucky in zip(onsets, duration_logs, luck[1], strict=True)
        ]
    )
    classes = np.array(
        [line.tracker.time_class(int(t)) for line, t in zip(lines, lengths, strict=True)]
    )
    looks = np.array(
        [line.tracker.look_back(int(t))[0] for line, t in zip(lines, onsets, strict=True)]
    )
    tonic = np.full(len(lines), task.frame.tonic)
    pitch_logs = model.pitches(state, classes, place, looks, tonic)
    logs = shift_logs[every, shifts] + duration_logs[every, classes]
    for index, line in enumerate(lines):
        onset, length = int(onsets[index]), int(lengths[index])
        pitch = _pick_pitch(task, line, onset + length, pitch_logs[index], luck[2, index])
        line.log += float(logs[index] + pitch_logs[index, pitch])
        line.notes.append((onset, length, pitch))
        line.tracker.push(onset, length, pitch)


def _pick_onset(model: Model, task: _Task, line: _Line, logs: Array, luck: float) -> int:
    """Draw when the next note starts: at once, or after a rest of up to a beat."""
    natural = max(line.tracker.next_onset, task.begin)
    if not line.notes or natural % STRAIGHT or natural >= task.end - task.beat:
        return natural
    last = line.tracker.onsets[-1]
    onsets = [last + ticks_on for ticks_on in model.times]
    fits = np.array(
        [
            natural <= onset <= min(natural + task.beat, task.end - task.beat)
            and (onset - natural) % (2 * STRAIGHT) == 0
            for onset in onsets
        ]
    )
    if not fits.any():
        return natural
    chosen = _sample(np.where(fits, logs[1:], -np.inf), luck, min(task.temperature, 1.0))
    return onsets[chosen]


def _pick_duration(model: Model, task: _Task, onset: int, logs: Array, luck: float) -> int:
    """Draw a length that keeps to the grid and to the bars."""
    fits = np.array([_fits(task, onset, length) for length in model.times])
    if not fits.any():
        return _to_next_beat(task, onset)
    return model.times[_sample(np.where(fits, logs[1:], -np.inf), luck, task.temperature)]


def _fits(task: _Task, onset: int, length: int) -> bool:
    """Say whether a note of this length may start here.

    Triplets stay inside a quarter or a half and are completed; the last note is at least a beat
    long, or as long as what is left.
    """
    end = onset + length
    left = task.end - end
    if left < 0 or (0 < left < task.beat and task.end - onset > task.beat):
        return False
    if left and task.end - onset <= task.beat:
        return False
    quarter = 48
    if onset % STRAIGHT:
        return length in TRIPLETS[:2] and onset % quarter + length <= quarter
    if length in TRIPLETS:
        room = quarter if length < 32 else 2 * quarter
        return length < 32 and onset % 24 == 0 and onset % room + 3 * length <= room
    return length in PLAIN


def _to_next_beat(task: _Task, onset: int) -> int:
    """Give the length up to the next beat: the way back from places off the grid."""
    in_bar = onset % task.frame.bar
    beat = min((in_bar // task.beat + 1) * task.beat, task.frame.bar)
    left = task.end - onset
    length = beat - in_bar
    return length if left - length >= task.beat or left == length else left


def _pick_pitch(task: _Task, line: _Line, end: int, logs: Array, luck: float) -> int:
    """Draw a pitch in range and key; the last one from the tonic chord."""
    scores = logs + task.pitches
    played = line.tracker.pitches
    recent = played[-task.drone :]
    if len(recent) == task.drone and len(set(recent)) == 1:
        scores[recent[0]] = -np.inf
    if end >= task.end:
        third = 3 if (task.frame.tonic + 3) % 12 in task.key.scale else 4
        degree = (np.arange(128) - task.frame.tonic) % 12
        bonus = np.full(128, -np.inf)
        bonus[degree == 0], bonus[degree == third], bonus[degree == 7] = 3.0, 0.0, -0.5
        if played:
            bonus -= np.where(np.abs(np.arange(128) - played[-1]) > 7, 3.0, 0.0)
        closing = scores + bonus
        scores = closing if np.isfinite(closing).any() else scores
    return _sample(scores, luck, task.temperature)


def _sample(logs: Array, luck: float, temperature: float) -> int:
    """Draw an index by nucleus sampling (Holtzman et al. 2020).

    Log-probabilities are rounded first, so that the last bits of a machine's arithmetic do not
    decide.

    Args:
        logs: (classes,) log-probabilities, not normalised, some minus infinity.
        luck: uniform in [0, 1).
        temperature: above 0.
    """
    scores = np.round(logs, 4) / temperature
    odds = np.exp(scores - scores.max())
    odds /= odds.sum()
    order = np.argsort(-odds, kind="stable")
    kept = order[: int(np.searchsorted(np.cumsum(odds[order]), TOP_P)) + 1]
    ladder = np.cumsum(odds[kept])
    return int(kept[min(np.searchsorted(ladder, luck * ladder[-1], side="right"), len(kept) - 1)])


def _choose(
    drawn: Sequence[tuple[float, list[tuple[int, int, int]]]],
    heard: Sequence[tuple[int, int, int]],
    key: Key,
) -> list[tuple[int, int, int]]:
    """Choose the candidate near the usual likelihood that takes the motif up and closes well."""
    level = float(np.median([log for log, _ in drawn]))
    motif = _motifs(heard)

    def merit(candidate: tuple[float, list[tuple[int, int, int]]]) -> float:
        log, notes = candidate
        own = _motifs(notes)
        shared = len(motif & own) / max(1, min(len(motif), 12)) if motif else 0.0
        variety = min(1.0, len({pitch for _, _, pitch in notes}) / 5)
        full = notes[-1][2] % 12 == key.tonic
        return -abs(log - level) + 0.6 * min(1.0, shared) + 0.4 * full + 0.5 * variety

    return max(drawn, key=merit)[1]


def _motifs(notes: Sequence[tuple[int, int, int]]) -> set[tuple[int, ...]]:
    """Give the runs of three notes as intervals and lengths: what the ear takes up."""
    return {
        (
            notes[i + 1][2] - notes[i][2],
            notes[i + 2][2] - notes[i + 1][2],
            *(notes[i + j][1] for j in range(3)),
        )
        for i in range(len(notes) - 2)
    }
