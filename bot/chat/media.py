"""Files of the chat: their type, the size of pictures, and how they may be served."""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
from pathlib import PurePosixPath
from typing import Final

_TYPES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/x-wav",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".mid": "audio/midi",
    ".midi": "audio/midi",
    ".txt": "text/plain; charset=utf-8",
    ".ly": "text/plain; charset=utf-8",
    ".abc": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".xml": "application/xml",
    ".musicxml": "application/xml",
    ".mxl": "application/zip",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
}
"""Types by ending, of our own: the machine's table differs from place to place."""

UNKNOWN_TYPE: Final = "application/octet-stream"
"""Type of a file whose name tells none; Discord then leaves the type out."""

_INLINE: Final = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "audio/ogg",
        "audio/mpeg",
        "audio/x-wav",
        "audio/flac",
        "audio/mp4",
    }
)
"""Types that a browser may show by itself; none of them can hold a script."""

_UNSAFE_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]")


def content_type_of(filename: str) -> str:
    """Guess a file's type from its name."""
    ending = PurePosixPath(filename).suffix.lower()
    return _TYPES.get(ending, UNKNOWN_TYPE)


def serving_type(content_type: str) -> tuple[str, bool]:
    """Give the type under which a file is served and whether it may be shown inline.

    Anything that a browser could run or render as a page is served as plain bytes to download.
    """
    if content_type in _INLINE:
        return content_type, True
    if content_type.startswith("text/plain"):
        return "text/plain; charset=utf-8", True
    return UNKNOWN_TYPE, False


def stored_name(filename: str) -> tuple[str, str | None]:
    """Clean a file name the way Discord does, and give the title that stands beside it.

    A path is taken off, blanks become underscores, and of all else only plain letters, digits,
    ``.``, ``-`` and ``_`` stay; where nothing stays, a name is made up. The title is the name as
    it was, without its ending; None: nothing was changed.
    """
    name = PurePosixPath(filename.replace("\\", "/").rsplit("/", 1)[-1])
    ending = _plain(name.suffix)
    stem = _plain(name.stem).strip("._")[: 200 - len(ending)]
    title = "".join(each if each.isprintable() else " " for each in name.stem).strip()
    if not stem:
        stem = hashlib.sha256(name.stem.encode()).hexdigest()[:16]
    return f"{stem}{ending}", None if title == stem else title[:200] or None


def _plain(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNSAFE_NAME.sub("", "_".join(ascii_text.split()))


def image_size(data: bytes) -> tuple[int, int] | None:
    """Read width and height in pixels from the head of a PNG, GIF, WebP or JPEG file."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return struct.unpack(">II", data[16:24])
        if data[:6] in (b"GIF87a", b"GIF89a"):
            return struct.unpack("<HH", data[6:10])
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp_size(data)
        if data[:2] == b"\xff\xd8":
            return _jpeg_size(data)
    except (struct.error, IndexError):
        return None
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return width, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return width, height
        place += 2 + max(2, int.from_bytes(data[place + 2 : place + 4], "big"))
    return None
