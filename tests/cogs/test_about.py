"""``help`` and ``about`` over a real connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.asking import make_request
from bot.chat.model import MessageKind
from engine.errors import BadVersion
from engine.request import OPTIONS

if TYPE_CHECKING:
    from tests.fakes import FakeEngine
    from tests.rooms import Room


async def test_help_names_every_option_and_its_examples_can_be_typed(room: Room) -> None:
    member = room.person()
    for asked in (member.say("!help"), member.say("!도움말")):
        reply = await member.reply(asked)
        examples = re.findall(r"!continue ([^`\n]+)", reply.content)
        assert len(examples) == 2
        for example in examples:
            assert make_request(example).text
        for name in OPTIONS:
            assert f"--{name}" in reply.content or name == "version"


async def test_help_in_the_menu_is_private(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.slash("help"))
    assert reply.ephemeral
    assert reply.kind is MessageKind.SLASH


async def test_about_tells_versions(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!about"))
    assert "`nabi-1`, trained 2026-09-01" in reply.content
    assert "discord.py 2.7" in reply.content


async def test_about_admits_that_there_is_no_model(room: Room, engine: FakeEngine) -> None:
    engine.error = BadVersion("x", "torn")
    member = room.person()
    assert "none that works" in (await member.reply(member.say("!about"))).content
