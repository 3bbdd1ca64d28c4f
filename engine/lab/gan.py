"""A generative adversarial network: one model invents windows of the song, the other judges them.

Generator and discriminator stand in one ``Sequential``, trained in the two steps of the notes:
first the discriminator, on true and invented windows; then the whole, the discriminator held
fixed, on noise that is called true. A GAN answers no questions, it only invents. To put it to the
same tests, a few thousand invented windows are searched for those that begin like the context, and
the note that most of them end with is taken; with none, those that come nearest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np
import tensorflow as tf

from engine.lab import butterfly
from engine.lab.butterfly import CODES
from engine.lab.lesson import Lesson, hidden, optimiser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.lab.setup import Setup

    Floats = NDArray[np.float32]

NOISE: Final = 30
"""Numbers that the generator makes a window of."""

INVENTED: Final = 4096
"""Windows that are invented to sing from."""

BLUR: Final = 0.5
"""Most noise that is mixed into true windows.

A true window is ones and noughts, an invented one probabilities: without noise the discriminator
tells them apart by that alone, and the generator learns nothing about the song.
"""


class TwoSteps(keras.Sequential):  # type: ignore[misc]  # keras ships no types
    """Generator and discriminator in one model, trained in two steps per batch."""

    def compile(self, **settings: Any) -> None:
        """Give each side an optimiser of its own."""
        super().compile(**settings)
        self.judging = type(self.optimizer).from_config(self.optimizer.get_config())

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn to judge, then learn to deceive."""
        true = data[0] if isinstance(data, tuple) else data
        generator, discriminator = self.layers
        count = tf.shape(true)[0]
        invented = generator(tf.random.normal((count, NOISE)), training=True)
        both = tf.concat([invented, blurred(true)], 0)
        labels = tf.concat([tf.zeros((count, 1)), tf.ones((count, 1))], 0)
        with tf.GradientTape() as tape:
            judged = discriminator(both, training=True)
            wrong = self.compute_loss(y=labels, y_pred=judged)
        weights = discriminator.trainable_variables
        self.judging.apply(tape.gradient(wrong, weights), weights)
        with tf.GradientTape() as tape:
            invented = generator(tf.random.normal((2 * count, NOISE)), training=True)
            judged = discriminator(invented, training=True)
            caught = self.compute_loss(y=tf.ones((2 * count, 1)), y_pred=judged)
        weights = generator.trainable_variables  # the discriminator stays as it is
        self.optimizer.apply(tape.gradient(caught, weights), weights)
        return {"loss": caught, "discriminator_loss": wrong}


def blurred(hot: tf.Tensor) -> tf.Tensor:
    """Mix windows of ones and noughts with some noise that looks like probabilities."""
    noise = tf.random.uniform(tf.shape(hot)) ** 4
    noise /= tf.reduce_sum(noise, axis=-1, keepdims=True)
    share = tf.random.uniform(tf.shape(hot)[:2])[..., None] * BLUR
    return hot * (1.0 - share) + noise * share


class Gan(Lesson):
    """A lesson from invented windows."""

    _invented: NDArray[np.int64] | None = None

    def dataset(self, passes: int) -> Any:
        """Give true windows with their next note, one-hot."""
        rows = np.asarray(butterfly.windows(self.setup.window))
        hot = np.eye(len(CODES), dtype=np.float32)[rows]
        data = tf.data.Dataset.from_tensor_slices(hot).cache()
        if self.setup.shuffle:
            data = data.shuffle(len(rows), seed=self.setup.seed)
        return data.batch(min(self.setup.batch, len(rows))).repeat(passes)

    def compile(self, steps: int) -> None:
        """Set the loss of both sides."""
        self._invented = None
        adapting = optimiser(self.setup)
        if isinstance(adapting, keras.optimizers.Adam):
            adapting.beta_1 = 0.5  # a short memory, as Radford et al. (2015): the goal moves
        self.model.compile(
            optimizer=adapting,
            loss=keras.losses.BinaryCrossentropy(),
            steps_per_execution=steps,
        )
        self.model.judging.build(self.model.layers[1].trainable_variables)

    def invent(self) -> NDArray[np.int64]:
        """Invent windows: shape (:data:`INVENTED`, window + 1)."""
        if self._invented is None:
            noise = np.random.default_rng(self.setup.seed).normal(size=(INVENTED, NOISE))
            made = self.model.layers[0](noise.astype(np.float32), training=False)
            self._invented = np.asarray(made).argmax(axis=-1)
        return self._invented

    def next_note(self, context: Sequence[int], scaling: str | None = None) -> int:
        """Give the note that invented windows most often end with after such a beginning."""
        del scaling  # it is fed nothing
        made = self.invent()
        same = (made[:, :-1] == np.asarray(context)).sum(axis=1)
        ends = made[same == same.max(), -1]
        return int(np.bincount(ends, minlength=len(CODES)).argmax())

    def remarks(self) -> tuple[str, ...]:
        """Say how many different windows it invents, and how many of them are the song's."""
        made, true = self.variety()
        return (f"{INVENTED} inventions are {made} different windows; {true} are in the song",)

    def variety(self) -> tuple[int, int]:
        """Count the different windows among the invented ones, and those that the song has."""
        made = {tuple(int(note) for note in row) for row in self.invent()}
        return len(made), len(made & set(butterfly.windows(self.setup.window)))


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build noise -> Dense 128 -> Dense 128 -> window, and window -> Dense 128 -> true or not.

    Between the generator's layers stands BatchNormalization, without which it soon invents the
    same few windows for every noise.
    """
    del variant
    shape = (setup.window + 1, len(CODES))
    activation, more = setup.activation or "relu", hidden(setup)
    dense, norm = keras.layers.Dense, keras.layers.BatchNormalization
    generator = keras.Sequential(
        [
            keras.Input((NOISE,)),
            dense(setup.units, activation=activation, **more),
            norm(),
            dense(setup.units, activation=activation, **more),
            norm(),
            dense(shape[0] * shape[1]),
            keras.layers.Reshape(shape),
            keras.layers.Softmax(),
        ],
        name="generator",
    )
    discriminator = keras.Sequential(
        [
            keras.Input(shape),
            keras.layers.Flatten(),
            dense(setup.units, **more),
            keras.layers.LeakyReLU(0.2),
            keras.layers.Dropout(setup.dropout or 0.3),
            dense(1, activation="sigmoid"),
        ],
        name="discriminator",
    )
    return Gan(setup, TwoSteps([generator, discriminator]))
