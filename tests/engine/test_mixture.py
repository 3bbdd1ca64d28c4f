from __future__ import annotations

import numpy as np
import pytest

from engine.mixture import (
    arithmetic,
    combine,
    entropy,
    entropy_weights,
    log_linear,
    normalised,
)

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
