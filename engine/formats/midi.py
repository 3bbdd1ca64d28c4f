"""MIDI files: read the tune out of any, write ours so that every program reads it back.

What MIDI cannot hold is lost on the way out: the spelling of notes, and leading rests of whole
bars. The key is named in a text event beside the key signature, which knows but two modes.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Final

from engine.errors import BadFile
from engine.formats import smf
from engine.formats.bars import Bars, limit, nearest
from engine.formats.beats import find_beat
from engine.formats.choose import choose_voice, top_line
from engine.formats.quantise import Line, quantise, written
from engine.formats.words import decode, title
from engine.music import MAX_WHOLES, Key, Melody, Meter, Note
from engine.request import Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.formats.beats import Beat
    from engine.formats.smf import Mark, Played, Song, Voice

TICKS: Final = 480
"""Ticks per quarter note in the files we write: ten per step of the finest written grid."""

TEMPO_RANGE: Final = (20.0, 400.0)
"""Tempos that are taken, in quarter notes per minute; others are brought in here."""

_END_MARKS: Final = frozenset({"end", "=end", "the end", "end of song", "끝"})
_KEY_TEXT: Final = re.compile(r"key: (.{1,20})")


def read_midi(data: bytes, name: str) -> tuple[Melody, Taken]:
    """Read the tune out of a MIDI file.

    The pickup is what a short first bar says (notation programs write one as a time signature
    of its own), else the last part of a first bar whose first half is silent. Tempo and key are
    those in force at the tune's first note. Later changes of meter are not followed.

    Raises:
        BadFile: ``broken``, ``empty`` or ``drums``.
    """
    try:
        song = smf.read_song(data)
    except smf.BadMidiError:
        raise BadFile(name, "broken") from None
    choice = choose_voice(song.voices)
    if choice is None:
        reason = "drums" if song.voices else "broken" if song.damaged else "empty"
        raise BadFile(name, reason)  # type: ignore[arg-type]  # one of the literals
    voice = choice.voice
    tempo = _tempo(song, voice)
    quarter = song.quarter(tempo)
    played, chords = top_line(voice.notes, quarter)
    line = limit(played, quarter)
    beat = _beat(song, voice.track, line, quarter, tempo)
    if beat is None:
        melody, shifted = _read_off(song, voice, line, quarter, tempo)
    else:
        melody, shifted = _heard(song, voice, line, beat), 0.0
    taken = Taken(
        "midi",
        tracks=choice.tracks,
        track=choice.track,
        name=voice.name,
        chords=chords,
        shifted=shifted,
        drums=any(other.drums for other in song.voices),
        cut=len(played) - len(line),
        tempo=None if beat is None else beat.tempo,
    )
    return melody, taken


def _beat(
    song: Song, track: int, line: Sequence[Played], quarter: Fraction, tempo: int | None
) -> Beat | None:
    """Find the beat of a recording that was not played to that of the file."""
    tempos = {mark.data for mark in song.marked(smf.TEMPO, track)}
    if len(tempos) > 1 or written([note.onset / quarter for note in line], 1 / quarter):
        return None
    tick = Fraction(tempo or smf.DEFAULT_TEMPO, 1_000_000) / quarter
    return find_beat([(note.onset * tick, note.end * tick) for note in line], quarter * tick)


def _read_off(
    song: Song, voice: Voice, line: Sequence[Played], quarter: Fraction, tempo: int | None
) -> tuple[Melody, float]:
    """Take the melody as the file's beat and bars have it; tell how far onsets were moved."""
    bars = _bars(song, voice.track, line[0].onset, quarter)
    grid = quantise(
        [(bars.place(a, quarter), bars.place(b, quarter), pitch) for a, b, pitch in line],
        1 / quarter,
        60_000_000 / (tempo or smf.DEFAULT_TEMPO),
    )
    start, pickup = bars.start(grid)
    notes = _notes(grid, start)
    length = bars.length_of(grid, voice.end, start, quarter)
    end = _marked_end(song, voice, bars, quarter)
    if end is not None and grid.notes[-1][1] < end <= start + 4 * MAX_WHOLES:
        length = (end - start) / 4
    key, signature = _key(song, voice.track, voice.notes[0].onset)
    melody = Melody(
        notes,
        bars.meter,
        pickup / 4,
        key,
        _per_minute(tempo) if tempo else None,
        length,
        voice.program,
        _title(song),
        signature,
        assumed=bars.meter == Meter(4, 4) and _by_default(song, voice.track),
    )
    return melody, float(grid.shifted)


def _by_default(song: Song, track: int) -> bool:
    """Tell whether a meter may be there only because a program writes one where nobody chose any.

    Our own files name the key, and nobody writes two meters without meaning them.
    """
    texts = (decode(mark.data) for mark in song.marked(smf.TEXT, track))
    return len(_meters(song, track)) == 1 and not any(map(_KEY_TEXT.fullmatch, texts))


def _heard(song: Song, voice: Voice, line: Sequence[Played], beat: Beat) -> Melody:
    """Take the melody as it was played: the file's bars mean nothing."""
    grid = quantise(
        [(start, end, note.pitch) for note, (start, end) in zip(line, beat.places, strict=True)],
        Fraction(1, TICKS),
        beat.tempo,
    )
    notes = _notes(grid, Fraction(0))
    key, signature = _key(song, voice.track, voice.notes[0].onset)
    return Melody(
        notes,
        key=key,
        tempo=float(beat.tempo),
        program=voice.program,
        title=_title(song),
        signature=signature,
    )


def _notes(grid: Line, start: Fraction) -> tuple[Note, ...]:
    return tuple(Note((a - start) / 4, (b - a) / 4, pitch) for a, b, pitch in grid.notes)


def _in_force(marks: Sequence[Mark], tick: int) -> Mark | None:
    """Give the last mark up to a time, else the first one after it."""
    before = [mark for mark in marks if mark.tick <= tick]
    return before[-1] if before else next(iter(marks), None)


def _tempo(song: Song, voice: Voice) -> int | None:
    """Give the tempo at the first note in microseconds per quarter note."""
    marks = [m for m in song.marked(smf.TEMPO, voice.track) if len(m.data) >= 3 and any(m.data[:3])]
    mark = _in_force(marks, voice.notes[0].onset)
    return int.from_bytes(mark.data[:3], "big") if mark else None


def _per_minute(microseconds: int) -> float:
    """Turn microseconds per quarter note into the roundest tempo that is written so."""
    exact = 60_000_000 / microseconds
    for digits in range(4):
        tempo = round(exact, digits)
        if tempo and abs(60_000_000 / tempo - microseconds) <= 1:
            break
    return min(max(tempo, TEMPO_RANGE[0]), TEMPO_RANGE[1])


def _meters(song: Song, track: int) -> list[tuple[int, Meter]]:
    """Give the changes of meter that can be written."""
    meters: list[tuple[int, Meter]] = []
    for mark in song.marked(smf.METER, track):
        if len(mark.data) < 2 or not 1 <= mark.data[0] <= 64 or mark.data[1] > 6:
            continue
        meter = Meter(mark.data[0], 1 << mark.data[1])
        while meters and meters[-1][0] == mark.tick:
            meters.pop()
        if not meters or meters[-1][1] != meter:
            meters.append((mark.tick, meter))
    return meters


def _bars(song: Song, track: int, first: int, quarter: Fraction) -> Bars:
    """Find the meter at the first note and where its bar lines stand."""
    meters = _meters(song, track)
    if not meters:
        return Bars(None)
    place = max((i for i, (tick, _) in enumerate(meters) if tick <= first), default=0)
    tick, meter = meters[place]
    if place + 1 < len(meters):
        following, after = meters[place + 1]
        length = (following - tick) / quarter
        if length <= 4 * meter.bar:  # One bar only: a pickup, or a count-in.
            short = length if tick <= first < following and length < 4 * after.bar else None
            return Bars(after, following, short)
    return Bars(meter, tick)


def _marked_end(song: Song, voice: Voice, bars: Bars, quarter: Fraction) -> Fraction | None:
    """Give the time of a marker that says "end", in quarter notes after the anchor."""
    for mark in song.marked(smf.MARKER, voice.track):
        if decode(mark.data).strip().lower() in _END_MARKS:
            return nearest(bars.place(mark.tick, quarter))
    return None


def _key(song: Song, track: int, first: int) -> tuple[Key | None, int | None]:
    """Give the key at the first note, else the signature alone; (None, None) when there is neither.

    Notation programs write "major" under every signature: only minor, and a text in which the mode
    is named as in our own files, are believed.
    """
    signatures = [
        mark
        for mark in song.marked(smf.KEY, track)
        if len(mark.data) >= 2 and abs(_signed(mark.data[0])) <= 7 and mark.data[1] <= 1
    ]
    mark = _in_force(signatures, first)
    if mark is None:
        return None, None
    fifths = _signed(mark.data[0])
    for text in song.marked(smf.TEXT, track):
        match = _KEY_TEXT.fullmatch(decode(text.data))
        if match:
            try:
                key = Key.parse(match[1])
            except ValueError:
                continue
            if key.fifths == fifths:
                return key, None
    if mark.data[1]:
        return Key(fifths, "minor"), None
    return None, fifths


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _title(song: Song) -> str:
    """Give the title: the name of a first track without notes, or of the only track."""
    if any(voice.track == 0 for voice in song.voices) and song.kind != 0:
        return ""
    return title(song.names.get(0, ""))


# Writing


def write_midi(melody: Melody, split: Fraction | None = None) -> bytes:
    """Write a melody as a MIDI file of type 1; the same melody gives the same bytes.

    The first track holds title, meter, key and tempo, and a marker where new music begins. A
    pickup is written as notation programs do: a first time signature of its length, then the
    real one; where no time signature has that length, rests fill the first bar.

    Args:
        melody: what to write.
        split: onset in whole notes from which notes are new; they get a track and a channel of
            their own. None: all notes in one track.
    """
    meter = melody.meter
    short = _short_bar(melody.pickup)
    shift = Fraction(0)
    if meter is not None and melody.pickup and short is None:
        shift = meter.bar - melody.pickup
    end = _tick(shift + melody.end)
    tracks = [_conductor(melody, split, shift, short)]
    parts = [("Nabi", melody.notes)]
    if split is not None:
        parts = [
            ("Nabi: primer", tuple(note for note in melody.notes if note.onset < split)),
            ("Nabi: continuation", tuple(note for note in melody.notes if note.onset >= split)),
        ]
    channel = 0
    for name, notes in parts:
        if notes or split is None:
            tracks.append(_part(name, notes, channel, melody, shift))
            channel += 1
    header = b"MThd" + bytes([0, 0, 0, 6, 0, 1, 0, len(tracks)]) + TICKS.to_bytes(2, "big")
    return header + b"".join(_chunk(events, end) for events in tracks)


_Event = tuple[int, int, bytes]
"""Tick, rank among events of the same tick, bytes."""


def _tick(time: Fraction) -> int:
    """Turn whole notes into ticks."""
    return floor(time * 4 * TICKS + Fraction(1, 2))


def _short_bar(pickup: Fraction) -> Meter | None:
    """Give the time signature that is exactly as long as a pickup, if there is one."""
    if not pickup:
        return None
    unit = max(pickup.denominator, 4)
    beats = pickup * unit
    if unit > 64 or unit & (unit - 1) or beats > 64:
        return None
    return Meter(int(beats), unit)


def _conductor(
    melody: Melody, split: Fraction | None, shift: Fraction, short: Meter | None
) -> list[_Event]:
    events: list[_Event] = []
    if melody.title:
        events.append((0, 0, _meta(smf.NAME, melody.title.encode("utf-8", "replace"))))
    if melody.meter is not None:
        if short is not None:
            events.append((0, 1, _time_signature(short)))
        events.append((_tick(melody.pickup) if short else 0, 1, _time_signature(melody.meter)))
    if melody.key is not None:
        minor = melody.key.mode in {"minor", "dorian", "phrygian", "locrian"}
        events.append((0, 2, _meta(smf.KEY, bytes([melody.key.fifths % 256, minor]))))
        events.append((0, 2, _meta(smf.TEXT, f"key: {melody.key}".encode())))
    if melody.tempo is not None:
        microseconds = min(round(60_000_000 / melody.tempo), 0xFFFFFF)
        events.append((0, 3, _meta(smf.TEMPO, microseconds.to_bytes(3, "big"))))
    if split is not None:
        events.append((_tick(shift + split), 4, _meta(smf.MARKER, b"continuation")))
    if melody.notes and melody.end > melody.notes[-1].end:
        events.append((_tick(shift + melody.end), 4, _meta(smf.MARKER, b"end")))
    return events


def _part(
    name: str, notes: Sequence[Note], channel: int, melody: Melody, shift: Fraction
) -> list[_Event]:
    events: list[_Event] = [(0, 0, _meta(smf.NAME, name.encode()))]
    if melody.program is not None:
        events.append((0, 1, bytes([0xC0 | channel, melody.program])))
    bar = melody.meter.bar if melody.meter else Fraction(1)
    for note in notes:
        onset = _tick(shift + note.onset)
        end = max(_tick(shift + note.end), onset + 1)
        velocity = 92 if (note.onset - melody.pickup) % bar == 0 else 80
        events.append((onset, 3, bytes([0x90 | channel, note.pitch, velocity])))
        events.append((end, 2, bytes([0x80 | channel, note.pitch, 64])))
    return events


def _time_signature(meter: Meter) -> bytes:
    clocks = min(max(int(meter.beat * 96), 1), 255)
    return _meta(smf.METER, bytes([meter.beats, meter.unit.bit_length() - 1, clocks, 8]))


def _meta(kind: int, content: bytes) -> bytes:
    return bytes([0xFF, kind]) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """Write a variable-length number."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def _chunk(events: Iterable[_Event], end: int) -> bytes:
    """Write a track that ends at tick ``end``."""
    content = bytearray()
    time = 0
    for tick, _, data in sorted(events, key=lambda event: event[:2]):
        content += _number(tick - time) + data
        time = tick
    content += _number(max(end - time, 0)) + _meta(smf.END_OF_TRACK, b"")
    return b"MTrk" + len(content).to_bytes(4, "big") + bytes(content)
