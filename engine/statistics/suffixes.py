"""Every context of a corpus, however long, in the memory of the corpus itself.

Positions are sorted by what stands before them, read backwards: those that share a context lie
side by side (Manber & Myers 1990), and what followed it is counted there. This gives PPM* its
contexts of unbounded length (Cleary & Teahan 1997) where tables of counts would take gigabytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Array = np.ndarray[Any, np.dtype[Any]]

LONGEST: Final = 32
"""Symbols to which contexts are told apart; a power of two."""

_BIG: Final = 256
"""Positions from which counts of a context are worth keeping."""


class Suffixes:
    """What followed every context of some sequences.

    Args:
        sequences: of symbols from 1 to ``size - 1``; 0 stands before each.
        size: of the alphabet.
    """

    def __init__(self, sequences: Iterable[Sequence[int]], size: int) -> None:
        pieces = [np.concatenate([[0], np.asarray(each, np.int64)]) for each in sequences]
        text = np.concatenate([np.zeros(1, np.int64), *pieces])
        rank = np.concatenate([[0], text[:-1]])
        step = 1
        while step < LONGEST:
            before = np.concatenate([np.zeros(step, np.int64), rank[:-step]])[: len(rank)]
            rank = np.unique(rank * (len(text) + size) + before, return_inverse=True)[1]
            step *= 2
        order = np.argsort(rank, kind="stable")
        order = order[text[order] > 0]
        self._size = size
        self._following = text[order]
        self._order: list[int] = order.tolist()
        self._text: list[int] = text.tolist()
        self._kept: dict[tuple[int, int], Array] = {}

    def spans(self, recent: Sequence[int], longest: int = LONGEST) -> list[tuple[int, int]]:
        """Find the places of the contexts that end now, from none on, as far as they were met.

        Args:
            recent: symbols before the one to come, the latest first; 0 ends them.
            longest: symbols of the longest context.
        """
        low, high = 0, len(self._order)
        spans = [(low, high)]
        for back, symbol in enumerate(recent[:longest], 1):
            low, high = self._find(low, high, back, symbol), self._find(low, high, back, symbol + 1)
            if low == high:
                break
            spans.append((low, high))
        return spans

    def _find(self, low: int, high: int, back: int, symbol: int) -> int:
        """Find the first place in a span whose symbol so far back is not below this one."""
        text, order = self._text, self._order
        while low < high:
            middle = (low + high) // 2
            if text[order[middle] - back] < symbol:
                low = middle + 1
            else:
                high = middle
        return low

    def counts(self, span: tuple[int, int]) -> Array:
        """Count what followed a context, (size,)."""
        kept = self._kept.get(span)
        if kept is None:
            kept = np.bincount(self._following[slice(*span)], minlength=self._size)
            if span[1] - span[0] >= _BIG:
                self._kept[span] = kept
        return kept

    def predict(self, recent: Sequence[int], base: Array, *, longest: int | None = None) -> Array:
        """Predict the next symbol: interpolated, escape method C.

        Args:
            recent: as :meth:`spans` takes them.
            base: (size,) probabilities to fall back on; what it gives 0 is impossible.
            longest: of a Markov model; None: PPM*, which starts from the shortest context that
                was always followed by the same, else from the longest that was met.

        Returns:
            (size,) probabilities.
        """
        probs = base
        for span in self.spans(recent, LONGEST if longest is None else longest):
            counts = np.where(base > 0, self.counts(span), 0)
            total, kinds = int(counts.sum()), int(np.count_nonzero(counts))
            if not total:
                continue
            probs = (counts + kinds * probs) / (total + kinds)
            if kinds == 1 and longest is None:
                break
        return probs
