from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from benchmarks.anchors import Markov, Task, cut, foil, repeated
from engine.corpus import Tune
from engine.music import Key, Meter


def tune(pickup: int = 0, bars: int = 9, step: int = 48, up: int = 0) -> Tune:
    count = (pickup + bars * 192) // step
    onsets = np.arange(count, dtype=np.int32) * step
    pitches = np.array([60 + up + (0, 2, 4, 5, 7)[n % 5] for n in range(count)], np.int16)
    durations = np.full(count, step, np.int32)
    return Tune("t", "c", "any", onsets, durations, pitches, Meter(4, 4), pickup, Key())


def task(made: Tune) -> Task:
    found = cut(made)
    assert found is not None
    return found


def test_cuts_at_the_bar_line_after_five_bars() -> None:
    found = task(tune(pickup=48))
    assert found.cut == 48 + 5 * 192
    assert (found.bars, found.end) == (4, 48 + 9 * 192)
    assert found.primer + found.rest == tuple(
        (48 * n, 48, int(pitch)) for n, pitch in enumerate(found.tune.pitches)
    )
    assert found.rest[0][0] == found.cut


def test_a_note_across_the_cut_ends_there() -> None:
    found = task(tune(pickup=0, step=144, bars=12))
    assert found.primer[-1] == (864, 96, found.primer[-1][2])
    assert all(onset >= found.cut for onset, _, _ in found.rest)


def test_what_cannot_be_cut_is_left_out() -> None:
    assert cut(replace(tune(), meter=None)) is None
    assert cut(tune(bars=7)) is None
    assert cut(tune(bars=60)) is None


def test_a_foil_is_another_rest_in_the_same_key() -> None:
    mine, other = task(tune()), task(replace(tune(up=2, pickup=48), key=Key(2)))
    found = foil(mine, [mine, other], np.random.default_rng(0))
    assert found is not None
    assert found[0] == (mine.cut, 48, other.rest[0][2] - 2)
    assert len(found) == len(other.rest)
    random = np.random.default_rng(0)
    assert foil(mine, [mine], random) is None
    assert foil(mine, [task(replace(tune(), meter=Meter(2, 2)))], random) is None
    assert foil(mine, [task(replace(tune(), key=Key(0, "dorian")))], random) is None


def test_the_primer_comes_again_until_the_end() -> None:
    found = task(tune(pickup=48, bars=16))
    made = repeated(found)
    start = found.cut - 5 * 192
    loop = [note for note in found.primer if note[0] >= start]
    assert [pitch for _, _, pitch in made[: len(loop)]] == [pitch for _, _, pitch in loop]
    assert made[0][0] == found.cut
    assert made[-1][0] + made[-1][1] == found.end


def test_the_chain_fills_its_bars_with_what_it_heard() -> None:
    chain = Markov([tune()])
    found = task(tune(pickup=48))
    made = chain.go_on(found, np.random.default_rng(0))
    assert made[0][0] == found.cut
    assert made[-1][0] + made[-1][1] == found.end
    pitches = [found.primer[-1][2], *(pitch for _, _, pitch in made)]
    heard = {0: 2, 2: 4, 4: 5, 5: 7, 7: 0}
    assert all(b - 60 == heard[a - 60] for a, b in pairwise(pitches))


def test_the_chain_falls_back_where_it_heard_nothing() -> None:
    chain = Markov([tune()])
    found = task(tune(up=1))
    made = chain.go_on(found, np.random.default_rng(0))
    assert made == chain.go_on(found, np.random.default_rng(0))
    assert made[-1][0] + made[-1][1] == found.end
