"""Find a learning rate: let it rise step by step and see where the loss stops falling.

The idea is Smith's (Cyclical Learning Rates for Training Neural Networks, 2017); the rule, half of
the largest rate that is still good, is the course's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import keras
import numpy as np
import tensorflow as tf

from engine.lab.lesson import optimiser

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.lab.registry import Family
    from engine.lab.setup import Setup

LOWEST: Final = 1e-6
HIGHEST: Final = 10.0
STEPS: Final = 600
SMOOTH: Final = 0.9
"""Share of the past in the smoothed loss."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sweep over learning rates.

    Attributes:
        rates: that were tried, rising by a constant factor.
        losses: loss of each step, in nats per note.
        smoothed: the same without the jumps from batch to batch.
        largest: largest good rate.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    largest: float

    @property
    def chosen(self) -> float:
        """Half of the largest good rate."""
        return self.largest / 2


def sweep(family: Family, setup: Setup) -> Found:
    """Train from fresh weights while the rate rises from one millionth to ten.

    Raises:
        ValueError: for a model that has more than one loss.
    """
    if family.module == "gan":
        raise ValueError("gan: two models that fight have no single loss to follow")
    keras.backend.clear_session()
    keras.utils.set_random_seed(setup.seed)
    lesson = family.build(setup)
    rates = np.geomspace(LOWEST, HIGHEST, STEPS)
    steps = len(lesson.dataset(1))
    data = lesson.dataset(-(-STEPS // steps)).take(STEPS)
    model, adapting = lesson.model, optimiser(setup)
    adapting.build(model.trainable_variables)
    judge = keras.losses.SparseCategoricalCrossentropy()

    @tf.function  # type: ignore[untyped-decorator]  # tensorflow ships no types
    def learn() -> tf.Tensor:
        rising = tf.constant(rates, tf.float32)
        losses = tf.TensorArray(tf.float32, STEPS)
        for step, (inputs, wanted, weights) in data.enumerate():
            adapting.learning_rate.assign(rising[step])
            with tf.GradientTape() as tape:
                answer = model(inputs[0] if lesson.remembers else inputs, training=True)
                loss = judge(wanted, answer, weights)
            adapting.apply(tape.gradient(loss, model.trainable_variables))
            losses = losses.write(tf.cast(step, tf.int32), loss)
        return losses.stack()

    return judged(rates, np.asarray(learn(), np.float64))


def judged(rates: NDArray[np.float64], losses: NDArray[np.float64]) -> Found:
    """Find the largest good rate in a sweep: the one at which the smoothed loss stops falling.

    A loss that never rises makes the highest rate good. Beyond the lowest point a model may still
    learn for some steps; but trained for 200 passes with half of such a rate, the perceptron did
    worse with Adam, RMSprop and momentum, and better only with plain SGD.
    """
    smoothed = np.empty_like(losses)
    past = losses[0]
    for step, loss in enumerate(losses):
        past = SMOOTH * past + (1 - SMOOTH) * (loss if np.isfinite(loss) else 1e9)
        smoothed[step] = past
    return Found(
        tuple(rates.tolist()),
        tuple(losses.tolist()),
        tuple(smoothed.tolist()),
        float(rates[smoothed.argmin()]),
    )
