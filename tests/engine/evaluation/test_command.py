from __future__ import annotations

import argparse
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from engine import corpus
from engine.errors import BadVersion, EngineError
from engine.evaluation.command import add_arguments, run
from engine.evaluation.figures import FIGURES, as_text, bootstrap, by_collection, summarise
from engine.evaluation.measuring import total
from engine.evaluation.melodies import Specimen
from engine.listening import listen_causally
from engine.music import Melody
from engine.predict import Model
from engine.registry import Registry
from engine.statistics.yardsticks import NAMES
from tests.engine.models import random_weights
from tests.engine.tunes import fill_cache, made_up_tunes, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.predict import Array


def totals(tunes: int, predictors: int = 2, seed: int = 0) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    return random.uniform(1, 90, (tunes, predictors, len(FIGURES))), random.integers(1, 99, tunes)


# --- figures --------------------------------------------------------------------------------


def test_the_bootstrap_is_reproducible_and_draws_whole_tunes() -> None:
    bits, notes = totals(12)
    first, second, other = (
        bootstrap(bits, notes, np.random.default_rng(seed), 200) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    rates = bits / notes[:, None, None]
    assert (first >= rates.min(axis=0) - 1e-9).all()
    assert (first <= rates.max(axis=0) + 1e-9).all()
    same = bootstrap(notes[:, None] * 2.0, notes, np.random.default_rng(1), 50)
    assert np.allclose(same, 2)


def test_the_interval_is_that_of_the_mean_for_tunes_of_one_length() -> None:
    random = np.random.default_rng(0)
    bits = random.normal(3, 1, (400, 1, len(FIGURES)))
    row = summarise({"a": (bits, np.ones(400, int))}, ["m"])[0]
    interval = row.figures["pitch"].interval
    assert interval is not None
    assert interval[1] - interval[0] == pytest.approx(2 * 1.96 / 20, rel=0.1)


def test_collections_weigh_the_same_and_keep_their_figures() -> None:
    small, large = totals(2, seed=1), totals(50, seed=2)
    rows = summarise({"s": small, "l": large}, ["m", "n"], known={"s": 1, "l": 2})
    assert [(row.collection, row.predictor) for row in rows] == [
        (collection, predictor) for collection in ("s", "l", None) for predictor in ("m", "n")
    ]
    for place in (0, 1):
        means = [bits[:, place].sum(axis=0) / notes.sum() for bits, notes in (small, large)]
        assert [f.value for f in rows[4 + place].figures.values()] == pytest.approx(
            list(np.mean(means, axis=0))
        )
        for figure in rows[4 + place].figures.values():
            assert figure.interval is not None
            assert figure.interval[0] <= figure.value <= figure.interval[1]
    assert (rows[4].tunes, rows[4].known) == (52, 3)
    assert rows[4].notes == small[1].sum() + large[1].sum()
    alone = summarise({"l": large}, ["m", "n"])
    assert alone[0].figures == rows[2].figures  # other collections do not move the draws


def test_one_tune_says_nothing_of_chance() -> None:
    rows = summarise({"one": totals(1), "two": totals(2)}, ["m", "n"])
    has = [row.figures["sum"].interval is not None for row in rows]
    assert has == [False, False, True, True, False, False]
    assert "[" not in as_text("m", rows[:2], [])


def test_totals_are_sorted_by_collection() -> None:
    heard = [(1.0, 2.0, 3.0, 6.0, 1.0), (4.0, 5.0, 6.0, 15.0, 2.0), (7.0, 8.0, 9.0, 24.0, 3.0)]
    tunes = [tune.melody() for tune in made_up_tunes(3)]
    specimens = [Specimen(c, "x", t) for c, t in zip("aba", tunes, strict=True)]
    sorted_ = by_collection(specimens, [[each] for each in heard])
    assert list(sorted_) == ["a", "b"]
    assert sorted_["a"][0].tolist() == [[list(heard[0])], [list(heard[2])]]
    assert sorted_["b"][1].tolist() == [24]


def test_the_table_is_aligned_and_lists_what_was_skipped() -> None:
    rows = summarise({"가나다": totals(3), "x" * 50: totals(4)}, ["nabi", "PPM"])
    text = as_text("nabi", rows, [("a.mid", "broken")], exact=False)
    head, *_, last = text.split("\n\n")
    names = ["collection", "tunes", "known", "notes", "predictor", "shift", "duration", "pitch"]
    assert head.split("\n")[0].split() == [*names, "sum", "top-1"]
    assert "average" in text
    assert "not exactly the same tunes" in text
    assert last == "skipped:\n  a.mid: broken"
    assert max(len(line) for line in text.split("\n")) < 140


# --- the command ----------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a folder with a small version that learnt made-up tunes, and those tunes."""
    folder = tmp_path / "weights" / "tiny"
    folder.mkdir(parents=True)
    document, weights = random_weights()
    np.savez(folder / "weights.npz", **weights)
    digest = hashlib.sha256((folder / "weights.npz").read_bytes()).hexdigest()
    document |= {"files": {"weights.npz": digest}, "corpus": {"collections": {"folk": {}}}}
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    fill_cache(tmp_path / "cache", "folk", made_up_tunes(30))
    return tmp_path


def write_tunes(path: Path, collections: dict[str, int]) -> None:
    """Write made-up tunes of a seed of their own for each collection; other than 0: atonal."""
    random = np.random.default_rng(5)
    content = {
        name: [
            {
                "tpq": 48,
                "onset": tune.onsets.tolist(),
                "dur": tune.durations.tolist(),
                "pitch": (random.integers(30, 99, 24) if seed else tune.pitches).tolist(),
            }
            for tune in made_up_tunes(3, seed=seed)
        ]
        for name, seed in collections.items()
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def evaluate(data: Path, *arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args([str(each) for each in (*arguments, "--workers", 1)])
    registry = Registry(shipped=data / "none", data=data)
    return run(args, registry, data / "cache", lambda error: f"<{error}>")


def test_every_predictor_is_measured_on_the_same_notes(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tunes(data / "new.json", {"known": 0, "new": 7})
    (data / "bad.mid").write_bytes(b"MThd")
    assert evaluate(data, data / "new.json", data / "bad.mid", "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["version"] == "tiny"
    assert list(told["collections"]) == ["known", "new"]
    for collection in (*told["collections"].values(), told["average"]):
        assert list(collection["predictors"]) == ["tiny", "network alone", *NAMES]
        for figures in collection["predictors"].values():
            parts = [figures[name]["value"] for name in ("shift", "duration", "pitch")]
            assert figures["sum"]["value"] == pytest.approx(sum(parts))
            assert 0 <= figures["top1"]["value"] <= 1
    assert [skip["name"].endswith("bad.mid") for skip in told["skipped"]] == [True]
    known = told["collections"]["known"]
    assert (known["known"], told["collections"]["new"]["known"]) == (3, 0)
    assert known["notes"] == 3 * 24
    model = Model.load(data / "weights" / "tiny")
    blank = [
        Melody(tune.melody().notes) for tune in made_up_tunes(3)
    ]  # JSON of this kind tells neither key nor meter
    wanted = np.sum([total(listen_causally(model, each)) for each in blank], axis=0) / (3 * 24)
    got = [known["predictors"]["tiny"][name]["value"] for name in FIGURES]
    assert got == pytest.approx(list(wanted), abs=1e-4)
    alone = known["predictors"]["network alone"]
    plain = np.sum(
        [total(listen_causally(model, each, memory=False)) for each in blank], axis=0
    ) / (3 * 24)
    assert [alone[name]["value"] for name in FIGURES] == pytest.approx(list(plain), abs=1e-4)
    assert alone["pitch"] != known["predictors"]["tiny"]["pitch"]


def test_some_tunes_of_each_collection(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_tunes(data / "new.json", {"a": 1, "b": 2})
    told = []
    for seed in (3, 3, 4):
        arguments = (data / "new.json", "--alone", "--tunes", 2, "--seed", seed, "--json")
        assert evaluate(data, *arguments) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1] != told[2]
    assert {each["tunes"] for each in told[0]["collections"].values()} == {2}
    assert list(told[0]["average"]["predictors"]) == ["tiny", "network alone"]


def test_the_version_is_told_what_is_wanted(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "a.abc").write_text("X:1\nM:3/4\nL:1/4\nK:G\nGAB|c2d|G3|\n")
    sums = []
    for flags in ((), ("--blind",), ("--style", "irish")):
        assert evaluate(data, data / "a.abc", "--alone", "--json", *flags) == 0
        told = json.loads(capsys.readouterr().out)
        sums.append(told["average"]["predictors"]["tiny"]["sum"]["value"])
    assert len(set(sums)) == 3


def test_collections_that_were_not_parsed_yet_are_parsed_first(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def parse(
        name: str, progress: Callable[[str, int, int], None], _processes: int | None
    ) -> list[dict[str, Any]]:
        for part in (name, "another"):
            for done in (1, 2, 3):
                progress(part, done, 3)
        return rows_of(made_up_tunes(30))

    monkeypatch.setattr(corpus, "_parse_collection", parse)
    write_tunes(data / "new.json", {"a": 1})
    arguments = (data / "new.json", "--cache", data / "fresh", "--json")
    assert evaluate(data, *arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["average"]["predictors"]) == ["tiny", "network alone", *NAMES]
    assert [path.suffix for path in (data / "fresh").iterdir()] == [".npz"]


def test_nothing_to_measure_ends_with_2(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "empty").mkdir()
    assert evaluate(data, data / "empty", data / "missing.mid") == 2
    told = capsys.readouterr()
    assert "missing.mid: no such file or folder" in told.out
    assert "no melody could be read" in told.err


def test_a_version_that_does_not_load_is_told(data: Path) -> None:
    write_tunes(data / "new.json", {"a": 1})
    manifest = data / "weights" / "tiny" / "model.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 9'))
    with pytest.raises(BadVersion):
        evaluate(data, data / "new.json", "--alone")
    with pytest.raises(EngineError):
        evaluate(data, data / "new.json", "--version", "missing")


@pytest.mark.parametrize("flags", [("--tunes", "0"), ("--seed", "-1"), ("--workers", "x"), ()])
def test_wrong_options_are_refused(flags: tuple[str, ...]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args([*flags, *(["x"] if flags else [])])
