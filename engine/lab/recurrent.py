"""The LSTM's relatives: SimpleRNN, which has no memory cell, and GRU, which has fewer gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent

if TYPE_CHECKING:
    from engine.lab.setup import Setup


def build(setup: Setup, variant: str) -> Lesson:
    """Build one recurrent layer of 128 (``rnn`` or ``gru``), softmax."""
    layer = {"rnn": keras.layers.SimpleRNN, "gru": keras.layers.GRU}[variant]
    layers = [keras.Input((setup.window, 1)), layer(setup.units, **recurrent(setup))]
    return Lesson(setup, keras.Sequential([*layers, *maybe_dropout(setup), notes_out()]))
