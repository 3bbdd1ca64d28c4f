"""Keep a run's message up to date: by the channel, so that it goes on when tokens have died."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.answering import sentence_for
from bot.i18n import locale_of
from bot.preferences import effective, scopes
from cogs.retrain.buttons import buttons_for
from cogs.retrain.curve import curve_of
from cogs.retrain.dashboard import dashboard_text
from engine.errors import EngineError

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.training.runs import Run
    from engine.request import Curve

_log: Final = logging.getLogger(__name__)
_TOLD: Final = "dashboard"
"""Fact under which the run whose end was shown last is remembered."""

_CALM: Final = 60.0
"""Seconds between two edits of a message that is an hour old; Discord takes few of those."""
_FILE: Final = "curve.png"


def pause(age: float, pace: float) -> float:
    """Choose the seconds until the next edit: ``pace`` at first, a minute after an hour."""
    return max(pace, min(_CALM, age / 60))


@dataclass
class _Shown:
    """What a message shows.

    Attributes:
        message: its number.
        text: its content.
        curve: what its picture shows; None: no picture.
        buttons: which state of the buttons.
        pictures: whether files may be attached.
        lost: whether it is gone.
        ended: whether it tells how the run ended.
        wait_until: no edit before, by the monotonic clock: the last one was refused.
    """

    message: int
    text: str = ""
    curve: Curve | None = None
    buttons: tuple[bool, bool] | None = None
    pictures: bool = True
    lost: bool = False
    ended: bool = False
    wait_until: float = 0.0


class Follower:
    """Edits the message of the latest run whenever the run changed.

    Args:
        bot: whose trainer is followed and whose channels are used.
        pace: seconds between two edits at least.
    """

    def __init__(self, bot: Nabi, pace: float = 5.0) -> None:
        self.bot = bot
        self.pace = pace
        self._shown = _Shown(0)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Follow the latest run from now on, also one that was begun before the bot started."""
        self._task = asyncio.create_task(self._follow(), name="following the training")

    async def end(self) -> None:
        """Stop following."""
        task = self._task
        while task is not None and not task.done():  # a library may swallow a cancellation
            task.cancel()
            await asyncio.wait({task}, timeout=1)

    def text(self, run: Run) -> str:
        """Write a run's message as it stands in its place, whoever looks at it."""
        places = scopes(run.guild_id, run.channel_id, run.asked_by or 0)
        settings = effective(self.bot.store.preferences, places, self.bot.settings.prefix)
        return dashboard_text(run, locale_of(run.locale), settings.prefix)

    def posted(self, run: Run, message: int, text: str) -> None:
        """Take note of a message that was just sent, with its buttons and no picture."""
        buttons = (run.over, run.cancel_requested)
        self._shown = _Shown(message, text, buttons=buttons)

    def lost(self, run: Run) -> bool:
        """Tell whether the message of a run was seen to be gone."""
        return self._shown.lost and self._shown.message == run.message_id

    async def _follow(self) -> None:
        patience = 0.0  # the first look is at what happened while the bot was away
        while True:
            age = 0.0
            try:
                run = await self.bot.trainer.wait(patience)
                if run is not None and run.message_id is not None:
                    await self.show(run)
                patience = 60.0
                if run is not None and not run.over:
                    patience, age = self.pace, _age(run)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next look may succeed
                sentence_for(error, "en", "following the training")
            await asyncio.sleep(pause(age, self.pace))

    async def show(self, run: Run) -> None:
        """Bring a run's message up to date, as far as something changed."""
        assert run.message_id is not None
        if self._shown.message != run.message_id:
            if run.over and await self.bot.store.fact(_TOLD) == run.id:
                return
            self._shown = _Shown(run.message_id)
        shown = self._shown
        if shown.lost or shown.ended or time.monotonic() < shown.wait_until:
            return
        if await self._edit(run, shown) and run.over:
            shown.ended = True
            await self.bot.store.set_fact(_TOLD, run.id)

    async def _edit(self, run: Run, shown: _Shown) -> bool:
        """Send what changed; tell whether the message shows the run as it is."""
        locale = locale_of(run.locale)
        text = self.text(run)
        buttons = (run.over, run.cancel_requested)
        curve = curve_of(run, locale) if shown.pictures else None
        change: dict[str, Any] = {}
        if text != shown.text:
            change["content"] = text
        if buttons != shown.buttons:
            change["view"] = buttons_for(run, locale)
        if curve is not None and curve != shown.curve:
            files = await self._draw(curve)
            change |= {"attachments": files} if files else {}
        if change and not await self._send(run, shown, change):
            return False
        shown.text, shown.buttons, shown.curve = text, buttons, curve or shown.curve
        return True

    async def _draw(self, curve: Curve) -> list[discord.File]:
        try:
            data = await self.bot.engine.draw_curve(curve)
        except EngineError as error:
            _log.warning("a learning curve is missing: %r", error)
            return []
        return [discord.File(io.BytesIO(data), _FILE)]

    async def _send(self, run: Run, shown: _Shown, change: dict[str, Any]) -> bool:
        """Edit the message; tell whether it now shows what it should."""
        try:
            await self.message_of(run).edit(**change)
        except discord.NotFound:
            shown.lost = True  # the run goes on unseen until somebody asks for its status
        except discord.Forbidden:
            if "attachments" not in change:
                shown.wait_until = time.monotonic() + _CALM  # perhaps only for a while
                return False
            shown.pictures = False
            del change["attachments"]
            return not change or await self._send(run, shown, change)
        except (discord.HTTPException, OSError) as error:
            _log.warning("a run's message was not edited: %s", type(error).__name__)
        else:
            return True
        return False

    def message_of(self, run: Run) -> discord.PartialMessage:
        """Give the run's message, by its channel: no token is needed."""
        assert run.channel_id is not None
        assert run.message_id is not None
        channel = self.bot.get_partial_messageable(run.channel_id, guild_id=run.guild_id)
        return channel.get_partial_message(run.message_id)


def _age(run: Run) -> float:
    """Give the seconds since a run's message was sent; its number tells when that was."""
    if run.message_id is None:
        return 0.0
    return (discord.utils.utcnow() - discord.utils.snowflake_time(run.message_id)).total_seconds()
