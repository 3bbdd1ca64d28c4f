"""Melody -> sound: a sampled instrument plays the tune.

The soundfont is TimGM6mb, which comes with the package pretty_midi. The synthesiser gets a MIDI
file of its own making: in milliseconds instead of beats, with accents, and with silence at the
end in which the last note dies away.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.music import Meter
from engine.score.ogg import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.music import Melody, Note

RATE: Final = 48_000
"""Samples per second; the synthesiser knows no other."""

TAIL: Final = 1.5
"""Seconds after the last note in which it dies away."""

LEAD: Final = 8.0
"""Seconds of the primer before the continuation when a tune is too long to be played whole."""

PEAK: Final = 10 ** (-1 / 20)
"""Highest sample: -1 dBFS, so that decoders that overshoot a little do not clip."""

LOUDEST: Final = 10 ** (-13 / 20)
"""Highest mean level while notes sound: an organ at full peak would be far louder than a piano."""

MAX_SECONDS: Final = 90.0
"""Longest sound unless told otherwise."""

_TEMPO: Final = 100.0
_RELEASE: Final = 0.4
_FADE: Final = 0.35
_CUT_FADE: Final = 2.0
_SOUNDFONT: Final = ("pretty_midi", "TimGM6mb.sf2")
_SILENCE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Strike:
    """One note as it is played: times in seconds, velocity 1 to 127."""

    start: float
    end: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Take:
    """What is played of a tune.

    Attributes:
        strikes: the notes in order.
        seconds: whole length, with the tail.
        cut: whether the music goes on after that.
    """

    strikes: tuple[Strike, ...]
    seconds: float
    cut: bool = False


def play(
    melody: Melody, split: Fraction | None = None, *, max_seconds: float = MAX_SECONDS
) -> bytes:
    """Play a melody as OGG Vorbis, one channel.

    Args:
        melody: the whole tune; without a tempo it goes at 100 quarters a minute, without an
            instrument a piano plays it.
        split: where new music begins, in whole notes. A tune longer than ``max_seconds`` is then
            played from shortly before that point, else from its start.
        max_seconds: longest sound; what does not fit fades out.
    """
    return encode(samples(melody, split, max_seconds=max_seconds), RATE)


def play_wav(
    melody: Melody, split: Fraction | None = None, *, max_seconds: float = MAX_SECONDS
) -> bytes:
    """Play a melody as a WAV file of 16 bits; see :func:`play`."""
    sound = samples(melody, split, max_seconds=max_seconds)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(sound * 32767).astype("<i2").tobytes())
    return out.getvalue()


def samples(
    melody: Melody, split: Fraction | None = None, *, max_seconds: float = 90
) -> NDArray[np.float32]:
    """Play a melody as samples in -1 … 1 at 48 kHz; see :func:`play`."""
    take = perform(melody, split, max_seconds)
    sound = level(_render(take, melody.program or 0))
    fade = min(len(sound), round((_CUT_FADE if take.cut else _FADE) * RATE))
    if fade:
        sound[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32) ** 2
    return sound


def seconds_of(melody: Melody) -> float:
    """Give the seconds that all of a melody takes, with the tail."""
    return float(melody.end) * 240.0 / (melody.tempo or _TEMPO) + TAIL


def perform(melody: Melody, split: Fraction | None, max_seconds: float) -> Take:
    """Decide what is played, when and how loud."""
    whole = 240.0 / (melody.tempo or _TEMPO)
    total = seconds_of(melody)
    start = _start(melody, split, whole) if total > max_seconds else Fraction(0)
    seconds = min(total - float(start) * whole, max_seconds)
    notes = [note for note in melody.notes if note.onset >= start]
    strikes = []
    for note, after in zip_longest(notes, notes[1:]):
        onset = float(note.onset - start) * whole
        end = float(note.end - start) * whole
        if onset >= seconds:
            break
        if after is None:
            end += _RELEASE
        elif after.pitch == note.pitch:
            end -= min(0.03, (end - onset) * 0.2)  # lets a repeated note be heard as two
        strikes.append(Strike(onset, min(end, seconds), note.pitch, _velocity(melody, note)))
    cut = float(melody.end - start) * whole + TAIL > max_seconds
    return Take(tuple(strikes), seconds, cut)


def _start(melody: Melody, split: Fraction | None, whole: float) -> Fraction:
    """Find where a tune that is too long begins: the first bar line in the lead to its new part."""
    if split is None:
        return Fraction(0)
    earliest = split - Fraction(LEAD / whole).limit_denominator(1000)
    if earliest <= 0:
        return Fraction(0)
    bar = (melody.meter or Meter()).bar
    line = melody.pickup + ceil((earliest - melody.pickup) / bar) * bar
    return min(line, split)


def _velocity(melody: Melody, note: Note) -> int:
    """Accent the first beat of a bar most, other beats a little."""
    meter = melody.meter or Meter()
    place = (note.onset - melody.pickup) % meter.bar
    if place == 0:
        return 112
    return 100 if place % meter.beat == 0 else 92


@cache
def _soundfont() -> bytes:
    """Read the soundfont out of the package that ships it.

    Raises:
        FileNotFoundError: when it is not there.
    """
    package, name = _SOUNDFONT
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        path = Path(folder) / name
        if path.is_file():
            return path.read_bytes()
    raise FileNotFoundError(f"{name} not found in the package {package}")


def _render(take: Take, program: int) -> NDArray[np.float32]:
    """Let the synthesiser play, and mix its two channels into one of the exact length."""
    import midirenderer  # noqa: PLC0415 - loads a library that only a process that plays needs

    data = midirenderer.render_wave_from(_soundfont(), _midi(take, program))
    with wave.open(io.BytesIO(data)) as file:
        pairs = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    sound = np.zeros(round(take.seconds * RATE), np.float32)
    length = min(len(sound), len(pairs))
    np.add(pairs[:length, 0], pairs[:length, 1], out=sound[:length], dtype=np.float32)
    return sound / np.float32(65_536)


def level(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bring a sound to its level: the peak at -1 dBFS, less where it would be too loud."""
    peak = float(np.abs(sound).max(initial=0.0))
    if peak < _SILENCE:
        return sound
    block = RATE // 20
    blocks = sound[: len(sound) // block * block].reshape(-1, block)
    powers = np.mean(np.square(blocks), axis=1)
    audible = powers[powers > peak**2 * 1e-3]
    loudness = float(np.sqrt(audible.mean())) if len(audible) else peak
    return sound * np.float32(min(PEAK / peak, LOUDEST / loudness))


def _midi(take: Take, program: int) -> bytes:
    """Write a MIDI file with one tick per millisecond for the synthesiser."""
    events: list[tuple[int, int, bytes]] = [
        (0, 0, b"\xff\x51\x03" + (1_000_000).to_bytes(3, "big")),
        (0, 1, bytes([0xC0, program])),
        (0, 1, bytes([0xB0, 7, 127])),
        (0, 1, bytes([0xB0, 11, 127])),
    ]
    for strike in take.strikes:
        start = round(strike.start * 1000)
        end = max(start + 1, round(strike.end * 1000))
        events.append((start, 3, bytes([0x90, strike.pitch, strike.velocity])))
        events.append((end, 2, bytes([0x80, strike.pitch, 64])))
    events.append((round(take.seconds * 1000) + 10, 4, b"\xff\x2f\x00"))
    body = bytearray()
    time = 0
    for tick, _, data in sorted(events, key=lambda event: event[:2]):
        body += _delta(tick - time) + data
        time = tick
    header = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1]) + (1000).to_bytes(2, "big")
    return header + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _delta(value: int) -> bytes:
    """Write a variable-length number."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))
