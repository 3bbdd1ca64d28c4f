"""What the reading process does: turn a stranger's file into a melody, and nothing else.

It holds no model, so that a file which kills it costs nobody else anything.
"""

from __future__ import annotations

from fractions import Fraction

from engine.errors import BadFile
from engine.formats.beats import find_beat
from engine.formats.reading import read_file
from engine.workers.stages import Primer

_ABC = b"X:1\nT:warm\nM:4/4\nL:1/4\nK:C\nC D E F|\n"
_MUSICXML = (
    b'<score-partwise><part id="P1"><measure><note><pitch><step>C</step><octave>5</octave></pitch>'
    b"<duration>1</duration></note></measure></part></score-partwise>"
)


def prepare() -> None:
    """Import what the formats need, before the clock of a first file runs."""
    read_file(_ABC, "warm.abc")
    read_file(_MUSICXML, "warm.musicxml")
    find_beat([(Fraction(i * i, 7), Fraction(i * i + 1, 7)) for i in range(9)], Fraction(1, 2))


def read(data: bytes, name: str) -> Primer:
    """Read a music file.

    Raises:
        BadFile, TooLong: as :func:`engine.formats.reading.read_file` says; a file that nests
            deeper than Python follows is broken.
    """
    try:
        melody, taken = read_file(data, name)
    except RecursionError:
        raise BadFile(name, "broken") from None
    return Primer(melody, "letters", taken)
