"""A command that somebody gave: one way to answer it, typed or from the menu."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import errors, explaining
from bot.answering import acknowledge, answer, place_text, sentence_for, show_place
from bot.here import language_of
from bot.i18n import say
from bot.translator import described

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence

    from bot.app import Nabi
    from bot.i18n import Locale

    _Context = commands.Context[Nabi]
else:
    _Context = commands.Context

INSTALLS: Final = {"guilds": True, "users": True}
CONTEXTS: Final = {"guilds": True, "dms": True, "private_channels": True}
"""By whom a command that works everywhere can be installed, and where it can be used."""

_TYPING: Final = 8.0
"""Seconds for which Discord shows that somebody is typing, less two."""

_AT_ONCE: Final = 0.2
"""Seconds within which an answer needs no announcement."""

_READABLE: Final = 5.0
"""Seconds for which the sentence about a rest stands at least, however short that is."""

_fading: Final[set[asyncio.Task[None]]] = set()


def hybrid(
    name: str, key: str, *, aliases: Sequence[str] = (), everywhere: bool = False
) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], commands.HybridCommand[Any, ..., None]]:
    """Make a method a command for messages and for the menu, described by a sentence's key.

    With ``everywhere`` those who installed the bot for themselves can use it wherever they are.
    """
    make = commands.hybrid_command(name=name, aliases=list(aliases), description=described(key))
    if not everywhere:
        return make

    def anywhere(
        method: Callable[..., Coroutine[Any, Any, None]],
    ) -> commands.HybridCommand[Any, ..., None]:
        return make(
            app_commands.allowed_installs(**INSTALLS)(
                app_commands.allowed_contexts(**CONTEXTS)(method)
            )
        )

    return anywhere


def hybrid_group(
    name: str, key: str, *, fallback: str, aliases: Sequence[str] = ()
) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], commands.HybridGroup[Any, Any, None]]:
    """Do as :func:`hybrid` for a command with others below it.

    In a message it works by itself; the menu has no such thing and shows it as ``fallback``.
    """
    return commands.hybrid_group(
        name=name,
        aliases=list(aliases),
        description=described(key),
        fallback=fallback,
        case_insensitive=True,
    )


def hybrid_below(
    group: commands.HybridGroup[Any, Any, None], name: str, key: str, *, aliases: Sequence[str] = ()
) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], commands.HybridCommand[Any, ..., None]]:
    """Do as :func:`hybrid` for a command below a group."""
    made: Any = group.command(name=name, aliases=list(aliases), description=described(key))
    return made  # type: ignore[no-any-return]  # its own type knows no command without options


class Asked(_Context):
    """One command that somebody gave, typed or from the menu."""

    _place_shown: discord.Message | None = None
    """A message with a place in the queue, which becomes the answer."""

    @property
    def locale(self) -> Locale:
        """Language of the one who asks."""
        return language_of(self.bot, self.interaction or self.message)

    def say(self, key: str, /, **values: str | float) -> str:
        """Give a sentence in the language of the one who asks."""
        return say(self.locale, key, **values)

    async def answer(
        self,
        content: str,
        *,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
        private: bool = False,
    ) -> discord.Message:
        """Reply to the command; ``private``: only the member sees it, where Discord can do that."""
        if self.interaction is not None:
            return await answer(self.interaction, content, files=files, view=view, private=private)
        waiting, self._place_shown = self._place_shown, None
        if waiting is not None:
            try:
                return await waiting.edit(content=content, attachments=files, view=view)
            except discord.NotFound:  # somebody deleted it
                for file in files:
                    file.reset(seek=True)
            except discord.HTTPException:
                self._place_shown = waiting
                raise
        return await self._reply(content, files=files, view=view)

    async def _reply(
        self,
        content: str,
        *,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
    ) -> discord.Message:
        more: dict[str, Any] = {} if view is None else {"view": view}
        if self.bot_permissions.read_message_history:  # Discord wants it for replies
            # The command may have been deleted in the meantime: then the answer stands alone.
            more["reference"] = self.message.to_reference(fail_if_not_exists=False)
        return await self.send(content, files=files, mention_author=False, **more)

    async def show_place(self, place: int) -> None:
        """Show a place in the queue, from 1, where the answer will be; 0: it is their turn."""
        if self.interaction is not None:
            await show_place(self.interaction, place)
            return
        sentence = place_text(place, self.locale)
        if self._place_shown is None:
            self._place_shown = await self._reply(sentence)
        else:
            await self._place_shown.edit(content=sentence)

    @asynccontextmanager
    async def typing(  # type: ignore[override]  # the library's fails when Discord does
        self, *, ephemeral: bool = False
    ) -> AsyncIterator[None]:
        """Show that an answer is under way for as long as the body runs.

        For an interaction "thinking…" is shown first, to everyone or to the member alone.
        """
        if self.interaction is not None:
            await acknowledge(self.interaction, "private" if ephemeral else "answer")
            yield
            return
        task = asyncio.create_task(_keep_typing(self.channel), name="typing")
        try:
            yield
        finally:
            task.cancel()

    @property
    def lacks(self) -> str | None:
        """Name what keeps an answer from being sent there; None: nothing does.

        It is a permission, ``manage_threads`` where the thread is locked, or ``timed_out``.
        """
        if self.interaction is not None:
            return None
        thread = self.channel if isinstance(self.channel, discord.Thread) else None
        needed = ["view_channel", "send_messages_in_threads" if thread else "send_messages"]
        if thread is not None and thread.locked:
            needed.append("manage_threads")
        allowed, me = self.bot_permissions, self.me
        missing = next((name for name in needed if not getattr(allowed, name)), None)
        if missing and isinstance(me, discord.Member) and me.is_timed_out():
            return "timed_out"
        return missing


async def _keep_typing(channel: discord.abc.Messageable) -> None:
    """Show that the bot is typing until this is cancelled; a failure costs no answer."""
    await asyncio.sleep(_AT_ONCE)
    while True:
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await channel.typing()
        await asyncio.sleep(_TYPING)


async def explain_to(ctx: Asked, error: BaseException) -> None:
    """Tell the one who gave a command what went wrong: in the channel, else in private."""
    where = ctx.command.qualified_name if ctx.command is not None else "a command"
    root = explaining.root_of(error)
    try:
        if not isinstance(root, errors.CannotSpeak):
            try:
                told = await ctx.answer(sentence_for(error, ctx.locale, where), private=True)
                if isinstance(root, errors.TooSoon) and ctx.interaction is None:
                    _fade(ctx.bot, told, max(_READABLE, root.seconds))
            except discord.Forbidden as refused:
                if ctx.interaction is not None:
                    raise
                explaining.record(refused, f"explaining an error of {where}")
                root = errors.CannotSpeak(str(ctx.channel), ctx.lacks or "send_messages")
        if isinstance(root, errors.CannotSpeak) and ctx.bot.whispers.due(ctx.author.id):
            await ctx.author.send(explaining.explain(root, ctx.locale))
    except discord.HTTPException as refused:  # the channel is gone, or the member takes no messages
        explaining.record(refused, f"explaining an error of {where}")


def _fade(bot: Nabi, message: discord.Message, seconds: float) -> None:
    """Delete a message that everyone sees, once what it says is over."""

    async def wait() -> None:
        await asyncio.sleep(seconds)
        if not bot.is_closed():
            # Somebody else was faster, or nothing can be reached.
            with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
                await message.delete()

    task = asyncio.create_task(wait(), name="fade")
    _fading.add(task)
    task.add_done_callback(_fading.discard)
