"""Cut the first tune out of ABC text and leave out what is not music.

music21 reads the result, so everything it could stumble over or that could grow is removed here:
directives (``%%include`` and all others), words, macros, overlays, numbers beyond sense.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from engine.formats.words import title

MAX_TUNE: Final = 60_000
"""Characters of one tune that are read, about 15,000 notes; cut at a bar line."""

_FIELD: Final = re.compile(r"^([A-Za-z+]):(.*)$")
_REFERENCE: Final = re.compile(r"^\s*X:\s*\d*", re.MULTILINE)
_KEY: Final = re.compile(r"^\s*K:", re.MULTILINE)
_PROGRAM: Final = re.compile(r"^%%MIDI\s+program\s+(?:\d{1,2}\s+)?(\d{1,3})\s*$", re.MULTILINE)
_INLINE: Final = re.compile(r"\[([A-Za-z]):[^\]\n]*\]")
_HUGE: Final = re.compile(r"\d{5,}")
_NOTE: Final = re.compile(r"[A-Ga-g]")

_HEADER: Final = frozenset("XTMLQKV")
_BODY: Final = frozenset("MLKVQ")


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune: its ABC, and what was read beside it."""

    text: str
    title: str
    program: int | None
    cut: int


def is_abc(text: str) -> bool:
    """Tell whether a text is ABC: it has a reference number and a key."""
    return bool(_REFERENCE.search(text) and _KEY.search(text))


def first_tune(text: str) -> Tune | None:
    """Cut out the first tune; None when it holds numbers that no tune has.

    Fields that are missing in fragments (``X:``, ``K:``) are added.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    program = _PROGRAM.search(text)
    found = _REFERENCE.search(text)
    if found:
        text = text[found.start() :]
        following = _REFERENCE.search(text, found.end() - found.start())
        text = text[: following.start()] if following else text
    header: list[str] = []
    body: list[str] = []
    for raw in text.split("\n"):
        line = re.sub(r"(?<!\\)%.*", "", raw).strip()
        field = _FIELD.match(line)
        if not line:
            if body and not raw.strip():
                break
        elif any(entry.startswith("K:") for entry in header) or (not field and not line.isspace()):
            body.append(line)
        elif field and field[1] in _HEADER:
            header.append(line)
    if _HUGE.search("\n".join([*(h for h in header if h[0] in "MLQ"), *body])):
        return None
    number = int(program[1]) if program else 128
    return _build(header, body, number if number <= 127 else None)


def _build(header: list[str], body: list[str], program: int | None) -> Tune:
    """Put a tune together from its header and its music."""
    name = next((line[2:].strip() for line in header if line.startswith("T:")), "")
    fields = {line[0]: line for line in reversed(header) if line[0] in "MLQK"}
    # A meter of "none" is no meter: left out, music21 then assumes none.
    if "none" in fields.get("M", ""):
        del fields["M"]
    fields.setdefault("L", "L:1/16" if _short_meter(fields.get("M", "")) else "L:1/8")
    voices = [line for line in header if line[0] == "V"]
    music = "\n".join(line for line in (_tidy_line(line) for line in body) if line)
    cut = 0
    if len(music) > MAX_TUNE:
        end = max(music.rfind("|", 0, MAX_TUNE), music.rfind("\n", 0, MAX_TUNE), 1)
        cut = len(_NOTE.findall(music[end:]))
        music = music[:end]
    head = ["X:1", *(fields[tag] for tag in "MLQ" if tag in fields), *voices]
    return Tune("\n".join([*head, fields.get("K", "K:C"), music, ""]), title(name), program, cut)


def _short_meter(field: str) -> bool:
    """Tell whether notes without a length are sixteenths: in meters below three quarters."""
    found = re.search(r"(\d+)\s*/\s*(\d+)", field)
    return found is not None and int(found[1]) * 4 < int(found[2]) * 3


def _tidy_line(line: str) -> str:
    """Clean one line of music; empty when it holds words or fields that are no music."""
    field = _FIELD.match(line)
    if field and field[1] != "V":
        return line if field[1] in _BODY else ""
    if field:
        return line
    line = _INLINE.sub(lambda m: m[0] if m[1] in _BODY else "", line)
    line = re.sub(r'"[^"\n]*"', "", line)  # chord symbols and annotations
    line = re.sub(r"![^!\n]*!|\+[a-z.]{2,}\+", "", line)  # decorations
    line = re.sub(r"\{[^}\n]*\}", "", line)  # grace notes
    line = re.sub(r"&[^|\n]*", "", line)  # a second voice inside the bar
    return line.rstrip("\\").strip()
