"""Import the training, held to a few threads: importing TensorFlow takes seconds."""

from __future__ import annotations

import contextlib
from typing import Any


def load_training(threads: int) -> Any:
    """Give the module :mod:`engine.training.learning`, with TensorFlow held to so many threads.

    Once TensorFlow has made its threads it keeps their number.
    """
    import keras  # noqa: PLC0415 - takes seconds, and most processes end before

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf  # noqa: PLC0415 - likewise

        with contextlib.suppress(RuntimeError):  # it runs already
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
    from engine.training import learning as training  # noqa: PLC0415 - likewise

    return training
