"""``retrain``: the model learns again, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid
from bot.errors import CannotSpeak, NotAdministrator, NotTraining, record
from bot.i18n import say
from bot.translator import described

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.trainer import Progress

_WIDTH: Final = 12
"""Boxes in the progress bar."""


class RetrainCog(commands.Cog, name="retrain"):
    """Let administrators start a training run, and tell how it goes."""

    pace: float = 5.0
    """Seconds between two edits of the message, which Discord's limits like."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot
        self._following: asyncio.Task[None] | None = None

    async def cog_unload(self) -> None:
        """Let the last words be written, then stop following."""
        if self._following is not None:
            if self.bot.trainer.progress.over:
                await asyncio.wait({self._following}, timeout=self.pace + 5)
            self._following.cancel()

    async def cog_check(  # type: ignore[override]  # our own context
        self, ctx: Asked
    ) -> bool:
        """Let through the owner and the administrators of the home server.

        Raises:
            NotAdministrator: for everyone else.
        """
        if not ctx.may_speak:
            raise _refusal(CannotSpeak(str(ctx.channel)))
        if await self.bot.is_owner(ctx.author) or await self._rules_home(ctx):
            return True
        elsewhere = isinstance(ctx.author, discord.Member) and (
            ctx.author.guild_permissions.administrator
        )
        raise _refusal(NotAdministrator(elsewhere=elsewhere))

    async def _rules_home(self, ctx: Asked) -> bool:
        home = self.bot.get_guild(self.bot.home_guild_id() or 0)
        if home is None:
            return False
        member = home.get_member(ctx.author.id)
        if ctx.guild == home and isinstance(ctx.author, discord.Member):
            member = ctx.author
        if member is None:
            with contextlib.suppress(discord.HTTPException):
                member = await home.fetch_member(ctx.author.id)
        return member is not None and member.guild_permissions.administrator

    @hybrid("retrain", "command-retrain")
    @app_commands.default_permissions(administrator=True)
    @app_commands.describe(action=described("option-action"))
    async def retrain(
        self, ctx: Asked, action: Literal["start", "status", "cancel"] = "start"
    ) -> None:
        """Train the model again; or tell how the run goes, or cancel it."""
        if action == "start":
            await self._start(ctx)
        elif action == "status":
            await self._status(ctx)
        else:
            await self._cancel(ctx)

    async def _start(self, ctx: Asked) -> None:
        await self.bot.trainer.start()
        begun = time.time()
        sent = await ctx.answer(progress_text(self.bot.trainer.progress, ctx.locale, begun))
        # An interaction's token dies after a quarter of an hour: edit as a plain message.
        message = ctx.channel.get_partial_message(sent.id)  # type: ignore[union-attr]  # has one
        self._following = asyncio.create_task(
            self._follow(message, ctx.locale, begun), name="following the training"
        )

    async def _status(self, ctx: Asked) -> None:
        trainer = self.bot.trainer
        if not trainer.running:
            raise NotTraining
        await ctx.answer(progress_text(trainer.progress, ctx.locale, None), private=True)

    async def _cancel(self, ctx: Asked) -> None:
        if not self.bot.trainer.running:
            raise NotTraining
        await ctx.answer(ctx.say("retrain-cancelling"), private=True)
        with contextlib.suppress(NotTraining):  # it ended just now
            await self.bot.trainer.cancel()

    async def _follow(self, message: discord.PartialMessage, locale: Locale, begun: float) -> None:
        shown = ""
        while True:
            progress = await self.bot.trainer.wait(60)
            text = progress_text(progress, locale, begun)
            if text != shown:
                try:
                    await message.edit(content=text)
                    shown = text
                except discord.NotFound:
                    return  # somebody deleted it: the run goes on unseen
                except discord.HTTPException as error:
                    record(error, "telling how the training goes")
            if progress.over:
                return
            await asyncio.sleep(self.pace)


class _Refusal(commands.CheckFailure):
    """Carry our own error through discord.py's checks."""

    def __init__(self, original: Exception) -> None:
        super().__init__()
        self.original = original


def _refusal(error: Exception) -> _Refusal:
    return _Refusal(error)


def progress_text(progress: Progress, locale: Locale, begun: float | None) -> str:
    """Tell how far a run is, in a few lines.

    Args:
        progress: what the trainer knows.
        locale: language of the lines.
        begun: when it began, in seconds since 1970; None: left out.
    """
    state = "training" if progress.state == "epoch" else progress.state
    lines = [
        say(
            locale,
            "retrain-state",
            state=state,
            epoch=str(progress.epoch),
            epochs=str(progress.epochs),
            tunes=progress.tunes,
            version=progress.version,
        )
    ]
    if state == "training":
        full = round(progress.share * _WIDTH)
        lines.append(f"`{'▰' * full}{'▱' * (_WIDTH - full)}` {progress.share:.0%}")
    if progress.bits is not None and state in {"training", "done"}:
        lines.append(say(locale, "retrain-bits", bits=f"{progress.bits:.3f}"))
    if begun is not None:
        lines.append(say(locale, "retrain-begun", when=f"<t:{int(begun)}:R>"))
    if state not in {"failed", "cancelled"}:
        lines.append(say(locale, "retrain-footnote"))
    return "\n".join(lines)


async def setup(bot: Nabi) -> None:
    """Add the command."""
    await bot.add_cog(RetrainCog(bot))
