"""What a version is measured against: statistical models that learnt from the same tunes.

An order-2 Markov model and PPM* as Pearce (2005) uses it: a long-term model of the corpus (escape
method C, interpolated, contexts of any length), a short-term one that knows nothing but the tune
so far (escape method X, with update exclusion), and both combined, each weighed at each note by
how sure it is. In the long-term models a pitch is its interval, so that keys need not be known;
rhythm is the alternation of rests and durations.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.corpus import COLLECTIONS, TICK, fingerprint, read_collections, split
from engine.estimate import ticks
from engine.listening import Heard, Rarity, ranks
from engine.mixture import combine
from engine.statistics.ppm import Counts, Smoothing, keys_of
from engine.statistics.suffixes import Suffixes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from engine.corpus import Tune
    from engine.music import Melody

Array = np.ndarray[Any, np.dtype[Any]]

NAMES: Final = ("Markov, order 2", "PPM* short-term", "PPM* long-term", "PPM* combined")

ORDER: Final = 16
"""Longest context of the short-term model; longer ones repeat within no tune by chance."""

PITCHES: Final = 128
_UNIFORM: Final = np.full(PITCHES, 1 / PITCHES)
_INTERVALS: Final = 2 * PITCHES
"""Symbols of an interval in semitones: 128 more, so that 1 to 255 are there and 0 is none."""


def tunes_of(
    version: Mapping[str, Any],
    folder: Path,
    cache: Path,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[list[Tune], bool]:
    """Give the tunes that a version learnt from, and whether they are exactly those.

    Args:
        version: its ``model.json``.
        folder: where it lies.
        cache: folder of the parsed collections.
        progress: as :func:`engine.corpus.read_collections` takes it.

    Returns:
        Empty when it learnt from no bundled collection.
    """
    corpus = version.get("corpus", {})
    names = [name for name in corpus.get("collections", {}) if name in COLLECTIONS]
    tunes = read_collections(names, cache, progress)
    index = folder / "tunes.npz"
    if index.is_file():
        with np.load(index, allow_pickle=False) as data:
            learnt = set(data["names"].astype(np.uint8).tobytes().decode().split("\n"))
        tunes = [tune for tune in tunes if tune.name in learnt]
    else:
        tunes = split(tunes)[0]
    return tunes, fingerprint(tunes) == corpus.get("fingerprint")


class Rhythm:
    """Rests and durations as symbols of one sequence, in turns.

    Args:
        tunes: whose times are told apart; class 0 of each kind is any other.
    """

    def __init__(self, tunes: Iterable[Sequence[tuple[int, int, int]]]) -> None:
        rests: set[int] = set()
        durations: set[int] = set()
        for notes in tunes:
            end = 0
            for onset, duration, _ in notes:
                rests.add(onset - end)
                durations.add(duration)
                end = onset + duration
        self.rests, self.durations = sorted(rests), sorted(durations)
        self._rest = {value: 2 + place for place, value in enumerate(self.rests)}
        first = 2 + len(self.rests)
        self._duration = {value: first + 1 + place for place, value in enumerate(self.durations)}
        self.size = first + 1 + len(self.durations)
        symbols = np.arange(self.size)
        rest_here, duration_here = (symbols > 0) & (symbols < first), symbols >= first
        self.bases = rest_here / rest_here.sum(), duration_here / duration_here.sum()
        self._others = 1, first

    def symbols(self, notes: Iterable[tuple[int, int, int]]) -> list[int]:
        """Write notes as symbols: the rest before each, its duration."""
        symbols, end = [], 0
        for onset, duration, _ in notes:
            symbols.append(self._rest.get(onset - end, self._others[0]))
            symbols.append(self._duration.get(duration, self._others[1]))
            end = onset + duration
        return symbols

    def rarities(self, notes: Iterable[tuple[int, int, int]]) -> list[float]:
        """Give the log-probability of each shift and duration within its class."""
        logs, end, before = [], 0, 0
        plain = Rarity(self.durations)
        for onset, duration, _ in notes:
            known = [end - before + rest for rest in self.rests if end - before + rest >= 0]
            logs.append(float(Rarity(known).of(np.array(onset - before))))
            logs.append(float(plain.of(np.array(duration))))
            end, before = onset + duration, onset
        return logs


class Yardsticks:
    """All of them, taught.

    Args:
        tunes: to learn from.
    """

    def __init__(self, tunes: Sequence[Tune]) -> None:
        lines = [_notes(tune.melody()) for tune in tunes]
        self._rhythm = Rhythm(lines)
        self._times = Suffixes(map(self._rhythm.symbols, lines), self._rhythm.size)
        self._intervals = Suffixes(map(_intervals, lines), _INTERVALS)
        firsts = np.bincount([line[0][2] for line in lines], minlength=PITCHES)
        self._first = (firsts + 1 / PITCHES) / (firsts.sum() + 1)

    def hear(self, melody: Melody) -> dict[str, Heard]:
        """Let each yardstick foretell a melody; see :func:`engine.listening.listen_causally`."""
        notes = _notes(melody)
        placed = melody.meter is not None
        times = self._hear_times(notes)
        times += np.array(self._rhythm.rarities(notes))
        if not placed:
            times[:, :1] = 0
        came = np.array([pitch for _, _, pitch in notes], int)
        lines = np.arange(len(notes))
        heard = {}
        for name, rhythm, pitches in zip(NAMES, times, self._hear_pitches(notes), strict=True):
            pitch = pitches[lines, came]
            heard[name] = Heard(rhythm[::2], rhythm[1::2], pitch, pitches, ranks(pitches, came))
        return heard

    def _hear_times(self, notes: Sequence[tuple[int, int, int]]) -> Array:
        """Give the log-probability of each rest and duration in turns, (yardsticks, 2 notes)."""
        symbols = self._rhythm.symbols(notes)
        memories = Counts(Smoothing("X")), Counts(Smoothing("X"))
        logs = np.empty((len(NAMES), len(symbols)))
        recent = [0]
        for step, symbol in enumerate(symbols):
            base, memory = self._rhythm.bases[step % 2], memories[step % 2]
            possible = np.flatnonzero(base)
            keys = keys_of(recent[:ORDER], 32)
            markov = self._times.predict(recent, base, longest=2)
            long = self._times.predict(recent, base)
            four = _four(*(each[possible] for each in (markov, _short(memory, keys, base), long)))
            logs[:, step] = four[:, symbol - possible[0]]
            memory.add(keys, symbol)
            recent.insert(0, symbol)
        return logs

    def _hear_pitches(self, notes: Sequence[tuple[int, int, int]]) -> Array:
        """Give the log-probabilities of all pitches at each note, (yardsticks, notes, 128)."""
        logs = np.empty((len(NAMES), len(notes), PITCHES))
        memory = Counts(Smoothing("X"))
        pitches, intervals = [PITCHES], [0]
        markov = long = self._first
        for step, (_, _, pitch) in enumerate(notes):
            if step:
                reach = slice(PITCHES - pitches[0], 2 * PITCHES - pitches[0])
                base = np.zeros(_INTERVALS)
                base[reach] = 1 / PITCHES
                markov = self._intervals.predict(intervals, base, longest=2)[reach]
                long = self._intervals.predict(intervals, base)[reach]
                intervals.insert(0, PITCHES + pitch - pitches[0])
            keys = keys_of(pitches[:ORDER], 8)
            logs[:, step] = _four(markov, _short(memory, keys, _UNIFORM), long)
            memory.add(keys, pitch)
            pitches.insert(0, pitch)
        return logs


def _notes(melody: Melody) -> list[tuple[int, int, int]]:
    """Give notes in ticks, counted from a bar line; without a meter from the first note."""
    notes = ticks(melody.notes)
    if not notes:
        return []
    start = -notes[0][0]
    if melody.meter is not None:
        bar = melody.meter.bar
        start = round((bar - melody.pickup) % bar / TICK)
    return [(onset + start, duration, pitch) for onset, duration, pitch in notes]


def _intervals(notes: Sequence[tuple[int, int, int]]) -> list[int]:
    """Write notes as symbols: the interval to each but the first."""
    return [PITCHES + after[2] - before[2] for before, after in pairwise(notes)]


def _short(memory: Counts, keys: Sequence[int], base: Array) -> Array:
    """Give what a short-term memory predicts, falling back on a base."""
    shares, left = memory.blend(keys)
    probs = left * base
    for symbol, share in shares.items():
        probs[symbol] += share
    return probs


def _four(markov: Array, short: Array, long: Array) -> Array:
    """Give the log-probabilities of the yardsticks in the order of :data:`NAMES`."""
    logs = np.log(np.stack([markov, short, long]))
    return np.concatenate([logs, combine(logs[1:], 1.0, geometric=False)[None]])
