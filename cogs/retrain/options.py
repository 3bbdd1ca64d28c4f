"""The options of ``retrain``: typed in the menu, read as a line in a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Optional, Self

from discord import app_commands
from discord.ext import commands

from bot.training.asking import DRY_RUN, RUN_OPTIONS, collection_names, read_line
from bot.translator import described

if TYPE_CHECKING:
    import discord

_EPOCHS: Final = RUN_OPTIONS["epochs"]
_SHOWN: Final = 25
"""Choices that Discord shows at most."""


class Collections(app_commands.Transformer):
    """A list of collections by comma; what is typed last is completed."""

    async def transform(self, interaction: discord.Interaction[Any], value: str, /) -> str:
        """Take the list as it is: the trainer knows what there is."""
        del interaction
        return value

    async def autocomplete(  # type: ignore[override]  # strings only
        self, interaction: discord.Interaction[Any], value: str, /
    ) -> list[app_commands.Choice[str]]:
        """Offer the collections that are not in the list yet."""
        del interaction
        return [app_commands.Choice(name=each, value=each) for each in complete_list(value)]


def complete_list(typed: str) -> list[str]:
    """Complete the last name in a list by comma: ``aird,r`` may become ``aird,ryan``."""
    *done, last = [name.strip().lower() for name in typed.split(",")]
    free = [name for name in collection_names() if name not in done]
    fitting = [name for name in free if name.startswith(last)]
    return [",".join([*done, name]) for name in fitting][:_SHOWN]


class Wish(commands.FlagConverter, prefix="/", delimiter=" "):  # lets names have a dash
    """The options of a run, each of them None where it is not given."""

    start: Optional[Literal["current", "scratch"]] = commands.flag(  # noqa: UP045 - read at run time
        name="from",
        default=None,
        description=described("option-from"),  # type: ignore[arg-type]  # kept as it is
    )
    epochs: Optional[app_commands.Range[int, int(_EPOCHS.low or 1), int(_EPOCHS.high or 1)]] = (  # noqa: UP045 - likewise
        commands.flag(
            default=None,
            description=described("option-epochs"),  # type: ignore[arg-type]  # likewise
        )
    )
    collections: Optional[app_commands.Transform[str, Collections]] = commands.flag(  # noqa: UP045 - likewise
        default=None,
        description=described("option-collections"),  # type: ignore[arg-type]  # likewise
    )
    name: Optional[app_commands.Range[str, 1, 64]] = commands.flag(  # noqa: UP045 - likewise
        default=None,
        description=described("option-name"),  # type: ignore[arg-type]  # likewise
    )
    dry_run: bool = commands.flag(
        name=DRY_RUN,
        default=False,
        description=described("option-dry-run"),  # type: ignore[arg-type]  # likewise
    )

    @classmethod
    async def convert(cls, ctx: commands.Context[Any], argument: str) -> Self:
        """Read the line of a message; whatever is no option is refused."""
        del ctx
        values = read_line(argument)
        made = cls.__new__(cls)
        for flag in cls.get_flags().values():
            setattr(made, flag.attribute, values.get(flag.name, flag.default))
        return made

    def given(self) -> dict[str, Any]:
        """Give the values by option name."""
        return {
            "from": self.start,
            "epochs": self.epochs,
            "collections": self.collections,
            "name": self.name,
        }
