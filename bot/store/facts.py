"""Small facts that the bot remembers about itself."""

from __future__ import annotations

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, Database


class FactRow(Base):
    """One small fact under a name."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Facts(Database):
    """Recall and replace facts."""

    async def fact(self, name: str) -> str | None:
        """Recall a fact."""
        async with self._read() as session:
            return await session.scalar(select(FactRow.value).where(FactRow.name == name))

    async def set_fact(self, name: str, value: str) -> None:
        """Remember a fact, in place of an earlier one of this name."""
        async with self._write.begin() as session:
            await session.merge(FactRow(name=name, value=value))
