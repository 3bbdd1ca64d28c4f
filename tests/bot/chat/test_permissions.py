"""Who may do what: the rule by itself, and what a client meets when it lacks a permission."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
import pytest

from bot.chat import ChatServer, Driver
from bot.chat.errors import ApiError
from bot.chat.permissions import ALL, EVERYONE, Permission, permissions_in

if TYPE_CHECKING:
    from tests.bot.chat.conftest import Bot


def test_the_owner_and_administrators_may_everything(server_parts: ChatServer) -> None:
    guild, channel = server_parts.guild, server_parts.channel
    assert permissions_in(channel, server_parts.administrator) == ALL
    assert permissions_in(channel, server_parts.member) == EVERYONE
    role = server_parts.state.add_role(guild, "admin", Permission.ADMINISTRATOR)
    guild.members[server_parts.member.id].roles.append(role)
    server_parts.state.overwrite(channel, server_parts.member, deny=Permission.SEND_MESSAGES)
    assert permissions_in(channel, server_parts.member) == ALL


@pytest.fixture
def server_parts() -> ChatServer:
    return ChatServer()


def test_overwrites_apply_in_their_order(server_parts: ChatServer) -> None:
    state, guild, channel = server_parts.state, server_parts.guild, server_parts.channel
    member = server_parts.member
    one = state.add_role(guild, "one", Permission.NONE)
    two = state.add_role(guild, "two", Permission.NONE)
    guild.members[member.id].roles += [one, two]
    send = Permission.SEND_MESSAGES
    state.overwrite(channel, guild.everyone, deny=send)
    assert not permissions_in(channel, member) & send
    state.overwrite(channel, one, deny=send)
    state.overwrite(channel, two, allow=send)
    assert permissions_in(channel, member) & send  # a role's grant wins over another's refusal
    state.overwrite(channel, member, deny=send)
    assert not permissions_in(channel, member) & send
    state.overwrite(channel, member, deny=Permission.VIEW_CHANNEL)
    assert permissions_in(channel, member) == Permission.NONE


def test_strangers_may_nothing_and_threads_follow_their_parent(server_parts: ChatServer) -> None:
    state, channel = server_parts.state, server_parts.channel
    stranger = state.add_user("stranger")
    assert permissions_in(channel, stranger) == Permission.NONE
    assert permissions_in(server_parts.direct(server_parts.member), stranger) == Permission.NONE
    thread = state.add_thread(channel, "talk", server_parts.member)
    state.overwrite(channel, server_parts.member, deny=Permission.VIEW_CHANNEL)
    assert permissions_in(thread, server_parts.member) == Permission.NONE


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (Permission.VIEW_CHANNEL, 50001),
        (Permission.SEND_MESSAGES, 50013),
        (Permission.ATTACH_FILES, 50013),
        (Permission.EMBED_LINKS, 50013),
        (Permission.READ_MESSAGE_HISTORY, 160002),
    ],
)
async def test_a_bot_without_permission_is_told_so(
    bot: Bot, driver: Driver, server: ChatServer, missing: Permission, code: int
) -> None:
    room = await bot.room(server)
    question = await room.fetch_message(driver.say("hello").id)
    server.state.overwrite(server.channel, server.bot_user, deny=missing)
    with pytest.raises(discord.HTTPException) as refused:
        await question.reply(
            "answer",
            embed=discord.Embed(title="x"),
            file=discord.File(io.BytesIO(b"x"), "x.mid"),
        )
    assert refused.value.code == code
    assert len(server.channel.messages) == 1


async def test_a_plain_message_needs_no_more_than_sending(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    lacking = Permission.ATTACH_FILES | Permission.EMBED_LINKS
    server.state.overwrite(server.channel, server.bot_user, deny=lacking)
    await room.send("plain")
    server.state.overwrite(server.channel, server.bot_user, deny=Permission.ADD_REACTIONS)
    message = await room.send("react")
    with pytest.raises(discord.Forbidden):
        await message.add_reaction("🎵")
    server.people.react(server.member, server.channel.messages[message.id], "🎵")
    await message.add_reaction("🎵")  # joining a reaction needs no permission
    server.state.overwrite(server.channel, server.bot_user, deny=Permission.SEND_MESSAGES)
    with pytest.raises(discord.Forbidden) as typing:
        await room.typing()
    assert typing.value.code == 50013


async def test_history_is_empty_without_permission(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    message = driver.say("hello")
    server.state.overwrite(server.channel, server.bot_user, deny=Permission.READ_MESSAGE_HISTORY)
    room = await bot.room(server)
    assert [each async for each in room.history()] == []
    with pytest.raises(discord.Forbidden):
        await room.fetch_message(message.id)


async def test_a_bot_edits_and_deletes_only_its_own(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    room = await bot.room(server)
    theirs = await room.fetch_message(driver.say("hello").id)
    with pytest.raises(discord.Forbidden) as edit:
        await theirs.edit(content="mine")
    assert edit.value.code == 50005
    with pytest.raises(discord.Forbidden) as delete:
        await theirs.delete()
    assert delete.value.code == 50013
    server.state.overwrite(server.channel, server.bot_user, allow=Permission.MANAGE_MESSAGES)
    await theirs.delete()
    assert not server.channel.messages


async def test_people_are_held_to_permissions_too(driver: Driver, server: ChatServer) -> None:
    server.state.overwrite(server.channel, server.guild.everyone, deny=Permission.ATTACH_FILES)
    driver.say("plain")
    with pytest.raises(ApiError, match="50013"):
        driver.say("file", files=[("x.mid", b"x")])
