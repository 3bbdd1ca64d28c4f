"""Rounds of the guessing game: begun, ended in time, and ended later when the bot was away."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord

from bot.riddles import Look, make_riddle, performing
from bot.store.base import now
from cogs.melody.perform import compose, is_too_large, to_discord
from cogs.quiz.buttons import after_view, vote_view
from cogs.quiz.words import answer_text, question_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.app import Nabi
    from bot.riddles import Riddle
    from bot.store.quiz import Round
    from cogs.melody.perform import Place, Send
    from engine.request import File

_log: Final = logging.getLogger(__name__)


class Rounds:
    """Begins rounds and ends them.

    Args:
        bot: whose engine and store are used.
        length: for how long votes are taken.
    """

    def __init__(self, bot: Nabi, length: timedelta = timedelta(seconds=60)) -> None:
        self.bot = bot
        self.length = length
        self.pauses: tuple[float, ...] = (2, 10, 60, 300)
        """Seconds before each further try to tell an answer that Discord did not take."""
        self.sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
        """Lets the seconds pass until a round is due."""
        self._started = now()
        self._tasks: set[asyncio.Task[None]] = set()
        self._going: dict[int, str] = {}
        """Names of the rounds that are going on, by their messages."""

    def resume(self) -> None:
        """End the rounds that were going on when the bot went away, each when it is due."""
        self._spawn(self._resume())

    async def stop(self) -> None:
        """Leave the rounds that are going on to the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def play(self, place: Place, guild: int, channel: int, send: Send) -> None:
        """Play a round in a channel.

        Args:
            place: where it is asked for, and by whom.
            guild: the server's id, 0 in direct messages.
            channel: the channel's id.
            send: sends the question.

        Raises:
            QuizGoing: when a round is going on there.
            NoRiddle: when the engine found no continuation of its own.
            EngineError: see :mod:`engine.errors`.
        """
        store = self.bot.store
        name = await store.open_round(guild, channel, place.locale)
        try:
            played = await store.tunes_played(channel)
            riddle = await make_riddle(
                partial(compose, self.bot, place=replace(place, may_attach=False)),
                performing(self.bot.engine, place.party, place.show),
                played,
                look_for(place),
            )
            ends = now() + self.length
            await store.set_round(name, riddle.tune, riddle.real, ends)
            message = await self._ask(name, riddle, place, ends, send)
            self._going[message.id] = name  # it can be deleted before that is written
            await store.begin_round(name, message.id)
        except BaseException:
            await asyncio.shield(store.drop_round(name))
            raise
        self._spawn(self._end(name, ends, message))

    async def deleted(self, message: int) -> None:
        """Give up the round whose question somebody deleted: another one may begin at once."""
        name = self._going.pop(message, None)
        if name is not None:
            await self.bot.store.drop_round(name)

    async def _ask(
        self, name: str, riddle: Riddle, place: Place, ends: datetime, send: Send
    ) -> discord.Message:
        """Send the question; without files where they are not taken."""
        due = int(ends.replace(tzinfo=UTC).timestamp())
        files = fitting(riddle.files, place)
        while True:
            text = question_text(
                due,
                place.locale,
                picture=any(file.name.endswith(".png") for file in files),
                texts=() if files else riddle.texts,
            )
            try:
                return await send(
                    text,
                    files=[to_discord(file) for file in files],
                    view=vote_view(name),
                )
            except discord.HTTPException as error:
                refused = is_too_large(error) or isinstance(error, discord.Forbidden)
                if not refused or not files:
                    raise
                files = ()

    async def _resume(self) -> None:
        await self.bot.wait_until_ready()
        for each in await self.bot.store.rounds_unsent(self._started):
            if self._is_ours(each):
                await self.bot.store.drop_round(each.id)
        for each in await self.bot.store.rounds_to_tell():
            if each.message is None or not self._is_ours(each):
                continue
            message = self.bot.get_partial_messageable(
                each.channel, guild_id=each.guild or None
            ).get_partial_message(each.message)
            self._spawn(self._end(each.id, each.ends, message))

    def _is_ours(self, each: Round) -> bool:
        """Tell whether no other process, with other shards, looks after a round.

        A server's shard follows from its id, also where the bot is not in it; direct messages, of
        which the server is 0, are the first one's.
        """
        ours = getattr(self.bot, "shard_ids", None)  # None: all there are
        return ours is None or (each.guild >> 22) % (self.bot.shard_count or 1) in ours

    async def _end(
        self, name: str, ends: datetime, message: discord.Message | discord.PartialMessage
    ) -> None:
        """Wait until a round is due, count its votes and put the answer into its message."""
        self._going[message.id] = name
        await self.sleep(max(0.0, (ends - now()).total_seconds()))
        self._going.pop(message.id, None)
        outcome = await self.bot.store.end_round(name)
        if outcome is None:
            return
        for pause in (*self.pauses, None):
            try:
                await message.edit(
                    content=answer_text(outcome), view=after_view(outcome.round.locale)
                )
            except (discord.NotFound, discord.Forbidden) as error:
                _log.info("a round's answer has no place any more: %s", error.status)
            except (discord.HTTPException, aiohttp.ClientError, OSError):
                if pause is None:
                    raise
                await asyncio.sleep(pause)
                continue
            break
        await self.bot.store.told(name)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="quiz")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The round is told at the next start, or to the next one who presses its buttons.
            _log.warning("a round was not ended: %s", type(error).__name__)


def look_for(place: Place) -> Look:
    """Tell how a riddle is shown in a place: where pictures and sounds are off, as a picture."""
    settings = place.settings
    return Look(
        settings.note_names(korean=place.locale == "ko"),
        picture=place.may_attach and (settings.picture or not settings.audio),
        audio=place.may_attach and settings.audio,
    )


def fitting(files: tuple[File, ...], place: Place) -> tuple[File, ...]:
    """Leave out what is larger than the place takes; of the two sounds both or none."""
    large = {file.name for file in files if len(file.data) > place.limit}
    if large & {"a.ogg", "b.ogg"}:
        large |= {"a.ogg", "b.ogg"}
    return tuple(file for file in files if file.name not in large)
