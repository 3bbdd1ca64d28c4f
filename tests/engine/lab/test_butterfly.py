from __future__ import annotations

import pytest

from engine.lab.butterfly import CODES, NUMBERS, SONG, ambiguity, codes, score, windows


def test_the_song_has_54_notes_of_14_codes() -> None:
    assert len(SONG) == 54
    assert CODES == (
        "c4",
        "d4",
        "e4",
        "f4",
        "g4",
        "a4",
        "b4",
        "c8",
        "d8",
        "e8",
        "f8",
        "g8",
        "a8",
        "b8",
    )
    assert codes(NUMBERS) == SONG


def test_windows_of_four_give_fifty_samples() -> None:
    assert len(windows(4)) == 50
    assert windows(4)[0] == (11, 9, 2, 10, 8)
    assert {len(row) for row in windows(4)} == {5}


@pytest.mark.parametrize(("window", "ceiling", "samples"), [(4, 46, 50), (5, 48, 49), (8, 46, 46)])
def test_what_a_stateless_model_can_get(window: int, ceiling: int, samples: int) -> None:
    found = ambiguity(window)
    assert (found.ceiling, found.samples) == (ceiling, samples)
    assert len(found.contexts) == {4: 4, 5: 1, 8: 0}[window]


def test_the_ceiling_is_what_the_best_table_of_contexts_reaches() -> None:
    """Look every context up in a table of all continuations, the best of all stateless models."""
    for window in range(1, 12):
        rows = windows(window)
        best = 0
        for context in {row[:-1] for row in rows}:
            after = [row[-1] for row in rows if row[:-1] == context]
            best += max(after.count(note) for note in after)
        assert ambiguity(window).ceiling == best


def test_a_song_is_scored_place_by_place() -> None:
    assert score(NUMBERS[4:]).first_wrong is None
    assert str(score(NUMBERS[4:])) == "50 of 50"
    wrong = list(NUMBERS[4:])
    wrong[7] = 5
    assert (score(wrong).hits, score(wrong).first_wrong) == (49, 12)
    short = score(NUMBERS[4:-3])
    assert (short.hits, short.first_wrong) == (47, 52)
    assert score(NUMBERS[5:], 5).of == 49
