from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine import corpus
from engine.corpus import families, fingerprint, read_collections, split
from engine.music import Key, Meter
from tests.engine.tunes import fill_cache, made_up_tunes

if TYPE_CHECKING:
    from pathlib import Path

PICKUP_TUNE = """X:1
T:A pickup
M:6/8
L:1/8
K:D
A|d2d def|g3 f3|e2d c2B|A3-A2:|
"""

MODAL_TUNE = """X:1
T:Dorian with a major signature
M:none
L:1/4
K:E
E=GAB|=c2B2|A=GFE|=DE4z|E=GAB|
"""


def abc(text: str) -> dict[str, object]:
    from music21 import converter  # noqa: PLC0415  # takes a second

    row = corpus._read_score(converter.parse(text, format="abc"))
    assert row is not None
    return row


def test_a_pickup_is_found_and_ties_are_one_note() -> None:
    row = abc(PICKUP_TUNE)
    assert row["meter"] == (6, 8)
    assert row["pickup"] == 24
    events = row["events"]
    assert isinstance(events, list)
    assert events[0] == (0, 24, 69)
    assert events[-1][1] == 24 * 5
    assert row["key"] == (2, "major")


def test_free_meter_and_the_mode_by_its_notes() -> None:
    row = abc(MODAL_TUNE)
    assert row["meter"] == (0, 0)
    key = row["key"]
    assert isinstance(key, tuple)
    assert Key(*key).tonic == 4
    assert key[1] != "major"


def test_the_cache_gives_back_what_was_read(tmp_path: Path) -> None:
    tunes = made_up_tunes(7)
    fill_cache(tmp_path, "folk", tunes)
    read = read_collections(["folk"], tmp_path)
    assert [tune.name for tune in read] == [tune.name for tune in tunes]
    for old, new in zip(tunes, read, strict=True):
        assert np.array_equal(old.onsets, new.onsets)
        assert np.array_equal(old.pitches, new.pitches)
        assert (old.meter, old.pickup, old.key) == (new.meter, new.pickup, new.key)
    assert fingerprint(tunes) == fingerprint(read)


def test_unknown_collections_are_named(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        read_collections(["nowhere"], tmp_path)


def test_repeats_and_transpositions_are_one_family() -> None:
    tunes = made_up_tunes(6, notes=40)
    moved = replace(tunes[2], name="moved", pitches=tunes[2].pitches + 5)
    longer = replace(
        tunes[4],
        name="longer",
        onsets=np.concatenate((tunes[4].onsets, tunes[4].onsets[-1] + 100 + tunes[0].onsets)),
        durations=np.concatenate((tunes[4].durations, tunes[0].durations)),
        pitches=np.concatenate((tunes[4].pitches, tunes[1].pitches)),
    )
    numbers = families([*tunes, moved, longer])
    assert numbers[6] == numbers[2]
    assert numbers[7] == numbers[4] == numbers[1]
    assert len(set(numbers)) == 5


def test_relatives_stand_on_one_side() -> None:
    tunes = made_up_tunes(300, notes=30)
    copies = [replace(tune, name=f"copy of {tune.name}") for tune in tunes]
    training, validation = split([*tunes, *copies])
    sides = {tune.name: True for tune in validation}
    assert 10 < len(validation) < 80
    assert len(training) + len(validation) == 600
    for tune, copy in zip(tunes, copies, strict=True):
        assert sides.get(tune.name) == sides.get(copy.name)


def test_a_tune_becomes_a_melody() -> None:
    tune = made_up_tunes(1)[0]
    melody = tune.melody()
    assert melody.meter == Meter(4, 4)
    assert melody.pickup == Fraction(24, 192)
    assert [note.pitch for note in melody.notes] == tune.pitches.tolist()


def test_tunes_that_share_a_window_are_left_out(tmp_path: Path) -> None:
    tunes = made_up_tunes(20, notes=40)
    file = tmp_path / "melodies.json"
    shared = (tunes[3].pitches[10:24] + 4).tolist()
    file.write_text(json.dumps({"set": [{"pitch": shared}, {"pitch": [60, 62]}]}))
    left = corpus.without(tunes, corpus.read_pitches(file))
    assert [tune.name for tune in left] == [t.name for t in tunes if t is not tunes[3]]
