from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("keras")

from engine.features import columns
from engine.request import STYLES
from engine.training.dataset import HIGHEST, LOWEST, MAX_STEPS, Batches, Lap, encode, vocabulary
from tests.engine.tunes import made_up_tunes

TUNES = made_up_tunes(40, notes=30)
TIMES = vocabulary(TUNES)
NAMES = [column.name for column in columns(len(TIMES), len(STYLES))]


def batches(seed: int | None, notes: int = 256) -> Batches:
    pieces = [piece for tune in TUNES for piece in encode(tune, TIMES, STYLES)]
    return Batches(pieces, notes, len(TIMES), len(STYLES), seed)


def test_the_vocabulary_holds_what_occurs_and_zero() -> None:
    assert TIMES[0] == 0
    assert {12, 16, 24, 48} <= set(TIMES)
    assert list(TIMES) == sorted(set(TIMES))


def test_long_tunes_are_cut_and_nothing_is_lost() -> None:
    tune = made_up_tunes(1, notes=2 * MAX_STEPS + 5)[0]
    pieces = encode(tune, TIMES, STYLES)
    assert [len(piece.pitch) for piece in pieces] == [MAX_STEPS, MAX_STEPS, 5]
    assert np.concatenate([piece.pitch for piece in pieces]).tolist() == tune.pitches.tolist()


def test_every_tune_stands_in_every_epoch() -> None:
    data = batches(seed=1)
    for epoch in range(3):
        data.start_at(epoch)
        total = sum(data[number][2]["pitch"].sum() for number in range(len(data._order)))
        assert total == sum(len(tune.pitches) for tune in TUNES)


def test_transposition_moves_pitch_tonic_and_looks_together() -> None:
    data = batches(seed=1)
    moved = set()
    for number in range(len(data)):
        inputs, targets, weights = data[number]
        for line in range(len(weights["pitch"])):
            steps = int(weights["pitch"][line].sum())
            pitch = targets["pitch"][line, :steps]
            assert pitch.min() >= LOWEST
            assert pitch.max() <= HIGHEST
            assert (inputs["rows"][line, 1:steps, 0] == pitch[:-1]).all()
            degree = inputs["rows"][line, 1:steps, NAMES.index("degree")]
            assert (degree == (pitch[:-1] - inputs["tonic"][line, 0]) % 12).all()
            moved.add(int(pitch[0]))
    assert len(moved) > 12


def test_an_epoch_can_be_made_again_and_differs_from_the_next() -> None:
    first, again = batches(seed=3), batches(seed=3)
    first.on_epoch_end()
    again.start_at(1)
    for key in ("rows", "looks", "tonic"):
        assert np.array_equal(first[0][0][key], again[0][0][key])
    again.start_at(2)
    assert not np.array_equal(first[0][0]["rows"], again[0][0]["rows"])


def test_validation_is_told_neither_style_nor_length() -> None:
    data = batches(seed=None)
    inputs, _, _ = data[0]
    assert not inputs["rows"][..., NAMES.index("style")].any()
    assert not inputs["rows"][..., NAMES.index("bars_left")].any()
    training, _, _ = batches(seed=1)[0]
    assert training["rows"][..., NAMES.index("style")].any()


def test_tunes_of_one_length_tell_keras_no_rule_that_others_would_break() -> None:
    data = batches(seed=1)
    lap = Lap(data, 0)
    widths = [lap[number][0]["tonic"].shape[1] for number in range(len(lap))]
    assert widths[:2] == [30, 31]
    assert set(widths[2:]) == {30}
    for number in range(len(lap)):
        for part, whole in zip(lap[number], data[number], strict=True):
            for name, values in whole.items():
                assert np.array_equal(part[name][:, :30], values)
    assert not lap[1][2]["pitch"][:, 30:].any()
