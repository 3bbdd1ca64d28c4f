"""Every family builds, learns and sings; and the stateful one sings the song exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.lab.butterfly import CODES, NUMBERS, ambiguity, windows
from engine.lab.lesson import optimiser, scale
from engine.lab.outcome import Outcome
from engine.lab.rate import judged, sweep
from engine.lab.registry import FAMILIES
from engine.lab.running import prepare, run, run_lesson
from engine.lab.search import search, table

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _prepared() -> None:
    prepare()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_learns_and_sings(name: str, tmp_path: Path) -> None:
    family = FAMILIES[name]
    outcome, lesson = run_lesson(family, family.setup.but(epochs=2), tmp_path)
    assert outcome.epochs == 2
    assert len(outcome.loss) == 2
    assert all(np.isfinite(outcome.loss))
    assert len(outcome.one_step) == len(outcome.sung) == 50
    assert {*outcome.one_step, *outcome.sung} <= set(range(len(CODES)))
    assert outcome.parameters == lesson.model.count_params() > 10_000
    assert Outcome.from_json(outcome.to_json()).song == outcome.song
    assert list((tmp_path / name).rglob("events.out.tfevents.*"))


def test_a_perceptron_reaches_the_ceiling_of_its_window_and_no_more() -> None:
    family = FAMILIES["mlp"]
    outcome = run(family, family.setup.but(scaling="standard", epochs=600))
    assert outcome.steps_score.hits == ambiguity(4).ceiling == 46
    assert outcome.song_score.hits < 50
    wider = run(family, family.setup.but(scaling="standard", epochs=600, window=8))
    assert (wider.steps_score.hits, wider.song_score.hits) == (46, 46)


def test_the_stateful_model_sings_the_song_exactly() -> None:
    outcome = run(FAMILIES["lstm-stateful"])
    assert outcome.steps_score.hits == outcome.song_score.hits == 50
    assert outcome.song == NUMBERS


def test_the_same_seed_learns_the_same() -> None:
    family = FAMILIES["lstm-batch"]
    first, again = (run(family, family.setup.but(epochs=5)) for _ in range(2))
    assert first.loss == again.loss
    assert run(family, family.setup.but(epochs=5, seed=2)).loss != first.loss


def test_memory_is_cleared_where_the_song_begins() -> None:
    """A pass from cleared memory gives the same loss however many passes one call holds."""
    family = FAMILIES["lstm-stateful"]
    _, lesson = run_lesson(family, family.setup.but(epochs=3))
    first = lesson.one_step()
    assert lesson.one_step() == first
    lesson.reset()
    fresh = lesson.probabilities(lesson.encode([windows()[0][:-1]]))
    warm = lesson.probabilities(lesson.encode([windows()[0][:-1]]))
    lesson.reset()
    assert np.allclose(lesson.probabilities(lesson.encode([windows()[0][:-1]])), fresh)
    assert not np.allclose(warm, fresh, atol=1e-6)


def test_every_option_reaches_the_model() -> None:
    family = FAMILIES["mlp"]
    setup = family.setup.but(
        l1=0.1, l2=0.2, dropout=0.4, max_norm=1.5, activation="softplus", units=7
    )
    layers = family.build(setup).model.layers
    dense = [each for each in layers if each.name.startswith("dense")]
    assert [each.units for each in dense] == [7, 7]
    for each in dense:
        assert each.activation.__name__ == "softplus"
        assert float(each.kernel_regularizer.l1) == pytest.approx(0.1)
        assert float(each.kernel_regularizer.l2) == pytest.approx(0.2)
        assert each.kernel_constraint.max_value == 1.5
    assert [each.rate for each in layers if each.name.startswith("dropout")] == [0.4, 0.4]


def test_class_weights_make_all_codes_weigh_the_same() -> None:
    family = FAMILIES["mlp"]
    _, wanted, weights = family.build(family.setup.but(class_weights=True)).samples()
    sums = {int(note): weights[wanted == note].sum() for note in set(wanted.tolist())}
    assert np.allclose(list(sums.values()), next(iter(sums.values())))
    assert weights.sum() == pytest.approx(50)


def test_scalings_do_what_they_are_called() -> None:
    song = np.array(NUMBERS, np.float32)
    assert scale(song, "13").max() == pytest.approx(song.max() / 13)
    assert scale(song, "14").max() == pytest.approx(song.max() / 14)
    assert (scale(song, "minmax").min(), scale(song, "minmax").max()) == (0, 1)
    assert scale(song, "standard").mean() == pytest.approx(0, abs=1e-6)
    assert scale(song, "standard").std() == pytest.approx(1)
    assert (scale(song, "none") == song).all()


@pytest.mark.parametrize("name", ["sgd", "momentum", "adagrad", "adadelta", "rmsprop", "adam"])
def test_optimisers_are_what_they_are_called(name: str) -> None:
    made = optimiser(FAMILIES["mlp"].setup.but(optimiser=name, rate=0.125))
    kind = "sgd" if name == "momentum" else name
    assert type(made).__name__.lower() == kind
    assert float(made.learning_rate) == 0.125
    if kind == "sgd":
        assert made.momentum == (0.9 if name == "momentum" else 0)


def test_half_of_the_largest_good_rate_is_chosen() -> None:
    rates = np.geomspace(1e-4, 10, 400)
    losses = np.where(rates < 0.5, 2.6 - 2 * (rates / 0.5), 50.0)
    found = judged(rates, losses)
    assert 0.3 < found.largest < 0.6
    assert found.chosen == found.largest / 2
    assert judged(rates, 2.6 - rates / 10).largest == pytest.approx(10)
    broken = np.where(rates < 0.5, losses, np.nan)
    assert 0.3 < judged(rates, broken).largest < 0.6


def test_a_rate_is_found_that_learns_faster_than_a_small_one() -> None:
    family = FAMILIES["mlp"]
    setup = family.setup.but(optimiser="momentum", epochs=60)
    found = sweep(family, setup)
    assert 1e-4 < found.chosen < 5
    good = run(family, setup.but(rate=found.chosen)).loss[-1]
    assert good < run(family, setup.but(rate=found.chosen / 100)).loss[-1]


def test_random_search_gives_the_best_setup_first(tmp_path: Path) -> None:
    family = FAMILIES["mlp"]
    found = search(family, family.setup.but(epochs=8), 3, tmp_path)
    figures = [each["nats"] for _, each in found]
    assert len(figures) == 3
    assert figures == sorted(figures)
    assert len({setup.units for setup, _ in found}) > 1
    assert f"{figures[0]:.4f}" in table(family.setup, found)
