from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.corpus import fingerprint, split
from engine.listening import Rarity
from engine.music import Melody, Meter, Note
from engine.statistics.yardsticks import NAMES, Yardsticks, tunes_of
from tests.engine.tunes import fill_cache, made_up_tunes

if TYPE_CHECKING:
    from pathlib import Path

    from engine.predict import Array

TUNES = made_up_tunes(30)
YARDSTICKS = Yardsticks(TUNES)


def melody_of(*notes: tuple[int, int, int], meter: Meter | None = None) -> Melody:
    return Melody(
        tuple(Note(Fraction(o, 192), Fraction(d, 192), p) for o, d, p in notes), meter=meter
    )


ODD = ((0, 24, 60), (24, 7, 127), (31, 24, 0), (1055, 13, 61), (1068, 24, 60))


def test_each_yardstick_is_there() -> None:
    assert tuple(YARDSTICKS.hear(melody_of(*ODD))) == NAMES


@pytest.mark.parametrize("meter", [None, Meter(5, 8)])
def test_nothing_is_impossible_and_pitches_sum_to_one(meter: Meter | None) -> None:
    for heard in YARDSTICKS.hear(melody_of(*ODD, meter=meter)).values():
        assert np.allclose(np.exp(heard.pitches).sum(axis=1), 1)
        assert np.isfinite(heard.pitches).all()
        for logs in (heard.shift, heard.duration):
            assert np.isfinite(logs).all()
            assert (logs <= 1e-9).all()


def test_times_sum_to_one() -> None:
    rhythm, unknown = YARDSTICKS._rhythm, 1001  # which stands for its class, a known share of it

    def chances(figure: str, *last: tuple[int, int, int]) -> Array:
        """Give, by note and yardstick, the probability of that note's shift or duration."""
        return np.array(
            [
                [np.exp(getattr(heard, figure)[-1]) for heard in each.values()]
                for each in (YARDSTICKS.hear(melody_of(*ODD[:3], note)) for note in last)
            ]
        )

    durations = [*rhythm.durations, unknown]
    lasting = chances("duration", *((55, ticks, 60) for ticks in durations))
    lasting[-1] /= np.exp(Rarity(rhythm.durations).of(np.array(unknown)))
    assert np.allclose(lasting.sum(axis=0), 1)
    shifts = [24 + rest for rest in rhythm.rests if rest >= 0]
    shifted = chances("shift", *((31 + ticks, 24, 60) for ticks in (*shifts, unknown)))
    shifted[-1] /= np.exp(Rarity(shifts).of(np.array(unknown)))
    assert np.allclose(shifted.sum(axis=0), 1)


def test_later_notes_change_nothing() -> None:
    first = YARDSTICKS.hear(melody_of(*ODD))
    second = YARDSTICKS.hear(melody_of(*ODD[:3], (60, 100, 99)))
    for name in NAMES:
        assert np.array_equal(first[name].pitches[:3], second[name].pitches[:3])
        assert np.array_equal(first[name].duration[:3], second[name].duration[:3])
        assert np.array_equal(first[name].shift[:3], second[name].shift[:3])


def test_long_models_know_what_they_learnt_and_short_ones_what_they_heard() -> None:
    known, strange = TUNES[0].melody(), made_up_tunes(1, seed=9)[0].melody()
    first, second = YARDSTICKS.hear(known), YARDSTICKS.hear(strange)
    long, short = "PPM* long-term", "PPM* short-term"
    assert first[long].pitch.mean() > second[long].pitch.mean()
    again = melody_of(*[(24 * n, 24, 60 + n % 4) for n in range(40)])
    heard = YARDSTICKS.hear(again)[short]
    assert heard.pitch[-8:].mean() > -0.3 > heard.pitch[:8].mean()
    assert (heard.ranks[-8:] == 1).all()


def test_keys_make_no_difference_to_long_models() -> None:
    notes = [(24 * n, 24, 60 + step) for n, step in enumerate((0, 2, 4, 5, 7, 4, 0))]
    up = [(onset, duration, pitch + 5) for onset, duration, pitch in notes]
    for name in ("Markov, order 2", "PPM* long-term"):
        first, second = (YARDSTICKS.hear(melody_of(*each))[name] for each in (notes, up))
        assert np.allclose(first.pitch[1:], second.pitch[1:])


def test_a_version_tells_what_it_learnt(tmp_path: Path) -> None:
    fill_cache(tmp_path, "folk", TUNES)
    learnt = split(TUNES)[0]
    document = {
        "corpus": {"collections": {"folk": {}, "own": {}}, "fingerprint": fingerprint(learnt)}
    }
    tunes, exact = tunes_of(document, tmp_path, tmp_path)
    assert exact
    assert [tune.name for tune in tunes] == [tune.name for tune in learnt]
    names = "\n".join(tune.name for tune in TUNES[:7]).encode()
    np.savez(tmp_path / "tunes.npz", names=np.frombuffer(names, np.uint8))
    tunes, exact = tunes_of(document, tmp_path, tmp_path)
    assert not exact
    assert [tune.name for tune in tunes] == [tune.name for tune in TUNES[:7]]


def test_a_version_of_unknown_origin_has_no_yardsticks(tmp_path: Path) -> None:
    assert tunes_of({}, tmp_path, tmp_path) == ([], False)


def test_an_empty_melody_is_heard() -> None:
    assert all(len(heard.pitch) == 0 for heard in YARDSTICKS.hear(Melody()).values())
