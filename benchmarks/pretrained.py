"""Row (b): what a trained version foretells of melodies that it has never met.

The version must have learnt without any tune that shares twelve intervals in a row with a
benchmark melody: ``nabi train --without FILE``. It is told neither key nor meter; it weighs them
by the notes so far alone (:mod:`engine.listening`). Its pitches are predicted with the note's own
onset and duration known, as in every use of the model. Beside it stands a short-term memory that
knows nothing but the melody itself; a gate, learnt on the other collections, mixes the two.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.folds import Part, Said, Split, fingerprint
from engine import estimate, features, listening, memory, ppm, predict, viewpoints
from engine.listening import listen_causally
from engine.memory import PITCH_VIEWS, RHYTHM_VIEWS, ShortTerm, Views
from engine.music import Melody, Note
from engine.viewpoints import FROM_HOME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.pearce import Piece
    from engine.predict import Model

TICKS: Final = 2
"""Ticks of the model in one of the benchmark's 24 to a quarter note."""

PASSING: Final = Views(
    tuple(view for view in PITCH_VIEWS + RHYTHM_VIEWS if view != FROM_HOME), (), ()
)
"""Within one melody, distances from its first pitch say what the pitches say."""


def whole(pieces: Sequence[Piece]) -> Split:
    """Take a whole collection as what is to be predicted: nothing is learnt from it."""
    return Split([], pieces, np.unique(np.concatenate([piece.pitches for piece in pieces])), 0)


def network(model: Model) -> Part:
    """Let a version foretell; what it heard is named by its weights and the code that listens."""

    def foretell(split: Split) -> Said:
        heard = [
            listen_causally(model, melody(piece), memory=False).pitches for piece in split.test
        ]
        log_probs = np.concatenate(heard)[None, :, split.alphabet]
        return Said(log_probs, np.zeros((log_probs.shape[1], 0)))

    files = (estimate.__file__, features.__file__, listening.__file__, predict.__file__)
    made_by = fingerprint((*files, __file__), model.document["files"]["weights.npz"])
    return Part(("network",), foretell, made_by)


def remember(split: Split) -> Said:
    """Let a short-term memory foretell each melody from itself alone."""
    base = split.base
    logs, matches = [], []
    for piece in split.test:
        short = ShortTerm(PASSING)
        shifts = TICKS * np.diff(piece.onsets, prepend=piece.onsets[:1])
        durations = TICKS * piece.durations
        notes = zip(shifts.tolist(), durations.tolist(), piece.pitches.tolist(), strict=True)
        for shift, duration, pitch in notes:
            logs.append(short.pitches(shift, duration, base)[:, split.alphabet])
            matches.append(short.matches(shift, duration))
            short.push(shift, duration, pitch)
    return Said(np.moveaxis(np.array(logs), 1, 0), np.array(matches))


MEMORY: Final = Part(
    tuple(f"short-term {view.name}" for view in PASSING.pitch),
    remember,
    fingerprint((memory.__file__, ppm.__file__, viewpoints.__file__, __file__)),
)


def melody(piece: Piece) -> Melody:
    """Give a piece as a melody of unknown key and meter."""
    tick = Fraction(TICKS, 192)
    notes = zip(
        piece.onsets.tolist(), piece.durations.tolist(), piece.pitches.tolist(), strict=True
    )
    return Melody(tuple(Note(onset * tick, length * tick, pitch) for onset, length, pitch in notes))
