"""The tunes that the model learns from: read once with music21, then kept in a cache.

A tune is stored as integers: times in ticks of :data:`TICK` (1/192 of a whole note), pitches as
MIDI numbers. Tunes come from the collections that the music21 package ships; their terms stand in
:data:`COLLECTIONS` and on every model card.
"""

from __future__ import annotations

import hashlib
import json
import logging
import multiprocessing
import os
import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.music import Key, Melody, Meter, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

TICK: Final = Fraction(1, 192)
"""Unit of stored times in whole notes; holds 64ths, dotted 32nds and triplet 32nds exactly."""

WINDOW: Final = 12
"""Intervals in a row that make two tunes relatives of each other."""

CACHE_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection: where music21 keeps it, the style it teaches, its terms.

    Attributes:
        folder: folder inside music21's corpus.
        style: style name of its tunes.
        terms: what its makers say about its use.
        old_print: whether it is an old printed collection without terms of its own.
    """

    folder: str
    style: str
    terms: str
    old_print: bool = True


_ESSEN_TERMS: Final = "non-commercial distribution and use (Essen collection, H. Schaffrath)"
_BACH_TERMS: Final = "distributed with music21 by permission of its encoders"
_PRINT_TERMS: Final = "old printed tunes; the encoding carries no terms of its own"

COLLECTIONS: Final = {
    "essen": Collection("essenFolksong", "folk", _ESSEN_TERMS, old_print=False),
    "oneill": Collection("oneills1850", "irish", _PRINT_TERMS),
    "ryan": Collection("ryansMammoth", "fiddle", _PRINT_TERMS),
    "aird": Collection("airdsAirs", "scottish", _PRINT_TERMS),
    "folk": Collection("miscFolk", "fiddle", _PRINT_TERMS),
    "bach": Collection("bach", "bach", _BACH_TERMS, old_print=False),
}
"""The bundled collections by the name used in ``--collections``."""

_STYLE_OF_FILE: Final = {"han": "chinese", "kinder": "children", "irl": "irish"}


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune of the corpus.

    Attributes:
        name: collection, file and number, such as ``essen/kinder0/17``.
        collection: key of :data:`COLLECTIONS`, or the name of an operator's folder.
        style: style name.
        onsets, durations: int32 ticks, from the start of the melody.
        pitches: int16 MIDI numbers.
        meter: None for free meter.
        pickup: ticks.
        key: its ``tonic`` is to be trusted more than its mode.
    """

    name: str
    collection: str
    style: str
    onsets: np.ndarray
    durations: np.ndarray
    pitches: np.ndarray
    meter: Meter | None
    pickup: int
    key: Key

    def melody(self) -> Melody:
        """Give the tune as a :class:`~engine.music.Melody`."""
        notes = tuple(
            Note(int(onset) * TICK, int(duration) * TICK, int(pitch))
            for onset, duration, pitch in zip(
                self.onsets, self.durations, self.pitches, strict=True
            )
        )
        return Melody(notes, self.meter, self.pickup * TICK, self.key, title=self.name)


def read_collections(
    names: Iterable[str],
    cache: Path,
    progress: Callable[[str, int, int], None] | None = None,
    *,
    processes: int | None = None,
) -> list[Tune]:
    """Read collections of music21, from the cache where they are there already.

    Args:
        names: keys of :data:`COLLECTIONS`.
        cache: folder for the parsed collections; made when missing.
        progress: called with the collection's name, files done and files in all.
        processes: that parse; None: one a core.

    Raises:
        KeyError: for an unknown collection.
    """
    cache.mkdir(parents=True, exist_ok=True)
    tunes: list[Tune] = []
    for name in names:
        path = cache_file(cache, name)
        if not path.exists():
            save_tunes(path, _parse_collection(name, progress, processes))
        tunes += load_tunes(path, name)
    return tunes


def cache_file(cache: Path, name: str) -> Path:
    """Give the file in which a parsed collection is kept."""
    return cache / f"{name}-{CACHE_VERSION}.npz"


def _parse_collection(
    name: str, progress: Callable[[str, int, int], None] | None, processes: int | None
) -> list[dict[str, Any]]:
    from music21 import corpus  # noqa: PLC0415  # takes seconds to import

    folder = COLLECTIONS[name].folder
    files = sorted(str(path) for path in corpus.getComposer(folder))
    rows: list[dict[str, Any]] = []
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes or os.cpu_count() or 1) as pool:
        for done, found in enumerate(pool.imap(_parse_file, [(name, f) for f in files]), 1):
            rows += found
            if progress is not None:
                progress(name, done, len(files))
    return rows


def _parse_file(job: tuple[str, str]) -> list[dict[str, Any]]:
    from music21 import converter, stream  # noqa: PLC0415  # takes seconds to import

    name, file = job
    try:
        parsed = converter.parse(file, forceSource=True)
    except Exception as error:  # noqa: BLE001  # music21 raises anything; one bad file is no reason to stop
        log.warning("left out %s: %s", file, type(error).__name__)
        return []
    scores = parsed.scores if isinstance(parsed, stream.Opus) else [parsed]
    stem = os.path.basename(file).rsplit(".", 1)[0]  # noqa: PTH119  # music21 gives strings
    style = next(
        (style for start, style in _STYLE_OF_FILE.items() if stem.startswith(start)),
        COLLECTIONS[name].style,
    )
    rows = []
    for number, score in enumerate(scores, 1):
        try:
            row = _read_score(score)
        except Exception as error:  # noqa: BLE001  # likewise, one tune
            log.warning("left out %s %d: %s", file, number, type(error).__name__)
            continue
        if row is not None:
            rows.append({"name": f"{name}/{stem}/{number}", "style": style, **row})
    return rows


def _read_score(score: Any) -> dict[str, Any] | None:
    """Take the top line of a score's first part; None when it is no melody on the tick grid."""
    part = score.parts[0] if getattr(score, "parts", None) else score
    measures = list(part.getElementsByClass("Measure"))
    meters = list(part.recurse().getElementsByClass("TimeSignature"))
    keys = list(part.recurse().getElementsByClass("KeySignature"))
    flat = part.stripTies().flatten()
    events = []
    for note in flat.notes:
        if note.duration.isGrace or note.duration.quarterLength == 0 or not note.pitches:
            continue
        onset, length = Fraction(note.offset) * 48, Fraction(note.duration.quarterLength) * 48
        if onset.denominator != 1 or length.denominator != 1:
            return None
        events.append((int(onset), int(length), max(p.midi for p in note.pitches)))
    events = _one_voice(events)
    if len(events) < 8:
        return None
    meter = Meter(meters[0].numerator, meters[0].denominator) if meters else None
    pickup = 0
    if meter is not None and len(measures) > 1:
        first = Fraction(measures[0].highestTime) * 48
        bar = meter.bar / TICK
        if 0 < first < bar and first.denominator == 1:
            pickup = int(first)
    key = _key(keys[0] if keys else None, events)
    start = events[0][0]
    if meter is not None and start and pickup == 0:
        # Rests before the first note of a full bar are a pickup written out.
        bar_ticks = int(meter.bar / TICK)
        pickup = (bar_ticks - start % bar_ticks) % bar_ticks
    elif pickup:
        pickup = max(0, pickup - start) if start < pickup else 0
    return {
        "events": [(onset - start, length, pitch) for onset, length, pitch in events],
        "meter": (meter.beats, meter.unit) if meter else (0, 0),
        "pickup": pickup,
        "key": (key.fifths, key.mode),
    }


def _one_voice(events: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Keep the top note of each onset and cut notes where the next begins."""
    top: dict[int, tuple[int, int]] = {}
    for onset, length, pitch in events:
        if onset not in top or pitch > top[onset][1]:
            top[onset] = (length, pitch)
    onsets = sorted(top)
    out = []
    for index, onset in enumerate(onsets):
        length, pitch = top[onset]
        if index + 1 < len(onsets):
            length = min(length, onsets[index + 1] - onset)
        out.append((onset, length, pitch))
    return out


def _key(signature: Any, events: list[tuple[int, int, int]]) -> Key:
    """Take the written tonic; take the mode whose scale holds most of the sounding time.

    The Essen files write the tonic with a major signature whatever the mode, and spell the rest
    with accidentals.
    """
    weight = Counter[int]()
    for _, length, pitch in events:
        weight[pitch % 12] += length
    mode = getattr(signature, "mode", None) or "major"
    fifths = signature.sharps if signature is not None else 0
    if not -7 <= fifths <= 7 or mode not in {"major", "minor", "dorian", "mixolydian"}:
        fifths, mode = max(-7, min(7, fifths)), "major"
    tonic = Key(fifths, mode).tonic
    best = Key(fifths, mode)
    best_share = sum(weight[pc] for pc in best.scale)
    for other in ("major", "minor", "dorian", "mixolydian", "phrygian", "lydian"):
        for sharps in range(-7, 8):
            key = Key(sharps, other)
            if key.tonic == tonic and sum(weight[pc] for pc in key.scale) > best_share:
                best, best_share = key, sum(weight[pc] for pc in key.scale)
    return best


def save_tunes(path: Path, rows: list[dict[str, Any]]) -> None:
    """Store tunes in a file, at once or not at all."""
    events = np.array([event for row in rows for event in row["events"]], np.int32).reshape(-1, 3)
    arrays: dict[str, Any] = {
        "onsets": events[:, 0],
        "durations": events[:, 1],
        "pitches": events[:, 2].astype(np.int16),
        "counts": np.array([len(row["events"]) for row in rows], np.int32),
        "names": np.array([row["name"] for row in rows]),
        "styles": np.array([row["style"] for row in rows]),
        "meters": np.array([row["meter"] for row in rows], np.int32).reshape(-1, 2),
        "pickups": np.array([row["pickup"] for row in rows], np.int32),
        "fifths": np.array([row["key"][0] for row in rows], np.int32),
        "modes": np.array([row["key"][1] for row in rows]),
    }
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        np.savez_compressed(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    os.replace(file.name, path)  # noqa: PTH105  # the documented atomic call


def load_tunes(path: Path, collection: str) -> list[Tune]:
    """Read tunes that :func:`save_tunes` stored, as those of a collection."""
    with np.load(path, allow_pickle=False) as data:
        arrays = {name: data[name] for name in data.files}
    ends = np.cumsum(arrays["counts"])
    tunes = []
    for index, end in enumerate(ends):
        part = slice(end - arrays["counts"][index], end)
        beats, unit = (int(value) for value in arrays["meters"][index])
        tunes.append(
            Tune(
                name=str(arrays["names"][index]),
                collection=collection,
                style=str(arrays["styles"][index]),
                onsets=arrays["onsets"][part],
                durations=arrays["durations"][part],
                pitches=arrays["pitches"][part],
                meter=Meter(beats, unit) if beats else None,
                pickup=int(arrays["pickups"][index]),
                key=Key(int(arrays["fifths"][index]), str(arrays["modes"][index])),
            )
        )
    return tunes


def windows(pitches: np.ndarray, size: int = WINDOW) -> Iterator[bytes]:
    """Yield every run of ``size`` successive intervals as a hashable key."""
    intervals = np.diff(pitches.astype(np.int16)).astype(np.int8)
    for start in range(len(intervals) - size + 1):
        yield intervals[start : start + size].tobytes()


def families(tunes: list[Tune], share: float = 0.5) -> list[int]:
    """Number the tunes so that repeats and close variants carry the same number.

    Two tunes are relatives when at least ``share`` of the shorter one's 12-interval windows stand
    in the other. A tune too short for a window is a relative of those with the same intervals.
    """
    parent = list(range(len(tunes)))

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    sets = [set(windows(tune.pitches)) or {np.diff(tune.pitches).tobytes()} for tune in tunes]
    places: dict[bytes, list[int]] = {}
    for index, keys in enumerate(sets):
        shared = Counter[int]()
        for key in keys:
            shared.update(places.get(key, ()))
            places.setdefault(key, []).append(index)
        for other, count in shared.items():
            if count >= share * min(len(keys), len(sets[other])):
                parent[find(index)] = find(other)
    return [find(index) for index in range(len(tunes))]


def without(tunes: Iterable[Tune], others: Iterable[np.ndarray]) -> list[Tune]:
    """Leave out every tune that shares a window of 12 intervals with any of ``others``.

    Args:
        tunes: what is left is given back, in order.
        others: arrays of MIDI pitches, one a melody; those shorter than a window share nothing.
    """
    taken = {key for pitches in others for key in windows(pitches)}
    return [tune for tune in tunes if taken.isdisjoint(windows(tune.pitches))]


def read_pitches(path: Path) -> list[np.ndarray]:
    """Read the pitches of benchmark melodies: JSON, lists of ``{"pitch": [...]}`` by collection."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return [np.array(melody["pitch"], np.int16) for tunes in data.values() for melody in tunes]


def split(tunes: list[Tune], parts: int = 20) -> tuple[list[Tune], list[Tune]]:
    """Split into training and validation tunes (one in ``parts``), relatives on one side.

    The side depends on a hash of the family's first name alone: it stays the same when tunes are
    added elsewhere.
    """
    numbers = families(tunes)
    names: dict[int, str] = {}
    for number, tune in zip(numbers, tunes, strict=True):
        names[number] = min(names.get(number, tune.name), tune.name)
    training: list[Tune] = []
    validation: list[Tune] = []
    for number, tune in zip(numbers, tunes, strict=True):
        digest = hashlib.sha256(names[number].encode()).digest()
        (validation if digest[0] * 256 + digest[1] < 65536 // parts else training).append(tune)
    return training, validation


def fingerprint(tunes: Iterable[Tune]) -> str:
    """Give a SHA-256 over all notes, in order: names the data that a model learnt from."""
    digest = hashlib.sha256()
    for tune in tunes:
        digest.update(tune.name.encode())
        for array in (tune.onsets, tune.durations, tune.pitches):
            digest.update(np.ascontiguousarray(array, dtype="<i4").tobytes())
    return digest.hexdigest()
