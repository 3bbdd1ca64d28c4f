"""Row (b): what a trained version foretells of melodies that it has never met.

The version must have learnt without any tune that shares twelve intervals in a row with a
benchmark melody: ``nabi train --without FILE``. It is taken as it is: nothing is learnt here, and
its gates come from its own training. It is told neither key nor meter; it weighs them by the notes
so far alone (:mod:`engine.listening`). Its pitches are predicted with the note's own onset and
duration known, as in every use of the model.
"""

from __future__ import annotations

import json
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.folds import Part, Said, Split, fingerprint
from engine import estimate, features, gating, listening, mixture, predict, recall
from engine.listening import listen_causally
from engine.music import Melody, Note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.pearce import Piece
    from engine.predict import Model

TICKS: Final = 2
"""Ticks of the model in one of the benchmark's 24 to a quarter note."""

NETWORK: Final = "network alone"
MEMORY: Final = "with memory"

FILES: Final = (
    *(module.__file__ for module in (estimate, features, gating, listening, mixture, predict)),
    recall.__file__,
    __file__,
)


def whole(pieces: Sequence[Piece]) -> Split:
    """Take a whole collection as what is to be predicted: nothing is learnt from it."""
    return Split([], pieces, np.unique(np.concatenate([piece.pitches for piece in pieces])), 0)


def parts(model: Model) -> list[Part]:
    """List what foretells: the network alone, then with the short-term memory.

    What they said is named by the version and by the code that listens.

    Raises:
        ValueError: when the version has no gates.
    """
    if model.gates is None:
        raise ValueError(f"{model.name} has learnt no gates for the short-term memory")
    made_by = fingerprint(FILES, json.dumps(model.document))
    return [
        Part((name,), partial(_foretell, model, memory=memory), made_by)
        for name, memory in ((NETWORK, False), (MEMORY, True))
    ]


def _foretell(model: Model, split: Split, *, memory: bool) -> Said:
    heard = [listen_causally(model, melody(piece), memory=memory).pitches for piece in split.test]
    log_probs = np.concatenate(heard)[None, :, split.alphabet]
    return Said(log_probs, np.zeros((log_probs.shape[1], 0)))


def melody(piece: Piece) -> Melody:
    """Give a piece as a melody of unknown key and meter."""
    tick = Fraction(TICKS, 192)
    notes = zip(
        piece.onsets.tolist(), piece.durations.tolist(), piece.pitches.tolist(), strict=True
    )
    return Melody(tuple(Note(onset * tick, length * tick, pitch) for onset, length, pitch in notes))
