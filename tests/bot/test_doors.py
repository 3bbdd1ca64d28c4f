"""Errors are explained at each of the four doors: messages, the tree, views and forms."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.app import Nabi, Tree
from bot.views import Lasting

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


def ours(kind: type[Any]) -> Iterator[type[Any]]:
    """Yield the classes of a kind that the program defines."""
    for path in sorted([*(ROOT / "cogs").rglob("*.py"), ROOT / "bot" / "views.py"]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        for _, found in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(found, kind) and found.__module__ == name:
                yield found


VIEWS = [*ours(discord.ui.View), *ours(discord.ui.LayoutView)]
FORMS = [*ours(discord.ui.Modal)]
BUTTONS = [*ours(discord.ui.DynamicItem)]


@pytest.mark.parametrize("cls", [*VIEWS, *FORMS, Tree, Nabi], ids=lambda cls: cls.__name__)
def test_a_door_explains(cls: type[Any]) -> None:
    handler = "on_command_error" if cls is Nabi else "on_error"
    assert getattr(cls, handler).__module__.partition(".")[0] in {"bot", "cogs"}


@pytest.mark.parametrize("cls", BUTTONS, ids=lambda cls: cls.__name__)
def test_what_outlives_the_program_answers_in_the_one_way(cls: type[Any]) -> None:
    assert issubclass(cls, Lasting)
    assert cls.callback is Lasting.callback
    assert cls is Lasting or cls.use is not Lasting.use


def test_there_are_doors() -> None:
    assert len(VIEWS) > 1
    assert len(FORMS) > 1
    assert len(BUTTONS) > 1
