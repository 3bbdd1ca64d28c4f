"""``/healthz`` and ``/metrics``: what they say, and that they say it when nothing else answers."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.cli import main
from bot.health import Health, told
from bot.metrics import DOORS, TOUCHES, MeasuredEngine, Metrics
from bot.probe import ask
from bot.training.runs import RunOptions
from engine.errors import EngineFailed, UnknownFlag
from engine.registry import Registry
from engine.request import Request
from engine.service import Engine, Load
from tests.fakes import FakeEngine, FakeTrainer, make_result
from tests.rooms import make_room, soon

if TYPE_CHECKING:
    from pathlib import Path

    from bot.app import Nabi

HERE = "127.0.0.1"


def figures(text: str) -> dict[str, float]:
    """Read Prometheus' format with its own reader: samples by name and labels."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def get(port: int, path: str) -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{HERE}:{port}/{path}") as answer,
    ):
        if path == "healthz":
            return answer.status, await answer.json()
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        return answer.status, figures(await answer.text())


async def status(port: int) -> int:
    return (await get(port, "healthz"))[0]


async def becomes(port: int, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await status(port) != wanted:  # noqa: ASYNC110 - asked over the network
            await asyncio.sleep(0.02)


def told_when_lost(bot: Nabi, health: Health) -> asyncio.Future[str | None]:
    """Keep what is told of the gateway when a connection is lost; it may be back in a moment."""
    told: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()

    async def lost(_shard: int) -> None:
        if not told.done():  # the end of the bot loses it, too
            told.set_result(health.problems().get("gateway"))

    bot.add_listener(lost, "on_shard_disconnect")
    return told


async def test_200_only_when_the_gateway_is_ready_and_the_engine_answers(tmp_path: Path) -> None:
    engine = FakeEngine()
    health = Health(engine, FakeTrainer(), Metrics("1"), every=0.02)
    async with make_room(tmp_path, engine) as room, told(health, HERE, 0) as port:
        code, said = await get(port, "healthz")
        assert code == 503
        assert said["reasons"]["gateway"] == "not started"
        assert said["status"] == "failing"
        async with room.running() as bot:
            health.watch(bot)
            bot.dispatch("ready")  # it was before anybody watched
            problem = told_when_lost(bot, health)
            room.server.gateway.drop()  # discord.py takes it up again
            assert await problem == "not connected"
            await becomes(port, 200)
            assert (await get(port, "healthz"))[1].keys() == {"status", "version"}
            engine.error = EngineFailed("crashed")
            await becomes(port, 503)
            assert (await get(port, "healthz"))[1]["reasons"] == {"engine": "failing: crashed"}
            engine.error = None
            await becomes(port, 200)
            await bot.drain()
            assert (await get(port, "healthz"))[1]["reasons"] == {"bot": "stopping"}
        assert "gateway" in (await get(port, "healthz"))[1]["reasons"]


async def test_a_lost_connection_is_noticed_at_once(tmp_path: Path) -> None:
    engine = FakeEngine()
    health = Health(engine, FakeTrainer(), Metrics(), every=0.02)
    async with make_room(tmp_path, engine) as room, room.running() as bot:
        health.watch(bot)
        bot.dispatch("ready")
        await soon(lambda: "gateway" not in health.problems())
        problem = told_when_lost(bot, health)
        room.server.gateway.drop()
        assert await problem == "not connected"
        assert bot.is_ready()  # discord.py itself does not tell
        await soon(lambda: "gateway" not in health.problems())


async def test_an_engine_that_hangs_is_told_without_waiting_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    engine = FakeEngine()
    tried, check = asyncio.Event(), engine.check

    async def noted() -> None:
        tried.set()
        await check()

    monkeypatch.setattr(engine, "check", noted)
    health = Health(engine, FakeTrainer(), Metrics(), clock=lambda: now, every=0.02)
    async with told(health, HERE, 0) as port:
        await soon(lambda: "engine" not in health.problems())
        engine.gate.clear()
        tried.clear()
        await tried.wait()
        assert "engine" not in health.problems()  # it may only be busy
        now += 40
        code, said = await get(port, "healthz")
        assert code == 503
        assert said["reasons"]["engine"] == "no answer for 40 s"
        engine.gate.set()
        await soon(lambda: "engine" not in health.problems())


async def test_no_worker_is_no_health(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(engine, "healthy", lambda: False)
    health = Health(engine, FakeTrainer(), Metrics())
    assert health.problems()["engine"] == "no worker is alive"


def counted(metrics: Metrics) -> float:
    found = figures(metrics.text().decode())
    return sum(value for name, value in found.items() if "nabi_commands_total" in name)


async def test_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, trainer, metrics = FakeEngine(), FakeTrainer(), Metrics("1.2")
    monkeypatch.setattr(engine, "load", lambda: Load(3, 2, 5, 1))
    health = Health(engine, trainer, metrics, every=0.02)
    async with make_room(tmp_path, engine, trainer) as room, told(health, HERE, 0) as port:
        before = (await get(port, "metrics"))[1]
        assert math.isnan(before["nabi_gateway_latency_seconds"])
        assert before["nabi_gateway_up"] == 0
        async with room.running() as bot:
            health.watch(bot)
            bot.dispatch("disconnect")
            bot.dispatch("ready")
            assert bot.user is not None
            member = room.person()
            await member.reply(member.say("!help"))
            about = await member.reply(member.slash("about"))
            await member.reply(member.press(about, "nabi:card"))
            await member.reply(member.say(f"<@{bot.user.id}> help"))
            await member.reply(member.say("!continue h4"))
            engine.error = RuntimeError("odd")
            await member.reply(member.say("!continue g8"))
            engine.error = None
            await trainer.start(RunOptions())
            trainer.tell(state="training", share=0.25)
            await soon(lambda: b"0.25" in metrics.text())
            await soon(lambda: counted(metrics) >= 5)  # each after its reply
            await soon(lambda: health.problems() == {})
            found = (await get(port, "metrics"))[1]
    assert found["nabi_queue_length"] == 5
    assert (found["nabi_workers"], found["nabi_workers_alive"]) == (3, 2)
    assert found["nabi_gateway_up"] == found["nabi_engine_up"] == 1
    assert found["nabi_servers"] >= 1
    assert found["nabi_event_loop_lag_seconds"] >= 0
    assert found["nabi_training_state{state=training}"] == 1
    assert found["nabi_training_state{state=idle}"] == 0
    assert found["nabi_training_progress"] == 0.25
    commands = {name: value for name, value in found.items() if "nabi_commands_total" in name}
    assert commands == {
        "nabi_commands_total{command=help,door=typed,outcome=done}": 1,
        "nabi_commands_total{command=help,door=mention,outcome=done}": 1,
        "nabi_commands_total{command=about,door=slash,outcome=done}": 1,
        "nabi_commands_total{command=continue,door=typed,outcome=refused}": 1,
        "nabi_commands_total{command=continue,door=typed,outcome=failed}": 1,
    }
    assert [found[f"nabi_reply_seconds_count{{door={each}}}"] for each in DOORS] == [3, 1, 1]
    touched = {each: found[f"nabi_interactions_total{{kind={each}}}"] for each in TOUCHES}
    assert touched == {each: int(each in ("slash", "button")) for each in TOUCHES}
    assert found["nabi_log_total{level=error}"] == 1
    assert found["nabi_gateway_disconnects_total"] == 1
    assert found["nabi_database_up"] == 1
    assert any(name.startswith("nabi_build_info") and "version=1.2" in name for name in found)
    assert "nabi_model_info{name=nabi-1}" in found
    shown = metrics.text().decode()
    assert "h4" not in shown
    assert str(room.server.member.id) not in shown


def test_every_label_has_few_values() -> None:
    """None can grow with the members, the servers or what they write."""
    known = {"command", "door", "outcome", "kind", "level", "stage", "state", "le"}
    known |= {"version", "python", "discord_py", "name"}  # of the program and of its model
    metrics = Metrics("1")
    metrics.command("help", "typed", "done", -0.5)
    metrics.model("nabi-2")
    text = metrics.text().decode()
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    assert {label for sample in samples for label in sample.labels} == known
    found = figures(text)
    assert found["nabi_reply_seconds_sum{door=typed}"] == 0  # two clocks never give less


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "done"),
        (UnknownFlag("wild", None), "refused"),
        (EngineFailed("timeout"), "failed"),
        (RuntimeError("odd"), "failed"),
        (asyncio.CancelledError(), "cancelled"),
    ],
)
async def test_requests_are_counted_by_outcome_and_timed_by_stage(
    error: BaseException | None, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(_self: Engine, request: Request, **_more: object) -> Any:
        if error is not None:
            raise error
        return make_result(request, seconds={"compose": 0.2, "total": 0.4, "odd": 9})

    monkeypatch.setattr(Engine, "continue_melody", answer)
    metrics = Metrics()
    engine = MeasuredEngine(Registry(), 1, metrics)
    if error is None:
        await engine.continue_melody(Request(text="g8"))
    else:
        with pytest.raises(type(error)):
            await engine.continue_melody(Request(text="g8"))
    found = figures(metrics.text().decode())
    counted = {o: found[f"nabi_requests_total{{outcome={o}}}"] for o in ("done", outcome)}
    assert counted[outcome] == 1
    assert sum(v for k, v in found.items() if k.startswith("nabi_requests_total")) == 1
    assert found["nabi_stage_seconds_count{stage=total}"] == 1
    assert found["nabi_stage_seconds_count{stage=compose}"] == (error is None)


async def test_a_port_in_use_is_a_warning_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    def health() -> Health:
        return Health(FakeEngine(), FakeTrainer(), Metrics())

    async with told(health(), HERE, 0) as port:
        assert port
        async with told(health(), HERE, port) as second:
            assert second == 0
            assert await status(port) == 503
        assert [r.levelno for r in caplog.records if "not served" in r.message] == [logging.WARNING]
        async with told(health(), "not an address", 0) as third:
            assert third == 0


async def test_a_host_that_is_none_is_a_warning_and_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    health = Health(FakeEngine(), FakeTrainer(), Metrics())
    async with told(health, "127.0.0..1", 0) as port:
        assert port == 0
    assert "NABI_HEALTH_HOST" in caplog.text


async def test_a_database_that_is_away_does_not_end_the_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer, asked = FakeTrainer(), 0

    async def away() -> None:
        nonlocal asked
        asked += 1
        raise OSError("away")

    monkeypatch.setattr(trainer, "current", away)
    health = Health(FakeEngine(), trainer, Metrics(), every=0.02)
    async with told(health, HERE, 0):
        await soon(lambda: asked > 2)
        assert "engine" not in health.problems()
        found = figures(health.figures().decode())
    assert found["nabi_database_up"] == 0
    assert found["nabi_log_total{level=warning}"] >= 2


async def test_the_command_asks_what_runs_here(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = FakeEngine()
    health = Health(engine, FakeTrainer(), Metrics(), every=0.02)
    async with told(health, HERE, 0) as port:
        monkeypatch.setenv("NABI_HEALTH_PORT", str(port))
        assert await asyncio.to_thread(main, ["health"]) == 1
        assert '"gateway": "not started"' in capsys.readouterr().out
        monkeypatch.setattr(health, "problems", dict)
        assert await asyncio.to_thread(main, ["health"]) == 0
        assert await asyncio.to_thread(ask, "0.0.0.0", port)  # where it listens everywhere
    assert await asyncio.to_thread(main, ["health"]) == 1
    assert "no answer from" in capsys.readouterr().out
    monkeypatch.setenv("NABI_HEALTH_PORT", "0")
    assert await asyncio.to_thread(main, ["health"]) == 0
