"""What a measuring process does: load a version once, then hear melodies."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.listening import listen_causally
from engine.predict import Model

if TYPE_CHECKING:
    from engine.listening import Heard
    from engine.music import Melody

Total = tuple[float, float, float, float, float]
"""Of one tune: bits of shift, duration, pitch and all three, and pitches thought likeliest."""


def total(heard: Heard) -> Total:
    """Add up what was heard of a tune."""
    shift, duration, pitch = (
        -float(logs.sum()) / math.log(2) for logs in (heard.shift, heard.duration, heard.pitch)
    )
    return shift, duration, pitch, shift + duration + pitch, float((heard.ranks == 1).sum())


def prepare(folder: str) -> None:
    """Load a version, so that the first melody need not wait.

    Raises:
        BadVersion: when it does not load.
    """
    _model(folder)


def measure(folder: str, melody: Melody) -> Total:
    """Let a version foretell a melody, as :func:`engine.listening.listen_causally` says."""
    return total(listen_causally(_model(folder), melody))


@lru_cache(maxsize=1)
def _model(folder: str) -> Model:
    return Model.load(Path(folder))
