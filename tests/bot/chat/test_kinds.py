"""Channels of every kind, threads that are closed, and messages that were forwarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.chat.errors import ApiError
from bot.chat.model import ChannelKind
from bot.chat.permissions import EVERYONE, Permission
from tests.rooms import soon

if TYPE_CHECKING:
    from bot.chat import ChatServer, Driver
    from bot.chat.model import Message
    from tests.bot.chat.conftest import Bot


@pytest.mark.parametrize(
    ("kind", "known_as"),
    [
        (ChannelKind.VOICE, discord.VoiceChannel),
        (ChannelKind.STAGE, discord.StageChannel),
        (ChannelKind.NEWS, discord.TextChannel),
    ],
)
async def test_one_can_write_beside_voices_and_under_news(
    bot: Bot, driver: Driver, server: ChatServer, kind: ChannelKind, known_as: type
) -> None:
    channel = server.places.add_channel(server.guild, "new", kind=kind)
    driver.say("hello", channel=channel)
    await soon(lambda: bot.heard)
    heard = bot.heard[0]
    assert isinstance(heard.channel, known_as)
    await heard.reply("hello yourself")
    assert [each.content for each in channel.messages.values()] == ["hello", "hello yourself"]


async def test_news_have_threads_of_their_own(bot: Bot, driver: Driver, server: ChatServer) -> None:
    news = server.places.add_channel(server.guild, "news", kind=ChannelKind.NEWS)
    thread = server.people.start_thread(driver.user, driver.say("new!", channel=news), "about it")
    driver.say("well", channel=thread)
    await soon(lambda: len(bot.heard) == 2)
    known = bot.heard[1].channel
    assert isinstance(known, discord.Thread)
    assert known.is_news()
    assert known.parent_id == news.id


async def test_a_forum_holds_threads_and_nothing_else(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    forum = server.places.add_channel(server.guild, "forum", kind=ChannelKind.FORUM)
    first = server.people.start_post(driver.user, forum, "my tune", "g8 e8 e4")
    await soon(lambda: bot.heard)
    heard = bot.heard[0]
    assert heard.content == "g8 e8 e4"
    assert isinstance(heard.channel, discord.Thread)
    assert isinstance(heard.channel.parent, discord.ForumChannel)
    assert heard.id == heard.channel.id == first.channel.id
    with pytest.raises(ApiError) as refused:
        driver.say("hello", channel=forum)
    assert refused.value.code == 50008
    with pytest.raises(ApiError):
        server.people.start_post(driver.user, driver.channel, "no forum", "g8")


async def test_a_group_is_none_of_the_bots_business(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    group = server.state.add_group(driver.user, server.friend, server.administrator)
    driver.say("between us", channel=group)
    driver.say("to all")
    await soon(lambda: bot.heard)
    assert [each.content for each in bot.heard] == ["to all"]
    with pytest.raises(discord.Forbidden):
        await bot.fetch_channel(group.id)


async def test_a_locked_thread_is_for_those_who_manage_threads(
    bot: Bot, driver: Driver, admin: Driver, server: ChatServer
) -> None:
    thread = server.people.start_thread(driver.user, driver.say("well"), "a talk")
    room = await bot.room(server)
    await soon(lambda: room.get_thread(thread.id))
    known = room.get_thread(thread.id)
    assert known is not None
    mine = await known.send("in time")
    server.places.archive(thread, locked=True)
    await soon(lambda: known.locked)
    assert known.archived
    with pytest.raises(ApiError):
        driver.say("me, too", channel=thread)
    for refused in (known.send("too late"), mine.edit(content="changed")):
        with pytest.raises(discord.Forbidden) as told:
            await refused
        assert told.value.code == 50083
    admin.say("the end", channel=thread)
    await soon(lambda: room.get_thread(thread.id))  # the client forgets those that are archived
    opened = room.get_thread(thread.id)
    assert opened is not None
    assert (opened.archived, opened.locked) == (False, True)
    server.places.set_role(
        server.guild, server.guild.everyone, EVERYONE | Permission.MANAGE_THREADS
    )
    await opened.send("now I may")


def _shown(message: Message, bot: Bot) -> discord.MessageSnapshot:
    heard = next(each for each in bot.heard if each.id == message.id)
    assert (heard.content, heard.attachments) == ("", [])
    assert heard.reference is not None
    assert heard.reference.type is discord.MessageReferenceType.forward
    (snapshot,) = heard.message_snapshots
    return snapshot


async def test_a_forwarded_message_shows_the_other_as_it_was(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    elsewhere = server.guild.channel("연습실")
    first = driver.say("g8 e8 e4", files=[("tune.mid", b"MThd")])
    forwarded = server.people.forward(driver.user, first, elsewhere)
    server.people.edit(driver.user, first, "f8 d8 d4")
    again = server.people.forward(driver.user, forwarded, server.channel)
    await soon(lambda: len(bot.heard) == 3)
    for each in (forwarded, again):
        snapshot = _shown(each, bot)
        assert snapshot.content == "g8 e8 e4"
        assert await snapshot.attachments[0].read() == b"MThd"
    driver.say("what is this?", reply_to=forwarded, channel=elsewhere)
    await soon(lambda: len(bot.heard) == 4)
    reference = bot.heard[3].reference
    assert reference is not None
    assert isinstance(reference.resolved, discord.Message)
    assert reference.resolved.message_snapshots[0].content == "g8 e8 e4"
