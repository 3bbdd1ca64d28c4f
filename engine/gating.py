"""Learn how much to trust each of several models at each event.

A log-linear mixture p(x) ∝ Π_m p_m(x) ^ w_m whose weights are linear in what is known before the
event: how sure each model is, how long a context it met before, how far the melody has come. The
likelihood is then concave in the parameters, so that Newton's method finds the one best setting
in a few steps (a conditional exponential family; compare Heskes 1998 on logarithmic pools).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.mixture import entropy, log_linear, normalised
from engine.recall import DURATION_VIEWS, PITCH_VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.recall import Said

Array = np.ndarray[Any, np.dtype[Any]]

LEAST: Final = -25.0
"""Least log-probability that enters: one model's near-impossible does not outvote all others."""


@dataclass(frozen=True, slots=True)
class Events:
    """Predictions of one alphabet with what came.

    Attributes:
        log_probs: (models, events, n) float, natural logarithms.
        came: (events,) index into the alphabet of what came.
        known: (events, features) from :func:`known`.
    """

    log_probs: Array
    came: Array
    known: Array


@dataclass(frozen=True, slots=True)
class Gate:
    """A mixture with learnt weights.

    Attributes:
        theta: (models, features) float64.
    """

    theta: Array

    def weights(self, known: Array) -> Array:
        """Give the models' weights at events: (events, features) to (models, events)."""
        return np.asarray(self.theta @ known.T)

    def mix(self, log_probs: Array, known: Array) -> Array:
        """Mix predictions: (models, events, n) and (events, features) to (events, n)."""
        return log_linear(np.maximum(log_probs, LEAST), self.weights(known))

    def join(self, logs: Array, said: Said, heard: int) -> Array:
        """Mix one model's word on each of a batch of melodies with a memory's.

        Args:
            logs: (batch, n) log-probabilities.
            said: by the memory.
            heard: notes before the one to come.

        Returns:
            (batch, n) log-probabilities.
        """
        models = np.concatenate([logs[None], said.log_probs])
        return self.mix(models, known(models, np.full(len(logs), heard), said.matches))

    def to_json(self) -> dict[str, Any]:
        """Give the gate as JSON data."""
        return {"theta": np.round(self.theta, 5).tolist()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Gate:
        """Build a gate from what :meth:`to_json` gave.

        Raises:
            ValueError: when the numbers do not form a finite matrix.
        """
        theta = np.array(data["theta"], np.float64)
        if theta.ndim != 2 or not np.isfinite(theta).all():
            raise ValueError("the gate's theta is no finite matrix")
        return cls(theta)


@dataclass(frozen=True, slots=True)
class Gates:
    """How a version mixes its network with the short-term memory, for durations and pitches."""

    duration: Gate
    pitch: Gate

    def to_json(self) -> dict[str, Any]:
        """Give the gates as JSON data."""
        return {"duration": self.duration.to_json(), "pitch": self.pitch.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Gates:
        """Build gates from what :meth:`to_json` gave.

        Raises:
            ValueError: when they do not fit the views of :mod:`engine.recall`.
        """
        gates = cls(Gate.from_json(data["duration"]), Gate.from_json(data["pitch"]))
        for gate, views in ((gates.duration, DURATION_VIEWS), (gates.pitch, PITCH_VIEWS)):
            models, kinds = 1 + len(views), len(views)
            if gate.theta.shape != (models, features(models, kinds)):
                raise ValueError("a gate does not fit the views of the memory")
        return gates


def features(models: int, kinds: int) -> int:
    """Count the features of :func:`known`."""
    return 3 + models + 2 * kinds


def known(log_probs: Array, place: Array, matches: Array) -> Array:
    """Gather what the weights may depend on; all of it is known before the event.

    Args:
        log_probs: (models, events, n).
        place: (events,) notes of the melody before the event.
        matches: (events, kinds) lengths of the contexts that memories met before, in notes.

    Returns:
        (events, 1 + models + 2 + 2 kinds): one, each model's relative entropy, progress, first
        note, and each context's length and whether there is one.
    """
    size = max(2, log_probs.shape[-1])
    sure = entropy(np.maximum(log_probs, LEAST)).T / np.log(size)
    start = np.stack([np.ones(len(place)), np.log1p(place) / 5, place == 0], axis=1)
    lengths = np.minimum(matches, 8) / 8
    return np.concatenate([start[:, :1], sure, start[:, 1:], lengths, matches > 0], axis=1)


def learn(events: Sequence[Events], *, ridge: float = 3.0, rounds: int = 25) -> Gate:
    """Find the gate under which what came was likeliest, by Newton's method.

    Args:
        events: one entry for each alphabet; models and features must agree.
        ridge: strength of the pull towards equal weights, in events.
        rounds: most steps; fewer when the gain vanishes.
    """
    models, features = events[0].log_probs.shape[0], events[0].known.shape[1]
    start = np.zeros((models, features))
    start[:, 0] = 1 / models
    gate = Gate(start)
    level = _level(gate, events, start, ridge)
    for _ in range(rounds):
        step = _newton_step(gate, events, start, ridge)
        size = 1.0
        while size > 1e-4:
            tried = Gate(gate.theta + size * step)
            reached = _level(tried, events, start, ridge)
            if reached > level:
                break
            size /= 2
        else:
            break
        gain, gate, level = reached - level, tried, reached
        if gain < 1e-6 * abs(level):
            break
    return gate


def bits(gate: Gate, events: Iterable[Events]) -> Array:
    """Give the cross-entropy of every event in bits."""
    parts = []
    for block in events:
        mixed = gate.mix(block.log_probs, block.known)
        parts.append(-mixed[np.arange(len(block.came)), block.came] / np.log(2))
    return np.concatenate(parts)


def _level(gate: Gate, events: Sequence[Events], start: Array, ridge: float) -> float:
    pull = 0.5 * ridge * float(np.square(gate.theta - start).sum())
    return float(-bits(gate, events).sum() * np.log(2)) - pull


def _newton_step(gate: Gate, events: Sequence[Events], start: Array, ridge: float) -> Array:
    models, features = gate.theta.shape
    slope = -ridge * (gate.theta - start)
    pairs, both = np.triu_indices(models), np.triu_indices(features)
    bend = np.zeros((len(pairs[0]), len(both[0])))  # symmetric in models and in features
    for block in events:
        logs = np.maximum(block.log_probs, LEAST).astype(np.float64)
        powers = gate.weights(block.known)
        probs = np.exp(normalised((powers[..., None] * logs).sum(axis=0)))
        mean = np.einsum("men,en->me", logs, probs)
        came = logs[:, np.arange(len(block.came)), block.came]
        slope += (came - mean) @ block.known
        centred = (logs - mean[..., None]) * np.sqrt(probs)
        spread = np.stack(
            [np.einsum("en,en->e", centred[m], centred[k]) for m, k in zip(*pairs, strict=True)]
        )
        bend += spread @ (block.known[:, both[0]] * block.known[:, both[1]])
    whole = np.zeros((models, features, models, features))
    (one, other), (left, right) = (each[:, None] for each in np.array(pairs)), both
    for m, k in ((one, other), (other, one)):
        whole[m, left, k, right] = whole[m, right, k, left] = bend
    size = models * features
    matrix = whole.reshape(size, size) + ridge * np.eye(size)
    return np.asarray(np.linalg.solve(matrix, slope.reshape(size)).reshape(models, features))
