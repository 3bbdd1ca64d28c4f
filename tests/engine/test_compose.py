from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.compose import Composition, compose
from engine.copying import LONGEST, Copies, index_arrays
from engine.corpus import Tune
from engine.errors import BadOption
from engine.features import WHOLE
from engine.music import Key, Melody, Meter, Note
from tests.engine.models import tiny_model

MODEL = tiny_model()


def tune(*notes: tuple[int, int], start: int = 0) -> Melody:
    """Make a melody from (pitch, ticks); pitch 0 is a rest."""
    made, time = [], start
    for pitch, length in notes:
        if pitch:
            made.append(Note(Fraction(time, WHOLE), Fraction(length, WHOLE), pitch))
        time += length
    return Melody(tuple(made), length=Fraction(time, WHOLE))


BUTTERFLY = tune((67, 24), (64, 24), (64, 48), (65, 24))

primers = st.builds(
    lambda notes, meter, pickup, key: replace(
        tune(*notes),
        meter=meter,
        pickup=meter.bar * pickup / 8 if meter else Fraction(0),
        key=key,
    ),
    st.lists(
        st.tuples(
            st.one_of(st.just(0), st.integers(0, 127)),
            st.sampled_from((6, 8, 12, 16, 18, 24, 36, 48, 96, 7, 5, 1, 300)),
        ),
        max_size=12,
    ),
    st.sampled_from(
        (
            None,
            *(Meter(*pair) for pair in ((4, 4), (2, 4), (3, 4), (6, 8), (7, 8), (5, 4), (3, 16))),
        )
    ),
    st.integers(0, 7),
    st.sampled_from((None, Key(0), Key(-3, "minor"), Key(7), Key(2, "dorian"))),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(primers, st.integers(1, 9), st.sampled_from((0.1, 1.0, 2.0)), st.integers(0, 2**31 - 1))
def test_fills_exactly_the_bars_asked_for(
    primer: Melody, bars: int, temperature: float, seed: int
) -> None:
    made = compose(MODEL, primer, bars=bars, temperature=temperature, seed=seed, candidates=3)
    melody = made.melody
    assert melody.meter is not None
    assert melody.key is not None
    assert melody.tempo is not None
    assert made.split == primer.end
    assert melody.notes[: len(primer.notes)] == primer.notes
    begun = (melody.pickup - made.split) % melody.meter.bar
    assert melody.end == made.split + begun + bars * melody.meter.bar
    new = melody.notes[len(primer.notes) :]
    assert new
    assert all(note.onset >= made.split for note in new)
    assert new[-1].end == melody.end


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31 - 1), st.sampled_from((0.5, 1.0, 2.0)))
def test_stays_singable_and_never_drones(seed: int, temperature: float) -> None:
    made = compose(MODEL, BUTTERFLY, bars=8, temperature=temperature, seed=seed, candidates=2)
    pitches = [note.pitch for note in made.melody.notes]
    assert max(pitches) - min(pitches) <= 24
    assert max(len(list(run)) for _, run in groupby(pitches)) <= 4
    assert made.melody.key is not None
    degree = (pitches[-1] - made.melody.key.tonic) % 12
    assert degree in {0, 3, 4, 7}


def test_a_primer_that_drones_may_go_on_droning() -> None:
    drone = tune(*[(60, 24)] * 12)
    runs = set()
    for seed in range(20):
        made = compose(
            tiny_model(scale=0.02), drone, bars=4, temperature=0.1, seed=seed, candidates=2
        )
        runs.add(max(len(list(run)) for _, run in groupby(n.pitch for n in made.melody.notes)))
    assert max(runs) >= 12


def test_same_arguments_same_notes_and_other_seeds_other_notes() -> None:
    first = compose(MODEL, BUTTERFLY, bars=8, temperature=1.0, seed=7)
    assert compose(MODEL, BUTTERFLY, bars=8, temperature=1.0, seed=7) == first
    others = {
        compose(MODEL, BUTTERFLY, bars=8, temperature=1.0, seed=s, candidates=2).melody
        for s in range(30)
    }
    assert len({melody.notes for melody in others}) == 30


def test_an_empty_primer_invents_a_tune() -> None:
    made = compose(MODEL, Melody(), bars=4, temperature=1.0, seed=3)
    assert made.split == 0
    assert made.melody.meter is not None
    assert made.melody.end == 4 * made.melody.meter.bar
    assert {"key", "meter", "tempo"} <= set(made.invented)


def test_thousands_of_notes_are_no_trouble() -> None:
    primer = tune(*[(60 + i * 7 % 12, 24) for i in range(4000)])
    made = compose(MODEL, primer, bars=2, temperature=1.0, seed=1)
    assert len(made.melody.notes) > 4000


def test_what_is_told_is_not_guessed() -> None:
    told = replace(BUTTERFLY, meter=Meter(3, 4), key=Key(-1), tempo=90.0)
    made = compose(MODEL, told, bars=2, temperature=1.0, seed=1)
    assert made.invented == ()
    assert (made.melody.meter, made.melody.key, made.melody.tempo) == (Meter(3, 4), Key(-1), 90.0)


def test_a_pickup_moves_the_bar_lines() -> None:
    primer = replace(tune((67, 48), (72, 96), (72, 48)), meter=Meter(4, 4), pickup=Fraction(1, 4))
    made = compose(MODEL, primer, bars=2, temperature=1.0, seed=1)
    assert made.melody.end == Fraction(1, 4) + 3


@pytest.mark.parametrize("pickup", [Fraction(0), Fraction(1, 8), Fraction(1, 4), Fraction(3, 4)])
def test_a_pickup_that_is_told_holds_where_the_meter_is_guessed(pickup: Fraction) -> None:
    for primer in (BUTTERFLY, Melody(())):
        for seed in range(4):
            told = replace(primer, pickup=pickup)
            made = compose(MODEL, told, bars=1, temperature=1.0, seed=seed, pickup=pickup)
            assert made.melody.pickup == pickup
            assert made.melody.meter is not None
            assert made.melody.meter.bar > pickup


@pytest.mark.parametrize("primer", [BUTTERFLY, Melody(())])
def test_a_pickup_longer_than_any_bar_that_is_guessed_is_refused(primer: Melody) -> None:
    pickup = Fraction(5)
    told = replace(primer, pickup=pickup)
    with pytest.raises(BadOption) as caught:
        compose(MODEL, told, bars=1, temperature=1.0, seed=1, pickup=pickup)
    assert (caught.value.name, caught.value.value) == ("pickup", "5")


def test_too_many_long_bars_are_refused_with_the_most_possible() -> None:
    with pytest.raises(BadOption) as caught:
        compose(MODEL, replace(BUTTERFLY, meter=Meter(64, 4)), bars=17, temperature=1.0, seed=1)
    assert caught.value.name == "bars"
    assert caught.value.expected.startswith("1–16")


def test_triplets_are_completed() -> None:
    primer = replace(tune(*[(60, 16), (62, 16), (64, 16)] * 4), meter=Meter(2, 4))
    for seed in range(20):
        made = compose(MODEL, primer, bars=4, temperature=1.5, seed=seed, candidates=2)
        for note in made.melody.notes[12:]:
            within = note.onset % Fraction(1, 4)
            if within % Fraction(1, 32):
                assert within * WHOLE % 8 == 0
                assert within + note.duration <= Fraction(1, 4)


def pitches_of(melody: Melody) -> list[int]:
    return [note.pitch for note in melody.notes]


def as_tune(name: str, melody: Melody) -> Tune:
    """Make a training tune with the pitches of a melody."""
    pitches = np.array(pitches_of(melody), np.int16)
    times = np.arange(len(pitches), dtype=np.int32)
    return Tune(name, "test", "any", times, times + 1, pitches, None, 0, Key())


def composed(primer: Melody, copies: Copies | None, seed: int, candidates: int) -> Composition:
    model = tiny_model()
    model.copies = copies
    return compose(model, primer, bars=8, temperature=0.5, seed=seed, candidates=candidates)


@pytest.mark.parametrize("candidates", [1, 4])
def test_what_it_would_copy_it_does_not(candidates: int) -> None:
    copied = 0
    for seed in range(8):
        first = composed(BUTTERFLY, None, seed, candidates)
        index = index_arrays([as_tune("learnt", first.melody)])
        copies = Copies(index)
        assert copies.longest(pitches_of(first.melody)) == len(first.melody.notes) - 1
        copied += len(first.melody.notes) > LONGEST + 1
        made = composed(BUTTERFLY, copies, seed, candidates)
        assert made.known == ""
        assert copies.longest(pitches_of(made.melody), len(BUTTERFLY.notes)) <= LONGEST
        assert made == composed(BUTTERFLY, Copies(index), seed, candidates)
        assert made.melody.end == first.melody.end
    assert copied > 4


def test_a_candidate_that_came_near_to_copying_is_not_taken_while_others_are_there() -> None:
    alone = composed(BUTTERFLY, None, 3, 8)
    copies = Copies(index_arrays([as_tune("learnt", alone.melody)]))
    made = composed(BUTTERFLY, copies, 3, 8)
    assert copies.longest(pitches_of(made.melody)) < LONGEST


def test_a_primer_that_is_a_learnt_tune_may_go_on_as_learnt() -> None:
    learnt = composed(BUTTERFLY, None, 5, 1).melody
    primer = Melody(learnt.notes[:20], learnt.meter, learnt.pickup, learnt.key)
    free = composed(primer, None, 6, 1)
    copies = Copies(index_arrays([as_tune("other", BUTTERFLY), as_tune("learnt", free.melody)]))
    made = composed(primer, copies, 6, 1)
    assert made.known == "learnt"
    assert free.known == ""
    assert made.melody == free.melody


@pytest.mark.parametrize(("key", "other"), [(Key(-3, "minor"), 4), (Key(0), 3)])
def test_a_key_that_is_told_keeps_its_third(key: Key, other: int) -> None:
    told = Melody(key=key, meter=Meter(2, 4))
    wrong = total = 0
    for seed in range(20):
        notes = compose(tiny_model(seed), told, bars=4, temperature=1.0, seed=seed).melody.notes
        wrong += sum((note.pitch - key.tonic) % 12 == other for note in notes)
        total += len(notes)
    assert wrong < 0.01 * total
