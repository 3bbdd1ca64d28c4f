"""What the writers of notation files share: a tune ready to be written down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from engine.formats.words import one_line
from engine.music import Key, Melody, Meter
from engine.notation import on_grid, write_bars
from engine.score.mei import Clef, choose_clef

if TYPE_CHECKING:
    from engine.notation import Bar

NEW_COLOR: Final = (0x15, 0x65, 0xC0)
"""Colour of the continuation: red, green and blue, 0 to 255."""

_SHARPS: Final = "fcgdaeb"


@dataclass(frozen=True, slots=True)
class Written:
    """A tune ready to be written down.

    Attributes:
        bars: at least one.
        meter, key: 4/4 and C major when unknown.
        tempo: quarter notes per minute, rounded; None when unknown.
        title: one line of printable characters, possibly empty; not escaped.
        clef: the one that needs fewest ledger lines.
        program: General MIDI instrument, 0 to 127, None when unknown.
    """

    bars: tuple[Bar, ...]
    meter: Meter
    key: Key
    tempo: int | None
    title: str
    clef: Clef
    program: int | None

    def alter_in_key(self, step: str) -> int:
        """Give the accidental that the key signature puts before a step."""
        order = _SHARPS if self.key.fifths > 0 else _SHARPS[::-1]
        altered = order[: abs(self.key.fifths)]
        return (1 if self.key.fifths > 0 else -1) if step in altered else 0


def write_down(melody: Melody, split: Fraction | None) -> Written:
    """Divide a melody into bars; an empty one becomes a bar of rest."""
    melody = on_grid(melody)
    meter = melody.meter or Meter()
    bars = write_bars(melody, split)
    if not bars:
        bars = write_bars(replace(melody, length=meter.bar, pickup=Fraction(0)))
    return Written(
        bars=bars,
        meter=meter,
        key=melody.key or Key(),
        tempo=None if melody.tempo is None else max(1, round(melody.tempo)),
        title=one_line(melody.title),
        clef=choose_clef(symbol for bar in bars for symbol in bar.symbols),
        program=melody.program,
    )
