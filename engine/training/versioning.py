"""Write a model version: its weights, ``model.json`` and card, all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from engine.corpus import COLLECTIONS, fingerprint
from engine.training.card import write_card

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from engine.corpus import Tune

FORMAT: Final = 1
"""Number of the version format; raised when old versions can no longer be read."""

_OPERATORS: Final = "tunes of the operator, under terms that only the operator knows"


def describe_corpus(training: Sequence[Tune], validation: Sequence[Tune]) -> dict[str, Any]:
    """Count what a version learnt from, by collection, for its ``model.json``."""
    tunes, notes = Counter[str](), Counter[str]()
    for tune in (*training, *validation):
        tunes[tune.collection] += 1
        notes[tune.collection] += len(tune.pitches)
    return {
        "fingerprint": fingerprint(training),
        "collections": {
            name: {"tunes": tunes[name], "notes": notes[name], "terms": _terms(name)}
            for name in tunes
        },
        "training_tunes": len(training),
        "validation_tunes": len(validation),
    }


def _terms(collection: str) -> str:
    return COLLECTIONS[collection].terms if collection in COLLECTIONS else _OPERATORS


def now() -> str:
    """Give the time for ``created``: ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write_version(
    folder: Path,
    weights: Mapping[str, Any],
    document: dict[str, Any],
    further: Mapping[str, bytes] | None = None,
) -> None:
    """Write a version; an older one of that name is replaced. See :func:`stage`."""
    staged = stage(folder, weights, document, further, mark=str(os.getpid()))
    if folder.exists():
        old = folder.with_name(f".{folder.name}.old.{os.getpid()}")
        folder.rename(old)
        staged.rename(folder)
        shutil.rmtree(old)
    else:
        staged.rename(folder)
    sync(folder.parent)


def stage(
    folder: Path,
    weights: Mapping[str, Any],
    document: dict[str, Any],
    further: Mapping[str, bytes] | None = None,
    *,
    mark: str,
) -> Path:
    """Write a version whole beside its place, from where it has only to be renamed.

    Args:
        folder: its place.
        weights: arrays by name.
        document: what ``model.json`` says, but for the files.
        further: more files of the version by name.
        mark: tells this writer's folder from those of others.

    Returns:
        the folder; its name begins with a dot, so that nobody takes it for a version.

    Raises:
        OSError: when it cannot be written; nothing is left of it then.
    """
    fresh = folder.with_name(f".{folder.name}.{mark}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True)
        _write_files(fresh, weights, document, further or {})
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return fresh


def _write_files(
    fresh: Path, weights: Mapping[str, Any], document: dict[str, Any], further: Mapping[str, bytes]
) -> None:
    with (fresh / "weights.npz").open("wb") as file:
        np.savez_compressed(file, **weights)
    for name, data in further.items():
        (fresh / name).write_bytes(data)
    digests = {
        name: hashlib.sha256((fresh / name).read_bytes()).hexdigest()
        for name in ("weights.npz", *further)
    }
    document = {**document, "files": digests}
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (fresh / "model.json").write_text(text + "\n", encoding="utf-8")
    (fresh / "CARD.md").write_text(write_card(document), encoding="utf-8")
    for written in fresh.iterdir():
        sync(written)
    sync(fresh)


def sync(path: Path) -> None:
    """Let a file, or a folder's list of names, reach the disk; Windows cannot sync folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes | memoryview) -> None:
    """Replace a file at once or not at all.

    Raises:
        OSError: when there is no room; the old file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync(path.parent)
