"""Bring a database's tables up to date, with Alembic; done whenever the store is opened.

To change a table, change its class in :mod:`bot.store` and add a file to ``versions/``, named
after the next number and what it does; copy the shape of the last one. A revision is given the
operations as an argument, so that several databases can be brought up to date at once, and runs
within one transaction with all others. Never change a revision that was released. The tests say
what a revision lacks, and run all of them on databases of every age.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_HERE: Final = Path(__file__).resolve().parent


class NewerDatabase(Exception):
    """The database was brought to a revision that this program does not know; which one."""


@cache
def scripts() -> ScriptDirectory:
    """Give the revisions that this program knows."""
    return ScriptDirectory(_HERE, version_locations=[_HERE / "versions"])


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables behind a connection to a revision, from any earlier one or from nothing.

    Args:
        connection: within a transaction for writing, so that no other program does the same.
        revision: which one; the newest unless told otherwise.

    Raises:
        NewerDatabase: when they are beyond what this program knows.
    """
    known = scripts()

    def steps(current: Any, _context: MigrationContext) -> Any:
        return known._upgrade_revs(revision, current)  # noqa: SLF001 - what its own command calls

    context = MigrationContext.configure(
        connection,
        # SQLite does undo changes of tables; Alembic is careful because Python's driver used not to
        opts={"fn": steps, "transactional_ddl": True},
    )
    every = {script.revision for script in known.walk_revisions()}
    for current in context.get_current_heads():
        if current not in every:
            raise NewerDatabase(current)
    context.run_migrations(op=Operations(context))
