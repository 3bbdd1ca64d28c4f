"""The multilayer perceptron: four numbers in, two hidden layers, a note out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from engine.lab.lesson import Lesson, hidden, maybe_dropout, notes_out

if TYPE_CHECKING:
    from engine.lab.setup import Setup


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build Dense 128, Dense 128, softmax."""
    del variant
    layers = [keras.Input((setup.window, 1)), keras.layers.Flatten()]
    for _ in range(2):
        activation = setup.activation or "relu"
        layers.append(keras.layers.Dense(setup.units, activation=activation, **hidden(setup)))
        layers += maybe_dropout(setup)
    return Lesson(setup, keras.Sequential([*layers, notes_out()]))
