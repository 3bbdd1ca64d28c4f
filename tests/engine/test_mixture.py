from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.mixture import (
    arithmetic,
    combine,
    entropy,
    entropy_weights,
    fit_powers,
    log_linear,
    normalised,
)

if TYPE_CHECKING:
    from engine.mixture import Array

RANDOM = np.random.default_rng(3)
LOGS = normalised(RANDOM.normal(0, 3, (3, 5, 7, 11)))  # models, two axes of events, classes


def test_entropy_of_uniform_and_of_certainty() -> None:
    sure = np.full(8, -np.inf)
    sure[2] = 0
    logs = np.array([np.full(8, -np.log(8)), sure])
    assert entropy(logs) == pytest.approx([np.log(8), 0])


def test_the_surer_model_weighs_more_and_bias_says_how_much() -> None:
    flat, steep = np.log([0.5, 0.5]), np.log([0.9, 0.1])
    logs = np.array([flat, steep])
    relative = entropy(steep) / np.log(2)
    for bias in (0.0, 1.0, 2.0, 7.0):
        weights = entropy_weights(logs, bias)
        assert weights[1] / weights[0] == pytest.approx(relative**-bias)
        assert weights.sum() == pytest.approx(1)


def test_a_model_that_is_certain_leaves_numbers_finite() -> None:
    sure = np.full(4, -np.inf)
    sure[1] = 0
    logs = np.array([sure, np.log([0.25] * 4)])
    assert np.isfinite(entropy_weights(logs, 2.0)).all()
    mixed = arithmetic(logs, entropy_weights(logs, 1.0))
    assert np.isfinite(mixed).all()


@pytest.mark.parametrize("geometric", [True, False])
def test_mixtures_are_distributions_over_all_events(geometric: bool) -> None:  # noqa: FBT001  # a parameter
    mixed = combine(LOGS, 2.0, geometric=geometric)
    assert mixed.shape == (5, 7, 11)
    np.testing.assert_allclose(np.exp(mixed).sum(axis=-1), 1, rtol=0, atol=1e-12)
    single = combine(LOGS[:, 2, 3], 2.0, geometric=geometric)
    np.testing.assert_allclose(mixed[2, 3], single, rtol=0, atol=1e-12)


def test_log_linear_multiplies_powers() -> None:
    logs = np.log([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    product = np.exp(logs[0]) ** 1.5 * np.exp(logs[1]) ** 0.5
    mixed = log_linear(logs, np.array([1.5, 0.5]))
    np.testing.assert_allclose(np.exp(mixed), product / product.sum(), rtol=1e-12)


def test_a_model_without_weight_may_hold_anything_impossible() -> None:
    logs = np.array([[0.0, -np.inf], np.log([0.25, 0.75])])
    np.testing.assert_allclose(log_linear(logs, np.array([0.0, 1.0])), logs[1], rtol=1e-12)


def test_arithmetic_averages() -> None:
    logs = np.log([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    mixed = arithmetic(logs, np.array([3.0, 1.0]))
    np.testing.assert_allclose(np.exp(mixed), [0.4, 0.25, 0.35], rtol=1e-12)


def test_log_probabilities_far_below_zero_do_not_vanish() -> None:
    logs = normalised(np.array([[0.0, -2000.0], [0.0, -3000.0]]))
    assert np.isfinite(log_linear(logs, np.array([1.0, 1.0]))).all()
    assert np.isfinite(arithmetic(logs, np.array([1.0, 1.0]))).all()


def test_priors_multiply_the_entropy_weights() -> None:
    alone = combine(LOGS, 2.0, priors=np.array([0.0, 1.0, 0.0]))
    np.testing.assert_allclose(alone, LOGS[1], rtol=0, atol=1e-12)
    by_event = np.ones((3, 5, 7))
    np.testing.assert_allclose(
        combine(LOGS, 2.0, priors=by_event), combine(LOGS, 2.0), rtol=0, atol=1e-12
    )


def _sampled(powers: tuple[float, ...], events: int) -> tuple[Array, Array, Array]:
    """Draw events from a log-linear mixture of random models with these powers."""
    random = np.random.default_rng(8)
    logs = normalised(random.normal(0, 1.5, (len(powers), events, 6)))
    features = np.stack(
        [np.ones((len(powers), events)), random.normal(0, 1, (len(powers), events))], axis=-1
    )
    ladder = np.exp(log_linear(logs, np.array(powers))).cumsum(axis=-1)
    targets = (ladder < random.random((events, 1))).sum(axis=-1)
    return logs, features, np.minimum(targets, 5)


def test_powers_are_found_again() -> None:
    logs, features, targets = _sampled((0.9, 0.3, 0.0), 6000)
    powers = fit_powers(logs, features, targets, penalty=1e-6)
    assert powers[:, 0] == pytest.approx([0.9, 0.3, 0.0], abs=0.08)
    assert powers[:, 1] == pytest.approx([0, 0, 0], abs=0.08)


def test_a_strong_penalty_keeps_the_powers_where_they_start() -> None:
    logs, features, targets = _sampled((0.9, 0.3), 200)
    start = np.array([[0.2, 0.1], [0.7, 0.0]])
    powers = fit_powers(logs, features, targets, start, penalty=1e6)
    np.testing.assert_allclose(powers, start, atol=1e-4)


def test_learnt_powers_are_a_minimum() -> None:
    logs, features, targets = _sampled((0.5, 0.8), 400)
    powers = fit_powers(logs, features, targets, penalty=1e-4)
    start = np.array([[0.5, 0.0], [0.5, 0.0]])

    def loss(at: Array) -> float:
        mixed = log_linear(logs, (features * at[:, None]).sum(axis=-1))
        fall = -mixed[np.arange(400), targets].mean()
        return float(fall + 1e-4 * np.square(at - start).sum())

    least = loss(powers)
    for place in np.ndindex(powers.shape):
        for change in (-0.02, 0.02):
            other = powers.copy()
            other[place] += change
            assert loss(other) > least


def test_models_that_say_the_same_everywhere_leave_the_plain_mean() -> None:
    same = normalised(np.zeros((2, 3, 4)))
    powers = fit_powers(same, np.ones((2, 3, 1)), np.array([0, 1, 2]))
    np.testing.assert_allclose(powers, [[0.5], [0.5]])
