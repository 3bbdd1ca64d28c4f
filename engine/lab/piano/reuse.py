"""What can be done with a saved network: go on, put a layer on top, freeze, fine-tune."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import keras

if TYPE_CHECKING:
    from pathlib import Path


def load(checkpoint: Path) -> keras.Model:
    """Load a network as :class:`keras.callbacks.ModelCheckpoint` saved it, optimiser and all.

    Raises:
        ValueError: when the file is no saved network.
    """
    return keras.models.load_model(checkpoint)


def free_name(model: keras.Model, stem: str) -> str:
    """Give a layer's name that the model does not have yet: ``lstm_3`` where two are there.

    Names made by Keras start from 1 again in every process: a layer added to a loaded model would
    meet its own name there, which Keras refuses.
    """
    taken = {layer.name for layer in model.layers}
    return next(name for number in count(1) if (name := f"{stem}_{number}") not in taken)


def freeze(model: keras.Model, *, but: tuple[str, ...] = ()) -> None:
    """Keep all weights as they are, but for the layers named; compile the model afterwards."""
    for layer in model.layers:
        layer.trainable = layer.name in but


def unfreeze(model: keras.Model) -> None:
    """Let all weights learn again; compile the model afterwards."""
    for layer in model.layers:
        layer.trainable = True


def deepen(model: keras.Model, units: int) -> tuple[keras.Model, tuple[str, ...]]:
    """Put one more LSTM on top of a saved network's last, beside the old way.

    What the new layer finds is added to what the network knew, through weights that are zero at
    first: the deepened network begins exactly as good as the saved one.

    Returns:
        the new model and the names of its new layers; all others are frozen.
    """
    top = model.get_layer("sound_out").input
    below = model.get_layer("hidden").input
    sequences = len(below.shape) == 3
    if not sequences:  # the notes' stack answers once: its top has no time axis
        below = keras.layers.Reshape((1, below.shape[-1]), name=free_name(model, "reshape"))(below)
    name, adapter = free_name(model, "lstm"), free_name(model, "adapter")
    flow = keras.layers.LSTM(units, return_sequences=sequences, name=name)(below)
    flow = keras.layers.Dense(top.shape[-1], kernel_initializer="zeros", name=adapter)(flow)
    joined = keras.layers.Add(name=free_name(model, "joined"))([top, flow])
    outputs = {}
    for field in model.output:
        known = joined
        if field != "sound":
            beside = model.get_layer("with_now")
            known = beside([joined, *beside.input[1:]])
        outputs[field] = model.get_layer(f"{field}_out")(known)
    made = keras.Model(model.input, outputs)
    freeze(made, but=(name, adapter))
    return made, (name, adapter)
