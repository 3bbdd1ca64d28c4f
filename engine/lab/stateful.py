"""The stateful LSTM: its memory runs through the song and is cleared where the song begins.

This is the lesson's point. What comes after a window is not always told by the window; what came
before it tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from engine.lab.butterfly import CODES
from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent, scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.lab.setup import Setup

    Floats = NDArray[np.float32]


class Remembering(keras.Model):  # type: ignore[misc]  # keras ships no types
    """A model whose layers forget at the song's first window, inside the compiled step.

    The notes call ``reset_states`` from Python after every epoch, which stops the machine each
    time. Here the sample itself says whether the song begins with it.
    """

    def train_step(self, data: Any) -> Any:
        """Clear the memory where a song begins, then learn as always."""
        (inputs, begins), wanted, weights = data
        for layer in self.layers:
            for state in getattr(layer, "states", None) or ():
                state.assign(state * (1.0 - begins[:, None]))
        return super().train_step((inputs, wanted, weights))


class Stateful(Lesson):
    """A lesson in which the windows of a pass come in order, one at a time."""

    remembers = True

    def __init__(self, setup: Setup, model: keras.Model) -> None:
        if setup.batch != 1 or setup.shuffle:
            raise ValueError("a model that remembers takes one window at a time, in order")
        super().__init__(setup, model)

    def dataset(self, passes: int) -> Any:
        """Give the windows in order, each saying whether the song begins with it."""
        inputs, wanted, weights = self.samples()
        begins = np.zeros(len(wanted), np.float32)
        begins[0] = 1.0
        data = tf.data.Dataset.from_tensor_slices(((inputs, begins), wanted, weights))
        return data.batch(1, drop_remainder=True).cache().repeat(passes)

    def reset(self) -> None:
        """Clear the memory."""
        for layer in self.model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()


class Features(Stateful):
    """A lesson in which a note is two numbers: its pitch, 0 to 1, and its length, 0 or 1."""

    def encode(self, contexts: Sequence[Sequence[int]], scaling: str | None = None) -> Floats:
        """Turn contexts into input: shape (samples, window, 2)."""
        numbers = np.asarray(contexts)
        if scaling not in {None, self.setup.scaling}:
            both = np.stack([numbers % 7, numbers // 7], axis=-1).astype(np.float32)
            return scale(both, scaling or "13")
        half = len(CODES) // 2
        return np.stack([numbers % half / (half - 1), numbers // half], axis=-1).astype(np.float32)


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build a stateful LSTM 128, softmax; ``features`` gives it pitch and length apart."""
    width = 2 if variant == "features" else 1
    inputs = keras.Input(batch_shape=(1, setup.window, width))
    flow = keras.layers.LSTM(setup.units, stateful=True, **recurrent(setup))(inputs)
    for layer in maybe_dropout(setup):
        flow = layer(flow)
    model = Remembering(inputs, notes_out()(flow))
    return (Features if variant == "features" else Stateful)(setup, model)
