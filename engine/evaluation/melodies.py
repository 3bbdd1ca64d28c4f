"""Find and read the melodies in files and folders, for ``nabi evaluate``.

Music files are read one by one in the reading process, under its limits of time and memory, as a
member's file is: collections from anywhere hold broken and hostile files too, and none of them
may end a run of hours. JSON needs no such care.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BadFile, EngineError, EngineFailed
from engine.music import Key, Melody, Meter, Note
from engine.workbench import Stages
from engine.workers.pool import Pool
from engine.workers.process import Crashed, Defect, NotStarted, PoolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.workers.process import Job

SUFFIXES: Final = frozenset(
    {".mid", ".midi", ".kar", ".rmi", ".musicxml", ".xml", ".mxl", ".abc", ".json"}
)
"""Endings of the files that are taken from a folder; a file that is named is always tried."""

MAX_BOOK: Final = 256 * 1024 * 1024
"""Bytes of a JSON file or a book of ABC tunes that are read."""

_TUNE: Final = re.compile(rb"^[ \t]*X:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A melody to be measured: the collection it counts for, its name, its notes."""

    collection: str
    name: str
    melody: Melody


@dataclass(slots=True)
class Found:
    """What was read, and what was not: names with an error, or with words about JSON."""

    melodies: list[Specimen] = field(default_factory=list)
    skipped: list[tuple[str, EngineError | str]] = field(default_factory=list)

    def collections(self) -> dict[str, list[Specimen]]:
        """Group the melodies by collection, in order of appearance."""
        groups: dict[str, list[Specimen]] = defaultdict(list)
        for each in self.melodies:
            groups[each.collection].append(each)
        return dict(groups)


def read_melodies(
    paths: Iterable[Path], follow: Callable[[Sequence[Path]], Iterable[Path]] = iter
) -> Found:
    """Read every melody in files and folders.

    A folder's files count for the folder in which they lie, a JSON file's melodies for their key
    in it. A book of ABC tunes is read tune by tune. JSON is ``{"collection": [melody, …]}``, a
    list of melodies, or one: objects with ``onset``, ``dur`` and ``pitch`` (lists) and ``tpq``
    (ticks in a quarter note), and possibly ``name``, ``key`` (``"F# minor"``), ``meter``
    (``"3/4"``) and ``pickup`` (ticks).

    Args:
        paths: files and folders; folders with all that lies in them.
        follow: passes the files on and may tell somebody how far we are.

    Raises:
        EngineFailed: when no reading process can be started.
    """
    files, missing = _files(paths)
    found = asyncio.run(_read_all(follow(files), _labels(files)))
    found.skipped[:0] = missing
    return found


def _files(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[str, EngineError | str]]]:
    """List the files that may hold melodies, each once, and the paths that do not exist."""
    files: dict[Path, None] = {}
    missing: list[tuple[str, EngineError | str]] = []
    for path in paths:
        if path.is_dir():
            files.update(dict.fromkeys(_inside(path)))
        elif path.exists():
            files[path.absolute()] = None
        else:
            missing.append((str(path), "no such file or folder"))
    return list(files), missing


def _inside(folder: Path) -> Iterator[Path]:
    """Yield the music files in a folder and its folders, in order; links are not followed."""
    for parent, folders, names in os.walk(folder.absolute()):
        folders.sort()
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(parent, name)


def _labels(files: Sequence[Path]) -> dict[Path, str]:
    """Name each file by its path from the folder that holds all folders with files."""
    if not files:
        return {}
    root = Path(os.path.commonpath([file.parent for file in files])).parent
    return {file: file.relative_to(root).as_posix() for file in files}


async def _read_all(files: Iterable[Path], labels: dict[Path, str]) -> Found:
    stages = Stages()
    readers = Pool(1, "reader", lambda: stages.prepare_reader)
    found = Found()
    try:
        for file in files:
            label = labels[file]
            try:
                size = file.stat().st_size
                data = file.read_bytes() if size <= MAX_BOOK and file.is_file() else None
            except OSError as error:
                found.skipped.append((label, error.strerror or type(error).__name__))
                continue
            if data is None:
                found.skipped.append((label, BadFile(label, "limits")))
            elif file.suffix.lower() == ".json":
                _read_json(data, label, found)
            else:
                await _read_music(readers, stages.read, data, label, found)
    finally:
        await readers.close(0)
    return found


async def _read_music(readers: Pool, read: Job, data: bytes, label: str, found: Found) -> None:
    """Read a file, or each tune of a book, in the reading process."""
    collection = label.rpartition("/")[0]
    parts = parts_of(data, label)
    for number, part in enumerate(parts, 1):
        name = f"{label}:{number}" if len(parts) > 1 else label
        try:
            primer = await ask_reader(readers, read.on(part, label.rpartition("/")[2]), name)
        except EngineFailed:
            raise
        except EngineError as error:
            found.skipped.append((name, error))
        else:
            found.melodies.append(Specimen(collection, name, primer.melody))


def parts_of(data: bytes, name: str) -> list[bytes]:
    """Cut a book of ABC tunes into its tunes; anything else is one part."""
    if name.lower().endswith(".abc"):
        text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        starts = [match.start() for match in _TUNE.finditer(text)]
        if len(starts) > 1:
            ends = [*starts[1:], len(text)]
            return [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return [data]


async def ask_reader(readers: Pool, job: Job, name: str) -> Any:
    """Do a reading job; what goes wrong in it is the file's fault.

    Raises:
        EngineError: what is wrong with the file.
        EngineFailed: when no reading process can be started.
    """
    try:
        try:
            return await readers.run(job)
        except (Crashed, NotStarted):
            return await readers.run(job)  # perhaps the process, not the file
    except NotStarted as error:
        raise EngineFailed("crashed") from error
    except Defect:
        raise BadFile(name, "broken") from None
    except PoolError:
        raise BadFile(name, "limits") from None


def _read_json(data: bytes, label: str, found: Found) -> None:
    """Read the melodies of a JSON file."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        found.skipped.append((label, BadFile(label, "broken")))
        return
    collections = _collections(content, label)
    if not collections:
        found.skipped.append((label, BadFile(label, "format")))
    for collection, melodies in collections.items():
        for number, melody in enumerate(melodies, 1):
            name = melody.get("name") if isinstance(melody, dict) else None
            name = f"{label}:{collection}/{name if isinstance(name, str) else number}"
            try:
                found.melodies.append(Specimen(collection, name, _melody(melody)))
            except (AttributeError, KeyError, TypeError) as error:
                found.skipped.append((name, f"no melody: {error}"))
            except (ValueError, OverflowError) as error:
                found.skipped.append((name, str(error)))


def _collections(content: Any, label: str) -> dict[str, list[Any]]:
    """Find the lists of melodies by collection; empty when it is nothing of the kind."""
    if isinstance(content, dict) and "pitch" in content:
        content = [content]
    if isinstance(content, list):
        return {label: content}
    if isinstance(content, dict) and all(isinstance(each, list) for each in content.values()):
        return content
    return {}


def _melody(data: Any) -> Melody:
    """Build a melody: of notes at once the top one counts, and each ends where the next begins.

    Raises:
        AttributeError, KeyError, OverflowError, TypeError, ValueError: when it is none.
    """
    whole = _number(data["tpq"]) * 4
    if whole <= 0:
        raise ValueError("tpq is above 0")
    top: dict[Fraction, tuple[Fraction, int]] = {}
    for onset, length, pitch in zip(data["onset"], data["dur"], data["pitch"], strict=True):
        if _number(pitch).denominator != 1:
            raise ValueError(f"a MIDI pitch is a whole number, not {pitch}")
        start, value = _number(onset) / whole, (_number(length) / whole, int(pitch))
        if value[0] > 0 and (start not in top or value[1] > top[start][1]):
            top[start] = value
    if not top:
        raise ValueError("it has no notes")
    onsets = sorted(top)
    ends = [*onsets[1:], None]
    notes = tuple(
        Note(
            start, top[start][0] if end is None else min(top[start][0], end - start), top[start][1]
        )
        for start, end in zip(onsets, ends, strict=True)
    )
    key, meter = data.get("key"), data.get("meter")
    return Melody(
        notes,
        Meter.parse(meter) if meter else None,
        _number(data.get("pickup", 0)) / whole if meter else Fraction(0),
        Key.parse(key) if key else None,
    )


def _number(value: Any) -> Fraction:
    """Take a number as it is; text would pass for one, and ``"1e999999999"`` take for ever.

    Raises:
        TypeError: when it is none.
        OverflowError, ValueError: when it is infinite or undefined.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r:.40} is not a number")
    return Fraction(value)
