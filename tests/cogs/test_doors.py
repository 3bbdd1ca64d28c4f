"""Every way to ask for a continuation but the command itself."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.asking import codes_in
from bot.chat.model import Overwrite
from bot.chat.permissions import Permission
from engine.errors import EngineFailed
from engine.request import MAX_FILE, Request
from tests.fakes import MIDI, FakeEngine
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.driver import Driver

MENU = "Continue this tune"
TUNE = "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("g8 e8 e4 f8", "g8 e8 e4 f8"),
        ("how about\n```\ng8 e8 e4\n```\nthen?", "g8 e8 e4"),
        ("how about `g8 e8 e4` then?", "g8 e8 e4"),
        ("I have a g8 e8 e4 f8 a friend sang to me", "g8 e8 e4 f8"),
        ('she sang "g8 e8 e4 | f8 d8 d4", I think', "g8 e8 e4 | f8 d8 d4"),
        ("이거 이어 줘: 솔8 미8 미4 파8 어때?", "솔8 미8 미4 파8"),
        ("c4 d4 e4 no wait: c8 d8 e8 f8 g4", "c8 d8 e8 f8 g4"),
        ("a bad dad had a bag", None),
        ("see you at 8, gate c4", None),
        ("c4 d4", "c4 d4"),
        ("g e e | f d d", "g e e | f d d"),
        ("솔 미 미 파", "솔 미 미 파"),
        ("솔솔라라 솔솔미", "솔솔라라 솔솔미"),
        ("c4", None),
        ("미라도", None),
        ("a bad face", None),
        ("g ~ a b c", None),
        ("", None),
        ("`" * 50 + "g8", None),
    ],
)
def test_codes_are_found_among_words(text: str, codes: str | None) -> None:
    found = codes_in(text)
    assert (found.split() if found else None) == (codes.split() if codes else None)


async def test_the_menu_finds_codes_in_a_message(room: Room, engine: FakeEngine) -> None:
    shown = room.administrator.say("listen: `g8 e8 e4 f8`, nice?")
    member = room.person()
    reply = await member.reply(member.menu(MENU, shown))
    assert reply.attachments
    assert not reply.ephemeral
    assert engine.asked == [Request(text="g8 e8 e4 f8")]


async def test_the_menu_finds_a_tune_in_abc(room: Room, engine: FakeEngine) -> None:
    tune = "X:1\nT:Nabi\nM:2/4\nL:1/8\nK:C\nGE E2|FD D2|"
    shown = room.administrator.say(f"do you know this?\n```\n{tune}\n```")
    member = room.person()
    reply = await member.reply(member.menu(MENU, shown))
    assert "From tune.abc" in reply.content
    assert (await member.reply(member.say("!continue --bars 2", reply_to=shown))).attachments
    assert (await member.reply(member.say(f"!continue {tune} --bars 2"))).attachments
    assert [(each.file or b"").decode().strip() for each in engine.asked] == [tune] * 3
    assert [each.bars for each in engine.asked] == [8, 2, 2]


async def test_the_menu_finds_a_file(room: Room, engine: FakeEngine) -> None:
    shown = room.administrator.say("mine!", files=[("cat.png", b"x"), ("mine.mid", MIDI)])
    member = room.person()
    assert (await member.reply(member.menu(MENU, shown))).attachments
    assert (engine.asked[0].file, engine.asked[0].file_name) == (MIDI, "mine.mid")


async def test_the_menu_goes_on_from_a_result(room: Room, engine: FakeEngine) -> None:
    engine.change = lambda result: replace(
        result, request=result.request.but(pickup="1/8", program=40, meter="6/8", key="A minor")
    )
    member = room.person()
    first = await member.reply(member.say("!continue g8 e8 e4 --style irish"))
    await member.reply(member.menu(MENU, first))
    await member.reply(member.say("!continue --bars 3", reply_to=first))
    await member.reply(member.say("!continue --meter 3/4", reply_to=first))
    await member.reply(member.say("!continue --pickup 1/4", reply_to=first))
    menu, reply, other, upbeat = engine.asked[1:]
    assert upbeat.pickup == "1/4"
    for request in (menu, reply):
        assert request.text == TUNE
        assert (request.meter, request.key, request.style) == ("6/8", "A minor", "irish")
        assert (request.pickup, request.program, request.tempo) == ("1/8", 40, 100)
    assert reply.bars == 3
    assert (other.meter, other.pickup) == ("3/4", None)


async def test_the_menu_finds_nothing_and_says_what_it_looks_for(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    for shown in (member.say("a bad dad had a bag"), member.say("", files=[("a.mp3", b"x")])):
        told = await member.reply(member.menu(MENU, shown))
        assert told.ephemeral
        assert "neither note codes nor a MIDI, MusicXML or ABC file" in told.content
    big = member.say("", files=[("big.mid", b"\0" * (MAX_FILE + 1))])
    assert "too large" in (await member.reply(member.menu(MENU, big))).content
    assert not engine.asked


async def test_the_menu_has_a_korean_name(room: Room) -> None:
    commands = room.server.commands.offered(room.server.member, room.server.channel)
    (menu,) = (each for each in commands if each.name == MENU)
    assert menu.data["name_localizations"] == {"ko": "이 곡 이어 짓기"}


async def test_the_menu_admits_faults_and_takes_turns(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    shown = member.say("g8 e8 e4")
    engine.gate.clear()
    one = member.menu(MENU, shown)
    await soon(lambda: engine.asked)
    two = await member.reply(member.menu(MENU, shown))
    assert "still on its way" in two.content
    engine.gate.set()
    assert (await member.reply(one)).attachments
    engine.error = EngineFailed("timeout")
    told = await member.reply(member.menu(MENU, shown))
    assert told.ephemeral
    assert "took me too long" in told.content


async def test_replies_continue_too(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    shown = room.administrator.say("how about g8 e8 e4 f8 then?")
    await member.reply(member.say("!continue --bars 2", reply_to=shown))
    assert engine.asked[0].text.strip() == "g8 e8 e4 f8"


# --- where only a member has installed the bot -------------------------------------------


async def everything(member: Driver, engine: FakeEngine) -> None:
    """Use all that works everywhere, in the member's channel."""
    first = await member.reply(member.slash("continue", {"melody": "g8 e8"}))
    assert [each.filename for each in first.attachments] == ["score.png", "nabi.ogg", "nabi.mid"]
    again = await member.reply(member.press(first, "🎲"))
    assert again.attachments
    assert (await member.reply(member.press(first, "📁"))).ephemeral
    asked = await member.answered(member.press(first, "✏️"))
    told = await member.reply(member.fill(asked, {"Notes": "h4"}))
    asked = await member.answered(member.press(told, "Keep editing"))
    assert (await member.reply(member.fill(asked, {"Notes": "c4"}))).attachments
    assert engine.asked[-1].text == "c4"
    shown = member.say("how about g8 e8 e4 f8?")
    if member.server.bot_user in member.channel.recipients:  # it is spoken to
        await member.reply(shown)
    assert (await member.reply(member.menu(MENU, shown))).attachments
    await member.reply(member.menu(MENU, first))
    assert engine.asked[-1].text == TUNE
    assert "⟪h4⟫" in (await member.reply(member.slash("continue", {"melody": "h4"}))).content
    for name in ("help", "about", "privacy", "settings", "forget-me"):
        assert (await member.reply(member.slash(name))).ephemeral
    await member.answered(member.press(again, "🗑️"))
    await soon(lambda: again.deleted)


async def test_all_of_it_works_in_a_server_without_the_bot(room: Room, engine: FakeEngine) -> None:
    await everything(room.person(channel=room.server.elsewhere.channel("수다")), engine)


async def test_all_of_it_works_where_only_the_member_sees_it(
    room: Room, engine: FakeEngine
) -> None:
    there = room.server.elsewhere.channel("수다")
    member = room.person(channel=there)
    there.overwrites[member.user.id] = Overwrite(1, deny=Permission.USE_EXTERNAL_APPS)
    first = await member.reply(member.slash("continue", {"melody": "g8"}))
    assert first.visible_to is member.user
    await everything(member, engine)


async def test_all_of_it_works_between_people(room: Room, engine: FakeEngine) -> None:
    between = room.server.state.direct_channel(room.server.member, room.server.friend)
    await everything(room.person(channel=between), engine)


async def test_all_of_it_works_in_direct_messages(room: Room, engine: FakeEngine) -> None:
    await everything(room.person(channel=room.server.direct(room.server.member)), engine)


async def test_a_friend_may_press_what_somebody_made_there(room: Room, engine: FakeEngine) -> None:
    there = room.server.elsewhere.channel("수다")
    member, friend = room.person(channel=there), room.person(room.server.friend, there)
    first = await member.reply(member.slash("continue", {"melody": "g8 e8"}))
    assert (await friend.reply(friend.press(first, "🎲"))).attachments
    assert "continue" not in friend.offered()


async def test_what_concerns_the_server_is_not_offered_there(room: Room) -> None:
    offered = room.person(channel=room.server.elsewhere.channel("수다")).offered()
    assert {"continue", MENU, "help", "about", "privacy", "settings", "forget-me"} <= offered
    assert not {"retrain", "models"} & offered


async def test_without_the_content_intent_menus_and_buttons_work(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room, room.running(message_content=False):
        member = room.person()
        shown = room.administrator.say("g8 e8 e4 f8")
        reply = await member.reply(member.menu(MENU, shown))
        assert engine.asked[0].text == "g8 e8 e4 f8"
        assert (await member.reply(member.press(reply, "🎲"))).attachments
        member.say("!continue g8")  # goes unheard
        mention = member.say(f"{room.server.bot_user.mention} continue e8")
        assert (await member.reply(mention)).attachments
        assert [each.text for each in engine.asked[2:]] == ["e8"]


async def test_where_the_bot_is_not_the_line_is_one_for_the_menu(
    room: Room, engine: FakeEngine
) -> None:
    there = room.person(channel=room.server.elsewhere.channel("수다"))
    reply = await there.reply(there.slash("continue", {"melody": "g8 e8 e4"}))
    (line,) = re.findall(r"^`/continue melody:([^`]+)`$", reply.content, re.MULTILINE)
    again = await there.reply(there.slash("continue", {"melody": line}))
    assert f"`/continue melody:{line}`" in again.content
    assert (engine.asked[1].text, engine.asked[1].seed) == ("g8 e8 e4", 7)
    alone = room.person(channel=room.server.direct(room.server.member))
    reply = await alone.reply(alone.slash("continue", {"melody": "g8"}))
    assert "`!continue g8" in reply.content
