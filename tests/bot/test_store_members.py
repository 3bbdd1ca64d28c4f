"""What is set and what is tied to members: kept in order, read from memory, forgotten at once."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import BigInteger, event, select, text

from bot.errors import BadPrefix, Forgotten
from bot.preferences import NAMES, Preferences, Scope
from bot.store import Base, Store
from bot.store.address import engine_at
from bot.store.base import now
from bot.store.members import TIED
from bot.store.run_rows import AuditRow, RunRow
from engine.errors import BadOption
from engine.request import Request
from tests.fakes import make_result

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVER = Scope("server", 1)
HERE = Scope("channel", 2, 1)
ME = Scope("member", 3)
YOU = Scope("member", 4)


@pytest.fixture
async def store(address: str) -> AsyncIterator[Store]:
    store = Store(address)
    await store.open()
    yield store
    await store.close()


async def reopened(address: str) -> Store:
    store = Store(address)
    await store.open()
    return store


# --- what is set ----------------------------------------------------------------------------


async def test_what_is_set_outlives_the_program(store: Store, address: str) -> None:
    await store.prefer(SERVER, prefix="🦋", channels=(7, 8), temperature=0.7, picture=False)
    await store.prefer(HERE, language="ko", bars=4)
    again = await reopened(address)
    for each in (store, again):
        assert each.preferences(SERVER) == Preferences(
            prefix="🦋", channels=(7, 8), temperature=0.7, picture=False
        )
        assert each.preferences(HERE) == Preferences(language="ko", bars=4)
        assert each.preferences(ME) == Preferences()
    await again.close()


async def test_a_value_and_all_can_be_taken_back(store: Store, address: str) -> None:
    await store.prefer(SERVER, prefix="?", bars=4)
    await store.prefer(SERVER, prefix=None)
    assert store.preferences(SERVER) == Preferences(bars=4)
    await store.prefer(HERE, bars=2)
    await store.reset(SERVER)
    again = await reopened(address)
    for each in (store, again):
        assert each.preferences(SERVER) == Preferences()
        assert each.preferences(HERE) == Preferences(bars=2)
    await again.close()


async def test_what_is_not_allowed_changes_nothing(store: Store) -> None:
    await store.prefer(SERVER, prefix="?")
    with pytest.raises(BadPrefix):
        await store.prefer(SERVER, bars=4, prefix="a b")
    with pytest.raises(BadOption):
        await store.prefer(SERVER, bars=99)
    assert store.preferences(SERVER) == Preferences(prefix="?")


async def test_looking_up_asks_the_database_nothing(store: Store) -> None:
    await store.prefer(SERVER, prefix="?")
    asked: list[str] = []
    assert store._engine is not None
    event.listen(
        store._engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2])
    )
    for _ in range(100):
        assert store.preferences(SERVER).prefix == "?"
        assert store.preferences(Scope("server", 99)).prefix is None
    assert asked == []
    await store.prefer(SERVER, prefix="!")
    assert asked
    assert store.preferences(SERVER).prefix == "!"


async def test_values_of_another_age_are_left_out(
    store: Store, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    await store.prefer(SERVER, prefix="?")
    rows = [("style", '"polka"'), ("picture", "7"), ("stars", "1"), ("channels", "5")]
    rows += [("bars", "null"), ("language", "[]")]
    other = engine_at(address)
    async with other.begin() as connection:
        for name, value in rows:
            await connection.execute(
                text(f"INSERT INTO preferences VALUES ('server', 1, '{name}', '{value}', NULL)")
            )
    await other.dispose()
    again = await reopened(address)
    assert again.preferences(SERVER) == Preferences(prefix="?")
    assert "style" in caplog.text
    assert "polka" not in caplog.text
    await again.close()


async def test_a_server_that_is_left_is_forgotten_with_its_channels(
    store: Store, address: str
) -> None:
    await store.prefer(SERVER, prefix="?")
    await store.prefer(HERE, bars=4)
    others = (Scope("server", 5), Scope("channel", 6, 5), Scope("member", 1))
    for scope in others:
        await store.prefer(scope, bars=5)
    await store.leave_guild(1)
    again = await reopened(address)
    for each in (store, again):
        assert each.preferences(SERVER) == each.preferences(HERE) == Preferences()
        assert all(each.preferences(scope).bars == 5 for scope in others)
    await again.close()


async def test_many_write_at_once_and_memory_agrees_with_the_file(
    store: Store, address: str
) -> None:
    values: dict[str, Any] = {
        "prefix": "?",
        "language": "ko",
        "bars": 3,
        "temperature": 0.5,
        "style": "irish",
    }
    values |= {"names": "letters", "picture": False, "audio": False, "channels": (1, 2)}
    assert set(values) == set(NAMES)
    await asyncio.gather(*(store.prefer(SERVER, **{name: value}) for name, value in values.items()))
    await asyncio.gather(*(store.prefer(HERE, bars=bars) for bars in range(1, 30)))
    again = await reopened(address)
    assert again.preferences(SERVER) == store.preferences(SERVER) == Preferences(**values)
    assert again.preferences(HERE) == store.preferences(HERE)
    await again.close()


WRITE = """
import asyncio, sys
from bot.preferences import Scope
from bot.store import Store

async def main():
    store = Store(sys.argv[1])
    await store.open()
    print("ready", flush=True)
    sys.stdin.readline()
    first = int(sys.argv[2])
    await asyncio.gather(*(
        store.prefer(Scope("server", number), **{sys.argv[3]: number % 2 + 1})
        for number in range(40)
    ))
    await store.prefer(Scope("server", 1000), **{sys.argv[3]: first})
    await store.close()

asyncio.run(main())
"""


async def test_two_programs_set_at_once_and_nothing_is_lost(store: Store, address: str) -> None:
    programs = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WRITE, address, "2", name),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for name in ("bars", "temperature")
    ]
    for program in programs:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
    for program in programs:
        _, complaints = await program.communicate(b"\n")
        assert program.returncode == 0, complaints.decode()
    await store.reload()
    for number in range(40):
        assert store.preferences(Scope("server", number)) == Preferences(
            bars=number % 2 + 1, temperature=number % 2 + 1
        )
    assert store.preferences(Scope("server", 1000)) == Preferences(bars=2, temperature=2.0)


# --- what is forgotten ----------------------------------------------------------------------


async def test_a_member_is_forgotten_and_nobody_else(store: Store, address: str) -> None:
    mine = [await store.keep(make_result(Request(text="g8")), author=3) for _ in range(3)]
    yours = await store.keep(make_result(Request(text="g8")), author=4)
    nobodys = await store.keep(make_result(Request(text="g8")))
    await store.prefer(ME, bars=4)
    await store.prefer(YOU, bars=5)
    await store.prefer(Scope("server", 3), bars=6)
    kept = await store.find(mine[0])
    assert kept is not None
    assert kept.author == 3
    assert await store.forget(3) == 4
    assert [await store.find(name) for name in mine] == [None] * 3
    assert await store.find(yours) is not None
    assert await store.find(nobodys) is not None
    again = await reopened(address)
    for each in (store, again):
        assert each.preferences(ME) == Preferences()
        assert each.preferences(YOU).bars == 5
        assert each.preferences(Scope("server", 3)).bars == 6
    await again.close()
    assert await store.forget(3) == 0


async def test_what_administrators_did_stays_without_their_names(store: Store) -> None:
    for row in (RunRow, AuditRow):
        assert row in TIED
    async with store._write.begin() as session:
        session.add_all(
            AuditRow(at=now(), who=who, what="train", detail=f"by {who}") for who in (3, 4, None)
        )
    assert await store.forget(3) == 1
    async with store._read() as session:
        rows = await session.execute(select(AuditRow.detail, AuditRow.who).order_by(AuditRow.id))
        assert [tuple(row) for row in rows] == [("by 3", None), ("by 4", 4), ("by None", None)]


async def test_a_tune_in_the_making_is_not_kept_for_who_was_forgotten(store: Store) -> None:
    asked_at = now()
    await store.forget(3)
    with pytest.raises(Forgotten):
        await store.keep(make_result(Request(text="g8")), author=3, asked_at=asked_at)
    await store.keep(make_result(Request(text="g8")), author=4, asked_at=asked_at)
    assert await store.keep(make_result(Request(text="g8")), author=3, asked_at=now())


async def test_forgetting_while_others_write(store: Store) -> None:
    asked_at = now()
    done = await asyncio.gather(
        *(
            store.keep(make_result(Request(text="g8")), author=3, asked_at=asked_at)
            for _ in range(10)
        ),
        store.forget(3),
        *(
            store.keep(make_result(Request(text="g8")), author=3, asked_at=asked_at)
            for _ in range(10)
        ),
        return_exceptions=True,
    )
    names = [name for name in done if isinstance(name, str)]
    assert [await store.find(name) for name in names] == [None] * len(names)


def test_every_table_that_holds_a_member_can_forget_them() -> None:
    places = {"guild_id", "channel_id", "message_id"}
    holding = {  # Discord's ids are the only numbers that large
        mapper.class_
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if isinstance(column.type, BigInteger) and column.name not in places
    }
    assert holding <= set(TIED)
    assert holding
    for table, statement in TIED.items():
        assert str(statement(3).table) == table.__tablename__
