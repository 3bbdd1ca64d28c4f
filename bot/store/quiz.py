"""The guessing game: rounds that are going on, votes, and what is counted of them."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, String, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from bot.errors import NabiError
from bot.store.base import Base, Database, now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.i18n import Locale

Choice = Literal["a", "b"]

EVERYBODY: Final = 0
"""Stands for all members together where a member's id stands; nobody has it."""

KEPT: Final = timedelta(days=7)
"""How long it is remembered which tunes were played in a channel."""

_MAKING: Final = timedelta(minutes=5)
"""No tune takes that long to be made and sent: what is older was given up."""

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_NAMED: Final = 5
_TABLE: Final = 10
_FIRST: Final = 3


class QuizGoing(NabiError):
    """A round is going on in the channel; ``link`` leads to its message, if it has one yet."""

    sentence = "error-quiz-going"

    def __init__(self, link: str) -> None:
        super().__init__(link)
        self.link = link

    def values(self) -> dict[str, str]:
        """Give the address of the round's message, or that there is none."""
        return {"where": self.link or "none"}


class QuizOver(NabiError):
    """The round has ended, or is not remembered any more."""

    sentence = "error-quiz-over"


class QuizRoundRow(Base):
    """One round; ``going`` names its channel until it is counted, so that each has but one."""

    __tablename__ = "quiz_rounds"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    guild_id: Mapped[int] = mapped_column(BigInteger)
    channel_id: Mapped[int] = mapped_column(BigInteger, index=True)
    going: Mapped[str | None] = mapped_column(String(20), unique=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    tune: Mapped[str] = mapped_column(String(32))
    real: Mapped[str] = mapped_column(String(1))
    locale: Mapped[str] = mapped_column(String(8))
    opened: Mapped[datetime] = mapped_column(DateTime, index=True)
    ends: Mapped[datetime] = mapped_column(DateTime)
    votes: Mapped[int] = mapped_column(Integer, default=0)
    right: Mapped[int] = mapped_column(Integer, default=0)
    counted: Mapped[bool] = mapped_column(Boolean, default=False)
    told: Mapped[bool] = mapped_column(Boolean, default=False)


class QuizVoteRow(Base):
    """What a member chose in a round; deleted when the answer has been told."""

    __tablename__ = "quiz_votes"

    round_id: Mapped[str] = mapped_column(String(10), primary_key=True)
    member_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    choice: Mapped[str] = mapped_column(String(1))
    at: Mapped[datetime] = mapped_column(DateTime)


class QuizTallyRow(Base):
    """How often a member, or everybody, voted in a server, and how often that was right."""

    __tablename__ = "quiz_tallies"

    guild_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    member_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, index=True
    )
    votes: Mapped[int] = mapped_column(Integer)
    right: Mapped[int] = mapped_column(Integer)


@dataclass(frozen=True, slots=True)
class Round:
    """A round of the game.

    Attributes:
        id: short name, part of its buttons.
        guild, channel: where it is played; the server is 0 in direct messages.
        tune: name of the melody.
        real: which of the two is the real one.
        locale: language in which it was asked.
        ends: when the answer is told.
        message: id of its message, None until it is sent.
    """

    id: str
    guild: int
    channel: int
    tune: str
    real: Choice
    locale: Locale
    ends: datetime
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Votes, and how many of them found the real tune; ``member`` is 0 for everybody."""

    votes: int = 0
    right: int = 0
    member: int = EVERYBODY

    @property
    def fooled(self) -> int:
        """Votes that took the bot's tune for the real one."""
        return self.votes - self.right


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round ended.

    Attributes:
        round: which one.
        score: of this round.
        winners: ids of the first few members who were right.
        record: of all rounds everywhere.
        best: the first of the server's table who were ever right, this round counted; none in
            direct messages.
    """

    round: Round
    score: Score
    winners: tuple[int, ...]
    record: Score
    best: tuple[Score, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The scores of a server: the best first, the one who asks, and all rounds everywhere."""

    best: tuple[Score, ...]
    own: Score
    record: Score


class Quiz(Database):
    """Open rounds, take votes, count them."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._counting = asyncio.Lock()

    async def open_round(self, guild: int, channel: int, locale: Locale) -> str:
        """Take a channel for a round whose tunes are about to be made, and name the round.

        Raises:
            QuizGoing: when one is going on there.
        """
        at = now()
        name = "".join(secrets.choice(_ALPHABET) for _ in range(10))
        row = QuizRoundRow(
            id=name,
            guild_id=guild,
            channel_id=channel,
            going=str(channel),
            tune="",
            real="",
            locale=locale,
            opened=at,
            ends=at + _MAKING,
        )
        try:
            async with self._write.begin() as session:
                await _clear(session, at)
                session.add(row)
        except IntegrityError:
            raise QuizGoing(await self._link_in(channel)) from None
        return name

    async def set_round(self, name: str, tune: str, real: Choice, ends: datetime) -> None:
        """Note what a round is about, before anybody can vote, and when its answer is told."""
        await self._change(name, tune=tune, real=real, ends=ends)

    async def begin_round(self, name: str, message: int) -> None:
        """Note which message a round has."""
        await self._change(name, message_id=message)

    async def drop_round(self, name: str) -> None:
        """Forget a round that came to nothing."""
        async with self._write.begin() as session:
            await session.execute(delete(QuizVoteRow).where(QuizVoteRow.round_id == name))
            await session.execute(delete(QuizRoundRow).where(QuizRoundRow.id == name))

    async def rounds_to_tell(self) -> list[Round]:
        """List the rounds whose answer has not been told."""
        async with self._read() as session:
            wanted = select(QuizRoundRow).where(
                QuizRoundRow.told.is_(False), QuizRoundRow.message_id.is_not(None)
            )
            return [_round(row) for row in await session.scalars(wanted)]

    async def rounds_unsent(self, before: datetime) -> list[Round]:
        """List the rounds that were being made at a time and have no message yet."""
        async with self._read() as session:
            wanted = select(QuizRoundRow).where(
                QuizRoundRow.message_id.is_(None), QuizRoundRow.opened < before
            )
            return [_round(row) for row in await session.scalars(wanted)]

    async def tunes_played(self, channel: int) -> list[str]:
        """List the tunes played in a channel in the last days, the latest first."""
        async with self._read() as session:
            wanted = select(QuizRoundRow.tune).where(QuizRoundRow.channel_id == channel)
            return list(await session.scalars(wanted.order_by(QuizRoundRow.opened.desc())))

    async def vote(self, name: str, member: int, choice: Choice) -> None:
        """Take a vote; a later one of the same member replaces it.

        Raises:
            QuizOver: when the round has ended, or is not remembered.
        """
        async with self._write.begin() as session:
            row = await session.get(QuizRoundRow, name, with_for_update=True)
            if row is None or row.counted or row.ends <= now():
                raise QuizOver
            await session.merge(
                QuizVoteRow(round_id=name, member_id=member, choice=choice, at=now())
            )

    async def end_round(self, name: str) -> Outcome | None:
        """Count a round's votes, once, and tell how it ended; None for one not remembered."""
        async with self._counting, self._write.begin() as session:
            # Two programs may do so at once: the second finds it counted.
            row = await session.get(QuizRoundRow, name, with_for_update=True)
            if row is None:
                return None
            cast = select(QuizVoteRow).where(QuizVoteRow.round_id == name)
            votes = list(await session.scalars(cast.order_by(QuizVoteRow.at)))
            if not row.counted:
                row.counted, row.going = True, None
                row.votes = len(votes)
                row.right = sum(vote.choice == row.real for vote in votes)
                for vote in votes:
                    await _add(session, row.guild_id, vote.member_id, 1, vote.choice == row.real)
                await _add(session, row.guild_id, EVERYBODY, row.votes, row.right)
            winners = [vote.member_id for vote in votes if vote.choice == row.real]
            best = await _best(session, row.guild_id)
            return Outcome(
                _round(row),
                Score(row.votes, row.right),
                tuple(winners[:_NAMED]),
                await _record(session),
                tuple(each for each in best[:_FIRST] if each.right),
            )

    async def told(self, name: str) -> None:
        """Note that a round's answer stands in its message, and forget who voted for what."""
        async with self._write.begin() as session:
            row = await session.get(QuizRoundRow, name)
            if row is not None and row.counted:
                row.told = True
                await session.execute(delete(QuizVoteRow).where(QuizVoteRow.round_id == name))

    async def scores(self, guild: int, member: int) -> Table:
        """Give the table of a server, or, where ``guild`` is 0, the member's own score only."""
        async with self._read() as session:
            best = await _best(session, guild)
            own = await session.get(QuizTallyRow, (guild, member))
            mine = Score(member=member) if own is None else _score(own)
            return Table(best[:_TABLE], mine, await _record(session))

    async def _change(self, name: str, **values: Any) -> None:
        async with self._write.begin() as session:
            await session.execute(
                update(QuizRoundRow).where(QuizRoundRow.id == name).values(**values)
            )

    async def drop_scores(self, guild: int) -> None:
        """Forget the scores of a server's members, and its rounds that are going on.

        What all members did together is kept.
        """
        members = (QuizTallyRow.guild_id == guild) & (QuizTallyRow.member_id != EVERYBODY)
        going = (QuizRoundRow.guild_id == guild) & QuizRoundRow.told.is_(False)
        cast = QuizVoteRow.round_id.in_(select(QuizRoundRow.id).where(going))
        async with self._counting, self._write.begin() as session:
            for gone in (delete(QuizVoteRow).where(cast), delete(QuizRoundRow).where(going)):
                await session.execute(gone.execution_options(synchronize_session=False))
            await session.execute(delete(QuizTallyRow).where(members))

    async def _link_in(self, channel: int) -> str:
        async with self._read() as session:
            row = await session.scalar(
                select(QuizRoundRow).where(QuizRoundRow.going == str(channel))
            )
        if row is None or row.message_id is None:
            return ""
        return f"https://discord.com/channels/{row.guild_id or '@me'}/{channel}/{row.message_id}"


async def _clear(session: AsyncSession, at: datetime) -> None:
    """Forget old rounds, and those that were given up while they were being made."""
    given_up = QuizRoundRow.message_id.is_(None) & (QuizRoundRow.opened < at - _MAKING)
    old = QuizRoundRow.told & (QuizRoundRow.opened < at - KEPT)
    await session.execute(
        delete(QuizRoundRow).where(given_up | old).execution_options(synchronize_session=False)
    )
    # What could not be counted at its time holds up no other.
    late = update(QuizRoundRow).where(
        QuizRoundRow.message_id.is_not(None), QuizRoundRow.ends < at - _MAKING
    )
    await session.execute(late.values(going=None))


async def _add(session: AsyncSession, guild: int, member: int, votes: int, right: int) -> None:
    row = await session.get(QuizTallyRow, (guild, member), with_for_update=True)
    if row is None:
        session.add(QuizTallyRow(guild_id=guild, member_id=member, votes=votes, right=int(right)))
    else:
        row.votes += votes
        row.right += int(right)


async def _best(session: AsyncSession, guild: int) -> tuple[Score, ...]:
    """Give the scores of a server's members, the best first; none where ``guild`` is 0."""
    await session.flush()
    wanted = select(QuizTallyRow).where(
        QuizTallyRow.guild_id == guild, QuizTallyRow.member_id != EVERYBODY
    )
    scores = [_score(row) for row in await session.scalars(wanted)] if guild else []
    return tuple(sorted(scores, key=lambda each: (-each.right, each.votes, each.member)))


async def _record(session: AsyncSession) -> Score:
    await session.flush()
    sums = select(func.sum(QuizTallyRow.votes), func.sum(QuizTallyRow.right))
    votes, right = (await session.execute(sums.where(QuizTallyRow.member_id == EVERYBODY))).one()
    return Score(int(votes or 0), int(right or 0))


def _score(row: QuizTallyRow) -> Score:
    return Score(row.votes, row.right, row.member_id)


def _round(row: QuizRoundRow) -> Round:
    real: Choice = "a" if row.real == "a" else "b"
    locale: Locale = "ko" if row.locale == "ko" else "en"
    made = Round(row.id, row.guild_id, row.channel_id, row.tune, real, locale, row.ends)
    return replace(made, message=row.message_id)
