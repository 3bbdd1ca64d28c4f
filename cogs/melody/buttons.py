"""The buttons under a result; they live in the message and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

import discord

from bot.i18n import say
from bot.views import Lasting
from engine.request import OPTIONS

if TYPE_CHECKING:
    import re

    from bot.answering import Sign
    from bot.i18n import Locale
    from engine.request import Result

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

_GOES_ON: Final[tuple[Action, ...]] = ("again", "wilder", "calmer")
_CONCERNS: Final[tuple[Action, ...]] = ("edit", "files", "delete")
"""What makes another tune, and what concerns this message."""

_SIGNS: Final[dict[Action, Sign]] = {"edit": "update", "files": "private", "delete": "update"}
"""How those are acknowledged that make no new tune."""

_NUMBERS: Final = "1️⃣", "2️⃣", "3️⃣"


class TuneButton(
    Lasting[discord.ui.Button[discord.ui.View]],
    template=r"nabi:(?P<action>again|longer|wilder|calmer|edit|files|delete)"
    r":(?P<name>[2-9a-z]{10})(?::(?P<take>[1-3]))?",
):
    """Do something with a result that is remembered under a short name.

    Anyone may press those that make music; the new tune replies to the old message.

    Args:
        action: what to do.
        name: the short name.
        label: what stands on it.
        take: number of the take to go on from, where there are several.
        row: of the message's rows, from 0.
        disabled: whether it cannot be pressed.
    """

    def __init__(  # noqa: PLR0913 - a button is made of these, each by its name
        self,
        action: Action,
        name: str,
        label: str | None = None,
        *,
        take: int | None = None,
        row: int | None = None,
        disabled: bool = False,
    ) -> None:
        emoji = _LOOKS[action][0] if take is None else _NUMBERS[take - 1]
        suffix = "" if take is None else f":{take}"
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            label=label,
            emoji=emoji,
            custom_id=f"nabi:{action}:{name}{suffix}",
            disabled=disabled,
            row=row,
        )
        super().__init__(button)
        self._action = action
        self._name = name
        self._take = take

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build it anew from its id."""
        del item
        take = match["take"]
        return cls(cast("Action", match["action"]), match["name"], take=int(take) if take else None)

    @property
    def sign(self) -> Sign:
        """What shows that its answer is under way."""
        return _SIGNS.get(self._action, "answer")

    async def use(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it says."""
        from cogs.melody.press import press  # noqa: PLC0415 - what it sends has buttons, too

        await press(interaction, self._action, self._name, self._take or 1)


def buttons_for(name: str | None, result: Result, locale: Locale) -> discord.ui.View | None:
    """Make the buttons for a result; None for one that is not remembered.

    Above stands what goes on with the tune, below what concerns the message.

    Args:
        name: short name under which it is remembered.
        result: what they stand under.
        locale: language of the labels.
    """
    if name is None:
        return None
    option, temperature = OPTIONS["temperature"], result.request.temperature
    useless = {
        "wilder": temperature >= (option.high or 0),
        "calmer": temperature <= (option.low or 0),
    }
    view = discord.ui.View(timeout=None)
    rows: list[tuple[Action, ...]] = [("again", "longer", *_GOES_ON[1:]), _CONCERNS]
    if result.takes:
        rows = [(), _GOES_ON, _CONCERNS]
        for take in range(1, len(result.takes) + 1):
            label = say(locale, "button-go-on", number=str(take))
            view.add_item(TuneButton("longer", name, label, take=take, row=0))
    for row, actions in enumerate(rows):
        for action in actions:
            label = say(locale, _LOOKS[action][1])
            off = useless.get(action, False)
            view.add_item(TuneButton(action, name, label, row=row, disabled=off))
    return view


def result_under(message: discord.Message | discord.MessageSnapshot) -> str | None:
    """Read from a message's buttons under which short name its result is remembered."""
    for row in message.components:
        for item in getattr(row, "children", ()):
            custom_id = getattr(item, "custom_id", None)
            match = TuneButton.__discord_ui_compiled_template__.fullmatch(custom_id or "")
            if match is not None:
                return match["name"]
    return None
