"""The network: two LSTM layers over the notes, and three outputs that see each other in turn.

One step per note. At each step the network has seen all earlier notes and says, in this order,
how likely each shift is, each duration given the shift, and each pitch given both.

A pitch's score is the sum of scores of several viewpoints (its interval from the last note, its
scale degree, the pitch itself, how often it was heard, whether it stood here one, two, four or
eight bars ago), each weighed by the network's state. So what is learnt of an interval or a degree
holds at every pitch, and no pitch is impossible.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import keras
from keras import layers, ops

from engine.features import LAGS, NO_PITCH, PLACES, REACH, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

PITCHES: Final = 128
INTERVALS: Final = 2 * REACH + 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a network; kept in ``model.json``.

    Attributes:
        times: time values in the vocabulary, without 'any other'.
        styles: styles, with 'any'.
        inputs: width of the summed input embeddings.
        units: units of each LSTM layer.
        layers: LSTM layers.
        hidden: width of the layer before the duration and pitch scores.
        dropout: share of units dropped between layers while training.
    """

    times: int
    styles: int
    inputs: int = 192
    units: int = 256
    layers: int = 2
    hidden: int = 192
    dropout: float = 0.25

    def to_json(self) -> dict[str, Any]:
        """Give the sizes as JSON data."""
        return asdict(self)


class PitchScores(layers.Layer):  # type: ignore[misc]  # keras ships no types
    """Score all 128 pitches from the state and the viewpoints.

    Inputs: state (batch, steps, hidden); previous pitch, tonic (batch, steps); pitches at the same
    place some bars ago (batch, steps, lags), 128 for none. Output: logits (batch, steps, 128).
    """

    def build(
        self,
        state_shape: tuple[int | None, ...],
        previous_shape: tuple[int | None, ...],  # noqa: ARG002  # keras' signature
        tonic_shape: tuple[int | None, ...],  # noqa: ARG002  # likewise
        looks_shape: tuple[int | None, ...],  # noqa: ARG002  # likewise
    ) -> None:
        """Make one score matrix a viewpoint."""
        width = state_shape[-1]

        def matrix(name: str, size: int) -> Any:
            return self.add_weight(shape=(width, size), initializer="glorot_uniform", name=name)

        self.by_interval = matrix("interval", INTERVALS)
        self.by_degree = matrix("degree", 12)
        self.by_pitch = matrix("pitch", PITCHES)
        self.by_memory = matrix("memory", 1 + len(LAGS))
        self.bias = self.add_weight(shape=(PITCHES,), initializer="zeros", name="bias")

    def call(self, state: Any, previous: Any, tonic: Any, looks: Any) -> Any:
        """Add up the scores."""
        pitches = ops.arange(PITCHES)
        interval = ops.clip(pitches - ops.expand_dims(previous, -1), -REACH, REACH) + REACH
        heard_before = ops.expand_dims(previous < NO_PITCH, -1)
        degree = ops.mod(pitches - ops.expand_dims(tonic, -1), 12)
        memory = ops.matmul(state, self.by_memory)
        scores = ops.matmul(state, self.by_pitch) + self.bias
        scores += ops.take_along_axis(ops.matmul(state, self.by_degree), degree, axis=-1)
        by_interval = ops.take_along_axis(ops.matmul(state, self.by_interval), interval, axis=-1)
        scores += ops.where(heard_before, by_interval, 0.0)
        heard = ops.cumsum(ops.one_hot(previous, PITCHES), axis=1)
        scores += memory[..., :1] * ops.log1p(heard)
        for slot in range(len(LAGS)):
            there = ops.one_hot(looks[..., slot], PITCHES)
            scores += memory[..., slot + 1 : slot + 2] * there
        return scores


_KNOWN: Final = ("shift", "duration", "place", "tonic")
"""Inputs of one number a step."""


def build(sizes: Sizes) -> keras.Model:
    """Build the network.

    Inputs, all int32:
        ``rows`` (batch, steps, columns): the features of :mod:`engine.features`;
        ``shift``, ``duration``, ``place`` (batch, steps): true shift and duration class and place
        in the bar of the note to predict: each output sees those before it;
        ``looks`` (batch, steps, lags): pitches at the same place 1, 2, 4 and 8 bars ago;
        ``tonic`` (batch, steps): pitch class.

    Outputs: logits ``shift``, ``duration`` (batch, steps, times + 1), ``pitch``
    (batch, steps, 128).
    """
    given = {name: keras.Input((None,), dtype="int32", name=name) for name in _KNOWN}
    width = len(columns(sizes.times, sizes.styles))
    given["rows"] = keras.Input((None, width), dtype="int32", name="rows")
    given["looks"] = keras.Input((None, len(LAGS)), dtype="int32", name="looks")
    state = _listen(given["rows"], sizes)
    scores = {
        "shift": layers.Dense(sizes.times + 1, name="shift_scores")(state),
        "duration": _score_durations(state, given, sizes),
        "pitch": _score_pitches(state, given, sizes),
    }
    named = {part: layers.Identity(name=f"{part}_out")(of) for part, of in scores.items()}
    return keras.Model(given, named, name="nabi")


def _listen(rows: Any, sizes: Sizes) -> Any:
    """Take in the tune so far: embedded features, LSTM layers; (batch, steps, units)."""
    rows_of = columns(sizes.times, sizes.styles)
    offsets = [sum(column.size for column in rows_of[:i]) for i in range(len(rows_of))]
    total = sum(column.size for column in rows_of)
    seen = layers.Embedding(total, sizes.inputs, name="inputs")(rows + ops.array(offsets, "int32"))
    state = layers.LayerNormalization(name="inputs_norm")(ops.sum(seen, axis=2))
    for number in range(1, sizes.layers + 1):
        state_in = layers.Dropout(sizes.dropout)(state)
        state = layers.LSTM(sizes.units, return_sequences=True, name=f"lstm_{number}")(state_in)
        if number > 1:
            state = state + state_in
    return layers.Dropout(sizes.dropout)(state)


def _score_durations(state: Any, given: Mapping[str, Any], sizes: Sizes) -> Any:
    """Score the durations, with the shift before them known."""
    times = sizes.times + 1
    shift = layers.Embedding(times, sizes.hidden, name="known_shift")(given["shift"])
    place = layers.Embedding(PLACES, sizes.hidden, name="known_place")(given["place"])
    base = layers.Dense(sizes.hidden, name="duration_state")(state) + shift + place
    return layers.Dense(times, name="duration_scores")(ops.tanh(base))


def _score_pitches(state: Any, given: Mapping[str, Any], sizes: Sizes) -> Any:
    """Score the pitches, with the duration before them known."""
    duration = layers.Embedding(sizes.times + 1, sizes.hidden, name="known_duration")(
        given["duration"]
    )
    place = layers.Embedding(PLACES, sizes.hidden, name="known_place_2")(given["place"])
    base = layers.Dense(sizes.hidden, name="pitch_state")(state) + duration + place
    hidden = layers.Dropout(sizes.dropout)(ops.tanh(base))
    return PitchScores(name="pitch_scores")(
        hidden, given["rows"][..., 0], given["tonic"], given["looks"]
    )


def arrays(model: keras.Model) -> dict[str, Any]:
    """Give all weights as NumPy arrays by name, such as ``lstm_1/recurrent_kernel``."""
    return {_name(variable): ops.convert_to_numpy(variable) for variable in model.weights}


def assign(model: keras.Model, values: Mapping[str, Any]) -> None:
    """Set all weights from :func:`arrays`.

    Raises:
        KeyError: when a weight is missing.
        ValueError: when a shape does not fit.
    """
    for variable in model.weights:
        variable.assign(values[_name(variable)])


def _name(variable: Any) -> str:
    return str(variable.path).replace("/lstm_cell/", "/")
