"""Model versions: found, checked, promoted, rolled back; hostile folders are refused."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadVersion, EngineError, UnknownVersion
from engine.registry import SHIPPED, Registry
from tests.engine.weights import archive, make_version


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    make_version(tmp_path / "shipped" / "base", default=True)
    return tmp_path / "shipped"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def registry(shipped: Path, data: Path) -> Registry:
    make_version(data / "weights" / "one", created="2026-02-01")
    make_version(data / "weights" / "two", created="2026-03-01", metrics={"loss": 2.1})
    return Registry(shipped, data)


def refusal(registry: Registry, name: str) -> str:
    with pytest.raises(BadVersion) as caught:
        registry.verify(name)
    assert caught.value.name == name
    return caught.value.reason


def rewrite(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps({**manifest, **changes}), encoding="utf-8")


def test_versions_are_listed_newest_first(registry: Registry) -> None:
    assert [version.name for version in registry.versions()] == ["two", "one", "base"]
    assert [version.shipped for version in registry.versions()] == [False, False, True]
    assert registry.get("two").metrics == {"loss": 2.1}
    assert registry.get("two").created == "2026-03-01"


def test_the_default_answers_until_another_is_promoted(registry: Registry) -> None:
    assert registry.active.name == "base"
    assert registry.promote("two").name == "two"
    assert registry.active.name == "two"


def test_the_choice_outlives_the_process(registry: Registry, shipped: Path, data: Path) -> None:
    registry.promote("one")
    assert Registry(shipped, data).active.name == "one"


def test_the_marked_default_wins_over_newer_ones(shipped: Path) -> None:
    make_version(shipped / "newer", created="2027-01-01")
    assert Registry(shipped).active.name == "base"


def test_without_a_mark_the_newest_shipped_version_answers(tmp_path: Path) -> None:
    make_version(tmp_path / "a", created="2026-01-02")
    make_version(tmp_path / "b", created="2026-01-01")
    assert Registry(tmp_path).active.name == "a"


def test_rolling_back_goes_through_history_and_ends_at_the_default(registry: Registry) -> None:
    for name in ("one", "two", "one"):
        registry.promote(name)
    assert registry.history() == ("one", "two")
    assert registry.rollback().name == "two"
    assert registry.rollback().name == "base"
    assert registry.rollback().name == "base"


def test_rolling_back_passes_over_damaged_versions(registry: Registry, data: Path) -> None:
    registry.promote("one")
    registry.promote("two")
    registry.promote("base")
    (data / "weights" / "two" / "weights.npz").unlink()
    assert registry.rollback().name == "one"


def test_a_damaged_active_version_gives_way_with_one_warning(
    registry: Registry, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry.promote("one")
    registry.promote("two")
    (data / "weights" / "two" / "weights.npz").write_bytes(archive(w=b"other"))
    assert [registry.active.name for _ in range(3)] == ["one"] * 3
    assert caplog.text.count("weights.npz does not match its hash") == 1


def test_a_vanished_active_version_gives_way(
    registry: Registry, data: Path, caplog: pytest.LogCaptureFixture
) -> None:
    registry.promote("two")
    (data / "weights" / "two").rename(data / "elsewhere")
    assert registry.active.name == "base"
    assert "its folder is gone" in caplog.text


def test_a_rejected_version_gives_way_until_it_is_promoted_again(registry: Registry) -> None:
    registry.promote("two")
    registry.reject("two", "wrong shapes")
    assert registry.active.name == "base"
    assert refusal(registry, "two") == "wrong shapes"
    assert registry.promote("two").name == "two"


def test_with_nothing_sound_the_reason_is_that_of_the_first_choice(tmp_path: Path) -> None:
    make_version(tmp_path / "only", weights=b"no archive")
    with pytest.raises(BadVersion) as caught:
        assert Registry(tmp_path).active
    assert caught.value.name == "only"
    assert "archive" in caught.value.reason


def test_without_a_data_folder_nothing_is_promoted(shipped: Path) -> None:
    with pytest.raises(BadVersion, match="data folder"):
        Registry(shipped).promote("base")


def test_a_damaged_version_is_not_promoted(registry: Registry, data: Path) -> None:
    (data / "weights" / "two" / "weights.npz").write_bytes(b"")
    with pytest.raises(BadVersion):
        registry.promote("two")
    assert registry.history() == ()


def test_promoting_replaces_the_file_whole_and_leaves_nothing_beside(
    registry: Registry, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote("one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        registry.promote("two")
    monkeypatch.undo()
    assert registry.history() == ("one",)
    assert {path.name for path in data.iterdir()} == {"active", "weights"}


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"../../etc\n", b"two\x00", b"A" * 10**6, b"\n\n\ntwo three"],
)
def test_a_spoilt_choice_does_not_stop_the_engine(
    registry: Registry, data: Path, content: bytes
) -> None:
    (data / "active").write_bytes(content)
    assert registry.active.name in {"base", "two"}


def test_the_choice_may_be_written_by_hand(registry: Registry, data: Path) -> None:
    (data / "active").write_text("two\r\n", encoding="utf-8")
    assert registry.active.name == "two"


# --- hostile folders ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../shipped/base", "base/", "/base", "Base", "a" * 65, ".hidden", "b\0", "é"],
)
def test_names_that_are_no_names_are_unknown(registry: Registry, name: str) -> None:
    for method in (registry.get, registry.verify, registry.promote):
        with pytest.raises(UnknownVersion) as caught:
            method(name)
        assert "base" in caught.value.known


@given(name=st.text(max_size=80))
def test_no_name_reaches_outside(name: str) -> None:
    registry = Registry(Path(__file__).parent)
    with pytest.raises(EngineError):
        registry.verify(name)


def test_a_link_is_no_version(registry: Registry, data: Path, tmp_path: Path) -> None:
    outside = make_version(tmp_path / "outside")
    (data / "weights" / "linked").symlink_to(outside, target_is_directory=True)
    with pytest.raises(UnknownVersion):
        registry.get("linked")


@pytest.mark.parametrize("file", ["weights.npz", "model.json"])
def test_linked_files_are_refused(
    registry: Registry, data: Path, tmp_path: Path, file: str
) -> None:
    path = data / "weights" / "two" / file
    path.rename(tmp_path / file)
    path.symlink_to(tmp_path / file)
    assert file in refusal(registry, "two")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("file", ["weights.npz", "model.json"])
def test_a_pipe_keeps_nobody_waiting(registry: Registry, data: Path, file: str) -> None:
    path = data / "weights" / "two" / file
    path.unlink()
    os.mkfifo(path)
    assert file in refusal(registry, "two")


@pytest.mark.parametrize("file", ["weights.npz", "model.json"])
def test_a_folder_is_no_file(registry: Registry, data: Path, file: str) -> None:
    path = data / "weights" / "two" / file
    path.unlink()
    path.mkdir()
    assert file in refusal(registry, "two")


@pytest.mark.parametrize("file", ["weights.npz", "model.json"])
def test_a_missing_file_is_named(registry: Registry, data: Path, file: str) -> None:
    (data / "weights" / "two" / file).unlink()
    assert refusal(registry, "two").startswith(file)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"text"', b"\xff\xff", b"[" * 100_000, b"null"]
)
def test_a_manifest_that_is_none_is_refused(registry: Registry, data: Path, content: bytes) -> None:
    (data / "weights" / "two" / "model.json").write_bytes(content)
    assert "model.json" in refusal(registry, "two")
    assert [version.name for version in registry.versions()] == ["one", "base"]


@pytest.mark.parametrize(
    "files",
    [
        None,
        [],
        {},
        {"other.npz": "0" * 64},
        {"weights.npz": "0" * 63},
        {"weights.npz": 5},
        {"weights.npz": "A" * 64},
        {"weights.npz": "0" * 64, "../../secret": "0" * 64},
        {"weights.npz": "0" * 64, "/etc/passwd": "0" * 64},
    ],
)
def test_a_file_list_that_is_none_is_refused(registry: Registry, data: Path, files: object) -> None:
    rewrite(data / "weights" / "two", files=files)
    assert refusal(registry, "two")


@pytest.mark.parametrize(
    "weights",
    [
        pickle.dumps({"w": 1}),
        b"PK\x03\x04 cut short",
        archive(**{"w.pkl": b""})[:-1],
        archive(w=b"")[:30],
        b"\x93NUMPY",
    ],
)
def test_weights_that_are_no_archive_of_arrays_are_refused(tmp_path: Path, weights: bytes) -> None:
    make_version(tmp_path / "bad", weights=weights)
    assert "weights.npz" in refusal(Registry(tmp_path), "bad")


def test_an_archive_with_something_else_inside_is_refused(tmp_path: Path) -> None:
    content = archive(w=b"").replace(b"w.npy", b"w.pkl")
    make_version(tmp_path / "bad", weights=content)
    assert "something other than arrays" in refusal(Registry(tmp_path), "bad")


def test_weights_changed_after_a_check_are_checked_again(registry: Registry, data: Path) -> None:
    path = data / "weights" / "two" / "weights.npz"
    assert registry.verify("two")
    before = path.stat()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    later = before.st_mtime_ns + 10**10  # not every file system keeps less than seconds
    os.utime(path, ns=(before.st_atime_ns, later))
    assert "hash" in refusal(registry, "two")


def test_odd_metrics_and_dates_do_no_harm(registry: Registry, data: Path) -> None:
    rewrite(data / "weights" / "two", metrics=[1], created=5)
    assert registry.get("two").metrics == {}
    assert len(registry.versions()) == 3


def test_what_came_with_the_program_wins_a_tie_of_names(shipped: Path, data: Path) -> None:
    make_version(data / "weights" / "base", created="2030-01-01")
    assert Registry(shipped, data).get("base").shipped


def test_the_shipped_folder_is_found_from_any_directory(tmp_path: Path) -> None:
    code = "from engine.registry import SHIPPED; print(SHIPPED)"
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == SHIPPED == root / "weights"


def test_a_manifest_is_read_anew_when_it_changes(registry: Registry, data: Path) -> None:
    assert registry.get("two").metrics == {"loss": 2.1}
    rewrite(data / "weights" / "two", metrics={"loss": 1.75})
    assert registry.get("two").metrics == {"loss": 1.75}
