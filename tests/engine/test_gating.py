from __future__ import annotations

import json

import numpy as np
import pytest

from engine.gating import Events, Gate, _level, _newton_step, bits, known, learn
from engine.mixture import normalised


def made_up(events: int, n: int, seed: int) -> Events:
    """Draw from a model that is right when it is sure; a second one knows nothing."""
    random = np.random.default_rng(seed)
    sure = random.uniform(0, 6, (events, 1))
    right = normalised(random.normal(size=(events, n)) * sure)
    noise = normalised(random.normal(size=(events, n)))
    odds = np.exp(right)
    came = np.array([random.choice(n, p=line / line.sum()) for line in odds])
    logs = np.stack([right, noise])
    place = np.arange(events) % 50
    return Events(logs, came, known(logs, place, random.integers(0, 5, (events, 2))))


def test_a_learnt_gate_trusts_the_model_that_is_right() -> None:
    training, held_out = [made_up(3000, 9, 1)], [made_up(3000, 9, 2)]
    gate = learn(training)
    alone = -held_out[0].log_probs[0][np.arange(3000), held_out[0].came].mean() / np.log(2)
    assert bits(gate, held_out).mean() < alone + 0.01
    weights = gate.weights(held_out[0].known)
    assert weights[0].mean() == pytest.approx(1, abs=0.1)
    assert abs(weights[1].mean()) < 0.1


def test_mixtures_sum_to_one_and_nothing_is_impossible() -> None:
    block = made_up(200, 40, 3)
    block.log_probs[0, :, 5] = -np.inf
    mixed = learn([block]).mix(block.log_probs, block.known)
    assert np.allclose(np.exp(mixed).sum(axis=1), 1, atol=1e-12)
    assert np.isfinite(mixed).all()


def test_the_step_follows_the_slope() -> None:
    blocks = [made_up(60, 6, 4), made_up(40, 11, 5)]
    start = np.zeros((2, blocks[0].known.shape[1]))
    start[:, 0] = 0.5
    theta = start + np.random.default_rng(0).normal(0, 0.1, start.shape)
    step = _newton_step(Gate(theta), blocks, start, 3.0)
    small = 1e-5
    higher = _level(Gate(theta + small * step), blocks, start, 3.0)
    lower = _level(Gate(theta - small * step), blocks, start, 3.0)
    assert higher > lower
    peak = learn(blocks).theta
    rest = _newton_step(Gate(peak), blocks, start, 3.0)
    assert np.abs(rest).max() < 1e-2


def test_alphabets_of_different_size_share_a_gate() -> None:
    blocks = [made_up(500, 6, 6), made_up(500, 30, 7)]
    gate = learn(blocks)
    equal = Gate(np.pad(np.full((2, 1), 0.5), ((0, 0), (0, gate.theta.shape[1] - 1))))
    assert bits(gate, blocks).mean() < bits(equal, blocks).mean()


def test_a_gate_survives_json_and_refuses_nonsense() -> None:
    gate = learn([made_up(300, 5, 8)])
    back = Gate.from_json(json.loads(json.dumps(gate.to_json())))
    assert np.allclose(back.theta, gate.theta, atol=1e-5)
    for theta in ([1, 2], [[1, float("nan")]]):
        with pytest.raises(ValueError, match="matrix"):
            Gate.from_json({"theta": theta})
