"""Row (a): predict each collection from nine tenths of itself, pitch in, pitch out.

For every fold a long-term memory of :mod:`engine.statistics.memory` and one of distances from
home (:mod:`engine.statistics.finals`) learn from the training melodies alone. As in Pearce
(2005), they go on learning: inside the test melody, and from the test melodies of the fold that
came before it. A short-term memory learns from the test melody alone. None is told anything of the
note to come but that there is one, and its place in the melody.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.folds import Part, Said, Split, fingerprint
from engine.statistics import finals, memory, ppm, viewpoints
from engine.statistics.finals import Finals
from engine.statistics.memory import PITCH_VIEWS, LongTerm, ShortTerm, Views
from engine.statistics.viewpoints import FROM_HOME

LASTING: Final = Views(PITCH_VIEWS, (), ())
PASSING: Final = Views(tuple(view for view in PITCH_VIEWS if view != FROM_HOME), (), ())
"""Within one melody, distances from its first pitch say what the pitches say."""

MODELS: Final = (
    *(f"long-term {view.name}" for view in LASTING.pitch),
    *(f"short-term {view.name}" for view in PASSING.pitch),
    "finals",
)


def foretell(split: Split) -> Said:
    """Let the memories foretell the test melodies by pitch alone."""
    base = split.base
    lasting, homes = LongTerm(LASTING), Finals()

    def learn(pitches: list[int]) -> None:
        lasting.learn((0, 1, pitch) for pitch in pitches)
        homes.learn(pitches)

    for piece in split.training:
        learn(piece.pitches.tolist())
    logs, matches = [], []
    for piece in split.test:
        pitches = piece.pitches.tolist()
        listeners = (lasting.follow(learn=True), ShortTerm(PASSING))
        seeker = homes.follow()
        for pitch in pitches:
            said = [one.pitches(base=base) for one in listeners]
            logs.append(np.concatenate([*said, seeker.pitches(base)[None]])[:, split.alphabet])
            matches.append([length for one in listeners for length in one.matches()])
            for one in listeners:
                one.push(0, 1, pitch)
            seeker.push(pitch)
        learn(pitches)
    return Said(np.moveaxis(np.array(logs), 1, 0), np.array(matches))


PART: Final = Part(
    MODELS,
    foretell,
    fingerprint(
        (finals.__file__, memory.__file__, ppm.__file__, viewpoints.__file__, __file__),
    ),
)
