"""Tunes as arrays for training: encoded once, then batched, transposed and masked anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
import numpy as np

from engine.corpus import TICK
from engine.features import LAGS, NO_PITCH, Frame, Tracker, columns, meter_class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.corpus import Tune

MAX_STEPS: Final = 192
"""Longest piece of a tune in one row of a batch; longer tunes are cut, their features go on."""

LOWEST, HIGHEST = 43, 91
"""Range in which transposed tunes stay, in MIDI numbers (G2 to G6)."""

STYLE_TOLD: Final = 0.8
"""Share of training tunes whose style is told; the others are 'any'."""

END_TOLD: Final = 0.4
"""Share of training tunes whose number of bars left is told."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One piece of a tune as the network takes it; arrays of shape (steps, …)."""

    rows: np.ndarray
    shift: np.ndarray
    duration: np.ndarray
    pitch: np.ndarray
    place: np.ndarray
    looks: np.ndarray
    tonic: int


def vocabulary(tunes: Sequence[Tune], share: float = 2e-5) -> tuple[int, ...]:
    """List the time values, in ticks, that make up more than ``share`` of all shifts and lengths.

    The rest is told by the class 'any other value'. 0 is always there: the shift of a tune that
    starts on a bar line, and of a chord's further notes.
    """
    counts = Counter[int]()
    for tune in tunes:
        counts.update(np.diff(tune.onsets).tolist())
        counts.update(tune.durations.tolist())
    least = share * sum(counts.values())
    return (0, *sorted(ticks for ticks, count in counts.items() if count > least and ticks > 0))


def frame_of(tune: Tune, styles: Sequence[str]) -> tuple[Frame, int]:
    """Give a tune's frame and the tick, counted from the first bar line, at which it starts."""
    bar = int(tune.meter.bar / TICK) if tune.meter else 0
    start = (bar - tune.pickup) % bar if bar else 0
    last = int(tune.onsets[-1] + tune.durations[-1]) + start
    end = -(-last // bar) * bar if bar else None
    if bar and end is not None and tune.pickup and end - tune.pickup >= last:
        end -= tune.pickup  # the last bar makes up for the pickup
    style = styles.index(tune.style) if tune.style in styles else 0
    return Frame(tune.key.tonic, meter_class(tune.meter), bar, style, end), start


def encode(tune: Tune, times: Sequence[int], styles: Sequence[str]) -> list[Encoded]:
    """Encode a tune, in pieces of at most :data:`MAX_STEPS` notes."""
    frame, start = frame_of(tune, styles)
    tracker = Tracker(frame, times)
    notes = zip(tune.onsets.tolist(), tune.durations.tolist(), tune.pitches.tolist(), strict=True)
    rows, targets, looks = [], [], []
    before = 0
    for onset, duration, pitch in notes:
        time = onset + start
        rows.append(tracker.row())
        looks.append(tracker.look_back(time)[0])
        shift = tracker.time_class(time - before)
        targets.append((shift, tracker.time_class(duration), pitch, tracker.place(time)))
        tracker.push(time, duration, pitch)
        before = time
    pieces = []
    for first in range(0, len(rows), MAX_STEPS):
        part = slice(first, first + MAX_STEPS)
        target = np.array(targets[part], np.int16)
        pieces.append(
            Encoded(
                rows=np.array(rows[part], np.int16),
                shift=target[:, 0],
                duration=target[:, 1],
                pitch=target[:, 2],
                place=target[:, 3],
                looks=np.array(looks[part], np.int16),
                tonic=frame.tonic,
            )
        )
    return pieces


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """Batches of pieces of similar length.

    Args:
        pieces: what to learn from.
        notes: padded notes in a batch, about.
        times, styles: sizes of the vocabulary.
        seed: None for validation: no shuffling, no transposition, nothing told.
    """

    def __init__(
        self, pieces: Sequence[Encoded], notes: int, times: int, styles: int, seed: int | None
    ) -> None:
        super().__init__()
        self._pieces = pieces
        self._notes = notes
        self._seed = seed
        names = [column.name for column in columns(times, styles)]
        self._style, self._left = names.index("style"), names.index("bars_left")
        self._epoch = 0
        self._order = self._arrange()
        self._length = len(self._order)

    def __len__(self) -> int:
        """Count the batches of the first epoch; later ones may arrange to one more or less."""
        return self._length

    @property
    def count(self) -> int:
        """Number of batches of this epoch."""
        return len(self._order)

    def pieces_of(self, number: int) -> list[int]:
        """Give the numbers of the pieces in a batch, line by line."""
        return self._order[number]

    def on_epoch_end(self) -> None:
        """Shuffle anew."""
        self._epoch += 1
        if self._seed is not None:
            self._order = self._arrange()

    def start_at(self, epoch: int) -> None:
        """Go on with an epoch after a restart, so that a resumed run sees the same batches."""
        self._epoch = epoch
        self._order = self._arrange()

    def _random(self, batch: int) -> np.random.Generator:
        return np.random.default_rng((self._seed or 0, self._epoch, batch))

    def _arrange(self) -> list[list[int]]:
        lengths = np.array([len(piece.pitch) for piece in self._pieces])
        noise = np.zeros(len(lengths))
        if self._seed is not None:
            noise = self._random(-1 % 2**32).uniform(0, 12, len(lengths))
        order = np.argsort(lengths + noise, kind="stable")
        batches: list[list[int]] = []
        batch: list[int] = []
        longest = 0
        for index in order.tolist():
            longest = max(longest, int(lengths[index]))
            if batch and longest * (len(batch) + 1) > self._notes:
                batches.append(batch)
                batch, longest = [], int(lengths[index])
            batch.append(index)
        batches.append(batch)
        if self._seed is not None:
            self._random(-2 % 2**32).shuffle(batches)
        return batches

    def __getitem__(self, number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        random = self._random(number)
        pieces = [self._pieces[index] for index in self._order[number % len(self._order)]]
        shape = (len(pieces), max(len(piece.pitch) for piece in pieces))
        rows = np.zeros((*shape, pieces[0].rows.shape[1]), np.int32)
        looks = np.full((*shape, len(LAGS)), NO_PITCH, np.int32)
        known = {name: np.zeros(shape, np.int32) for name in ("shift", "duration", "place")}
        tonic = np.zeros(shape, np.int32)
        pitch = np.zeros(shape, np.int32)
        weight = np.zeros(shape, np.float32)
        for line, piece in enumerate(pieces):
            steps = len(piece.pitch)
            up = self._transposition(piece, random)
            part = piece.rows.astype(np.int32)
            part[:, 0] = np.where(part[:, 0] < NO_PITCH, part[:, 0] + up, NO_PITCH)
            if self._seed is None or random.random() > STYLE_TOLD:
                part[:, self._style] = 0
            if self._seed is None or random.random() > END_TOLD:
                part[:, self._left] = 0
            rows[line, :steps] = part
            for name, values in known.items():
                values[line, :steps] = getattr(piece, name)
            looks[line, :steps] = np.where(piece.looks < NO_PITCH, piece.looks + up, NO_PITCH)
            tonic[line] = (piece.tonic + up) % 12
            pitch[line, :steps] = piece.pitch + up
            weight[line, :steps] = 1
        inputs = {"rows": rows, "looks": looks, "tonic": tonic, **known}
        targets = {"shift": known["shift"], "duration": known["duration"], "pitch": pitch}
        return inputs, targets, dict.fromkeys(targets, weight)

    @property
    def notes(self) -> int:
        """Number of notes in an epoch."""
        return sum(len(piece.pitch) for piece in self._pieces)

    def notes_of(self, number: int) -> int:
        """Count the notes in a batch."""
        return sum(len(self._pieces[index].pitch) for index in self._order[number])

    def _transposition(self, piece: Encoded, random: np.random.Generator) -> int:
        """Draw how far a piece is moved: to any key, within the range."""
        if self._seed is None:
            return 0
        lowest = max(-6, LOWEST - int(piece.pitch.min()))
        highest = min(6, HIGHEST - int(piece.pitch.max()))
        return int(random.integers(lowest, highest + 1)) if lowest <= highest else 0


class Lap(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """One epoch, or what is left of it: the same batches, whoever asks and however often.

    Args:
        batches: set to the epoch by :meth:`Batches.start_at`.
        first: number of its first batch.
    """

    def __init__(self, batches: Batches, first: int) -> None:
        super().__init__()
        self._batches = batches
        self._first = first

    def __len__(self) -> int:
        """Count the batches."""
        return self._batches.count - self._first

    def __getitem__(self, number: int) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        batch = self._batches[self._first + number]
        if number == 1 and _width(batch) == _width(self._batches[self._first]):
            # Keras takes what the first two batches have in common for a rule, the width too.
            inputs, targets, weights = (
                {name: _one_step_more(values) for name, values in part.items()} for part in batch
            )
            return inputs, targets, weights
        return batch


def _width(batch: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> int:
    return int(batch[0]["tonic"].shape[1])


def _one_step_more(values: NDArray[Any]) -> NDArray[Any]:
    """Pad the steps of a batch by one that has no weight."""
    return np.pad(values, [(0, 0), (0, 1), *([(0, 0)] * (values.ndim - 2))])
