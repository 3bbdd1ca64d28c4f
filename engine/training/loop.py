"""The loop over the epochs: report, checkpoint, early stopping, and the end before its time."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from engine import network
from engine.training import checkpoint
from engine.training.checkpoint import Standing
from engine.training.dataset import Batches, Lap
from engine.training.material import CannotLearn
from engine.training.plan import Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.training.plan import Observer, Plan
    from engine.training.scoring import HeldOut, Scores

log = logging.getLogger(__name__)

PATIENCE: Final = 3
"""Epochs without a better one after which the training ends."""

_PAUSE: Final = 2.0
"""Seconds between two reports of an epoch's progress."""

_POINTS: Final = 20
"""Points of the learning curve inside an epoch, at most."""

_MANY_POINTS: Final = 400
"""Points of the learning curve; where there are more, those inside epochs are thinned out."""


class Loop(keras.callbacks.Callback):  # type: ignore[misc]  # keras ships no types
    """The loop over the epochs, and what happens between two of its steps."""

    def __init__(  # noqa: PLR0913, PLR0917 - one private caller
        self,
        plan: Plan,
        network_: keras.Model,
        batches: Batches,
        held_out: HeldOut,
        observer: Observer,
        standing_at: Path,
        old: Scores | None,
    ) -> None:
        super().__init__()
        self._plan = plan
        self._network = network_
        self._batches = batches
        self._held_out = held_out
        self._observer = observer
        self._path = standing_at
        self._level = None if old is None else old.per_note
        self._standing, self._best = Standing(), dict[str, Any]()
        self._first = 0
        self._begun = (0, 0.0)
        self._learnt = 0
        self._mark = (0, 0.0)
        self._told = self._kept = self._clock = time.monotonic()
        self._board = None if plan.logs is None else EventFileWriter(str(plan.logs / plan.name))

    def learn(self) -> None:
        """Go through the epochs; at the end the network has the weights of the best."""
        restored = checkpoint.restore(self._path, self._network)
        if restored is not None:
            self._standing, self._best = restored
            log.info("going on at epoch %d, batch %d", self._standing.epoch, self._standing.batch)
            self._observer.tell(  # what was learnt last may not have been told any more
                "training",
                epoch=min(self._standing.epoch + 1, self._plan.epochs),
                epochs=self._plan.epochs,
                share=self._standing.epoch / self._plan.epochs,
                curve=list(self._standing.curve),
            )
        while self._standing.epoch < self._plan.epochs and self._standing.waited < PATIENCE:
            self._epoch()
        network.assign(self._network, self._best)

    def _epoch(self) -> None:
        standing = self._standing
        self._batches.start_at(standing.epoch)
        self._first = standing.batch
        self._begun = self._mark = standing.steps, standing.loss
        self._learnt = 0
        self._clock = time.monotonic()
        if standing.batch < self._batches.count:
            self._network.fit(
                Lap(self._batches, standing.batch),
                epochs=standing.epoch + 1,
                initial_epoch=standing.epoch,
                callbacks=[self],
                verbose=0,
            )
        bits = self._held_out.score(self._network).per_note
        least = min(standing.best, math.inf if self._level is None else self._level)
        if not math.isfinite(bits) or bits > 2 * least:
            raise CannotLearn("diverged", f"epoch {standing.epoch + 1}: {bits:.3f} bits held out")
        if bits < standing.best:
            standing.best, standing.waited = bits, 0
            arrays = network.arrays(self._network)
            self._best = {name: np.array(value) for name, value in arrays.items()}
        else:
            standing.waited += 1
        loss = standing.loss / max(1, standing.steps)
        standing.epoch, standing.batch = standing.epoch + 1, 0
        standing.loss, standing.steps = 0.0, 0
        standing.curve.append((float(standing.epoch), loss, bits))
        self._thin()
        self._save()
        self._log(loss=loss, held_out=bits)
        self._observer.tell(
            "epoch",
            epoch=standing.epoch,
            epochs=self._plan.epochs,
            loss=loss,
            bits=bits,
            share=standing.epoch / self._plan.epochs,
            curve=list(standing.curve),
        )
        self._obey()

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Note how far it is; now and then tell it and save it."""
        standing = self._standing
        mean = float((logs or {}).get("loss", math.nan)) / math.log(2)
        if not math.isfinite(mean):
            raise CannotLearn("diverged", f"epoch {standing.epoch + 1}, step {batch}: no number")
        done = batch + 1
        standing.batch = self._first + done
        standing.steps = self._begun[0] + done
        standing.loss = self._begun[1] + mean * done
        self._learnt += self._batches.notes_of(standing.batch - 1)
        self._draw()
        now_ = time.monotonic()
        if now_ - self._told > _PAUSE:
            self._told = now_
            self._report(now_)
        wish = self._observer.wish()
        if wish == "pause" or now_ - self._kept > self._plan.save_every:
            self._save()
        self._obey()

    def _draw(self) -> None:
        """Add a point to the curve: the mean loss since the last one."""
        standing, count = self._standing, self._batches.count
        every = max(1, -(-count // _POINTS))
        if standing.batch % every == 0 and standing.batch < count:
            steps, loss = standing.steps - self._mark[0], standing.loss - self._mark[1]
            if steps > 0:
                place = standing.epoch + (standing.batch - steps / 2) / count
                standing.curve.append((round(place, 3), loss / steps, None))
                self._mark = standing.steps, standing.loss

    def _thin(self) -> None:
        curve = self._standing.curve
        while len(curve) > _MANY_POINTS:
            inside = [point for point in curve if point[2] is None][::2]
            if not inside:
                return
            curve[:] = [point for point in curve if point not in inside]

    def _report(self, now_: float) -> None:
        standing, plan = self._standing, self._plan
        speed = self._learnt / max(1e-6, now_ - self._clock)
        share = (standing.epoch + standing.batch / self._batches.count) / plan.epochs
        left = (1 - share) * plan.epochs * self._batches.notes
        self._observer.tell(
            "training",
            epoch=standing.epoch + 1,
            epochs=plan.epochs,
            share=share,
            loss=standing.loss / max(1, standing.steps),
            speed=speed,
            seconds_left=left / speed if speed else None,
            curve=list(standing.curve),
        )

    def _log(self, **figures: float) -> None:
        """Write an epoch's figures down for TensorBoard."""
        if self._board is not None:
            values = [Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items()]
            event = Event(
                wall_time=time.time(), step=self._standing.epoch, summary=Summary(value=values)
            )
            self._board.add_event(event)
            self._board.flush()

    def _save(self) -> None:
        # For a JAX network, the callback's own ``model`` brings its variables up to date first.
        model = getattr(self, "model", None) or self._network
        checkpoint.save(self._path, model, self._standing, self._best)
        self._kept = time.monotonic()
        self._observer.saved()

    def _obey(self) -> None:
        if self._observer.wish():
            raise Interrupted
