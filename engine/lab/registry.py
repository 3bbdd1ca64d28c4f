"""Every model of the lesson by name; importing this loads neither Keras nor TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

from engine.lab.setup import Setup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.lab.lesson import Lesson


@dataclass(frozen=True, slots=True)
class Family:
    """One row of the table.

    Attributes:
        name: by which it is asked for.
        module: file of :mod:`engine.lab` that builds it.
        what: one line about it.
        setup: its settings in the lesson.
        variant: what tells models of one file apart.
    """

    name: str
    module: str
    what: str
    setup: Setup = field(default_factory=Setup)
    variant: str = ""

    def build(self, setup: Setup | None = None) -> Lesson:
        """Build the model with its data; this is what loads Keras."""
        made: Lesson = import_module(f"engine.lab.{self.module}").build(
            setup or self.setup, self.variant
        )
        return made


_RECURRENT: Final = Setup(epochs=2000, batch=50, shuffle=False)
_STATEFUL: Final = Setup(epochs=300, batch=1, shuffle=False, keep_best=True)

FAMILIES: Final[Mapping[str, Family]] = {
    family.name: family
    for family in (
        Family("mlp", "mlp", "two Dense layers on four numbers"),
        Family("lstm", "lstm", "LSTM, a note at a time", Setup(batch=1)),
        Family("lstm-batch", "lstm", "the same, the whole song as one batch in order", _RECURRENT),
        Family("lstm-stateful", "stateful", "LSTM that remembers the song so far", _STATEFUL),
        Family(
            "lstm-features",
            "stateful",
            "the same, pitch and length apart",
            _STATEFUL,
            "features",
        ),
        Family("rnn", "recurrent", "SimpleRNN", _RECURRENT, "rnn"),
        Family("gru", "recurrent", "GRU", _RECURRENT, "gru"),
        Family("stacked", "stacked", "two LSTM layers", _RECURRENT),
        Family(
            "stacked-dropout",
            "stacked",
            "two LSTM layers with Dropout",
            _RECURRENT.but(dropout=0.3),
        ),
        Family(
            "stacked-norm",
            "stacked",
            "two LSTM layers with BatchNormalization",
            _RECURRENT,
            "norm",
        ),
        Family("many-to-many", "many", "LSTM that answers after every note", _RECURRENT),
        Family("seq2seq", "seq2seq", "encoder of four notes, decoder of the next four", _RECURRENT),
        Family(
            "gan", "gan", "generator and discriminator", Setup(epochs=6000, batch=50, rate=5e-4)
        ),
    )
}
"""Models by name, in the order of the table."""
