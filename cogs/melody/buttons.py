"""The buttons under a result; they live in the message and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

import discord

from bot.context import explain_interaction
from bot.i18n import say
from engine.request import OPTIONS

if TYPE_CHECKING:
    import re

    from bot.i18n import Locale
    from engine.request import Request

Action = Literal["again", "longer", "wilder", "calmer", "edit", "files", "delete"]

_LOOKS: Final[dict[Action, tuple[str, str]]] = {
    "again": ("🎲", "button-again"),
    "longer": ("➕", "button-longer"),
    "wilder": ("🔥", "button-wilder"),
    "calmer": ("🌙", "button-calmer"),
    "edit": ("✏️", "button-edit"),
    "files": ("📁", "button-files"),
    "delete": ("🗑️", "button-delete"),
}
"""Emoji of each button, and the key of its label."""

_ROWS: Final[tuple[tuple[Action, ...], ...]] = (
    ("again", "longer", "wilder", "calmer"),
    ("edit", "files", "delete"),
)
"""What goes on with the tune above, what concerns this message below."""


class TuneButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"nabi:(?P<action>again|longer|wilder|calmer|edit|files|delete)"
    r":(?P<name>[2-9a-z]{10})",
):
    """Do something with a result that is remembered under a short name.

    Anyone may press those that make music; the new tune replies to the old message.
    """

    def __init__(
        self,
        action: Action,
        name: str,
        label: str | None = None,
        *,
        row: int | None = None,
        disabled: bool = False,
    ) -> None:
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=label,
            emoji=_LOOKS[action][0],
            custom_id=f"nabi:{action}:{name}",
            disabled=disabled,
            row=row,
        )
        super().__init__(button)
        self._action = action
        self._name = name

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Rebuild the button that was pressed."""
        del interaction, item
        return cls(cast("Action", match["action"]), match["name"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press."""
        from cogs.melody.press import press  # noqa: PLC0415 - what it sends has buttons, too

        try:
            await press(interaction, self._action, self._name)
        except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
            await explain_interaction(interaction, error)


def buttons_for(name: str | None, request: Request, locale: Locale) -> discord.ui.View | None:
    """Make the buttons for a result; None for one that is not remembered.

    Args:
        name: short name under which it is remembered.
        request: what it was made for.
        locale: language of the labels.
    """
    if name is None:
        return None
    range_ = OPTIONS["temperature"]
    useless = {
        "wilder": request.temperature >= (range_.high or 0),
        "calmer": request.temperature <= (range_.low or 0),
    }
    view = discord.ui.View(timeout=None)
    for row, actions in enumerate(_ROWS):
        for action in actions:
            label = say(locale, _LOOKS[action][1])
            off = useless.get(action, False)
            view.add_item(TuneButton(action, name, label, row=row, disabled=off))
    return view


def result_under(message: discord.Message) -> str | None:
    """Read from a message's buttons under which short name its result is remembered."""
    for row in message.components:
        for item in getattr(row, "children", ()):
            custom_id = getattr(item, "custom_id", None)
            match = TuneButton.__discord_ui_compiled_template__.fullmatch(custom_id or "")
            if match is not None:
                return match["name"]
    return None
