"""Files -> pieces, with music21: every instrument, not only the first one, as the notes do."""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.lab.piano.events import Event, Piece, on_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SUFFIXES: Final = (".mid", ".midi")
FORMAT: Final = 1
"""Number of the cache's format."""

KEYBOARD: Final = (
    "bach/bwv846",
    "mozart/k545/movement1_exposition",
    "chopin/mazurka06-2",
    "joplin/maple_leaf_rag",
    "cpebach/h186",
    "schumann_clara/polonaise_op1n1",
    "schumann_clara/polonaise_op1n2",
    "schumann_clara/polonaise_op1n3",
    "schumann_clara/polonaise_op1n4",
)
CHORALES: Final = 150
"""Bach chorales that are learnt from beside the keyboard music, out of some 400."""


def files_in(folder: Path) -> list[Path]:
    """Find all MIDI files in a folder and below, in order.

    Raises:
        ValueError: when there are none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise ValueError(f"no MIDI file in {folder}")
    return found


def bundled() -> list[Path]:
    """Find the keyboard and chorale music that music21 ships."""
    from music21 import corpus  # noqa: PLC0415 - takes seconds

    pieces = [Path(str(corpus.getWork(name))) for name in KEYBOARD]
    chorales = sorted(
        path
        for path in map(Path, corpus.getComposer("bach"))
        if path.suffix == ".mxl" and path.stem.startswith("bwv") and path.stem != "bwv846"
    )
    step = max(1, len(chorales) // CHORALES)
    return pieces + chorales[::step][:CHORALES]


def read_all(
    paths: Sequence[Path], cache: Path, tell: Callable[[str], None] = lambda _: None
) -> list[Piece]:
    """Read files in several processes; what was read once is remembered.

    A file that cannot be read, or holds no notes, is told about and left out.

    Raises:
        ValueError: when nothing at all can be read.
    """
    cache.mkdir(parents=True, exist_ok=True)
    keys = {path: cache / f"{_digest(path)}.json" for path in paths}
    missing = [path for path in paths if not keys[path].exists()]
    if missing:
        tell(f"reading {len(missing)} files with music21 …")
        workers = max(1, min(os.cpu_count() or 1, len(missing)))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for path, found in zip(missing, pool.map(_try_to_read, map(str, missing)), strict=True):
                beside = keys[path].with_suffix(".part")
                beside.write_text(json.dumps(found), encoding="utf-8")
                beside.replace(keys[path])
    pieces = []
    for path in paths:
        piece = _piece(path.stem, json.loads(keys[path].read_text(encoding="utf-8")))
        if piece.events:
            pieces.append(piece)
        else:
            tell(f"{path.name} is left out: it cannot be read, or holds no notes")
    if not pieces:
        raise ValueError("none of the files could be read")
    return pieces


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + bytes([FORMAT])).hexdigest()[:24]


def _piece(name: str, rows: Sequence[Any]) -> Piece:
    events = (Event(Fraction(a), Fraction(b), tuple(pitches)) for a, b, pitches in rows)
    return Piece(name, tuple(events))


def _try_to_read(path: str) -> list[Any]:
    try:
        piece = read_piece(Path(path))
    except Exception:  # noqa: BLE001 - music21 fails in many ways on broken files
        return []
    return [(str(event.onset), str(event.length), event.pitches) for event in piece.events]


def read_piece(path: Path) -> Piece:
    """Read one file: all notes of all instruments but drums, by onset."""
    from music21 import converter, instrument  # noqa: PLC0415 - takes seconds

    score: Any = converter.parse(path)
    score = score.stripTies()
    # A file without instruments gives None or one part.
    split: Any = instrument.partitionByInstrument(score)
    parts = list(split.parts) if split is not None and len(split.parts) else [score]
    together: defaultdict[Fraction, list[tuple[int, Fraction]]] = defaultdict(list)
    for part in parts:
        for element in part.recurse().notes:
            if isinstance(element.getInstrument(), instrument.UnpitchedPercussion):
                continue
            # An offset by itself counts from the start of its bar.
            onset = on_grid(element.getOffsetInHierarchy(part))
            length = on_grid(element.duration.quarterLength)
            if length > 0:  # grace notes take no time
                together[onset] += [(pitch.midi, length) for pitch in element.pitches]
    events = []
    for onset, notes in sorted(together.items()):
        pitches = tuple(sorted({pitch for pitch, _ in notes if 21 <= pitch <= 108}))
        if pitches:
            events.append(Event(onset, max(length for _, length in notes), pitches))
    return Piece(path.stem, tuple(events))
