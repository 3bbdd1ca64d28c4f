"""Small model versions for tests: whole in form, without a network inside."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def archive(**members: bytes) -> bytes:
    """Pack members as a ``.npz`` is packed."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name, content in (members or {"w": b"\x93NUMPY"}).items():
            packed.writestr(f"{name}.npy", content)
    return data.getvalue()


def make_version(folder: Path, weights: bytes | None = None, **manifest: Any) -> Path:
    """Write a version that passes every check; ``manifest`` adds to its ``model.json``."""
    folder.mkdir(parents=True)
    content = archive() if weights is None else weights
    (folder / "weights.npz").write_bytes(content)
    files = {"weights.npz": hashlib.sha256(content).hexdigest()}
    data = {"created": "2026-01-01T00:00:00", "files": files, **manifest}
    (folder / "model.json").write_text(json.dumps(data), encoding="utf-8")
    return folder
