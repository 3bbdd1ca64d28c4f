"""Prediction by partial matching: how often each symbol followed each context.

The family goes back to Cleary & Witten (1984); here with interpolated smoothing (Bunton 1997), as
Pearce & Wiggins (2004) recommend for melodies, and with update exclusion, which makes the counts
of short contexts those of Kneser & Ney (1995). Escape method ``"PY"`` is the hierarchical
Pitman–Yor process with one table a dish (Teh 2006; Wood et al. 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Escape = Literal["A", "C", "D", "X", "PY"]
"""How much is left for shorter contexts (Cleary & Witten 1984; Moffat 1990; Howard 1993)."""

MOST_LAYERS: Final = 4
"""Layers of a forked memory before they are made one: bounds the time of a look-up."""

_PLAIN: Final = {"A": (0.0, 1.0), "D": (0.5, 0.0)}
"""Discount and strength of the methods that have them fixed."""

EMPTY_KEY: Final = 1
"""The key of the context of no symbols."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How counts become probabilities.

    Attributes:
        escape: the method.
        discounts: for ``"PY"``: taken from each count, 0 to below 1; by length of the context,
            from none on, the last one for all longer.
        strengths: for ``"PY"``: the weight of the shorter contexts beside the discounts, 0 or
            more, not 0 where the discount is 0; likewise by length.
        exclusion: count a symbol in a shorter context only when it is new in the longer one.
    """

    escape: Escape = "C"
    discounts: tuple[float, ...] = (0.5,)
    strengths: tuple[float, ...] = (1.0,)
    exclusion: bool = True

    def __post_init__(self) -> None:
        """Refuse numbers that leave nothing for unseen symbols."""
        if not (self.discounts and self.strengths):
            raise ValueError("at least one discount and one strength")
        for order in range(max(len(self.discounts), len(self.strengths))):
            discount, strength = self._numbers(order)
            if not (0 <= discount < 1 and strength >= 0 and discount + strength):
                raise ValueError("a discount is 0 to below 1, a strength 0 or more, not both 0")

    def _numbers(self, order: int) -> tuple[float, float]:
        if self.escape in _PLAIN:
            return _PLAIN[self.escape]
        discounts, strengths = self.discounts, self.strengths
        return discounts[min(order, len(discounts) - 1)], strengths[min(order, len(strengths) - 1)]

    def shares(self, order: int, total: int, kinds: int, once: int) -> tuple[float, float, float]:
        """Give what a context predicts with and what it leaves.

        Args:
            order: length of the context.
            total: symbols counted in it, at least 1.
            kinds: different ones.
            once: those counted once; asked by method X only.

        Returns:
            the share of each count, what is taken from each kind's share, and the share left for
            shorter contexts: ``total * share - kinds * taken + left`` is 1.
        """
        if self.escape == "C":
            whole = float(total + kinds)
            return 1 / whole, 0.0, kinds / whole
        if self.escape == "X":
            whole = float(total + once + 1)
            return 1 / whole, 0.0, (once + 1) / whole
        discount, strength = self._numbers(order)
        whole = total + strength
        return 1 / whole, discount / whole, (strength + discount * kinds) / whole


class Counts:
    """Counts of symbols by context, which can be forked at almost no cost.

    A context is named by a whole number, its key; what the numbers mean is the caller's affair
    (:func:`keys_of` gives those of a sequence's last symbols). Symbols are whole numbers.

    Forks share what was learnt before in frozen layers; what is changed afterwards is copied into
    a layer of its own. A context in which one symbol was counted once is stored as that symbol
    alone: most long contexts are such, and a dictionary takes ten times the memory.
    """

    __slots__ = ("_layers", "smoothing")

    def __init__(self, smoothing: Smoothing | None = None) -> None:
        self.smoothing = smoothing or Smoothing()
        self._layers: list[dict[int, int | dict[int, int]]] = [{}]

    def __len__(self) -> int:
        """Count the contexts."""
        return len(set().union(*self._layers))

    def fork(self) -> Counts:
        """Make a copy that goes its own way; takes no longer when more is known."""
        layers = [layer for layer in self._layers if layer]
        if len(layers) > MOST_LAYERS:
            merged: dict[int, int | dict[int, int]] = {}
            for layer in layers[1:]:
                merged.update(layer)
            layers = [layers[0], merged]
        twin = Counts(self.smoothing)
        self._layers, twin._layers = [*layers, {}], [*layers, {}]
        return twin

    def seen(self, key: int) -> Mapping[int, int]:
        """Give what was counted in a context."""
        found = self._find(key)
        if found is None:
            return {}
        return {found: 1} if isinstance(found, int) else dict(found)

    def _find(self, key: int) -> int | dict[int, int] | None:
        for layer in reversed(self._layers):
            found = layer.get(key)
            if found is not None:
                return found
        return None

    def add(self, keys: Sequence[int], symbol: int) -> None:
        """Count a symbol.

        Args:
            keys: of the contexts in which it came, the shortest first.
            symbol: what came.
        """
        own = self._layers[-1]
        exclusion = self.smoothing.exclusion
        for key in reversed(keys):
            found = self._find(key)
            if found is None:
                own[key] = symbol
                continue
            counts = own.get(key)
            if not isinstance(counts, dict):
                counts = own[key] = {found: 1} if isinstance(found, int) else dict(found)
            known = counts.get(symbol, 0)
            counts[symbol] = known + 1
            if known and exclusion:
                return

    def blend(self, keys: Sequence[int]) -> tuple[dict[int, float], float]:
        """Predict the next symbol.

        Args:
            keys: of the contexts that hold now, the shortest first.

        Returns:
            the share of each symbol known in any of them, and what is left for all possible
            symbols alike; together 1.
        """
        shares: dict[int, float] = {}
        left = 1.0
        singles = self.smoothing.escape == "X"
        for order in range(len(keys) - 1, -1, -1):
            found = self._find(keys[order])
            if found is None:
                continue
            if isinstance(found, int):
                share, taken, rest = self.smoothing.shares(order, 1, 1, 1)
                shares[found] = shares.get(found, 0.0) + (share - taken) * left
            else:
                once = sum(count == 1 for count in found.values()) if singles else 0
                share, taken, rest = self.smoothing.shares(
                    order, sum(found.values()), len(found), once
                )
                share, taken = share * left, taken * left
                for symbol, count in found.items():
                    shares[symbol] = shares.get(symbol, 0.0) + count * share - taken
            left *= rest
        return shares, left

    def match(self, keys: Sequence[int]) -> int:
        """Say how many of the contexts, from the shortest on, were met before."""
        for length, key in enumerate(keys):
            if self._find(key) is None:
                return length
        return len(keys)


def keys_of(recent: Iterable[int], bits: int = 10, key: int = EMPTY_KEY) -> list[int]:
    """Name the contexts that end now.

    Args:
        recent: the last symbols, the latest first; each is told apart by its lowest bits.
        bits: how many bits.
        key: of the shortest context, which comes first.
    """
    keys = [key]
    mask = (1 << bits) - 1
    for symbol in recent:
        key = key << bits | symbol & mask
        keys.append(key)
    return keys
