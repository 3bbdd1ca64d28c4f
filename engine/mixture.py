"""One distribution from several: weighted arithmetic and log-linear (geometric) mixtures.

All functions take log-probabilities of shape (models, …, n), natural logarithms that need not be
normalised to the last bit, and work on all events of the middle axes at once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

SUREST: Final = 1e-3
"""Least relative entropy: keeps the weight of a model that is quite sure finite."""


def entropy(log_probs: Array) -> Array:
    """Give the entropy of each distribution in nats: (…, n) to (…)."""
    probs = np.exp(log_probs)
    return np.asarray(-(probs * np.where(probs > 0, log_probs, 0.0)).sum(axis=-1))


def entropy_weights(log_probs: Array, bias: float = 1.0) -> Array:
    """Weigh each model by how sure it is at each event (Conklin 1990; Pearce 2005, 7.3).

    Args:
        log_probs: (models, …, n).
        bias: 0 weighs all alike; higher trusts the surer ones more.

    Returns:
        (models, …), sums to one over the models.
    """
    relative = entropy(log_probs) / np.log(max(2, log_probs.shape[-1]))
    logs = -bias * np.log(np.clip(relative, SUREST, 1.0))
    odds = np.exp(logs - logs.max(axis=0))
    return np.asarray(odds / odds.sum(axis=0))


def log_linear(log_probs: Array, weights: Array) -> Array:
    """Multiply the models' probabilities, each raised to its weight, and normalise.

    Args:
        log_probs: (models, …, n).
        weights: (models,) or (models, …); they need not sum to one.

    Returns:
        (…, n) log-probabilities.
    """
    powers = _spread(weights, log_probs)
    with np.errstate(invalid="ignore"):
        return normalised(np.where(powers == 0, 0.0, powers * log_probs).sum(axis=0))


def arithmetic(log_probs: Array, weights: Array) -> Array:
    """Average the models' probabilities.

    Args:
        log_probs: (models, …, n).
        weights: (models,) or (models, …), none negative, not all 0; scaled to sum to one.

    Returns:
        (…, n) log-probabilities.
    """
    top = log_probs.max(axis=0)
    probs = (_spread(weights, log_probs) * np.exp(log_probs - top)).sum(axis=0)
    with np.errstate(divide="ignore"):
        return normalised(np.log(probs) + top)


def combine(
    log_probs: Array, bias: float = 2.0, *, geometric: bool = True, priors: Array | None = None
) -> Array:
    """Mix by entropy weights: (models, …, n) to (…, n) log-probabilities.

    Args:
        log_probs: (models, …, n).
        bias: of :func:`entropy_weights`.
        geometric: multiply (Pearce 2005, after Hinton's product of experts), else average.
        priors: (models,) or (models, …): what the entropy weights are multiplied with.
    """
    weights = entropy_weights(log_probs, bias)
    if priors is not None:
        weights = weights * np.reshape(
            priors, np.shape(priors) + (1,) * (weights.ndim - np.ndim(priors))
        )
        weights = weights / weights.sum(axis=0)
    return log_linear(log_probs, weights) if geometric else arithmetic(log_probs, weights)


def normalised(logs: Array) -> Array:
    """Scale log-probabilities so that the probabilities of the last axis sum to one."""
    logs = logs - logs.max(axis=-1, keepdims=True)
    return np.asarray(logs - np.log(np.exp(logs).sum(axis=-1, keepdims=True)))


def _spread(weights: Array, log_probs: Array) -> Array:
    """Give weights one axis for each of the log-probabilities'."""
    return np.reshape(weights, np.shape(weights) + (1,) * (log_probs.ndim - np.ndim(weights)))


def fit_powers(  # noqa: PLR0913  # the data, and two numbers with defaults
    log_probs: Array,
    features: Array,
    targets: Array,
    start: Array | None = None,
    *,
    penalty: float = 1e-3,
    rounds: int = 30,
) -> Array:
    """Learn the weights of :func:`log_linear` from what came.

    The weight of a model at an event is linear in features of the model there, such as 1, the
    logarithm of its relative entropy, the length of the context it remembers. The likelihood is
    then that of a log-linear model: it has one maximum, found by Newton's method.

    Args:
        log_probs: (models, events, n), all finite.
        features: (models, events, k).
        targets: (events,) which of the n came.
        start: (models, k) powers to start from and to stay near; None: the plain geometric mean
            by the first feature.
        penalty: of the squared distance from ``start``, in nats an event.
        rounds: most steps.

    Returns:
        (models, k); weights are ``(features * powers[:, None]).sum(-1)``.
    """
    if start is None:
        start = np.zeros((len(log_probs), features.shape[-1]))
        start[:, 0] = 1 / len(log_probs)
    powers = start.astype(np.float64)
    loss, slope, curve = _likelihood(powers, log_probs, features, targets)
    for _ in range(rounds):
        slope = slope + 2 * penalty * (powers - start)
        loss += penalty * np.square(powers - start).sum()
        step = np.linalg.solve(curve + 2 * penalty * np.eye(len(curve)), slope.ravel())
        scale = 1.0
        while True:
            moved = powers - scale * step.reshape(powers.shape)
            now, slope, curve = _likelihood(moved, log_probs, features, targets)
            gain = loss - now - penalty * np.square(moved - start).sum()
            if gain >= 0 or scale < 1e-6:
                break
            scale /= 2
        if gain <= 0:
            break
        powers, loss = moved, now
        if gain < 1e-9:
            break
    return powers


def _likelihood(
    powers: Array, log_probs: Array, features: Array, targets: Array
) -> tuple[float, Array, Array]:
    """Give the cross-entropy in nats an event, its gradient and its Hessian in the powers."""
    weights = (features * powers[:, None]).sum(axis=-1)
    mixed = log_linear(log_probs, weights)
    events = np.arange(len(targets))
    probs = np.exp(mixed)
    mean = (probs * log_probs).sum(axis=-1)
    missed = mean - log_probs[:, events, targets]
    slope = (missed[..., None] * features).sum(axis=1) / len(targets)
    centred = log_probs - mean[..., None]
    spread = np.einsum("en,aen,ben->abe", probs, centred, centred, optimize=True)
    curve = np.einsum("abe,aek,bel->akbl", spread, features, features, optimize=True)
    size = powers.size
    return (
        float(-mixed[events, targets].mean()),
        slope,
        curve.reshape(size, size) / len(targets),
    )
