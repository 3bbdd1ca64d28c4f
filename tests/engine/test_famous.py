"""The famous melodies: well-formed, singable, cut where a phrase ends; and told apart."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from engine.codes import parse_codes
from engine.famous import Famous, can_be_told_apart, closed_alike, famous
from engine.music import Key, Meter

TUNES = list(famous().values())


def end(codes: str) -> Fraction:
    return parse_codes(codes).melody.end


def bars(codes: str) -> list[Fraction]:
    """Length of each bar as it is typed; a tie over a bar line is none within it."""
    return [end(bar.rstrip(" ~")) for bar in re.split(r"\|", codes)]


def test_there_are_enough_and_each_is_told_of_in_both_languages() -> None:
    assert len(TUNES) >= 40
    assert len({tune.whole for tune in TUNES}) == len(TUNES)
    for tune in TUNES:
        assert re.fullmatch(r"[a-z]{2,32}", tune.name)
        for told in (tune.title, tune.origin):
            assert set(told) == {"en", "ko"}
            assert all(told.values())
            assert re.search("[가-힣]", told["ko"])


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.name)
def test_a_melody_is_whole_bars_within_its_key_and_a_voice(tune: Famous) -> None:
    meter, key, pickup = Meter.parse(tune.meter), Key.parse(tune.key), Fraction(tune.pickup)
    melody = parse_codes(tune.whole).melody
    assert melody.end == end(tune.opening) + end(tune.ending)
    assert (melody.end - pickup) % meter.bar == 0
    fill = (pickup - end(tune.opening)) % meter.bar
    for codes, first in ((tune.opening, pickup), (tune.ending, fill)):
        lengths = bars(codes)
        if first:
            assert lengths.pop(0) == first
        assert set(lengths[:-1]) == {meter.bar}
        assert lengths[-1] in {meter.bar, meter.bar - fill}
    pitches = [note.pitch for note in melody.notes]
    assert min(pitches) >= 55
    assert max(pitches) <= 81
    assert max(pitches) - min(pitches) <= 19
    strange = sum(pitch % 12 not in key.scale for pitch in pitches)
    assert strange <= len(pitches) / 4
    assert (pitches[-1] - key.tonic) % 12 in {0, 3, 4, 7, 2}


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.name)
def test_there_are_four_bars_before_and_after_the_cut(tune: Famous) -> None:
    bar = Meter.parse(tune.meter).bar
    assert end(tune.opening) >= 4 * bar
    assert tune.bars >= 4
    fill = (Fraction(tune.pickup) - end(tune.opening)) % bar
    assert end(tune.ending) == fill + tune.bars * bar


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.name)
def test_a_melody_is_spelled_with_sharps_or_with_flats(tune: Famous) -> None:
    alters = {note.alter for note in parse_codes(tune.whole).melody.notes}
    assert not {-1, 1} <= alters


def test_the_real_ending_is_never_taken_for_another() -> None:
    assert not any(can_be_told_apart(tune, tune.whole) for tune in TUNES)


def test_an_ending_with_a_few_notes_changed_is_still_the_real_one() -> None:
    ode = famous()["ode"]
    assert not can_be_told_apart(ode, ode.whole.replace("e4. d8 d2", "f#4. e8 d2"))


def test_an_ending_of_another_length_is_no_riddle() -> None:
    ode = famous()["ode"]
    other = f"{ode.opening} d4 d4 d4 d4 | e4 e4 e4 e4 | f#4 f#4 f#4 f#4 | d1"
    assert can_be_told_apart(ode, other)
    assert not can_be_told_apart(ode, f"{other} d1")
    assert not can_be_told_apart(ode, other.removesuffix("d1"))


def test_a_tune_stops_on_a_half_cadence_or_comes_to_rest() -> None:
    assert {tune.name for tune in TUNES if tune.open} == {
        "grace",
        "hall",
        "surprise",
        "hark",
        "adeste",
    }


@pytest.mark.parametrize("tune", TUNES, ids=lambda tune: tune.name)
def test_how_long_the_last_note_is_held_tells_nothing(tune: Famous) -> None:
    real = parse_codes(tune.whole).melody
    short = " ".join(["a8 b8"] * (int(end(tune.ending) * 4) + 8))  # longer than is asked for
    mine = parse_codes(closed_alike(tune, f"{tune.opening} {short}")).melody
    assert mine.end == real.end
    assert mine.notes[-1].onset == real.notes[-1].onset
    assert mine.notes[-1].duration == real.notes[-1].duration
    split = end(tune.opening)
    assert [n for n in mine.notes if n.onset < split] == [n for n in real.notes if n.onset < split]


def test_the_note_that_a_tune_has_reached_is_the_one_that_is_held() -> None:
    ode = famous()["ode"]
    mine = closed_alike(ode, f"{ode.opening} d1 e1 f#1 g4. a4. b8 d8")
    assert mine.split()[-6:] == ["d1", "e1", "f#1", "g4.", "a8", "d2"]
    assert closed_alike(ode, ode.whole) == closed_alike(ode, closed_alike(ode, ode.whole))
