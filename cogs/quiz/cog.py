"""The command ``quiz``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering import acknowledge, answer
from bot.context import Asked, hybrid
from bot.errors import NabiError, quote
from bot.guide import taught
from bot.here import here, language_of
from bot.translator import described
from cogs.melody.cog import place_of_command
from cogs.melody.perform import place_of
from cogs.quiz.rounds import Rounds
from cogs.quiz.words import scores_text

if TYPE_CHECKING:
    from bot.app import Nabi

_SHOWN: Final = "scores"
_SCORES: Final = frozenset({_SHOWN, "score", "점수", "점수표", "순위"})
_PLAY: Final = frozenset({"", "play", "start", "시작"})


class NothingToShow(NabiError):
    """A word after ``quiz`` that it does not know; ``word`` is it."""

    sentence = "error-quiz-word"

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    def __str__(self) -> str:
        """Keep what a member typed out of logs."""
        return "NothingToShow"

    def values(self) -> dict[str, str]:
        """Give the word."""
        return {"word": quote(self.word)}


class QuizCog(commands.Cog, name="quiz"):
    """Let members guess which of two continuations is the real one."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot
        self.rounds = Rounds(bot)

    async def cog_load(self) -> None:
        """Go on with the rounds of the last start."""
        self.rounds.resume()

    async def cog_unload(self) -> None:
        """Leave open rounds to the next start."""
        await self.rounds.stop()

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Give up the round whose question is gone."""
        await self.rounds.deleted(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Give up the rounds whose questions are gone."""
        for message in payload.message_ids:
            await self.rounds.deleted(message)

    @taught("", _SHOWN)
    @hybrid("quiz", "command-quiz", aliases=["퀴즈"], everywhere=True)
    @app_commands.rename(what="show")
    @app_commands.describe(what=described("option-quiz-show"))
    @app_commands.choices(
        what=[app_commands.Choice(name=described("choice-quiz-scores"), value=_SHOWN)]
    )
    async def quiz(self, ctx: Asked, what: str = "") -> None:
        """Play a round, or show the scores: ``quiz scores``."""
        if what.lower() in _SCORES:
            await self._scores(ctx)
        elif what.lower() in _PLAY:
            await self._play(ctx)
        else:
            raise NothingToShow(what)

    async def _play(self, ctx: Asked) -> None:
        place = place_of_command(ctx)
        async with self.bot.turns.turn(ctx.author.id), ctx.typing():
            await self.rounds.play(place, server_of(ctx), ctx.channel.id, ctx.answer)

    async def play_again(self, interaction: discord.Interaction[Nabi]) -> None:
        """Play a round for the one who pressed *Next*."""
        place = place_of(interaction, language_of(self.bot, interaction))
        channel = interaction.channel_id
        assert channel is not None
        async with self.bot.turns.turn(interaction.user.id):
            await acknowledge(interaction)
            send = partial(answer, interaction)
            await self.rounds.play(place, interaction.guild_id or 0, channel, send)

    async def _scores(self, ctx: Asked) -> None:
        guild = server_of(ctx)
        table = await self.bot.store.scores(guild, ctx.author.id)
        prefix = here(self.bot, ctx.message).prefix
        await self.bot.menu.learn()
        begin = f"`{prefix}quiz`" if ctx.interaction is None else self.bot.menu.link("quiz")
        await ctx.answer(scores_text(table, ctx.locale, begin, server=bool(guild)))


def server_of(ctx: Asked) -> int:
    """Give the id of the server in which a command is given, 0 in direct messages.

    Where the bot is only with one member, it knows the server by its id alone.
    """
    if ctx.interaction is not None:
        return ctx.interaction.guild_id or 0
    return ctx.guild.id if ctx.guild else 0
