"""Start the bot, on Discord or in the local chat, and stop it in good order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

import discord

from bot.app import Door, Nabi
from bot.health import Health, told
from bot.metrics import MeasuredEngine, Metrics
from bot.own import own_version
from bot.store import Store
from bot.training.trainer import Trainer, Workshop
from bot.training.versions import Versions
from engine.registry import Registry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from bot.chat.server import ChatServer
    from bot.settings import Settings
    from bot.training.runs import TrainerDoor, VersionsDoor

T = TypeVar("T")

_USUAL_PORT: Final = 8642
_GOODBYE: Final = 5.0
"""Seconds that a bot gets to end by itself once it was closed."""

_log: Final = logging.getLogger(__name__)

_NO_INTENT: Final = """\
Discord does not let me read messages yet: I answer slash commands such as /continue, mentions and
direct messages, but not !continue. To make it work too: open
https://discord.com/developers/applications, choose the application, then Bot, switch on
"Message Content Intent", save, and start me again."""


@dataclass(frozen=True, slots=True)
class House:
    """What the bot is built from, opened."""

    settings: Settings
    engine: Door
    store: Store
    trainer: TrainerDoor
    versions: VersionsDoor
    metrics: Metrics = field(default_factory=Metrics)

    def bot(self, *, message_content: bool = True, local: bool = False) -> Nabi:
        """Build a bot on these parts; one that was closed is not used again."""
        return Nabi(
            self.settings,
            self.engine,
            self.store,
            self.trainer,
            self.versions,
            message_content=message_content,
            local=local,
        )

    @asynccontextmanager
    async def health(self, *, local: bool = False) -> AsyncIterator[Health]:
        """Watch what runs, and tell on ``/healthz`` and ``/metrics`` unless that is switched off.

        In the local chat a port that is taken is no cause for a warning: another one may be open.
        """
        health = Health(self.engine, self.trainer, self.metrics)
        settings = self.settings
        if settings.health_port == 0:
            yield health
            return
        loud = not local or "health_port" in settings.model_fields_set
        async with told(health, settings.health_host, settings.health_port, loud=loud):
            yield health


def open_registry(settings: Settings) -> Registry:
    """Give the model versions: those that come with the program and those of the operator."""
    return Registry(data=settings.data)


def make_trainer(settings: Settings, store: Store, registry: Registry) -> Trainer:
    """Give a trainer that trains in a process of its own, as the operator set."""
    workshop = Workshop(
        database=settings.database_url,
        data=settings.data,
        corpus=settings.corpus_folder,
        keep=settings.keep_versions,
    )
    return Trainer(store, registry, workshop)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """Open all parts and close them again in reverse order.

    Raises:
        EngineError: when no model version works or no worker starts.
        OSError: when the data folder cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        store = Store(settings.database_url)
        stack.push_async_callback(store.close)
        await store.open()
        settings.data.mkdir(parents=True, exist_ok=True)
        registry = open_registry(settings)
        metrics = Metrics(own_version())
        engine = MeasuredEngine(registry, settings.workers, metrics)
        stack.push_async_callback(engine.close)
        await engine.start()
        trainer = make_trainer(settings, store, registry)
        stack.push_async_callback(trainer.close)
        await trainer.open()
        versions = Versions(registry, engine, store, settings.keep_versions)
        yield House(settings, engine, store, trainer, versions, metrics)


async def serve(bot: Nabi, token: str, stop: asyncio.Event) -> None:
    """Run a bot until ``stop`` is set or it fails; let running requests finish.

    Raises:
        discord.LoginFailure: when the token is refused.
        discord.PrivilegedIntentsRequired: when the message content may not be read.
    """
    running = asyncio.create_task(bot.start(token), name="bot")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _log.info("stopping; %d requests are still running", bot.turns.running)
            await bot.drain()
    finally:
        stopping.cancel()
        await bot.close()
        # It may be asleep until it tries to connect once more, and would sleep on.
        await asyncio.wait({running}, timeout=_GOODBYE)
        running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def run_discord(settings: Settings, token: str, stop: asyncio.Event) -> None:
    """Run on Discord; without the message-content intent only slash commands work."""
    async with contextlib.AsyncExitStack() as stack:
        house = await unless(stop, stack.enter_async_context(opened(settings)))
        if house is None:
            return
        health = await stack.enter_async_context(house.health())
        try:
            health.watch(bot := house.bot())
            await serve(bot, token, stop)
        except discord.PrivilegedIntentsRequired:
            for line in _NO_INTENT.splitlines():
                _log.warning("%s", line)
            health.watch(bot := house.bot(message_content=False))
            await serve(bot, token, stop)


async def run_local(
    settings: Settings, port: int | None, stop: asyncio.Event, tell: Callable[[str], None]
) -> None:
    """Run in the local chat; ``tell`` is given the page's address when one can type there.

    Args:
        settings: what the operator set.
        port: of the page; None: the usual one, or any when that is taken.
        stop: ends the run when it is set.
        tell: is called once, with the page's address.
    """
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(local_chat(port))
        house = await unless(stop, stack.enter_async_context(opened(settings)))
        if house is None:
            return
        health = await stack.enter_async_context(house.health(local=True))
        bot = house.bot(local=True)
        said = False

        async def on_ready() -> None:
            nonlocal said
            if not said:  # it comes again after a lost connection
                tell(server.url)
            said = True

        bot.add_listener(on_ready)
        health.watch(bot)
        await serve(bot, server.token, stop)


@asynccontextmanager
async def local_chat(port: int | None) -> AsyncIterator[ChatServer]:
    """Open the local chat and lead discord.py there instead of to Discord."""
    from bot.chat.server import ChatServer, point_discord_at  # noqa: PLC0415 - not on Discord

    server = ChatServer(port=_USUAL_PORT if port is None else port)
    try:
        await server.start()
    except OSError as error:
        if port is not None:
            reason = os.strerror(error.errno or 0)
            raise OSError(f"port {port} cannot be used: {reason}") from None
        server = ChatServer()
        await server.start()
    try:
        point_discord_at(server)
        yield server
    finally:
        await server.close()


async def unless(stop: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """Do something that takes a while; when ``stop`` is set meanwhile, undo it and give None."""
    doing = asyncio.ensure_future(work)
    stopping = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        doing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return await doing
        return None
    finally:
        stopping.cancel()
        doing.cancel()  # where it was this task that was cancelled


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set ``stop`` on Ctrl-C or SIGTERM; a second one of either ends the program at once."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        if stop.is_set():
            # The workers end by themselves when their pipes close; a training run goes on, as it
            # does when the bot is killed.
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises as ever
            loop.add_signal_handler(number, on_signal, number)
