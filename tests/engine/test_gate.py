"""The gate: a few at a time, in order, and nobody's place gets lost."""

from __future__ import annotations

import asyncio

import pytest

from engine.errors import EngineFailed
from engine.gate import Gate


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_few_are_let_in_in_the_order_in_which_they_came() -> None:
    gate = Gate(2)
    order: list[int] = []
    inside = 0

    async def visit(number: int) -> None:
        nonlocal inside
        async with gate:
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
        async with gate:
            raise LookupError
    assert gate.running == 0


@pytest.mark.parametrize("cancel_after_handing_over", [False, True])
async def test_who_is_cancelled_while_waiting_takes_no_place(
    *, cancel_after_handing_over: bool
) -> None:
    gate = Gate(1)
    await gate.__aenter__()
    entered: list[int] = []

    async def visit(number: int) -> None:
        async with gate:
            entered.append(number)

    waiting = [asyncio.create_task(visit(number)) for number in range(3)]
    await settle()
    assert gate.waiting == 3
    if cancel_after_handing_over:
        await gate.__aexit__(None, None, None)
        waiting[0].cancel()
    else:
        waiting[0].cancel()
        await settle()
        assert gate.waiting == 2
        await gate.__aexit__(None, None, None)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert entered == [1, 2]
    assert (gate.waiting, gate.running) == (0, 0)


async def test_closing_turns_those_outside_away_and_waits_for_those_inside() -> None:
    gate = Gate(1)
    await gate.__aenter__()
    outside = asyncio.create_task(gate.__aenter__())
    await settle()
    gate.close()
    with pytest.raises(EngineFailed):
        await outside
    with pytest.raises(EngineFailed):
        await gate.__aenter__()
    empty = asyncio.create_task(gate.empty())
    await settle()
    assert not empty.done()
    await gate.__aexit__(None, None, None)
    await empty
