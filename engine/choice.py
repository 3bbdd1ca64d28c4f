"""Choose among candidates: near the primer's own likelihood, with its motif, closing well."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.features import Tracker
    from engine.music import Key
    from engine.predict import Array

PATIENCE: Final = 8
"""Notes that the candidates' usual likelihood weighs beside those of the primer."""


@dataclass(frozen=True, slots=True)
class Taste:
    """What makes a candidate the better one: weights of the parts of its merit.

    ``benchmarks/continuation.py --ablate`` measures what each part is good for: the motif brings
    continuations nearer to the true ones, the others keep to habits of real tunes.

    Attributes:
        level: nats a note by which its likelihood is off that of the primer; a short primer's
            is drawn to what is usual among the candidates.
        motif: return of the primer's runs of three notes, in intervals and lengths.
        close: a last note on the tonic.
        breath: longer notes at the ends of phrases.
        variety: different pitches, up to five.
    """

    level: float = 0.5
    motif: float = 1.2
    close: float = 0.4
    breath: float = 0.2
    variety: float = 0.5


USUAL: Final = Taste()


@dataclass(slots=True)
class Line:
    """One candidate: its tracker, the notes added, the sum of their log-probabilities.

    ``copied`` tells whether it had to be kept from copying a training tune, ``breaths`` counts
    the phrases that it ends with a longer note.
    """

    tracker: Tracker
    notes: list[tuple[int, int, int]] = field(default_factory=list)
    log: float = 0.0
    copied: bool = False
    breaths: int = 0

    def add(self, onset: int, length: int, pitch: int, log: float) -> None:
        """Add a note."""
        self.notes.append((onset, length, pitch))
        self.tracker.push(onset, length, pitch)
        self.log += log


def choose(
    lines: Sequence[Line],
    heard: Sequence[tuple[int, int, int]],
    key: Key,
    own: Array,
    taste: Taste,
) -> list[tuple[int, int, int]]:
    """Choose the candidate of most merit among those that did not come near to copying.

    Args:
        lines: candidates.
        heard: the primer.
        key: of the tune.
        own: log-likelihood of the primer's notes.
        taste: by what to choose.
    """
    lines = [line for line in lines if not line.copied] or lines
    levels = [line.log / len(line.notes) for line in lines]
    usual = (own.sum() + PATIENCE * np.median(levels)) / (len(own) + PATIENCE)
    most = max(1, *(line.breaths for line in lines))
    motif = _motifs(heard)

    def merit(index: int) -> float:
        notes = lines[index].notes
        shared = len(motif & _motifs(notes)) / min(len(motif), 12) if motif else 0.0
        variety = min(1.0, len({pitch for _, _, pitch in notes}) / 5)
        full = notes[-1][2] % 12 == key.tonic
        return round(
            taste.motif * min(1.0, shared)
            + taste.close * full
            + taste.breath * lines[index].breaths / most
            + taste.variety * variety
            - taste.level * abs(levels[index] - float(usual)),
            6,
        )

    return lines[max(range(len(lines)), key=merit)].notes


def _motifs(notes: Sequence[tuple[int, int, int]]) -> set[tuple[int, ...]]:
    """Give the runs of three notes as intervals and lengths: what the ear takes up."""
    return {
        (
            notes[i + 1][2] - notes[i][2],
            notes[i + 2][2] - notes[i + 1][2],
            *(notes[i + j][1] for j in range(3)),
        )
        for i in range(len(notes) - 2)
    }
