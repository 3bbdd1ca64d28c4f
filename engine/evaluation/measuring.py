"""What a measuring process does: hear melodies with what it was prepared with."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.listening import listen_causally
from engine.predict import Model
from engine.statistics.yardsticks import Yardsticks, tunes_of

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


def load(folder: str) -> None:
    """Load a version, so that the first melody need not wait.

    Raises:
        BadVersion: when it does not load.
    """
    _model(folder)


def measure(folder: str, melody: Melody, style: str) -> list[Total]:
    """Let a version foretell a melody, as :func:`engine.listening.listen_causally` says.

    A style that the version does not know counts as any.

    Returns:
        its total; of a version with a short-term memory, then that of its network alone.
    """
    model = _model(folder)
    number = model.styles.index(style) if style in model.styles else 0
    ways = (True, False) if model.gates else (False,)
    return [total(listen_causally(model, melody, number, memory=memory)) for memory in ways]


@lru_cache(maxsize=1)
def _model(folder: str) -> Model:
    return Model.load(Path(folder))


_taught: list[Yardsticks] = []


def teach(document: dict[str, Any], folder: str, cache: str) -> bool:
    """Teach the yardsticks what a version learnt from.

    Args:
        document: the version's ``model.json``.
        folder: where it lies.
        cache: folder of the parsed collections, which are there.

    Returns:
        whether it is exactly what the version learnt from.
    """
    tunes, exact = tunes_of(document, Path(folder), Path(cache))
    _taught[:] = [Yardsticks(tunes)]
    return exact


def measure_yardsticks(melody: Melody) -> list[Total]:
    """Let the yardsticks foretell a melody, in the order of their names."""
    return [total(heard) for heard in _taught[0].hear(melody).values()]
