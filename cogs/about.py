"""``help`` and ``about``."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.own import own_version
from bot.context import Asked, hybrid
from bot.errors import CannotSpeak
from bot.here import here
from engine.errors import EngineError
from engine.request import OPTIONS

if TYPE_CHECKING:
    from bot.app import Nabi


class AboutCog(commands.Cog, name="about"):
    """Say what the bot does and what it is made of."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @hybrid("help", "command-help", aliases=["도움말"])
    async def help(self, ctx: Asked) -> None:
        """Show examples that can be copied."""
        if not ctx.may_speak:
            raise CannotSpeak(str(ctx.channel))
        await ctx.answer(
            help_text(ctx, here(self.bot, ctx.interaction or ctx.message).prefix), private=True
        )

    @hybrid("about", "command-about")
    async def about(self, ctx: Asked) -> None:
        """Show versions and the model that answers."""
        if not ctx.may_speak:
            raise CannotSpeak(str(ctx.channel))
        try:
            model = await self.bot.engine.active()
        except EngineError:
            line = ctx.say("about-no-model")
        else:
            line = ctx.say("about-model", name=model.name, created=model.created[:10] or "–")
        program = ctx.say(
            "about-program",
            nabi=own_version(),
            discord=discord.__version__,
            python=platform.python_version(),
        )
        await ctx.answer("\n".join((ctx.say("about"), line, program)), private=True)


def help_text(ctx: Asked, prefix: str) -> str:
    """Write the help: what to type, with every option and its values."""
    options = "\n".join(
        f"--{name} {option.expected}" for name, option in OPTIONS.items() if name != "version"
    )
    return "\n".join(
        (
            ctx.say("help-start"),
            f"```\n{prefix}continue {ctx.say('help-example')}\n```",
            ctx.say("help-more", prefix=prefix),
            f"```\n{options}\n```",
            ctx.say("help-end", prefix=prefix),
        )
    )


async def setup(bot: Nabi) -> None:
    """Add the commands."""
    await bot.add_cog(AboutCog(bot))
