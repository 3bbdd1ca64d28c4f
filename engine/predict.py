"""P(next note | tune so far): the trained network and a short-term memory, mixed.

The network knows what tunes are like, the memory (:mod:`engine.recall`) what this one has done; a
learnt gate (:mod:`engine.gating`) says at each note how far to trust either. All of it is NumPy:
the bot's workers answer without TensorFlow, whose import costs five seconds and half a gigabyte.
The network's arithmetic is that of :mod:`engine.network`; a test holds the two against each other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.copying import FILE as INDEX
from engine.copying import Copies
from engine.errors import BadVersion
from engine.features import LAGS, NO_DEGREE, NO_INTERVAL, NO_PITCH, REACH, Frame, Tracker, columns
from engine.gating import Gates
from engine.matrix import Matrix
from engine.recall import Recall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FORMAT: Final = 1
PITCHES: Final = 128
_SCORE_EDGES: Final = (PITCHES, PITCHES + NO_DEGREE, PITCHES + NO_DEGREE + NO_INTERVAL)
"""Where the scores by degree, by interval and by what was heard begin."""

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(slots=True)
class State:
    """What is remembered of a batch of melodies.

    Attributes:
        hidden, cell: of each LSTM layer, (layers, batch, units) float32.
        top: output of the last layer, (batch, units).
        heard: how often each pitch was heard, (batch, 128).
        previous: last pitch of each melody, 128 for none.
        memory: short-term memory; None: the network predicts alone.
    """

    hidden: Array
    cell: Array
    top: Array
    heard: Array
    previous: Array
    memory: Recall | None = None

    def take(self, index: Sequence[int] | Array) -> State:
        """Pick melodies of the batch, in the order of ``index``; repeats make copies."""
        return State(
            self.hidden[:, index],
            self.cell[:, index],
            self.top[index],
            self.heard[index],
            self.previous[index],
            self.memory.take(index) if self.memory else None,
        )


class Model:
    """A trained version, ready to predict.

    Attributes:
        name: name of the version.
        times: time values in ticks; class ``n`` is ``times[n - 1]``, class 0 any other value.
        styles: style names by number.
        document: the whole ``model.json``.
        copies: index of the training tunes, None for a version without.
        gates: how network and short-term memory are mixed, None for a version without.
    """

    def __init__(self, document: Mapping[str, Any], weights: Mapping[str, Array]) -> None:
        self.document = document
        self.copies: Copies | None = None
        self.name = str(document["name"])
        self.times: tuple[int, ...] = tuple(document["times"])
        self.styles: tuple[str, ...] = tuple(document["styles"])
        sizes = document["sizes"]
        self._layers, self._units = int(sizes["layers"]), int(sizes["units"])
        inputs = columns(len(self.times), len(self.styles))
        self.columns = inputs
        self._offsets = np.cumsum([0, *(column.size for column in inputs[:-1])])
        self._w = {
            name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()
        }
        self._check_shapes(sum(column.size for column in inputs), sizes)
        self._products = self._arranged()
        gates = document.get("gates")
        self.gates = Gates.from_json(gates) if gates else None
        names = [column.name for column in inputs]
        self._heard = [names.index(name) for name in ("pitch", "duration", "place")]

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Load a version's folder.

        Raises:
            BadVersion: when a file is missing or damaged, or does not fit this code.
            MemoryError: when there is not enough memory now; the version may be good.
        """
        name = folder.name
        try:
            document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            _check_files(folder, document)
            with np.load(folder / "weights.npz", allow_pickle=False) as data:
                weights = {key: data[key] for key in data.files}
            model = cls(document, weights)
            if INDEX in document["files"]:
                with np.load(folder / INDEX, allow_pickle=False) as data:
                    model.copies = Copies({key: data[key] for key in data.files})
            return model  # noqa: TRY300  # what can fail stands above
        except (BadVersion, MemoryError):
            raise
        except Exception as error:
            raise BadVersion(name, f"{type(error).__name__}: {error}") from error

    def _check_shapes(self, table: int, sizes: Mapping[str, Any]) -> None:
        wanted = {
            "inputs/embeddings": (table, sizes["inputs"]),
            "shift_scores/kernel": (self._units, len(self.times) + 1),
            "pitch_scores/pitch": (sizes["hidden"], PITCHES),
            "pitch_scores/degree": (sizes["hidden"], NO_DEGREE),
            "pitch_scores/interval": (sizes["hidden"], NO_INTERVAL),
            "pitch_scores/memory": (sizes["hidden"], 1 + len(LAGS)),
        }
        for number in range(1, self._layers + 1):
            wanted[f"lstm_{number}/recurrent_kernel"] = (self._units, 4 * self._units)
        for name, shape in wanted.items():
            if self._w[name].shape != shape:
                raise BadVersion(self.name, f"{name} is {self._w[name].shape}, not {shape}")
        if not all(np.isfinite(value).all() for value in self._w.values()):
            raise BadVersion(self.name, "a weight is not a number")

    def _arranged(self) -> dict[str, Matrix]:
        """Arrange the large matrices for fast products, those of one input side by side.

        They are taken out of the weights, so that none is held twice.
        """
        take = self._w.pop
        layers = [f"lstm_{number}" for number in range(1, self._layers + 1)]
        heads = ("shift_scores", "duration_state", "pitch_state")
        scores = [f"pitch_scores/{part}" for part in ("pitch", "degree", "interval", "memory")]
        return {
            **{
                name: Matrix(
                    np.concatenate([take(f"{name}/kernel"), take(f"{name}/recurrent_kernel")])
                )
                for name in layers
            },
            **{name: Matrix(take(f"{name}/kernel")) for name in heads},
            "pitch_scores": Matrix(*map(take, scores)),
        }

    def start(self, batch: int, *, memory: bool = False) -> State:
        """Begin ``batch`` melodies of which nothing is heard yet.

        Args:
            batch: how many.
            memory: remember what each does and predict with it, if the version has learnt to.
        """
        shape = (self._layers, batch, self._units)
        return State(
            np.zeros(shape, np.float32),
            np.zeros(shape, np.float32),
            np.zeros((batch, self._units), np.float32),
            np.zeros((batch, PITCHES), np.float32),
            np.full(batch, NO_PITCH),
            Recall.start(batch) if memory and self.gates else None,
        )

    def see(self, state: State, rows: Array) -> State:
        """Take the features of the next step in.

        Args:
            state: before the step.
            rows: (batch, columns), from :meth:`engine.features.Tracker.row`.

        Returns:
            the state from which the next note's shift, duration and pitch are predicted.
        """
        w = self._w
        seen = w["inputs/embeddings"][rows + self._offsets].sum(axis=1)
        mean = seen.mean(axis=-1, keepdims=True)
        variance = np.square(seen - mean).mean(axis=-1, keepdims=True)
        value = (seen - mean) / np.sqrt(variance + 1e-3)
        value = value * w["inputs_norm/gamma"] + w["inputs_norm/beta"]
        hidden, cell = np.empty_like(state.hidden), np.empty_like(state.cell)
        for layer in range(self._layers):
            name = f"lstm_{layer + 1}"
            known = np.concatenate([value, state.hidden[layer]], axis=1)
            gates = self._products[name].times(known) + w[f"{name}/bias"]
            units = self._units
            into, forget = gates[:, :units], gates[:, units : 2 * units]
            new, out = gates[:, 2 * units : 3 * units], gates[:, 3 * units :]
            cell[layer] = _sigmoid(forget) * state.cell[layer] + _sigmoid(into) * np.tanh(new)
            hidden[layer] = _sigmoid(out) * np.tanh(cell[layer])
            value = hidden[layer] + value if layer else hidden[layer]
        heard = state.heard.copy()
        previous = rows[:, 0]
        there = previous < NO_PITCH
        heard[np.flatnonzero(there), previous[there]] += 1
        memory = state.memory
        if memory is not None and there.all():
            memory = memory.after(*rows[:, self._heard].T)
        return State(hidden, cell, value, heard, previous, memory)

    def shifts(self, state: State) -> Array:
        """Give log-probabilities of the next shift's class, (batch, times + 1) float64."""
        scores = self._products["shift_scores"].times(state.top)
        return _log_softmax(scores + self._w["shift_scores/bias"])

    def durations(self, state: State, shift: Array, place: Array) -> Array:
        """Give log-probabilities of the duration's class, knowing the shift's class and the place.

        Args:
            state: after :meth:`see`.
            shift: (batch,) classes.
            place: (batch,) place in the bar of the note's onset.
        """
        w = self._w
        base = self._products["duration_state"].times(state.top) + w["duration_state/bias"]
        base = base + w["known_shift/embeddings"][shift] + w["known_place/embeddings"][place]
        scores = np.tanh(base) @ w["duration_scores/kernel"] + w["duration_scores/bias"]
        logs = _log_softmax(scores)
        if state.memory is None or self.gates is None:
            return logs
        said = state.memory.durations(place, logs.shape[1])
        return self.gates.duration.join(logs, said, len(state.memory))

    def pitches(
        self, state: State, duration: Array, place: Array, looks: Array, tonic: Array
    ) -> Array:
        """Give log-probabilities of all 128 pitches, knowing when and how long.

        Args:
            state: after :meth:`see`.
            duration: (batch,) classes.
            place: (batch,) place in the bar of the note's onset.
            looks: (batch, lags) pitches some bars before the onset, 128 for none.
            tonic: (batch,) pitch classes.
        """
        w = self._w
        base = self._products["pitch_state"].times(state.top) + w["pitch_state/bias"]
        base = base + w["known_duration/embeddings"][duration]
        hidden = np.tanh(base + w["known_place_2/embeddings"][place])
        pitches = np.arange(PITCHES)
        parts = self._products["pitch_scores"].times(hidden)
        by_pitch, by_degree, by_interval, memory = np.split(parts, _SCORE_EDGES, axis=1)
        scores = by_pitch + w["pitch_scores/bias"]
        lines = np.arange(len(scores))[:, None]
        scores += by_degree[lines, (pitches - tonic[:, None]) % 12]
        interval = np.clip(pitches - state.previous[:, None], -REACH, REACH) + REACH
        scores += np.where(state.previous[:, None] < NO_PITCH, by_interval[lines, interval], 0)
        scores += memory[:, :1] * np.log1p(state.heard)
        for slot in range(len(LAGS)):
            there = looks[:, slot] < NO_PITCH
            scores[there, looks[there, slot]] += memory[there, slot + 1]
        logs = _log_softmax(scores)
        if state.memory is None or self.gates is None:
            return logs
        said = state.memory.pitches(duration, place)
        return self.gates.pitch.join(logs, said, len(state.memory))


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Log-probabilities, in nats, of each note that was heard: three (notes, batch) arrays.

    Attributes:
        shift, duration, pitch: of what was heard, each knowing the ones before it.
        pitches: of all pitches, (notes, batch, 128), when they were asked for.
    """

    shift: Array
    duration: Array
    pitch: Array
    pitches: Array | None = None

    @property
    def total(self) -> Array:
        """Log-probability of each whole melody, (batch,)."""
        return np.asarray((self.shift + self.duration + self.pitch).sum(axis=0))


class Listener:
    """Hear a melody under several hypotheses at once, some notes at a time.

    Args:
        model: the version.
        frames: one hypothesis each: tonic, meter, style, end.
        starts: tick, from the first bar line, at which the melody starts, for each.
        memory: predict with the short-term memory, if the version has learnt to.

    Attributes:
        state: after the last note (before the next row is seen).
        trackers: one for each hypothesis.
    """

    def __init__(
        self, model: Model, frames: Sequence[Frame], starts: Sequence[int], *, memory: bool = False
    ) -> None:
        self._model = model
        self._starts = list(starts)
        self.state = model.start(len(frames), memory=memory)
        self.trackers = [Tracker(frame, model.times) for frame in frames]

    def keep(self, index: Sequence[int]) -> None:
        """Go on with these hypotheses only."""
        self.state = self.state.take(np.asarray(index))
        self.trackers = [self.trackers[line] for line in index]
        self._starts = [self._starts[line] for line in index]

    def hear(
        self, notes: Sequence[tuple[int, int, int]], *, distributions: bool = False
    ) -> Likelihood:
        """Hear the next notes.

        Args:
            notes: (onset, duration, pitch) in ticks from the melody's start.
            distributions: give the log-probabilities of all pitches too; they take
                a kilobyte for each note and hypothesis.
        """
        model, trackers, batch = self._model, self.trackers, len(self.trackers)
        tonic = np.array([tracker.frame.tonic for tracker in trackers])
        logs = np.zeros((3, len(notes), batch))
        whole = np.zeros((len(notes), batch, PITCHES)) if distributions else None
        lines = np.arange(batch)
        for step, (onset, duration, pitch) in enumerate(notes):
            self.state = model.see(self.state, np.array([tracker.row() for tracker in trackers]))
            timed = [(t, onset + start) for t, start in zip(trackers, self._starts, strict=True)]
            shifts = np.array(
                [t.time_class(time - (t.onsets[-1] if t.onsets else 0)) for t, time in timed]
            )
            length = np.full(batch, trackers[0].time_class(duration))
            place = np.array([t.place(time) for t, time in timed])
            looks = np.array([t.look_back(time)[0] for t, time in timed])
            logs[0, step] = model.shifts(self.state)[lines, shifts]
            logs[1, step] = model.durations(self.state, shifts, place)[lines, length]
            pitches = model.pitches(self.state, length, place, looks, tonic)
            logs[2, step] = pitches[lines, pitch]
            if whole is not None:
                whole[step] = pitches
            for tracker, time in timed:
                tracker.push(time, duration, pitch)
        return Likelihood(logs[0], logs[1], logs[2], whole)


def listen(  # noqa: PLR0913  # the last two by name
    model: Model,
    notes: Sequence[tuple[int, int, int]],
    frames: Sequence[Frame],
    starts: Sequence[int],
    *,
    memory: bool = False,
    distributions: bool = False,
) -> tuple[State, list[Tracker], Likelihood]:
    """Hear a whole melody under several hypotheses at once.

    Args:
        model: the version.
        notes: (onset, duration, pitch) in ticks from the melody's start.
        frames: one hypothesis each: tonic, meter, style, end.
        starts: tick, from the first bar line, at which the melody starts, for each.
        memory: as :class:`Listener` takes it.
        distributions: as :meth:`Listener.hear` takes it.

    Returns:
        the state after the last note (before the next row is seen), a tracker for each
        hypothesis, and the likelihood of the notes.
    """
    listener = Listener(model, frames, starts, memory=memory)
    likelihood = listener.hear(notes, distributions=distributions)
    return listener.state, listener.trackers, likelihood


def _check_files(folder: Path, document: Mapping[str, Any]) -> None:
    if document["format"] != FORMAT:
        raise BadVersion(folder.name, f"format {document['format']}, this code reads {FORMAT}")
    for file, digest in document["files"].items():
        if "/" in file or hashlib.sha256((folder / file).read_bytes()).hexdigest() != digest:
            raise BadVersion(folder.name, f"{file} is not what model.json says")


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * np.tanh(0.5 * x) + 0.5)


def _log_softmax(scores: Array) -> Array:
    scores = scores.astype(np.float64)
    scores -= scores.max(axis=-1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True)))
