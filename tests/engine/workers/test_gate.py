"""The gate: a few at a time, in order, and nobody's place gets lost."""

from __future__ import annotations

import asyncio

import pytest

from engine.errors import EngineFailed
from engine.workers.gate import Gate


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_few_are_let_in_in_the_order_in_which_they_came() -> None:
    gate = Gate(2)
    order: list[int] = []
    inside = 0

    async def visit(number: int) -> None:
        nonlocal inside
        async with gate.turn():
            inside += 1
            assert inside <= 2
            order.append(number)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(visit(number) for number in range(20)))
    assert order == list(range(20))
    assert (gate.waiting, gate.running) == (0, 0)


async def test_an_error_inside_gives_the_place_back() -> None:
    gate = Gate(1)
    with pytest.raises(LookupError):
        async with gate.turn():
            raise LookupError
    assert gate.running == 0


@pytest.mark.parametrize("cancel_after_handing_over", [False, True])
async def test_who_is_cancelled_while_waiting_takes_no_place(
    *, cancel_after_handing_over: bool
) -> None:
    gate = Gate(1)
    await gate._enter(0, None)
    entered: list[int] = []

    async def visit(number: int) -> None:
        async with gate.turn():
            entered.append(number)

    waiting = [asyncio.create_task(visit(number)) for number in range(3)]
    await settle()
    assert gate.waiting == 3
    if cancel_after_handing_over:
        gate._leave(0)
        waiting[0].cancel()
    else:
        waiting[0].cancel()
        await settle()
        assert gate.waiting == 2
        gate._leave(0)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert entered == [1, 2]
    assert (gate.waiting, gate.running) == (0, 0)


async def test_closing_turns_those_outside_away_and_waits_for_those_inside() -> None:
    gate = Gate(1)
    await gate._enter(0, None)
    outside = asyncio.create_task(gate._enter(0, None))
    await settle()
    gate.close()
    with pytest.raises(EngineFailed):
        await outside
    with pytest.raises(EngineFailed):
        await gate._enter(0, None)
    empty = asyncio.create_task(gate.empty())
    await settle()
    assert not empty.done()
    gate._leave(0)
    await empty


async def test_a_crowd_delays_another_party_by_no_more_than_one_round() -> None:
    gate = Gate(2)
    order: list[tuple[int, int]] = []
    hold = asyncio.Event()

    async def visit(party: int, number: int) -> None:
        async with gate.turn(party):
            await hold.wait()
            order.append((party, number))

    crowd = [asyncio.create_task(visit(1, number)) for number in range(100)]
    await settle()
    late = [asyncio.create_task(visit(party, 0)) for party in (2, 3, 4)]
    await settle()
    hold.set()
    await asyncio.gather(*crowd, *late)
    assert [order.index((party, 0)) for party in (2, 3, 4)] == [2, 3, 4]  # after the two that ran
    assert [number for party, number in order if party == 1] == list(range(100))


async def test_those_who_wait_are_told_their_place() -> None:
    gate = Gate(1)
    told: dict[str, list[int]] = {"a": [], "b": [], "c": [], "d": []}
    hold = {name: asyncio.Event() for name in told}

    async def visit(name: str, party: int) -> None:
        async with gate.turn(party, told[name].append):
            await hold[name].wait()

    tasks = []
    for name, party in (("a", 1), ("b", 1), ("c", 1), ("d", 2)):
        tasks.append(asyncio.create_task(visit(name, party)))
        await settle()
    assert told == {"a": [], "b": [1, 2], "c": [2, 3], "d": [1]}  # d's party has nobody inside
    hold["a"].set()
    await settle()
    assert (told["d"], told["b"]) == ([1, 0], [1, 2, 1])
    tasks[1].cancel()  # somebody gives up
    await settle()
    assert told["c"] == [2, 3, 2, 1]
    for event in hold.values():
        event.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert told["c"][-1] == 0
    assert told["a"] == []
    assert (gate.waiting, gate.running) == (0, 0)
