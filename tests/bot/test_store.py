"""Results and facts outlive the program, expire, and survive writers at the same time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.errors import Forgotten
from bot.store import KEEP, Store
from bot.store.base import now
from engine.request import Request
from tests.fakes import MIDI, make_result

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    await store.open()
    yield store
    await store.close()


async def test_a_result_is_found_again_with_all_that_was_chosen(store: Store) -> None:
    result = make_result(Request(text="솔8 미8", bars=3, temperature=0.7, key="Am"))
    kept = await store.find(await store.keep(result))
    assert kept is not None
    assert kept.request == result.request
    assert kept.tune == result.tune
    assert kept.again() == result.again()
    assert kept.longer() == result.longer()


async def test_each_take_can_be_gone_on_from(store: Store) -> None:
    result = make_result(Request(text="g8", takes=3))
    kept = await store.find(await store.keep(result))
    assert kept is not None
    assert kept.tunes == result.tunes
    assert kept.again().takes == 3
    assert [kept.longer(take).text for take in (1, 2, 3)] == list(result.tunes)
    assert {kept.longer(take).takes for take in (1, 2, 3)} == {1}
    for take in (0, 4):
        with pytest.raises(Forgotten):
            kept.longer(take)


@pytest.mark.parametrize(
    ("before", "steps", "after"),
    [(1.0, 1, 1.2), (1.0, -1, 0.8), (0.15, -1, 0.1), (0.1, -1, 0.1), (1.95, 1, 2.0), (0.7, 1, 0.9)],
)
async def test_the_temperature_moves_within_its_range(
    store: Store, before: float, steps: int, after: float
) -> None:
    kept = await store.find(await store.keep(make_result(Request(temperature=before, seed=3))))
    assert kept is not None
    assert kept.wilder(steps).temperature == after
    assert kept.wilder(steps).seed is None


async def test_one_result_is_dropped_alone(store: Store) -> None:
    one, two = [await store.keep(make_result(Request(text="g8"))) for _ in range(2)]
    await store.drop(one)
    await store.drop(one)
    assert await store.find(one) is None
    assert await store.find(two) is not None


async def test_the_bytes_of_a_file_come_back(store: Store) -> None:
    data = bytes(range(256)) * 10
    result = make_result(Request(file=data, file_name="x.mid"))
    kept = await store.find(await store.keep(result))
    assert kept is not None
    assert kept.request.file == data
    assert kept.again().file == data
    assert kept.longer().file is None


async def test_it_outlives_the_program(address: str) -> None:
    first = Store(address)
    await first.open()
    name = await first.keep(make_result(Request(text="g8")))
    await first.set_fact("a", "1")
    await first.close()
    second = Store(address)
    await second.open()
    assert await second.find(name) is not None
    assert await second.fact("a") == "1"
    await second.close()


async def test_results_expire(store: Store) -> None:
    name = await store.keep(make_result(Request(file=MIDI, file_name="x.mid")))
    assert await store.prune(now() + KEEP - timedelta(minutes=1)) == 0
    assert await store.prune(now() + KEEP + timedelta(minutes=1)) == 1
    assert await store.find(name) is None


async def test_files_do_not_fill_the_disk(address: str) -> None:
    store = Store(address, max_kept=1000)
    await store.open()
    codes = await store.keep(make_result(Request(text="g8")))
    names = [
        await store.keep(make_result(Request(file=bytes(300), file_name="x.mid"))) for _ in range(5)
    ]
    found = [await store.find(name) is not None for name in names]
    assert found == [False, False, True, True, True]
    assert await store.find(codes) is not None
    await store.close()


async def test_an_unknown_name_is_nothing(store: Store) -> None:
    assert await store.find("2222222222") is None
    assert await store.find("'; DROP TABLE results; --") is None
    assert await store.fact("none") is None


async def test_facts_are_replaced(store: Store) -> None:
    await store.set_fact("hash", "1")
    await store.set_fact("hash", "2")
    assert await store.fact("hash") == "2"


async def test_short_names_fit_into_the_buttons(store: Store) -> None:
    names = {await store.keep(make_result(Request(text="g8"))) for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) == 10 and name.isalnum() for name in names)


async def test_two_programs_write_at_once_and_nothing_is_lost(address: str) -> None:
    stores = [Store(address) for _ in range(2)]
    for store in stores:
        await store.open()
    names = await asyncio.gather(
        *(stores[i % 2].keep(make_result(Request(text="g8"))) for i in range(40))
    )
    found = [await stores[0].find(name) for name in names]
    assert all(found)
    for store in stores:
        await store.close()
