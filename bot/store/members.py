"""What is tied to a member, and how it is forgotten.

A table that holds a member's id has an entry in :data:`TIED`; a test finds those that have not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, update

from bot.preferences import Scope
from bot.store.preferences import PreferenceRow, PreferenceTable
from bot.store.quiz import Quiz, QuizTallyRow, QuizVoteRow
from bot.store.results import ResultRow, Results
from bot.store.run_rows import AuditRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Delete, Update

    from bot.store.base import Base

TIED: Final[dict[type[Base], Callable[[int], Delete | Update]]] = {
    ResultRow: lambda member: delete(ResultRow).where(ResultRow.author_id == member),
    PreferenceRow: lambda member: delete(PreferenceRow).where(
        (PreferenceRow.kind == "member") & (PreferenceRow.id == member)
    ),
    RunRow: lambda member: update(RunRow).where(RunRow.asked_by == member).values(asked_by=None),
    QuizVoteRow: lambda member: delete(QuizVoteRow).where(QuizVoteRow.member_id == member),
    QuizTallyRow: lambda member: delete(QuizTallyRow).where(QuizTallyRow.member_id == member),
    AuditRow: lambda member: update(AuditRow).where(AuditRow.who == member).values(who=None),
}
"""By table, the statement that deletes what is tied to a member, or cuts the tie."""


class Members(Results, PreferenceTable, Quiz):
    """Forget members, and servers that are left."""

    async def leave_guild(self, guild: int) -> None:
        """Forget what is set in a server and in its channels, and its members' scores."""
        await super().leave_guild(guild)
        await self.drop_scores(guild)

    async def forget(self, member: int) -> int:
        """Delete at once all that is tied to a member; give the number of rows."""
        gone = 0
        self.leave_out(member)
        async with self._setting:
            async with self._write.begin() as session:
                for statement in TIED.values():
                    done = await session.execute(
                        statement(member).execution_options(synchronize_session=False)
                    )
                    gone += getattr(done, "rowcount", 0)
            self._set.pop(Scope("member", member), None)
        await self._wipe()
        return gone

    async def _wipe(self) -> None:
        """Empty SQLite's log, in which the pages before the deletion still stand."""
        assert self._engine is not None
        if self._engine.dialect.name == "sqlite":
            async with self._read() as session:
                connection = await session.connection()
                driver = (await connection.get_raw_connection()).driver_connection
                assert driver is not None
                await session.rollback()  # not within a transaction
                await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
