"""``lab``: what each model of the lesson sings when it has learnt 나비야."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid
from bot.guide import taught
from bot.i18n import say
from bot.songs import MODELS, Songbook, table
from bot.translator import described

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale

    Model = str
else:
    Model = Literal[MODELS]


class LabCog(commands.Cog, name="lab"):
    """Show the lesson's models side by side."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot
        self.songbook = Songbook()

    @taught("", MODELS[0])
    @hybrid("lab", "command-lab", aliases=["실험실"])
    @app_commands.describe(model=described("option-lab-model"))
    async def lab(self, ctx: Asked, model: Model | None = None) -> None:
        """Show all models in a table, or one model's song: picture, sound, figures."""
        if model is None:
            await ctx.answer(table_text(ctx.locale, self.bot.settings.prefix))
            return
        async with self.bot.turns.turn(ctx.author.id), ctx.typing():
            await self._sing(ctx, model)

    async def _sing(self, ctx: Asked, model: str) -> None:
        text = song_text(model, ctx.locale)
        if not _may_attach(ctx):
            await ctx.answer(f"{text}\n-# {ctx.say('reply-no-attachments')}")
            return
        made = await self.songbook.perform(model, "solfege" if ctx.locale == "ko" else "letters")
        files = [discord.File(io.BytesIO(file.data), filename=file.name) for file in made]
        await ctx.answer(text, files=files)


def _may_attach(ctx: Asked) -> bool:
    if ctx.interaction is not None:
        return ctx.interaction.guild_id is None or ctx.interaction.app_permissions.attach_files
    return ctx.bot_permissions.attach_files


def _head(locale: Locale) -> tuple[str, str, str, str]:
    return (
        say(locale, "lab-head-model"),
        say(locale, "lab-head-step"),
        say(locale, "lab-head-song"),
        say(locale, "lab-head-wrong"),
    )


def table_text(locale: Locale, prefix: str) -> str:
    """Write the message with every model."""
    rows = table(MODELS, _head(locale))
    return "\n".join(
        (
            say(locale, "lab-table"),
            f"```\n{rows}\n```",
            say(locale, "lab-table-end", prefix=prefix),
        )
    )


def song_text(model: str, locale: Locale) -> str:
    """Write the message with one model's song."""
    what = say(locale, "lab-what", model=model)
    rows = table((model,), _head(locale))
    return f"**{model}** · {what}\n```\n{rows}\n```\n-# {say(locale, 'lab-song-end')}"


async def setup(bot: Nabi) -> None:
    """Add the command."""
    await bot.add_cog(LabCog(bot))
