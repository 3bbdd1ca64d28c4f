"""Results, kept for the buttons under them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Text,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.errors import Forgotten
from bot.store.base import Base, Database, now
from engine.request import OPTIONS, Request

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from engine.request import Result

KEEP: Final = timedelta(days=30)
"""How long a result and its buttons live."""

MAX_KEPT: Final = 512 * 1024 * 1024
"""Bytes of members' files that are kept at most; the oldest results go first."""

_LONGEST_WAIT: Final = timedelta(hours=1)
"""No request takes that long."""

STEP: Final = 0.2
"""By how much one press changes the temperature."""

_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH: Final = 10


class ResultRow(Base):
    """One continuation that was sent."""

    __tablename__ = "results"

    id: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int] = mapped_column(Integer, default=0)
    tune: Mapped[str] = mapped_column(Text)  # of several takes, one on each line
    created_at: Mapped[datetime] = mapped_column(DateTime, index=True)
    author_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


@dataclass(frozen=True, slots=True)
class Kept:
    """A result as it is remembered.

    Attributes:
        id: short name, part of its buttons.
        request: the request with everything chosen filled in.
        tunes: the whole tune of each take as note codes.
        author: id of the member who asked for it; None: not known.
    """

    id: str
    request: Request
    tunes: tuple[str, ...]
    author: int | None = None

    @property
    def tune(self) -> str:
        """The whole tune; of several takes the first."""
        return self.tunes[0]

    def again(self) -> Request:
        """Ask for another continuation of the same primer."""
        return self.request.but(seed=None)

    def wilder(self, steps: int) -> Request:
        """Ask for another continuation, so many steps of temperature up, or down below zero."""
        option = OPTIONS["temperature"]
        wish = round(self.request.temperature + steps * STEP, 2)
        within = min(max(wish, option.low or wish), option.high or wish)
        return self.request.but(temperature=within, seed=None)

    def longer(self, take: int = 1, bars: int = 8) -> Request:
        """Ask for ``bars`` more bars after the end of a take, numbered from 1.

        Raises:
            Forgotten: when there are not so many.
        """
        if not 1 <= take <= len(self.tunes):
            raise Forgotten
        request = self.request.but(text=self.tunes[take - 1], file=None, file_name="", takes=1)
        return request.but(bars=bars, seed=None)


class Results(Database):
    """Keep, find and forget results.

    Args:
        url: SQLAlchemy address.
        max_kept: bytes of members' files that are kept at most.
    """

    def __init__(self, url: str, max_kept: int = MAX_KEPT) -> None:
        super().__init__(url)
        self._max_kept = max_kept
        self._forgotten: dict[int, datetime] = {}

    def leave_out(self, member: int) -> None:
        """Keep nothing of what a member asked for before now, even if it is not finished yet."""
        oldest = now() - _LONGEST_WAIT
        self._forgotten = {who: when for who, when in self._forgotten.items() if when > oldest}
        self._forgotten[member] = now()

    async def keep(
        self, result: Result, author: int | None = None, asked_at: datetime | None = None
    ) -> str:
        """Remember a result under a new short id, which is returned.

        Args:
            result: what was made.
            author: id of the member who asked for it.
            asked_at: when, as :func:`~bot.store.base.now` gave it.

        Raises:
            Forgotten: when they wished to be forgotten since they asked.
        """
        name = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
        file = result.request.file
        async with self._write.begin() as session:
            await session.connection()  # only now the transaction begins
            # Asked within it: what was written before a deletion is deleted by that.
            forgotten = self._forgotten.get(author or 0)
            if forgotten is not None and asked_at is not None and forgotten >= asked_at:
                raise Forgotten
            if file:
                await _make_room(session, self._max_kept - len(file))
            session.add(
                ResultRow(
                    id=name,
                    request=result.request.but(file=None).to_json(),
                    file=file,
                    size=len(file or b""),
                    tune="\n".join(result.tunes),
                    created_at=now(),
                    author_id=author,
                )
            )
        return name

    async def find(self, name: str) -> Kept | None:
        """Find a result by its short id; None when it has expired."""
        async with self._read() as session:
            row = await session.scalar(select(ResultRow).where(ResultRow.id == name))
        if row is None or row.created_at < now() - KEEP:
            return None
        request = Request.from_json(row.request)
        if row.file:
            request = request.but(file=row.file)
        return Kept(row.id, request, tuple(row.tune.split("\n")), row.author_id)

    async def drop(self, name: str) -> None:
        """Forget one result."""
        async with self._write.begin() as session:
            await session.execute(delete(ResultRow).where(ResultRow.id == name))

    async def prune(self, when: datetime | None = None) -> int:
        """Delete the results that have expired; give their number."""
        oldest = (when or now()) - KEEP
        async with self._write.begin() as session:
            done = await session.execute(
                delete(ResultRow)
                .where(ResultRow.created_at < oldest)
                .returning(ResultRow.id)
                .execution_options(synchronize_session=False)
            )
            return len(done.all())


async def _make_room(session: AsyncSession, limit: int) -> None:
    """Delete the oldest results with files until those left have at most ``limit`` bytes."""
    kept = await session.scalar(select(func.sum(ResultRow.size))) or 0
    if kept <= limit:
        return
    with_files = select(ResultRow.id, ResultRow.size).where(ResultRow.size > 0)
    for name, size in (await session.execute(with_files.order_by(ResultRow.created_at))).all():
        await session.execute(delete(ResultRow).where(ResultRow.id == name))
        kept -= size
        if kept <= limit:
            return
