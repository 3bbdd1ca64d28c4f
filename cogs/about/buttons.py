"""The buttons under ``about``: the model card, and where to go."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any, Final, Self

import discord

from bot.answering import answer
from bot.here import language_of
from bot.i18n import say
from bot.views import Lasting
from cogs.about.words import card_text

if TYPE_CHECKING:
    import re
    from pathlib import Path

    from bot.answering import Sign
    from bot.app import Nabi
    from bot.i18n import Locale

_LARGEST: Final = 200_000
"""Bytes of a model card that are sent."""


def about_view(bot: Nabi, locale: Locale, source: str, *, card: bool) -> discord.ui.View:
    """Build the buttons.

    Args:
        bot: whose links they lead to.
        locale: language of their labels.
        source: address of the source; empty: no button for it.
        card: whether there is a model whose card can be shown.
    """
    view = discord.ui.View(timeout=None)
    if card:
        view.add_item(CardButton(say(locale, "about-card")))
    for key, url in (
        ("about-invite", bot.invite_link),
        ("about-personal", bot.personal_link),
        ("about-source", source),
    ):
        if url:
            view.add_item(discord.ui.Button(label=say(locale, key), url=url))
    return view


class CardButton(Lasting[discord.ui.Button[discord.ui.View]], template="nabi:card"):
    """Show the card of the model that answers, to whoever presses."""

    def __init__(self, label: str | None = None) -> None:
        super().__init__(discord.ui.Button(label=label, emoji="📇", custom_id="nabi:card"))

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build it anew from its id."""
        del item, match
        return cls()

    @property
    def sign(self) -> Sign:
        """What shows that its answer is under way."""
        return "private"

    async def use(self, interaction: discord.Interaction[Nabi]) -> None:
        """Send the card, to them alone."""
        bot = interaction.client
        model = await bot.engine.active()
        text = card_text(model.manifest, language_of(bot, interaction))
        card = await asyncio.to_thread(_read, model.folder / "CARD.md")
        allowed = interaction.guild_id is None or interaction.app_permissions.attach_files
        files = [discord.File(io.BytesIO(card), "CARD.md")] if card and allowed else []
        await answer(interaction, text, files=files, private=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:  # a version may come without one
        return b""
