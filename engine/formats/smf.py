"""Read Standard MIDI Files byte by byte, strictly bounded.

The files come from strangers, so the reader is our own: a few hundred lines of plain Python that
always move forward, raise nothing but :class:`BadMidiError`, and keep what stands before the first
damage. The alternatives were measured: mido and the libraries on top of it hang on overlong delta
times, and symusic is faster by far but gives nothing at all for a file whose last track is cut
off. Four megabytes of the densest events take a few seconds here, an ordinary song some
milliseconds.

Ticks stay integers; no time is rounded in this module.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.formats.words import decode, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_EVENTS: Final = 1_000_000
"""Events read from one file; what follows is left alone."""

MAX_NOTES: Final = 200_000
"""Notes read from one file; what follows is left alone."""

MAX_TRACKS: Final = 4_096
"""Tracks read from one file."""

MAX_MARKS: Final = 10_000
"""Tempo, meter, key and text events kept from one file."""

DRUM_CHANNEL: Final = 9
"""Channel 10, counted from 0: General MIDI plays drums there."""

_HEADER_WITHIN: Final = 1_024
"""Bytes of wrapping (RIFF, MacBinary) after which the header must have come."""

DEFAULT_TEMPO: Final = 500_000
"""Microseconds per quarter note where a file names none."""


class BadMidiError(Exception):
    """Bytes that are not a MIDI file, or one that is damaged before its first note."""


class Played(NamedTuple):
    """A note as it stands in the file: ``onset`` and ``end`` in ticks."""

    onset: int
    end: int
    pitch: int


class Mark(NamedTuple):
    """A tempo, meter, key or text event and the track that holds it."""

    tick: int
    track: int
    kind: int
    data: bytes


@dataclass(slots=True)
class Voice:
    """The notes of one channel in one track, by onset.

    Attributes:
        track: number of the track in the file, from 0.
        channel: 0 to 15.
        name: name of the track, possibly empty.
        program: instrument in force at the first note, None when never named.
        end: tick of the track's end.
        notes: by onset, the highest first; two of the same pitch never overlap.
    """

    track: int
    channel: int
    name: str = ""
    program: int | None = None
    end: int = 0
    notes: list[Played] = field(default_factory=list)

    @property
    def drums(self) -> bool:
        """Whether the channel is the one for drums."""
        return self.channel == DRUM_CHANNEL


@dataclass(slots=True)
class Song:
    """What a MIDI file holds.

    Attributes:
        kind: 0 (one track), 1 (tracks played together) or 2 (independent patterns).
        division: ticks per quarter note, negative for ticks per second.
        voices: those that hold notes, in the order of the file.
        marks: in the order of time.
        names: of the tracks, by number.
        damaged: whether reading stopped early somewhere.
    """

    kind: int
    division: Fraction
    voices: list[Voice] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    damaged: bool = False
    events: int = 0
    count: int = 0

    def marked(self, kind: int, track: int) -> list[Mark]:
        """Give the marks of one kind that hold for ``track``, by time."""
        return [m for m in self.marks if m.kind == kind and (self.kind != 2 or m.track == track)]

    def quarter(self, tempo: int | None) -> Fraction:
        """Give the ticks per quarter note; SMPTE divisions need ``tempo`` in microseconds."""
        if self.division > 0:
            return self.division
        return -self.division * Fraction(tempo or DEFAULT_TEMPO, 1_000_000)


NAME: Final = 0x03
TEXT: Final = 0x01
MARKER: Final = 0x06
END_OF_TRACK: Final = 0x2F
TEMPO: Final = 0x51
METER: Final = 0x58
KEY: Final = 0x59
_KEPT: Final = frozenset({TEXT, MARKER, TEMPO, METER, KEY})


def is_midi(data: bytes) -> bool:
    """Tell whether bytes look like a MIDI file, bare or wrapped."""
    return (
        data[:4] == b"MThd"
        or (data[:4] == b"RIFF" and data[8:12] == b"RMID")
        or (data[:1] == b"\0" and b"MThd" in data[:_HEADER_WITHIN])
    )


def read_song(data: bytes) -> Song:
    """Read a whole MIDI file.

    Raises:
        BadMidiError: when there is no header, or its division means nothing.
    """
    start = data.find(b"MThd", 0, _HEADER_WITHIN)
    if start < 0 or start + 14 > len(data):
        raise BadMidiError
    size = int.from_bytes(data[start + 4 : start + 8], "big")
    kind = int.from_bytes(data[start + 8 : start + 10], "big")
    song = Song(kind, _division(data[start + 12 : start + 14]))
    # Wrong header lengths are met in the wild; the tracks then follow the usual six bytes.
    first = start + 8 + size if 6 <= size <= _HEADER_WITHIN else start + 14
    if data[first : first + 4] != b"MTrk":
        first = max(data.find(b"MTrk", start + 14), start + 14)
    for number, (begin, end) in enumerate(_tracks(data, first)):
        if number >= MAX_TRACKS or song.events >= MAX_EVENTS or song.count >= MAX_NOTES:
            break
        _Track(song, number, data[begin:end]).read()
    song.marks.sort(key=lambda mark: mark.tick)
    return song


def _division(data: bytes) -> Fraction:
    """Read the division: ticks per quarter note, or minus the ticks per second (SMPTE)."""
    if data[0] < 0x80:
        ticks = Fraction(int.from_bytes(data, "big"))
    else:
        frames = 256 - data[0]
        rate = Fraction(30_000, 1_001) if frames == 29 else Fraction(frames)
        ticks = -rate * data[1]
    if not ticks:
        raise BadMidiError
    return ticks


def _tracks(data: bytes, position: int) -> Iterator[tuple[int, int]]:
    """Find the tracks' contents; where a length is wrong, the next track's name ends it."""
    while position + 8 <= len(data):
        kind = data[position : position + 4]
        begin = position + 8
        end = begin + int.from_bytes(data[position + 4 : begin], "big")
        if not _ends_chunk(data, end):
            found = data.find(b"MTrk", begin)
            end = found if found >= 0 else len(data)
        if kind == b"MTrk":
            yield begin, min(end, len(data))
        position = end


def _ends_chunk(data: bytes, end: int) -> bool:
    """Tell whether a chunk may end here: at another chunk, or at the end of the file."""
    if end + 8 > len(data):
        return end <= len(data)
    following = int.from_bytes(data[end + 4 : end + 8], "big")
    known = data[end : end + 4] == b"MTrk"
    return known or (data[end : end + 4].isalnum() and end + 8 + following <= len(data))


class _DamageError(Exception):
    """A byte that cannot stand where it stands."""


class _Track:
    """Reader of one track's events."""

    def __init__(self, song: Song, number: int, data: bytes) -> None:
        self.song = song
        self.number = number
        self.data = data
        self.at = 0
        self.time = 0
        self.running = 0
        self.name = b""
        self.programs: dict[int, int] = {}
        self.voices: dict[int, Voice] = {}
        self.ends: dict[int, list[int]] = {}
        self.open: dict[int, deque[int]] = {}

    def read(self) -> None:
        """Read events up to the end of the track, the limits or the first damage."""
        song = self.song
        try:
            while self.at < len(self.data):
                if song.events >= MAX_EVENTS or song.count >= MAX_NOTES:
                    break
                song.events += 1
                self._event()
        except (_DamageError, IndexError):
            song.damaged = True
        name = one_line(decode(self.name))
        song.names[self.number] = name
        for channel, voice in sorted(self.voices.items()):
            voice.name = name
            voice.end = self.time
            voice.notes = _tidy(voice.notes, self.ends[channel], self.time)
            if voice.program is None:
                voice.program = self.programs.get(channel)
            song.voices.append(voice)

    def _event(self) -> None:
        self.time += self._number()
        status = self.data[self.at]
        if status >= 0x80:
            self.at += 1
        elif self.running:
            status = self.running
        else:
            raise _DamageError
        if status < 0xF0:
            self.running = status
            self._channel_event(status >> 4, status & 15)
        elif status == 0xFF:
            self._meta()
        elif status in (0xF0, 0xF7):
            self._take(self._number())
        else:  # System messages do not belong into files; step over their data.
            self.at += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(status, 0)

    def _number(self) -> int:
        """Read a variable-length number of at most four bytes."""
        value = 0
        for _ in range(4):
            byte = self.data[self.at]
            self.at += 1
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value
        raise _DamageError

    def _take(self, size: int) -> bytes:
        """Read ``size`` bytes."""
        end = self.at + size
        if end > len(self.data):
            raise _DamageError
        found = self.data[self.at : end]
        self.at = end
        return found

    def _channel_event(self, kind: int, channel: int) -> None:
        first = self.data[self.at]
        second = 0
        self.at += 1
        if kind not in (0xC, 0xD):
            second = self.data[self.at]
            self.at += 1
        if first > 0x7F or second > 0x7F:
            raise _DamageError
        if kind == 0x9 and second:
            self._note_on(channel, first)
        elif kind in (0x8, 0x9):
            # The oldest one ends: with legato playing the new note may start before the old
            # one of the same pitch is released.
            waiting = self.open.get(channel << 7 | first)
            if waiting:
                self.ends[channel][waiting.popleft()] = self.time
        elif kind == 0xC:
            self.programs[channel] = first

    def _note_on(self, channel: int, pitch: int) -> None:
        voice = self.voices.get(channel)
        if voice is None:
            voice = Voice(self.number, channel, program=self.programs.get(channel))
            self.voices[channel] = voice
            self.ends[channel] = []
        ends = self.ends[channel]
        self.open.setdefault(channel << 7 | pitch, deque()).append(len(ends))
        voice.notes.append(Played(self.time, self.time, pitch))
        ends.append(-1)
        self.song.count += 1

    def _meta(self) -> None:
        kind = self.data[self.at]
        self.at += 1
        content = self._take(self._number())
        if kind == END_OF_TRACK:
            self.at = len(self.data)
        elif kind == NAME and not self.name:
            self.name = content[:200]
        elif kind in _KEPT and len(self.song.marks) < MAX_MARKS:
            self.song.marks.append(Mark(self.time, self.number, kind, content[:200]))


def _tidy(notes: list[Played], ends: list[int], track_end: int) -> list[Played]:
    """Give every note its end; make notes of one pitch follow each other; order all.

    A note that is never released lasts until the next onset, the last one at most as long as
    the longest other note.
    """
    onsets = sorted({note.onset for note in notes})
    longest = max((end - n.onset for n, end in zip(notes, ends, strict=True)), default=0)
    latest: dict[int, int] = {}
    tidy: list[Played] = []
    for note, released in sorted(zip(notes, ends, strict=True)):
        end = released
        if end < 0:
            place = bisect_right(onsets, note.onset)
            end = onsets[place] if place < len(onsets) else track_end
            if place == len(onsets) and longest > 0:
                end = min(end, note.onset + longest)
        end = max(end, note.onset + 1)
        before = latest.get(note.pitch)
        if before is not None and tidy[before].end > note.onset:
            if tidy[before].onset == note.onset:
                tidy[before] = note._replace(end=max(end, tidy[before].end))
                continue
            tidy[before] = tidy[before]._replace(end=note.onset)
        latest[note.pitch] = len(tidy)
        tidy.append(note._replace(end=end))
    tidy.sort(key=lambda note: (note.onset, -note.pitch))
    return tidy
