"""``nabi continue``: the engine without any chat."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.asking import check_file, command_line, is_music, is_text, make_request, options_line
from bot.launch import open_registry
from engine.request import MAX_FILE, MAX_TEXT, OPTIONS
from engine.service import Engine

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings
    from engine.request import Request, Result


class Misused(Exception):
    """The command line cannot be carried out as it was typed; the message says why."""


def request_from(args: argparse.Namespace) -> Request:
    """Build the request from the parsed command line.

    Raises:
        Misused: when a file cannot be read.
        EngineError: when an option or a note code is wrong.
    """
    text, file = _source(args.source)
    options: dict[str, Any] = {}
    for name, option in OPTIONS.items():
        typed = getattr(args, name)
        if typed is not None:
            options[name] = option.read(typed)
    shown = args.out is not None
    return make_request(
        text, options, file, picture=shown and args.picture, audio=shown and args.audio
    )


def _source(words: list[str]) -> tuple[str, tuple[str, bytes] | None]:
    """Tell note codes, a file's path and ``-`` for the standard input apart."""
    if words == ["-"]:
        return _from_bytes(sys.stdin.buffer.read(MAX_FILE + 1))
    if len(words) != 1 or not _names_a_file(words[0]):
        return " ".join(words), None
    path = Path(words[0])
    try:
        check_file(path.name, path.stat().st_size)
        return "", (path.name, path.read_bytes())
    except OSError as error:
        raise Misused(f"cannot read {path}: {error.strerror or error}") from error


def _names_a_file(word: str) -> bool:
    if is_music(word) or is_text(word):
        return True
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long for a path, or with a zero byte in it
        return False


def _from_bytes(data: bytes) -> tuple[str, tuple[str, bytes] | None]:
    """Read the standard input as note codes when it is plain text, else as a music file."""
    start = data.lstrip()[:64]
    if len(data) <= MAX_TEXT * 4 and not start.startswith((b"MThd", b"RIFF", b"PK", b"<")):
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
        else:
            if "\nK:" not in text:  # the one header that every ABC tune has
                return text, None
            return "", ("input.abc", data)
    suffix = {b"<": "musicxml", b"P": "mxl"}.get(start[:1], "mid")
    return "", (f"input.{suffix}", data)


async def continue_offline(request: Request, settings: Settings) -> Result:
    """Continue one melody with an engine of our own."""
    engine = Engine(open_registry(settings), 1)
    await engine.start()
    try:
        return await engine.continue_melody(request)
    finally:
        await engine.close()


def write_files(result: Result, folder: Path) -> list[Path]:
    """Write what was made into a folder, which is made when it is missing.

    Raises:
        Misused: when it cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in result.files:
            path = folder / file.name
            path.write_bytes(file.data)
            written.append(path)
    except OSError as error:
        raise Misused(f"cannot write to {folder}: {error.strerror or error}") from error
    return written


def as_text(result: Result, source: list[str], written: list[Path]) -> str:
    """Show a result to a person."""
    if result.request.file is not None:
        line = f"nabi continue {shlex.join(source)} {options_line(result.request)}"
    else:
        quoted = shlex.quote(" ".join(result.request.text.split()))
        line = command_line(result.request.but(text=""), f"nabi continue {quoted}")
    last = (
        f"wrote {', '.join(str(path) for path in written)}"
        if written
        else "add --out DIR for the picture, the sound and the MIDI file"
    )
    known = f"\nthe primer is a tune that the model learnt: {result.known}" if result.known else ""
    return f"{result.text}\n\n{line}{known}\n{last}"


def as_json(result: Result, written: list[Path]) -> str:
    """Show a result to a program: one JSON object."""
    request = result.request.but(file=None).to_json()
    del request["file"]
    return json.dumps(
        {
            "text": result.text,
            "tune": result.tune,
            "takes": list(result.tunes),
            "request": request,
            "invented": list(result.invented),
            "bars": result.bars,
            "primer_notes": result.primer_notes,
            "new_notes": result.new_notes,
            "known": result.known,
            "files": {path.name: str(path) for path in written},
        },
        ensure_ascii=False,
    )
