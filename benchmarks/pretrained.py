"""Rows (b) and (c): what a trained version foretells of melodies that it has never met.

The version must have learnt without any tune that shares twelve intervals in a row with a
benchmark melody: ``nabi train --without FILE``. It is told neither key nor meter; it weighs them
by the notes so far alone (:mod:`engine.listening`). Its pitches are predicted with the note's own
onset and duration known, as in every use of the model. Beside it stands a short-term memory that
knows nothing but the melody itself; a gate, learnt on the other collections, mixes the two.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.gating import Events, known
from engine.listening import listen_causally
from engine.memory import PITCH_VIEWS, RHYTHM_VIEWS, ShortTerm
from engine.mixture import normalised
from engine.music import Melody, Note

if TYPE_CHECKING:
    from pathlib import Path

    from pearce import Piece

    from engine.predict import Model

TICKS: Final = 2
"""Ticks of the model in one of the benchmark's 24 to a quarter note."""

MODELS: Final = ("network", *(f"short-term {v.name}" for v in PITCH_VIEWS + RHYTHM_VIEWS))


def predict_collection(model: Model, pieces: list[Piece], file: Path) -> None:
    """Predict every melody of a collection and keep the predictions in a file."""
    alphabet = np.unique(np.concatenate([piece.pitches for piece in pieces]))
    base = np.zeros(128)
    base[alphabet] = 1 / len(alphabet)
    logs, matches, place, came = [], [], [], []
    for piece in pieces:
        heard = listen_causally(model, _melody(piece)).pitches[:, alphabet]
        memory = ShortTerm()
        before = 0
        notes = zip(piece.onsets, piece.durations, piece.pitches, strict=True)
        for index, (onset, duration, pitch) in enumerate(notes):
            shift, length = TICKS * int(onset - before) if index else 0, TICKS * int(duration)
            remembered = memory.pitches(shift, length, base)[:, alphabet]
            logs.append(np.concatenate([heard[index : index + 1], np.maximum(remembered, -40.0)]))
            matches.append(memory.matches(shift, length))
            place.append(index)
            came.append(int(np.searchsorted(alphabet, pitch)))
            memory.push(shift, length, int(pitch))
            before = onset
    part = file.with_suffix(".part")
    with part.open("wb") as handle:
        np.savez_compressed(
            handle,
            log_probs=np.moveaxis(normalised(np.array(logs)), 1, 0).astype(np.float32),
            matches=np.array(matches, np.uint8),
            place=np.array(place),
            came=np.array(came),
            models=np.array(MODELS),
        )
    os.replace(part, file)  # noqa: PTH105 - the documented atomic call


def _melody(piece: Piece) -> Melody:
    """Give a piece as a melody of unknown key and meter, overlaps cut."""
    tick = Fraction(TICKS, 192)
    ends = np.minimum(piece.onsets + piece.durations, np.append(piece.onsets[1:], 2**30))
    return Melody(
        tuple(
            Note(int(onset) * tick, int(end - onset) * tick, int(pitch))
            for onset, end, pitch in zip(piece.onsets, ends, piece.pitches, strict=True)
        )
    )


def read_events(file: Path) -> tuple[Events, list[str]]:
    """Read kept predictions of one collection, and the names of the models that made them."""
    with np.load(file, allow_pickle=False) as data:
        log_probs = normalised(data["log_probs"].astype(np.float64))
        matches = data["matches"].astype(np.float64)
        events = Events(log_probs, data["came"], known(log_probs, data["place"], matches))
        return events, data["models"].tolist()
