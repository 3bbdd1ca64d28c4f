"""Read the tune out of a file of any format we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import BadFile, TooLong
from engine.formats.midi import read_midi
from engine.formats.smf import is_midi
from engine.request import MAX_FILE

if TYPE_CHECKING:
    from engine.music import Melody
    from engine.request import Taken


def read_file(data: bytes, name: str) -> tuple[Melody, Taken]:
    """Read the tune out of a MIDI file.

    The content decides what a file is, its name only where the content leaves a doubt. Meant
    for a worker process with a limit on time and memory.

    Args:
        data: the file's bytes, from a stranger.
        name: the file's name.

    Raises:
        TooLong: more bytes than are taken.
        BadFile: see there.
    """
    if len(data) > MAX_FILE:
        raise TooLong("bytes", len(data), MAX_FILE)
    if is_midi(data):
        return read_midi(data, name)
    raise BadFile(name, "format")
