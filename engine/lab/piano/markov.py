"""An order-2 Markov model: what the network has to beat.

Counts of what followed the last two words, mixed with those after the last one and with those of
all, each order weighed by how much it has seen (Witten & Bell's method C, 1991).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log2
from typing import TYPE_CHECKING

from engine.lab.piano.events import START

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Markov:
    """Predicts words from the ones before.

    Args:
        size: number of words.
        order: how many words it looks back.
    """

    def __init__(self, size: int, order: int = 2) -> None:
        self.size = size
        self.order = order
        self.counts: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)

    def learn(self, rows: Iterable[Sequence[int]]) -> None:
        """Count what follows what in rows of word numbers."""
        for row in rows:
            past = [START] * self.order + [int(word) for word in row]
            for place in range(self.order, len(past)):
                for look in range(self.order + 1):
                    self.counts[tuple(past[place - look : place])][past[place]] += 1

    def probability(self, context: Sequence[int], word: int) -> float:
        """Give the probability of a word after at least ``order`` others; never 0."""
        chance = 1 / self.size
        for look in range(self.order + 1):
            seen = self.counts.get(tuple(context[len(context) - look :]))
            if seen:
                total, kinds = seen.total(), len(seen)
                chance = (seen[word] + kinds * chance) / (total + kinds)
        return chance

    def bits(self, rows: Iterable[Sequence[int]]) -> float:
        """Give the cross-entropy of rows, in bits per word."""
        total, words = 0.0, 0
        for row in rows:
            past = [START] * self.order + [int(word) for word in row]
            for place in range(self.order, len(past)):
                total -= log2(self.probability(past[place - self.order : place], past[place]))
                words += 1
        return total / max(words, 1)
