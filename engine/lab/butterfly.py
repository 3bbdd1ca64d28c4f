"""나비야 as the lesson writes it: 54 note codes, their 14 numbers, and what windows can tell.

What no model can change is counted here, from the song alone: a context of four notes that goes
on in two ways cannot be learnt by heart by a model that sees nothing but those four notes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUNG: Final = """
g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4 g8 e8 e8 e8 f8 d8 d4 c8 e8 g8 g8 e8 e8 e4
d8 d8 d8 d8 d8 e8 f4 e8 e8 e8 e8 e8 f8 g4 g8 e8 e4 f8 d8 d4 c8 e8 g8 g8 e8 e8 e4
"""

SONG: Final = tuple(_SUNG.split())
"""The song; its bars have two quarters."""

CODES: Final = tuple(letter + length for length in "48" for letter in "cdefgab")
"""The vocabulary: c4 … b4 are 0 to 6, c8 … b8 are 7 to 13."""

INDEX: Final = {code: number for number, code in enumerate(CODES)}
"""Number of each code."""

NUMBERS: Final = tuple(INDEX[code] for code in SONG)
"""The song in numbers."""


def windows(size: int = 4) -> tuple[tuple[int, ...], ...]:
    """Cut the song into samples: ``size`` notes and the one that follows, 50 of them for 4."""
    return tuple(NUMBERS[i : i + size + 1] for i in range(len(NUMBERS) - size))


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """What a window of one size leaves open.

    Attributes:
        window: notes in the context.
        samples: number of notes that are to be predicted.
        ceiling: how many a model can get right that sees only the window.
        contexts: the contexts that go on in more than one way, as codes, with how often each
            continuation occurs.
    """

    window: int
    samples: int
    ceiling: int
    contexts: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def ambiguity(size: int) -> Ambiguity:
    """Count what a window leaves open, over the whole song."""
    following: defaultdict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
    for *context, after in windows(size):
        following[tuple(context)][after] += 1
    contexts = tuple(
        (" ".join(codes(context)), tuple((CODES[note], n) for note, n in counts.most_common()))
        for context, counts in following.items()
        if len(counts) > 1
    )
    ceiling = sum(max(counts.values()) for counts in following.values())
    return Ambiguity(size, len(NUMBERS) - size, ceiling, contexts)


def codes(numbers: Sequence[int]) -> tuple[str, ...]:
    """Give the codes of numbers."""
    return tuple(CODES[number] for number in numbers)


@dataclass(frozen=True, slots=True)
class Score:
    """How a row of notes compares with the song.

    Attributes:
        hits: notes that are right.
        of: notes that were to be found.
        first_wrong: place of the first wrong note in the song, from 1; None when all are right.
    """

    hits: int
    of: int
    first_wrong: int | None

    def __str__(self) -> str:
        """Write ``46 of 50``."""
        return f"{self.hits} of {self.of}"


def score(sung: Sequence[int], window: int = 4) -> Score:
    """Compare notes with the song's from note ``window + 1`` on, place by place.

    A note left out shifts all that follow it: such a song is wrong from there on, as it sounds.
    """
    wanted = NUMBERS[window:]
    wrong = [place for place, note in enumerate(wanted) if note not in sung[place : place + 1]]
    first = wrong[0] + window + 1 if wrong else None
    return Score(len(wanted) - len(wrong), len(wanted), first)
