"""The menu of slash commands: sent once, however many programs start."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot import menu
from bot.menu import Menu
from bot.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]


class Tree:
    """Stand-in for discord.py's tree: commands that are plain data."""

    def __init__(self, *names: str) -> None:
        self.translator = object()
        self.names = names
        self.sent = 0
        self.error: Exception | None = None
        self.asked, self.answers = asyncio.Event(), asyncio.Event()
        self.answers.set()

    def get_commands(self) -> list[Any]:
        async def payload(name: str) -> dict[str, str]:
            return {"name": name}

        return [
            SimpleNamespace(get_translated_payload=lambda *_, name=name: payload(name))
            for name in self.names
        ]

    async def sync(self) -> list[Any]:
        self.sent += 1
        self.asked.set()
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return [SimpleNamespace(name=name, id=n) for n, name in enumerate(self.names, 100)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(f"sqlite+aiosqlite:///{tmp_path / 'nabi.db'}")
    await opened.open()
    yield opened
    await opened.close()


def make(tree: Tree, store: Store, *, always: bool = False) -> Menu:
    return Menu(cast("Any", tree), store, always=always)


async def test_it_is_sent_when_it_changed(store: Store) -> None:
    tree = Tree("help", "models")
    assert await make(tree, store).send(1)
    second = make(tree, store)
    assert not await second.send(1)
    assert second.link("help") == "</help:100>"
    assert second.link("models list") == "</models list:101>"
    assert second.link("other") == "`/other`"
    tree.names = ("help",)
    assert await make(tree, store).send(1)
    assert await make(tree, store).send(2)  # another application
    assert tree.sent == 3


async def test_the_local_chat_forgets_it(store: Store) -> None:
    tree = Tree("help")
    for _ in range(2):
        assert await make(tree, store, always=True).send(1)


async def test_what_was_refused_is_sent_again(store: Store) -> None:
    tree = Tree("help")
    tree.error = OSError("away")
    with pytest.raises(OSError, match="away"):
        await make(tree, store).send(1)
    tree.error = None
    assert await make(tree, store).send(1)
    assert not await make(tree, store).send(1)


async def test_a_program_that_was_lost_while_sending_does_not_block(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree("help")
    tree.answers.clear()
    sending = asyncio.create_task(make(tree, store).send(1))
    await tree.asked.wait()
    waiting = make(tree, store)
    assert not await waiting.send(1)
    assert waiting.link("help") == "`/help`"
    tree.answers.set()
    assert await sending
    await waiting.learn()
    assert waiting.link("help") == "</help:100>"
    await store.set_fact("commands:1", json.dumps({"digest": "x", "begun": 0, "ids": {}}))
    digest = await waiting._digest()
    await store.set_fact("commands:1", json.dumps({"digest": digest, "begun": 0, "ids": {}}))
    assert await make(tree, store).send(1)
    monkeypatch.setattr(menu, "_SENDING", 0)
    await store.set_fact("commands:1", "an earlier version's")
    assert await make(tree, store).send(1)


START = """
import asyncio, sys
sys.path.insert(0, {root!r})
from tests.bot.test_menu import Tree, make
from bot.store import Store

async def main():
    store = Store({url!r})
    await store.open()
    tree = Tree("help", "models")
    sys.stdin.readline()
    await make(tree, store).send(1)
    print(tree.sent)
    await store.close()

asyncio.run(main())
"""


async def test_of_two_processes_one_sends_it(tmp_path: Path, store: Store) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'nabi.db'}"
    pipe = asyncio.subprocess.PIPE
    code = START.format(root=str(ROOT), url=url)
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdin=pipe, stdout=pipe, cwd=ROOT
        )
        for _ in range(2)
    ]
    told = await asyncio.gather(*(each.communicate(b"go\n") for each in both))
    assert sorted(out.strip() for out, _ in told) == [b"0", b"1"]


async def test_a_fact_is_swapped_only_from_what_was_read(store: Store) -> None:
    assert await store.swap_fact("a", None, "1")
    assert not await store.swap_fact("a", None, "2")
    assert not await store.swap_fact("a", "0", "2")
    assert await store.swap_fact("a", "1", "2")
    assert await store.fact("a") == "2"
    swaps = (store.swap_fact("a", "2", str(n)) for n in range(3, 9))
    assert sum(await asyncio.gather(*swaps)) == 1
