"""The tunes that a version learnt from, as intervals: what a continuation must not copy.

The index is the training corpus without rhythm and key: about half a byte a note. It answers
three questions: does a primer stand in a training tune, which next notes would complete a run of
more than :data:`LONGEST` copied intervals, and how long is the longest run that a tune shares.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.corpus import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.corpus import Tune

Array = np.ndarray[Any, np.dtype[Any]]

LONGEST: Final = 16
"""Most successive intervals that a continuation may have in common with one training tune."""

FILE: Final = "tunes.npz"
"""Name of the index in a version's folder."""

KNOWN: Final = 0.5
"""Share of a primer's 12-interval windows that a tune holds when the primer is that tune."""

TELLING: Final = 3
"""Different intervals that a window must hold to tell a tune: a note repeated, or two in turn, tell
none."""

_SEPARATOR: Final = -128
_WIDEST: Final = 127
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


def index_arrays(tunes: Iterable[Tune]) -> dict[str, Array]:
    """Give the arrays of an index file: int8 intervals with a separator a tune, UTF-8 names."""
    intervals: list[int] = []
    names = []
    for tune in tunes:
        intervals += [*_intervals(tune.pitches).tolist(), _SEPARATOR]
        names.append(tune.name)
    return {
        "intervals": np.array(intervals, np.int8),
        "names": np.frombuffer("\n".join(names).encode(), np.uint8),
    }


class Copies:
    """What was learnt from, ready to be asked.

    Args:
        arrays: from :func:`index_arrays`.

    Raises:
        ValueError: when they are no index.
    """

    def __init__(self, arrays: dict[str, Array]) -> None:
        self._intervals = arrays["intervals"]
        if self._intervals.dtype != np.int8 or self._intervals.ndim != 1:
            raise ValueError("the intervals of an index are a row of int8")
        self.names = arrays["names"].astype(np.uint8).tobytes().decode().split("\n")
        self._tunes = np.cumsum(self._intervals == _SEPARATOR, dtype=np.int32)
        if len(self._intervals) and self._tunes[-1] != len(self.names):
            raise ValueError("an index has one name a tune")
        hashes = _hashes(self._intervals, WINDOW)
        self._order = np.argsort(hashes, kind="stable").astype(np.int32)
        self._hashes = hashes[self._order]

    def known(self, pitches: Sequence[int]) -> dict[int, str]:
        """Find the tunes that a primer is: their names by number, the likeliest first.

        A tune counts when it holds half of the primer's windows of 12 intervals; a primer of
        fewer than 13 notes is no tune yet.
        """
        intervals = _intervals(np.array(pitches))
        shared = Counter[int]()
        total = len(intervals) - WINDOW + 1
        for start in range(total):
            window = intervals[start : start + WINDOW]
            if len(np.unique(window)) < TELLING:
                continue
            found = self._find(window)
            shared.update(set(self._tunes[found].tolist()))
        return {
            tune: self.names[tune] for tune, count in shared.most_common() if count >= KNOWN * total
        }

    def followers(self, lines: Sequence[Sequence[int]], free: Iterable[int] = ()) -> list[set[int]]:
        """Give the pitches that would make each line copy more than :data:`LONGEST` intervals.

        Args:
            lines: pitches so far, primer included.
            free: numbers of tunes that may be copied.
        """
        forbidden: list[set[int]] = [set() for _ in lines]
        places = [place for place, line in enumerate(lines) if len(line) > LONGEST]
        if not places or not len(self._hashes):
            return forbidden
        recent = _intervals(np.array([lines[place][-LONGEST - 1 :] for place in places]))
        wanted = _fold(recent[:, -WINDOW:])
        first = np.searchsorted(self._hashes, wanted)
        there = self._hashes[np.minimum(first, len(self._hashes) - 1)] == wanted
        for row in np.flatnonzero(there):
            line = lines[places[row]]
            found = self._find(recent[row, -WINDOW:])
            for start in found[~np.isin(self._tunes[found], list(free))].tolist():
                before = self._intervals[max(0, start + WINDOW - LONGEST) : start]
                follower = int(self._intervals[start + WINDOW])
                if follower != _SEPARATOR and np.array_equal(before, recent[row, :-WINDOW]):
                    forbidden[places[row]].add(line[-1] + follower)
        return forbidden

    def longest(self, pitches: Sequence[int], first: int = 1) -> int:
        """Give the longest run of intervals shared with one tune that ends at or after a note.

        Args:
            pitches: of a whole tune.
            first: index of the earliest note at which the run may end.

        Returns:
            its length; runs shorter than 12 count as 0.
        """
        intervals = _intervals(np.array(pitches))
        best = 0
        runs: dict[int, int] = {}
        for end in range(WINDOW, len(intervals) + 1):
            found = self._find(intervals[end - WINDOW : end]).tolist()
            runs = {start: runs.get(start - 1, WINDOW - 1) + 1 for start in found}
            if end >= first:
                best = max(best, *runs.values(), 0)
        return best

    def _find(self, window: Array) -> Array:
        """Give the places at which 12 intervals stand."""
        wanted = _fold(window[None])[0]
        low, high = np.searchsorted(self._hashes, [wanted, wanted + np.uint64(1)])
        found = self._order[low:high]
        same = self._intervals[found[:, None] + np.arange(WINDOW)] == window
        return np.asarray(found[same.all(axis=1)])


def _intervals(pitches: Array) -> Array:
    steps = np.diff(pitches.astype(np.int16), axis=-1)
    return np.asarray(np.clip(steps, -_WIDEST, _WIDEST).astype(np.int8))


def _fold(windows: Array) -> Array:
    """Hash rows of intervals, (rows, size) to (rows,)."""
    value = np.zeros(len(windows), np.uint64)
    for column in windows.T:
        value = value * _FACTOR + column.astype(np.uint8)
        value ^= value >> np.uint64(29)
    return value & np.uint64(2**63 - 1)


def _hashes(intervals: Array, size: int) -> Array:
    """Hash every window of a row."""
    if len(intervals) < size:
        return np.zeros(0, np.uint64)
    return _fold(np.lib.stride_tricks.sliding_window_view(intervals, size))
