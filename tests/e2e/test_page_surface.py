"""What a member touches on the page: commands, lists, forms, menus, as a phone user, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat import ChatServer
from bot.chat.permissions import Permission, permissions_in
from tests.bot.chat.conftest import Bot, running
from tests.e2e.browser import Browser
from tests.rooms import soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Opener = Callable[[], Awaitable[Browser]]

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KOREAN = {"tune": "이어쓰기", "style": "양식", "Continue a tune": "멜로디를 이어 써요"}

SMALL = """
    const shown = (each) => {
        const box = each.getBoundingClientRect();
        const style = getComputedStyle(each);
        return box.width && box.height && style.visibility !== "hidden" && box.right > 0
            && box.bottom > 0 && box.top < innerHeight;
    };
    const small = (each) => {
        const box = each.getBoundingClientRect();
        return box.width < 40 || box.height < 40;
    };
    return [...document.querySelectorAll("button, a, select, input:not(.hidden), textarea")]
        .filter((each) => !each.closest("label") && shown(each) && small(each))
        .map((each) => `${each.className} ${each.innerText}`);
"""
"""What is pressed and smaller than a finger; what stands in a label is pressed by the label."""

WIDE = "return document.documentElement.scrollWidth > innerWidth"


class Korean(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        return KOREAN.get(string.message) if locale is discord.Locale.korean else None


class Panel(discord.ui.View):
    """A panel of settings."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.select(
        placeholder="Styles",
        min_values=1,
        max_values=2,
        options=[
            discord.SelectOption(label=each.title(), value=each, emoji="🎵", description="x")
            for each in ("folk", "bach", "irish")
        ],
    )
    async def styles(
        self, interaction: discord.Interaction[Any], select: discord.ui.Select[Any]
    ) -> None:
        await interaction.response.send_message(f"styles {select.values}", ephemeral=True)

    @discord.ui.select(cls=discord.ui.ChannelSelect, placeholder="Places", min_values=0)
    async def places(
        self, interaction: discord.Interaction[Any], select: discord.ui.ChannelSelect[Any]
    ) -> None:
        await interaction.response.edit_message(content=f"places {len(select.values)}")

    @discord.ui.button(label="Edit")
    async def edit(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.send_modal(Form())


class Form(discord.ui.Modal, title="Edit"):
    tune: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Tune", style=discord.TextStyle.paragraph, default="g8 e8", min_length=3
    )
    bars: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Bars", required=False, max_length=2
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"{self.tune.value} for {self.bars.value or 8}")


def surface_bot() -> Bot:
    client = Bot()

    @client.tree.command(
        name=app_commands.locale_str("tune"),
        description=app_commands.locale_str("Continue a tune"),
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.rename(style=app_commands.locale_str("style"))
    async def tune(
        interaction: discord.Interaction[Any],
        notes: app_commands.Range[str, 2, 20],
        style: str = "any",
    ) -> None:
        await interaction.response.send_message(f"{notes} in {style}", view=Panel())

    @tune.autocomplete("style")
    async def complete(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        known = {"Bach": "bach-1", "Irish": "irish-1"}
        asked = interaction.namespace.notes or ""
        return [
            app_commands.Choice(name=f"{name} {asked}", value=value)
            for name, value in known.items()
            if current.lower() in name.lower()
        ]

    @client.tree.context_menu(name="Continue this tune")
    async def this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"from {message.content}", ephemeral=True)

    return client


@pytest.fixture
async def opened() -> AsyncIterator[tuple[ChatServer, list[Browser]]]:
    """A server with the bot; browsers put into the list are looked through and closed."""
    browsers: list[Browser] = []
    async with ChatServer() as server:
        client = surface_bot()
        async with running(server, client):
            await client.tree.set_translator(Korean())
            await client.tree.sync()
            try:
                yield server, browsers
                for browser in browsers:
                    refused = "(Bad Request)"  # a refused form is logged by the browser itself
                    assert [each for each in await browser.problems() if refused not in each] == []
            finally:
                for browser in browsers:
                    await browser.close()
        assert client.faults == []


async def open_page(opened: tuple[ChatServer, list[Browser]], browser: Browser) -> Browser:
    opened[1].append(browser)
    await browser.visit(opened[0].url)
    await browser.until("return document.querySelector('.presence.on')")
    return browser


async def choose_command(browser: Browser, typed: str) -> None:
    await browser.type("#box", typed)
    await browser.find(".command")
    await browser.type("#box", "\n")


async def run_command(browser: Browser, name: str, notes: str) -> None:
    await choose_command(browser, f"/{name}")
    await browser.type("#option-notes", notes)
    await browser.click(".command-form .primary")
    await browser.see(f"{notes} in any", ".message .text")


async def test_commands_lists_and_forms(opened: tuple[ChatServer, list[Browser]]) -> None:
    page = await open_page(opened, await Browser.open())
    await choose_command(page, "/tu")
    await page.type("#option-notes", "g")
    await page.run("document.querySelector('#option-notes').removeAttribute('minlength')")
    await page.click(".command-form .primary")
    await page.see("Between 2 and 20 characters", ".field-box .must")
    await page.type("#option-notes", "8")
    await page.type("#option-style", "ba")
    await page.see("Bach g8", ".completions")
    await page.type("#option-style", "\ue015\n")  # arrow down, Enter
    await page.click(".command-form .primary")
    await page.see("g8 in bach-1", ".message .text")
    await page.click("button.select", "Styles")
    await page.until("return document.querySelector('.list-end .primary').disabled")
    await page.click(".option", "Folk")
    await page.click(".option", "Irish")
    await page.until("return [...document.querySelectorAll('.option')].at(1).disabled")
    await page.click(".list-end .primary")
    await page.see("styles ['folk', 'irish']", ".ephemeral")
    await page.type("button.select[data-custom-id]", "\n")  # the second menu, by keys alone
    await page.type(".option:focus", "\ue015\n")
    await page.type(".option:focus[aria-selected='true']", "\ue00c")
    await page.until("return document.activeElement.matches('button.select')")
    await page.type("button.select:focus", "\n")
    await page.type(".option:focus", "\ue015\n")
    await page.click(".list-end .primary")
    await page.see("places 1", ".message .text")
    await page.click(".button", "Edit")
    await page.find("dialog textarea")
    await page.run(
        "const area = document.querySelector('dialog textarea');"
        "area.removeAttribute('minlength'); area.value = 'g8'"
    )
    await page.click("dialog .primary")
    await page.see("Between 3 and 4000 characters", "dialog .must")
    await page.type("dialog textarea", " f8")
    await page.click("dialog .primary")
    await page.see("g8 f8 for 8", ".message .text")
    await page.until("return !document.querySelector('dialog')")


async def test_menus_settings_themes_and_the_other_server(
    opened: tuple[ChatServer, list[Browser]],
) -> None:
    server = opened[0]
    page = await open_page(opened, await Browser.open())
    server.people.say(server.administrator, server.channel, "a tune")
    right_click = (
        "const text = [...document.querySelectorAll('.message .text')].pop();"
        "const click = new MouseEvent('contextmenu',"
        " {bubbles: true, cancelable: true, clientX: 600, clientY: 300});"
        "return !text.dispatchEvent(click);"
    )
    await page.see("a tune", ".message .text")
    assert await page.run(right_click)
    menu = await page.run("return document.querySelector('.menu').innerText")
    assert "Reply" in menu
    assert "Delete" not in menu
    await page.click(".menu button", "Continue this tune")
    await page.see("from a tune", ".ephemeral")
    await page.click(".ephemeral .plain")
    await page.until("return !document.querySelector('.ephemeral')")
    colour = "return getComputedStyle(document.documentElement).backgroundColor"
    await page.click(".segments label", "Dark")
    dark = await page.run(colour)
    await page.click(".segments label", "Light")
    assert await page.run(colour) != dark
    await page.click(".channel", "수다")
    await page.see("not a member of this server", "#status")
    await run_command(page, "tune", "g8 e8")
    assert server.elsewhere.channel("수다").messages
    await page.click(".segments label", "Friend")
    await page.type("#box", "/")
    await page.see("You have no commands here", "#commands")
    await page.click(".segments label", "Administrator")
    await page.click(".channel", "음악")
    await page.click(".gear")
    await page.click(".switch", "Attach files")
    bot, room = server.bot_user, server.channel
    await soon(lambda: not permissions_in(room, bot) & Permission.ATTACH_FILES)
    await page.click("dialog .primary")
    assert await page.run(right_click)
    await page.click(".menu button", "Start a thread")
    await page.click("dialog .primary")
    await page.see("a tune", ".channel.deep.here")
    await page.type("#box", "in here\n")
    await page.see("in here", ".message .text")
    await page.click(".channel", "음악")
    await page.see("a tune", ".thread-link")


async def test_a_file_is_described_and_sent_with_words(
    opened: tuple[ChatServer, list[Browser]],
) -> None:
    server = opened[0]
    page = await open_page(opened, await Browser.open())
    await page.run(
        "const data = new DataTransfer(); data.items.add(new File(['MThd'], 'tune.mid'));"
        "const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});"
        "document.getElementById('log').dispatchEvent(drop);"
    )
    await page.click(".alt")
    await page.type("dialog input", "a short tune\n")
    await page.until("return document.querySelector('.alt.on')")
    await page.type("#box", "with words\n")
    await page.see("with words", ".message .text")
    (message,) = server.channel.messages.values()
    assert message.attachment("tune.mid").description == "a short tune"


async def test_a_phone_in_korean(opened: tuple[ChatServer, list[Browser]]) -> None:
    page = await open_page(opened, await Browser.phone("ko-KR"))
    await page.type("#box", "/이")
    await page.see("멜로디를 이어 써요", ".command")
    assert await page.run(SMALL) == []
    await page.type("#box", "\n")
    await page.see("양식", ".command-form label")
    assert await page.run(SMALL) == []
    await page.type("#option-notes", "g8 e8")
    await page.click(".command-form .primary")
    await page.see("g8 e8 in any", ".message .text")
    assert await page.run(SMALL) == []
    await page.click("button.select", "Styles")
    await page.until("return document.querySelector('.menu.sheet')")
    assert await page.run(SMALL) == []
    await page.click(".option", "Bach")
    await page.click(".list-end .primary")
    await page.see("styles ['bach']", ".ephemeral")
    await page.hold(".message .text", ".menu.sheet")
    await page.see("Continue this tune", ".menu.sheet")
    assert await page.run(SMALL) == []
    await page.click(".menu.sheet .app")
    await page.see("from styles", ".ephemeral")
    await page.click(".button", "Edit")
    await page.see("제출", "dialog")
    assert await page.run(SMALL) == []
    assert not await page.run(WIDE)
    await page.click("dialog .secondary")
    await page.click(".burger")
    await page.click(".segments label", "어둡게")
    assert await page.run("return document.documentElement.dataset.theme") == "dark"
