"""What the bot remembers: results for their buttons, what is set, small facts about itself.

SQLAlchemy, asynchronous; a SQLite file by default, another database by its address. Each family
of tables has a module here with its rows and what is done with them; :class:`Store` puts them
together. How the tables change from version to version stands in :mod:`bot.migrations`.
"""

from __future__ import annotations

from bot.store.base import Base
from bot.store.facts import Facts
from bot.store.members import Members
from bot.store.results import KEEP, MAX_KEPT, Kept
from bot.store.runs import Runs

__all__ = ["KEEP", "MAX_KEPT", "Base", "Kept", "Store"]


class Store(Members, Runs, Facts):
    """The database behind the bot.

    Args:
        url: SQLAlchemy address, such as ``sqlite+aiosqlite:////var/lib/nabi/nabi.db``.
        max_kept: bytes of members' files that are kept at most.
    """
