"""Read the tune out of MusicXML, through music21.

Taken: one part and staff (chosen as in MIDI), its top line, sounding pitches with their
spelling, the first meter, key and tempo, and the pickup. Ties are merged. Grace notes and small
notes of other parts are left out. Repeats are not expanded: a primer is the tune as printed,
each bar once.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BadFile
from engine.formats import guard
from engine.formats.bars import Bars
from engine.formats.keys import key_of, within_seven
from engine.formats.library import music21, quietly
from engine.formats.musicxml_tidy import Excerpt, sample, score_of, staves_of
from engine.formats.parts import TICKS, Part, melody_of
from engine.formats.words import title
from engine.music import Meter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from engine.music import Melody
    from engine.request import Taken

_MOST: Final = 8_000
"""Elements of bars that music21 reads to tell which staff has the tune; of more, a sample."""

_LONGEST: Final = 12_000
"""Elements that music21 reads of the staff with the tune."""

_UNITS: Final = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


def read_musicxml(data: bytes, name: str) -> tuple[Melody, Taken]:
    """Read the tune out of MusicXML, compressed or not, by part or by measure.

    Raises:
        BadFile: ``format``, ``broken``, ``empty`` or ``drums``.
    """
    packed = data[:2] == b"PK"
    try:
        root = guard.parse_xml(guard.unpack(data) if packed else data)
    except guard.UnsafeXmlError:
        known = packed or name.lower().endswith((".xml", ".musicxml")) or b"score-" in data
        raise BadFile(name, "broken" if known else "format") from None
    if root.tag not in {"score-partwise", "score-timewise"}:
        raise BadFile(name, "format")
    try:
        return _read_score(guard.by_parts(root), name)
    except BadFile:
        raise
    except Exception as error:  # what should be a number is none; music21 fails in every way
        raise BadFile(name, "broken") from error


def _read_score(root: Element, name: str) -> tuple[Melody, Taken]:
    """Read the staff with the tune; of a long score, only that one in whole."""
    staves = staves_of(root)
    alone = len(staves) == 1
    wanted = staves[0].first(_LONGEST) if alone else sample(staves, _MOST)
    excerpts = [Excerpt(staff, wanted) for staff in staves]
    cut = max((excerpt.left_out for excerpt in excerpts), default=0)

    def whole(part: Part) -> tuple[Part, int]:
        staff = staves[part.voice.track]
        excerpt = Excerpt(staff, staff.first(_LONGEST))
        return _read([excerpt])[0], excerpt.left_out

    return melody_of(
        _read(excerpts),
        name,
        "musicxml",
        title=title(root.findtext("work/work-title") or root.findtext("movement-title") or ""),
        tempo=_tempo_of(root),
        cut=cut,
        whole=whole if cut and not alone else None,
    )


def _read(excerpts: Sequence[Excerpt]) -> list[Part]:
    """Let music21 read staves."""
    root = score_of(excerpts)
    with quietly():
        score = music21().musicxml.xmlToM21.MusicXMLImporter().xmlRootToScore(root)
        if root.find("part/measure/attributes/transpose") is not None:
            score.toSoundingPitch(inPlace=True)
    measures = (bar for part in score.parts for bar in part.getElementsByClass("Measure"))
    return [
        _part(number, excerpt, list(islice(measures, len(excerpt.implicit))))
        for number, excerpt in enumerate(excerpts)
    ]


def _part(number: int, excerpt: Excerpt, measures: Sequence[Any]) -> Part:
    """Put the bars of a staff together."""
    part = Part(number, excerpt.staff.name)
    part.voice.program = excerpt.staff.program
    part.drums = excerpt.drums
    named = next((m for m in measures if m.timeSignature is not None), None)
    keyed = next((m.keySignature for m in measures if m.keySignature is not None), None)
    if keyed is not None:
        part.signature = within_seven(keyed.sharps)
        part.key = key_of(keyed.sharps, getattr(keyed, "mode", None))
    starts = _starts(measures, excerpt.implicit)
    held: dict[int, tuple[int, int]] = {}  # pitch -> place of the tied note, its end
    for measure, start in zip(measures, starts, strict=False):
        for element in measure.notes:
            onset = _ticks(start + Fraction(element.offset))
            end = max(_ticks(start + Fraction(element.offset + element.quarterLength)), onset + 1)
            for note in getattr(element, "notes", (element,)):
                _add(part, held, note, onset, end)
    part.end(_ticks(starts[-1]))
    meter = _meter(named.timeSignature) if named is not None else None
    part.bars = Bars(meter)
    if meter is not None and len(starts) > 2 and 0 < starts[1] < 4 * meter.bar:
        part.bars = Bars(meter, _ticks(starts[1]), starts[1])
    return part


def _starts(measures: Sequence[Any], implicit: Sequence[bool]) -> list[Fraction]:
    """Find out where the bars start, and where the last one ends, in quarter notes.

    music21 lets a bar last as long as what it holds. One that holds less than its meter says is
    short only where that makes sense: the first one, the last one, one that says so
    (``implicit``), and two halves around a repeat. Elsewhere rests were left out.
    """
    lengths = [Fraction(measure.highestTime) for measure in measures]
    starts = [Fraction(0)]
    full = Fraction(0)
    for place, (measure, own) in enumerate(zip(measures, lengths, strict=True)):
        if measure.timeSignature is not None:
            meter = _meter(measure.timeSignature)
            full = 4 * meter.bar if meter else Fraction(0)
        before, after = lengths[max(place - 1, 0)], lengths[min(place + 1, len(lengths) - 1)]
        short = implicit[place] or place in (0, len(lengths) - 1)
        halves = full in (before + own, own + after)
        starts.append(starts[-1] + (own if own >= full or short or halves else full))
    return starts


def _add(part: Part, held: dict[int, tuple[int, int]], note: Any, onset: int, end: int) -> None:
    """Add a note to a part, or make the one longer that it is tied to."""
    pitch = int(note.pitch.ps)
    if not 0 <= pitch <= 127:
        return
    tie = note.tie.type if note.tie is not None else ""
    place, until = held.pop(pitch, (-1, -1))
    if tie in {"stop", "continue"} and until == onset:
        part.voice.notes[place] = part.voice.notes[place]._replace(end=end)
    else:
        place = len(part.voice.notes)
        part.add(onset, end, pitch, note.pitch.alter)
    if tie in {"start", "continue"}:
        held[pitch] = (place, end)


def _ticks(quarters: Fraction) -> int:
    return round(quarters * TICKS)


def _meter(time: Any) -> Meter | None:
    """Give a meter of music21's; None for none, and for one that we cannot write."""
    try:
        return Meter(time.numerator, time.denominator)
    except (AttributeError, ValueError):
        return None


def _tempo_of(root: Element) -> float | None:
    """Find the first tempo in quarter notes per minute."""
    for measure in root.iterfind("part/measure"):
        for sound in measure.iter("sound"):
            if sound.get("tempo"):
                return _tempo(float(sound.get("tempo", "")))
        for mark in measure.iter("metronome"):
            unit = _UNITS.get(mark.findtext("beat-unit", "").strip(), 1.0)
            dots = len(mark.findall("beat-unit-dot"))
            speed = re.search(r"\d{1,4}(\.\d{1,4})?", mark.findtext("per-minute", ""))
            if speed:
                return _tempo(float(speed[0]) * unit * (2 - 0.5 ** min(dots, 4)))
    return None


def _tempo(value: float) -> float | None:
    """Bring a tempo into the range that is taken; None for nonsense."""
    return round(min(max(value, 20.0), 400.0), 3) if 0 < value < 1e6 else None
