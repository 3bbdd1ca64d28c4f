"""What is typed after ``retrain``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NabiError, UnknownWord
from bot.training.asking import collection_names, make_options, options_line, read_line
from bot.training.runs import RunOptions
from engine.errors import BadOption, EngineError


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("", {}),
        ("start", {}),
        ("시작 --epochs 3", {"epochs": 3}),
        ("--from scratch --name=reels", {"from": "scratch", "name": "reels"}),
        ("—epochs 4 –dry-run", {"epochs": 4, "dry-run": True}),
        ("-epochs: 4", {"epochs": 4}),
        ("--EPOCHS 4 --dry_run", {"epochs": 4, "dry-run": True}),
        ("--dry-run no", {"dry-run": False}),
        ('--collections "aird, ryan" --epochs 2', {"collections": "aird, ryan", "epochs": 2}),
        ("--collections aird, ryan\n--name x", {"collections": "aird, ryan", "name": "x"}),
        ("--name more-reels --epochs 1 --epochs 2", {"name": "more-reels", "epochs": 2}),
    ],
)
def test_what_is_understood(line: str, values: dict[str, object]) -> None:
    assert read_line(line) == values


@pytest.mark.parametrize("line", ["cancle", "stop now", "start now", "--epoch 3", "--", "- 3", "4"])
def test_other_words_are_refused(line: str) -> None:
    with pytest.raises(UnknownWord):
        read_line(line)


@pytest.mark.parametrize(
    "line", ["--epochs", "--epochs 0", "--epochs 201", "--epochs 1e3", "--from here", "--dry-run 7"]
)
def test_bad_values_are_refused(line: str) -> None:
    with pytest.raises(BadOption):
        read_line(line)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_good_form(line: str) -> None:
    try:
        values = read_line(line)
    except (NabiError, EngineError):
        return
    assert isinstance(make_options(values), RunOptions)


def test_options_are_written_as_they_are_read() -> None:
    options = RunOptions("scratch", 4, ("aird", "corpus"), "reels")
    assert make_options(read_line(options_line(options))) == options


def test_lists_of_collections_are_read_loosely() -> None:
    for text in ("aird,ryan", " Aird , ryan,", "aird ryan", "aird，ryan", "aird、 ryan"):
        assert make_options({"collections": text}).collections == ("aird", "ryan")


def test_the_operators_folder_is_a_collection() -> None:
    assert collection_names()[-1] == "corpus"
    assert "aird" in collection_names()
