"""The options of ``continue``, made from the engine's own list of them.

In the menu each option is typed: ranges and closed lists are checked by Discord. In an ordinary
message the text is kept as it is and read later with the very same list, because a
:class:`~discord.ext.commands.FlagConverter` would take an option that it does not know for notes.
"""

from __future__ import annotations

from types import new_class
from typing import TYPE_CHECKING, Any, Final, Literal, Optional, Self, cast

from discord import app_commands
from discord.ext import commands

from bot import completion
from bot.here import language_of
from bot.translator import described
from cogs.naming import known_versions
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    import discord

    from bot.app import Nabi
    from engine.request import Option

    Complete = Callable[[discord.Interaction[Nabi], str], Awaitable[list[tuple[str, str]]]]


class Completed(app_commands.Transformer):
    """A text that is completed while it is typed, and taken as it is: it is read later.

    Args:
        complete: gives what the value could be: what is shown and what it stands for.
    """

    def __init__(self, complete: Complete) -> None:
        self._complete = complete

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        """Take the text as it is."""
        del interaction
        return value

    async def autocomplete(  # type: ignore[override]  # strings only
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Offer values in the language of the one who types."""
        offers = await self._complete(interaction, value)
        return [app_commands.Choice(name=name, value=each) for name, each in offers]


async def _styles(interaction: discord.Interaction[Nabi], typed: str) -> list[tuple[str, str]]:
    return completion.styles(typed, language_of(interaction.client, interaction))


async def _meters(interaction: discord.Interaction[Nabi], typed: str) -> list[tuple[str, str]]:
    return completion.meters(typed, language_of(interaction.client, interaction))


async def _keys(interaction: discord.Interaction[Nabi], typed: str) -> list[tuple[str, str]]:
    return completion.keys(typed, language_of(interaction.client, interaction))


async def _versions(interaction: discord.Interaction[Nabi], typed: str) -> list[tuple[str, str]]:
    known = await known_versions(interaction.client)
    return completion.versions(typed, known, language_of(interaction.client, interaction))


_COMPLETED: Final[Mapping[str, Complete]] = {
    "style": _styles,
    "meter": _meters,
    "key": _keys,
    "version": _versions,
}


class TypedOptions(commands.FlagConverter, prefix="--", delimiter=" "):
    """Note codes, and options by name beside them."""

    melody: str = commands.flag(
        positional=True,
        default="",
        description=described("option-melody"),  # type: ignore[arg-type]  # kept as it is
    )

    @classmethod
    async def convert(cls, ctx: commands.Context[Any], argument: str) -> Self:
        """Take the text of a message whole; options in it are read with the notes."""
        del ctx
        made = cls.__new__(cls)
        for flag in cls.get_flags().values():
            setattr(made, flag.attribute, flag.default)
        made.melody = argument
        return made

    def given(self) -> dict[str, Any]:
        """Give the values that were chosen, by option name."""
        return {name: value for name, value in self if name in OPTIONS and value is not None}


def _annotation(option: Option) -> Any:
    made: Any = option.kind
    if option.name in _COMPLETED:
        made = app_commands.Transform[str, Completed(_COMPLETED[option.name])]
    elif option.choices:
        made = Literal[option.choices]
    elif option.low is not None and option.high is not None:
        # Discord's own range: the one of ``commands`` inside Optional becomes a text option.
        made = app_commands.Range[made, made(option.low), made(option.high)]
    return Optional[made]  # noqa: UP045 - a Range is no class, it takes no ``|``


def _make_options() -> type[TypedOptions]:
    """Build the converter from :data:`engine.request.OPTIONS`."""
    space: dict[str, Any] = {"__module__": __name__, "__doc__": TypedOptions.__doc__}
    space["__annotations__"] = {}
    for option in OPTIONS.values():
        attribute = "form" if option.name == "as" else option.name  # a word of Python's own
        space["__annotations__"][attribute] = _annotation(option)
        space[attribute] = commands.flag(
            name=option.name,
            default=None,
            description=described(f"option-{option.name}"),  # type: ignore[arg-type]  # likewise
        )
    return cast(
        "type[TypedOptions]", new_class("Wish", (TypedOptions,), {}, lambda ns: ns.update(space))
    )


if TYPE_CHECKING:
    Wish = TypedOptions
else:
    Wish = _make_options()
