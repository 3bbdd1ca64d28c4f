"""The bot where Discord has more than text channels and plain messages."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot import answering
from bot.chat.driver import find_component
from bot.chat.model import Channel, ChannelKind
from engine.request import Request
from tests.fakes import MIDI, FakeEngine
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.driver import Driver
    from bot.chat.model import Message
    from bot.store.results import Kept

MENU = "Continue this tune"


def a_channel(room: Room, kind: ChannelKind) -> Channel:
    return room.server.places.add_channel(room.english, kind.name.lower(), kind=kind)


async def works_throughout(member: Driver, shown: Message) -> None:
    """Type, press and choose in the channel of a message with notes."""
    typed = await member.reply(member.say("!continue g8 e8 e4", channel=shown.channel))
    assert [each.filename for each in typed.attachments] == ["score.png", "nabi.ogg", "nabi.mid"]
    slash = partial(member.slash, "continue", {"melody": "g8 e8 e4"}, channel=shown.channel)
    for ask in (partial(member.press, typed, "Again"), partial(member.menu, MENU, shown), slash):
        answer = await member.reply(ask())
        assert answer.attachments
        assert not answer.ephemeral


@pytest.mark.parametrize("kind", [ChannelKind.VOICE, ChannelKind.STAGE, ChannelKind.NEWS])
async def test_it_answers_beside_voices_and_under_news(room: Room, kind: ChannelKind) -> None:
    member = room.person()
    await works_throughout(member, member.say("g8 e8 e4 f8", channel=a_channel(room, kind)))


async def test_it_answers_in_the_threads_of_news_and_forums(room: Room) -> None:
    member, people = room.person(), room.server.people
    post = people.start_post(
        member.user, a_channel(room, ChannelKind.FORUM), "My tune", "!continue g8 e8 e4 f8"
    )
    assert (await member.reply(post)).attachments
    await works_throughout(member, post)
    news = member.say("g8 e8 e4 f8", channel=a_channel(room, ChannelKind.NEWS))
    thread = people.start_thread(member.user, news, "about it")
    await works_throughout(member, member.say("c4 d4 e4", channel=thread))


async def test_it_answers_in_threads_that_were_put_away(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room:
        member = room.person()
        thread = room.server.people.start_thread(member.user, member.say("well"), "a talk")
        room.server.places.archive(thread)
        async with room.running() as bot:
            guild = bot.get_guild(room.english.id)
            assert guild is not None
            assert guild.get_thread(thread.id) is None  # Discord told of no such thread
            assert (await member.reply(member.say("!continue g8", channel=thread))).attachments
            await works_throughout(member, member.say("c4 d4 e4", channel=thread))


async def test_it_says_in_private_that_a_thread_is_locked(room: Room, engine: FakeEngine) -> None:
    server, administrator = room.server, room.administrator
    thread = server.people.start_thread(administrator.user, administrator.say("well"), "a talk")
    server.places.archive(thread, locked=True)
    administrator.say("!continue g8", channel=thread)
    direct = server.direct(administrator.user)
    told = await administrator.until(lambda: list(direct.messages.values()))
    assert "The thread #a talk is locked" in told[0].content
    assert not engine.asked


async def test_it_says_in_private_that_it_was_silenced(room: Room, engine: FakeEngine) -> None:
    server, member = room.server, room.person()
    server.places.time_out(room.english, server.bot_user, datetime.now(UTC) + timedelta(hours=1))
    member.say("!continue g8")
    direct = server.direct(member.user)
    told = await member.until(lambda: list(direct.messages.values()))
    assert "I have been timed out" in told[0].content
    server.places.time_out(room.english, server.bot_user, None)
    assert (await member.reply(member.say("!continue g8"))).attachments
    assert len(engine.asked) == 1


async def test_what_was_opened_before_a_restart_says_that_it_is_too_old(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        member, administrator = room.person(), room.administrator
        async with room.running():
            panel = await administrator.reply(administrator.slash("settings"))
            tune = await member.reply(member.say("!continue g8 e8 e4"))
            await administrator.answered(administrator.select(panel, "settings:pick", "prefix"))
            form = await administrator.answered(administrator.press(panel, "Type a value"))
        async with room.running():
            picked = administrator.select(panel, "settings:pick", "bars")
            assert "too old" in (await administrator.reply(picked)).content
            sent = administrator.submit(form, value="?")
            assert "too old" in (await administrator.reply(sent)).content
            assert (await member.reply(member.press(tune, "Again"))).attachments
            assert len(engine.asked) == 2


async def test_what_was_typed_into_a_form_before_a_restart_is_not_lost(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        member, other = room.person(), room.administrator
        async with room.running():
            tune = await member.reply(member.say("!continue g8 e8 e4"))
            form = await member.answered(member.press(tune, "Edit"))
            wrong = await other.answered(other.press(tune, "Edit"))
        async with room.running():
            made = await member.reply(member.fill(form, {"Notes": "c4 d4 e4", "Options": ""}))
            assert made.reference is not None
            assert made.reference.message is tune
            assert engine.asked[-1].text == "c4 d4 e4"
            told = await other.reply(other.fill(wrong, {"Notes": "c4 h4"}))
            assert "⟪h4⟫" in told.content
            kept = await other.answered(other.press(told, "Keep editing"))
            await other.reply(other.fill(kept, {"Notes": "c4 b4"}))
            assert engine.asked[-1].text == "c4 b4"
            await room.store.drop(find_component(tune, "Again")["custom_id"].split(":")[2])
            late = await member.reply(member.fill(form, {"Notes": "c4"}))
            assert "no longer remember" in late.content
            assert len(engine.asked) == 3


async def test_what_takes_its_time_is_not_called_too_old(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, looked = room.store.find, asyncio.Event()

    async def find_late(name: str) -> Kept | None:
        await looked.wait()
        return await find(name)

    monkeypatch.setattr(answering, "_LATE", 0.01)
    monkeypatch.setattr(answering, "_SOON", 60)
    monkeypatch.setattr(room.store, "find", find_late)
    member = room.person()
    tune = await member.reply(member.say("!continue g8 e8 e4"))
    pressed = member.press(tune, "Again")
    await asyncio.sleep(0.2)
    looked.set()
    assert (await member.reply(pressed)).attachments
    assert not [each for each in member.seen if "too old" in each.content]


async def test_a_forums_threads_keep_to_its_settings(room: Room) -> None:
    forum = a_channel(room, ChannelKind.FORUM)
    administrator = room.administrator
    post = room.server.people.start_post(administrator.user, forum, "My tune", "g8 e8")
    panel = await administrator.reply(administrator.slash("settings", channel=post.channel))
    await administrator.answered(administrator.press(panel, "This channel"))
    await administrator.until(lambda: f"<#{forum.id}>" in panel.content)


async def test_people_among_themselves_can_use_it(room: Room, engine: FakeEngine) -> None:
    member, server = room.person(), room.server
    group = server.state.add_group(member.user, server.administrator, server.friend)
    shown = server.people.say(server.friend, group, "how about `g8 e8 e4 f8`?")
    reply = await member.reply(member.menu(MENU, shown))
    assert engine.asked == [Request(text="g8 e8 e4 f8")]
    assert (await member.reply(member.press(reply, "Longer"))).attachments
    panel = await member.reply(member.slash("settings", channel=group))
    assert panel.ephemeral
    assert "Your settings" in panel.content


async def test_a_forwarded_message_can_be_continued(room: Room, engine: FakeEngine) -> None:
    member, people = room.person(), room.server.people
    elsewhere = a_channel(room, ChannelKind.TEXT)
    notes = member.say("listen: `g8 e8 e4 f8`")
    file = member.say("", files=[("나비.mid", MIDI)])
    for shown in (notes, file):
        forwarded = people.forward(member.user, shown, elsewhere)
        assert (await member.reply(member.menu(MENU, forwarded))).attachments
        typed = member.say("!continue --bars 4", channel=elsewhere, reply_to=forwarded)
        assert (await member.reply(typed)).attachments
    assert [each.text for each in engine.asked] == ["g8 e8 e4 f8"] * 2 + [""] * 2
    assert [each.file_name for each in engine.asked[2:]] == ["나비.mid"] * 2
    assert [each.bars for each in engine.asked] == [8, 4, 8, 4]


async def test_a_forwarded_result_goes_on_as_it_was(room: Room, engine: FakeEngine) -> None:
    engine.change = lambda result: replace(result, request=result.request.but(meter="6/8"))
    member = room.person()
    first = await member.reply(member.say("!continue g8 e8 e4 --style irish"))
    forwarded = room.server.people.forward(member.user, first, a_channel(room, ChannelKind.TEXT))
    assert (await member.reply(member.menu(MENU, forwarded))).attachments
    asked = engine.asked[1]
    assert (asked.file, asked.style, asked.meter) == (None, "irish", "6/8")
    assert len(asked.text.split()) == 13


async def test_a_file_is_called_what_its_owner_calls_it(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    reply = await member.reply(member.say("!continue", files=[("봄 노래 (2).mid", MIDI)]))
    assert "From 봄 노래 \\(2\\).mid" in reply.content
    refused = await member.reply(member.say("!continue", files=[("그림.exe", b"MZ")]))
    assert "그림.exe" in refused.content
    await soon(lambda: len(engine.asked) == 1)


async def test_where_members_are_not_heard_every_line_can_be_copied(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room, room.running(message_content=False):
        member, mention = room.person(), room.server.bot_user.mention
        reply = await member.reply(member.slash("continue", {"melody": "g8 e8 e4"}))
        (line,) = re.findall(r"^`([^`]+)`$", reply.content, re.MULTILINE)
        assert line.startswith(f"{mention} continue g8 e8 e4 --seed 7")
        await member.reply(member.say(line))
        assert engine.asked[1].seed == 7
        told = await member.reply(member.slash("help", {"command": "quiz"}))
        (line, *_) = re.findall(r"```\n(.+)\n```", told.content)
        assert line == f"{mention} quiz"
        shown = room.administrator.say("g8 e8 e4 f8")
        blind = await member.reply(member.say(f"{mention} continue", reply_to=shown))
        assert f"Apps → **{MENU}**" in blind.content
        direct = room.server.direct(member.user)
        alone = await member.reply(member.say("!continue g8 e8", channel=direct))
        assert "`!continue g8 e8" in alone.content
