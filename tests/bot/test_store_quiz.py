"""The tables of the guessing game: one round a channel, votes counted once, nothing kept long."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.store import Store
from bot.store import quiz as table
from bot.store.base import now
from bot.store.quiz import KEPT, QuizGoing, QuizOver, QuizRoundRow, QuizVoteRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.base import Base

SERVER, CHANNEL, LENGTH = 1, 2, timedelta(minutes=10)


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Let time pass: the last entry has passed."""
    passed = [timedelta()]
    monkeypatch.setattr(table, "now", lambda: now() + passed[-1])
    return passed


async def begun(store: Store, channel: int = CHANNEL, message: int = 77) -> str:
    name = await store.open_round(SERVER, channel, "ko")
    await store.set_round(name, "ode", "b", now() + LENGTH)
    await store.begin_round(name, message)
    return name


async def count(store: Store, row: type[Base]) -> int:
    async with store._read() as session:
        return await session.scalar(select(func.count()).select_from(row)) or 0


async def test_many_begin_at_once_and_one_does(store: Store) -> None:
    done = await asyncio.gather(
        *(store.open_round(SERVER, CHANNEL, "en") for _ in range(12)), return_exceptions=True
    )
    assert sum(isinstance(each, str) for each in done) == 1
    assert sum(isinstance(each, QuizGoing) for each in done) == 11
    assert await store.open_round(SERVER, CHANNEL + 1, "en")


async def test_who_comes_too_early_is_led_to_the_round(store: Store) -> None:
    await begun(store)
    with pytest.raises(QuizGoing) as caught:
        await store.open_round(SERVER, CHANNEL, "en")
    assert caught.value.link.endswith(f"/{SERVER}/{CHANNEL}/77")
    name = await store.open_round(0, 9, "en")
    with pytest.raises(QuizGoing) as caught:
        await store.open_round(0, 9, "en")
    assert caught.value.link == ""
    await store.begin_round(name, 78)
    with pytest.raises(QuizGoing) as caught:
        await store.open_round(0, 9, "en")
    assert "/@me/9/78" in caught.value.link


async def test_a_thousand_presses_of_many_are_one_vote_each(store: Store) -> None:
    name = await begun(store)
    await asyncio.gather(
        *(
            store.vote(name, member, "a" if turn else "b")
            for turn in range(2)
            for member in range(1, 60)
        )
    )
    for member in range(1, 60):
        await store.vote(name, member, "b" if member <= 20 else "a")
    ended = await asyncio.gather(*(store.end_round(name) for _ in range(5)))
    assert {(each.score.votes, each.score.right) for each in ended if each} == {(59, 20)}
    assert all(each is not None and len(each.winners) == 5 for each in ended)
    scores = await store.scores(SERVER, 30)
    assert (scores.record.votes, scores.record.fooled) == (59, 39)
    assert len(scores.best) == 10
    assert {score.right for score in scores.best} == {1}
    assert (scores.own.votes, scores.own.right) == (1, 0)


async def test_nobody_votes_after_the_end(store: Store, later: list[timedelta]) -> None:
    name = await begun(store)
    later.append(2 * LENGTH)
    with pytest.raises(QuizOver):
        await store.vote(name, 5, "a")
    later.append(timedelta())
    await store.end_round(name)
    with pytest.raises(QuizOver):
        await store.vote(name, 5, "a")
    with pytest.raises(QuizOver):
        await store.vote("2222222222", 5, "a")
    assert await store.end_round("2222222222") is None
    assert await count(store, QuizVoteRow) == 0


async def test_votes_go_when_the_answer_is_told_and_rounds_some_days_later(
    store: Store, later: list[timedelta]
) -> None:
    name = await begun(store)
    await store.vote(name, 5, "b")
    await store.told(name)  # before it is counted, it has not been told
    assert [each.id for each in await store.rounds_to_tell()] == [name]
    outcome = await store.end_round(name)
    assert outcome is not None
    assert outcome.score.votes == 1
    await store.told(name)
    assert await store.rounds_to_tell() == []
    assert await count(store, QuizVoteRow) == 0
    assert await store.tunes_played(CHANNEL) == ["ode"]
    later.append(KEPT + LENGTH)
    await store.open_round(SERVER, CHANNEL + 1, "en")
    assert await store.tunes_played(CHANNEL) == []
    assert await count(store, QuizRoundRow) == 1


async def test_a_round_given_up_while_it_was_made_holds_up_no_other(
    store: Store, later: list[timedelta]
) -> None:
    await store.open_round(SERVER, CHANNEL, "en")
    with pytest.raises(QuizGoing):
        await store.open_round(SERVER, CHANNEL, "en")
    later.append(10 * LENGTH)
    assert await store.open_round(SERVER, CHANNEL, "en")
    assert await count(store, QuizRoundRow) == 1


async def test_a_round_that_was_not_ended_in_time_holds_up_no_other_and_is_told_yet(
    store: Store, later: list[timedelta]
) -> None:
    late = await begun(store)
    await store.vote(late, 5, "b")
    later.append(10 * LENGTH)
    await begun(store, message=78)
    outcome = await store.end_round(late)
    assert outcome is not None
    assert (outcome.score.votes, outcome.score.right, outcome.winners) == (1, 1, (5,))
    later.append(timedelta())
    with pytest.raises(QuizGoing):
        await store.open_round(SERVER, CHANNEL, "en")


async def test_a_round_that_came_to_nothing_leaves_nothing(store: Store) -> None:
    name = await begun(store)
    await store.vote(name, 5, "b")
    await store.drop_round(name)
    assert await count(store, QuizRoundRow) == await count(store, QuizVoteRow) == 0
    assert await begun(store)
