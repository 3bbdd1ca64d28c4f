"""Decode and clean the names and titles in files."""

from __future__ import annotations

import re
from typing import Final

MAX_WORDS: Final = 80
"""Characters of a name or title that are kept."""

_ENCODINGS: Final = (
    ("utf-8", (("\x80", "\U0010ffff"),)),
    ("euc-kr", (("\uac00", "\ud7a3"),)),
    ("shift-jis", (("\u3000", "\u30ff"), ("\u4e00", "\u9fff"), ("\uff01", "\uff5e"))),
    ("cp949", (("\uac00", "\ud7a3"),)),
    ("cp1252", (("\x80", "\uffff"),)),
)
"""Encodings to try, each with the ranges of characters beyond ASCII that make it believable.

EUC-KR holds the usual Korean syllables; the rare ones that cp949 adds look like Japanese.
"""

_DOUBLE_BYTE: Final = frozenset({"euc-kr", "shift-jis", "cp949"})
_LONELY: Final = re.compile(
    r"[A-Za-z][^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f][A-Za-z]"
)
"""One foreign character glued to Latin letters: an accented letter read in the wrong encoding."""

_NO_TITLE: Final = re.compile(
    r"|untitled.*|unnamed.*|(midi|new|audio)?\s*(track|song|sequence|seq|project|score|part)?"
    r"[\s\d.:_#-]*|conductor.*|tempo.*|master.*|control.*|meta.*|piano|music21.*|"
    r"제목\s?없음.*|트랙.*|.*\.(midi?|musicxml|xml|mxl|abc|mscz)",
    re.IGNORECASE,
)
"""Names that programs give by themselves."""


def decode(data: bytes) -> str:
    """Decode a text of unknown encoding: UTF-8, else Korean, Japanese or Western European.

    MIDI says nothing about encodings. A Korean or Japanese reading is believed only when every
    character beyond ASCII is one of that script.
    """
    for encoding, ranges in _ENCODINGS:
        try:
            decoded = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        foreign = (c for c in decoded if c > "\x7f")
        if all(any(a <= c <= b for a, b in ranges) for c in foreign) and not (
            encoding in _DOUBLE_BYTE and _LONELY.search(decoded)
        ):
            return decoded
    return data.decode("latin-1")


def one_line(text: str) -> str:
    """Make one line of at most 80 printable characters."""
    cleaned = "".join(c if c.isprintable() else " " for c in text[: 8 * MAX_WORDS])
    return " ".join(cleaned.split())[:MAX_WORDS].rstrip()


def title(text: str) -> str:
    """Clean a title; empty when a program made it up."""
    line = one_line(text)
    return "" if _NO_TITLE.fullmatch(line) else line
