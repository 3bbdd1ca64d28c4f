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
from tests.bot.chat.conftest import Bot, running, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Answer = Callable[[discord.Interaction[Any]], Awaitable[None]]


@pytest.fixture
async def quick() -> AsyncIterator[ChatServer]:
    """A server on which 0.15 seconds are what three are elsewhere."""
    async with ChatServer(interaction_deadline=0.15) as one:
        yield one


async def offer(bot: Bot, answer: Answer, name: str = "go") -> None:
    """Register a slash command that answers so."""

    @bot.tree.command(name=name, description="Do something")
    async def command(interaction: discord.Interaction[Any]) -> None:
        await answer(interaction)

    await bot.tree.sync()


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


async def test_three_seconds_and_the_token_is_dead(quick: ChatServer) -> None:
    client = Bot()
    driver = Driver(quick)
    codes: list[int] = []

    async def late(interaction: discord.Interaction[Any]) -> None:
        await asyncio.sleep(0.25)
        for attempt in (
            interaction.response.send_message("late"),
            interaction.followup.send("later"),
        ):
            try:
                await attempt
            except discord.NotFound as fault:
                codes.append(fault.code)

    async with running(quick, client):
        await offer(client, late)
        interaction = driver.slash("go")
        with pytest.raises(TimeoutError):
            await driver.answered(interaction)
        await soon(lambda: len(codes) == 2)
    assert codes == [10062, 10015]
    assert not quick.channel.messages


async def test_a_deferred_reply_is_filled_by_the_first_followup(
    quick: ChatServer,
) -> None:
    client = Bot()
    driver = Driver(quick)

    async def slow(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(thinking=True)
        await asyncio.sleep(0.25)  # past the deadline, which no longer counts
        await interaction.followup.send("one", file=discord.File(io.BytesIO(b"1"), "a.mid"))
        second = await interaction.followup.send("two", wait=True, ephemeral=True)
        await second.edit(content="two, changed")
        third = await interaction.followup.send("three", wait=True)
        await third.delete()

    async with running(quick, client):
        await offer(client, slow)
        interaction = driver.slash("go")
        await driver.answered(interaction)
        original = interaction.original
        assert original is not None
        assert original.loading
        first = await driver.reply(interaction)
        assert first is original
        assert (first.content, first.edited, first.loading) == ("one", None, False)
        await driver.until(lambda: [m for m in driver.seen if m.content == "two, changed"])
        other = Driver(quick, quick.administrator)
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
    async with ChatServer(token_lifetime=0.1) as server:
        client = Bot()
        driver = Driver(server)
        codes: list[int] = []

        async def answer(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("first")
            await asyncio.sleep(0.2)
            try:
                await interaction.followup.send("late")
            except discord.HTTPException as fault:
                codes.append(fault.code)

        async with running(server, client):
            await offer(client, answer)
            driver.slash("go")
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
    room = await bot.room(server)
    with pytest.raises(discord.NotFound):
        await room.fetch_message(message.id)
    assert [each async for each in room.history()] == []


class Panel(discord.ui.View):
    """Buttons and menus that do each thing that a component can do."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Update", custom_id="update")
    async def update(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.edit_message(content="updated")

    @discord.ui.button(label="Quiet", custom_id="quiet")
    async def quiet(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="quietly changed")
        await interaction.followup.send("and said")

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.defer()

    @discord.ui.select(
        placeholder="Styles",
        min_values=1,
        max_values=2,
        options=[discord.SelectOption(label=each) for each in ("a", "b", "c")],
    )
    async def choose(
        self, interaction: discord.Interaction[Any], select: discord.ui.Select[Any]
    ) -> None:
        await interaction.response.send_message(",".join(select.values))

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="People")
    async def people(
        self, interaction: discord.Interaction[Any], select: discord.ui.UserSelect[Any]
    ) -> None:
        await interaction.response.send_message(select.values[0].name)


async def test_components(bot: Bot, driver: Driver, server: ChatServer) -> None:
    room = await bot.room(server)
    sent = await room.send("panel", view=Panel())
    message = server.channel.messages[sent.id]
    await driver.answered(driver.press(message, "Update"))
    assert message.content == "updated"
    pressed = driver.press(message, "Quiet")
    said = await driver.reply(pressed)
    assert message.content == "quietly changed"
    assert said.content == "and said"
    assert said.reference is not None
    assert said.reference.message is message
    assert (await driver.reply(driver.select(message, "Styles", "c", "a"))).content == "c,a"
    named = driver.select(message, "People", server.administrator)
    assert (await driver.reply(named)).content == "administrator"
    for name, values in (("Off", None), ("Styles", []), ("Styles", ["z"]), ("Styles", "abc")):
        with pytest.raises(ApiError) as refused:
            _ = (
                driver.press(message, name)
                if values is None
                else driver.select(message, name, *values)
            )
        assert refused.value.code == 50035
    with pytest.raises(LookupError):
        driver.press(message, "Missing")


class Again(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:(?P<id>\d+)"):
    """A button known by the shape of its custom id alone."""

    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, interaction: object, item: object, match: Any, /) -> Again:
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"again {self.number}")


async def test_buttons_work_after_a_restart(server: ChatServer, driver: Driver) -> None:
    first = Bot()
    async with running(server, first):
        view = discord.ui.View(timeout=None).add_item(Again(42))
        sent = await (await first.room(server)).send("panel", view=view)
    second = Bot()
    second.add_dynamic_items(Again)
    async with running(server, second):
        answer = await driver.reply(driver.press(server.channel.messages[sent.id], "Again"))
        assert answer.content == "again 42"


class Asking(discord.ui.Modal, title="Asking"):
    tune: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Tune", min_length=2)
    style: discord.ui.Label[Any] = discord.ui.Label(
        text="Style",
        component=discord.ui.Select(
            required=False, options=[discord.SelectOption(label=each) for each in ("folk", "bach")]
        ),
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        select = self.style.component
        assert isinstance(select, discord.ui.Select)
        await interaction.response.send_message(f"{self.tune.value} {select.values}")


async def test_modals(bot: Bot, driver: Driver, admin: Driver) -> None:
    async def answer(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(Asking())

    await offer(bot, answer)
    asked = await driver.answered(driver.slash("go"))
    assert asked.modal is not None
    assert asked.modal["title"] == "Asking"
    text = asked.modal["components"][0]["components"][0]["custom_id"]
    select = asked.modal["components"][1]["component"]["custom_id"]
    for values in ({}, {text: "a"}, {text: "abc", select: ["jazz"]}):
        with pytest.raises(ApiError):
            driver.submit(asked, **values)
    with pytest.raises(ApiError, match="10062"):
        admin.submit(asked, **{text: "abc"})
    answered = await driver.reply(driver.submit(asked, **{text: "g8 e8", select: ["folk"]}))
    assert answered.content == "g8 e8 ['folk']"


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


@pytest.mark.parametrize(
    "make",
    [
        lambda: discord.ui.Button(label="x" * 81),
        lambda: discord.ui.Button(url="javascript:alert(1)", label="x"),
        lambda: discord.ui.Button(custom_id="x"),
        lambda: discord.ui.Select(options=[]),
        lambda: discord.ui.Select(placeholder="x", options=[discord.SelectOption(label="")]),
        lambda: discord.ui.Select(
            options=[discord.SelectOption(label="x", value="same")] * 2, max_values=2
        ),
    ],
)
async def test_wrong_components_are_refused(
    bot: Bot, server: ChatServer, make: Callable[[], discord.ui.Item[Any]]
) -> None:
    room = await bot.room(server)
    view = discord.ui.View(timeout=None).add_item(make())
    with pytest.raises(discord.HTTPException) as refused:
        await room.send("x", view=view)
    assert refused.value.code == 50035
    assert "components" in refused.value.text


async def test_layouts_of_the_second_version(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    view = discord.ui.LayoutView()
    file = discord.File(io.BytesIO(b"\x89PNG"), "score.png")
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    gallery.add_item(media="attachment://score.png")
    inner: tuple[discord.ui.Item[Any], ...] = (discord.ui.TextDisplay("# Score"), gallery)
    view.add_item(discord.ui.Container(*inner))
    sent = await room.send(view=view, file=file)
    record = server.channel.messages[sent.id]
    shown = next(each for each in record.walk_components() if each["type"] == 12)
    assert shown["items"][0]["media"]["url"] == record.attachments[0].url
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(content="and text")
    assert refused.value.code == 50035
