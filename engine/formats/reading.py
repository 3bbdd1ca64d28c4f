"""Read the tune out of a file of any format we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import BadFile, BadToken, TooLong, UnknownFlag
from engine.formats.abc_reading import read_abc
from engine.formats.abc_tidy import is_abc
from engine.formats.midi import read_midi
from engine.formats.musicxml_reading import read_musicxml
from engine.formats.smf import is_midi
from engine.formats.words import decode
from engine.request import MAX_FILE, MAX_TEXT, Taken

if TYPE_CHECKING:
    from engine.music import Melody


def read_file(data: bytes, name: str) -> tuple[Melody, Taken]:
    """Read the tune out of a MIDI, MusicXML or ABC file, or a text file of note codes.

    The content decides what a file is, its name only where the content leaves a doubt. Meant
    for a worker process with a limit on time and memory.

    Args:
        data: the file's bytes, from a stranger.
        name: the file's name.

    Raises:
        TooLong: more bytes than are taken.
        BadFile: see there.
        BadToken: a note code in a text file that cannot be read.
    """
    if len(data) > MAX_FILE:
        raise TooLong("bytes", len(data), MAX_FILE)
    if not data.strip(b"\0 \t\r\n"):
        raise BadFile(name, "empty")
    if is_midi(data):
        return read_midi(data, name)
    lowered = name.lower()
    if _is_xml(data) or data[:4] == b"PK\x03\x04":
        return read_musicxml(data, name)
    if b"\0" in data:
        raise BadFile(name, "format")
    text = decode(data)
    if lowered.endswith(".abc") or is_abc(text):
        return read_abc(text, name)
    if lowered.endswith(".txt"):
        return _read_codes(text, name)
    raise BadFile(name, "format")


def _is_xml(data: bytes) -> bool:
    """Tell whether bytes begin like XML, in UTF-8 or UTF-16."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"<" or start[:4] in (b"\xff\xfe<\0", b"\xfe\xff\0<")


def _read_codes(text: str, name: str) -> tuple[Melody, Taken]:
    """Read note codes out of a text file."""
    from engine.codes import parse_codes  # noqa: PLC0415 # needed for text files only

    if len(text) > MAX_TEXT:
        raise TooLong("characters", len(text), MAX_TEXT)
    try:
        melody = parse_codes(text).melody
    except UnknownFlag as error:
        raise BadToken(error.flag, 1, 0, "unknown") from None
    if not melody.notes:
        raise BadFile(name, "empty")
    return melody, Taken("codes")
