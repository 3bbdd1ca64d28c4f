"""``models`` over the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.errors import BadVersion
from tests.fakes import FakeEngine, FakeVersions
from tests.rooms import Room, make_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def versions() -> FakeVersions:
    return FakeVersions()


@pytest.fixture
async def room(tmp_path: Path, versions: FakeVersions) -> AsyncIterator[Room]:
    async with (
        make_room(tmp_path, FakeEngine(), versions=versions) as made,
        made.running() as bot,
    ):
        bot.settings = bot.settings.model_copy(update={"home_guild": made.english.id})
        yield made


async def test_everyone_may_read_the_list(room: Room) -> None:
    member = room.person()
    for asked in (member.say("!models"), member.slash("models list")):
        reply = await member.reply(asked)
        assert "`new-1` · 2.560 bits per note" in reply.content
        assert "**`nabi-1`** **answers now**" in reply.content


async def test_members_change_nothing(room: Room, versions: FakeVersions) -> None:
    member = room.person()
    for line in ("!models use new-1", "!models rollback"):
        assert "Only my administrators" in (await member.reply(member.say(line))).content
    asked = member.slash("models use", {"name": "new-1"})
    refused = await member.reply(asked)
    assert "Only my administrators" in refused.content
    assert refused.visible_to is member.user
    assert versions.changes == []


async def test_administrators_switch_and_go_back(room: Room, versions: FakeVersions) -> None:
    boss = room.administrator
    used = await boss.reply(boss.say("!models use new-1"))
    assert "`new-1` answers from now on. `!models rollback`" in used.content
    back = await boss.reply(boss.slash("models rollback"))
    assert "`nabi-1` answers from now on" in back.content
    who = boss.user.id
    assert versions.changes == [("use", "new-1", who), ("rollback", "nabi-1", who)]


async def test_a_damaged_version_is_refused_with_a_sentence(
    room: Room, versions: FakeVersions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(name: str, _who: int | None) -> None:
        raise BadVersion(name, "weights.npz does not match its hash")

    monkeypatch.setattr(versions, "use", refuse)
    boss = room.administrator
    reply = await boss.reply(boss.say("!models use new-1"))
    assert "`new-1` can’t be used just now" in reply.content
    assert "hash" not in reply.content


async def test_names_are_completed(room: Room) -> None:
    member = room.person()
    assert [each["value"] for each in await member.complete("models use", "name", "")] == [
        "new-1",
        "nabi-1",
    ]
    assert await member.complete("models use", "name", "zzz") == []
