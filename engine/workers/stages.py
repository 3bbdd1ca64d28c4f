"""What passes between the stages of one continuation: plain data, light to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from engine.music import Melody
    from engine.request import Names, Request, Taken


@dataclass(frozen=True, slots=True)
class Primer:
    """A melody to be continued, as it was read.

    Attributes:
        melody: its notes; what it does not say is None.
        names: alphabet in which it was typed.
        taken: what was taken from a file, None for note codes.
    """

    melody: Melody
    names: Names = "letters"
    taken: Taken | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a sound.

    Attributes:
        data: the file's bytes.
        lightened: whether it is smaller or shorter than it could be, to keep to a limit.
        excerpt: whether it is a sound of a part only, because the whole would be too long.
    """

    data: bytes
    lightened: bool = False
    excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished tune in every form but picture and sound.

    Attributes:
        melody: primer and continuation.
        split: where new music begins, in whole notes.
        names: alphabet of the note names.
        request: the request with everything chosen filled in.
        invented: names of the options that were guessed.
        text: score as text.
        tune: note codes to be taken as a primer again.
        midi: MIDI file.
        extra: the further format asked for, None when there is none.
        seconds: time per stage.
        known: name of the training tune that the primer is, else empty.
    """

    melody: Melody
    split: Fraction
    names: Names
    request: Request
    invented: tuple[str, ...]
    text: str
    tune: str
    midi: bytes
    extra: bytes | None
    seconds: dict[str, float]
    known: str = ""
