"""A small network: trained, saved, gone on with, deepened, fine-tuned, played."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import keras
import numpy as np
import pytest

from bot.cli import main
from engine.lab.piano.events import FIELDS, UNKNOWN, Vocabulary
from engine.lab.piano.model import AS_IN_NOTES, NOW, SMALL, Sizes, build
from engine.lab.piano.reuse import deepen, load, unfreeze
from engine.lab.piano.sampling import draw, play
from engine.lab.piano.training import arrays, bits, compile_model, fit, load_vocabulary
from tests.engine.lab.piano.midi import chorale, fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow
TINY = SMALL.but(window=8, units=12, dense=12, epochs=2, batch=8, transpose=False)
PLAIN = AS_IN_NOTES.but(window=6, units=8, layers=2, dense=8, epochs=2, batch=16)
PIECES = [chorale(seed, 16) for seed in range(6)]
SIDES = (PIECES[:5], PIECES[5:])


class Run(NamedTuple):
    """A trained network, its words, and the folder of its checkpoints."""

    model: Any
    words: Vocabulary
    folder: Path


@pytest.fixture(params=[TINY, PLAIN], ids=["whole", "plain"])
def sizes(request: pytest.FixtureRequest) -> Sizes:
    made: Sizes = request.param
    return made


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sizes], Run]:
    """Give a way to a trained network; each kind is trained once."""

    @cache
    def train(sizes: Sizes) -> Run:
        keras.utils.set_random_seed(1)
        words = Vocabulary.of(PIECES, ("sound",) if sizes.plain else FIELDS)
        model = build(words, sizes)
        compile_model(model, sizes)
        folder = tmp_path_factory.mktemp("run")
        fit(model, SIDES, words, sizes, folder)
        return Run(model, words, folder)

    return train


def test_a_network_is_saved_after_every_epoch_and_plays(
    sizes: Sizes, trained: Callable[[Sizes], Run]
) -> None:
    model, words, folder = trained(sizes)
    saved = sorted(path.name for path in folder.glob("*.keras"))
    assert saved == ["epoch-001.keras", "epoch-002.keras"]
    assert load_vocabulary(folder) == (words, sizes)
    figures = bits(model, PIECES[5:], words, sizes)
    assert set(figures) == set(words.fields)
    for field, value in figures.items():
        assert 0 < value < np.log2(words.size(field)) + 1
    first = play(model, words, sizes, events=12, temperature=1.0, seed=3)
    assert len(first.events) == 12
    assert play(model, words, sizes, events=12, temperature=1.0, seed=3) == first
    assert play(model, words, sizes, events=12, temperature=1.0, seed=4) != first


def test_a_network_goes_on_from_a_primer(sizes: Sizes, trained: Callable[[Sizes], Run]) -> None:
    model, words, _ = trained(sizes)
    primer = PIECES[0]
    played = play(model, words, sizes, events=4, temperature=0, primer=primer)
    assert len(played.events) == len(primer.events) + 4
    back = words.decode({name: row.tolist() for name, row in words.encode(primer).items()})
    assert played.events[: len(primer.events)] == back.events


def test_bits_are_those_of_a_network_that_hears_the_whole_piece(
    trained: Callable[[Sizes], Run],
) -> None:
    """Feed a piece event by event, as it is played, and add up the surprise by hand."""
    model, words, _ = trained(TINY)
    piece = chorale(5, 14)
    numbers = words.encode(piece)
    total = 0.0
    for place in range(14):
        seen = {name: np.array([[1, *row[:place]]], np.int32) for name, row in numbers.items()}
        now = np.array([numbers["sound"][: place + 1]], np.int32)
        given = model({**seen, NOW: now}, training=False)["sound"]
        total -= np.log2(float(given[0, -1, numbers["sound"][place]]))
    assert bits(model, [piece], words, TINY)["sound"] == pytest.approx(total / 14, rel=1e-3)


def test_bits_of_the_plain_network_are_those_of_its_windows(
    trained: Callable[[Sizes], Run],
) -> None:
    model, words, _ = trained(PLAIN)
    piece = chorale(5, 9)
    numbers = [1] * PLAIN.window + words.encode(piece)["sound"].tolist()
    total = 0.0
    for place in range(9):
        window = np.array(numbers[place : place + PLAIN.window], np.float32) / words.size("sound")
        given = model({"sound": window[None, :, None]}, training=False)["sound"]
        total -= np.log2(float(given[0, numbers[place + PLAIN.window]]))
    assert bits(model, [piece], words, PLAIN)["sound"] == pytest.approx(total / 9, rel=1e-3)


def test_a_run_goes_on_where_it_stopped(trained: Callable[[Sizes], Run], tmp_path: Path) -> None:
    _, words, folder = trained(TINY)
    first, again = (load(folder / f"epoch-00{epoch}.keras") for epoch in (1, 2))
    steps = int(first.optimizer.iterations)
    assert steps > 0
    assert int(again.optimizer.iterations) == 2 * steps
    history = fit(again, SIDES, words, TINY.but(epochs=3), tmp_path, begun=2)
    assert len(history["loss"]) == 1
    assert int(again.optimizer.iterations) == 3 * steps
    assert [path.name for path in tmp_path.glob("*.keras")] == ["epoch-003.keras"]


def test_a_checkpoint_holds_the_weights_of_its_epoch(
    sizes: Sizes, trained: Callable[[Sizes], Run]
) -> None:
    model, _, folder = trained(sizes)
    early, late = (load(folder / f"epoch-00{epoch}.keras").get_weights() for epoch in (1, 2))
    assert all(np.array_equal(*pair) for pair in zip(model.get_weights(), late, strict=True))
    assert not all(np.array_equal(*pair) for pair in zip(early, late, strict=True))


def test_a_deepened_network_begins_as_good_and_learns_on_top_only(
    sizes: Sizes, trained: Callable[[Sizes], Run], tmp_path: Path
) -> None:
    _, words, folder = trained(sizes)
    saved = load(folder / "epoch-002.keras")
    before = {layer.name: layer.get_weights() for layer in saved.layers}
    was = bits(saved, PIECES[5:], words, sizes)
    model, fresh = deepen(saved, 5)
    names = [layer.name for layer in model.layers]
    assert len(set(names)) == len(names)
    assert set(fresh) & set(before) == set()
    assert bits(model, PIECES[5:], words, sizes) == pytest.approx(was)
    compile_model(model, sizes)
    fit(model, SIDES, words, sizes.but(epochs=1), tmp_path)
    for name, weights in before.items():
        for old, new in zip(weights, model.get_layer(name).get_weights(), strict=True):
            assert np.array_equal(old, new), name
    assert all(np.any(model.get_layer(name).get_weights()[0]) for name in fresh)
    # Twice, from a file: names that Keras gives by itself would clash here.
    deeper, further = deepen(load(tmp_path / "epoch-001.keras"), 5)
    assert set(further) & set(names) == set()
    unfreeze(deeper)
    compile_model(deeper, sizes.but(rate=1e-4))
    deeper.train_on_batch(*arrays(PIECES[:1], words, sizes))
    assert len(deeper.trainable_variables) == len(deeper.get_weights())


def test_temperature_draws_and_nothing_unknown_is_drawn() -> None:
    chances = np.array([0.5, 0.2, 0.2, 0.1], np.float32)
    drawer = np.random.default_rng(1)
    calm = [draw(chances, 0.2, drawer) for _ in range(300)]
    wild = [draw(chances, 5.0, drawer) for _ in range(300)]
    assert set(calm + wild) == {2, 3}
    assert calm.count(3) < wild.count(3)
    assert draw(chances, 0, drawer) == 2
    assert UNKNOWN not in calm


def test_a_checkpoint_without_its_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        load_vocabulary(tmp_path)
    (tmp_path / "vocabulary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match="vocabulary"):
        load_vocabulary(tmp_path)


def test_the_command_learns_from_a_folder_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NABI_DATA", str(tmp_path / "data"))
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in", 3)
    out = tmp_path / "out"
    command = ["lab", "piano", "--corpus", str(tmp_path / "in")]
    small = ["--window", "8", "--units", "8", "--layers", "1", "--epochs", "1", "--events", "6"]
    assert main([*command, *small, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    for word in ("order-2 Markov", "tensorboard --logdir", "sound", "shift"):
        assert word in said
    for name in ("sampled.mid", "sampled.png", "likeliest.mid", "curve.png", "epoch-001.keras"):
        assert (out / "piano" / name).stat().st_size > 100
    saved = str(out / "piano" / "epoch-001.keras")
    more = ["--events", "2", "--json", "--epochs"]
    assert main([*command, *more, "2", "--resume", saved, "--out", str(out)]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == 2
    assert (out / "piano" / "epoch-002.keras").exists()
    sizes = {}
    before = (out / "piano" / "epoch-001.keras").read_bytes()
    for way, name in (("--deepen", "piano-deepened"), ("--fine-tune", "piano-fine-tuned")):
        assert main([*command, *more, "1", way, saved, "--out", str(out)]) == 0
        sizes[way] = json.loads(capsys.readouterr().out)["parameters"]
        assert (out / name / "epoch-001.keras").exists()
    assert sizes["--deepen"] > sizes["--fine-tune"]
    assert (out / "piano" / "epoch-001.keras").read_bytes() == before
    assert main(["lab", "piano", "--corpus", str(tmp_path / "nowhere")]) == 2
