"""A place in the queue is shown, not too often, and never after the answer."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from bot.waiting import Waiting


async def settle() -> None:
    """Give what should not happen a chance."""
    await asyncio.sleep(0.03)


async def test_a_short_wait_is_not_worth_a_word() -> None:
    shown: list[int] = []

    async def show(place: int) -> None:
        shown.append(place)

    async with Waiting(show, patience=30) as waiting:
        waiting.tell(3)
        waiting.tell(0)
        await settle()
    assert shown == []


async def test_whoever_has_not_waited_is_not_told_that_it_is_their_turn() -> None:
    shown: list[int] = []

    async def show(place: int) -> None:
        shown.append(place)

    async with Waiting(show, patience=0, pace=0) as waiting:
        waiting.tell(0)
        await settle()
    assert shown == []


async def test_many_changes_make_few_messages_and_the_last_one_counts() -> None:
    shown: asyncio.Queue[int] = asyncio.Queue()

    async def show(place: int) -> None:
        shown.put_nowait(place)

    async with Waiting(show, patience=0, pace=0.02) as waiting:
        for place in range(50, 0, -1):
            waiting.tell(place)
        assert await shown.get() == 1
        for place in (9, 8, 0):
            waiting.tell(place)
        assert await shown.get() == 0
        await settle()
    assert shown.empty()


async def test_the_answer_waits_for_what_is_being_shown() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def show(_place: int) -> None:
        begun.set()
        await go_on.wait()
        order.append("place")

    async def ask() -> None:
        async with Waiting(show, patience=0) as waiting:
            waiting.tell(2)
            await begun.wait()
        order.append("answer")

    asking = asyncio.create_task(ask())
    await begun.wait()
    await settle()
    assert order == []
    go_on.set()
    await asking
    assert order == ["place", "answer"]


class Response:
    """What an error of Discord's is built from."""

    status, reason = 403, "Forbidden"


@pytest.mark.parametrize(
    "failure",
    [
        discord.Forbidden(Response(), "no"),  # type: ignore[arg-type]  # it has what is read
        aiohttp.ServerDisconnectedError(),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=repr,
)
async def test_where_it_failed_nothing_more_is_shown_and_no_answer_is_lost(
    failure: Exception,
) -> None:
    tried: list[int] = []
    refused = asyncio.Event()

    async def show(place: int) -> None:
        tried.append(place)
        refused.set()
        raise failure

    async def answer() -> str:
        async with Waiting(show, patience=0, pace=0) as waiting:
            waiting.tell(2)
            await refused.wait()
            waiting.tell(1)
            await settle()
            return "answer"

    assert await answer() == "answer"
    assert tried == [2]


async def test_nobody_needs_to_look() -> None:
    async with Waiting(None) as waiting:
        waiting.tell(4)


async def test_an_error_inside_goes_through(caplog: pytest.LogCaptureFixture) -> None:
    async def show(_place: int) -> None:
        """Show nothing."""

    try:
        async with Waiting(show, patience=0):
            raise LookupError
    except LookupError:
        pass
    assert not caplog.records
