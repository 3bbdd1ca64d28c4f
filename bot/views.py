"""Panels that belong to the one who opened them."""

from __future__ import annotations

import contextlib
from typing import Any

import discord

from bot.context import explain_interaction
from bot.errors import NotYours


class OwnView(discord.ui.View):
    """Buttons and menus that only one member may use, for as long as they go on using them.

    Args:
        owner: the member's id.
        timeout: seconds without a use after which they go away.
    """

    def __init__(self, owner: int, *, timeout: float = 600) -> None:
        super().__init__(timeout=timeout)
        self.owner = owner
        self.message: discord.Message | None = None
        """Where they stand; without it they stay there when they no longer work."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner use them.

        Raises:
            NotYours: for everyone else.
        """
        if interaction.user.id != self.owner:
            raise NotYours
        return True

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: Any, /
    ) -> None:
        """Explain what went wrong to the one who pressed."""
        await explain_interaction(interaction, error)

    async def on_timeout(self) -> None:
        """Take the buttons away."""
        if self.message is not None:
            with contextlib.suppress(discord.HTTPException):  # it is gone, or its token has expired
                await self.message.edit(view=None)


class Form(discord.ui.Modal):
    """A form whose errors are explained like all others."""

    async def on_error(  # type: ignore[override]  # a modal's differs from a view's
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Explain what went wrong to the one who sent it."""
        await explain_interaction(interaction, error)
