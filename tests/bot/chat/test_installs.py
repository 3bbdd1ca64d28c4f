"""Commands where the bot is a member, where only a user has installed it, and between people."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat import ChatServer, Driver
from bot.chat.errors import ApiError
from bot.chat.installs import Context
from bot.chat.permissions import EVERYONE, Permission
from tests.rooms import soon

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.chat.model import Channel
    from tests.bot.chat.conftest import Bot

    Answer = Callable[[discord.Interaction[Any]], Awaitable[None]]


async def offer_everywhere(bot: Bot, answer: Answer) -> None:
    """Register a command for both kinds of installation and all contexts."""

    @bot.tree.command(name="go", description="Do something")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def command(interaction: discord.Interaction[Any]) -> None:
        await answer(interaction)

    await bot.tree.sync()


def between(server: ChatServer) -> Channel:
    return server.state.direct_channel(server.member, server.friend)


async def test_a_user_takes_the_bot_to_a_server_where_it_is_no_member(
    bot: Bot, server: ChatServer
) -> None:
    seen: list[discord.Interaction[Any]] = []

    class Press(discord.ui.View):
        @discord.ui.button(label="Press", custom_id="press")
        async def press(self, interaction: discord.Interaction[Any], _button: object) -> None:
            seen.append(interaction)
            await interaction.response.edit_message(content="pressed")

    async def answer(interaction: discord.Interaction[Any]) -> None:
        seen.append(interaction)
        file = discord.File(io.BytesIO(b"MThd"), "tune.mid")
        await interaction.response.send_message("first", file=file, view=Press(timeout=None))
        await interaction.edit_original_response(content="second")
        assert isinstance(interaction.channel, discord.TextChannel)
        with pytest.raises(discord.Forbidden) as refused:
            await interaction.channel.send("not by this door")
        assert refused.value.code == 50001

    await offer_everywhere(bot, answer)
    room = server.elsewhere.channel("수다")
    driver = Driver(server, server.member, room)
    message = await driver.reply(driver.slash("go"))
    assert message.attachment("tune.mid").data == b"MThd"
    first = seen[0]
    assert first.is_user_integration()
    assert not first.is_guild_integration()
    assert first.context.guild
    assert first.guild_id == server.elsewhere.id
    assert first.app_permissions.attach_files
    assert first.app_permissions.embed_links
    assert not first.app_permissions.send_messages
    assert server.elsewhere.id not in {guild.id for guild in bot.guilds}
    await driver.until(lambda: message.content == "second")
    friend = Driver(server, server.friend, room)
    friend.press(message, "Press")
    await driver.until(lambda: message.content == "pressed")
    assert seen[1]._integration_owners == {1: server.member.id}
    driver.say("nobody hears this")
    assert bot.heard == []


async def test_who_is_offered_what_where(bot: Bot, server: ChatServer) -> None:
    @bot.tree.command(description="In guilds only")
    @app_commands.guild_only()
    async def guilds(interaction: discord.Interaction[Any]) -> None: ...

    @bot.tree.command(description="For users who installed it")
    @app_commands.user_install()
    async def mine(interaction: discord.Interaction[Any]) -> None: ...

    @bot.tree.command(description="Between people only")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.private_channel_only()
    async def private(interaction: discord.Interaction[Any]) -> None: ...

    @bot.tree.command(description="As ever")
    async def plain(interaction: discord.Interaction[Any]) -> None: ...

    @bot.tree.command(description="For administrators")
    @app_commands.default_permissions(administrator=True)
    async def admins(interaction: discord.Interaction[Any]) -> None: ...

    await bot.tree.sync()

    def names(user: Any, channel: Channel) -> set[str]:
        return {each.name for each in server.commands.offered(user, channel)}

    member, friend, room = server.member, server.friend, server.channel
    elsewhere = server.elsewhere.channel("수다")
    assert names(member, room) == {"guilds", "mine", "plain"}
    assert names(server.administrator, room) == {"guilds", "mine", "plain", "admins"}
    assert names(friend, room) == {"guilds", "plain"}
    assert names(member, elsewhere) == {"mine"}
    assert names(friend, elsewhere) == set()
    assert names(member, server.direct(member)) == {"mine", "plain", "admins"}
    assert names(member, between(server)) == {"mine", "private"}
    assert names(friend, between(server)) == set()


async def test_the_three_contexts(bot: Bot, server: ChatServer) -> None:
    seen: list[discord.Interaction[Any]] = []

    async def answer(interaction: discord.Interaction[Any]) -> None:
        seen.append(interaction)
        await interaction.response.send_message("here")

    await offer_everywhere(bot, answer)
    for channel in (server.channel, server.direct(server.member), between(server)):
        driver = Driver(server, server.member, channel)
        await driver.reply(driver.slash("go"))
    assert [each.context.to_array() for each in seen] == [[each.value] for each in Context]
    member = server.member.id
    assert [each._integration_owners for each in seen] == [
        {0: server.guild.id, 1: member},
        {0: 0, 1: member},
        {1: member},
    ]
    assert isinstance(seen[2].channel, discord.DMChannel)
    assert not seen[2].app_permissions.use_external_emojis


async def test_answers_stay_private_where_such_applications_are_not_welcome(
    bot: Bot, server: ChatServer
) -> None:
    async def answer(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await interaction.followup.send("done")

    await offer_everywhere(bot, answer)
    everyone = server.elsewhere.everyone
    server.places.set_role(server.elsewhere, everyone, EVERYONE & ~Permission.USE_EXTERNAL_APPS)
    room = server.elsewhere.channel("수다")
    driver = Driver(server, server.member, room)
    assert (await driver.reply(driver.slash("go"))).visible_to is server.member
    usual = Driver(server, server.member)
    assert (await usual.reply(usual.slash("go"))).visible_to is None


async def test_five_further_messages_where_only_the_user_installed_it(
    bot: Bot, server: ChatServer
) -> None:
    codes: list[int] = []

    async def answer(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("first")
        for number in range(6):
            try:
                await interaction.followup.send(str(number))
            except discord.HTTPException as fault:
                codes.append(fault.code)

    await offer_everywhere(bot, answer)
    driver = Driver(server, server.member, server.elsewhere.channel("수다"))
    driver.slash("go")
    await soon(lambda: codes)
    assert codes == [40094]
    assert len(driver.seen) == 6
    home = Driver(server, server.member)
    assert (await home.reply(home.slash("go"), 7)).content == "5"


async def test_the_upload_limit_follows_the_guilds_tier(bot: Bot, server: ChatServer) -> None:
    limits: list[int] = []
    server.state.upload_limit = 1000

    async def answer(interaction: discord.Interaction[Any]) -> None:
        limits.append(interaction.filesize_limit)
        file = discord.File(io.BytesIO(bytes(1001)), "big.mid")
        try:
            await interaction.response.send_message("big", file=file)
        except discord.HTTPException as fault:
            limits.append(fault.status * 100_000 + fault.code)
            await interaction.response.send_message("small")

    await offer_everywhere(bot, answer)
    driver = Driver(server, server.member)
    assert (await driver.reply(driver.slash("go"))).content == "small"
    with pytest.raises(ApiError, match="40005"):
        driver.say(files=[("big.mid", bytes(1001))])
    server.places.set_tier(server.guild, 2)
    await soon(lambda: bot.guilds[0].premium_tier == 2)
    assert bot.guilds[0].filesize_limit == 50 * 1024 * 1024
    assert (await driver.reply(driver.slash("go"))).content == "big"
    driver.say(files=[("big.mid", bytes(1001))])
    assert limits == [1000, 413_40005, 50 * 1024 * 1024]


async def test_permissions_of_the_bot_can_be_taken_away(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    people, channel = server.people, server.channel
    with pytest.raises(ApiError, match="50013"):
        people.permit_bot(server.member, channel, "ATTACH_FILES", granted=False)
    with pytest.raises(ApiError, match="50035"):
        people.permit_bot(server.administrator, channel, "ADMINISTRATOR", granted=True)
    with pytest.raises(ApiError, match="10004"):
        people.permit_bot(
            server.friend, server.elsewhere.channel("수다"), "ATTACH_FILES", granted=True
        )
    for name in ("ATTACH_FILES", "VIEW_CHANNEL"):
        people.permit_bot(server.administrator, channel, name, granted=False)
    await soon(lambda: not room.permissions_for(room.guild.me).view_channel)
    with pytest.raises(discord.Forbidden):
        await room.send("unseen")
    people.permit_bot(server.administrator, channel, "VIEW_CHANNEL", granted=True)
    await soon(lambda: room.permissions_for(room.guild.me).view_channel)
    assert not room.permissions_for(room.guild.me).attach_files
    with pytest.raises(discord.Forbidden) as refused:
        await room.send(file=discord.File(io.BytesIO(b"x"), "x.mid"))
    assert refused.value.code == 50013


async def test_the_channel_for_text_only(bot: Bot, server: ChatServer) -> None:
    channel = server.guild.channel("글만")
    room = bot.get_channel(channel.id)
    assert isinstance(room, discord.TextChannel)
    await room.send("text")
    message = server.people.say(server.member, channel, "a tune")
    server.people.start_thread(server.member, message, "tunes")
    await soon(lambda: room.threads)
    for attempt in (
        room.send(embed=discord.Embed(title="x")),
        room.send(file=discord.File(io.BytesIO(b"x"), "x.mid")),
        room.threads[0].send("x"),
    ):
        with pytest.raises(discord.Forbidden) as refused:
            await attempt
        assert refused.value.code == 50013
    with pytest.raises(ApiError, match="160004"):
        server.people.start_thread(server.member, message, "again")


async def test_nobody_deletes_others_messages_in_direct_messages(
    bot: Bot, server: ChatServer
) -> None:
    assert bot.user is not None
    direct = server.direct(server.member)
    driver = Driver(server, server.member, direct)
    said = driver.say("hello")
    await soon(lambda: bot.heard)
    await bot.heard[0].channel.send("hello")
    answer = await driver.reply(said)
    with pytest.raises(ApiError, match="50003"):
        server.people.delete(server.member, answer)
    server.people.delete(server.member, said)
    assert driver.seen == [answer]
