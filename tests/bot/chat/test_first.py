from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot.chat import ChatServer, Driver
    from tests.bot.chat.conftest import Bot


async def test_a_client_gets_ready_with_its_guilds(bot: Bot, server: ChatServer) -> None:
    assert bot.user is not None
    assert bot.user.name == "Nabi"
    assert [guild.name for guild in bot.guilds] == [server.guild.name]
    channels = [channel.name for channel in bot.guilds[0].text_channels]
    assert channels == ["음악", "연습실"]
    assert bot.guilds[0].me.id == bot.user.id


async def test_a_typed_message_is_answered_with_a_file(bot: Bot, driver: Driver) -> None:
    @bot.event
    async def on_message(message: discord.Message) -> None:
        if message.content == "!ping":
            async with message.channel.typing():
                file = discord.File(io.BytesIO(b"MThd"), "tune.mid")
                await message.reply("pong", file=file)

    question = driver.say("!ping")
    answer = await driver.reply(question)
    assert answer.content == "pong"
    assert answer.attachment("tune.mid").data == b"MThd"
    assert answer.reference is not None
    assert answer.reference.message is question
