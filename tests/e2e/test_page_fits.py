"""What has to fit a phone: tables, pictures, lists of proposals, and the drawer."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat import ChatServer
from bot.chat.cdn import square
from tests.bot.chat.conftest import Bot, running
from tests.e2e.browser import Browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABLE = "\n".join(f"model-{number:<22} 46  16   8" for number in range(4))
WHOLE = """
    const table = document.querySelector(".code pre");
    const box = table.getBoundingClientRect();
    const copy = document.querySelector(".copy").getBoundingClientRect();
    return table.scrollWidth <= table.clientWidth && copy.height >= 40
        && (copy.top >= box.bottom || copy.left >= box.right);
"""
IN_SIGHT = """
    const list = document.querySelector(".completions:not([hidden])")?.getBoundingClientRect();
    const field = document.activeElement.getBoundingClientRect();
    return list && list.top >= 0 && list.bottom <= innerHeight && list.right <= innerWidth
        && (list.top >= field.bottom || list.bottom <= field.top);
"""


FIELD: discord.ui.TextInput[Any] = discord.ui.TextInput(label="l" * 45)
WIDEST = """
    const shown = [...document.querySelectorAll(arguments[0])];
    return shown.length && Math.max(...shown.map((each) => each.getBoundingClientRect().right));
"""


class Places(discord.ui.View):
    """A menu whose words are wider than a phone."""

    @discord.ui.select(cls=discord.ui.ChannelSelect, placeholder="wide " * 25, max_values=25)
    async def places(
        self, interaction: discord.Interaction[Any], select: discord.ui.ChannelSelect[Any]
    ) -> None:
        await interaction.response.send_message(f"places {len(select.values)}")


class Unbroken(discord.ui.View):
    """A button and a menu whose words have no gap."""

    @discord.ui.button(label="b" * 80)
    async def ask(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.send_modal(discord.ui.Modal(title="t" * 45).add_item(FIELD))

    @discord.ui.select(placeholder="p" * 150, options=[discord.SelectOption(label="o" * 100)])
    async def choose(self, interaction: discord.Interaction[Any], _select: object) -> None:
        await interaction.response.defer()


def small_bot() -> Bot:
    client = Bot()

    @client.listen()
    async def on_message(message: discord.Message) -> None:
        if message.content == "table" and not message.author.bot:
            picture = discord.File(io.BytesIO(square(b"\xff\xd5\x8a", 900)), "score.png")
            line = f"-# small\nmore `!continue g8 --seed 7`\n```\n{TABLE}\n```"
            await message.reply(line, file=picture, view=Places())

        if message.content == "unbroken" and not message.author.bot:
            await message.reply("w" * 500, view=Unbroken())

    @client.tree.command(name="tune", description="Continue a tune")
    async def tune(
        interaction: discord.Interaction[Any],
        notes: str,
        bars: app_commands.Range[int, 1, 64] = 8,
        file: discord.Attachment | None = None,
        style: str = "any",
    ) -> None:
        await interaction.response.send_message(f"{notes} for {bars} in {style} {file}")

    @tune.autocomplete("style")
    async def complete(
        interaction: discord.Interaction[Any], current: str
    ) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"style {each}", value=f"s{each}") for each in range(20)]

    return client


@pytest.fixture
async def phone() -> AsyncIterator[Browser]:
    async with ChatServer() as server:
        client = small_bot()
        async with running(server, client):
            await client.tree.sync()
            browser = await Browser.phone("ko-KR")
            try:
                await browser.visit(server.url)
                await browser.until("return document.querySelector('.presence.on')")
                yield browser
                assert await browser.problems() == []
            finally:
                await browser.close()
        assert client.faults == []


async def test_tables_and_pictures_can_be_read(phone: Browser) -> None:
    await phone.type("#box", "table\n")
    await phone.find(".picture img")
    assert await phone.run(WHOLE)
    right = "return document.querySelector('button.select').getBoundingClientRect().right"
    assert await phone.run(right) <= 390
    await phone.click("button.select")
    await phone.see("3개 중 0개", ".list-end")
    await phone.type(".option:focus", "\ue00c")
    # options are not torn apart where a line ends, and quoted blocks keep a space between them
    assert await phone.run("return document.querySelector('.whole').innerText") == "--seed"
    await phone.click(".message .tools button:last-child")
    await phone.click(".menu button", "답장")
    await phone.type("#box", "thanks\n")
    await phone.see("small more !continue g8 --seed 7", ".above")
    await phone.click(".picture button")
    view = "const view = document.querySelector('.lightbox-view');"
    await phone.until(view + "return view && view.scrollWidth <= view.clientWidth")
    await phone.click(".lightbox-view img")
    await phone.until(view + "return view.scrollWidth === 900 && view.clientWidth < 390")
    await phone.click(".lightbox-bar button", "화면에 맞추기")
    await phone.until(view + "return view.scrollWidth <= view.clientWidth")
    await phone.click(".lightbox-bar button", "닫기")
    await phone.until("return document.activeElement.closest('.picture')")


async def test_a_file_with_a_long_name_can_be_fetched(phone: Browser) -> None:
    await phone.run(
        "const data = new DataTransfer();"
        "for (const name of ['아주 긴 이름 '.repeat(30) + '.mid', 'y'.repeat(190) + '.ogg'])"
        " data.items.add(new File(['MThd'], name));"
        "const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});"
        "document.getElementById('log').dispatchEvent(drop);"
    )
    await phone.click(".send")
    await phone.until("return document.querySelectorAll('.message .card').length === 2")
    ends = "return [...document.querySelectorAll('.card .round')].map((each) => "
    assert max(await phone.run(ends + "each.getBoundingClientRect().right)")) <= 390


async def test_words_without_a_gap_are_broken(phone: Browser) -> None:
    await phone.type("#box", "unbroken\n")
    await phone.click("button.select")
    await phone.find(".option")
    assert 0 < await phone.run(WIDEST, ".message *, .menu, .menu *") <= 390
    await phone.type(".option:focus", "\ue00c")
    await phone.click(".message .button")
    await phone.find("dialog input")
    assert 0 < await phone.run(WIDEST, "dialog *") <= 390


async def test_a_command_is_filled_in_and_sent_from_the_writing_line(phone: Browser) -> None:
    await phone.type("#box", "/tu")
    await phone.until("return document.getElementById('box').ariaExpanded === 'true'")
    await phone.type("#box", "\n")
    await phone.until("return document.getElementById('box').value === '/tune'")
    assert await phone.run("return document.getElementById('option-bars').placeholder") == "1 – 64"
    await phone.see("파일 선택", ".upload")
    await phone.click("#option-style")
    await phone.see("style 3", ".completions")
    assert await phone.run(IN_SIGHT)
    await phone.click(".completions .command", "style 3")
    await phone.type("#option-notes", "g8")
    await phone.click(".send")
    await phone.see("g8 for 8 in s3", ".message .text")


async def test_the_drawer_takes_the_focus_and_gives_it_back(phone: Browser) -> None:
    await phone.click(".burger")
    await phone.until("return document.activeElement.matches('.channel.here')")
    assert await phone.run("return document.getElementById('main').inert")
    await phone.type(".channel.here", "\ue00c")  # Escape
    await phone.until("return document.activeElement.matches('.burger')")
    assert not await phone.run("return document.getElementById('main').inert")


async def test_what_is_typed_with_nothing_focused_is_written(phone: Browser) -> None:
    await phone.run("document.activeElement.blur()")
    await phone.type("body", "!h")
    assert await phone.run("return document.getElementById('box').value") == "!h"
