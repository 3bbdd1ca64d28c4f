"""From the parts of a written score to one melody."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from engine.errors import BadFile
from engine.formats.bars import Bars, limit
from engine.formats.choose import choose_voice, top_line
from engine.formats.quantise import quantise
from engine.formats.smf import DRUM_CHANNEL, Played, Voice
from engine.music import STEP_SEMITONES, Melody, Note
from engine.request import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.formats.quantise import Line
    from engine.music import Key

TICKS: Final = 10_080
"""Ticks per quarter note of written parts: exact for tuplets of 3, 5, 7 and 9."""

_NATURALS: Final = frozenset(STEP_SEMITONES.values())


class Part:
    """One part of a written score.

    Attributes:
        voice: the notes in ticks, and the part's name.
        spelling: accidental of the note at (tick, pitch).
        drums: whether there are notes without pitch.
        bars: meter and bar lines.
        key: the first key; None with a ``signature`` when its mode is unknown.
        tempo: quarter notes per minute.
    """

    def __init__(self, number: int, name: str) -> None:
        # Parts of scores have no channels: any but that of the drums.
        self.voice = Voice(number, min(number, DRUM_CHANNEL - 1), name)
        self.spelling: dict[tuple[int, int], int] = {}
        self.drums = False
        self.bars = Bars(None)
        self.key: Key | None = None
        self.signature: int | None = None
        self.tempo: float | None = None

    def add(self, onset: int, end: int, pitch: int, alter: float | None) -> None:
        """Add a note; an accidental that cannot be is forgotten."""
        self.voice.notes.append(Played(onset, end, pitch))
        if alter is not None and alter in (-2, -1, 0, 1, 2):
            written = int(alter)
            if (pitch - written) % 12 in _NATURALS:
                self.spelling[onset, pitch] = written

    def end(self, tick: int) -> None:
        """Put the notes in order once all are there; the part ends at ``tick``."""
        self.voice.notes.sort(key=lambda note: (note.onset, -note.pitch))
        self.voice.end = tick


def melody_of(  # noqa: PLR0913 # what a score says beside its notes
    parts: Sequence[Part],
    name: str,
    form: Literal["musicxml", "abc"],
    *,
    title: str = "",
    tempo: float | None = None,
    cut: int = 0,
    whole: Callable[[Part], tuple[Part, int]] | None = None,
) -> tuple[Melody, Taken]:
    """Take the tune out of the parts of a score.

    Args:
        parts: all of them, or samples of them.
        name: of the file.
        form: of the file.
        title: of the score.
        tempo: in quarter notes per minute.
        cut: notes that were left out already.
        whole: reads the part that was chosen by its sample, and counts what it left out.

    Raises:
        BadFile: ``empty`` or ``drums``.
    """
    drums = any(part.drums for part in parts)
    parts = [part for part in parts if part.voice.notes]
    choice = choose_voice([part.voice for part in parts])
    if choice is None:
        raise BadFile(name, "drums" if drums else "empty")
    part, voice = parts[choice.track - 1], choice.voice
    if whole is not None:
        part, cut = whole(part)
        voice = part.voice
    quarter = Fraction(TICKS)
    played, chords = top_line(voice.notes, quarter)
    kept = limit(played, quarter)
    bars = part.bars
    tempo = tempo or part.tempo
    line = quantise(
        [(bars.place(a, quarter), bars.place(b, quarter), pitch) for a, b, pitch in kept],
        1 / quarter,
        tempo or 100.0,
    )
    start, pickup = bars.start(line)
    spelled = {**{k: v for p in parts for k, v in p.spelling.items()}, **part.spelling}
    length = bars.length_of(line, voice.end, start, quarter)
    melody = Melody(
        _spell(line, start, kept, spelled),
        bars.meter,
        pickup / 4,
        part.key,
        tempo,
        length,
        voice.program,
        title,
        None if part.key else part.signature,
    )
    left_out = len(played) - len(kept) + cut
    taken = Taken(
        form, choice.tracks, choice.track, voice.name, chords, float(line.shifted), drums, left_out
    )
    return melody, taken


def _spell(
    line: Line, start: Fraction, kept: Sequence[Played], spelled: Mapping[tuple[int, int], int]
) -> tuple[Note, ...]:
    """Make notes of a line, in whole notes after ``start``, with the accidentals they had."""
    return tuple(
        Note((a - start) / 4, (b - a) / 4, pitch, spelled.get((kept[place].onset, pitch)))
        for (a, b, pitch), place in zip(line.notes, line.places, strict=True)
    )
