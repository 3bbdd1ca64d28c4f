"""The options of ``continue``, made from the engine's own list of them.

In the menu each option is typed: ranges and closed lists are checked by Discord. In an ordinary
message the text is kept as it is and read later with the very same list, because a
:class:`~discord.ext.commands.FlagConverter` would take an option that it does not know for notes.
"""

from __future__ import annotations

from types import new_class
from typing import TYPE_CHECKING, Any, Literal, Optional, Self, cast

from discord import app_commands
from discord.ext import commands

from bot.translator import described
from engine.request import OPTIONS

if TYPE_CHECKING:
    from engine.request import Option


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
    if option.choices:
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
