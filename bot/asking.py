"""From what a person types or attaches to a checked request, and back to what can be typed."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from bot.errors import InText, TuneMissing
from engine.codes import parse_codes, split_options
from engine.errors import BadFile, EngineError, TooLong
from engine.request import MAX_FILE, MAX_TEXT, OPTIONS, Request, option_named
from engine.typed import read_typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MUSIC_SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi", ".musicxml", ".xml", ".mxl", ".abc")
"""Endings of the music files that are read."""

TEXT_SUFFIX: Final = ".txt"
"""Ending of a file of note codes: Discord turns a long message into ``message.txt``."""

_MUSIC_TYPES: Final = ("audio/mid", "audio/x-mid", "application/vnd.recordare", "text/vnd.abc")
_FENCE: Final = re.compile(r"```(?:[\w+-]*\n)?(.*?)```", re.DOTALL)
_COMMAND: Final = re.compile(
    r"^\s*(?:\S{0,10}continue|<@!?\d+>\s*continue|\S{0,10}이어줘)\b(?:\s+melody:)?", re.IGNORECASE
)
"""A command before notes, also as a line for the menu: ``/continue melody:g8 e8``."""

_INLINE: Final = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_BEFORE: Final = '"“(*_'
_AFTER: Final = '"”)?!;:*_'
"""Signs of a sentence around a word."""

_DIGIT: Final = re.compile(r"\d", re.ASCII)
_LEAST_NOTES: Final = 3
"""Notes, one with a length, that make an ordinary message a tune: ``a bad dad`` is none."""

_LEAST_BARE: Final = 4
"""Notes without any length that do so, each a word of its own: ``g e e f``, not ``dad``."""

_PARTED: Final = re.compile(r"[\s,;|]+")

_ABC: Final = re.compile(
    r"(?<![^\s`])X:[ \t]*\d[^\n]*\n(?:[A-Za-z%][^\n]*\n){0,30}?K:[^\n]*\n.+?(?=\n[ \t]*\n|```|\Z)",
    re.DOTALL,
)
"""A tune in ABC among other text: its head from ``X:`` to ``K:``, and what stands under it."""

_ABC_NAME: Final = "tune.abc"
"""Name of a file for such a tune."""

_LONGEST_PRIMER: Final = 300
"""Note codes that are repeated in a command line, in characters."""

_MARK: Final = "…"
"""Stands in a command line for a tune that the line does not hold."""


def is_music(name: str, content_type: str | None = None) -> bool:
    """Tell by its name and type whether a file may hold music that is read here."""
    return name.lower().endswith(MUSIC_SUFFIXES) or (content_type or "").startswith(_MUSIC_TYPES)


def is_text(name: str) -> bool:
    """Tell by its name whether a file may hold note codes."""
    return name.lower().endswith(TEXT_SUFFIX)


def check_file(name: str, size: int, content_type: str | None = None) -> None:
    """Refuse a file by its name and size, before any of its bytes are fetched.

    Raises:
        BadFile: none of the formats that are read.
        TooLong: more bytes than are read.
    """
    if not is_music(name, content_type) and not is_text(name):
        raise BadFile(PurePath(name).name[:100], "format")
    limit = MAX_TEXT * 4 if is_text(name) else MAX_FILE
    if size > limit:
        raise TooLong("bytes", size, limit)


def make_request(
    text: str = "",
    options: Mapping[str, Any] | None = None,
    file: tuple[str, bytes] | None = None,
    defaults: Mapping[str, Any] | None = None,
    **more: Any,
) -> Request:
    """Build a request from typed text, chosen options and a file.

    Args:
        text: note codes or a tune in ABC, with options such as ``--seed 7`` among them.
        options: values by option name that were given apart from the text; None: not given.
            They win over those in the text.
        file: name and bytes of a music file, or of a text file with note codes.
        defaults: values by option name for those that are neither typed nor chosen.
        more: further fields of the request.

    Raises:
        EngineError: when an option, a note code or the length is wrong; wrapped in
            :class:`~bot.errors.InText` where the place in the text can be shown.
        TuneMissing: when the text only marks the place of a tune, and there is no file.
    """
    if file is not None:
        text = without_mark(text)
    codes, values = options_and_codes(text)
    if _is_mark(codes):
        raise TuneMissing
    if file is not None and is_text(file[0]):
        # Discord makes a file of a long message, with the command at its start.
        written, inside = options_and_codes(_COMMAND.sub("", decoded(file[1])))
        codes, values = f"{codes} {written}".strip(), {**inside, **values}
        if not codes:
            raise BadFile(file[0], "empty")
        file = None
    if file is None and (abc := _ABC.search(codes)) is not None:
        file = (_ABC_NAME, abc[0].encode())
    values = {**(defaults or {}), **values}
    for name, chosen in (options or {}).items():
        if chosen is not None:
            values[name] = OPTIONS[name].read(chosen) if isinstance(chosen, str) else chosen
    if "as" in values:
        values["form"] = values.pop("as")
    if file is not None:
        return Request(file=file[1], file_name=file[0], **values, **more)
    check_codes(codes)
    return Request(text=codes, **values, **more)


def options_and_codes(text: str) -> tuple[str, dict[str, Any]]:
    """Tell note codes and options in a typed text apart, and read the options.

    Raises:
        UnknownFlag: an option that does not exist.
        BadOption: a value out of its range or form.
    """
    codes, typed = split_options(text)
    values: dict[str, Any] = {}
    for name, value in typed.items():
        option = option_named(name)
        values[option.name] = option.read(value)
    return codes.strip(), values


def without_mark(text: str) -> str:
    """Take the mark of a tune that is elsewhere out of a command line; leave other text as it is.

    Raises:
        UnknownFlag, BadOption: see :func:`options_and_codes`.
    """
    return text.replace(_MARK, "", 1) if _is_mark(options_and_codes(text)[0]) else text


def _is_mark(codes: str) -> bool:
    return codes.strip("` \n") == _MARK  # a line may be copied with its back quotes


def decoded(data: bytes) -> str:
    """Read a text file as editors write it: UTF-8, UTF-16 with its mark, or Korean of old."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp949", "replace")


def check_codes(text: str) -> None:
    """Read note codes for their errors alone, before any queue is joined.

    Raises:
        InText: around the error, with the text.
        TooLong: the text is longer than is read.
    """
    if len(text) > MAX_TEXT:
        raise TooLong("characters", len(text), MAX_TEXT)
    try:
        parse_codes(text)
    except EngineError as error:
        raise InText(error, text) from error


def codes_in(text: str) -> str | None:
    """Find note codes in somebody's message.

    They may stand in a code block, after a command, alone, or among other words: then the longest
    run of codes that begins with a length counts. A tune in ABC is given as it is.
    """
    if (abc := _ABC.search(text)) is not None:
        return abc[0]
    for candidate, least in _candidates(text):
        try:
            codes, _options = split_options(candidate)
            notes = parse_codes(codes).melody.notes
        except EngineError:
            continue
        if len(notes) >= least and (least == 1 or _DIGIT.search(codes)):
            return codes
        if candidate == text and _is_meant(codes):
            return codes
    return None


def tune_said(text: str, *, beside_file: bool = False) -> str | None:
    """Find what somebody who spoke to the bot, with a mention or alone, wants to be continued.

    A file says so whatever stands beside it, as do options alone. A text of which most words are
    codes is meant as a tune, too: what is wrong with the others shall be told.

    Args:
        text: what they said, without any command.
        beside_file: whether a file came with it that is to be continued.

    Returns:
        Note codes and options; None when it was only talk.
    """
    text = _COMMAND.sub("", text)
    try:
        codes, options = split_options(text)
        found = codes_in(text)
    except EngineError:  # an option that is none, or without its value: that is told
        codes, options = text.partition("--")[0], {}
        found = text if codes_in(codes) is not None else None
    words = codes.split()
    read = sum(_DIGIT.search(word) is not None and _is_code(word) for word in words)
    if beside_file or (options and not words) or 1 < read > len(words) / 2:
        return text
    return found


def _is_meant(codes: str) -> bool:
    """Tell whether few notes, or such without lengths, are a tune when there is nothing else."""
    words = [word for word in _PARTED.split(codes) if word]
    if all(_DIGIT.search(word) for word in words):
        return len(words) > 1
    sung = "".join(words)
    if not sung.isascii():
        return len(sung) >= _LEAST_BARE
    return len(words) >= _LEAST_BARE and all(_is_code(word, most=1) for word in words)


def _candidates(text: str) -> Iterator[tuple[str, int]]:
    for match in _FENCE.finditer(text):
        yield match[1], 1
    command = _COMMAND.match(text)
    if command is not None:
        yield text[command.end() :], 1
    for match in _INLINE.finditer(text):
        yield match[1], _LEAST_NOTES
    yield text, _LEAST_NOTES
    for run in sorted(_runs(text), key=len, reverse=True)[:1]:
        yield run, _LEAST_NOTES


def _runs(text: str) -> Iterator[str]:
    """Find codes that follow one another, each run from one with a length on."""
    run: list[str] = []
    for word in [*text.split(), "!"]:
        code = _bare(word)
        if code and _is_code(code):
            if run or _DIGIT.search(code):
                run.append(code)
            continue
        while run and not _DIGIT.search(run[-1]) and code:  # "… e4 f8 a friend": the article
            run.pop()
        yield " ".join(run)
        run = []


def _bare(word: str) -> str:
    """Take the signs of a sentence off a word; a comma or a full stop only after others."""
    word = word.lstrip(_BEFORE)
    inside = word[:-1] if word.endswith((",", ".")) else word
    bare = inside.rstrip(_AFTER)
    return word if bare == inside else bare


def _is_code(word: str, most: int | None = None) -> bool:
    """Tell whether a word is codes, of ``most`` so many notes."""
    try:
        notes = parse_codes(word).melody.notes
    except EngineError:
        return False
    return most is None or len(notes) <= most


def command_line(request: Request, command: str, longest: int = _LONGEST_PRIMER) -> str:
    """Write the command that gives the same tune again.

    A mark stands for a primer of more than ``longest`` characters, and for that of a file: the
    line alone would else be understood as a wish for a tune from nothing.
    """
    codes = _MARK
    if request.file is None:
        text = request.text[: 4 * longest]  # reading all of a long one would take a while
        codes = " ".join(read_typed(text).text.split())
        if len(codes) > longest or len(text) < len(request.text):
            codes = _MARK
    line = " ".join(part for part in (command, codes, options_line(request)) if part)
    return line.replace(": ", ":", 1) if command.endswith(":") else line


def options_line(request: Request) -> str:
    """Write a request's options as they are typed."""
    usual = OPTIONS["candidates"].default
    values: dict[str, object] = {
        "seed": request.seed,
        "bars": request.bars,
        "temperature": _shortest(request.temperature),
        "takes": request.takes if request.takes != OPTIONS["takes"].default else None,
        "candidates": request.candidates if request.candidates != usual else None,
        "style": request.style,
        "meter": request.meter,
        "key": compact_key(request.key) if request.key else None,
        "pickup": request.pickup,
        "tempo": request.tempo,
        "as": request.form if request.form != "midi" else None,
        "version": request.version,
    }
    return " ".join(f"--{name} {value}" for name, value in values.items() if value is not None)


def _shortest(number: float) -> str:
    """Write a number with as few digits as give it back."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def compact_key(name: str) -> str:
    """Write ``F♯ minor`` as ``F#m`` and ``D dorian`` as ``Ddorian``: one word to type."""
    plain = name.replace("♯", "#").replace("♭", "b").replace(" major", "").replace(" minor", "m")
    return plain.replace(" ", "")
