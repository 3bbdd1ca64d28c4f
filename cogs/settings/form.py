"""The form in which a setting's value is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.views import Form
from cogs.settings.words import hint_text, name_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.i18n import Locale


class ValueForm(Form):
    """Asks for one value.

    Args:
        name: of the setting.
        value: what stands in the field.
        locale: language of the form.
        take: is given the typed text; what it raises is explained.
    """

    def __init__(
        self,
        name: str,
        value: str,
        locale: Locale,
        take: Callable[[discord.Interaction[Any], str], Awaitable[None]],
    ) -> None:
        title = name_text(name, locale)[:45]
        super().__init__(title=title)
        self._take = take
        self._input: discord.ui.TextInput[ValueForm] = discord.ui.TextInput(
            custom_id="value", default=value, max_length=40
        )
        description = hint_text(name, locale)
        self.add_item(discord.ui.Label(text=title, description=description, component=self._input))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Hand the text on."""
        await self._take(interaction, self._input.value)
