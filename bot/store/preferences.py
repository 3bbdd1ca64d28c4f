"""What is set for servers, channels and members; all of it also in memory.

Every message asks for its prefix, so nothing is read from the database but at the start. Writes go
through to both. A server's messages and settings reach one process only, that of its shard, so
what another process writes concerns nobody here. Members' own settings are made in direct
messages, which reach one process, too; where only a member installed the bot, another may answer,
which sees a change at its next start.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, BigInteger, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from bot.errors import NabiError
from bot.preferences import NAMES, Preferences, Scope, check
from bot.store.base import Base, Database
from engine.errors import EngineError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

_NOTHING: Final = Preferences()
_log: Final = logging.getLogger(__name__)


class PreferenceRow(Base):
    """One value that is set in one place."""

    __tablename__ = "preferences"

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)
    guild_id: Mapped[int | None] = mapped_column(BigInteger, index=True)


class PreferenceTable(Database):
    """Look up and change what is set."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._set: dict[Scope, Preferences] = {}
        self._setting = asyncio.Lock()
        """What is in memory changes in the order in which the database did."""

    async def open(self) -> None:
        """Connect, and read all that is set."""
        await super().open()
        await self.reload()

    async def reload(self) -> None:
        """Read again all that is set, after another program changed it."""
        async with self._setting, self._read() as session:
            rows = (await session.scalars(select(PreferenceRow))).all()
            found: dict[Scope, dict[str, Any]] = {}
            for row in rows:
                scope = Scope(row.kind, row.id, row.guild_id)  # type: ignore[arg-type]  # as written
                value = _usable(row)
                if value is not None:
                    found.setdefault(scope, {})[row.name] = value
            self._set = {scope: Preferences(**values) for scope, values in found.items()}

    def preferences(self, scope: Scope) -> Preferences:
        """Give what is set in a place."""
        return self._set.get(scope, _NOTHING)

    async def prefer(self, scope: Scope, **values: Any) -> None:
        """Set values in a place; None takes one back.

        Raises:
            BadOption, BadPrefix, ValueError: a value that is not allowed.
        """
        values = {name: None if v is None else check(name, v) for name, v in values.items()}
        async with self._setting:
            async with self._write.begin() as session:
                for name, value in values.items():
                    key = {"kind": scope.kind, "id": scope.id, "name": name}
                    if value is None:
                        await session.execute(delete(PreferenceRow).filter_by(**key))
                    else:
                        row = PreferenceRow(**key, value=value, guild_id=scope.guild)
                        await session.merge(row)
                rows = select(PreferenceRow).filter_by(kind=scope.kind, id=scope.id)
                # What another program set meanwhile comes along.
                found = {row.name: _usable(row) for row in await session.scalars(rows)}
            self._remember(scope, found)

    async def reset(self, scope: Scope) -> None:
        """Take back all that is set in a place."""
        async with self._setting:
            async with self._write.begin() as session:
                place = {"kind": scope.kind, "id": scope.id}
                await session.execute(delete(PreferenceRow).filter_by(**place))
            self._set.pop(scope, None)

    async def leave_guild(self, guild: int) -> None:
        """Forget what is set in a server and in its channels."""
        async with self._setting:
            async with self._write.begin() as session:
                await session.execute(delete(PreferenceRow).where(_in_guild(guild)))
            for scope in [s for s in self._set if guild in (s.guild, s.id) and s.kind != "member"]:
                del self._set[scope]

    def _remember(self, scope: Scope, values: dict[str, Any]) -> None:
        kept = {name: value for name, value in values.items() if value is not None}
        if kept:
            self._set[scope] = Preferences(**kept)
        else:
            self._set.pop(scope, None)


def _usable(row: PreferenceRow) -> Any:
    """Give a row's value, or None when this program does not take it: it may be of another age."""
    if row.name not in NAMES:
        return None
    try:
        return check(row.name, row.value)
    except (EngineError, NabiError, TypeError, ValueError):
        _log.warning("the %s's setting %s is none that is taken", row.kind, row.name)
        return None


def _in_guild(guild: int) -> ColumnElement[bool]:
    server = (PreferenceRow.kind == "server") & (PreferenceRow.id == guild)
    return server | (PreferenceRow.guild_id == guild)
