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
