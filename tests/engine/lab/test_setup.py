from __future__ import annotations

from io import BytesIO

import pytest

from engine.lab.butterfly import NUMBERS
from engine.lab.outcome import Outcome, first_wrong, table
from engine.lab.pictures import Axes, learning_curves, melody_of, score_picture, wrong_notes
from engine.lab.registry import FAMILIES
from engine.lab.setup import Setup
from engine.lab.songs import perform, read


@pytest.mark.parametrize(
    "wrong",
    [
        {"optimiser": "best"},
        {"activation": "sine"},
        {"scaling": "15"},
        {"epochs": 0},
        {"window": 0},
        {"window": 54},
        {"dropout": 1.0},
        {"l1": -1.0},
        {"rate": 0.0},
    ],
)
def test_what_cannot_be_trained_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Setup().but(**wrong)


def outcome(*sung: int) -> Outcome:
    return Outcome("mlp", "…", 10, 5, 1.25, 4, tuple(NUMBERS[4:]), sung)


def test_wrong_notes_are_found_and_told() -> None:
    sung = list(NUMBERS[4:])
    sung[3], sung[10] = 9, 0
    made = outcome(*sung)
    assert wrong_notes(made.song) == (7, 14)
    assert first_wrong(made) == "8: e8, not d8"
    assert first_wrong(outcome(*NUMBERS[4:])) == "–"
    assert "48 of 50" in table([made])
    assert "50 of 50" in table([made])


def test_wrong_notes_are_red_and_right_ones_are_not() -> None:
    image = pytest.importorskip("PIL.Image")

    def red(made: Outcome) -> int:
        pixels = image.open(BytesIO(score_picture(made))).convert("RGB").get_flattened_data()
        return sum(r > 180 and g < 110 and b < 110 for r, g, b in pixels)

    sung = list(NUMBERS[4:])
    assert red(outcome(*sung)) == 0
    sung[20] = 0
    one = red(outcome(*sung))
    assert one > 50
    sung[30] = sung[40] = 0
    assert red(outcome(*sung)) > 2 * one


def test_a_song_has_bars_of_two_quarters() -> None:
    melody = melody_of(NUMBERS, "나비야")
    assert len(melody.notes) == 54
    assert melody.end % melody.meter.bar == 0  # type: ignore[union-attr]  # it has one


def test_curves_are_drawn() -> None:
    curves = {"a": ([1, 2, 3], [3.0, 2.0, 1.0]), "b": ([1, 2], [float("nan"), 1.0])}
    around = Axes("t", logarithmic=True, mark=2.0)
    assert learning_curves(curves, around).startswith(b"\x89PNG")


def test_every_model_has_a_song_that_ships() -> None:
    songs = read()
    assert tuple(songs) == tuple(FAMILIES)
    assert songs["lstm-stateful"].song == NUMBERS
    for name, song in songs.items():
        assert len(song.song) == 54, name
    stateless = [
        song for name, song in songs.items() if name not in {"lstm-stateful", "lstm-features"}
    ]
    assert max(song.steps_score.hits for song in stateless) == 46


def test_a_song_is_performed() -> None:
    picture, sound, midi = perform("mlp", "solfege")
    assert picture.startswith(b"\x89PNG")
    assert sound.startswith(b"OggS")
    assert midi.startswith(b"MThd")
