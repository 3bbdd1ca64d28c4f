"""나비야's first four notes, continued by the version that ships."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

import pytest

from engine.codes import parse_codes
from engine.compose import compose
from engine.predict import Model
from engine.registry import Registry


@pytest.mark.slow
def test_two_hundred_seeds_give_as_many_good_tunes() -> None:
    model = Model.load(Registry().active.folder)
    primer = parse_codes("g8 e8 e4 f8").melody
    tunes, closes = set(), Counter[int]()
    for seed in range(200):
        melody = compose(model, primer, bars=8, temperature=1.0, seed=seed).melody
        assert str(melody.meter) in {"2/4", "4/4"}
        assert str(melody.key) == "C major"
        assert melody.meter is not None
        assert (melody.end - melody.pickup) % melody.meter.bar == 0
        assert melody.notes[-1].end == melody.end
        assert melody.notes[-1].duration >= melody.meter.beat
        pitches = [note.pitch for note in melody.notes]
        assert max(len(list(run)) for _, run in groupby(pitches)) <= 4
        assert all(pitch % 12 in {0, 2, 4, 5, 7, 9, 11} for pitch in pitches)
        closes[pitches[-1] % 12] += 1
        tunes.add(melody.notes)
    assert len(tunes) > 190
    assert set(closes) <= {0, 4, 7}
    assert closes[0] > 150
