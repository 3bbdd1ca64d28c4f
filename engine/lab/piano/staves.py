"""A piece to look at and to hear: two staves as PNG, and MIDI."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.lab.piano.events import Event, Piece

SPLIT: Final = 60
"""Lowest pitch of the right hand: middle C."""

TEMPO: Final = 90
_OPTIONS: Final = {
    "adjustPageHeight": True,
    "adjustPageWidth": True,
    "breaks": "auto",
    "footer": "none",
    "header": "none",
    "pageHeight": 60000,
    "pageWidth": 2000,
    "scale": 50,
    "xmlIdSeed": 1,
}


def write_midi(piece: Piece, tempo: float = TEMPO) -> bytes:
    """Write a piece as MIDI for piano; times are kept as they are."""
    from pretty_midi import Instrument, Note, PrettyMIDI  # noqa: PLC0415 - only here

    song = PrettyMIDI(initial_tempo=tempo, resolution=480)
    piano = Instrument(0, name="Nabi: piano")
    second = Fraction(60) / Fraction(tempo)
    start = piece.events[0].onset if piece.events else Fraction(0)
    for event in piece.events:
        onset = (event.onset - start) * second
        for pitch in event.pitches:
            end = onset + event.length * second
            piano.notes.append(Note(80, pitch, float(onset), float(end)))
    song.instruments.append(piano)
    out = BytesIO()
    song.write(out)
    return out.getvalue()


def draw(piece: Piece, most: int = 64) -> bytes:
    """Draw a piece's first events on two staves as PNG.

    Each hand is written as one voice, so a note ends in the picture where its hand plays again.
    """
    from engine.score.picture import LIGHT, rasterise  # noqa: PLC0415 - loads the rasteriser

    return rasterise(svg(piece, most), LIGHT)


def svg(piece: Piece, most: int = 64) -> str:
    """Lay the picture out; see :func:`draw`.

    Raises:
        RuntimeError: when the engraver cannot read the score, which would be our mistake.
    """
    from engine.score.engraving import toolkit  # noqa: PLC0415 - loads the engraver

    engraver = toolkit()
    engraver.resetOptions()
    engraver.setOptions(_OPTIONS)
    engraver.resetXmlIdSeed(1)
    if not engraver.loadData(musicxml(piece, most)):
        raise RuntimeError("the engraver refused our own score")
    drawn: str = engraver.renderToSVG(1)
    # The rasteriser leaves out all text inside an element of size 0, and lines whose colour only a
    # style sheet tells.
    drawn = drawn.replace('font-size="0px"', 'font-size="1px"')
    return drawn.replace(' stroke-width="', ' stroke="#000" stroke-width="')


def _music21() -> Any:
    """Give music21, whose types are too loose to be checked against."""
    import music21  # noqa: PLC0415 - takes seconds

    return music21


def musicxml(piece: Piece, most: int = 64) -> str:
    """Write a piece's first events on two staves as MusicXML, with music21."""
    m21 = _music21()

    score = m21.stream.Score()
    hands = []
    events = piece.events[:most]
    start = events[0].onset if events else Fraction(0)
    end = max((event.onset + event.length - start for event in events), default=Fraction(4))
    end = Fraction(-(-end // 4) * 4)
    key = signature(events)
    for right in (True, False):
        part = m21.stream.Part(id="right" if right else "left")
        part.append(m21.clef.TrebleClef() if right else m21.clef.BassClef())
        part.append(m21.key.KeySignature(key))
        part.append(m21.meter.TimeSignature("4/4"))
        for onset, length, pitches in _hand(events, start, end, right=right):
            part.insert(_time(onset), _sound(pitches, length, key))
        hands.append(part.makeNotation())
        score.insert(0, hands[-1])
    score.insert(0, m21.layout.StaffGroup(hands, symbol="brace", barTogether=True))
    written: bytes = m21.musicxml.m21ToXml.GeneralObjectExporter(score).parse()
    return written.decode("utf-8")


_Struck = tuple[Fraction, Fraction, tuple[int, ...]]


def _hand(events: Sequence[Event], start: Fraction, end: Fraction, *, right: bool) -> list[_Struck]:
    """Give what one hand plays: onset, length and pitches, with rests (no pitches) between."""
    mine = []
    for event in events:
        pitches = tuple(pitch for pitch in event.pitches if (pitch >= SPLIT) is right)
        if pitches:
            mine.append((event.onset - start, event.length, pitches))
    made: list[_Struck] = []
    time = Fraction(0)
    for place, (onset, length, pitches) in enumerate(mine):
        if onset > time:
            made.append((time, onset - time, ()))
        until = mine[place + 1][0] if place + 1 < len(mine) else end
        made.append((onset, min(length, until - onset), pitches))
        time = made[-1][0] + made[-1][1]
    if time < end:
        made.append((time, end - time, ()))
    return made


def signature(events: Sequence[Event]) -> int:
    """Choose the key signature that leaves the fewest accidentals: sharps, or flats below 0."""
    played = Counter(pitch % 12 for event in events for pitch in event.pitches)

    def outside(key: int) -> tuple[int, int]:
        scale = {7 * fifths % 12 for fifths in range(key - 1, key + 6)}
        return sum(count for each, count in played.items() if each not in scale), abs(key)

    return min(range(-5, 7), key=outside)


def name_of(pitch: int, key: int = 0) -> str:
    """Spell a pitch as music21 writes it, ``B-4``, within twelve fifths around a key's notes.

    In C these are E flat to G sharp; with every sharp of the signature they move up by a fifth.
    """
    fifths = next(each for each in range(key - 3, key + 9) if 7 * each % 12 == pitch % 12)
    altered, letter = divmod(fifths + 1, 7)
    octave = (pitch - altered) // 12 - 1
    return "FCGDAEB"[letter] + "#" * altered + "-" * -altered + str(octave)


def _sound(pitches: Sequence[int], length: Fraction, key: int) -> Any:
    m21 = _music21()

    if not pitches:
        return m21.note.Rest(quarterLength=_time(length))
    # Named, a natural is no accidental; by number it would be printed.
    names = [name_of(each, key) for each in pitches]
    if len(names) == 1:
        return m21.note.Note(names[0], quarterLength=_time(length))
    return m21.chord.Chord(names, quarterLength=_time(length))


def _time(time: Fraction) -> float | Fraction:
    return float(time) if time.denominator in {1, 2, 4, 8} else time
