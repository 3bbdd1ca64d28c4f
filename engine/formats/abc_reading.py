"""Read the first tune out of ABC text (ABC 2.1 and what people write), through music21.

music21's tokens are read, not its streams: it would beam and bar them anew, which takes
minutes on bars of odd lengths, and loses the ties of chords.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import BadFile
from engine.formats.abc_fields import read_tempo
from engine.formats.abc_tidy import LONGEST, Tune
from engine.formats.bars import Bars
from engine.formats.keys import key_of
from engine.formats.library import music21
from engine.formats.parts import TICKS, Part, melody_of
from engine.music import Meter

if TYPE_CHECKING:
    from engine.formats.abc_tidy import Voice
    from engine.music import Melody
    from engine.request import Taken


def read_abc(text: str, name: str) -> tuple[Melody, Taken]:
    """Read the first tune.

    Raises:
        BadFile: ``empty``, or ``broken`` when the text is mostly no music.
    """
    tune = Tune(text)
    if tune.junk > tune.count:
        raise BadFile(name, "broken")
    parts = []
    tempo = None
    for place, voice in enumerate(tune.voices.values()):
        try:
            part = _PartReader(place, voice).part
        except Exception as error:  # music21 fails in every way
            raise BadFile(name, "broken") from error
        part.voice.program = tune.program
        parts.append(part)
        tempo = tempo or read_tempo(tune.tempo, voice.length)
    return melody_of(parts, name, "abc", title=tune.title, tempo=tempo, cut=tune.left_out)


class _PartReader:
    """Adds up the notes of one voice."""

    def __init__(self, place: int, voice: Voice) -> None:
        abc = music21().abcFormat
        self.part = Part(place, voice.name)
        self._meter: Meter | None = None
        self._now = Fraction(0)
        self._shift = 0
        self._tied: dict[int, int] = {}  # pitch -> place of the note
        first_bar: Fraction | None = None
        handler = abc.ABCHandler()
        handler.process(voice.text)
        for token in handler.tokens:
            if isinstance(token, abc.ABCMetadata):
                self._read_field(token)
            elif isinstance(token, abc.ABCNote):
                self._read_note(token)
            elif isinstance(token, abc.ABCBar) and first_bar is None and self._now:
                first_bar = self._now
        self.part.end(_ticks(self._now))
        self.part.bars = Bars(self._meter)
        if self._meter and first_bar is not None and first_bar < 4 * self._meter.bar:
            self.part.bars = Bars(self._meter, _ticks(first_bar), first_bar)

    def _read_field(self, token: Any) -> None:
        """Take the meter and key that hold for the first note."""
        if token.tag == "N":
            self._shift = int(token.data)
        elif self.part.voice.notes:
            return
        elif token.isMeter():
            numbers = token.getTimeSignatureParameters()
            self._meter = Meter(*numbers[:2]) if numbers else None
        elif token.isKey():
            keyed = token.data != "none"
            self.part.key = key_of(*token.getKeySignatureParameters()) if keyed else None

    def _read_note(self, token: Any) -> None:
        """Add a note, a chord or a rest; a tied note makes the one before longer."""
        length = Fraction(token.quarterLength)
        if token.activeTuplet is not None:
            length *= Fraction(token.activeTuplet.tupletMultiplier())
        # On ticks: sums of odd fractions would grow without end.
        start = _ticks(self._now)
        end = start + max(_ticks(min(length, Fraction(4 * LONGEST))), 1)
        self._now = Fraction(end, TICKS)
        tied, self._tied = self._tied, {}
        for note in getattr(token, "subTokens", () if token.isRest else (token,)):
            pitch, alter = _pitch(note.pitchName)
            pitch += self._shift
            place = tied.get(pitch, -1) if token.tie in {"stop", "continue"} else -1
            notes = self.part.voice.notes
            if place >= 0:
                notes[place] = notes[place]._replace(end=end)
            elif 0 <= pitch <= 127:
                place = len(notes)
                self.part.add(start, end, pitch, None if self._shift % 12 else alter)
            if place >= 0 and token.tie in {"start", "continue"}:
                self._tied[pitch] = place


@cache
def _pitch(name: str) -> tuple[int, int]:
    """Give MIDI pitch and accidental of a note by music21's name for it."""
    pitch = music21().pitch.Pitch(name)
    return int(pitch.ps), int(pitch.alter)


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS)
