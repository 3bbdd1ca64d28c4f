"""The stateless LSTM: reads the four notes of a window one by one and forgets them after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent

if TYPE_CHECKING:
    from engine.lab.setup import Setup


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build LSTM 128, softmax."""
    del variant
    layers = [keras.Input((setup.window, 1)), keras.layers.LSTM(setup.units, **recurrent(setup))]
    return Lesson(setup, keras.Sequential([*layers, *maybe_dropout(setup), notes_out()]))
