"""Pieces as events, events as tokens, and back again.

An event is all that starts at one time. The notes write it as one word, the pitch of a single note
(``E4``) or the pitch classes of a chord (``0.4.7``), and nothing else: how long it lasts, when it
comes and in which octave a chord lies are lost. Here the same word comes with four more: the
lowest and the highest pitch, the time since the event before, and the length.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Ids = NDArray[np.int32]

FIELDS: Final = ("sound", "bass", "top", "shift", "length")
UNKNOWN: Final = 0
START: Final = 1
SPECIAL: Final = ("<unknown>", "<start>")
"""Tokens that stand in every vocabulary: what was never learnt, and what is before a piece."""

GRID: Final = 12
"""Parts of a quarter note to which times are rounded."""

LONGEST: Final = Fraction(8)
"""Longest time that is kept, in quarter notes."""

STEP: Final = Fraction(1, 2)
"""Time between events, and their length, where the notes' system writes a piece down."""

_NAMES: Final = ("C", "C#", "D", "E-", "E", "F", "F#", "G", "G#", "A", "B-", "B")
_MIDDLE: Final = 60


@dataclass(frozen=True, slots=True)
class Event:
    """All that starts at one time.

    Attributes:
        onset, length: in quarter notes.
        pitches: MIDI numbers, rising.
    """

    onset: Fraction
    length: Fraction
    pitches: tuple[int, ...]

    def moved(self, semitones: int) -> Event:
        """Give the event transposed; what leaves the piano comes back an octave nearer."""
        pitches = {_on_the_piano(pitch + semitones) for pitch in self.pitches}
        return Event(self.onset, self.length, tuple(sorted(pitches)))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of music: its name and its events in order."""

    name: str
    events: tuple[Event, ...]

    def moved(self, semitones: int) -> Piece:
        """Give the piece transposed."""
        return Piece(self.name, tuple(event.moved(semitones) for event in self.events))


def _on_the_piano(pitch: int) -> int:
    while pitch < 21:
        pitch += 12
    while pitch > 108:
        pitch -= 12
    return pitch


def on_grid(time: float | Fraction) -> Fraction:
    """Round a time in quarter notes."""
    return Fraction(round(Fraction(time) * GRID), GRID)


def tokens(piece: Piece) -> dict[str, list[str]]:
    """Write a piece as words: one list for each of :data:`FIELDS`."""
    words: dict[str, list[str]] = {name: [] for name in FIELDS}
    before = piece.events[0].onset if piece.events else Fraction(0)
    for event in piece.events:
        words["sound"].append(sound(event.pitches))
        words["bass"].append(str(event.pitches[0]))
        words["top"].append(str(event.pitches[-1]))
        words["shift"].append(str(min(event.onset - before, LONGEST)))
        words["length"].append(str(min(event.length, LONGEST)))
        before = event.onset
    return words


def sound(pitches: Sequence[int]) -> str:
    """Write what sounds as the notes do: a pitch, or a chord's pitch classes in normal order."""
    if len(pitches) == 1:
        return f"{_NAMES[pitches[0] % 12]}{pitches[0] // 12 - 1}"
    return ".".join(str(each) for each in normal_order({pitch % 12 for pitch in pitches}))


def normal_order(classes: Iterable[int]) -> tuple[int, ...]:
    """Turn pitch classes so that they lie as close as they can, closest at the bottom."""
    row = sorted(set(classes))
    turns = [tuple(row[i:] + row[:i]) for i in range(len(row))]

    def spread(turn: tuple[int, ...]) -> tuple[list[int], int]:
        return [(each - turn[0]) % 12 for each in reversed(turn)], turn[0]

    return min(turns, key=spread)


def pitches_of(word: str, bass: int = _MIDDLE, top: int = 0) -> tuple[int, ...]:
    """Read what a word says.

    Args:
        word: a pitch, or a chord's pitch classes.
        bass: lowest pitch of a chord, or near it.
        top: highest pitch, or near it; the rest lies in the octave below. Where it is not above
            the bass, the chord is stacked upwards from there as closely as it can be.
    """
    if word[:1].isalpha():
        name = word.rstrip("-0123456789") if word[1:2] != "-" else word[:2]
        return (_NAMES.index(name) + 12 * (int(word[len(name) :]) + 1),)
    classes = {int(each) for each in word.split(".")}
    low = _nearest(classes, bass)
    if top <= low:
        return tuple(sorted(low + (each - low) % 12 for each in classes))
    high = _nearest(classes - {low % 12}, top) if top % 12 not in classes else top
    inner = classes - {low % 12, high % 12}
    placed = {high - (high - each) % 12 for each in inner}
    # What would lie below the bass comes up by an octave.
    lifted = {
        pitch if pitch > low else pitch + 12 * -(-(low - pitch + 1) // 12) for pitch in placed
    }
    return tuple(sorted({low, high} | lifted))


def _nearest(classes: set[int], pitch: int) -> int:
    around = (pitch + way * step for step in range(7) for way in (1, -1))
    return next(each for each in around if each % 12 in classes)


def pieces_from(words: Mapping[str, Sequence[str]], name: str = "") -> Piece:
    """Read words back; fields that are missing are the notes': half a quarter, around middle C."""
    events: list[Event] = []
    onset = Fraction(0)
    for place, word in enumerate(words["sound"]):
        if word in SPECIAL:
            continue
        given = {name: row[place] for name, row in words.items() if row[place] not in SPECIAL}
        if events:
            onset += Fraction(given.get("shift", STEP))
        edges = int(given.get("bass", _MIDDLE)), int(given.get("top", 0))
        length = max(Fraction(given.get("length", STEP)), Fraction(1, GRID))
        events.append(Event(onset, length, pitches_of(word, *edges)))
    return Piece(name, tuple(events))


def kept(piece: Piece, fields: Sequence[str]) -> dict[str, float]:
    """Measure what is left of a piece when it is written with some fields and read back.

    Returns:
        shares of its notes that come back with their pitch, with their onset, with their length,
        and with all three.
    """
    words = tokens(piece)
    back = pieces_from({name: words[name] for name in fields})
    origin = piece.events[0].onset
    total = sum(len(event.pitches) for event in piece.events)
    hits = Counter[str]()
    for event, again in zip(piece.events, back.events, strict=True):
        pitch = len(set(event.pitches) & set(again.pitches))
        onset = event.onset - origin == again.onset
        length = event.length == again.length
        hits["pitch"] += pitch
        hits["onset"] += len(event.pitches) * onset
        hits["length"] += len(event.pitches) * length
        hits["all"] += pitch * (onset and length)
    return {name: hits[name] / total for name in ("pitch", "onset", "length", "all")}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of each field in order; the first ones are :data:`SPECIAL`."""

    words: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, pieces: Iterable[Piece], fields: Sequence[str] = FIELDS) -> Vocabulary:
        """Collect the words of pieces, the commonest first."""
        counts = {name: Counter[str]() for name in fields}
        for piece in pieces:
            for name, row in tokens(piece).items():
                if name in counts:
                    counts[name].update(row)
        return cls(
            {
                name: (*SPECIAL, *sorted(found, key=lambda word: (-found[word], word)))
                for name, found in counts.items()
            }
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields."""
        return tuple(self.words)

    def size(self, field: str) -> int:
        """Count the words of a field."""
        return len(self.words[field])

    def encode(self, piece: Piece) -> dict[str, Ids]:
        """Give the numbers of a piece's words."""
        written = tokens(piece)
        out = {}
        for name, words in self.words.items():
            number = {word: i for i, word in enumerate(words)}
            out[name] = np.array([number.get(word, UNKNOWN) for word in written[name]], np.int32)
        return out

    def decode(self, numbers: Mapping[str, Sequence[int]]) -> Piece:
        """Read numbers back."""
        return pieces_from(
            {name: [self.words[name][n] for n in row] for name, row in numbers.items()}
        )

    def to_json(self) -> dict[str, Any]:
        """Give the words as JSON data."""
        return {name: list(words) for name, words in self.words.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Sequence[str]]) -> Vocabulary:
        """Build a vocabulary from what :meth:`to_json` gave."""
        return cls({name: tuple(words) for name, words in data.items()})
