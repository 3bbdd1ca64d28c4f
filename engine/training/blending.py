"""Learn how far to trust the network and how far the short-term memory: a version's gates.

The gates learn on tunes that the network was not trained on: on those that it was, it would seem
too trustworthy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.features import Frame, Tracker
from engine.gating import Events, Gates, bits, known, learn
from engine.recall import DURATION_VIEWS, PITCH_VIEWS, Recall
from engine.training.dataset import frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.corpus import Tune
    from engine.gating import Gate
    from engine.predict import Model
    from engine.recall import Said

Array = np.ndarray[Any, np.dtype[Any]]

TUNES: Final = 240
"""Most tunes that are listened to: more take longer and change the third digit."""

LEAST_NOTES: Final = 1000
"""Fewest notes from which gates are learnt."""


@dataclass(frozen=True, slots=True)
class Blend:
    """Gates and what they are good for.

    Attributes:
        gates: learnt on all tunes.
        metrics: bits per note of duration and pitch, of the network alone and with the memory, on
            the same tunes; those with the memory by gates that learnt on the other half of them.
    """

    gates: Gates
    metrics: dict[str, float]


def learn_gates(model: Model, tunes: Sequence[Tune], most: int = TUNES) -> Blend | None:
    """Learn gates.

    Args:
        model: the version; its own gates, if any, have no say.
        tunes: that it was not trained on.
        most: tunes that are listened to at most, spread evenly over all.

    Returns:
        None when there are too few notes to learn from.
    """
    chosen = list(tunes[:: max(1, -(-len(tunes) // most))])
    if len(chosen) < 2 or sum(len(tune.pitches) for tune in chosen) < LEAST_NOTES:
        return None
    durations, pitches = _Kept(len(DURATION_VIEWS)), _Kept(len(PITCH_VIEWS))
    for number, tune in enumerate(chosen):
        _listen(model, tune, number % 2, durations, pitches)
    gates = Gates(durations.gate(), pitches.gate())
    metrics: dict[str, float] = {"tunes": len(chosen)}
    for name, kept in (("duration", durations), ("pitch", pitches)):
        alone, mixed = kept.figures()
        metrics[f"{name}_bits_alone"] = round(alone, 4)
        metrics[f"{name}_bits"] = round(mixed, 4)
    return Blend(gates, metrics)


class _Kept:
    """Predictions of one kind of value with what came, by the half that the tune belongs to."""

    def __init__(self, views: int) -> None:
        self._views = views
        self._rows: tuple[list[tuple[Array, Array, int, int]], ...] = ([], [])

    def add(self, half: int, logs: Array, said: Said, heard: int, came: int) -> None:
        models = np.concatenate([logs, said.log_probs[:, 0]])
        self._rows[half].append((models, said.matches[0], heard, came))

    def _events(self, half: int) -> Events:
        models, matches, heard, came = zip(*self._rows[half], strict=True)
        logs = np.moveaxis(np.array(models), 1, 0)
        return Events(logs, np.array(came), known(logs, np.array(heard), np.array(matches)))

    def gate(self) -> Gate:
        return learn([self._events(0), self._events(1)])

    def figures(self) -> tuple[float, float]:
        """Give bits per note of the network alone and of the mixture, by cross-validation."""
        halves = self._events(0), self._events(1)
        alone = np.concatenate(
            [-part.log_probs[0, np.arange(len(part.came)), part.came] for part in halves]
        )
        mixed = [bits(learn([halves[1 - half]]), [halves[half]]) for half in (0, 1)]
        return float(alone.mean() / np.log(2)), float(np.concatenate(mixed).mean())


def _listen(model: Model, tune: Tune, half: int, durations: _Kept, pitches: _Kept) -> None:
    """Hear one tune, told its key and meter but neither its style nor its end."""
    told, start = frame_of(tune, model.styles)
    tracker = Tracker(Frame(told.tonic, told.meter, told.bar), model.times)
    state, memory = model.start(1), Recall.start(1)
    tonic, before = np.array([told.tonic]), 0
    notes = zip(tune.onsets.tolist(), tune.durations.tolist(), tune.pitches.tolist(), strict=True)
    for heard, (onset, duration, pitch) in enumerate(notes):
        time = onset + start
        state = model.see(state, np.array([tracker.row()]))
        shift = np.array([tracker.time_class(time - before)])
        length = np.array([tracker.time_class(duration)])
        place = np.array([tracker.place(time)])
        logs = model.durations(state, shift, place)
        said = memory.durations(place, logs.shape[1])
        durations.add(half, logs, said, heard, int(length[0]))
        looks = np.array([tracker.look_back(time)[0]])
        logs = model.pitches(state, length, place, looks, tonic)
        pitches.add(half, logs, memory.pitches(length, place), heard, pitch)
        memory = memory.after(np.array([pitch]), length, place)
        tracker.push(time, duration, pitch)
        before = time
