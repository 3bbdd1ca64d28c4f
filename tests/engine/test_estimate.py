from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from engine.codes import parse_codes
from engine.estimate import mode_on, read, ticks
from engine.famous import famous
from engine.music import Key, Melody, Meter, Note
from engine.predict import Model
from engine.registry import Registry
from tests.engine.models import tiny_model


@pytest.fixture(scope="module")
def model() -> Model:
    """Load a shipped version: only a trained model can judge keys and meters."""
    return Model.load(Registry().active.folder)


@pytest.mark.parametrize(
    ("codes", "tonic", "meters"),
    [
        ("g8 e8 e4 f8", "C", {"2/4", "4/4"}),
        ("g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4", "C", {"2/4", "4/4"}),
        ("c4 c4 g4 g4 a4 a4 g2 f4 f4 e4 e4 d4 d4 c2", "C", {"2/4", "4/4"}),
        ("g8. f#16 e8 d8 g4 a8 b8 c'8 b8 a8 g8 f#8 g8 a8 f#8 g2", "G", {"2/4", "4/4"}),
        ("g4 g4 d'4 d'4 e'4 e'4 d'2", "G", {"2/4", "4/4"}),
        ("d8 f#8 a8 d'8 a8 f#8 g8 b8 d'8 g'8 d'8 b8", "D", {"6/8"}),
    ],
)
def test_well_known_tunes_are_read_right(
    model: Model, codes: str, tonic: str, meters: set[str]
) -> None:
    reading = read(model, parse_codes(codes).melody, 0)
    assert reading.key.tonic == Key.parse(tonic).tonic
    assert str(reading.meter) in meters
    assert reading.guessed == ("key", "meter")


def test_famous_tunes_are_mostly_read_right(model: Model) -> None:
    tunes = famous().values()
    read_right = 0
    for tune in tunes:
        reading = read(model, parse_codes(tune.opening).melody, 0)
        meters = {"2/4", "4/4"} if tune.meter in {"2/4", "4/4"} else {tune.meter}
        key = Key.parse(tune.key)
        read_right += str(reading.meter) in meters and reading.key.tonic == key.tonic
    assert read_right >= 0.85 * len(tunes)


@pytest.mark.parametrize(
    ("codes", "key"),
    [
        ("a4 c'4 e'4 a'4 g#'4 e'4 b4 g#4", "Am"),
        ("a8 g8 a2 g8 f8 e8 d8 c#4 d2", "Dm"),
        ("c4 d4 eb4 f4 g4 ab4 g2 b,4 c4", "Cm"),
        ("e4 d#4 e4 g4 f#4 e4 d#2", "Em"),
        ("d4 f4 a4 d'4 c#'4 a4 e4 c#4 d2", "Dm"),
        ("c4 f4 g4 ab4 g4 f4 e4 f2", "Fm"),
        ("e4 a4 b4 c'4 b4 a4 g#4 a2", "Am"),
        ("a8 b8 c'8 d'8 e'8 f#'8 g#'8 a'8 a'4 e'4", "Am"),
        ("c4 d4 d#4 e4 g4 a4 c'2", "C"),
        ("g4 f#4 g4 a4 g4 e4 c2", "C"),
    ],
)
def test_raised_degrees_do_not_make_a_minor_key_major(model: Model, codes: str, key: str) -> None:
    assert read(model, parse_codes(codes).melody, 0).key == Key.parse(key)


@pytest.mark.parametrize(
    ("codes", "signature", "key"),
    [
        ("e8 g4 a8 b8. c'16 b8 a4 f#8 d8. e16 f#8", 1, "Em"),
        ("g8 a8 b8 c'8 d'4 d'4 e'8 c'8 e'8 g'8 d'2", 1, "G"),
        ("a4 b4 c'4 d'4 e'4 e'4 e'2 f'4 e'4 d'4 e'4 a2", 0, "Am"),
        ("c4 c4 g4 g4 a4 a4 g2", 0, "C"),
        ("a4 d'4 d'4 c#'4 d'4 e'4 f'2 e'4 d'4 a2", -1, "Dm"),
        ("b4 b8 b8 b4 b8 b8 b4 e4 g4 b4 a4 a8 a8 a4 a8 a8 a4 d4 f#4 a4", 2, "E dorian"),
    ],
)
def test_a_signature_leaves_the_mode_to_the_notes(
    model: Model, codes: str, signature: int, key: str
) -> None:
    reading = read(model, replace(parse_codes(codes).melody, signature=signature), 0)
    assert reading.key == Key.parse(key)
    assert reading.guessed == ("meter",)


def test_no_accidentals_may_be_there_because_nobody_chose_any(model: Model) -> None:
    tunes = famous().values()
    read_right = 0
    for tune in tunes:
        melody = replace(parse_codes(tune.opening).melody, meter=Meter.parse(tune.meter))
        key = Key.parse(tune.key)
        reading = read(model, replace(melody, signature=0), 0)
        read_right += reading.key == key
        assert ("key" in reading.guessed) == (reading.key.fifths != 0)
        if key == Key():
            assert reading.key == key
    assert read_right >= 0.85 * len(tunes)


def test_a_transposed_tune_is_read_in_the_transposed_key(model: Model) -> None:
    tune = parse_codes("g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4").melody
    for up in range(-5, 7):
        moved = replace(
            tune, notes=tuple(Note(n.onset, n.duration, n.pitch + up) for n in tune.notes)
        )
        assert read(model, moved, 0).key.tonic == up % 12


def test_what_is_known_stays() -> None:
    melody = replace(
        parse_codes("c4 d4 e4").melody,
        meter=Meter(5, 8),
        pickup=Fraction(1, 4),
        key=Key(-3, "dorian"),
    )
    reading = read(tiny_model(), melody, 0)
    assert (reading.meter, reading.pickup) == (Meter(5, 8), Fraction(1, 4))
    assert reading.key == Key(-3, "dorian")
    assert reading.guessed == ()


@pytest.mark.parametrize("signature", [*range(-7, 0), *range(1, 8)])
def test_any_model_keeps_to_a_signature(signature: int) -> None:
    melody = replace(parse_codes("c4 d4 e4 f#4").melody, signature=signature)
    for seed in range(4):
        assert read(tiny_model(seed), melody, 0).key.fifths == signature


def test_a_meter_that_nobody_chose_gives_way_to_the_notes(model: Model) -> None:
    heard, kept = [], []
    for tune in famous().values():
        melody = parse_codes(tune.opening).melody
        reading = read(model, replace(melody, meter=Meter(4, 4), assumed=True), 0)
        if tune.meter in {"3/4", "6/8"} and len(melody.notes) >= 12:
            heard.append(str(reading.meter) == tune.meter)
            assert ("meter" in reading.guessed) == (reading.meter != Meter(4, 4))
        elif tune.meter in {"2/4", "4/4"}:
            kept.append((reading.meter, reading.pickup) == (Meter(4, 4), Fraction(0)))
    assert sum(heard) >= 0.6 * len(heard) > 3
    assert sum(kept) >= len(kept) - 1 > 15


def test_a_meter_that_somebody_chose_stays(model: Model) -> None:
    waltzes = [tune.opening for tune in famous().values() if tune.meter == "3/4"]
    assert waltzes
    for opening in waltzes:
        melody = replace(parse_codes(opening).melody, meter=Meter(4, 4))
        assert read(model, melody, 0).meter == Meter(4, 4)


def test_any_model_gives_a_pickup_shorter_than_the_bar() -> None:
    for seed in range(8):
        reading = read(tiny_model(seed), parse_codes("c'8 a8 g2").melody, 0)
        assert 0 <= reading.pickup < reading.meter.bar


def test_the_mode_follows_the_notes() -> None:
    minor = parse_codes("a4 c'4 e'4 g#8 a8 b8 c'8 d'4 e'4").melody
    assert mode_on(9, minor.notes).mode == "minor"
    assert mode_on(0, parse_codes("g8 e8 e4").melody.notes) == Key(0)
    assert mode_on(2, parse_codes("d4 e4 f4 g4 a4 b4 c'4 d'4").melody.notes).mode == "dorian"


def test_times_off_the_grid_are_rounded() -> None:
    odd = Note(Fraction(1, 7), Fraction(1, 1000), 60)
    assert ticks(Melody((odd,)).notes) == [(27, 1, 60)]
