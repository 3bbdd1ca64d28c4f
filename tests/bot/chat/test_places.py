"""Guilds that come, change and go, and what the bot can ask about them and itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot.chat import ChatServer
from bot.chat.permissions import EVERYONE, Permission
from tests.bot.chat.conftest import Bot, running
from tests.rooms import PATIENCE, soon


def test_people_and_places_keep_their_ids_at_every_start() -> None:
    one, other = ChatServer(), ChatServer()
    for chat in (one, other):
        assert len(chat.state.channels) == 4 + 6  # of both guilds, and between any two
    assert one.token != other.token
    assert list(one.state.users) == list(other.state.users)
    assert list(one.state.guilds) == list(other.state.guilds)
    assert list(one.state.channels) == list(other.state.channels)
    assert one.direct(one.member).id == other.direct(other.member).id
    assert list(one.guild.roles) == list(other.guild.roles)
    founded, started = one.add_guild("later"), other.add_guild("later")
    said = one.people.say(one.member, one.channel, "hello")
    now = datetime.now(UTC)
    for number in (founded.id, started.id, said.id):
        assert abs(now - discord.utils.snowflake_time(number)) < timedelta(minutes=1)
    assert (
        len({*one.state.users, *one.state.channels, *one.state.guilds, said.id}) == 4 + 11 + 3 + 1
    )


async def test_a_guild_joined_while_connected_is_known(bot: Bot, server: ChatServer) -> None:
    joined = asyncio.create_task(bot.wait_for("guild_join", timeout=PATIENCE))
    await asyncio.sleep(0)
    guild = server.add_guild("second", "tunes", locale="en-US")
    assert (await joined).id == guild.id
    known = bot.get_guild(guild.id)
    assert known is not None
    assert known.preferred_locale is discord.Locale.american_english
    left = asyncio.create_task(bot.wait_for("guild_remove", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.places.remove_bot(guild)
    await left
    assert bot.get_guild(guild.id) is None
    with pytest.raises(discord.Forbidden):
        await bot.fetch_guild(guild.id)


async def test_outages_pass(bot: Bot, server: ChatServer) -> None:
    gone = asyncio.create_task(bot.wait_for("guild_unavailable", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.places.outage(server.guild)
    await gone
    back = asyncio.create_task(bot.wait_for("guild_available", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.places.recover(server.guild)
    assert (await back).name == server.guild.name


async def test_changes_reach_the_client(bot: Bot, server: ChatServer) -> None:
    guild = bot.guilds[0]
    channel = server.places.add_channel(server.guild, "new", "about nothing")
    await soon(lambda: guild.get_channel(channel.id))
    known = guild.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    assert known.topic == "about nothing"
    assert known.permissions_for(guild.me).send_messages
    server.places.overwrite(channel, server.bot_user, deny=Permission.SEND_MESSAGES)
    await soon(lambda: not known.permissions_for(guild.me).send_messages)
    newcomer = server.state.add_user("newcomer")
    server.places.join(server.guild, newcomer)
    await soon(lambda: guild.get_member(newcomer.id))
    role = server.state.add_role(server.guild, "trainer", Permission.MANAGE_GUILD)
    server.places.set_role(server.guild, role, Permission.KICK_MEMBERS)
    server.places.set_role(server.guild, server.guild.everyone, EVERYONE | Permission.MANAGE_GUILD)
    server.places.give(server.guild, newcomer, server.guild.everyone)
    member = guild.get_member(newcomer.id)
    assert member is not None
    await soon(lambda: member.guild_permissions.manage_guild)


async def test_a_bot_that_is_timed_out_knows_and_is_refused(server: ChatServer) -> None:
    intents = discord.Intents.all()
    intents.members = intents.presences = False
    client = Bot(intents)
    async with running(server, client):
        guild = client.guilds[0]
        channel = await client.room(server)
        server.places.time_out(server.guild, server.bot_user, datetime.now(UTC) + timedelta(1))
        await soon(guild.me.is_timed_out)
        allowed = channel.permissions_for(guild.me)
        assert (allowed.view_channel, allowed.send_messages) == (True, False)
        with pytest.raises(discord.Forbidden) as refused:
            await channel.send("psst")
        assert refused.value.code == 50013
        server.places.time_out(server.guild, server.bot_user, None)
        await soon(lambda: not guild.me.is_timed_out())
        await channel.send("here I am again")


async def test_what_the_bot_can_ask(bot: Bot, server: ChatServer) -> None:
    about = await bot.application_info()
    assert about.owner.id == server.administrator.id
    assert about.flags.gateway_message_content_limited
    assert await bot.is_owner(discord.Object(server.administrator.id))  # type: ignore[arg-type] # an id is all it needs
    assert [each.name async for each in bot.fetch_guilds()] == [server.guild.name]
    guild = await bot.fetch_guild(server.guild.id)
    assert guild.approximate_member_count == 4
    assert {each.name for each in await guild.fetch_roles()} >= {"@everyone", "Administrator"}
    assert [each.name for each in await guild.fetch_channels()] == ["음악", "연습실", "글만"]
    assert (await guild.fetch_member(server.member.id)).name == "member"
    with pytest.raises(discord.NotFound) as missing:
        await guild.fetch_member(server.state.add_user("stranger").id)
    assert missing.value.code == 10007
    channel = await bot.fetch_channel(server.direct(server.member).id)
    assert isinstance(channel, discord.DMChannel)
    assert channel.recipient is not None
    assert channel.recipient.name == "member"
    assert await bot.fetch_application_emojis() == []
