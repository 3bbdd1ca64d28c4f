from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.copying import FILE
from engine.corpus import Tune, fingerprint
from engine.errors import BadVersion
from engine.music import Key
from engine.predict import Model
from engine.registry import Registry
from engine.training.indexing import add_index
from tests.engine.models import random_weights
from tests.engine.weights import make_version

if TYPE_CHECKING:
    from pathlib import Path

TIMES = np.arange(30, dtype=np.int32)
PITCHES = np.array([60 + n * n % 13 for n in range(30)], np.int16)
TUNES = [Tune(f"t/{n}", "t", "any", TIMES, TIMES + 1, PITCHES + n, None, 0, Key()) for n in (0, 1)]


def version(root: Path) -> Path:
    document, weights = random_weights()
    folder = make_version(root / "tiny", corpus={"fingerprint": fingerprint(TUNES)})
    np.savez_compressed(folder / "weights.npz", **weights)
    digest = hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    document = {**document, **manifest, "files": {"weights.npz": digest}}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_a_version_gets_its_index_and_stays_sound(tmp_path: Path) -> None:
    folder = version(tmp_path)
    assert Model.load(folder).copies is None
    add_index(folder, TUNES)
    Registry(tmp_path).verify("tiny")
    copies = Model.load(folder).copies
    assert copies is not None
    assert copies.names == ["t/0", "t/1"]
    assert set(copies.known(PITCHES.tolist()).values()) == {"t/0", "t/1"}
    assert not list(folder.glob("*.part"))


def test_an_index_of_other_tunes_is_refused(tmp_path: Path) -> None:
    folder = version(tmp_path)
    with pytest.raises(BadVersion):
        add_index(folder, TUNES[:1])
    assert not (folder / FILE).exists()


@pytest.mark.parametrize("damage", ["flip", "shape"])
def test_a_damaged_index_is_a_damaged_version(tmp_path: Path, damage: str) -> None:
    folder = version(tmp_path)
    add_index(folder, TUNES)
    if damage == "flip":
        data = bytearray((folder / FILE).read_bytes())
        data[60] ^= 1
        (folder / FILE).write_bytes(bytes(data))
    else:
        np.savez_compressed(folder / FILE, intervals=np.zeros(4, np.int16))
        manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        manifest["files"][FILE] = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
        (folder / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(BadVersion):
        Model.load(folder)
