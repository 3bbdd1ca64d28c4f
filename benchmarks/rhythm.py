"""Row (c): predict pitches with the rhythm known, the chorales above all.

As row (a), but each model is also told onsets and durations: those of the notes so far and those
of the note whose pitch it predicts, nothing later. The file names no meter, so none is known:
places are counted in bars of four quarters from tick 0, where the first bar begins, whatever the
melody's meter is. The views were chosen, one after the other by what each adds to the mixture, on
folds 0 and 1 of the seven collections that are not the chorales; their smoothings are the
memories' own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from benchmarks.folds import Part, Said, Split, fingerprint
from engine.statistics import finals, memory, ppm, viewpoints
from engine.statistics.finals import BEGIN, BITS, Finals, HomeSeeker
from engine.statistics.memory import PITCH_VIEWS, LongTerm, ShortTerm, Views
from engine.statistics.ppm import keys_of
from engine.statistics.viewpoints import FROM_HOME, INTERVAL_DURATION, TIME_BITS, Past, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.folds import Array
    from benchmarks.pearce import Piece

    Note = tuple[int, int, int]

BEAT: Final = 24
"""Ticks of a quarter note."""

BAR: Final = 4 * BEAT


def _figure(past: Past, shift: int, duration: int) -> int:
    """Link the last duration, the coming one, and the place in the beat of the coming note."""
    return (past.duration << TIME_BITS | duration) * BEAT + past.place(shift) % BEAT


def _rhythm(past: Past, shift: int, duration: int) -> int:
    """Link the coming note's place in the bar and its duration."""
    return past.place(shift) << TIME_BITS | duration


ORDER: Final = 5
"""Longest context of the views of rhythm; nothing was tried beside it."""

PITCH_RHYTHM: Final = View(
    "pitch by rhythm", ORDER, lambda past: past.pitch, lambda _past: 0, _rhythm, bits=2 * TIME_BITS
)
INTERVAL_FIGURE: Final = View(
    "interval by figure",
    ORDER,
    lambda past: past.pitch - past.before,
    lambda past: past.pitch,
    _figure,
    bits=2 * TIME_BITS + 5,
)
HOME_FIGURE: Final = View(
    "from home by figure",
    ORDER,
    lambda past: past.pitch - past.home,
    lambda past: past.home,
    _figure,
    bits=2 * TIME_BITS + 5,
)

LASTING: Final = Views((*PITCH_VIEWS, PITCH_RHYTHM, INTERVAL_FIGURE, HOME_FIGURE), (), ())
PASSING: Final = Views(
    (*(view for view in PITCH_VIEWS if view != FROM_HOME), replace(INTERVAL_DURATION, order=ORDER)),
    (),
    (),
)

MODELS: Final = (
    *(f"long-term {view.name}" for view in LASTING.pitch),
    *(f"short-term {view.name}" for view in PASSING.pitch),
    "finals",
    "finals by rhythm",
)


class RhythmFinals(Finals):
    """Distances from home whose contexts begin with the coming note's place and duration."""

    def learn_notes(self, notes: Sequence[Note]) -> None:
        """Learn one melody of (shift, duration, pitch); its home is its last note."""
        home, onset = notes[-1][2], 0
        self.homes[home] += 1
        recent: tuple[int, ...] = (BEGIN,)
        for shift, duration, pitch in notes:
            onset += shift
            keys = keys_of(recent, BITS, rhythm_key(onset, duration))
            self.counts.add(keys, pitch - home)
            recent = (pitch - home, *recent[: self.order - 1])

    def follow(self, tonic: int | None = None, *, moved: float = 0.15) -> RhythmSeeker:
        """Begin a melody; see :meth:`engine.statistics.finals.Finals.follow`."""
        return RhythmSeeker(self, super().follow(tonic, moved=moved).belief)


class RhythmSeeker(HomeSeeker):
    """Follow one melody, guessing its home, told each note's rhythm before its pitch."""

    __slots__ = ("key", "onset")

    def __init__(self, corpus: Finals, belief: Array) -> None:
        super().__init__(corpus, belief)
        self.key = self.onset = 0

    def tell(self, shift: int, duration: int) -> None:
        """Tell when the next note begins and how long it is."""
        self.onset += shift
        self.key = rhythm_key(self.onset, duration)
        self._asked = None

    def _keys(self, home: int) -> list[int]:
        """Name the contexts of a home, the rhythm nearest."""
        recent = [pitch - home for pitch in self.recent]
        if len(recent) < self.corpus.order:
            recent.append(BEGIN)
        return keys_of(recent, BITS, self.key)


def rhythm_key(onset: int, duration: int) -> int:
    """Name a place in the bar and a duration: the key of a context."""
    return 1 << 2 * TIME_BITS | onset % BAR << TIME_BITS | duration


def notes_of(piece: Piece) -> list[Note]:
    """Give a piece as (shift, duration, pitch), 24 ticks a quarter; see engine.memory.

    A duration that lasts into the next note is cut there only when that note comes: until then
    nobody knows. So it stays as it is written.
    """
    shifts = np.diff(piece.onsets, prepend=0)
    return list(zip(shifts.tolist(), piece.durations.tolist(), piece.pitches.tolist(), strict=True))


def foretell(split: Split) -> Said:
    """Let the memories foretell the test melodies, each note's rhythm known."""
    base = split.base
    lasting, homes, timed = LongTerm(LASTING), Finals(), RhythmFinals()

    def learn(notes: Sequence[Note]) -> None:
        lasting.learn(notes, bar=BAR)
        homes.learn([pitch for _, _, pitch in notes])
        timed.learn_notes(notes)

    for piece in split.training:
        learn(notes_of(piece))
    logs, matches = [], []
    for piece in split.test:
        listeners = (lasting.follow(bar=BAR, learn=True), ShortTerm(PASSING, bar=BAR))
        seeker, told = homes.follow(), timed.follow()
        for shift, duration, pitch in notes_of(piece):
            told.tell(shift, duration)
            said = [one.pitches(shift, duration, base) for one in listeners]
            homely = np.stack([seeker.pitches(base), told.pitches(base)])
            logs.append(np.concatenate([*said, homely])[:, split.alphabet])
            matches.append([n for one in listeners for n in one.matches(shift, duration)])
            for one in listeners:
                one.push(shift, duration, pitch)
            seeker.push(pitch)
            told.push(pitch)
        learn(notes_of(piece))
    return Said(np.moveaxis(np.array(logs), 1, 0), np.array(matches))


PART: Final = Part(
    MODELS,
    foretell,
    fingerprint(
        (finals.__file__, memory.__file__, ppm.__file__, viewpoints.__file__, __file__),
    ),
)
