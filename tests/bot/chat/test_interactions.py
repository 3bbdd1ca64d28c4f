"""Commands, components and modals with a real client, and the rules about answering them."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat import ChatServer, Driver, Upload
from bot.chat.errors import ApiError
from bot.chat.model import Flag
from tests.bot.chat.conftest import Bot, offer, running
from tests.rooms import soon

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[[discord.Interaction[Any]], Awaitable[None]]


async def test_a_slash_command_with_every_kind_of_option(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    got: dict[str, Any] = {}

    @bot.tree.command(description="Take everything")
    @app_commands.choices(style=[app_commands.Choice(name="Folk", value="folk")])
    async def take(  # noqa: PLR0917 # options are given by position
        interaction: discord.Interaction[Any],
        text: app_commands.Range[str, 2, 5],
        bars: app_commands.Range[int, 1, 64],
        warmth: app_commands.Range[float, 0.1, 2.0],
        loud: bool,  # noqa: FBT001 # likewise
        who: discord.Member,
        role: discord.Role,
        where: discord.TextChannel,
        file: discord.Attachment,
        style: str = "any",
    ) -> None:
        got.update(
            text=text, bars=bars, warmth=warmth, loud=loud, who=who.id, role=role.id,
            where=where.id, file=await file.read(), style=style, locale=interaction.locale,
        )  # fmt: skip
        await interaction.response.send_message("taken", file=discord.File(io.BytesIO(b"x"), "x"))

    await bot.tree.sync()
    server.member.locale = "ko"
    options = {
        "text": "abc",
        "bars": 8,
        "warmth": 1.5,
        "loud": True,
        "who": server.administrator,
        "role": server.guild.everyone,
        "where": server.channel,
        "file": Upload("tune.mid", b"MThd"),
        "style": "folk",
    }
    interaction = driver.slash("take", options)
    answer = await driver.reply(interaction)
    assert answer.content == "taken"
    assert answer.attachment("x").data == b"x"
    assert got == {
        "text": "abc",
        "bars": 8,
        "warmth": 1.5,
        "loud": True,
        "who": server.administrator.id,
        "role": server.guild.id,
        "where": server.channel.id,
        "file": b"MThd",
        "style": "folk",
        "locale": discord.Locale.korean,
    }
    for name, value in (
        ("text", "a"), ("text", "abcdef"), ("bars", 65), ("bars", "many"), ("warmth", 0),
        ("loud", "yes"), ("who", 5), ("style", "loud"), ("file", None), ("unknown", 1),
    ):  # fmt: skip
        with pytest.raises(ApiError) as refused:
            driver.slash("take", options | {name: value})
        assert list(refused.value.errors or {}) == [name]


async def test_groups_and_autocompletion(bot: Bot, driver: Driver) -> None:
    group = app_commands.Group(name="model", description="Models")

    @group.command(description="Choose one")
    async def use(interaction: discord.Interaction[Any], name: str) -> None:
        await interaction.response.send_message(f"using {name}")

    @use.autocomplete("name")
    async def complete(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        known = ["bach", "folk", "irish"]
        return [app_commands.Choice(name=k.title(), value=k) for k in known if current in k]

    bot.tree.add_command(group)
    await bot.tree.sync()
    assert await driver.complete("model use", "name", "i") == [{"name": "Irish", "value": "irish"}]
    answer = await driver.reply(driver.slash("model use", {"name": "irish"}))
    assert answer.content == "using irish"
    with pytest.raises(ApiError):
        driver.slash("model", {"name": "irish"})
    with pytest.raises(ApiError, match="10063"):
        driver.slash("nothing")


async def test_completions_must_fit_their_option(bot: Bot, driver: Driver) -> None:
    codes: list[int] = []

    @bot.tree.command(description="Choose")
    async def choose(interaction: discord.Interaction[Any], bars: int) -> None:
        await interaction.response.send_message(str(bars))

    @choose.autocomplete("bars")
    async def complete(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[int]]:
        answers: list[tuple[str, Any]] = [("Eight", "8"), ("Half", 0.5), ("x" * 101, 1)]
        for name, value in answers:
            wrong: app_commands.Choice[Any] = app_commands.Choice(name=name, value=value)
            try:
                await interaction.response.autocomplete([wrong])
            except discord.HTTPException as fault:
                codes.append(fault.code)
        return [app_commands.Choice(name="Eight", value=8)]

    await bot.tree.sync()
    assert await driver.complete("choose", "bars", "") == [{"name": "Eight", "value": 8}]
    assert codes == [50035] * 3


async def test_three_seconds_and_the_token_is_dead() -> None:
    client = Bot()
    over = asyncio.Event()
    codes: list[int] = []

    async def late(interaction: discord.Interaction[Any]) -> None:
        await over.wait()
        for attempt in (
            interaction.response.send_message("late"),
            interaction.followup.send("later"),
        ):
            try:
                await attempt
            except discord.NotFound as fault:
                codes.append(fault.code)

    async with ChatServer(interaction_deadline=0.05) as quick, running(quick, client):
        driver = Driver(quick)
        await offer(client, late)
        interaction = driver.slash("go")
        with pytest.raises(TimeoutError):
            await driver.answered(interaction)
        over.set()
        await soon(lambda: len(codes) == 2)
    assert codes == [10062, 10015]
    assert not quick.channel.messages


async def test_a_deferred_reply_is_filled_by_the_first_followup(server: ChatServer) -> None:
    client = Bot()
    driver = Driver(server)
    late = asyncio.Event()

    async def slow(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(thinking=True)
        await late.wait()
        await interaction.followup.send("one", file=discord.File(io.BytesIO(b"1"), "a.mid"))
        second = await interaction.followup.send("two", wait=True, ephemeral=True)
        await second.edit(content="two, changed")
        third = await interaction.followup.send("three", wait=True)
        await third.delete()

    async with running(server, client):
        await offer(client, slow)
        interaction = driver.slash("go")
        await driver.answered(interaction)
        server.interactions._expire(interaction)  # the deadline, which no longer counts
        late.set()
        original = interaction.original
        assert original is not None
        assert original.loading
        first = await driver.reply(interaction)
        assert first is original
        assert (first.content, first.edited, first.loading) == ("one", None, False)
        await driver.until(lambda: [m for m in driver.seen if m.content == "two, changed"])
        other = Driver(server, server.administrator)
        assert [each.content for each in other.seen] == ["one"]
        await driver.until(lambda: len(driver.seen) == 2)
    assert client.faults == []


async def test_the_original_answer_can_be_fetched_changed_and_deleted(
    bot: Bot, driver: Driver
) -> None:
    seen: list[str] = []

    async def answer(interaction: discord.Interaction[Any]) -> None:
        response = await interaction.response.send_message("first")
        assert isinstance(response.resource, discord.InteractionMessage)
        seen.append(response.resource.content)
        await interaction.edit_original_response(content="second")
        seen.append((await interaction.original_response()).content)
        await interaction.delete_original_response()
        try:
            await interaction.edit_original_response(content="third")
        except discord.NotFound as fault:
            seen.append(str(fault.code))

    await offer(bot, answer)
    driver.slash("go")
    await soon(lambda: len(seen) == 3)
    assert seen == ["first", "second", "10008"]


async def test_answering_twice_is_refused(bot: Bot, driver: Driver) -> None:
    codes: list[int] = []

    async def answer(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message("first")
        again: discord.InteractionResponse[Any] = discord.InteractionResponse(interaction)
        try:
            await again.send_message("second")
        except discord.HTTPException as fault:
            codes.append(fault.code)

    await offer(bot, answer)
    await driver.reply(driver.slash("go"))
    await soon(lambda: codes)
    assert codes == [40060]


async def test_tokens_end_after_their_lifetime() -> None:
    async with ChatServer(token_lifetime=600) as server:
        client = Bot()
        driver = Driver(server)
        over = asyncio.Event()
        codes: list[int] = []

        async def answer(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("first")
            await over.wait()
            try:
                await interaction.followup.send("late")
            except discord.HTTPException as fault:
                codes.append(fault.code)

        async with running(server, client):
            await offer(client, answer)
            interaction = driver.slash("go")
            await driver.reply(interaction)
            interaction.created -= 600
            over.set()
            await soon(lambda: codes)
        assert codes == [50027]


async def test_ephemeral_answers_are_seen_by_one_person(
    bot: Bot, driver: Driver, admin: Driver, server: ChatServer
) -> None:
    async def answer(interaction: discord.Interaction[Any]) -> None:
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Press", custom_id="press"))
        await interaction.response.send_message("secret", ephemeral=True, view=view)

    await offer(bot, answer)
    message = await driver.reply(driver.slash("go"))
    assert message.visible_to is server.member
    assert message.flags & Flag.EPHEMERAL
    assert driver.seen == [message]
    assert admin.seen == []
    with pytest.raises(ApiError, match="10008"):
        admin.press(message, "Press")
    driver.press(message, "Press")
    for attempt in (
        lambda: driver.say("a reply", reply_to=message),
        lambda: server.people.react(server.member, message, "🎵"),
        lambda: server.people.start_thread(server.member, message, "thread"),
    ):
        with pytest.raises(ApiError):
            attempt()
    room = await bot.room(server)
    with pytest.raises(discord.NotFound):
        await room.fetch_message(message.id)
    assert [each async for each in room.history()] == []


async def test_menus_of_messages_and_people(bot: Bot, driver: Driver, server: ChatServer) -> None:
    @bot.tree.context_menu(name="Continue this")
    async def continue_this(
        interaction: discord.Interaction[Any], message: discord.Message
    ) -> None:
        data = await message.attachments[0].read()
        await interaction.response.send_message(f"{message.content} {len(data)}")

    @bot.tree.context_menu(name="Who is this")
    async def who(interaction: discord.Interaction[Any], member: discord.Member) -> None:
        await interaction.response.send_message(member.name)

    await bot.tree.sync()
    target = driver.say("a tune", files=[("tune.mid", b"MThd")])
    assert (await driver.reply(driver.menu("Continue this", target))).content == "a tune 4"
    answer = await driver.reply(driver.menu("Who is this", server.administrator))
    assert answer.content == "administrator"


async def test_interactions_in_direct_messages(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    async def answer(interaction: discord.Interaction[Any]) -> None:
        assert interaction.guild is None
        await interaction.response.send_message(interaction.user.name)

    await offer(bot, answer)
    interaction = driver.slash("go", channel=server.direct(server.member))
    assert (await driver.reply(interaction)).content == "member"
