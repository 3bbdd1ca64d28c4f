"""What is counted and timed, as Prometheus reads it. No label names or quotes a member."""

from __future__ import annotations

import asyncio
import platform
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Literal

import discord
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from engine.errors import EngineError
from engine.service import Engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.registry import Registry
    from engine.request import Request, Result

Outcome = Literal["done", "refused", "failed", "cancelled"]

OUTCOMES: Final[tuple[Outcome, ...]] = ("done", "refused", "failed", "cancelled")
"""``refused``: other input would have worked, or another moment; ``failed``: it was our fault."""

Doorway = Literal["typed", "mention", "slash"]

DOORS: Final[tuple[Doorway, ...]] = ("typed", "mention", "slash")
"""How a command is given: after the prefix, after the bot's name, from the menu of commands."""

Touch = Literal["slash", "menu", "autocomplete", "button", "select", "modal"]

TOUCHES: Final[tuple[Touch, ...]] = ("slash", "menu", "autocomplete", "button", "select", "modal")
"""What members touch; ``menu``: a command of a message's own menu."""

LEVELS: Final = ("warning", "error", "critical")

STAGES: Final = ("read", "queue", "parse", "compose", "write", "picture", "audio", "wave", "total")

STATES: Final = ("idle", "queued", "reading", "encoding", "training", "comparing")
"""What a training run does; ``idle`` when there is none."""

_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 60)


class Metrics:
    """The program's figures; each has its own collection, so that tests do not share one.

    Args:
        version: of this program.
    """

    def __init__(self, version: str = "") -> None:
        self.collection = CollectorRegistry()
        own: Any = {"registry": self.collection}  # the same for all; their types differ
        self._requests = Counter("nabi_requests", "Tunes asked for.", ["outcome"], **own)
        self._commands = Counter(
            "nabi_commands", "Commands.", ["command", "door", "outcome"], **own
        )
        self._replies = Histogram(
            "nabi_reply_seconds",
            "From a command, by Discord's clock, to its answer.",
            ["door"],
            buckets=_SECONDS,
            **own,
        )
        self._touches = Counter("nabi_interactions", "What members touched.", ["kind"], **own)
        self._logged = Counter("nabi_log", "Warnings and errors in the log.", ["level"], **own)
        self.disconnects = Counter("nabi_gateway_disconnects", "Lost connections.", **own)
        self._stages = Histogram(
            "nabi_stage_seconds", "Time per stage of a tune.", ["stage"], buckets=_SECONDS, **own
        )
        self.waiting = Gauge("nabi_queue_length", "Tunes that wait for their turn.", **own)
        self.running = Gauge("nabi_requests_running", "Tunes that are being made.", **own)
        self.workers = Gauge("nabi_workers", "Processes that should compose.", **own)
        self.alive = Gauge("nabi_workers_alive", "Processes that can compose.", **own)
        self.engine = Gauge("nabi_engine_up", "1 when the engine answers.", **own)
        self.database = Gauge("nabi_database_up", "1 when the database answers.", **own)
        self.gateway = Gauge("nabi_gateway_up", "1 when connected to Discord and ready.", **own)
        self.latency = Gauge("nabi_gateway_latency_seconds", "Heartbeat to its answer.", **own)
        self.lag = Gauge(
            "nabi_event_loop_lag_seconds", "Longest delay of the loop, last 15 s.", **own
        )
        self.servers = Gauge("nabi_servers", "Servers that the bot is in.", **own)
        self._training = Gauge("nabi_training_state", "1 for what a run does.", ["state"], **own)
        self.progress = Gauge("nabi_training_progress", "Share of the run, 0 to 1.", **own)
        self.started = Gauge("nabi_start_time_seconds", "When it was started.", **own)
        self.started.set_to_current_time()
        build = Info("nabi_build", "What is running.", **own)
        build.info(
            {
                "version": version,
                "python": platform.python_version(),
                "discord_py": discord.__version__,
            }
        )
        self._model = Info("nabi_model", "The model version that answers.", **own)
        for outcome in OUTCOMES:  # a rate needs the series before its first event
            self._requests.labels(outcome)
        for stage in STAGES:
            self._stages.labels(stage)
        for door in DOORS:
            self._replies.labels(door)
        for touch in TOUCHES:
            self._touches.labels(touch)
        for level in LEVELS:
            self._logged.labels(level)
        ProcessCollector(registry=self.collection)  # memory, processor time and files, on Linux
        self.train(None)

    def request(self, outcome: Outcome, seconds: Mapping[str, float] | None = None) -> None:
        """Count a request for a tune, with the time that each stage took."""
        self._requests.labels(outcome).inc()
        for stage, time in (seconds or {}).items():
            if stage in STAGES:
                self._stages.labels(stage).observe(time)

    def command(self, name: str, door: Doorway, outcome: Outcome, seconds: float) -> None:
        """Count a command by its name in the program, with the time from question to answer."""
        self._commands.labels(name, door, outcome).inc()
        self._replies.labels(door).observe(max(seconds, 0.0))  # two clocks

    def touch(self, what: Touch) -> None:
        """Count what a member touched."""
        self._touches.labels(what).inc()

    def logged(self, level: str) -> None:
        """Count a record of the log."""
        self._logged.labels(level).inc()

    def train(self, state: str | None, share: float | None = None) -> None:
        """Tell what a training run does; None: there is none."""
        for each in STATES:
            self._training.labels(each).set(each == (state or "idle"))
        self.progress.set(share or 0)

    def model(self, name: str) -> None:
        """Tell which model version answers."""
        self._model.info({"name": name})

    def text(self) -> bytes:
        """Write all figures in Prometheus' text format."""
        return generate_latest(self.collection)


class MeasuredEngine(Engine):
    """The engine, with its requests counted and timed.

    Args:
        registry: the model versions.
        workers: processes that answer.
        metrics: where it is counted.
    """

    def __init__(self, registry: Registry, workers: int, metrics: Metrics) -> None:
        super().__init__(registry, workers)
        self._metrics = metrics

    async def continue_melody(self, request: Request, **more: Any) -> Result:
        """Continue a melody, as :meth:`engine.service.Engine.continue_melody` does."""
        begun = perf_counter()
        outcome: Outcome = "failed"
        seconds: Mapping[str, float] = {}
        try:
            result = await super().continue_melody(request, **more)
            outcome, seconds = "done", result.seconds
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except EngineError as error:
            outcome = "refused" if error.users_fault else "failed"
            raise
        finally:
            self._metrics.request(outcome, seconds or {"total": perf_counter() - begun})
        return result
