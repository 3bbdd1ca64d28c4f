"""Buttons, select menus, modals and layouts with a real client."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.chat.errors import ApiError
from bot.chat.permissions import Permission
from tests.bot.chat.conftest import Bot, offer, running

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.chat import ChatServer, Driver

    Answer = Callable[[discord.Interaction[Any]], Awaitable[None]]


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
    stranger = server.state.add_user("stranger")
    with pytest.raises(ApiError, match="50035"):
        driver.select(message, "People", stranger)
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
    again = await driver.answered(driver.slash("go"))
    with pytest.raises(LookupError):
        driver.fill(again, {"Tunes": "c8"})
    filled = await driver.reply(driver.fill(again, {"Tune": "c8", "Style": ["bach"]}))
    assert filled.content == "c8 ['bach']"


async def test_a_menu_takes_only_what_it_offers(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    class Places(discord.ui.View):
        @discord.ui.select(
            cls=discord.ui.ChannelSelect,
            placeholder="Where",
            channel_types=[discord.ChannelType.text],
            default_values=[discord.Object(server.channel.id, type=discord.TextChannel)],
        )
        async def where(
            self, interaction: discord.Interaction[Any], select: discord.ui.ChannelSelect[Any]
        ) -> None:
            await interaction.response.send_message(select.values[0].name)

    sent = await (await bot.room(server)).send("panel", view=Places(timeout=None))
    message = server.channel.messages[sent.id]
    (menu,) = (each for each in message.walk_components() if each["type"] == 8)
    # A script would round an id that came as a number, and choose nothing.
    assert menu["default_values"] == [{"id": str(server.channel.id), "type": "channel"}]
    thread = server.state.add_thread(server.channel, "thread", server.member)
    hidden = server.state.add_channel(server.guild, "hidden")
    server.state.overwrite(hidden, server.guild.everyone, deny=Permission.VIEW_CHANNEL)
    for wrong in (thread, hidden, server.elsewhere.channel("수다"), server.member):
        with pytest.raises(ApiError, match="50035"):
            driver.select(message, "Where", wrong)
    assert (await driver.reply(driver.select(message, "Where", server.channel))).content == "음악"


@pytest.mark.parametrize(("low", "high"), [(5, 4), (None, 3)])
async def test_wrong_text_inputs_are_refused(
    bot: Bot, driver: Driver, low: int | None, high: int
) -> None:
    codes: list[int] = []

    async def answer(interaction: discord.Interaction[Any]) -> None:
        modal = discord.ui.Modal(title="x")
        modal.add_item(
            discord.ui.TextInput(label="x", default="abcd", min_length=low, max_length=high)
        )
        try:
            await interaction.response.send_modal(modal)
        except discord.HTTPException as fault:
            codes.append(fault.code)
        await interaction.response.send_message("refused")

    await offer(bot, answer)
    await driver.reply(driver.slash("go"))
    assert codes == [50035]


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
        lambda: discord.ui.Select(options=[discord.SelectOption(label="x")], max_values=2),
        lambda: discord.ui.Select(
            options=[discord.SelectOption(label=each) for each in "abc"], min_values=3, max_values=2
        ),
        lambda: discord.ui.Select(
            options=[discord.SelectOption(label=each, default=True) for each in "ab"]
        ),
        lambda: discord.ui.UserSelect(default_values=[discord.Object(5, type=discord.User)] * 2),
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
