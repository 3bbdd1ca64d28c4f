from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from engine.errors import BadVersion
from engine.features import Frame
from engine.predict import Listener, Model, listen
from tests.engine.models import TIMES, random_weights, tiny_model

if TYPE_CHECKING:
    from pathlib import Path

NOTES = [(0, 24, 67), (24, 24, 64), (48, 48, 64), (96, 24, 65), (144, 16, 62), (160, 7, 99)]
FRAME = Frame(tonic=0, meter=2, bar=96, style=1, end=None)


@pytest.mark.parametrize("memory", [False, True])
def test_probabilities_sum_to_one_and_none_is_zero(memory: bool) -> None:  # noqa: FBT001  # a case
    model = tiny_model(scale=1.0)
    state, trackers, _ = listen(model, NOTES, [FRAME, FRAME], [0, 24], memory=memory)
    state = model.see(state, np.array([tracker.row() for tracker in trackers]))
    one = np.array([1, 2])
    looks = np.array([[60, 128, 0, 127], [128] * 4])
    for logs in (
        model.shifts(state),
        model.durations(state, one, one),
        model.pitches(state, one, one, looks, one),
    ):
        assert np.allclose(np.exp(logs).sum(axis=-1), 1, atol=1e-12)
        assert np.isfinite(logs).all()


def test_a_batch_says_what_each_line_says_alone() -> None:
    model = tiny_model()
    frames = [FRAME, Frame(7, 0, 0), Frame(5, 3, 144, 2, 576)]
    together = listen(model, NOTES, frames, [0, 0, 48], memory=True)[2]
    for line, (frame, start) in enumerate(zip(frames, [0, 0, 48], strict=True)):
        alone = listen(model, NOTES, [frame], [start], memory=True)[2]
        assert np.allclose(alone.pitch[:, 0], together.pitch[:, line], atol=1e-4)
        assert np.allclose(alone.duration[:, 0], together.duration[:, line], atol=1e-4)
        assert np.allclose(alone.shift[:, 0], together.shift[:, line], atol=1e-4)


def test_prediction_never_sees_later_notes() -> None:
    model = tiny_model()
    other = [*NOTES[:3], (96, 96, 40), (192, 12, 41), (204, 12, 45)]
    first = listen(model, NOTES, [FRAME], [0], memory=True)[2]
    second = listen(model, other, [FRAME], [0], memory=True)[2]
    assert np.array_equal(first.pitch[:3], second.pitch[:3])
    assert np.array_equal(first.duration[:3], second.duration[:3])
    assert np.array_equal(first.shift[:4], second.shift[:4])


def test_hearing_in_parts_is_hearing_at_once() -> None:
    model = tiny_model()
    frames = [FRAME, Frame(7, 0, 0), Frame(5, 3, 144, 2, 576)]
    whole = listen(model, NOTES, frames, [0, 0, 48], memory=True, distributions=True)[2]
    listener = Listener(model, frames, [0, 0, 48], memory=True)
    first = listener.hear(NOTES[:2])
    listener.keep([2, 0])
    second = listener.hear(NOTES[2:], distributions=True)
    assert first.pitches is None
    assert second.pitches is not None
    assert whole.pitches is not None
    assert np.allclose(whole.shift[:2], first.shift, atol=1e-4)
    assert np.allclose(whole.pitch[2:, [2, 0]], second.pitch, atol=1e-4)
    assert np.allclose(whole.pitches[2:, [2, 0]], second.pitches, atol=1e-4)
    assert [len(tracker.pitches) for tracker in listener.trackers] == [len(NOTES)] * 2


def test_the_memory_has_a_word_in_it_once_there_is_something_to_remember() -> None:
    model = tiny_model()
    twice = [*NOTES[:5], *((onset + 160, length, pitch) for onset, length, pitch in NOTES[:5])]
    alone = listen(model, twice, [FRAME], [0])[2]
    mixed = listen(model, twice, [FRAME], [0], memory=True)[2]
    assert np.array_equal(alone.shift, mixed.shift)
    assert not np.allclose(alone.pitch[6:], mixed.pitch[6:])
    model.gates = None
    plain = listen(model, twice, [FRAME], [0], memory=True)[2]
    assert np.array_equal(alone.pitch, plain.pitch)


def test_gates_that_do_not_fit_are_refused() -> None:
    document, weights = random_weights()
    document["gates"]["pitch"] = document["gates"]["duration"]
    with pytest.raises(ValueError, match="does not fit"):
        Model(document, weights)


def test_distributions_hold_what_came() -> None:
    heard = listen(tiny_model(), NOTES, [FRAME, FRAME], [0, 24], distributions=True)[2]
    assert heard.pitches is not None
    assert np.allclose(np.exp(heard.pitches).sum(axis=-1), 1)
    for step, (_, _, pitch) in enumerate(NOTES):
        assert np.array_equal(heard.pitches[step, :, pitch], heard.pitch[step])


@pytest.mark.slow
def test_numpy_and_keras_agree() -> None:
    """Hold the bot's arithmetic against the network that is trained."""
    keras = pytest.importorskip("keras")
    from engine import network  # noqa: PLC0415  # imports tensorflow
    from engine.training.dataset import Batches, encode, frame_of  # noqa: PLC0415  # likewise
    from tests.engine.tunes import made_up_tunes  # noqa: PLC0415  # likewise

    document, weights = random_weights(seed=5)
    model = Model(document, weights)
    twin = network.build(network.Sizes(**document["sizes"]))
    network.assign(twin, weights)
    tune = made_up_tunes(1, notes=40)[0]
    pieces = encode(tune, TIMES, document["styles"])
    batches = Batches(pieces, 4096, len(TIMES), len(document["styles"]), None)
    inputs, targets, _ = batches[0]
    scores = twin(inputs, training=False)
    frame, start = frame_of(tune, document["styles"])
    frame = Frame(frame.tonic, frame.meter, frame.bar)
    notes = list(
        zip(tune.onsets.tolist(), tune.durations.tolist(), tune.pitches.tolist(), strict=True)
    )
    heard = listen(model, notes, [frame], [start])[2]
    for name in ("shift", "duration", "pitch"):
        logs = np.asarray(keras.ops.log_softmax(scores[name]))[0]
        wanted = logs[np.arange(len(notes)), targets[name][0]]
        assert np.allclose(wanted, getattr(heard, name)[:, 0], atol=1e-4), name


def write(folder: Path, document: dict[str, Any], weights: dict[str, Any]) -> Path:
    import hashlib  # noqa: PLC0415  # used here alone

    folder.mkdir()
    np.savez(folder / "weights.npz", **weights)
    digest = hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    document = {**document, "files": {"weights.npz": digest}}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_load_gives_the_same_model(tmp_path: Path) -> None:
    document, weights = random_weights()
    loaded = Model.load(write(tmp_path / "tiny", document, weights))
    first = listen(loaded, NOTES, [FRAME], [0])[2]
    assert np.array_equal(first.pitch, listen(tiny_model(), NOTES, [FRAME], [0])[2].pitch)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing", "json", "format", "path"])
def test_a_damaged_version_is_refused(tmp_path: Path, damage: str) -> None:
    document, weights = random_weights()
    folder = write(tmp_path / "tiny", document, weights)
    file, card = folder / "weights.npz", folder / "model.json"
    data = file.read_bytes()
    text = card.read_text(encoding="utf-8")
    if damage == "truncated":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "flipped":
        file.write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    elif damage == "missing":
        file.unlink()
    elif damage == "json":
        card.write_text(text[:-9], encoding="utf-8")
    elif damage == "format":
        card.write_text(text.replace('"format": 1', '"format": 99'), encoding="utf-8")
    else:
        card.write_text(text.replace('"weights.npz": ', '"../weights.npz": '), encoding="utf-8")
    with pytest.raises(BadVersion) as caught:
        Model.load(folder)
    assert caught.value.name == "tiny"


@pytest.mark.parametrize("wrong", ["shape", "nan", "gone"])
def test_weights_that_do_not_fit_are_refused(tmp_path: Path, wrong: str) -> None:
    document, weights = random_weights()
    if wrong == "shape":
        weights["lstm_1/recurrent_kernel"] = weights["lstm_1/recurrent_kernel"][:-1]
    elif wrong == "nan":
        weights["pitch_scores/bias"][3] = np.nan
    else:
        del weights["pitch_scores/pitch"]
    with pytest.raises(BadVersion):
        Model.load(write(tmp_path / "tiny", document, weights))


def test_pickled_arrays_are_never_loaded(tmp_path: Path) -> None:
    document, weights = random_weights()
    weights["pitch_scores/bias"] = np.array([{"a": 1}] * 128, dtype=object)
    with pytest.raises(BadVersion):
        Model.load(write(tmp_path / "tiny", document, weights))
