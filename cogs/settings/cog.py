"""The command ``settings``, and what happens to settings when their place is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord.ext import commands

from bot.context import Asked, hybrid
from bot.here import places
from bot.preferences import Scope
from cogs.settings.panel import Panel, rights_of
from cogs.settings.words import panel_text

if TYPE_CHECKING:
    import discord

    from bot.app import Nabi


class SettingsCog(commands.Cog, name="settings"):
    """Show and change what is set."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @hybrid("settings", "command-settings", aliases=["설정"], everywhere=True)
    async def settings(self, ctx: Asked) -> None:
        """Show the settings; those who may manage the channel or the server can change them."""
        scopes = places(self.bot, ctx.interaction or ctx.message)
        allowed = rights_of(scopes, ctx.permissions)
        if not allowed:
            text = panel_text(self.bot, scopes, ctx.locale)
            await ctx.answer(f"{text}\n-# {ctx.say('settings-read-only')}", private=True)
            return
        panel = Panel(self.bot, ctx.author.id, scopes, allowed, lambda: ctx.locale)
        panel.message = await ctx.answer(panel.text, view=panel, private=True)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget the settings of a server that the bot has left."""
        await self.bot.store.leave_guild(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Forget the settings of a channel that is gone."""
        scope = Scope("channel", channel.id, channel.guild.id)
        if self.bot.store.preferences(scope) != self.bot.store.preferences(Scope("channel", 0)):
            await self.bot.store.reset(scope)
