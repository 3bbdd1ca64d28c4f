"""One request per member, a rest after each, and an orderly end."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Busy, Closing, TooSoon
from bot.turns import Rarely, Turns


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_second_request_waits_for_the_first() -> None:
    turns = Turns(0)
    async with turns.turn(1):
        with pytest.raises(Busy):
            async with turns.turn(1):
                pass
        async with turns.turn(2):
            assert turns.running == 2
    assert turns.running == 0


async def test_a_rest_follows_and_ends() -> None:
    clock = Clock()
    turns = Turns(3, clock)
    async with turns.turn(1):
        clock.now = 10
    clock.now = 11
    with pytest.raises(TooSoon) as caught:
        async with turns.turn(1):
            pass
    assert caught.value.seconds == 2
    clock.now = 13
    async with turns.turn(1):
        pass


async def test_a_refused_request_does_not_prolong_the_rest() -> None:
    clock = Clock()
    turns = Turns(3, clock)
    async with turns.turn(1):
        pass
    clock.now = 2.9
    with pytest.raises(TooSoon):
        async with turns.turn(1):
            pass
    clock.now = 3
    async with turns.turn(1):
        pass


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
async def test_a_failed_turn_costs_nothing(error: type[BaseException]) -> None:
    turns = Turns(3)
    with pytest.raises(error):
        async with turns.turn(1):
            raise error
    async with turns.turn(1):
        pass


async def test_rests_that_are_over_are_forgotten() -> None:
    clock = Clock()
    turns = Turns(1, clock)
    for member in range(100):
        clock.now += 2
        async with turns.turn(member):
            pass
    assert len(turns._free_at) <= 2


async def test_closing_waits_for_what_runs_and_takes_no_more() -> None:
    turns = Turns(0)
    inside, leave = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with turns.turn(1):
            inside.set()
            await leave.wait()

    task = asyncio.create_task(work())
    await inside.wait()
    closing = asyncio.create_task(turns.close(10))
    await asyncio.sleep(0)
    with pytest.raises(Closing):
        async with turns.turn(2):
            pass
    assert not closing.done()
    leave.set()
    assert await closing
    await task


async def test_closing_does_not_wait_for_ever() -> None:
    turns = Turns(0)
    async with turns.turn(1):
        assert not await turns.close(0.01)


async def test_who_is_given_up_learns_why_and_nobody_else() -> None:
    turns = Turns(0)
    inside = asyncio.Event()

    async def work() -> None:
        async with turns.turn(1):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    await turns.give_up()
    with pytest.raises(Closing):
        await task
    assert task.cancelling() == 0
    assert turns.running == 0

    inside.clear()
    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_something_is_done_for_each_member_once_in_a_while() -> None:
    clock = Clock()
    rarely = Rarely(60, clock)
    assert [rarely.due(1), rarely.due(1), rarely.due(2)] == [True, False, True]
    clock.now = 59
    assert not rarely.due(1)  # and this one does not prolong it
    clock.now = 60
    assert rarely.due(1)
