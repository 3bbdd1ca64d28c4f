"""From a name to an outcome: build, train, put to both tests."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import keras
import tensorflow as tf

from engine.lab.outcome import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from engine.lab.lesson import Lesson
    from engine.lab.registry import Family
    from engine.lab.setup import Setup


def prepare() -> None:
    """Make small models run as fast as they can, and the same way every time.

    Raises:
        RuntimeError: when Keras runs on anything but TensorFlow: the lessons use its pipelines.
    """
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError("the lab needs Keras on TensorFlow; unset KERAS_BACKEND")
    with suppress(RuntimeError):  # something has run before: then it stays as it is
        # So little is to be done in each step that sharing it out costs more than it brings.
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()


def run(family: Family, setup: Setup | None = None, log: Path | None = None) -> Outcome:
    """Train a model and let it sing.

    Args:
        family: which one.
        setup: with which options; None: as in the lesson.
        log: folder for TensorBoard, None for no log.
    """
    return run_lesson(family, setup, log)[0]


def run_lesson(
    family: Family, setup: Setup | None = None, log: Path | None = None
) -> tuple[Outcome, Lesson]:
    """Do what :func:`run` does and give the trained lesson, too."""
    chosen = setup or family.setup
    keras.backend.clear_session()
    keras.utils.set_random_seed(chosen.seed)
    lesson = family.build(chosen)
    callbacks = [] if log is None else [keras.callbacks.TensorBoard(str(log / family.name))]
    lesson.learn(callbacks)
    fed = family.name != "gan"
    outcome = Outcome(
        name=family.name,
        what=family.what,
        parameters=lesson.model.count_params(),
        epochs=lesson.passes[-1],
        seconds=lesson.seconds,
        window=chosen.window,
        one_step=tuple(lesson.one_step()),
        sung=tuple(lesson.whole_song()),
        raw=tuple(lesson.whole_song("none")) if fed else None,
        fourteenth=tuple(lesson.whole_song("14")) if fed else None,
        loss=tuple(lesson.history.get("loss", ())),
        accuracy=tuple(lesson.history.get("accuracy", ())),
        passes=tuple(lesson.passes),
        remarks=lesson.remarks(),
    )
    return outcome, lesson
