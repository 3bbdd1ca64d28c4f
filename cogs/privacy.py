"""``privacy`` and ``forget-me``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.answering import acknowledge, change
from bot.context import Asked, hybrid
from bot.here import language_of
from bot.i18n import say
from bot.own import own_source
from bot.store import KEEP, MAX_KEPT
from bot.views import OwnView

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale


class PrivacyCog(commands.Cog, name="privacy"):
    """Say what is kept, and forget it."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @hybrid("privacy", "command-privacy", aliases=["개인정보"], everywhere=True)
    async def privacy(self, ctx: Asked) -> None:
        """Say what is kept and for how long."""
        source = self.bot.settings.source_url or own_source()
        view = source_view(source, ctx.locale) if source else None
        await ctx.answer(privacy_text(ctx.locale), view=view, private=True)

    @hybrid("forget-me", "command-forget-me", aliases=["forgetme", "잊어줘"], everywhere=True)
    async def forget_me(self, ctx: Asked) -> None:
        """Delete all that is kept about the one who asks, once they say so again."""
        view = ForgetView(self.bot, ctx.author.id, ctx.locale)
        view.message = await ctx.answer(ctx.say("forget-question"), view=view, private=True)


def privacy_text(locale: Locale) -> str:
    """Tell what is kept and for how long, from the numbers that are in force."""
    return say(locale, "privacy", days=str(KEEP.days), megabytes=str(MAX_KEPT // 2**20))


def source_view(source: str, locale: Locale) -> discord.ui.View:
    """Build the button that leads to the documents, which lie beside the source."""
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=say(locale, "about-source"), url=source))
    return view


class ForgetView(OwnView):
    """Asks whether all is to be deleted.

    Args:
        bot: whose store.
        owner: whom to forget.
        locale: language of the buttons.
    """

    def __init__(self, bot: Nabi, owner: int, locale: Locale) -> None:
        super().__init__(owner, timeout=180)
        self._bot = bot
        yes: discord.ui.Button[ForgetView] = discord.ui.Button(
            label=say(locale, "forget-yes"), style=discord.ButtonStyle.danger
        )
        no: discord.ui.Button[ForgetView] = discord.ui.Button(label=say(locale, "forget-no"))
        yes.callback = self._forget  # type: ignore[method-assign]  # the library's own way
        no.callback = self._leave  # type: ignore[method-assign]  # likewise
        self.add_item(yes)
        self.add_item(no)

    async def _forget(self, interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction, "update")
        gone = await self._bot.store.forget(self.owner)
        await self._close(interaction, "forget-done", count=gone)

    async def _leave(self, interaction: discord.Interaction[Any]) -> None:
        await self._close(interaction, "forget-left")

    async def _close(self, interaction: discord.Interaction[Any], key: str, **values: int) -> None:
        self.stop()
        sentence = say(language_of(self._bot, interaction), key, **values)
        await change(interaction, sentence, None)


async def setup(bot: Nabi) -> None:
    """Add the commands."""
    await bot.add_cog(PrivacyCog(bot))
