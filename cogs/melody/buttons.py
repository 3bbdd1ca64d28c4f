"""The buttons under a result; they live in the message and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

import discord

from bot.context import answer, explain_interaction
from bot.errors import Forgotten
from bot.here import language_of, require_channel
from bot.i18n import say
from cogs.melody.perform import perform, place_of

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.i18n import Locale

Action = Literal["again", "longer"]
_EMOJI: Final[dict[Action, str]] = {"again": "🎲", "longer": "➕"}


class TuneButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
    template=r"nabi:(?P<action>again|longer):(?P<name>[2-9a-z]{10})",
):
    """Do something with a result that is remembered under a short name.

    Anyone may press it; the new tune replies to the old message.
    """

    def __init__(self, action: Action, name: str, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(label=label, emoji=_EMOJI[action], custom_id=f"nabi:{action}:{name}")
        )
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
        try:
            await self._press(interaction)
        except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
            await explain_interaction(interaction, error)

    async def _press(self, interaction: discord.Interaction[Nabi]) -> None:
        bot = interaction.client
        require_channel(bot, interaction)
        async with bot.turns.turn(interaction.user.id):
            kept = await bot.store.find(self._name)
            if kept is None:
                raise Forgotten
            request = kept.again() if self._action == "again" else kept.longer()
            await interaction.response.defer(thinking=True)
            locale = language_of(bot, interaction)

            async def send(
                content: str, files: Sequence[discord.File], name: str | None
            ) -> discord.Message:
                return await answer(
                    interaction, content, files=files, view=buttons_for(name, locale)
                )

            await perform(bot, request, place_of(interaction, locale), send)


def buttons_for(name: str | None, locale: Locale) -> discord.ui.View | None:
    """Make the row of buttons for a result; None for one that is not remembered."""
    if name is None:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(TuneButton("again", name, say(locale, "button-again")))
    view.add_item(TuneButton("longer", name, say(locale, "button-longer")))
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
