"""Where the database is: the address that an operator gives becomes an engine of SQLAlchemy."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import BadDatabase

if TYPE_CHECKING:
    from collections.abc import Mapping

_DRIVERS: Final[Mapping[str, str]] = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",  # as many who host databases write it
    "postgresql": "postgresql+asyncpg",
}

_OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "sqlite+aiosqlite": {},
    "postgresql+asyncpg": {
        # Whoever waited for the lock must see what was written meanwhile, whatever the server's
        # own default is.
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,  # the server may have been started anew
    },
}


def engine_at(address: str) -> AsyncEngine:
    """Make an engine; nothing is connected yet.

    Args:
        address: such as ``sqlite+aiosqlite:////var/lib/nabi/nabi.db`` or
            ``postgresql://nabi:secret@host/nabi``; the driver need not be named.

    Raises:
        BadDatabase: when it is none of SQLite or PostgreSQL, or the driver is not installed.
    """
    try:
        url = _plain(make_url(address))
        options = _OPTIONS[url.drivername]
    except (ArgumentError, KeyError, ValueError):
        # Without their words: what could not be read may be part of a password.
        raise BadDatabase("address", "") from None
    try:
        return create_async_engine(url, json_serializer=dumps, **options)
    except ImportError:
        raise BadDatabase("driver", url.drivername.partition("+")[2]) from None


def _plain(url: URL) -> URL:
    """Name the driver where it is not named, and spell what libpq calls ``sslmode`` its way."""
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if "sslmode" not in url.query or url.drivername != "postgresql+asyncpg":
        return url
    mode = url.query["sslmode"]
    return url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})


def dumps(value: Any) -> str:
    """Write JSON that every database takes: numbers that are none become null.

    Python writes ``NaN``, which SQLite keeps and PostgreSQL refuses.
    """
    return json.dumps(_finite(value), allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value
