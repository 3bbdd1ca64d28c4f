"""``help`` and ``about``."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid
from bot.errors import quote
from bot.guide import find, nearest, offers, taught
from bot.here import is_there, typed_prefix
from bot.own import own_source, own_version
from bot.translator import described
from cogs.about.buttons import about_view
from cogs.about.menus import help_view, seen_by
from cogs.about.words import detail, figures, overview
from engine.errors import EngineError

if TYPE_CHECKING:
    from bot.app import Nabi

_SHOWN = 25
"""Choices that Discord shows at most."""


class AboutCog(commands.Cog, name="about"):
    """Say what the bot does and what it is made of."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @taught("", "continue")
    @hybrid("help", "command-help", aliases=["도움말"], everywhere=True)
    @app_commands.describe(command=described("option-command"))
    async def help_(self, ctx: Asked, *, command: str = "") -> None:
        """Show what there is to type, or all about one command."""
        prefix = typed_prefix(self.bot, ctx.interaction or ctx.message)
        every = await seen_by(self.bot, ctx.author, ctx.permissions, there=prefix is not None)
        if not command.strip():
            text = overview(every, self.bot.menu, ctx.locale, prefix)
        elif (entry := find(every, command)) is not None:
            text = detail(entry, self.bot.menu, ctx.locale, prefix)
        else:
            near = nearest(every, command)
            name = quote(command, 40)
            if near is None:
                text = ctx.say("help-unknown", name=name)
            else:
                text = ctx.say("help-near", name=name, near=near)
        await ctx.answer(text, view=help_view(every, ctx.locale), private=True)

    @help_.autocomplete("command")
    async def _names(
        self, interaction: discord.Interaction[Nabi], typed: str
    ) -> list[app_commands.Choice[str]]:
        there = is_there(self.bot, interaction)
        every = await seen_by(self.bot, interaction.user, interaction.permissions, there=there)
        names = offers(every, typed)
        return [app_commands.Choice(name=name[:100], value=name[:100]) for name in names][:_SHOWN]

    @hybrid("about", "command-about", aliases=["소개"], everywhere=True)
    async def about(self, ctx: Asked) -> None:
        """Show versions, the model that answers, and where the bot can be had."""
        model = await self._model(ctx)
        program = ctx.say(
            "about-program",
            nabi=own_version(),
            discord=discord.__version__,
            python=platform.python_version(),
        )
        since = discord.utils.format_dt(self.bot.started, "R")
        running = ctx.say("about-running", since=since, servers=len(self.bot.guilds))
        lines = [ctx.say("about"), model or ctx.say("about-no-model"), program, running]
        source = self.bot.settings.source_url or own_source()
        if not source:
            lines.append(ctx.say("about-source-here"))
        view = about_view(self.bot, ctx.locale, source, card=bool(model))
        await ctx.answer("\n".join(lines), view=view, private=True)

    async def _model(self, ctx: Asked) -> str:
        """Describe the version that answers; empty when there is none."""
        try:
            model = await self.bot.engine.active()
        except EngineError:
            return ""
        found = figures(model.manifest)
        line = ctx.say("about-model", name=model.name, created=model.created[:10] or "–")
        return line if found is None else f"{line}. {ctx.say('card-bits', **found)}"
