"""``lab``: what each model of the lesson sings when it has learnt 나비야."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid
from bot.guide import taught
from bot.i18n import say
from bot.songs import MODELS, Songbook, figures, table
from bot.translator import described
from bot.waiting import Waiting
from cogs.melody.cog import place_of_command
from cogs.melody.perform import to_discord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from cogs.melody.perform import Place
    from engine.request import File, Names

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
        place = place_of_command(ctx)
        if not model:
            await ctx.answer(table_text(ctx.locale, place.settings.prefix))
            return
        async with self.bot.turns.turn(ctx.author.id), ctx.typing():
            await self._sing(ctx, model, place)

    async def _sing(self, ctx: Asked, model: str, place: Place) -> None:
        names = place.settings.note_names(korean=place.locale == "ko")
        text = song_text(model, ctx.locale, names)
        if not place.may_attach:
            await ctx.answer(f"{text}\n-# {ctx.say('reply-no-attachments')}")
            return
        made = await self.songbook.perform(model, names, partial(self._perform, place=place))
        await ctx.answer(text, files=[to_discord(file) for file in shown(made, place)])

    async def _perform(
        self, model: str, names: Names, *, place: Place
    ) -> tuple[bytes, bytes, bytes]:
        """Let the engine perform a song, in its turn."""
        async with Waiting(place.show) as waiting:
            return await self.bot.engine.perform_song(
                model, names, party=place.party, tell=waiting.tell
            )


def shown(files: Sequence[File], place: Place) -> list[File]:
    """Leave out what is switched off or too large for a place."""
    settings = place.settings
    off = {".png": not settings.picture, ".ogg": not settings.audio}
    wanted = [file for file in files if not off.get(PurePath(file.name).suffix)]
    return [file for file in wanted if len(file.data) <= place.limit]


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


def song_text(model: str, locale: Locale, names: Names) -> str:
    """Write the message with one model's song."""
    did = figures(model, names)
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
