"""``retrain``: the model learns again, in a process of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid_below, hybrid_group
from bot.errors import NotAdministrator, NotTraining
from bot.guide import taught
from bot.here import here
from bot.i18n import locale_of
from bot.rights import require_trainer
from bot.training.asking import make_options
from bot.training.runs import Order
from bot.translator import described
from cogs.models import used_text
from cogs.naming import version_names
from cogs.retrain.buttons import buttons_for
from cogs.retrain.dashboard import dashboard_text
from cogs.retrain.follow import Follower
from cogs.retrain.options import Wish  # noqa: TC001 - discord.py reads the annotations
from cogs.retrain.words import estimate_text

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.training.runs import Run


class RetrainCog(commands.Cog, name="retrain"):
    """Let administrators start a training run, and tell how it goes."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot
        self.follower = Follower(bot)

    async def cog_load(self) -> None:
        """Go on with the message of a run that is not over."""
        self.follower.begin()

    async def cog_unload(self) -> None:
        """Stop following."""
        await self.follower.end()

    async def cog_check(  # type: ignore[override]  # our own context
        self, ctx: Asked
    ) -> bool:
        """Let through the owner and the administrators of the home server.

        Raises:
            NotAdministrator: for everyone else.
        """
        try:
            await require_trainer(self.bot, ctx.author)
        except NotAdministrator as error:
            raise Refusal(error) from None
        return True

    @taught("", "--dry-run", "--from scratch --epochs 8", trainers=True)
    @hybrid_group("retrain", "command-retrain", fallback="start", aliases=["재학습"])
    @app_commands.default_permissions(administrator=True)
    async def retrain(self, ctx: Asked, *, wish: Wish) -> None:
        """Train the model again; with ``--dry-run``: tell what it would learn from, how long."""
        options = make_options(wish.given())
        async with ctx.typing():
            if wish.dry_run:
                estimate = await self.bot.trainer.estimate(options)
                await ctx.answer(estimate_text(estimate, ctx.locale, self._prefix(ctx)))
                return
            run = await self.bot.trainer.start(options, _order(ctx))
            if run.message_id is None:  # a command that was delivered twice has its message
                await self._post(ctx, run)

    @hybrid_below(retrain, "status", "command-retrain-status", aliases=["상태"])
    async def status(self, ctx: Asked) -> None:
        """Find the message of the run again, or post a new one when it is gone."""
        run = await self.bot.trainer.current() or await self.bot.trainer.latest()
        if run is None:
            raise NotTraining
        if run.over or await self._still_there(run):
            text = dashboard_text(run, ctx.locale, self._prefix(ctx))
            more = f"\n{run.link}" if run.link else ""
            await ctx.answer(text + more, private=True)
        else:
            await self._post(ctx, run)

    @hybrid_below(retrain, "cancel", "command-retrain-cancel", aliases=["취소"])
    async def cancel(self, ctx: Asked) -> None:
        """End the run; the model that answers stays."""
        run = await self.bot.trainer.current()
        if run is None:
            raise NotTraining
        if run.cancel_requested:
            await ctx.answer(ctx.say("cancel-already"), private=True)
            return
        await self.bot.trainer.cancel(run.id, ctx.author.id)
        await ctx.answer(ctx.say("run-cancelling"), private=True)

    @hybrid_below(retrain, "promote", "command-retrain-promote", aliases=["승격"])
    @app_commands.describe(name=described("option-version-name"))
    async def promote(self, ctx: Asked, name: str) -> None:
        """Let a version answer although it was not measurably better."""
        async with ctx.typing():
            version = await self.bot.versions.promote(name, ctx.author.id)
            await ctx.answer(used_text(version, ctx.locale, self._prefix(ctx)))

    @promote.autocomplete("name")
    async def _names(
        self, interaction: discord.Interaction[Nabi], typed: str
    ) -> list[app_commands.Choice[str]]:
        return await version_names(interaction, typed)

    async def _post(self, ctx: Asked, run: Run) -> None:
        """Answer with the run's message, and remember it."""
        guild = ctx.guild.id if ctx.guild else None
        run = replace(run, guild_id=guild, channel_id=ctx.channel.id)
        text = self.follower.text(run)
        seen = ctx.bot_permissions.view_channel
        if not seen:  # a slash command works there, but the message could not be edited
            text += "\n" + ctx.say("run-unseen-channel", prefix=self._prefix(ctx))
        sent = await ctx.answer(text, view=buttons_for(run, locale_of(run.locale)))
        if seen:
            self.follower.posted(run, sent.id, text)
            await self.bot.trainer.attach(
                run.id, sent.id, guild_id=guild, channel_id=ctx.channel.id
            )

    def _prefix(self, ctx: Asked) -> str:
        return here(self.bot, ctx.interaction or ctx.message).prefix

    async def _still_there(self, run: Run) -> bool:
        if run.message_id is None or self.follower.lost(run):
            return False
        try:
            await self.follower.message_of(run).fetch()
        except (discord.NotFound, discord.Forbidden):
            return False
        except discord.HTTPException:
            pass  # Discord has a bad moment: better a link too many than a second dashboard
        return True


class Refusal(commands.CheckFailure):
    """Carry our own error through discord.py's checks."""

    def __init__(self, original: Exception) -> None:
        super().__init__()
        self.original = original


def _order(ctx: Asked) -> Order:
    """Tell who asks where; the same message or interaction is the same order."""
    return Order(
        asked_by=ctx.author.id,
        guild_id=ctx.guild.id if ctx.guild else None,
        channel_id=ctx.channel.id,
        locale=ctx.locale,
        key=f"discord:{ctx.interaction.id if ctx.interaction else ctx.message.id}",
    )
