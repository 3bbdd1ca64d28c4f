"""What can be chosen for a lesson: data, not code, so that every model takes the same options."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

Scaling = Literal["13", "14", "minmax", "standard", "none"]
SCALINGS: Final[tuple[Scaling, ...]] = ("13", "14", "minmax", "standard", "none")
OPTIMISERS: Final = ("sgd", "momentum", "adagrad", "adadelta", "rmsprop", "adam")
ACTIVATIONS: Final = ("tanh", "relu", "softplus")


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything that decides a lesson.

    Attributes:
        epochs: passes over the song.
        batch: samples per step.
        shuffle: whether the samples of each pass come in a new order.
        window: notes that the model sees.
        units: width of each hidden layer.
        optimiser: one of :data:`OPTIMISERS`; ``momentum`` is SGD with momentum 0.9.
        rate: learning rate, None for the optimiser's own in Keras.
        activation: one of :data:`ACTIVATIONS`, None for the model's own.
        l1, l2: weight penalties on the hidden layers' kernels.
        dropout: share of hidden units left out while learning.
        max_norm: largest norm of a unit's incoming weights, 0 for no limit.
        class_weights: whether rare notes weigh more, so that every code weighs the same in all.
        scaling: what becomes of a number on its way in: divided by 13 or 14, brought into 0 … 1
            or to mean 0 and deviation 1 by what occurs in the song, or nothing.
        keep_best: whether the weights of the best pass are kept rather than the last one's.
        seed: of first weights, order and dropout.
    """

    epochs: int = 2000
    batch: int = 10
    shuffle: bool = True
    window: int = 4
    units: int = 128
    optimiser: str = "adam"
    rate: float | None = None
    activation: str | None = None
    l1: float = 0.0
    l2: float = 0.0
    dropout: float = 0.0
    max_norm: float = 0.0
    class_weights: bool = False
    scaling: Scaling = "13"
    keep_best: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if self.optimiser not in OPTIMISERS:
            raise ValueError(f"no optimiser {self.optimiser!r}; there are {', '.join(OPTIMISERS)}")
        if self.activation is not None and self.activation not in ACTIVATIONS:
            raise ValueError(f"no activation {self.activation!r}; {', '.join(ACTIVATIONS)}")
        if self.scaling not in SCALINGS:
            raise ValueError(f"no scaling {self.scaling!r}; there are {', '.join(SCALINGS)}")
        if min(self.epochs, self.batch, self.units) < 1 or not 1 <= self.window <= 40:
            raise ValueError("epochs, batch and units are at least 1, a window is 1 to 40 notes")
        if min(self.l1, self.l2, self.max_norm) < 0 or not 0 <= self.dropout < 1:
            raise ValueError("penalties are not negative, and dropout is below 1")
        if self.rate is not None and self.rate <= 0:
            raise ValueError("a learning rate is above 0")

    def but(self, **changes: Any) -> Setup:
        """Make the same setup with some values changed."""
        return replace(self, **changes)

    def differences(self, other: Setup) -> dict[str, Any]:
        """Give what is set differently here than there, by name."""
        there = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != there[name]}
