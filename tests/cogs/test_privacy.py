"""``privacy`` and ``forget-me`` over a real connection."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.answering import acknowledge
from bot.preferences import Preferences, Scope
from bot.store import KEEP, MAX_KEPT
from cogs.privacy import privacy_text
from tests.rooms import soon

if TYPE_CHECKING:
    import discord

    from bot.i18n import Locale
    from tests.fakes import FakeEngine
    from tests.rooms import Room

ROOT = Path(__file__).resolve().parents[2]


async def test_it_says_what_is_kept(room: Room) -> None:
    member = room.person()
    for asked in (member.slash("privacy"), member.say("!privacy"), member.say("!개인정보")):
        told = (await member.reply(asked)).content
        assert "30 days" in told or "30일" in told
        assert "PRIVACY.md" in told


async def test_it_leads_to_the_documents_where_they_are_known(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs.privacy.own_source", str)
    member = room.person()
    reply = await member.reply(member.slash("privacy"))
    assert not list(reply.walk_components())
    room.bot.settings = room.bot.settings.model_copy(update={"source_url": "https://example.org"})
    reply = await member.reply(member.slash("privacy"))
    urls = [each["url"] for each in reply.walk_components() if "url" in each]
    assert urls == ["https://example.org"]


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_the_numbers_are_those_in_force(locale: Locale) -> None:
    text = privacy_text(locale)
    assert str(KEEP.days) in text
    assert f"{MAX_KEPT // 2**20} MB" in text
    assert len(text) <= 2000


@pytest.mark.parametrize("name", ["PRIVACY.md", "TERMS.md"])
def test_the_documents_agree_with_the_code(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name == "PRIVACY.md":
        assert f"{KEEP.days} days" in text
        assert f"{KEEP.days}일" in text
        assert text.count(f"{MAX_KEPT // 2**20} MB") == 2
    assert "/forget-me" in text
    assert name in (ROOT / "README.md").read_text(encoding="utf-8")


async def test_all_of_ones_own_is_deleted_and_nothing_else(room: Room, engine: FakeEngine) -> None:
    member, other = room.person(), room.administrator
    mine = await member.reply(member.say("!continue g8 e8"))
    shared = await member.reply(member.slash("continue", {"melody": "c8"}))
    theirs = await other.reply(other.press(mine, "Again"))
    me = Scope("member", member.user.id)
    await room.store.prefer(me, bars=3)

    question = await member.reply(member.slash("forget-me"))
    assert question.ephemeral
    assert "can’t be undone" in question.content
    await member.answered(member.press(question, "Delete everything"))
    await member.until(lambda: "deleted all 3 things" in question.content)
    assert not list(question.walk_components())
    assert room.store.preferences(me) == Preferences()

    asked = len(engine.asked)
    for message in (mine, shared):
        told = await member.reply(member.press(message, "Again"))
        assert "no longer remember" in told.content
    assert len(engine.asked) == asked
    assert (await member.reply(member.press(theirs, "Again"))).attachments


async def test_one_may_change_ones_mind(room: Room) -> None:
    member = room.person()
    mine = await member.reply(member.say("!continue g8 e8"))
    question = await member.reply(member.say("!forget-me"))
    await member.answered(member.press(question, "Keep it"))
    await member.until(lambda: "deleted nothing" in question.content)
    assert (await member.reply(member.press(mine, "Again"))).attachments


async def test_nobody_else_may_answer_the_question(room: Room) -> None:
    member, other = room.person(), room.administrator
    mine = await member.reply(member.say("!continue g8 e8"))
    question = await member.reply(member.say("!잊어줘"))
    told = await other.reply(other.press(question, "모두 지우기"))
    assert "Somebody else opened this" in told.content
    assert (await member.reply(member.press(mine, "Again"))).attachments


async def test_a_tune_in_the_making_is_forgotten_too(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    engine.gate.clear()
    asked = member.say("!continue g8 e8")
    await member.until(lambda: engine.asked)
    question = await member.reply(member.slash("forget-me"))
    await member.answered(member.press(question, "Delete everything"))
    await member.until(lambda: "nothing of yours" in question.content)
    engine.gate.set()
    tune = await member.reply(asked)
    assert tune.attachments
    assert not list(tune.walk_components())


@pytest.mark.parametrize("door", ["press", "doors"])
async def test_what_was_asked_for_a_moment_before_is_forgotten_too(
    room: Room, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    member = room.person()
    tune = await member.reply(member.say("!continue g8 e8"))

    async def slowly(interaction: discord.Interaction[Any]) -> None:
        await acknowledge(interaction)
        await room.store.forget(member.user.id)

    monkeypatch.setattr(import_module(f"cogs.melody.{door}"), "acknowledge", slowly)
    press = door == "press"
    asked = member.press(tune, "Again") if press else member.menu("Continue this tune", tune)
    answer = await member.reply(asked)
    assert answer.attachments
    assert not list(answer.walk_components())


async def test_who_has_nothing_there_is_told_so(room: Room) -> None:
    member = room.person()
    question = await member.reply(member.slash("forget-me"))
    await member.answered(member.press(question, "Delete everything"))
    await member.until(lambda: "There was nothing of yours" in question.content)


async def test_what_expired_is_forgotten_also_after_the_database_failed_once(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = 0

    async def prune() -> int:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OperationalError("DELETE", {}, Exception("database is locked"))
        return 0

    monkeypatch.setattr(room.store, "prune", prune)
    room.bot._prune.change_interval(seconds=0.01)
    await soon(lambda: calls > 2)
    assert "OperationalError" in caplog.text
