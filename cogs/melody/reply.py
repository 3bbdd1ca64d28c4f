"""What a finished continuation looks like: one message, built without Discord."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.asking import command_line
from bot.errors import quote
from bot.i18n import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Locale
    from engine.request import File, Result, Taken

MAX_CONTENT: Final = 2000
"""Characters in one message of Discord."""

_CUT: Final = "…"
_MARKDOWN: Final = re.compile(r"([\\*_~|>\[\]()#<:@])")


@dataclass(frozen=True, slots=True)
class Reply:
    """A message to send.

    Attributes:
        content: its text, at most :data:`MAX_CONTENT` characters.
        files: its attachments, the lightest to give up last.
    """

    content: str
    files: tuple[File, ...]


def build_reply(  # noqa: PLR0913 - what a message depends on
    result: Result,
    locale: Locale,
    *,
    command: str = "!continue",
    limit: int = 10 * 2**20,
    may_attach: bool = True,
    left_out: tuple[str, ...] = (),
    remembered: bool = True,
) -> Reply:
    """Build the message for a result.

    Args:
        result: what the engine made.
        locale: language of the sentences.
        command: what the line that can be pasted back starts with.
        limit: largest attachment that the channel takes, in bytes.
        may_attach: whether files may be attached at all.
        left_out: names of files that turned out too large for Discord.
        remembered: whether the result is kept, so that buttons can stand under it.
    """
    files = result.files
    kept = tuple(f for f in files if len(f.data) <= limit and f.name not in left_out)
    dropped = [file.name for file in files if file not in kept]
    notes = _notes(result, locale)
    if not may_attach:
        kept = ()
        notes.append(say(locale, "reply-no-attachments"))
    elif dropped:
        notes.append(say(locale, "reply-left-out", names=", ".join(dropped)))
    lightened = [part for part in result.lightened if _is_among(part, kept, result)]
    if lightened:
        what = ", ".join(say(locale, "reply-lightened-part", part=part) for part in lightened)
        notes.append(say(locale, "reply-lightened", what=what))
    if any(file.excerpt for file in kept):
        notes.append(say(locale, "reply-excerpt"))
    if not remembered:
        notes.append(say(locale, "reply-not-remembered"))
    text = result.text.replace("`", "ˋ")
    line = command_line(result.request, command, MAX_CONTENT)
    # A line that gives the tune back is worth a note less, but no music.
    if len(_written(text, line, notes)) > MAX_CONTENT:
        line = command_line(result.request, command)
    if _CUT in line[len(command) :]:
        notes.append(say(locale, "reply-line-alone"))
    room = MAX_CONTENT - len(_written("", line, notes))
    return Reply(_written(cut_lines(text, room), line, notes), kept)


def _is_among(part: str, kept: Sequence[File], result: Result) -> bool:
    """Tell whether what was made lighter is sent: the picture, a sound, a WAV file."""
    takes = result.takes or (result,)
    files = {
        "picture": [result.picture],
        "audio": [take.audio for take in takes],
        "wave": [take.extra for take in takes],
    }
    return any(file is not None and file in kept for file in files[part])


def _written(text: str, line: str, notes: Sequence[str]) -> str:
    """Put score, line and notes together."""
    small = "".join(f"\n-# {note}" for note in notes)
    return f"```\n{text}\n```\n`{line}`{small}"


def cut_lines(text: str, room: int) -> str:
    """Shorten a text to ``room`` characters at the end of a line, with a mark."""
    if len(text) <= room:
        return text
    head = text[: room - len(_CUT) - 1]
    return f"{head.rpartition(chr(10))[0] or head}\n{_CUT}"


def _notes(result: Result, locale: Locale) -> list[str]:
    notes = []
    if result.taken is not None:
        notes.append(taken_sentence(result.taken, result.request.file_name, locale))
    elif not result.primer_notes:
        notes.append(say(locale, "reply-invented-tune"))
    guessed = [name for name in ("meter", "key", "tempo") if name in result.invented]
    if guessed and result.primer_notes:
        names = " · ".join(say(locale, "reply-guess", name=name) for name in guessed)
        notes.append(say(locale, "reply-guessed", names=names))
    wanted, there = result.request.takes, len(result.tunes)
    if there < wanted:
        notes.append(say(locale, "reply-fewer-takes", count=there, wanted=wanted))
    if result.known:
        notes.append(say(locale, "reply-known", name=_plain(result.known)))
    return notes


def taken_sentence(taken: Taken, file_name: str, locale: Locale) -> str:
    """Say what was taken from a file."""
    # Voices of ABC without a name are called by their numbers.
    name = "" if taken.name.isdecimal() else _plain(taken.name)
    parts = []
    if taken.tracks > 1 or name:
        parts.append(
            say(
                locale,
                "taken-track",
                track=taken.track,
                tracks=taken.tracks,
                named="yes" if name else "no",
                name=name,
            )
        )
    if taken.chords:
        parts.append(say(locale, "taken-chords"))
    if taken.shifted > 0:
        parts.append(say(locale, "taken-shifted", beats=f"{max(taken.shifted, 0.01):.2f}"))
    if taken.tempo is not None:
        parts.append(say(locale, "taken-tempo", tempo=taken.tempo))
    if taken.drums:
        parts.append(say(locale, "taken-drums"))
    if taken.cut:
        parts.append(say(locale, "taken-cut", count=taken.cut))
    what = ", ".join(parts) or say(locale, "taken-whole")
    return say(locale, "taken", file=_plain(file_name), what=what)


def _plain(text: str) -> str:
    """Take a stranger's name as plain words: no markdown, no line breaks, not endless."""
    return _MARKDOWN.sub(r"\\\1", quote(text))
