"""What a training run learns from: bundled collections and the operator's folder, told apart.

Held-out tunes measure the new version against the one that answers, so neither may have learnt
from them. Relatives stand on one side (see :func:`engine.corpus.families`); a family of which the
answering version has learnt any tune is learnt from again, the others are parted by a hash.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from engine.copying import FILE as INDEX
from engine.copying import Copies
from engine.corpus import (
    families,
    load_tunes,
    read_collections,
    read_pitches,
    save_tunes,
    without,
)
from engine.training.folder import CORPUS, read_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.corpus import Tune
    from engine.training.folder import Row, Skip

LEAST: Final = 6
"""Tunes that are held out at least, if that is no more than a fifth of all."""

_ONE_IN: Final = 20


class CannotLearn(Exception):
    """A training run that cannot go on; ``code`` is a word that says why."""

    def __init__(
        self,
        code: Literal["empty-corpus", "diverged", "disk-full", "memory", "bad-base"],
        detail: str = "",
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Material:
    """What is learnt from and what is held out; and the operator's files that were skipped."""

    training: list[Tune]
    validation: list[Tune]
    skipped: list[Skip]

    @property
    def notes(self) -> int:
        """Number of notes learnt from in one epoch."""
        return sum(len(tune.pitches) for tune in self.training)


class Taught:
    """What a version has learnt from, by its index of tunes.

    Args:
        folder: of the version; None, or one without an index: nothing is known of it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._copies: Copies | None = None
        index = None if folder is None else folder / INDEX
        if index is not None and index.is_file():
            with np.load(index, allow_pickle=False) as data:
                self._copies = Copies({key: data[key] for key in data.files})
        self._names = set(self._copies.names) if self._copies else set()

    def __contains__(self, tune: Tune) -> bool:
        """Tell whether the version learnt from a tune; the operator's are known by their notes."""
        if self._copies is None:
            return False
        if tune.collection != CORPUS or tune.name in self._names:
            return tune.name in self._names
        return bool(self._copies.known(tune.pitches.tolist()))


def gather(  # noqa: PLR0913 - the parts of a plan
    collections: Iterable[str],
    cache: Path,
    folder: Path | None,
    kept: Path | None,
    progress: Callable[[str, int, int], None],
    *,
    processes: int | None = None,
    unrelated: Path | None = None,
) -> tuple[list[Tune], list[Skip]]:
    """Read all tunes.

    Args:
        collections: names of bundled collections, and ``corpus`` for the operator's folder.
        cache: folder of the parsed collections.
        folder: the operator's.
        kept: file in which the operator's tunes are kept while a run lasts, so that one that goes
            on learns from the same tunes, whatever was done to the folder meanwhile.
        progress: called with collection, files done, files in all; may raise to end the reading.
        processes: that parse collections; None: one a core.
        unrelated: benchmark melodies; tunes that share 12 intervals with one are left out.

    Returns:
        tunes and skipped files.
    """
    names = list(dict.fromkeys(collections))
    bundled = [name for name in names if name != CORPUS]
    tunes = read_collections(bundled, cache, progress, processes=processes)
    skipped: list[Skip] = []
    if CORPUS in names and folder is not None:
        rows, skipped = _kept(kept) or _fresh(folder, kept, progress)
        tunes += rows
    if unrelated is not None:
        tunes = without(tunes, read_pitches(unrelated))
    return tunes, skipped


def _fresh(
    folder: Path, kept: Path | None, progress: Callable[[str, int, int], None]
) -> tuple[list[Tune], list[Skip]]:
    rows, skipped = read_folder(folder, lambda done, of: progress(CORPUS, done, of))
    return _keep(rows, skipped, kept), skipped


def _keep(rows: list[Row], skipped: list[Skip], kept: Path | None) -> list[Tune]:
    if kept is None:
        return _tunes_of(rows)
    kept.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(skipped, ensure_ascii=False)
    kept.with_suffix(".json").write_text(text, encoding="utf-8")
    save_tunes(kept, rows)  # last: whoever finds it finds the other, too
    return load_tunes(kept, CORPUS)


def _kept(kept: Path | None) -> tuple[list[Tune], list[Skip]] | None:
    if kept is None or not kept.is_file():
        return None
    skipped = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
    return load_tunes(kept, CORPUS), [(str(file), str(reason)) for file, reason in skipped]


def _tunes_of(rows: list[Row]) -> list[Tune]:
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - needed here only

    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.npz")
        save_tunes(path, rows)
        return load_tunes(path, CORPUS)


def part(tunes: Sequence[Tune], taught: Taught) -> tuple[list[Tune], list[Tune]]:
    """Part tunes into those to learn from and those held out.

    A family that the answering version knows is learnt from. Of the others one in 20 is held
    out, by a hash of its first name; where that gives fewer than :data:`LEAST` tunes, the next
    families in the order of that hash, up to a fifth of all tunes.

    Raises:
        CannotLearn: when nothing is left on a side.
    """
    groups: dict[int, list[int]] = {}
    for index, number in enumerate(families(list(tunes))):
        groups.setdefault(number, []).append(index)
    unknown = sorted(
        (_hash(min(tunes[i].name for i in group)), group)
        for group in groups.values()
        if not any(tunes[i] in taught for i in group)
    )
    held: set[int] = set()
    for number, group in unknown:
        enough = len(held) >= LEAST or len(held) + len(group) > len(tunes) / 5
        if number < 65536 // _ONE_IN or not enough:
            held.update(group)
    training = [tune for index, tune in enumerate(tunes) if index not in held]
    validation = [tune for index, tune in enumerate(tunes) if index in held]
    if not training or not validation:
        raise CannotLearn("empty-corpus", f"{len(tunes)} tunes, {len(held)} to be held out")
    return training, validation


def _hash(name: str) -> int:
    digest = hashlib.sha256(name.encode()).digest()
    return digest[0] * 256 + digest[1]


def count(tunes: Iterable[Tune]) -> dict[str, dict[str, Any]]:
    """Count tunes and notes by collection."""
    counts: dict[str, dict[str, Any]] = {}
    for tune in tunes:
        each = counts.setdefault(tune.collection, {"tunes": 0, "notes": 0})
        each["tunes"] += 1
        each["notes"] += len(tune.pitches)
    return counts
