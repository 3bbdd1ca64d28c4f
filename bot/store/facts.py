"""Small facts that the bot remembers about itself."""

from __future__ import annotations

from sqlalchemy import String, Text, select
from sqlalchemy.exc import IntegrityError
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

    async def swap_fact(self, name: str, old: str | None, new: str) -> bool:
        """Replace a fact if it still is ``old`` (None: unknown); tell whether it was."""
        try:
            async with self._write.begin() as session:
                row = await session.get(FactRow, name, with_for_update=True)
                if (None if row is None else row.value) != old:
                    return False
                await session.merge(FactRow(name=name, value=new))
        except IntegrityError:  # another program was the first to know it
            return False
        return True
