from __future__ import annotations

import io

import numpy as np
import pytest

from engine.copying import LONGEST, Copies, index_arrays
from engine.corpus import Tune
from engine.music import Key, Meter


def tune(name: str, pitches: list[int]) -> Tune:
    count = len(pitches)
    return Tune(
        name=name,
        collection="test",
        style="any",
        onsets=np.arange(count, dtype=np.int32) * 24,
        durations=np.full(count, 24, np.int32),
        pitches=np.array(pitches, np.int16),
        meter=Meter(4, 4),
        pickup=0,
        key=Key(),
    )


def walk(seed: int, count: int) -> list[int]:
    steps = np.random.default_rng(seed).integers(-4, 5, count)
    return [int(pitch) for pitch in np.clip(66 + np.cumsum(steps), 30, 100)]


LEARNT = [walk(seed, 40 + seed) for seed in range(20)]
COPIES = Copies(index_arrays(tune(f"t/{n}", pitches) for n, pitches in enumerate(LEARNT)))


def test_forbids_the_note_that_completes_a_copy_in_any_key() -> None:
    for start in (0, 5, 20):
        line = [pitch + 3 for pitch in LEARNT[4][start : start + LONGEST + 1]]
        follower = LEARNT[4][start + LONGEST + 1] + 3
        (forbidden,) = COPIES.followers([line])
        assert forbidden == {follower}
        assert COPIES.followers([line[:-1]]) == [set()]
        assert COPIES.followers([[30, *line]]) == [{follower}]


def test_free_tunes_may_be_copied() -> None:
    line = LEARNT[4][: LONGEST + 1]
    assert COPIES.followers([line], [4]) == [set()]
    assert COPIES.followers([line], [5]) != [set()]


def test_lines_are_told_apart_and_tunes_do_not_run_into_each_other() -> None:
    end = LEARNT[4][-LONGEST - 1 :]
    fresh = walk(99, 30)
    inside = LEARNT[7][: LONGEST + 1]
    forbidden = COPIES.followers([end, fresh, inside])
    assert forbidden == [set(), set(), {LEARNT[7][LONGEST + 1]}]


def test_measures_the_longest_run_from_a_note_on() -> None:
    whole = [*walk(98, 10), *(pitch + 2 for pitch in LEARNT[3][5:31]), *walk(97, 10)]
    assert COPIES.longest(whole) == 25
    assert COPIES.longest(whole, 36) == 0
    assert COPIES.longest(walk(96, 60)) == 0
    assert COPIES.longest(LEARNT[3]) == len(LEARNT[3]) - 1
    assert COPIES.longest([]) == 0


def test_repeated_notes_and_trills_are_no_tune() -> None:
    plain = [[60] * 40, [60, 62] * 20, LEARNT[0]]
    copies = Copies(index_arrays(tune(f"p/{n}", pitches) for n, pitches in enumerate(plain)))
    assert copies.known([67] * 20) == {}
    assert copies.known([67, 69] * 10) == {}
    assert copies.known(LEARNT[0][:20]) == {2: "p/2"}


def test_knows_a_tune_by_half_of_its_windows() -> None:
    assert COPIES.known([pitch + 1 for pitch in LEARNT[6][:20]]) == {6: "t/6"}
    assert COPIES.known([*LEARNT[6][:25], *walk(95, 8)]) == {6: "t/6"}
    assert COPIES.known([*LEARNT[6][:14], *walk(95, 20)]) == {}
    assert COPIES.known(LEARNT[6][:12]) == {}
    assert COPIES.known([]) == {}


def test_the_same_tune_twice_is_two_tunes() -> None:
    copies = Copies(index_arrays([tune("a", LEARNT[0]), tune("b", LEARNT[0])]))
    assert set(copies.known(LEARNT[0]).values()) == {"a", "b"}
    line = LEARNT[0][: LONGEST + 1]
    assert copies.followers([line], [0]) == [{LEARNT[0][LONGEST + 1]}]
    assert copies.followers([line], [0, 1]) == [set()]


def test_survives_a_file_without_pickle_and_wide_leaps() -> None:
    wide = [0, 127, 0, 127, 5, 120] * 5
    file = io.BytesIO()
    np.savez_compressed(file, **index_arrays([tune("wide/é", wide), *[tune("b", LEARNT[1])]]))  # type: ignore[arg-type]  # numpy's stubs know no names of arrays
    file.seek(0)
    with np.load(file, allow_pickle=False) as data:
        copies = Copies({name: data[name] for name in data.files})
    assert copies.names == ["wide/é", "b"]
    assert copies.longest(wide) == len(wide) - 1


def test_an_empty_index_forbids_nothing() -> None:
    copies = Copies(index_arrays([]))
    assert copies.followers([walk(1, 40)]) == [set()]
    assert copies.known(walk(1, 40)) == {}


@pytest.mark.parametrize(
    ("intervals", "names"),
    [
        (np.zeros(40, np.int16), b"a"),
        (np.zeros((4, 4), np.int8), b"a"),
        (np.array([1, -128, 2, -128], np.int8), b"a"),
    ],
)
def test_damaged_arrays_are_refused(intervals: np.ndarray, names: bytes) -> None:
    with pytest.raises(ValueError, match="index"):
        Copies({"intervals": intervals, "names": np.frombuffer(names, np.uint8)})
