"""The command ``continue``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.asking import make_request, options_and_codes, without_mark
from bot.context import Asked, hybrid
from bot.guide import taught
from bot.here import here, language_of_channel
from bot.translator import described
from cogs.melody.editing import submit_old
from cogs.melody.options import Wish  # noqa: TC001 - discord.py reads the annotations
from cogs.melody.perform import Place, perform, place_of
from cogs.melody.sources import find_source

if TYPE_CHECKING:
    from bot.app import Nabi
    from cogs.melody.options import TypedOptions


class MelodyCog(commands.Cog, name="melody"):
    """Finish the tune that somebody starts."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Nabi]) -> None:
        """Take the forms of before a restart."""
        await submit_old(interaction)

    @taught(
        "g8 e8 e4 f8 d8 d4",
        "g8 e8 e4 f8 --bars 16 --style irish --temperature 0.8",
        "솔8 미8 미4 파8 --meter 2/4 --seed 7",
    )
    @hybrid("continue", "command-continue", aliases=["이어줘"], everywhere=True)
    @app_commands.rename(attachment="file")
    @app_commands.describe(attachment=described("option-file"))
    async def continue_(
        self,
        ctx: Asked,
        attachment: discord.Attachment | None = None,
        *,
        wish: Wish,
    ) -> None:
        """Continue a tune: note codes, a music file, or the message replied to."""
        async with self.bot.turns.turn(ctx.author.id):
            await self._continue(ctx, attachment, wish)

    async def _continue(
        self, ctx: Asked, attachment: discord.Attachment | None, wish: TypedOptions
    ) -> None:
        codes, _typed = options_and_codes(without_mark(wish.melody))  # a bad option is told at once
        attachments = ctx.message.attachments if ctx.interaction is None else []
        if attachment is not None:
            attachments = [attachment, *(f for f in attachments if f.id != attachment.id)]
        place = place_of_command(ctx)
        given, defaults = wish.given(), place.settings.options()
        if ctx.interaction is not None and not attachments:
            # So are a bad code and a bad value, without "thinking…" before.
            make_request(wish.melody, given, defaults=defaults)
        async with ctx.typing():
            source = await find_source(
                wish.melody, attachments, ctx.message, self.bot.store, has_codes=bool(codes)
            )
            file = await source.fetch()
            # A long text takes a while: not in the loop.
            request = await asyncio.to_thread(source.request, file, given, defaults)
            await perform(self.bot, request, place, ctx.answer)


def place_of_command(ctx: Asked) -> Place:
    """Describe where a command is answered."""
    if ctx.interaction is not None:
        return place_of(ctx.interaction, ctx.locale)
    limit = ctx.guild.filesize_limit if ctx.guild else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES
    settings = here(ctx.bot, ctx.message)
    labels = language_of_channel(ctx.bot, ctx.message)
    allowed = ctx.bot_permissions.attach_files
    return Place(
        ctx.locale,
        labels,
        ctx.author.id,
        limit,
        allowed,
        settings,
        party=ctx.guild.id if ctx.guild else ctx.author.id,
        show=ctx.show_place,
    )
