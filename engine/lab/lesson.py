"""One model and 나비야: the same arrays, training, and two tests for every family.

Training is ``model.fit`` as in the notes, but many steps run in one call of compiled code: the
samples are repeated inside one ``tf.data`` pipeline, and ``steps_per_execution`` covers several
passes over the song. A model that remembers clears its memory inside that code, too.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np
import tensorflow as tf

from engine.lab import butterfly
from engine.lab.butterfly import CODES, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from engine.lab.setup import Setup

    Floats = NDArray[np.float32]

CALLS: Final = 100
"""Calls of compiled code in a whole training, and points of its learning curve, at most."""


class Lesson:
    """A model with the song, ready to learn and to sing.

    Attributes:
        setup: what was chosen.
        model: the Keras model; predicts the next note from a window.
        history: loss and accuracy by pass, averaged over the passes of one compiled call.
        seconds: processor time that learning took; it works on one core, so an idle machine's clock
            shows the same.
        passes: passes done.
    """

    remembers = False
    """Whether the model keeps its state from window to window."""

    def __init__(self, setup: Setup, model: keras.Model) -> None:
        self.setup = setup
        self.model = model
        self.history: dict[str, list[float]] = {}
        self.seconds = 0.0
        self.passes: list[int] = []
        self._call: Callable[[Any], Any] | None = None

    # --- arrays -----------------------------------------------------------------------------

    def encode(self, contexts: Sequence[Sequence[int]], scaling: str | None = None) -> Floats:
        """Turn contexts into input: shape (samples, window, 1)."""
        numbers = np.asarray(contexts, np.float32)[..., None]
        return scale(numbers, scaling or self.setup.scaling)

    def samples(self) -> tuple[Floats, NDArray[np.int32], Floats]:
        """Give inputs, wanted notes and the weight of each sample."""
        rows = np.asarray(butterfly.windows(self.setup.window), np.int32)
        wanted = rows[:, -1]
        weights = np.ones(len(rows), np.float32)
        if self.setup.class_weights:
            counts = Counter(wanted.tolist())
            weights = np.array([len(rows) / len(counts) / counts[int(n)] for n in wanted], "f4")
        return self.encode(rows[:, :-1].tolist()), wanted, weights

    def dataset(self, passes: int) -> Any:
        """Give the samples ``passes`` times over, in batches."""
        data = tf.data.Dataset.from_tensor_slices(self.samples()).cache()
        count = len(data)
        if self.setup.shuffle:
            data = data.shuffle(count, seed=self.setup.seed)
        return data.batch(min(self.setup.batch, count)).repeat(passes)

    # --- learning ---------------------------------------------------------------------------

    def compile(self, steps: int) -> None:
        """Set loss and optimiser; ``steps`` run in one call."""
        self.model.compile(
            optimizer=optimiser(self.setup),
            loss=keras.losses.SparseCategoricalCrossentropy(),
            weighted_metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
            steps_per_execution=steps,
        )

    def learn(self, callbacks: Sequence[keras.callbacks.Callback] = ()) -> None:
        """Train for the epochs of the setup."""
        epochs = self.setup.epochs
        passes = max(1, epochs // CALLS)
        calls = max(1, round(epochs / passes))
        data = self.dataset(passes)
        steps = int(data.cardinality())
        self.compile(steps)
        more = list(callbacks)
        if self.setup.keep_best:
            more.append(
                keras.callbacks.EarlyStopping("loss", patience=calls, restore_best_weights=True)
            )
        begun = time.process_time()
        # Repeated here, not by fit: a pipeline built anew for every call would cost more than it.
        fitted = self.model.fit(
            data.repeat(),
            epochs=calls,
            steps_per_epoch=steps,
            shuffle=False,
            verbose=0,
            callbacks=more,
        )
        self.seconds = time.process_time() - begun
        self.history = {name: [float(v) for v in row] for name, row in fitted.history.items()}
        self.passes = [passes * (call + 1) for call in fitted.epoch]

    def remarks(self) -> tuple[str, ...]:
        """Say what else was found about the trained model."""
        return ()

    # --- singing ----------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget what was heard; only a model that remembers has anything to forget."""

    def probabilities(self, inputs: Floats) -> Floats:
        """Predict from one window: shape (14,)."""
        if self._call is None:
            self._call = tf.function(lambda x: self.model(x, training=False))
        answer: Floats = np.asarray(self._call(tf.constant(inputs)))[0]
        return answer

    def next_note(self, context: Sequence[int], scaling: str | None = None) -> int:
        """Give the likeliest note after a context."""
        return int(self.probabilities(self.encode([context], scaling)).argmax())

    def one_step(self) -> list[int]:
        """Predict every note from the true ones before it."""
        self.reset()
        return [self.next_note(row[:-1]) for row in butterfly.windows(self.setup.window)]

    def wanted(self) -> list[int]:
        """Give the true notes that :meth:`one_step` predicts."""
        return list(NUMBERS[self.setup.window :])

    def surprise(self) -> float:
        """Give the cross-entropy of the song's notes given the true ones before, in nats."""
        self.reset()
        chances = [
            float(self.probabilities(self.encode([row[:-1]]))[row[-1]])
            for row in butterfly.windows(self.setup.window)
        ]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    def whole_song(self, scaling: str | None = None) -> list[int]:
        """Sing from the song's first notes, then from what was sung.

        Args:
            scaling: feed numbers in another way than the model learnt; ``"none"`` is the notes'
                slip of raw ones.
        """
        self.reset()
        size = self.setup.window
        sung = list(NUMBERS[:size])
        while len(sung) < len(NUMBERS):
            sung.append(self.next_note(sung[-size:], scaling))
        return sung[size:]


def scale(numbers: Floats, scaling: str) -> Floats:
    """Bring numbers of codes into the range that a scaling promises."""
    song = np.asarray(NUMBERS, np.float32)
    shift, spread = {
        "13": (0.0, len(CODES) - 1.0),
        "14": (0.0, float(len(CODES))),
        "minmax": (float(song.min()), float(song.max() - song.min())),
        "standard": (float(song.mean()), float(song.std())),
        "none": (0.0, 1.0),
    }[scaling]
    return ((numbers - shift) / spread).astype(np.float32)


def optimiser(setup: Setup) -> keras.optimizers.Optimizer:
    """Build the optimiser, with Keras' own rate where none is set."""
    optimisers = keras.optimizers
    rate = {} if setup.rate is None else {"learning_rate": setup.rate}
    kinds: dict[str, Callable[..., keras.optimizers.Optimizer]] = {
        "sgd": optimisers.SGD,
        "momentum": lambda **more: optimisers.SGD(momentum=0.9, **more),
        "adagrad": optimisers.Adagrad,
        "adadelta": optimisers.Adadelta,
        "rmsprop": optimisers.RMSprop,
        "adam": optimisers.Adam,
    }
    return kinds[setup.optimiser](**rate)


def hidden(setup: Setup) -> dict[str, Any]:
    """Give the settings of a hidden layer's weights: penalties and the limit of their norm."""
    penalty = keras.regularizers.L1L2(setup.l1, setup.l2) if setup.l1 or setup.l2 else None
    limit = keras.constraints.MaxNorm(setup.max_norm) if setup.max_norm else None
    return {"kernel_regularizer": penalty, "kernel_constraint": limit}


def recurrent(setup: Setup) -> dict[str, Any]:
    """Give the settings of a recurrent layer.

    A window is short: laid out step by step it needs no loop, and training takes half the time.
    """
    activation = {} if setup.activation is None else {"activation": setup.activation}
    return {**hidden(setup), **activation, "unroll": True}


def notes_out() -> keras.layers.Layer:
    """Build the last layer: a probability for each code."""
    return keras.layers.Dense(len(CODES), activation="softmax", name="note")


def maybe_dropout(setup: Setup) -> list[keras.layers.Layer]:
    """Give a Dropout layer where one is wanted."""
    return [keras.layers.Dropout(setup.dropout)] if setup.dropout else []
