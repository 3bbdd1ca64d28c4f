"""The menu's options are the engine's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.app import EXTENSIONS, Nabi
from bot.i18n import has_hangul
from bot.settings import Settings
from bot.store import Store
from bot.translator import Translator
from cogs.melody.options import Wish
from engine.request import OPTIONS
from tests.fakes import FakeEngine, FakeTrainer, FakeVersions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

KINDS = {int: 4, float: 10, str: 3}


@pytest.fixture
async def commands(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    settings = Settings(data=tmp_path)
    bot = Nabi(settings, FakeEngine(), Store(settings.database_url), FakeTrainer(), FakeVersions())
    translator = Translator()
    async with bot:
        await bot.tree.set_translator(translator)
        for name in EXTENSIONS:
            await bot.load_extension(name)
        found = bot.tree.get_commands()
        menus = [await each.get_translated_payload(bot.tree, translator) for each in found]
        yield {menu["name"]: menu for menu in menus}


def test_typed_options_agree_with_the_engines(commands: dict[str, Any]) -> None:
    menu = {option["name"]: option for option in commands["continue"]["options"]}
    assert set(menu) == {"file", "melody", *OPTIONS}
    for name, option in OPTIONS.items():
        shown = menu[name]
        assert shown["type"] == KINDS[option.kind], name
        assert (shown.get("min_value"), shown.get("max_value")) == (option.low, option.high), name
        choices = tuple(choice["value"] for choice in shown.get("choices", ()))
        completed = name in {"style", "meter", "key", "version"}
        assert bool(shown.get("autocomplete")) is completed, name
        assert choices == (() if completed else option.choices), name
        assert not shown["required"]


def below(thing: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk a command with its subcommands and options."""
    yield thing
    for option in thing.get("options", ()):
        yield from below(option)


def test_everything_in_the_menu_is_described_in_korean(commands: dict[str, Any]) -> None:
    seen = 0
    for thing in (each for command in commands.values() for each in below(command)):
        what = "description" if thing.get("description") else "name"  # of a message's menu
        assert has_hangul(thing[f"{what}_localizations"]["ko"]), thing["name"]
        assert not has_hangul(thing[what])
        seen += 1
    assert seen > 30


def test_retrain_is_hidden_from_members(commands: dict[str, Any]) -> None:
    hidden = {n for n, c in commands.items() if c["default_member_permissions"] is not None}
    assert hidden == {"retrain"}
    wanted = int(commands["retrain"]["default_member_permissions"])
    assert discord.Permissions(wanted) == discord.Permissions(administrator=True)


async def test_typed_text_is_kept_whole() -> None:
    wish = await Wish.convert(None, "g8 --wild 3 --bars 4")  # type: ignore[arg-type]  # not looked at
    assert wish.melody == "g8 --wild 3 --bars 4"
    assert wish.given() == {}
