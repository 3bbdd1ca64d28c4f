"""Sequence to sequence: an encoder reads four notes, a decoder sings the next four.

While learning, the decoder hears the true note before each one (teacher forcing); while singing,
its own. It sings in blocks of four, so that the encoder looks at the song only once a block. That
is harder, not easier: what stands four notes after a window is open more often than what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from engine.lab import butterfly
from engine.lab.butterfly import CODES, NUMBERS
from engine.lab.lesson import Lesson, maybe_dropout, notes_out, recurrent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.lab.setup import Setup

    Floats = NDArray[np.float32]

START = len(CODES)
"""What the decoder hears before its first note."""


class Seq2Seq(Lesson):
    """A lesson whose answers are as long as its windows."""

    def dataset(self, passes: int) -> Any:
        """Give windows, what the decoder hears, and what it should sing.

        The last windows have less than a whole block after them: what is missing weighs nothing.
        """
        inputs, _, weights = self.samples()
        size = self.setup.window
        wanted = np.zeros((len(inputs), size), np.int32)
        weigh = np.zeros((len(inputs), size), np.float32)
        for row in range(len(inputs)):
            block = NUMBERS[row + size : row + 2 * size]
            wanted[row, : len(block)] = block
            weigh[row, : len(block)] = weights[row]
        heard = np.concatenate([np.full((len(inputs), 1), START), wanted[:, :-1]], axis=1)
        data = tf.data.Dataset.from_tensor_slices(((inputs, heard), wanted, weigh)).cache()
        if self.setup.shuffle:
            data = data.shuffle(len(inputs), seed=self.setup.seed)
        return data.batch(min(self.setup.batch, len(inputs))).repeat(passes)

    def block(self, context: Sequence[int], scaling: str | None = None) -> list[int]:
        """Sing the block after a context, each note given the ones before."""
        if self._call is None:
            self._call = tf.function(lambda pair: self.model(pair, training=False))
        size = self.setup.window
        inputs = self.encode([context], scaling)
        heard = np.full((1, size), START)
        sung: list[int] = []
        for place in range(size):
            answer = np.asarray(self._call((tf.constant(inputs), tf.constant(heard))))
            sung.append(int(answer[0, place].argmax()))
            heard[0, place + 1 : place + 2] = sung[-1]
        return sung

    def next_note(self, context: Sequence[int], scaling: str | None = None) -> int:
        """Give the first note of the block after a context."""
        return self.block(context, scaling)[0]

    def whole_song(self, scaling: str | None = None) -> list[int]:
        """Sing block by block."""
        size = self.setup.window
        sung = list(NUMBERS[:size])
        while len(sung) < len(NUMBERS):
            sung += self.block(sung[-size:], scaling)
        return sung[size : len(NUMBERS)]


def build(setup: Setup, variant: str = "") -> Lesson:
    """Build LSTM 128 -> its state -> LSTM 128, softmax at every step.

    Raises:
        ValueError: when a window and the block after it do not fit into the song.
    """
    del variant
    if len(butterfly.windows(setup.window)) < setup.window:
        raise ValueError(f"seq2seq: the song is too short for blocks of {setup.window} notes")
    seen = keras.Input((setup.window, 1), name="seen")
    heard = keras.Input((setup.window,), dtype="int32", name="heard")
    _, *state = keras.layers.LSTM(
        setup.units, return_state=True, name="encoder", **recurrent(setup)
    )(seen)
    before = keras.layers.Embedding(len(CODES) + 1, 16)(heard)
    flow = keras.layers.LSTM(
        setup.units, return_sequences=True, name="decoder", **recurrent(setup)
    )(before, initial_state=state)
    for layer in maybe_dropout(setup):
        flow = layer(flow)
    return Seq2Seq(setup, keras.Model([seen, heard], notes_out()(flow)))
