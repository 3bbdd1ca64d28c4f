"""Two LSTM layers, the first one handing all its outputs on (``return_sequences``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent

if TYPE_CHECKING:
    from engine.lab.setup import Setup


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build LSTM 128, LSTM 128, softmax; ``norm`` puts BatchNormalization after each LSTM."""
    layers = [keras.Input((setup.window, 1))]
    for more in (True, False):
        layers.append(keras.layers.LSTM(setup.units, return_sequences=more, **recurrent(setup)))
        if variant == "norm":
            layers.append(keras.layers.BatchNormalization())
        layers += maybe_dropout(setup)
    return Lesson(setup, keras.Sequential([*layers, notes_out()]))
