"""What a broken or hostile page may send: it is refused in good form and changes nothing else."""

from __future__ import annotations

import json
import logging
import random
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from discord import app_commands

if TYPE_CHECKING:
    from bot.chat import ChatServer, Driver
    from tests.bot.chat.conftest import Bot

ACTIONS = (
    "say", "edit", "delete", "react", "typing", "use", "slash", "complete", "menu", "submit",
    "language", "thread", "permission", "tier",
)  # fmt: skip
FIELDS = (
    "content", "reply_to", "ping", "descriptions", "message", "emoji", "custom_id", "values",
    "name", "options", "focused", "interaction", "locale", "permission", "granted", "tier",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**70, "", "x", "0", "٣", "\ud800", "\x00", "<@1>", "a" * 3000, [], {},
    [None], [[]], [{}], ["x", 5], {"file": 0}, {"file": []}, {"a": {"b": {}}}, {"_errors": 1},
    {"name": "x"}, {"": ""}, {"tune": {}}, {"tune": []}, {"bars": "1e999"}, {"bars": "nan"},
    {"bars": "9" * 5000}, {"where": "5"}, {"file": "x"}, {"0": 5}, "🎵", "NONE", "ADMINISTRATOR",
)  # fmt: skip


class View(discord.ui.View):
    @discord.ui.button(label="Press", custom_id="press")
    async def press(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.send_modal(Modal())

    @discord.ui.select(
        custom_id="menu", options=[discord.SelectOption(label=each) for each in "ab"]
    )
    async def choose(
        self, interaction: discord.Interaction[Any], _select: discord.ui.Select[Any]
    ) -> None:
        await interaction.response.defer()


class Modal(discord.ui.Modal, title="Ask"):
    tune: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Tune", custom_id="tune")

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()


async def furnish(bot: Bot, server: ChatServer) -> int:
    @bot.tree.command(description="Take everything")
    async def take(
        interaction: discord.Interaction[Any],
        tune: str,
        bars: app_commands.Range[int, 1, 64] = 8,
        where: discord.TextChannel | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        await interaction.response.send_message("taken")

    @take.autocomplete("tune")
    async def complete(
        _interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name="x", value="x")]

    @bot.tree.context_menu(name="Continue")
    async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message("taken")

    await bot.tree.sync()
    return (await (await bot.room(server)).send("panel", view=View(timeout=None))).id


@pytest.mark.parametrize("seed", range(4))
async def test_odd_requests_never_break_the_server(
    bot: Bot, server: ChatServer, driver: Driver, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)
    message = await furnish(bot, server)
    pressed = driver.press(server.channel.messages[message], "Press")
    await driver.answered(pressed)
    ids = [str(server.channel.id), str(message), str(pressed.id), "press", "menu", "take", "tune"]
    people = [str(each.id) for each in (server.member, server.administrator, server.friend)]
    channels = [str(each) for each in server.state.channels]
    async with aiohttp.ClientSession(headers={"X-Nabi-Chat": "1"}) as http:
        for _ in range(250):
            action = chance.choice(ACTIONS)
            body: dict[str, Any] = {"as": chance.choice(people), "channel": chance.choice(channels)}
            for field in chance.sample(FIELDS, chance.randint(0, 6)):
                body[field] = chance.choice(ids if chance.random() < 0.4 else ODD)
            if chance.random() < 0.1:
                body[chance.choice(["as", "channel"])] = chance.choice(ODD)
            async with http.post(f"{server.url}chat/{action}", json=body) as response:
                assert response.status < 500, (action, body, await response.text())
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert bot.is_ready()
    places = server.people.places
    places.overwrite(server.channel, server.bot_user)
    said = driver.say("still there")
    assert said in driver.seen


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"5", b"null", b"{", b'{"as":', b"\xff\xfe", b'{"as": NaN}', b"[" * 20_000,
        b'{"a":' * 20_000, b'"' + b"x" * 100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/x"])
async def test_bodies_that_are_no_json_are_refused(
    server: ChatServer, raw: bytes, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Nabi-Chat": "1", "Content-Type": kind}
    url = f"{server.url}chat/say"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=raw, headers=headers) as response,
    ):
        assert 400 <= response.status < 500
        assert "message" in json.loads(await response.text())
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize("query", ["as=x", "as=", "as=1&channel=x", "limit=x&before=-1", "as=%00"])
async def test_odd_queries_are_refused(server: ChatServer, query: str) -> None:
    async with aiohttp.ClientSession() as http:
        for path in ("messages", "commands", "socket"):
            async with http.get(f"{server.url}chat/{path}?{query}") as response:
                assert response.status in (400, 404)
