from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.statistics.memory import LongTerm, ShortTerm, markov
from engine.statistics.ppm import Counts, Escape, Smoothing, keys_of
from engine.statistics.viewpoints import BY_PITCH, Views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.statistics.memory import Array, Listener

TIMES = (0, 12, 16, 24, 36, 48, 72, 96, 144, 192)
Notes = list[tuple[int, int, int]]

smoothings = st.one_of(
    st.builds(
        Smoothing,
        escape=st.sampled_from(["A", "C", "D", "X", "PY"]),
        discounts=st.lists(st.floats(0, 0.99), min_size=1, max_size=3).map(tuple),
        strengths=st.lists(st.floats(0.01, 5), min_size=1, max_size=3).map(tuple),
        exclusion=st.booleans(),
    )
)
notes = st.tuples(
    st.one_of(st.sampled_from(TIMES), st.integers(0, 10_000)),
    st.one_of(st.sampled_from(TIMES[1:]), st.integers(1, 8_000_000)),
    st.integers(0, 127),
)
melodies = st.lists(notes, max_size=40)
bars = st.sampled_from([0, 96, 144, 192])
tonics = st.one_of(st.none(), st.integers(0, 11))


def everything(listener: Listener) -> list[Array]:
    return [
        listener.shifts(TIMES),
        listener.durations(24, TIMES),
        listener.pitches(24, 48),
    ]


def follow(listener: Listener, melody: Sequence[tuple[int, int, int]]) -> Listener:
    for note in melody:
        listener.push(*note)
    return listener


def assert_distributions(listener: Listener) -> None:
    views = listener.views
    sizes = [
        (len(views.shift), len(TIMES) + 1),
        (len(views.duration), len(TIMES) + 1),
        (len(views.pitch), 128),
    ]
    for logs, size in zip(everything(listener), sizes, strict=True):
        assert logs.shape == size
        assert np.isfinite(logs).all()
        np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1, rtol=0, atol=1e-12)


def walk(length: int) -> Notes:
    random = np.random.default_rng(5)
    pitches = np.clip(np.cumsum(random.integers(-4, 5, length)) + 64, 0, 127)
    lengths = random.choice([12, 24, 48, 96], length)
    return [(int(b), int(b), int(p)) for p, b in zip(pitches, lengths, strict=True)]


@settings(deadline=None)
@given(smoothings, st.lists(st.integers(-3, 3), max_size=60), st.integers(0, 4))
def test_shares_of_symbols_and_the_rest_make_one(
    smoothing: Smoothing, symbols: list[int], order: int
) -> None:
    counts = Counts(smoothing)
    for place, symbol in enumerate(symbols):
        recent = symbols[max(0, place - order) : place][::-1]
        shares, left = counts.blend(keys_of(recent))
        assert sum(shares.values()) + left == pytest.approx(1, abs=1e-12)
        assert left > 0
        assert min(shares.values(), default=0.0) >= 0
        counts.add(keys_of(recent), symbol)


def test_interpolated_escape_c_by_hand() -> None:
    counts = Counts(Smoothing("C", exclusion=False))
    text = [0, 1, 0, 2]
    for place, symbol in enumerate(text):
        counts.add(keys_of(text[max(0, place - 1) : place]), symbol)
    shares, left = counts.blend(keys_of([0]))
    # After 0 came 1 and 2, once each: a quarter for each, half to the context of no symbols,
    # where 0 came twice and 1 and 2 once: 2/7, 1/7, 1/7 and 3/7 to all symbols alike.
    assert shares == pytest.approx({0: 1 / 7, 1: 1 / 4 + 1 / 14, 2: 1 / 4 + 1 / 14})
    assert left == pytest.approx(3 / 14)


def test_update_exclusion_counts_in_short_contexts_only_what_was_new() -> None:
    counts = Counts(Smoothing("C", exclusion=True))
    for _ in range(5):
        counts.add(keys_of([7]), 1)
    assert counts.seen(keys_of([7])[1]) == {1: 5}
    assert counts.seen(keys_of([])[0]) == {1: 1}


@pytest.mark.parametrize(
    ("escape", "share", "left"),
    [("A", 4 / 6, 1 / 6), ("C", 4 / 7, 2 / 7), ("D", 3.5 / 5, 1 / 5), ("X", 4 / 7, 2 / 7)],
)
def test_escape_methods(escape: Escape, share: float, left: float) -> None:
    counts = Counts(Smoothing(escape))
    for symbol in (1, 1, 1, 1, 2):
        counts.add(keys_of([]), symbol)
    shares, rest = counts.blend(keys_of([]))
    assert shares[1] == pytest.approx(share)
    assert rest == pytest.approx(left)


@pytest.mark.parametrize(
    ("discounts", "strengths"),
    [
        ((1.0,), (0.0,)),
        ((-0.1,), (1.0,)),
        ((0.0,), (0.0,)),
        ((0.5,), (-1.0,)),
        ((0.5, 0.0), (1.0, 1.0, 0.0)),
        ((), (1.0,)),
    ],
)
def test_smoothing_that_leaves_nothing_is_refused(
    discounts: tuple[float, ...], strengths: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="discount"):
        Smoothing("PY", discounts, strengths)


def test_pitman_yor_by_length_of_context() -> None:
    counts = Counts(Smoothing("PY", (0.2, 0.6), (2.0, 1.0)))
    for symbol in (1, 1, 1, 2):
        counts.add(keys_of([9]), symbol)
    shares, left = counts.blend(keys_of([9]))
    # After 9: (3 - 0.6) / 5, (1 - 0.6) / 5, left 2.2 / 5; short: 1 and 2 once, (1 - 0.2) / 4 each.
    assert shares == pytest.approx({1: 0.48 + 0.44 * 0.2, 2: 0.08 + 0.44 * 0.2})
    assert left == pytest.approx(0.44 * 0.6)


@settings(deadline=None)
@given(melodies, bars, tonics)
def test_predictions_are_distributions_after_every_note(
    melody: Notes, bar: int, tonic: int | None
) -> None:
    memory = ShortTerm(bar=bar, tonic=tonic)
    assert_distributions(memory)
    for note in melody:
        memory.push(*note)
    assert_distributions(memory)


@settings(deadline=None)
@given(melodies, melodies, melodies, bars)
def test_forks_go_their_own_way(primer: Notes, left: Notes, right: Notes, bar: int) -> None:
    trunk = follow(ShortTerm(bar=bar), primer)
    one, two = trunk.fork(), trunk.fork()
    follow(one, left)
    follow(two, right)
    for fork, rest in ((trunk, []), (one, left), (two, right)):
        alone = follow(ShortTerm(bar=bar), [*primer, *rest])
        for got, wanted in zip(everything(fork), everything(alone), strict=True):
            np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)


def test_a_fork_at_every_note_knows_the_same() -> None:
    melody = walk(200)
    forked: Listener = ShortTerm(bar=192)
    for note in melody:
        forked = forked.fork()
        forked.push(*note)
    alone = follow(ShortTerm(bar=192), melody)
    for got, wanted in zip(everything(forked), everything(alone), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-12)


@settings(deadline=None)
@given(st.lists(melodies, max_size=4), melodies)
def test_long_term_learns_alike_in_one_piece_and_melody_by_melody(
    corpus: list[Notes], melody: Notes
) -> None:
    whole, parts = LongTerm(), LongTerm()
    for tune in corpus:
        whole.learn(tune)
    for tune in corpus:
        parts.learn(tune)
        follow(parts.follow(learn=True), melody)  # what a listener learns stays with it
    one, other = follow(whole.follow(), melody), follow(parts.follow(), melody)
    for got, wanted in zip(everything(one), everything(other), strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_long_term_that_does_not_learn_forgets_the_melody() -> None:
    long_term = LongTerm()
    long_term.learn(walk(50))
    end = [(24, 24, pitch) for pitch in (100, 64, 62, 60, 64)]
    fresh = follow(long_term.follow(), end)
    heard = follow(long_term.follow(), [*walk(50), *end * 5])
    np.testing.assert_array_equal(fresh.pitches()[0], heard.pitches()[0])
    learning = follow(long_term.follow(learn=True), [*walk(50), *end * 5])
    assert learning.pitches()[0, 100] > heard.pitches()[0, 100] + 1


def test_what_was_repeated_is_expected_again() -> None:
    motif = [67, 64, 64, 65, 62, 62, 60, 62, 64, 65]
    memory = follow(ShortTerm(), [(24, 24, pitch) for pitch in motif * 3])
    for pitch in motif:
        logs = memory.pitches(24, 24)
        assert (logs.argmax(axis=1) == pitch).all()
        memory.push(24, 24, pitch)


def test_transposed_repetition_is_expected_by_interval() -> None:
    motif = [60, 62, 64, 65, 67, 65, 64]
    memory = follow(ShortTerm(), [(24, 24, pitch) for pitch in motif * 2])
    follow(memory, [(24, 24, pitch + 5) for pitch in motif[:-1]])
    names = [view.name for view in Views().pitch]
    logs = memory.pitches(24, 24)
    assert logs[names.index("interval")].argmax() == motif[-1] + 5
    assert logs[names.index("pitch")].argmax() != motif[-1] + 5


def test_times_outside_the_vocabulary_count_for_the_class_of_all_others() -> None:
    memory = follow(ShortTerm(), [(77, 77, 60)] * 12)
    assert (memory.durations(77, TIMES).argmax(axis=1) == 0).all()
    assert (memory.shifts(TIMES).argmax(axis=1) == 0).all()


@pytest.mark.parametrize("length", [0, 1, 2, 3_000])
def test_any_length_is_followed(length: int) -> None:
    memory = follow(ShortTerm(bar=192, tonic=7), walk(length))
    assert len(memory) == length
    assert_distributions(memory)


def test_extreme_notes_are_followed() -> None:
    wild = [(0, 1, 0), (7_680_000, 7_680_000, 127), (0, 1, 0), (1, 2, 127), (1, 2, 127)]
    assert_distributions(follow(ShortTerm(bar=1, tonic=11), wild * 3))


def test_what_a_corpus_never_held_stays_possible() -> None:
    long_term = LongTerm()
    for _ in range(30):
        long_term.learn([(24, 24, 60)] * 30)
    listener = follow(long_term.follow(), [(24, 24, 127), (5, 5, 0)])
    assert_distributions(listener)


def test_matches_grow_with_what_was_met_before() -> None:
    memory = ShortTerm()
    assert set(memory.matches()) == {0}
    follow(memory, [(24, 24, pitch) for pitch in (60, 62, 64, 65) * 3])
    views = memory.views.pitch
    assert memory.matches(24, 24)[0] == views[0].order + 1


@settings(deadline=None)
@given(melodies)
def test_a_base_limits_the_alphabet_and_is_fallen_back_on(melody: Notes) -> None:
    base = np.zeros(128)
    base[[60, 62, 64]] = 0.5, 0.3, 0.2
    np.testing.assert_allclose(np.exp(ShortTerm().pitches(base=base)), [base] * 7, atol=1e-12)
    logs = follow(ShortTerm(), melody).pitches(24, 24, base)
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1, rtol=0, atol=1e-12)
    assert (np.isfinite(logs) == (base > 0)).all()


def test_markov_looks_two_notes_back_and_no_further() -> None:
    baseline = markov()
    for _ in range(20):
        baseline.learn([(24, 24, p) for p in (60, 62, 64, 60, 62, 64, 60, 62, 65)])
        baseline.learn([(24, 24, p) for p in (70, 71, 60, 62, 67)])
    one = follow(baseline.follow(), [(24, 24, p) for p in (70, 71, 60, 62)])
    two = follow(baseline.follow(), [(24, 24, p) for p in (64, 64, 60, 62)])
    np.testing.assert_array_equal(one.pitches(), two.pitches())
    *_, second, third, best = one.pitches()[0].argsort().tolist()
    assert best == 64
    assert {second, third} == {65, 67}, "as often as each other: their order is the machine's"


def test_markov_of_rhythm_sees_pairs_of_shift_and_duration() -> None:
    baseline = markov()
    long, short = (96, 48, 60), (24, 24, 60)
    baseline.learn([long, short, short] * 30)
    listener = follow(baseline.follow(), [short, short])
    assert listener.shifts(TIMES)[0].argmax() == 1 + TIMES.index(96)
    assert listener.durations(96, TIMES)[0].argmax() == 1 + TIMES.index(48)
    follow(listener, [long])
    assert listener.shifts(TIMES)[0].argmax() == 1 + TIMES.index(24)
    assert listener.durations(24, TIMES)[0].argmax() == 1 + TIMES.index(24)


@given(st.lists(melodies, max_size=3), melodies)
@settings(deadline=None)
def test_markov_is_never_zero(corpus: list[Notes], melody: Notes) -> None:
    baseline = markov()
    for tune in corpus:
        baseline.learn(tune)
    assert_distributions(follow(baseline.follow(), melody))


def test_views_of_pitch_alone_ask_for_no_rhythm() -> None:
    pitches = [pitch for _, _, pitch in walk(60)]
    plain = follow(ShortTerm(BY_PITCH), [(0, 1, pitch) for pitch in pitches])
    timed = follow(ShortTerm(BY_PITCH, bar=192), [(36, 24, pitch) for pitch in pitches])
    np.testing.assert_array_equal(plain.pitches(), timed.pitches(96, 12))


def test_place_in_the_bar_is_seen() -> None:
    bar = [(48, 48, 60), (48, 48, 64), (48, 48, 67), (48, 48, 64)]
    memory = follow(ShortTerm(bar=192), [(0, 48, 60), *bar[1:], *bar * 4])
    names = [view.name for view in Views().pitch]
    logs = memory.pitches(48, 48)[names.index("interval by place")]
    assert logs.argmax() == 60
    logs = memory.pitches(96, 48)[names.index("interval by place")]
    assert logs.argmax() == 64 + 4  # what came at this place: a major third up
