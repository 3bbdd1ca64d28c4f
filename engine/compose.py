"""From P(next note) to a phrase: sample within the rules of the bar, then choose.

Several candidates are drawn at once. Each fills the bars exactly: the network is told how many
bars are left, the rules keep every note inside them, let phrases breathe, and rest the last note on
the tonic chord. No candidate copies a training tune; see :mod:`engine.copying`. The best one is
chosen by :class:`~engine.choice.Taste`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.choice import USUAL, Line, choose
from engine.corpus import TICK
from engine.errors import BadOption
from engine.estimate import Reading, longer_than, read, ticks
from engine.features import Frame, Tracker, meter_class
from engine.music import Key, Melody, Meter, Note
from engine.predict import listen
from engine.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.choice import Taste
    from engine.predict import Array, Model, State

CANDIDATES: Final = 16
TOP_P: Final = 0.95
MEMORY: Final = 384
"""Notes of a long primer that the network hears; of all earlier ones only the features remain."""

LONGEST: Final = Fraction(256)
"""Most new music at once, in whole notes."""

USUAL_BARS: Final = 16
"""Bars up to which all candidates are drawn; of longer music fewer, so that it takes no longer."""

KNOWN: Final = 96
"""Notes by which a primer is known as a training tune."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A finished tune.

    Attributes:
        melody: primer and continuation; meter, key and tempo are set.
        split: time in whole notes at which new music begins.
        invented: names of what was estimated because nobody told it.
        style: style name that was used.
        known: name of the training tune that the primer is; such a tune may go on as it was
            learnt. Empty for all other primers.
    """

    melody: Melody
    split: Fraction
    invented: tuple[str, ...]
    style: str
    known: str = ""


def compose(  # noqa: PLR0913  # the options of a request, by name
    model: Model,
    primer: Melody,
    *,
    bars: int,
    temperature: float,
    seed: int,
    style: str = "any",
    pickup: Fraction | None = None,
    candidates: int = CANDIDATES,
    taste: Taste = USUAL,
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
        pickup: as somebody told it; None: the primer's, or estimated where its meter is.
        candidates: how many to draw and choose from, fewer beyond :data:`USUAL_BARS`; 1: nothing
            is chosen.
        taste: by what to choose.

    Raises:
        BadOption: when so many bars of this meter are more than is composed at once, or the pickup
            is as long as a bar.
    """
    random = np.random.Generator(np.random.Philox(seed))
    number = model.styles.index(style) if style in model.styles else 0
    if primer.notes:
        reading = read(model, primer, number, pickup=pickup)
    else:
        reading = _invent(primer, random)
    meter = reading.meter
    most = int(LONGEST / meter.bar)
    if bars > most:
        raise BadOption("bars", str(bars), f"1–{most} ({meter})")
    bar = int(meter.bar / TICK)
    before = (meter.bar - reading.pickup) % meter.bar  # from the first bar line to the primer
    begin = math.ceil((before + primer.end) / TICK)
    end = (-(-begin // bar) + bars) * bar
    frame = Frame(reading.key.tonic, meter_class(meter), bar, number, end)
    heard = ticks(primer.notes)
    rules = _rules(model, primer, reading, begin, end)
    state, tracker, levels = _prime(model, frame, heard, round(before / TICK))
    count = min(candidates, max(2, candidates * USUAL_BARS // bars))
    known = model.copies.known(tracker.pitches[:KNOWN]) if model.copies else {}
    lines = _draw(_Pen(model, rules, temperature, tuple(known)), state, tracker, random, count)
    chosen = choose(lines, heard, reading.key, levels, taste)
    new = tuple(Note(at * TICK - before, length * TICK, pitch) for at, length, pitch in chosen)
    melody = _join(primer, reading, new, end * TICK - before)
    guessed = (*reading.guessed, *(() if primer.tempo else ("tempo",)))
    name = next(iter(known.values()), "")
    return Composition(melody, primer.end, guessed, model.styles[number], name)


def _rules(model: Model, primer: Melody, reading: Reading, begin: int, end: int) -> Rules:
    """Lay down what may be written between two times, in ticks from the first bar line."""
    return Rules(
        model.times,
        reading.key,
        [note.pitch for note in primer.notes],
        bar=int(reading.meter.bar / TICK),
        beat=int(reading.meter.beat / TICK),
        begin=begin,
        end=end,
        pickup=int(reading.pickup / TICK),
    )


def _join(primer: Melody, reading: Reading, new: tuple[Note, ...], length: Fraction) -> Melody:
    """Make one melody of the primer, as it was read, and what follows it."""
    return replace(
        primer,
        notes=(*primer.notes, *_fit(new, primer.end)),
        meter=reading.meter,
        pickup=reading.pickup,
        key=reading.key,
        tempo=primer.tempo or _tempo(reading.meter),
        length=length,
        signature=None,
        assumed=False,
    )


def _fit(new: tuple[Note, ...], split: Fraction) -> tuple[Note, ...]:
    """Let the first new note start where the primer ends, when that is between two ticks."""
    first = new[0]
    if 0 < first.onset - split < TICK:
        return (Note(split, first.end - split, first.pitch), *new[1:])
    return new


def _tempo(meter: Meter) -> float:
    """Give a walking tempo: 100 beats a minute, 80 dotted ones, in quarter notes a minute."""
    beat = meter.beat
    if beat.numerator == 3:
        return 120.0
    return float(min(Fraction(160), 400 * max(beat, Fraction(1, 4))))


def _invent(primer: Melody, random: np.random.Generator) -> Reading:
    """Choose a frame for a tune without a primer.

    Meter and key are drawn even when they are told: a request that repeats what was drawn must
    find the generator where it was. A meter that is too short for the pickup gives way to another.

    Raises:
        BadOption: when the pickup is as long as a bar of every meter that is drawn.
    """
    meters = (Meter(4, 4), Meter(2, 4), Meter(3, 4), Meter(6, 8))
    meter = meters[int(random.integers(len(meters)))]
    key = Key(int(random.integers(-2, 4)), "minor" if random.random() < 0.25 else "major")
    guessed = tuple(name for name in ("key", "meter") if getattr(primer, name) is None)
    if primer.meter is None:
        meter = longer_than(primer.pickup, (meter, *meters))[0]
    return Reading(primer.key or key, primer.meter or meter, primer.pickup, guessed)


@dataclass(frozen=True, slots=True)
class _Pen:
    """What writes each note: the model, the rules, the temperature, the tunes free to copy."""

    model: Model
    rules: Rules
    temperature: float
    free: tuple[int, ...] = ()

    def forbidden(self, lines: Sequence[Line]) -> list[set[int]]:
        """Give the pitches that would make each line a copy, and mark the lines that have any."""
        copies = self.model.copies
        if copies is None:
            return [set() for _ in lines]
        found = copies.followers([line.tracker.pitches for line in lines], self.free)
        for line, pitches in zip(lines, found, strict=True):
            line.copied = line.copied or bool(pitches)
        return found


def _draw(
    pen: _Pen, state: State, tracker: Tracker, random: np.random.Generator, count: int
) -> list[Line]:
    """Draw ``count`` candidates side by side until each has filled its bars."""
    lines = [Line(tracker.fork()) for _ in range(count)]
    state = state.take(np.zeros(count, np.int64))
    live = np.arange(count)
    while live.size:
        luck = random.random((3, count))[:, live]
        active = [lines[index] for index in live]
        state = pen.model.see(state, np.array([line.tracker.row() for line in active]))
        _step(pen, state, active, luck)
        going = np.array([line.tracker.next_onset < pen.rules.end for line in active])
        live, state = live[going], state.take(np.flatnonzero(going))
    return lines


def _prime(
    model: Model, frame: Frame, heard: Sequence[tuple[int, int, int]], start: int
) -> tuple[State, Tracker, Array]:
    """Hear the primer; of a long one the network hears only the last notes.

    Returns:
        the state, a tracker, and the log-likelihood of the notes after the first; none for a
        long primer.
    """
    if len(heard) <= MEMORY:
        state, trackers, found = listen(model, heard, [frame], [start], memory=True)
        return state, trackers[0], (found.shift + found.duration + found.pitch)[1:, 0]
    tracker = Tracker(frame, model.times)
    state = model.start(1, memory=True)
    for index, (onset, duration, pitch) in enumerate(heard):
        if index >= len(heard) - MEMORY:
            state = model.see(state, np.array([tracker.row()]))
        tracker.push(onset + start, duration, pitch)
    return state, tracker, np.zeros(0)


def _step(pen: _Pen, state: State, lines: Sequence[Line], luck: Array) -> None:
    """Add one note to each line: its shift, then its duration, then its pitch."""
    model, rules, temperature = pen.model, pen.rules, pen.temperature
    every = np.arange(len(lines))
    trackers = [line.tracker for line in lines]
    last = [tracker.onsets[-1] if tracker.onsets else 0 for tracker in trackers]
    natural = [max(tracker.next_onset, rules.begin) for tracker in trackers]
    allowed = np.array(
        [
            rules.onsets(before if line.notes else None, now)
            for line, before, now in zip(lines, last, natural, strict=True)
        ]
    )
    shift_logs = model.shifts(state)
    drawn = _sample(_only(shift_logs[:, 1:], allowed), min(temperature, 1.0), luck[0])
    some_fit = [bool(line.any()) for line in allowed]
    onsets = [
        before + rules.times[choice] if some else now
        for before, now, choice, some in zip(last, natural, drawn, some_fit, strict=True)
    ]
    now = list(zip(trackers, onsets, strict=True))
    shifts = np.array(
        [t.time_class(onset - before) for (t, onset), before in zip(now, last, strict=True)]
    )
    place = np.array([tracker.place(onset) for tracker, onset in now])

    duration_logs = model.durations(state, shifts, place)
    allowed = np.array([rules.durations(onset) for onset in onsets])
    steered = duration_logs[:, 1:] + np.array([rules.breaths(onset) for onset in onsets])
    drawn = _sample(_only(steered, allowed), temperature, luck[1])
    some_fit = [bool(line.any()) for line in allowed]
    lengths = [
        rules.times[choice] if some else rules.to_next_beat(onset)
        for onset, choice, some in zip(onsets, drawn, some_fit, strict=True)
    ]
    classes = np.array([t.time_class(n) for t, n in zip(trackers, lengths, strict=True)])

    looks = np.array([tracker.look_back(onset)[0] for tracker, onset in now])
    tonic = np.full(len(lines), trackers[0].frame.tonic)
    pitch_logs = model.pitches(state, classes, place, looks, tonic)
    leanings = [
        rules.pitches(tracker.pitches, onset + length, banned)
        for (tracker, onset), length, banned in zip(now, lengths, pen.forbidden(lines), strict=True)
    ]
    pitches = _sample(pitch_logs + np.array(leanings), temperature, luck[2])
    logs = shift_logs[every, shifts] + duration_logs[every, classes] + pitch_logs[every, pitches]
    for line, onset, length, pitch, log in zip(lines, onsets, lengths, pitches, logs, strict=True):
        line.add(onset, length, int(pitch), float(log))
        line.breaths += rules.at_phrase_end(onset, length)


def _only(logs: Array, allowed: Array) -> Array:
    """Leave only what is allowed; a line without any keeps all, its draw is not used."""
    return np.where(allowed | ~allowed.any(axis=1, keepdims=True), logs, -np.inf)


def _sample(logs: Array, temperature: float, luck: Array) -> Array:
    """Draw one class a line by nucleus sampling (Holtzman et al. 2020).

    Log-probabilities are rounded first, so that the last bits of a machine's arithmetic do not
    decide.

    Args:
        logs: (lines, classes) log-probabilities, not normalised, some minus infinity.
        temperature: above 0.
        luck: (lines,) uniform in [0, 1).

    Returns:
        (lines,) classes.
    """
    scores = np.round(logs, 4) / temperature
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    order = np.argsort(-odds, axis=1, kind="stable")
    lines = np.arange(len(odds))
    ladder = np.cumsum(odds[lines[:, None], order], axis=1)
    ladder /= ladder[:, -1:]
    kept = np.minimum((ladder < TOP_P).sum(axis=1), ladder.shape[1] - 1)
    target = luck * ladder[lines, kept]
    rank = np.minimum((ladder <= target[:, None]).sum(axis=1), kept)
    return np.asarray(order[lines, rank])
