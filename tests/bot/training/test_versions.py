"""Versions: listed, switched, gone back from, pruned, and every change in the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.cli import main
from bot.store import Store
from bot.training.versions import Versions, prune
from engine.errors import BadVersion, UnknownVersion
from engine.registry import SHIPPED, Registry
from tests.bot.training.schools import write_weak_version
from tests.engine.weights import make_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from engine.registry import Version


class Switch:
    """Switches as the engine does, without workers."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def promote(self, name: str) -> Version:
        return self._registry.promote(name)

    async def rollback(self) -> Version:
        return self._registry.rollback()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    make_version(tmp_path / "shipped" / "first", default=True)
    for number in range(1, 6):
        make_version(
            tmp_path / "data" / "weights" / f"v{number}",
            created=f"2026-02-0{number}T00:00:00",
            metrics={"shift_bits": 0.1, "duration_bits": 0.7, "pitch_bits": "much"},
            corpus={"training_tunes": 100},
        )
    return Registry(tmp_path / "shipped", tmp_path / "data")


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'nabi.db'}")
    await store.open()
    yield store
    await store.close()


async def test_they_are_listed_with_what_is_known(registry: Registry, store: Store) -> None:
    (registry.get("v2").folder / "weights.npz").write_bytes(b"torn")
    listed = await Versions(registry, Switch(registry), store).listing()
    assert [each.name for each in listed] == ["v5", "v4", "v3", "v2", "v1", "first"]
    assert [each.name for each in listed if each.active] == ["first"]
    assert [each.name for each in listed if each.shipped] == ["first"]
    assert [each.name for each in listed if not each.sound] == ["v2"]
    assert (listed[0].bits, listed[0].tunes) == ({"shift": 0.1, "duration": 0.7}, 100)


async def test_every_change_is_in_the_audit(registry: Registry, store: Store) -> None:
    versions = Versions(registry, Switch(registry), store)
    assert (await versions.use("v3", 7)).active
    assert (await versions.promote("v4", None)).name == "v4"
    assert (await versions.rollback(8)).name == "v3"
    with pytest.raises(UnknownVersion):
        await versions.use("v9", 7)
    (registry.get("v5").folder / "weights.npz").write_bytes(b"torn")
    with pytest.raises(BadVersion):
        await versions.use("v5", 7)
    lines = [(line.who, line.what, line.detail) for line in await store.audit()]
    assert lines == [
        (8, "rollback", "v4 to v3"),
        (None, "promote", "v3 to v4"),
        (7, "use", "first to v3"),
    ]


@pytest.mark.parametrize(
    ("keep", "gone"), [(0, ()), (9, ()), (3, ("v1",)), (1, ("v4", "v3", "v1"))]
)
def test_pruning_spares_the_active_the_one_before_and_the_shipped(
    registry: Registry, keep: int, gone: tuple[str, ...]
) -> None:
    registry.promote("v1")
    registry.promote("v2")
    if keep == 3:
        registry.promote("v3")  # v1 is no longer the one before
    expected = gone if keep == 3 else tuple(name for name in gone if name != "v1")
    assert prune(registry, keep) == expected
    left = {each.name for each in registry.versions()}
    assert left == {"first", "v1", "v2", "v3", "v4", "v5"} - set(expected)
    assert registry.active.name == ("v3" if keep == 3 else "v2")


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(capsys.readouterr().out)["versions"]
    return listed


@pytest.mark.slow
def test_the_command_line_tries_a_version_before_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that was dropped in appears and can be used; one that does not fit is refused."""
    monkeypatch.setenv("NABI_DATA", str(tmp_path))
    monkeypatch.setenv("NABI_KEEP_VERSIONS", "1")
    for name in ("dropped-1", "dropped-2", "dropped-3"):
        write_weak_version(tmp_path, name)
    (tmp_path / "active").unlink()
    make_version(tmp_path / "weights" / "strange")
    shipped = next(SHIPPED.glob("*/model.json")).parent.name
    assert main(["models", "--json"]) == 0
    listed = told(capsys)
    assert {"dropped-1", "dropped-2", "dropped-3", "strange", shipped} <= {
        each["name"] for each in listed
    }
    assert main(["models", "use", "dropped-1", "--json"]) == 0
    assert [each["name"] for each in told(capsys) if each["active"]] == ["dropped-1"]
    assert main(["models", "use", "strange"]) == 1
    assert main(["models", "use", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
    assert main(["models", "prune"]) == 0
    assert "removed dropped-2" in capsys.readouterr().out
    assert main(["models", "rollback"]) == 0
    assert f"* {shipped}" in capsys.readouterr().out
    assert (tmp_path / "weights" / "dropped-1").exists()
