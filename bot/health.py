"""Whether the bot lives: ``/healthz`` for whoever restarts it, ``/metrics`` for Prometheus.

Nothing is tried when somebody asks: a watch tries it in the background and the answer is what it
found last, so that an answer comes at once even when nothing else does.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.counting import Warnings, count
from bot.own import own_version
from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.app import Door, Nabi
    from bot.metrics import Metrics
    from bot.training.runs import TrainerDoor

EVERY: Final = 10.0
"""Seconds between two looks at the engine and at the training."""

PATIENCE: Final = 30.0
"""Seconds without an answer of the engine after which it counts as failing."""

_BEAT: Final = 0.5
_SOON: Final = 2.0
_log: Final = logging.getLogger(__name__)


class Health:
    """Watch the gateway and the engine.

    Args:
        engine: is tried.
        trainer: is asked what it does.
        metrics: get what is found.
        clock: seconds of a clock that never goes back.
        every: seconds between two looks.
    """

    def __init__(
        self,
        engine: Door,
        trainer: TrainerDoor,
        metrics: Metrics,
        *,
        clock: Callable[[], float] = time.monotonic,
        every: float = EVERY,
    ) -> None:
        self._engine = engine
        self._trainer = trainer
        self.metrics = metrics
        self._clock = clock
        self._every = every
        self._bot: Nabi | None = None
        self._connected = False
        self._lost: set[int] = set()
        self._problem: str | None = None
        self._answered = clock()
        self._tried = False
        self._lags: deque[float] = deque([0.0], maxlen=int(15 / _BEAT))

    def watch(self, bot: Nabi) -> None:
        """Watch this bot from now on, in place of one that was closed."""
        self._bot, self._connected = bot, False
        self._lost.clear()

        async def on_ready() -> None:
            self._connected = True

        async def up(shard: int) -> None:
            self._lost.discard(shard)

        async def down(shard: int) -> None:
            self._lost.add(shard)

        # discord.py goes on calling a bot ready while it has lost its connections.
        bot.add_listener(on_ready)
        bot.add_listener(up, "on_shard_ready")
        bot.add_listener(up, "on_shard_resumed")
        bot.add_listener(down, "on_shard_disconnect")
        count(bot, self.metrics)

    def problems(self) -> dict[str, str]:
        """Tell what keeps the bot from answering, by part; empty: it answers."""
        found = {"gateway": self._gateway(), "engine": self._engines()}
        if self._bot is not None and self._bot.stopping:
            found["bot"] = "stopping"
        return {part: problem for part, problem in found.items() if problem}

    def _gateway(self) -> str | None:
        if self._bot is None or self._bot.is_closed():
            return "not started"
        shards = self._bot.shard_count or 1
        if not self._connected or len(self._lost) == shards:
            return "not connected"
        if self._lost:
            return f"{len(self._lost)} of {shards} connections are lost"
        return None if self._bot.is_ready() else "not ready"

    def _engines(self) -> str | None:
        if not self._engine.healthy():
            return "no worker is alive"
        if self._problem is not None:
            return self._problem
        if not self._tried:
            return "not tried yet"
        silent = self._clock() - self._answered
        return f"no answer for {silent:.0f} s" if silent > self._every + PATIENCE else None

    def figures(self) -> bytes:
        """Write the figures as they are now."""
        metrics, problems, load = self.metrics, self.problems(), self._engine.load()
        metrics.workers.set(load.workers)
        metrics.alive.set(load.alive)
        metrics.waiting.set(load.waiting)
        metrics.running.set(load.running)
        metrics.engine.set("engine" not in problems)
        metrics.gateway.set("gateway" not in problems)
        metrics.lag.set(max(self._lags))
        bot = self._bot
        whole = self._connected and not self._lost and bot is not None and not bot.is_closed()
        metrics.latency.set(bot.latency if bot is not None and whole else math.nan)
        metrics.servers.set(0 if bot is None else len(bot.guilds))
        return metrics.text()

    async def run(self) -> None:
        """Look again and again, and count what the log warns of, until cancelled."""
        warnings = Warnings(self.metrics.logged)
        logging.getLogger().addHandler(warnings)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._try_engine(), name="health of the engine")
                group.create_task(self._ask_trainer(), name="health of the training")
                group.create_task(self._beat(), name="lag of the event loop")
        finally:
            logging.getLogger().removeHandler(warnings)

    async def _try_engine(self) -> None:
        """Try the engine; an attempt is never given up, because that would cost its process."""
        while True:
            try:
                await self._engine.check()
                self.metrics.model((await self._engine.active()).name)
            except EngineError as error:
                self._problem = f"failing: {getattr(error, 'reason', None) or type(error).__name__}"
            except Exception as error:  # noqa: BLE001 - the watch outlives whatever it watches
                self._problem = f"failing: {type(error).__name__}"
            else:
                self._problem, self._answered = None, self._clock()
            self._tried = True
            await asyncio.sleep(self._every if self._problem is None else min(_SOON, self._every))

    async def _ask_trainer(self) -> None:
        while True:
            try:
                run = await self._trainer.current()
            except Exception as error:  # noqa: BLE001 - a database that is away, in any driver's words
                _log.warning("the state of the training is not known: %s", type(error).__name__)
                self.metrics.database.set(0)
            else:
                self.metrics.database.set(1)
                self.metrics.train(run.state if run else None, run.share if run else None)
            await asyncio.sleep(self._every)

    async def _beat(self) -> None:
        """Measure how much later than it wanted the loop wakes up."""
        while True:
            wanted = self._clock() + _BEAT
            await asyncio.sleep(_BEAT)
            self._lags.append(max(self._clock() - wanted, 0.0))


def make_page(health: Health) -> web.Application:
    """Make the small web server."""

    async def healthz(_request: web.Request) -> web.Response:
        problems = health.problems()
        told: dict[str, Any] = {"status": "failing" if problems else "ok", "version": own_version()}
        if problems:
            told["reasons"] = problems
        return web.json_response(told, status=503 if problems else 200, headers=_FRESH)

    async def metrics(_request: web.Request) -> web.Response:
        headers = {**_FRESH, "Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=health.figures(), headers=headers)

    page = web.Application()
    page.router.add_get("/healthz", healthz)
    page.router.add_get("/metrics", metrics)
    return page


_FRESH: Final = {"Cache-Control": "no-store"}


@asynccontextmanager
async def told(health: Health, host: str, port: int, *, loud: bool = True) -> AsyncIterator[int]:
    """Watch, and serve what is found; the body goes on when the port is taken.

    Args:
        health: what is watched.
        host: address to listen on.
        port: 0: any that is free.
        loud: whether a port that is taken is worth a warning.

    Yields:
        The port; 0 when it could not be had.
    """
    watching = asyncio.create_task(health.run(), name="health")
    runner = web.AppRunner(make_page(health), access_log=None, shutdown_timeout=1)
    try:
        await runner.setup()
        yield await _listen(runner, host, port, logging.WARNING if loud else logging.INFO)
    finally:
        await _finish(runner.cleanup())
        watching.cancel()
        await asyncio.wait({watching})


async def _listen(runner: web.AppRunner, host: str, port: int, level: int) -> int:
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, UnicodeError) as error:  # UnicodeError: of a host such as "127.0.0..1"
        _log.log(
            level,
            "/healthz and /metrics are not served: %s (set NABI_HEALTH_PORT to a free port, or to "
            "0 for none)",
            getattr(error, "strerror", None) or f"NABI_HEALTH_HOST: {type(error).__name__}",
        )
        return 0
    taken = int(runner.addresses[0][1])
    _log.info("/healthz and /metrics at http://%s:%d", f"[{host}]" if ":" in host else host, taken)
    return taken


async def _finish(work: Awaitable[None]) -> None:
    try:
        await work
    except OSError as error:
        _log.warning("the health page did not close: %s", type(error).__name__)
