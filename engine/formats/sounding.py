"""Write the parts of transposing instruments as they sound."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # builds elements, parses nothing

from engine.music import STEP_SEMITONES, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable


def sound_as_written(part: ET.Element) -> None:
    """Change a MusicXML part so that it sounds as written, and drop its transpositions.

    A clarinet in B flat that reads D major sounds C major: notes and signature both move along
    the line of fifths.

    Raises:
        ValueError: when an interval, a note or a signature is not a number.
    """
    semitones = steps = 0
    for measure in part.findall("measure"):
        for child in measure:
            if child.tag == "attributes":
                for transpose in child.findall("transpose"):
                    semitones, steps = _interval(transpose)
                    child.remove(transpose)
                if semitones or steps:
                    _move_keys(child.findall("key"), 7 * semitones - 12 * steps)
            elif child.tag == "note" and (semitones or steps):
                pitch = child.find("pitch")
                if pitch is not None:
                    _move(pitch, semitones, steps)


def _interval(transpose: ET.Element) -> tuple[int, int]:
    """Give a transposition in semitones and in steps of the scale."""
    chromatic = round(float(transpose.findtext("chromatic", "0")))
    diatonic = transpose.findtext("diatonic")
    octaves = int(transpose.findtext("octave-change", "0"))
    if diatonic is None:
        # The simplest interval: within six places on the line of fifths.
        fifths = (7 * chromatic + 5) % 12 - 5
        steps = (7 * chromatic - fifths) // 12
    else:
        steps = int(diatonic)
    return chromatic + 12 * octaves, steps + 7 * octaves


def _move_keys(keys: Iterable[ET.Element], fifths: int) -> None:
    for key in keys:
        signature = key.find("fifths")
        if signature is not None:
            moved = int(signature.text or "0") + fifths
            signature.text = str((moved + 5) % 12 - 5 if abs(moved) > 7 else moved)


def _move(pitch: ET.Element, semitones: int, steps: int) -> None:
    step = pitch.findtext("step", "C").strip().lower()
    alter = round(float(pitch.findtext("alter", "0")))
    octave = int(pitch.findtext("octave", "4"))
    sounding = 12 * octave + STEP_SEMITONES[step] + alter + semitones
    octave, place = divmod(7 * octave + STEPS.index(step) + steps, 7)
    moved = STEPS[place]
    alter = sounding - 12 * octave - STEP_SEMITONES[moved]
    for child in list(pitch):
        pitch.remove(child)
    for tag, value in (("step", moved.upper()), ("alter", alter), ("octave", octave)):
        ET.SubElement(pitch, tag).text = str(value)
