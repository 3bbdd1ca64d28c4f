"""Many-to-many: an LSTM that says after every note of the window what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
import numpy as np

from engine.lab import butterfly
from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.lab.setup import Setup

    Floats = NDArray[np.float32]


class ManyToMany(Lesson):
    """A lesson with an answer wanted at every step; the last one is the next note."""

    def samples(self) -> tuple[Floats, NDArray[np.int32], Floats]:
        """Give inputs, the next note after each note of the window, and weights by step."""
        inputs, wanted, weights = super().samples()
        rows = np.asarray(butterfly.windows(self.setup.window), np.int32)
        steps = np.repeat(weights[:, None], self.setup.window, axis=1)
        del wanted
        return inputs, rows[:, 1:], steps

    def probabilities(self, inputs: Floats) -> Floats:
        """Predict from one window: the answer after its last note."""
        answer: Floats = super().probabilities(inputs)[-1]
        return answer


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build LSTM 128 that returns sequences, softmax at every step."""
    del variant
    layers = [
        keras.Input((setup.window, 1)),
        keras.layers.LSTM(setup.units, return_sequences=True, **recurrent(setup)),
        *maybe_dropout(setup),
        notes_out(),
    ]
    return ManyToMany(setup, keras.Sequential(layers))
