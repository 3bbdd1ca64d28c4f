"""The stack of LSTMs: as in the notes, and as it is when nothing is lost on the way in and out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import keras

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.lab.piano.events import Vocabulary

NOW: Final = "now"
"""Input with the sound of the event that is predicted: its bass, shift and length depend on it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """What decides the network and its training.

    Attributes:
        window: events that it sees.
        units: width of each LSTM layer.
        layers: number of LSTM layers.
        dense: width of the layer before the answers.
        dropout: share of units dropped after each LSTM layer.
        epochs: most passes over the corpus.
        batch: windows per step.
        rate: learning rate of RMSprop.
        plain: as in the notes: a word's number, divided by their count, is the only input, the
            word after the window the only answer, and nothing but the sound is kept.
        transpose: whether every piece is learnt in all twelve keys.
        seed: of weights and order.
    """

    window: int = 32
    units: int = 128
    layers: int = 2
    dense: int = 128
    dropout: float = 0.3
    epochs: int = 20
    batch: int = 32
    rate: float = 2e-3
    plain: bool = False
    transpose: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if min(self.window, self.units, self.layers, self.dense, self.epochs, self.batch) < 1:
            raise ValueError("window, units, layers, dense, epochs and batch are at least 1")
        if not 0 <= self.dropout < 1 or self.rate <= 0:
            raise ValueError("dropout is 0 to below 1, a learning rate is above 0")

    def but(self, **changes: Any) -> Sizes:
        """Make the same sizes with some values changed."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Give the sizes as JSON data."""
        return asdict(self)


SMALL: Final = Sizes()
AS_IN_NOTES: Final = Sizes(
    100, 512, 3, 256, epochs=200, batch=64, rate=1e-3, plain=True, transpose=False
)
SETTINGS: Final[Mapping[str, Sizes]] = {"small": SMALL, "notes": AS_IN_NOTES}


def build(vocabulary: Vocabulary, sizes: Sizes) -> keras.Model:
    """Build the network; its answers are named by field."""
    return _plain(vocabulary, sizes) if sizes.plain else _whole(vocabulary, sizes)


def _plain(vocabulary: Vocabulary, sizes: Sizes) -> keras.Model:
    seen = keras.Input((sizes.window, 1), name="sound")
    flow = seen
    for number in range(sizes.layers):
        more = number < sizes.layers - 1
        name = f"lstm_{number + 1}"
        flow = keras.layers.LSTM(sizes.units, return_sequences=more, name=name)(flow)
        flow = keras.layers.Dropout(sizes.dropout, name=f"dropout_{number + 1}")(flow)
    flow = keras.layers.Dense(sizes.dense, name="hidden")(flow)
    return keras.Model({"sound": seen}, {"sound": answers(vocabulary, "sound")(flow)})


def _whole(vocabulary: Vocabulary, sizes: Sizes) -> keras.Model:
    layers = keras.layers
    inputs = {name: keras.Input((None,), dtype="int32", name=name) for name in vocabulary.fields}
    widths = {"sound": 64, "bass": 24, "top": 24, "shift": 12, "length": 12}
    embeddings = {
        name: layers.Embedding(vocabulary.size(name), widths[name], name=f"embed_{name}")
        for name in inputs
    }
    flow = layers.Concatenate(name="event")([embeddings[n](x) for n, x in inputs.items()])
    for number in range(sizes.layers):
        flow = layers.LSTM(sizes.units, return_sequences=True, name=f"lstm_{number + 1}")(flow)
        flow = layers.Dropout(sizes.dropout, name=f"dropout_{number + 1}")(flow)
    hidden = layers.Dense(sizes.dense, activation="relu", name="hidden")(flow)
    now = keras.Input((None,), dtype="int32", name=NOW)
    known = layers.Concatenate(name="with_now")([hidden, embeddings["sound"](now)])
    outputs = {
        name: answers(vocabulary, name)(hidden if name == "sound" else known) for name in inputs
    }
    return keras.Model({**inputs, NOW: now}, outputs)


def answers(vocabulary: Vocabulary, field: str, name: str = "") -> keras.layers.Layer:
    """Build the layer that gives the probabilities of a field's words."""
    size = vocabulary.size(field)
    return keras.layers.Dense(size, activation="softmax", name=name or f"{field}_out")
