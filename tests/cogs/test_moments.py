"""Whatever takes long is acknowledged within a second, and comes to its end all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from bot import answering
from bot.chat.driver import find_component
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.chat.driver import Driver
    from bot.chat.model import Interaction, Message
    from tests.rooms import Room


class Slow:
    """Holds calls of the store back until it is told to let them go.

    Only meanwhile an answer is acknowledged soon: what is used before and after is answered as it
    is on a machine that is never late.
    """

    def __init__(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        self._store = room.store
        self._monkeypatch = monkeypatch
        self._go = asyncio.Event()

    def hold(self, name: str) -> None:
        """Hold back the calls of a method."""
        self._monkeypatch.setattr(answering, "_SOON", 0.01)
        method = getattr(self._store, name)

        async def held(*args: Any, **named: Any) -> Any:
            await self._go.wait()
            return await method(*args, **named)

        self._monkeypatch.setattr(self._store, name, held)

    async def acknowledged(self, member: Driver, interaction: Interaction) -> Interaction:
        """Wait until the bot has said that it works on it, then let it go on."""
        await member.answered(interaction)
        self._monkeypatch.setattr(answering, "_SOON", PATIENCE)
        self._go.set()
        return interaction


@pytest.fixture
def slow(room: Room, monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(room, monkeypatch)


async def tune(member: Driver) -> Message:
    return await member.reply(member.say("!continue g8 e8 e4 f8"))


async def test_a_variation(room: Room, slow: Slow) -> None:
    member = room.person()
    first = await tune(member)
    slow.hold("find")
    pressed = await slow.acknowledged(member, member.press(first, "Again"))
    reply = await member.reply(pressed)
    assert reply.attachments
    assert reply.visible_to is None


async def test_files_stay_private(room: Room, slow: Slow) -> None:
    member = room.person()
    first = await tune(member)
    slow.hold("find")
    pressed = await slow.acknowledged(member, member.press(first, "Files"))
    assert (await member.reply(pressed)).visible_to is member.user


async def test_deleting(room: Room, slow: Slow) -> None:
    member = room.person()
    first = await tune(member)
    slow.hold("find")
    await slow.acknowledged(member, member.press(first, "Delete"))
    await soon(lambda: first.deleted)


async def test_a_form_that_comes_too_late_waits_under_a_button(room: Room, slow: Slow) -> None:
    member = room.person()
    first = await tune(member)
    slow.hold("find")
    pressed = await slow.acknowledged(member, member.press(first, "Edit"))
    told = await member.reply(pressed)
    assert told.visible_to is member.user
    assert "form is ready" in told.content
    asked = await member.answered(member.press(told, "Open the form"))
    assert asked.modal is not None
    made = await member.reply(member.fill(asked, {"Notes": "c4 d4"}))
    assert "c4 d4" in made.content


async def test_a_panel(room: Room, slow: Slow) -> None:
    admin = room.administrator
    panel = await admin.reply(admin.slash("settings"))
    await admin.answered(admin.select(panel, "settings:pick", "bars"))
    asked = await admin.answered(admin.press(panel, "Type a value"))
    before = panel.content
    slow.hold("prefer")
    await slow.acknowledged(admin, admin.submit(asked, value="5"))
    await admin.until(lambda: panel.content != before)
    assert "5" in set(panel.content) - set(before)


async def test_being_forgotten(room: Room, slow: Slow) -> None:
    member = room.person()
    question = await member.reply(member.slash("forget-me"))
    slow.hold("forget")
    await slow.acknowledged(member, member.press(question, "Delete everything"))
    await member.until(lambda: not list(question.walk_components()))


@pytest.mark.parametrize("private", [True, False])
async def test_help(room: Room, private: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - parametrised
    member = room.person()
    shown = await member.reply(member.slash("help") if private else member.say("!help"))
    go = asyncio.Event()
    learn: Callable[[], Any] = room.bot.menu.learn

    async def held() -> None:
        await go.wait()
        await learn()

    monkeypatch.setattr(room.bot.menu, "learn", held)
    monkeypatch.setattr(answering, "_SOON", 0.01)
    chosen = await member.answered(member.select(shown, "nabi:help:0", "continue"))
    go.set()
    if private:
        await member.until(lambda: "/continue" in shown.content)
    else:
        assert "/continue" in (await member.reply(chosen)).content


async def test_what_fails_late_is_told_privately(room: Room, slow: Slow) -> None:
    member = room.person()
    first = await tune(member)
    again = find_component(first, "Again")["custom_id"]
    await room.store.drop(again.rpartition(":")[2])
    slow.hold("find")
    pressed = await slow.acknowledged(member, member.press(first, "Again"))
    told = await member.reply(pressed)
    assert told.visible_to is member.user
    assert not told.attachments
