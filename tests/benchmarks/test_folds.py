from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks import folds, like_for_like, prediction, tables
from benchmarks.folds import Part, Said, Split
from benchmarks.pearce import load
from tests.benchmarks.melodies import noise, walks
from tests.engine.models import tiny_model

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.pearce import Piece


def test_each_melody_is_tested_once_and_each_seed_deals_anew() -> None:
    for seed in (1, 2):
        dealt = folds.deal(47, seed)
        assert sorted(index for fold in dealt for index in fold) == list(range(47))
        assert {len(fold) for fold in dealt} == {4, 5}
    assert folds.deal(47, 1) != folds.deal(47, 2)
    assert folds.deal(47, 1) == folds.deal(47, 1)


def test_a_fold_has_every_melody_on_one_side() -> None:
    pieces = walks(23, 1)
    cut = folds.split(pieces, 1, 4)
    names = [piece.name for piece in cut.training], [piece.name for piece in cut.test]
    assert sorted(names[0] + names[1]) == sorted(piece.name for piece in pieces)
    assert not set(names[0]) & set(names[1])
    every = np.unique(np.concatenate([piece.pitches for piece in pieces]))
    assert np.array_equal(cut.alphabet, every)
    assert cut.base.sum() == pytest.approx(1)
    assert set(np.flatnonzero(cut.base)) == set(every.tolist())


def test_every_note_counts_the_first_included(tmp_path: Path) -> None:
    pieces = walks(20, 1)
    file = tmp_path / "fold.npz"
    folds.predict(like_for_like.PART, pieces, 1, 0, file)
    cut = folds.split(pieces, 1, 0)
    events = folds.gather([file], cut.test, cut.alphabet)
    assert len(events.came) == sum(len(piece.pitches) for piece in cut.test)
    assert events.came[0] == np.searchsorted(cut.alphabet, cut.test[0].pitches[0])
    alone = folds.alone(events, like_for_like.MODELS)
    lines = np.arange(len(events.came))
    first = -events.log_probs[0, lines, events.came].mean() / np.log(2)
    assert alone[like_for_like.MODELS[0]] == pytest.approx(first)


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    calls = []

    def foretell(split: Split) -> Said:
        calls.append(split.seed)
        notes = sum(len(piece.pitches) for piece in split.test)
        return Said(np.zeros((1, notes, len(split.alphabet))), np.zeros((notes, 0)))

    part = Part(("even",), foretell, "x")
    file = tmp_path / "fold.npz"
    file.with_suffix(".part").write_bytes(b"torn")
    for _ in range(2):
        folds.predict(part, walks(20, 1), 1, 3, file)
    assert len(calls) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["fold.npz"]


def test_kept_predictions_are_named_by_code_and_melodies(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    names = []
    for code in ("x = 1\n", '"""Text."""\nx = 1  # why\n', "x = 2\n"):
        file.write_text(code, encoding="utf-8")
        names.append(folds.fingerprint((str(file),)))
    assert names[0] == names[1] != names[2]
    assert folds.fingerprint((str(file),), "weights") != names[2]
    assert folds.data_of(walks(3, 1)) != folds.data_of(walks(3, 2))


def benchmark_of(collections: dict[str, list[Piece]], folder: Path) -> Path:
    """Write a file as the benchmark's is."""
    data = {
        name: [
            {
                "name": piece.name,
                "tpq": 48,
                "onset": (2 * piece.onsets).tolist(),
                "pitch": piece.pitches.tolist(),
                "dur": (2 * piece.durations).tolist(),
            }
            for piece in pieces
        ]
        for name, pieces in collections.items()
    }
    file = folder / "benchmark.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_versions_are_measured_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = benchmark_of({"2_chorales": walks(3, 1), "7_kinder": noise(3, 2)}, tmp_path)
    seeds = {"a": 1, "b": 2}
    monkeypatch.setattr(
        "engine.predict.Model.load", lambda folder: tiny_model(seeds[folder.name], scale=1.0)
    )
    line = ["prediction.py", "pretrained", str(file), "--work", str(tmp_path), "--version", "a"]
    monkeypatch.setattr("sys.argv", line)
    prediction.main()
    one = capsys.readouterr().out
    assert "| collection | network alone | with memory |" in one
    assert "spread" not in one
    monkeypatch.setattr("sys.argv", [*line, "b"])
    prediction.main()
    two = capsys.readouterr().out
    assert "2 versions, all melodies" in two
    assert "| spread |" in two


@pytest.mark.parametrize("row", ["like-for-like", "rhythm", "yardstick"])
def test_the_command_measures_and_goes_on(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    row: str,
) -> None:
    file = benchmark_of({"2_chorales": walks(12, 1), "7_kinder": noise(12, 2)}, tmp_path)
    assert np.array_equal(load(file)["7_kinder"][0].onsets, noise(12, 2)[0].onsets)
    line = ["prediction.py", row, str(file), "--folds", "2", "--work", str(tmp_path / "work")]
    monkeypatch.setattr("sys.argv", line)
    prediction.main()
    one = capsys.readouterr().out
    assert "| 2_chorales |" in one
    assert "spread" not in one
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "work" / row).iterdir()}
    assert len(kept) == 2 + (prediction.LESSONS if row == "rhythm" else 2)
    assert ("| 7_kinder |" in one) == (row != "rhythm")
    monkeypatch.setattr("sys.argv", [*line, "--seeds", "2"])
    prediction.main()
    two = capsys.readouterr().out
    assert "spread" in two
    assert len(list((tmp_path / "work" / row).iterdir())) == 2 * len(kept)
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def test_tables_average_over_seeds_and_collections() -> None:
    seeds = [
        {
            "2_chorales": {"one": 2.0 + seed, "two": 3.0, tables.MIXED: 1.5 + seed},
            "7_kinder": {"one": 4.0, "two": 3.5, tables.MIXED: 2.5},
        }
        for seed in (0, 0.2)
    ]
    text = tables.write("rhythm", seeds, 10)
    assert "| 2_chorales | 2.100 | 1.600 | 0.141 | 1.911 |" in text
    assert "| 7_kinder | 3.500 | 2.500 | 0.000 | – |" in text
    assert "| average | 3.050 | 2.050 | 0.071 | – |" in text
    assert "| two | 3.000 | 3.500 | 3.250 |" in text
    one = tables.write("like-for-like", seeds[:1], 10)
    assert "spread" not in one
    assert "| 2_chorales | 2.000 | 1.500 | 2.347 |" in one
