"""``nabi lab`` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from engine.lab.registry import FAMILIES

ROOT = Path(__file__).parents[3]


def test_facts_are_counted_without_tensorflow() -> None:
    code = (
        "import sys; from bot.cli import main; assert main(['lab', 'facts', '--json']) == 0; "
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {row["window"]: (row["ceiling"], row["of"]) for row in json.loads(done.stdout)}
    assert (found[4], found[5], found[8]) == ((46, 50), (48, 49), (46, 46))


def test_help_names_every_model(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["lab", "--help"])
    said = "".join(capsys.readouterr().out.split())  # names may be broken at the line's end
    assert all(name in said for name in FAMILIES)


def test_an_unknown_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "mlp", "transformer"]) == 2
    said = capsys.readouterr().err
    assert "transformer" in said
    assert "lstm-stateful" in said


@pytest.mark.slow
def test_models_leave_scores_sound_curves_and_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", "mlp", "seq2seq", "--epochs", "3", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "one step" in said
    assert f"tensorboard --logdir {tmp_path / 'log'}" in said
    for name in ("mlp", "seq2seq"):
        for file in ("score.png", "song.mid", "song.ogg", "curve.png"):
            assert (tmp_path / name / file).stat().st_size > 200
    songs = json.loads((tmp_path / "songs.json").read_text(encoding="utf-8"))
    assert [song["name"] for song in songs] == ["mlp", "seq2seq"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        ["mlp", "--epochs", "0"],
        ["mlp", "lstm-stateful", "--batch", "5"],
        ["seq2seq", "--window", "30"],
        ["rate", "gan"],
        ["search", "--trials", "0"],
    ],
)
def test_settings_that_do_not_fit_are_told_before_anything_is_trained(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lab", *wrong, "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("nabi lab: ")
    assert not list(tmp_path.glob("*/score.png"))
