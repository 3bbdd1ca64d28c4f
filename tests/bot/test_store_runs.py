"""Runs as rows: one at a time, one process each, and every change in the audit."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.errors import AlreadyTraining, NotTraining
from bot.store import Store, base, runs
from bot.store.runs import MOST_ATTEMPTS, Outdated
from bot.training import keeper
from bot.training.keeper import Keeper
from bot.training.runs import Order, RunOptions
from tests.engine.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.training.runs import Run

OPTIONS = RunOptions(epochs=3, collections=("corpus", "aird"), name="new")


@pytest_asyncio.fixture
async def store(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    await store.open()
    yield store
    await store.close()


async def begin(store: Store, key: str | None = None) -> Run:
    return await store.begin(
        OPTIONS,
        version="new",
        base="old",
        order=Order(key=key, asked_by=7, channel_id=9, locale="ko"),
    )


async def test_a_run_is_remembered_as_it_was_asked(store: Store) -> None:
    run = await begin(store)
    assert run == await store.run(run.id) == await store.going_on() == await store.latest_run()
    assert (run.state, run.options, run.version, run.base) == ("queued", OPTIONS, "new", "old")
    assert (run.asked_by, run.channel_id, run.locale, run.over) == (7, 9, "ko", False)
    await store.set_message(run.id, 11, None, None)
    found = await store.run(run.id)
    assert found is not None
    assert found.message_id == 11


async def test_the_same_key_gives_the_same_run_even_when_it_is_over(store: Store) -> None:
    run = await begin(store, "interaction 5")
    assert (await begin(store, "interaction 5")).id == run.id
    await store.want_end(run.id, 7)
    again = await begin(store, "interaction 5")
    assert (again.id, again.state) == (run.id, "cancelled")


async def test_one_run_at_a_time_however_many_ask_at_once(address: str, store: Store) -> None:
    stores = [Store(address) for _ in range(4)]
    for each in stores:
        await each.open()
    outcomes = await asyncio.gather(
        *(begin(each, f"message {n}") for n, each in enumerate(stores * 3)), return_exceptions=True
    )
    runs = [each for each in outcomes if not isinstance(each, BaseException)]
    refused = [each for each in outcomes if isinstance(each, AlreadyTraining)]
    assert len(runs) == 1
    assert len(refused) == 11
    assert all(each.run is not None and each.run.id == runs[0].id for each in refused)
    for each in stores:
        await each.close()


async def test_of_many_processes_one_takes_a_run(store: Store) -> None:
    run = await begin(store)
    leases = await asyncio.gather(*(store.take(run.id, str(n), 60) for n in range(8)))
    taken = [lease for lease in leases if lease is not None]
    assert [lease.fence for lease in taken] == [1]
    assert await store.unheld() is None


async def test_an_outdated_fence_changes_nothing(store: Store) -> None:
    run = await begin(store)
    first = await store.take(run.id, "first", -1)
    second = await store.take(run.id, "second", 60)
    assert first is not None
    assert second is not None
    with pytest.raises(Outdated):
        await store.renew(run.id, first.fence, 60, progress={"epoch": 9})
    done: list[str] = []

    def publish() -> dict[str, object]:
        done.append("a version")
        return {}

    with pytest.raises(Outdated):
        await store.end(run.id, first.fence, "done", last=publish)
    assert not done
    assert not await store.let_go(run.id, fence=first.fence)
    now = await store.run(run.id)
    assert now is not None
    assert (now.state, now.epoch) == ("queued", 0)
    assert not await store.renew(run.id, second.fence, 60, state="training", progress={"epoch": 1})


async def test_what_fails_at_the_end_leaves_the_run_going(store: Store) -> None:
    run = await begin(store)
    lease = await store.take(run.id, "one", 60)
    assert lease is not None

    def fail() -> dict[str, object]:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        await store.end(run.id, lease.fence, "done", last=fail)
    assert (await store.going_on()) is not None
    told = {
        "outcome": {
            "promoted": True,
            "tunes": 9,
            "old_bits": 3.0,
            "new_bits": 2.5,
            "low": -0.6,
            "high": -0.4,
        }
    }
    await store.end(run.id, lease.fence, "done", last=lambda: told)
    end = await store.run(run.id)
    assert end is not None
    assert end.over
    assert end.outcome is not None
    assert end.outcome.new_bits == 2.5
    assert await store.going_on() is None


async def test_a_run_that_every_process_dies_of_ends(store: Store) -> None:
    run = await begin(store)
    for _ in range(MOST_ATTEMPTS):
        assert await store.take(run.id, "x", -1) is not None
    assert await store.take(run.id, "x", -1) is None
    end = await store.run(run.id)
    assert end is not None
    assert (end.state, end.failure) == ("failed", "killed")


async def test_a_checkpoint_shows_that_it_comes_further(store: Store) -> None:
    run = await begin(store)
    for _ in range(3 * MOST_ATTEMPTS):
        lease = await store.take(run.id, "x", -1)
        assert lease is not None
        await store.renew(run.id, lease.fence, -1, saved=True)


async def test_cancelling(store: Store) -> None:
    run = await begin(store)
    lease = await store.take(run.id, "x", 60)
    assert lease is not None
    assert (await store.want_end(run.id, 8)).cancel_requested
    assert (await store.want_end(run.id, 8)).state == "queued"  # twice does no harm
    assert await store.renew(run.id, lease.fence, 60) is True
    await store.end(run.id, lease.fence, "cancelled")
    with pytest.raises(NotTraining):
        await store.want_end(run.id, 8)
    with pytest.raises(NotTraining):
        await store.want_end("nothing", 8)
    other = await begin(store)  # nobody holds this one
    assert (await store.want_end(other.id, 8)).state == "cancelled"
    assert await store.take(other.id, "x", 60) is None
    lines = [(line.what, line.who) for line in await store.audit()]
    assert lines == [
        ("cancelled", None),
        ("cancel", 8),
        ("train", 7),
        ("cancelled", None),
        ("cancel", 8),
        ("train", 7),
    ]


async def test_what_a_later_program_tells_does_no_harm(store: Store) -> None:
    run = await begin(store)
    lease = await store.take(run.id, "x", 60)
    assert lease is not None
    news = {
        "curve": [[0.5, 3.0, None], [1.0, 2.5, 2.6]],
        "skipped": [["a.mid", "broken"]] * 99,
        "skipped_count": 240,
        "level": 2.7,
        "unheard_of": 1,
    }
    await store.renew(run.id, lease.fence, 60, progress=news)
    now = await store.run(run.id)
    assert now is not None
    assert [point.validation for point in now.curve] == [None, 2.6]
    assert (len(now.skipped), now.skipped_count, now.level) == (50, 240, 2.7)


async def test_a_keeper_renews_and_hears_of_its_end(
    address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_BEAT", 0.05)
    run = await begin(store)
    lost: list[bool] = []
    await asyncio.to_thread(_keep_until_lost, address, run.id, lost)
    now = await store.run(run.id)
    assert now is not None
    assert (now.state, now.epoch, now.share) == ("cancelled", 1, 0.25)
    assert lost == [True]


def _keep_until_lost(address: str, run_id: str, lost: list[bool]) -> None:
    ahead, renewals = 0.0, 0

    async def clock(session: AsyncSession) -> float:
        return await base.clock(session) + ahead

    async def watch(holder: Keeper) -> None:
        """Hold the run for much longer than a lease, then lose it."""
        nonlocal ahead
        for _ in range(3):
            ahead += 40  # the lease lasts for 60
            enough = renewals + 2  # one may be under way
            await until(lambda enough=enough: renewals >= enough)  # type: ignore[misc]  # a default
            assert await holder.runs.take(run_id, "thief", 60) is None
        assert not lost
        await holder.runs.want_end(run_id, 8)
        await until(lambda: holder.wish() == "stop")
        await holder.runs.end(run_id, None, "cancelled")
        await until(lambda: bool(lost))

    with (
        Keeper(address, 60, lambda: lost.append(True)) as holder,
        pytest.MonkeyPatch.context() as m,
    ):
        renew = holder.runs.renew

        async def counted(*args: Any, **named: Any) -> bool:
            nonlocal renewals
            wanted = await renew(*args, **named)
            renewals += 1
            return wanted

        m.setattr(holder.runs, "renew", counted)
        m.setattr(runs, "clock", clock)
        assert holder.take(run_id, "me") is not None
        holder.tell("training", epoch=1, epochs=2, share=0.25, nonsense=object())
        holder.call(watch(holder))
    assert holder._loop.is_closed()
