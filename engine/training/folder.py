"""Read the operator's folder of tunes, as carefully as a stranger's file.

Files are read one by one in the reading process, under its limits of time and memory, so that no
file can hang or end a training run. Links are not followed. Tunes are named by what they hold:
their files' names are the operator's and end up in no version.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.corpus import TICK
from engine.errors import BadFile, EngineError, EngineFailed, TooLong
from engine.evaluation.melodies import MAX_BOOK, ask_reader, parts_of
from engine.music import Key
from engine.request import STYLES
from engine.workbench import Stages
from engine.workers.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.music import Melody
    from engine.workers.stages import Primer

CORPUS: Final = "corpus"
"""Name under which the operator's folder stands among the collections."""

SUFFIXES: Final = frozenset(
    {".mid", ".midi", ".kar", ".rmi", ".musicxml", ".xml", ".mxl", ".abc", ".txt"}
)
"""Endings of the files that are tried; others, such as a README, are passed over in silence."""

SHORTEST: Final = 8
"""Notes of the shortest tune that is learnt from."""

_MAJOR: Final = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR: Final = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each degree fits a key (Krumhansl & Kessler 1982)."""

Row = dict[str, Any]
"""A tune as :mod:`engine.corpus` stores it."""

Skip = tuple[str, str]
"""A file's path inside the folder, and why it was skipped, as a word."""


def read_folder(
    folder: Path, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Row], list[Skip]]:
    """Read every tune in a folder and its folders.

    A tune's style is the innermost of its folders that is named like a style, else ``any``. A book
    of ABC tunes is read tune by tune. Of tunes with the same notes one is kept.

    Args:
        folder: may be missing, which is as good as empty.
        progress: called with the number of files done and of all; may raise to end the reading.

    Returns:
        the tunes, and the files that were skipped.

    Raises:
        EngineFailed: when no reading process can be started.
    """
    files, skipped = list_files(folder)
    rows: dict[str, Row] = {}

    async def read() -> None:
        stages = Stages()
        readers = Pool(1, "reader", lambda: stages.prepare_reader)
        try:
            for done, file in enumerate(files):
                if progress is not None:
                    progress(done, len(files))
                await _read_one(readers, stages, folder, file, rows, skipped)
        finally:
            await readers.close(0)

    if files:
        asyncio.run(read())
    if progress is not None:
        progress(len(files), len(files))
    return list(rows.values()), skipped


def list_files(folder: Path) -> tuple[list[str], list[Skip]]:
    """List the music files in a folder by their paths inside it, in order; and the links."""
    files: list[str] = []
    skipped: list[Skip] = []
    for parent, name in _walk(folder):
        inside = Path(parent, name).relative_to(folder).as_posix()
        if Path(parent, name).is_symlink():
            skipped.append((inside, "link"))
        elif Path(name).suffix.lower() in SUFFIXES:
            files.append(inside)
    return files, skipped


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        linked = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*linked, *names]):
            if not name.startswith("."):
                yield parent, name


async def _read_one(  # noqa: PLR0913, PLR0917 - it fills what its caller gathers
    readers: Pool,
    stages: Stages,
    folder: Path,
    file: str,
    rows: dict[str, Row],
    skipped: list[Skip],
) -> None:
    path = folder / file
    try:
        # Neither a pipe nor a device: they would keep us waiting.
        data = path.read_bytes() if path.is_file() and path.stat().st_size <= MAX_BOOK else None
    except OSError:
        skipped.append((file, "unreadable"))
        return
    if data is None:
        skipped.append((file, "limits" if path.is_file() else "unreadable"))
        return
    parts = parts_of(data, file)
    for number, part in enumerate(parts, 1):
        name = f"{file}:{number}" if len(parts) > 1 else file
        try:
            primer: Primer = await ask_reader(readers, stages.read.on(part, Path(file).name), name)
            row = to_row(primer.melody, style_of(file))
        except EngineFailed:
            raise
        except EngineError as error:
            skipped.append((name, _reason(error)))
        except _Unfit as error:
            skipped.append((name, error.reason))
        else:
            rows.setdefault(row["name"], row)


def _reason(error: EngineError) -> str:
    if isinstance(error, BadFile):
        return error.reason
    return "long" if isinstance(error, TooLong) else "broken"


class _Unfit(Exception):
    """A melody that cannot be learnt from; ``reason`` is a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def style_of(file: str) -> str:
    """Give the innermost folder of a path that is named like a style, else ``any``."""
    folders = [part.lower() for part in Path(file).parts[:-1]]
    return next((part for part in reversed(folders) if part in STYLES), "any")


def to_row(melody: Melody, style: str) -> Row:
    """Store a melody as the corpus does.

    Raises:
        _Unfit: when it is too short, or off the grid of times.
    """
    notes = melody.notes
    if len(notes) < SHORTEST:
        raise _Unfit("short")
    start = notes[0].onset
    events = [(n.onset - start, n.duration, n.pitch) for n in notes]
    if any(Fraction(time / TICK).denominator != 1 for note in events for time in note[:2]):
        raise _Unfit("grid")
    whole = [(int(onset / TICK), int(length / TICK), pitch) for onset, length, pitch in events]
    pickup = Fraction(0)
    if melody.meter is not None:
        # Rests before the first note move the start of what is stored within its bar.
        pickup = (melody.pickup - start) % melody.meter.bar
    if Fraction(pickup / TICK).denominator != 1:
        raise _Unfit("grid")
    key = melody.key or guess_key(whole, melody.signature)
    digest = hashlib.sha256(np.array(whole, "<i4").tobytes()).hexdigest()
    return {
        "name": f"{CORPUS}/{digest[:16]}",
        "style": style,
        "events": whole,
        "meter": (melody.meter.beats, melody.meter.unit) if melody.meter else (0, 0),
        "pickup": int(pickup / TICK),
        "key": (key.fifths, key.mode),
    }


def guess_key(events: list[tuple[int, int, int]], signature: int | None = None) -> Key:
    """Guess the key of a tune by the profile that its sounding time fits best.

    A key signature leaves one key of each mode; without accidentals all are tried.
    """
    weight = np.zeros(12)
    for _, length, pitch in events:
        weight[pitch % 12] += length
    weight[events[-1][2] % 12] += weight.sum() / 12  # tunes end on their tonic
    if not weight.std():
        return Key(signature or 0)
    found = []
    for mode, profile in (("major", _MAJOR), ("minor", _MINOR)):
        for fifths in range(-5, 7) if not signature else (signature,):
            key = Key(fifths, mode)
            fit = float(np.corrcoef(np.roll(profile, key.tonic), weight)[0, 1])
            found.append((fit, fifths, mode))
    _, fifths, mode = max(found)
    return Key(fifths, mode)
