"""From the parts of a written score to one melody."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from engine.errors import BadFile
from engine.formats.bars import Bars, limit
from engine.formats.choose import choose_voice, top_line
from engine.formats.quantise import quantise
from engine.formats.smf import DRUM_CHANNEL, Played, Voice
from engine.music import MODES, STEP_SEMITONES, Key, Melody, Note
from engine.request import Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TICKS: Final = 10_080
"""Ticks per quarter note of written parts: exact for tuplets of 3, 5, 7 and 9."""

_NATURALS: Final = frozenset(STEP_SEMITONES.values())
_MODES: Final = {**{mode: mode for mode in MODES}, "ionian": "major", "aeolian": "minor"}


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
    notes = tuple(
        Note((a - start) / 4, (b - a) / 4, pitch, spelled.get((kept[place].onset, pitch)))
        for (a, b, pitch), place in zip(line.notes, line.places, strict=True)
    )
    length = bars.length_of(line, voice.end, start, quarter)
    key = part.key or _guess_mode(part.signature, notes)
    melody = Melody(notes, bars.meter, pickup / 4, key, tempo, length, voice.program, title)
    left_out = len(played) - len(kept) + cut
    taken = Taken(
        form, choice.tracks, choice.track, voice.name, chords, float(line.shifted), drums, left_out
    )
    return melody, taken


def key_of(fifths: int, mode: str | None) -> Key | None:
    """Give a key as music21 reads it; None where the mode is unknown.

    A signature of more than seven accidentals becomes the one that sounds the same.
    """
    known = _MODES.get(mode or "")
    if known is None:
        return None
    return Key(fifths if -7 <= fifths <= 7 else (fifths + 5) % 12 - 5, known)


def _guess_mode(signature: int | None, notes: Sequence[Note]) -> Key | None:
    """Choose between major and minor where a file gives only the signature.

    Compares how long tonic and fifth of both keys sound; the last note and the raised seventh
    degree of the minor key count more.
    """
    if signature is None:
        return None
    weights = [Fraction(0)] * 12
    for note in notes:
        weights[note.pitch % 12] += note.duration
    total = sum(weights, Fraction(0))

    def weigh(key: Key) -> Fraction:
        end = total / 4 if notes[-1].pitch % 12 == key.tonic else Fraction(0)
        return weights[key.tonic] + weights[(key.tonic + 7) % 12] / 2 + end

    major, minor = Key(signature), Key(signature, "minor")
    raised = weights[(minor.tonic - 1) % 12] * 2
    return minor if weigh(minor) + raised > weigh(major) else major
