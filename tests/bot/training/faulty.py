"""The training process, with one fault that a test asks for.

    python faulty.py FAULT [ARGUMENT]

``nan``: the loss becomes no number. ``lazy``: it learns nothing. ``full N``: no file may grow
beyond N bytes. ``stop STAGE``: it kills itself at a stage, in every process. ``before-rename`` and
``after-rename``: it kills itself around the moment at which the version appears. ``sleepy PATH``:
it waits before it writes the version until a file appears. ``patient PATH``: it waits after a few
steps of the first epoch, until the file appears or somebody wishes for an end. ``silent``: it ends
before it begins. Who waits says so by a file ``PATH.here``.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bot.training import keeper, process
from engine.training import door as training_door

PATIENT_AT = 3
"""The step, from 0 in an epoch or in what is left of it, before whose end a patient one waits."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def with_nan() -> None:
    load = training_door.load_training

    def loaded(threads: int) -> Any:
        training = load(threads)
        compile_ = training.compile_for_training

        def spoiled(model: Any, rate: float, steps: int, epochs: int) -> None:
            compile_(model, rate, steps, epochs)
            variable = model.trainable_variables[0]
            variable.assign(variable * float("nan"))

        training.compile_for_training = spoiled
        return training

    training_door.load_training = loaded


def without_zeal() -> None:
    load = training_door.load_training

    def loaded(threads: int) -> Any:
        training = load(threads)
        compile_ = training.compile_for_training

        def lazy(model: Any, _rate: float, steps: int, epochs: int) -> None:
            compile_(model, 0.0, steps, epochs)

        training.compile_for_training = lazy
        return training

    training_door.load_training = loaded


def with_limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails as on a full disk

    from engine.training import checkpoint, versioning  # noqa: PLC0415 - in the child alone

    def limited(function: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            old = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, old[1]))
            try:
                return function(*args, **named)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, old)

        return call

    checkpoint.save = limited(checkpoint.save)
    versioning.stage = limited(versioning.stage)


def with_death_at(stage: str) -> None:
    tell = keeper.Keeper.tell

    def told(self: keeper.Keeper, state: str, **figures: Any) -> None:
        tell(self, state, **figures)
        if state == stage:
            die()

    keeper.Keeper.tell = told  # type: ignore[method-assign]


def with_death_around_rename(*, after: bool) -> None:
    publish = process._publish

    def published(*args: Any) -> Any:
        if after:
            publish(*args)
        die()

    process._publish = published  # type: ignore[assignment]  # any arguments


def with_patience(path: str) -> None:
    load = training_door.load_training

    def loaded(threads: int) -> Any:
        training = load(threads)
        from engine.training.loop import Loop  # noqa: PLC0415 - takes seconds

        step = Loop.on_train_batch_end

        def patient(self: Loop, batch: int, logs: Any = None) -> None:
            if batch == PATIENT_AT:
                Path(f"{path}.here").touch()
                while not (Path(path).exists() or self._observer.wish()):
                    time.sleep(0.05)
            step(self, batch, logs)

        Loop.on_train_batch_end = patient  # type: ignore[method-assign]
        return training

    training_door.load_training = loaded


def with_sleep(path: str) -> None:
    stage = process._stage

    def staged(*args: Any) -> Any:
        Path(f"{path}.here").touch()
        while not Path(path).exists():
            time.sleep(0.05)
        return stage(*args)

    process._stage = staged  # type: ignore[assignment]  # likewise


FAULTS = {
    "nan": with_nan,
    "lazy": without_zeal,
    "full": lambda size: with_limit(int(size)),
    "stop": with_death_at,
    "before-rename": lambda: with_death_around_rename(after=False),
    "after-rename": lambda: with_death_around_rename(after=True),
    "sleepy": with_sleep,
    "patient": with_patience,
    "silent": lambda: sys.exit(1),
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]](*sys.argv[2:])  # type: ignore[operator]
    sys.exit(process.main())
