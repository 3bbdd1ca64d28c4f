"""What an answering process does, called in this one with a small random model."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from engine.codes import MAX_NOTES, parse_codes
from engine.errors import BadOption, BadToken, BadVersion
from engine.music import MODES, Key, Melody, Meter, Note
from engine.request import MAX_TEXT, Request
from engine.workers import worker
from engine.workers.stages import Composed, Media, Primer
from tests.engine.models import write_tiny

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.request import Names

QUARTER = Fraction(1, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a version with random weights."""
    return write_tiny(tmp_path_factory.mktemp("weights"))


def tune_of(request: Request, folder: Path, primer: Primer | None = None) -> Composed:
    return worker.compose_tune(request, primer, folder.name, str(folder))


def melody(count: int, **changes: object) -> Melody:
    notes = tuple(Note(i * QUARTER, QUARTER, 60 + i % 12) for i in range(count))
    return Melody(notes, **changes)  # type: ignore[arg-type]  # fields of a melody, by name


# --- options over what was read -------------------------------------------------------------


def test_an_option_wins_over_what_was_read() -> None:
    read = melody(4, meter=Meter(4, 4), key=Key(2), tempo=90.0, program=40)
    asked = worker.as_asked(
        read, Request(meter="3/4", key="Am", tempo=120, pickup="1/4", program=73)
    )
    assert (asked.meter, asked.key) == (Meter(3, 4), Key(0, "minor"))
    assert (asked.tempo, asked.pickup, asked.program) == (120, QUARTER, 73)
    assert asked.notes == read.notes


@pytest.mark.parametrize("option", [{"meter": "4/4"}, {"pickup": "1/4"}])
def test_a_meter_with_an_option_is_assumed_no_more(option: dict[str, str]) -> None:
    read = melody(4, meter=Meter(4, 4), assumed=True)
    assert worker.as_asked(read, Request()).assumed
    assert not worker.as_asked(read, Request().but(**option)).assumed


@pytest.mark.parametrize("count", [5, 9, 14, 20])
@pytest.mark.parametrize("pickup", [Fraction(0), QUARTER])
def test_a_file_whose_meter_was_overruled_gives_the_same_tune_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, count: int, pickup: Fraction
) -> None:
    monkeypatch.setattr("engine.estimate.ASSUMED", -100.0)
    read = Primer(melody(count, meter=Meter(4, 4), pickup=pickup, assumed=True))
    first = tune_of(Request(seed=4, bars=2), folder, read)
    assert first.melody.meter in {Meter(3, 4), Meter(6, 8)}
    assert "meter" in first.invented
    again = tune_of(first.request, folder, read)
    assert again.melody == first.melody
    assert "meter" not in again.invented


def test_what_was_read_stays_where_nothing_was_asked() -> None:
    read = melody(4, meter=Meter(6, 8), pickup=Fraction(1, 8), key=Key(-3), tempo=90, program=40)
    assert worker.as_asked(read, Request()) == read


def test_what_nobody_says_stays_unknown_but_the_instrument() -> None:
    asked = worker.as_asked(melody(2), Request())
    assert (asked.meter, asked.key, asked.tempo) == (None, None, None)
    assert asked.program == 0


@pytest.mark.parametrize(("read", "whole"), [(119.98, 120), (5.0, 20), (999.0, 400), (90.4, 90)])
def test_the_tempo_becomes_one_that_can_be_asked_for(read: float, whole: int) -> None:
    assert worker.as_asked(melody(1, tempo=read), Request()).tempo == whole


def test_a_read_pickup_that_no_longer_fits_is_dropped() -> None:
    read = melody(4, meter=Meter(4, 4), pickup=Fraction(3, 4))
    assert worker.as_asked(read, Request(meter="2/4")).pickup == 0


@pytest.mark.parametrize("pickup", ["3/4", "1", "1/0", "-1/8", "x", "", "1/1000", "٣/4", "1/2/3"])
def test_a_pickup_that_cannot_be_is_refused(pickup: str) -> None:
    with pytest.raises(BadOption) as caught:
        worker.as_asked(melody(4), Request(meter="3/4", pickup=pickup))
    assert caught.value.name == "pickup"


@pytest.mark.parametrize("pickup", ["0", "1/8", "1/4", "3/4"])
@pytest.mark.parametrize("text", ["g8 c'4 e'8 d'4", ""])
def test_a_pickup_that_is_asked_for_is_the_one_used(text: str, pickup: str, folder: Path) -> None:
    tune = tune_of(Request(text=text, bars=1, seed=3, pickup=pickup), folder)
    assert tune.request.pickup == pickup
    assert "meter" in tune.invented


@pytest.mark.parametrize("text", ["g8 c'4", ""])
def test_a_pickup_longer_than_any_meter_that_is_guessed_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(BadOption) as caught:
        tune_of(Request(text=text, bars=1, seed=3, pickup="5/4"), folder)
    assert caught.value.name == "pickup"


@pytest.mark.parametrize("key", [Key(f, m) for m in MODES for f in range(-7, 8)], ids=str)
def test_every_key_can_be_told_and_asked_for_again(key: Key) -> None:
    assert worker.as_asked(melody(1), Request(key=str(key))).key == key


# --- composing ------------------------------------------------------------------------------


def test_candidates_are_drawn_as_asked(folder: Path) -> None:
    request = Request(text="g8 e8 e4 f8", seed=5, bars=8)
    tunes = [tune_of(request.but(candidates=count), folder) for count in (1, 16, 64)]
    assert len({tune.tune for tune in tunes}) > 1
    assert [tune.request.candidates for tune in tunes] == [1, 16, 64]


@pytest.mark.parametrize(("text", "names"), [("g8 e8 e4", "solfege"), ("솔8 미8 미4", "letters")])
def test_the_alphabet_asked_for_wins_over_that_of_the_primer(
    folder: Path, text: str, names: Names
) -> None:
    plain = tune_of(Request(text=text, seed=5, bars=2), folder)
    told = tune_of(Request(text=text, seed=5, bars=2, names=names), folder)
    assert told.names == names != plain.names
    for written in (told.text, told.tune):
        assert ("솔" in written) is (names == "solfege")
        assert ("g" in written) is (names == "letters")
    assert told.melody == plain.melody
    assert told.midi == plain.midi
    again = tune_of(told.request, folder)
    assert (again.text, again.tune) == (told.text, told.tune)


def test_an_unknown_alphabet_is_refused() -> None:
    with pytest.raises(BadOption):
        Request(names="runes")  # type: ignore[arg-type]  # as a stored request could hold it


@pytest.mark.parametrize("text", ["", "c4", "g8 e8 e4 f8", "솔8 미8 미4 파8", "r4 c4 r4"])
def test_everything_chosen_is_filled_in(folder: Path, text: str) -> None:
    tune = tune_of(Request(text=text, seed=5, bars=2), folder)
    chosen = tune.request
    assert chosen.meter == str(tune.melody.meter)
    assert chosen.key == str(tune.melody.key)
    assert chosen.tempo == tune.melody.tempo
    assert Fraction(chosen.pickup or 0) == tune.melody.pickup
    assert (chosen.seed, chosen.program, chosen.version) == (5, 0, "tiny")
    assert chosen.style == "any"
    assert {"key", "meter", "tempo"} <= set(tune.invented)
    assert {"parse", "compose", "write"} == tune.seconds.keys()


@pytest.mark.parametrize("text", ["", "c4", "g8 e8 e4 f8", "솔8 미8 미4 파8", "g4 c'4 d'4 e'4 d'4"])
@pytest.mark.parametrize("seed", [0, 1, 2**31 - 1])
@pytest.mark.parametrize("style", ["any", "irish"])
def test_the_filled_request_gives_the_same_bytes(
    folder: Path, text: str, seed: int, style: str
) -> None:
    first = tune_of(Request(text=text, seed=seed, bars=4, style=style), folder)
    second = tune_of(first.request, folder)
    assert second.midi == first.midi
    assert second.text == first.text
    assert second.request == first.request


def test_the_filled_request_of_a_file_gives_the_same_bytes(folder: Path) -> None:
    read = melody(9, meter=Meter(3, 4), pickup=QUARTER, tempo=119.98, program=40)
    primer = Primer(read)
    first = tune_of(Request(seed=1, bars=2, file=b"x"), folder, primer)
    second = tune_of(first.request, folder, primer)
    assert first.midi == second.midi
    assert "meter" not in first.invented


def test_the_tune_is_a_primer_again(folder: Path) -> None:
    tune = tune_of(Request(text="솔8 미8 미4 파8", seed=1, bars=2), folder)
    again = parse_codes(tune.tune).melody
    assert [(n.onset, n.duration, n.pitch) for n in again.notes] == [
        (n.onset, n.duration, n.pitch) for n in tune.melody.notes
    ]
    assert tune.names == "solfege"
    assert "미" in tune.text


@pytest.mark.parametrize("form", ["lilypond", "abc", "musicxml"])
def test_a_further_format_is_written(folder: Path, form: str) -> None:
    tune = tune_of(Request(text="c4 d4", seed=1, bars=1, form=form), folder)  # type: ignore[arg-type]
    assert tune.extra


@pytest.mark.parametrize("form", ["midi", "wav"])
def test_no_further_format_without_need(folder: Path, form: str) -> None:
    tune = tune_of(Request(text="c4 d4", seed=1, bars=1, form=form), folder)  # type: ignore[arg-type]
    assert tune.extra is None


def test_a_bad_token_is_named(folder: Path) -> None:
    with pytest.raises(BadToken) as caught:
        tune_of(Request(text="c4 x9", seed=1), folder)
    assert caught.value.place == 2


def test_a_request_without_a_seed_is_a_mistake(folder: Path) -> None:
    with pytest.raises(BadOption, match="seed"):
        tune_of(Request(text="c4"), folder)


def test_thousands_of_notes_are_continued(folder: Path) -> None:
    tune = tune_of(Request(seed=1, bars=1), folder, Primer(melody(MAX_NOTES, meter=Meter())))
    assert len(tune.melody.notes) > MAX_NOTES
    assert tune.melody.end % 1 == 0


def test_a_version_that_does_not_load_is_refused(tmp_path: Path) -> None:
    for strict in ((), (True,)):
        with pytest.raises(BadVersion) as caught:
            worker.prepare("gone", str(tmp_path / "gone"), *strict)
        assert caught.value.name == "gone"
    worker.prepare("gone", str(tmp_path / "gone"), False)  # noqa: FBT003  # as it is sent


def test_models_no_longer_used_are_let_go(folder: Path, tmp_path: Path) -> None:
    for number in range(6):
        copy = tmp_path / f"v{number}"
        copy.mkdir()
        for file in ("model.json", "weights.npz"):
            (copy / file).write_bytes((folder / file).read_bytes())
        tune_of(Request(text="c4", seed=1, bars=1), copy)
    assert len(worker._models) <= worker._MODELS


# --- a tune as a primer again ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "meter", "upbeat", "value"),
    [
        (MAX_NOTES + 1, Meter(4, 4), Fraction(0), Fraction(1, 4)),
        (MAX_NOTES + 3000, Meter(3, 4), Fraction(1, 8), Fraction(1, 8)),
        (MAX_NOTES, Meter(7, 8), Fraction(1, 4), Fraction(3, 32)),
    ],
)
def test_a_tune_too_long_to_be_typed_loses_bars_at_its_start(
    count: int, meter: Meter, upbeat: Fraction, value: Fraction
) -> None:
    notes = tuple(Note(i * value, value, 36 + i % 50) for i in range(count))
    whole = Melody(notes, meter, upbeat, Key(), 100)
    codes = worker.primer_codes(whole)
    kept = parse_codes(codes).melody
    assert len(codes) <= MAX_TEXT
    assert MAX_NOTES // 4 < len(kept.notes) <= MAX_NOTES
    assert (whole.end - kept.end) % meter.bar == 0
    assert [n.pitch for n in kept.notes] == [n.pitch for n in notes[-len(kept.notes) :]]


def test_a_tune_that_fits_is_written_whole() -> None:
    whole = melody(300, meter=Meter(3, 4), pickup=QUARTER)
    assert len(parse_codes(worker.primer_codes(whole)).melody.notes) == 300


def test_one_endless_bar_is_cut_within() -> None:
    value = Fraction(1, 128)
    notes = tuple(Note(i * value, value, 60 + i % 7) for i in range(MAX_NOTES + 2000))
    codes = worker.primer_codes(Melody(notes, Meter(64, 1), key=Key(), tempo=100))
    assert 0 < len(parse_codes(codes).melody.notes) <= MAX_NOTES


# --- files that must not be large ------------------------------------------------------------


def size_of(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def test_a_picture_becomes_smaller_to_keep_to_a_limit() -> None:
    tune = melody(24, meter=Meter())
    full = worker.draw_tune(tune, QUARTER, "letters")
    assert not full.lightened
    limit = len(full.data) // 2
    small = worker.draw_tune(tune, QUARTER, "letters", limit)
    assert small.lightened
    assert len(small.data) <= limit
    width, height = size_of(small.data)
    assert width < size_of(full.data)[0]
    assert abs(width / height - size_of(full.data)[0] / size_of(full.data)[1]) < 0.05


@pytest.mark.parametrize("job", [worker.play_tune, worker.wave_tune])
def test_a_sound_becomes_shorter_to_keep_to_a_limit(
    job: Callable[[Melody, Fraction, Names, int | None], Media],
) -> None:
    tune = melody(40, meter=Meter())
    full = job(tune, QUARTER, "letters", None)
    limit = int(len(full.data) * 0.7)
    short = job(tune, QUARTER, "letters", limit)
    assert (full.lightened, short.lightened) == (False, True)
    assert len(full.data) * 0.4 < len(short.data) <= limit
    assert short.data[:4] == full.data[:4]


@pytest.mark.parametrize("job", [worker.play_tune, worker.wave_tune])
def test_a_sound_that_is_a_part_only_says_so(
    job: Callable[[Melody, Fraction, Names, int | None], Media],
) -> None:
    tune = melody(40, meter=Meter())
    assert not job(tune, QUARTER, "letters", None).excerpt
    slow = job(replace(tune, tempo=20), QUARTER, "letters", None)
    assert slow.excerpt
    assert not slow.lightened


def test_what_cannot_be_made_small_enough_is_given_as_small_as_it_gets() -> None:
    asked: list[float] = []

    def make(share: float) -> bytes:
        asked.append(share)
        return bytes(500)

    made = worker.within(100, bytes(1000), make)
    assert (len(made.data), made.lightened) == (500, True)
    assert asked == sorted(asked, reverse=True)
    assert len(asked) < 10
