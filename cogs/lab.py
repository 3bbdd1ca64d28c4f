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
from bot.songs import MODELS, Songbook, figures, table
from bot.translator import described

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.songs import Names

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
    async def lab(self, ctx: Asked, model: Model = "") -> None:
        """Show all models in a table, or one model's song: picture, sound, figures."""
        if not model:
            await ctx.answer(table_text(ctx.locale, self.bot.settings.prefix))
            return
        async with self.bot.turns.turn(ctx.author.id), ctx.typing():
            await self._sing(ctx, model)

    async def _sing(self, ctx: Asked, model: str) -> None:
        text = song_text(model, ctx.locale)
        if not _may_attach(ctx):
            await ctx.answer(f"{text}\n-# {ctx.say('reply-no-attachments')}")
            return
        made = await self.songbook.perform(model, _names(ctx.locale))
        files = [discord.File(io.BytesIO(file.data), filename=file.name) for file in made]
        await ctx.answer(text, files=files)


def _may_attach(ctx: Asked) -> bool:
    if ctx.interaction is not None:
        return ctx.interaction.guild_id is None or ctx.interaction.app_permissions.attach_files
    return ctx.bot_permissions.attach_files


def _names(locale: Locale) -> Names:
    return "solfege" if locale == "ko" else "letters"


def table_text(locale: Locale, prefix: str) -> str:
    """Write the message with every model."""
    heads = ("lab-head-model", "lab-head-step", "lab-head-song", "lab-head-wrong")
    model, step, song, wrong = (say(locale, head) for head in heads)
    return "\n".join(
        (
            say(locale, "lab-table"),
            f"```\n{table((model, step, song, wrong))}\n```",
            say(locale, "lab-table-end", prefix=prefix),
        )
    )


def song_text(model: str, locale: Locale) -> str:
    """Write the message with one model's song."""
    did = figures(model, _names(locale))
    what = say(locale, "lab-what", model=model)
    if did.place is None:
        verdict = say(locale, "lab-song-exact")
    else:
        place, sung, wanted = did.place, did.sung, did.wanted
        verdict = say(locale, "lab-song-astray", place=place, sung=sung, wanted=wanted)
    return "\n".join(
        (
            f"**{model}** · {what}",
            say(locale, "lab-song-figures", step=did.step, song=did.song),
            verdict,
            f"-# {say(locale, 'lab-song-end')}",
        )
    )


async def setup(bot: Nabi) -> None:
    """Add the command."""
    await bot.add_cog(LabCog(bot))
