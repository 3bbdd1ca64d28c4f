"""Write the index of training tunes into a version's folder.

    python -m engine.training.indexing FOLDER --cache FOLDER [--without FILE]

``nabi train`` does so by itself; this is for a version that was trained before there was one.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.copying import FILE, index_arrays
from engine.corpus import fingerprint, read_collections, read_pitches, split, without
from engine.errors import BadVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.corpus import Tune


def index_file(tunes: Iterable[Tune]) -> bytes:
    """Give the index of some tunes as the bytes of an ``.npz``."""
    file = io.BytesIO()
    arrays = index_arrays(tunes)
    np.savez_compressed(file, intervals=arrays["intervals"], names=arrays["names"])
    return file.getvalue()


def add_index(folder: Path, training: Sequence[Tune]) -> None:
    """Add an index to a version; its manifest is replaced last, so that it is always sound.

    Args:
        folder: of the version.
        training: exactly the tunes that it learnt from.

    Raises:
        BadVersion: when they are others.
    """
    manifest = folder / "model.json"
    document = json.loads(manifest.read_text(encoding="utf-8"))
    if document["corpus"]["fingerprint"] != fingerprint(training):
        raise BadVersion(folder.name, "it has learnt from other tunes than these")
    data = index_file(training)
    _replace(folder / FILE, data)
    document["files"][FILE] = hashlib.sha256(data).hexdigest()
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    _replace(manifest, text.encode())


def _replace(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside = Path(file.name)
    beside.chmod(0o644)
    beside.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry the command line out."""
    parser = argparse.ArgumentParser(prog="python -m engine.training.indexing", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the version")
    parser.add_argument("--cache", type=Path, required=True, help="folder of parsed collections")
    parser.add_argument("--without", type=Path, help="benchmark melodies it was trained without")
    options = parser.parse_args(arguments)
    text = (options.folder / "model.json").read_text(encoding="utf-8")
    tunes = read_collections(json.loads(text)["corpus"]["collections"], options.cache)
    if options.without is not None:
        tunes = without(tunes, read_pitches(options.without))
    try:
        add_index(options.folder, split(tunes)[0])
    except BadVersion as error:
        sys.stderr.write(f"{error.name}: {error.reason}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
