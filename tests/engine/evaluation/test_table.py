from __future__ import annotations

from engine.evaluation.table import align, shorten, width


def test_columns_stand_under_each_other_in_any_script() -> None:
    table = align([("name", "n", ""), ("한글", "1", "[2]"), (), ("e\u0301té", "1000", "")])
    assert table.split("\n") == [
        "name     n",
        "─" * 15,
        "한글     1  [2]",
        "",
        "e\u0301té   1000",
    ]


def test_width_is_what_a_terminal_shows() -> None:
    assert [width(text) for text in ("", "abc", "나비", "é", "e\u0301")] == [0, 3, 4, 1, 1]


def test_names_are_cut_from_the_left() -> None:
    assert shorten("a/b/c", 5) == "a/b/c"
    assert shorten("folder/tunes", 6) == "…tunes"
    assert shorten("노래/나비", 6) == "…/나비"
    assert shorten("노래/나비", 5) == "…나비"
