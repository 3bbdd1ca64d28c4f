"""MIDI files built byte by byte, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

END = b"\x00\xff\x2f\x00"


def header(kind: int = 1, tracks: int = 1, division: int = 480) -> bytes:
    return (
        b"MThd\x00\x00\x00\x06"
        + kind.to_bytes(2, "big")
        + tracks.to_bytes(2, "big")
        + division.to_bytes(2, "big")
    )


def chunk(content: bytes, length: int | None = None, end: bytes = END) -> bytes:
    content += end
    return b"MTrk" + (len(content) if length is None else length).to_bytes(4, "big") + content


def number(value: int) -> bytes:
    digits = [value & 127]
    while value := value >> 7:
        digits.append(value & 127 | 128)
    return bytes(reversed(digits))


def meta(kind: int, content: bytes, delta: int = 0) -> bytes:
    return number(delta) + bytes([0xFF, kind]) + number(len(content)) + content


def meter(beats: int, power: int, delta: int = 0) -> bytes:
    return meta(0x58, bytes([beats, power, 24, 8]), delta)


def played(
    notes: Iterable[tuple[int, int, int]], channel: int = 0, off: int = 0x80, start: int = 0
) -> bytes:
    """Write (onset, end, pitch) in ticks as events."""
    events: list[tuple[int, int, bytes]] = []
    for onset, end, pitch in notes:
        events.append((onset, 1, bytes([0x90 | channel, pitch, 80])))
        events.append((end, 0, bytes([off | channel, pitch, 0])))
    events.sort(key=lambda event: event[:2])
    content = b""
    for tick, _, event in events:
        content += number(tick - start) + event
        start = tick
    return content


def steps(pitches: Iterable[int], ticks: int = 480, start: int = 0) -> list[tuple[int, int, int]]:
    """Play pitches one after the other, each for ``ticks``."""
    return [(start + i * ticks, start + (i + 1) * ticks, p) for i, p in enumerate(pitches)]
