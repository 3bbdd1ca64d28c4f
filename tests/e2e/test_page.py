"""The page in a real browser, with a small bot of discord.py behind it."""

from __future__ import annotations

import asyncio
import io
import wave
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot.chat import ChatServer
from bot.chat.cdn import square
from tests.bot.chat.conftest import Bot, running
from tests.e2e.browser import Browser
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def tone() -> bytes:
    """Half a second of a quiet square wave."""
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((b"\0\1" * 10 + b"\0\xff" * 10) * 200)
    return data.getvalue()


class Result(discord.ui.View):
    """What stands under a result."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.defer(thinking=True)
        await interaction.followup.send("another tune", files=files())

    @discord.ui.button(label="Secret", custom_id="secret")
    async def secret(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.send_message("for your eyes", ephemeral=True)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: discord.Interaction[Any], _button: object) -> None:
        await interaction.response.send_modal(Asking())

    @discord.ui.button(label="Silent", custom_id="silent")
    async def silent(self, interaction: discord.Interaction[Any], _button: object) -> None:
        """Let the time run out."""

    @discord.ui.select(
        placeholder="Style", options=[discord.SelectOption(label=each) for each in ("folk", "bach")]
    )
    async def style(
        self, interaction: discord.Interaction[Any], select: discord.ui.Select[Any]
    ) -> None:
        await interaction.response.edit_message(content=f"in the style of {select.values[0]}")


class Asking(discord.ui.Modal, title="Asking"):
    tune: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Tune")

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"asked for {self.tune.value}")


def files() -> list[discord.File]:
    parts = (
        ("score.png", square(b"\xff\xd5\x8a", 200)),
        ("nabi.wav", tone()),
        ("nabi.mid", b"MThd"),
    )
    return [discord.File(io.BytesIO(data), name) for name, data in parts]


def small_bot(composing: asyncio.Event) -> Bot:
    """Make a bot whose tunes are ready once an event is set."""
    client = Bot()

    @client.listen()
    async def on_message(message: discord.Message) -> None:
        if message.content.startswith("!continue") and not message.author.bot:
            async with message.channel.typing():
                await composing.wait()
                text = f"```\n{message.content}\n```**bold** <script>alert(1)</script>"
                await message.reply(text, files=files(), view=Result())

    @client.tree.command(name="continue", description="Continue a tune")
    async def go_on(
        interaction: discord.Interaction[Any],
        melody: str,
        bars: app_commands.Range[int, 1, 64] = 8,
        file: discord.Attachment | None = None,
    ) -> None:
        size = file.size if file else 0
        await interaction.response.send_message(f"{melody} for {bars} with {size}")

    @client.tree.context_menu(name="Continue this")
    async def this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"would continue {message.content}")

    return client


@pytest.fixture
def composing() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
async def page(composing: asyncio.Event) -> AsyncIterator[tuple[ChatServer, Browser]]:
    async with ChatServer(interaction_deadline=PATIENCE) as server:
        client = small_bot(composing)
        async with running(server, client):
            await client.tree.sync()
            browser = await Browser.open()
            try:
                await browser.visit(server.url)
                yield server, browser
                assert await browser.problems() == []
            finally:
                await browser.close()
        assert client.faults == []


LOADED = """
    const image = [...document.querySelectorAll(".picture img")].pop();
    return image && image.complete && image.naturalWidth;
"""
AT_END = """
    const log = document.getElementById("log");
    return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
"""
NOTE_LOSS = """
    const status = document.getElementById("status");
    const note = () => { window.wasLost ||= status.classList.contains("lost"); };
    new MutationObserver(note).observe(status, {attributes: true});
"""
PLAYED = """
    const sound = [...document.querySelectorAll("audio")].pop();
    if (!sound) return false;
    if (sound.paused && !sound.dataset.begun) {
        sound.dataset.begun = "1";
        sound.play();
    }
    return sound.currentTime > 0;
"""


async def test_a_newcomer_types_a_tune_sees_it_hears_it_and_asks_again(
    page: tuple[ChatServer, Browser], composing: asyncio.Event
) -> None:
    server, browser = page
    await browser.see("!continue g8 e8 e4 f8", ".welcome")
    await browser.click(".example")
    composing.clear()
    await browser.type("#box", "\n")
    await browser.see("Nabi is typing", "#typing")
    composing.set()
    assert await browser.until(LOADED) == 200
    assert await browser.until(PLAYED)
    # the newest stays in view although pictures and players grow
    await browser.until(AT_END)
    await browser.see("!continue g8 e8 e4 f8", ".message pre")
    await browser.see("<script>alert(1)</script>", ".message .text")
    await browser.see("bold", ".message strong")
    link = await browser.find("a[download='nabi.mid']")
    script = "return fetch(arguments[0].href).then((answer) => answer.text())"
    assert await browser.run(script, link) == "MThd"
    await browser.click(".button", "Again")
    await browser.see("another tune", ".message .text")
    await browser.until("return document.querySelectorAll('.picture img').length === 2")
    assert await browser.until(LOADED) == 200
    await browser.click(".picture button")
    await browser.until("return document.querySelector('dialog.lightbox[open] img')")
    await browser.click(".lightbox-bar button")
    await browser.until("return !document.querySelector('dialog')")
    assert len(server.channel.messages) == 3


async def test_components_modals_and_what_only_one_person_sees(
    page: tuple[ChatServer, Browser],
) -> None:
    server, browser = page
    await browser.type("#box", "!continue a\n")
    await browser.click(".button", "Secret")
    await browser.see("for your eyes", ".ephemeral")
    await browser.see("Only you can see this", ".ephemeral")
    await browser.click(".button", "Ask")
    await browser.type("dialog.modal input", "c4 <b>")
    await browser.click("dialog.modal .primary")
    await browser.see("asked for c4 <b>", ".message .text")
    await browser.click("button.select", "Style")
    await browser.click(".menu .option", "bach")
    await browser.see("in the style of bach", ".message .text")
    server.interactions.deadline = 0.5
    await browser.click(".button", "Silent")
    await browser.see("did not respond", "#toasts")
    server.interactions.deadline = PATIENCE
    await browser.click(".segments label", "Administrator")
    await browser.until("return document.querySelector('.segments .on').innerText.includes('Adm')")
    await browser.see("asked for c4 <b>", ".message .text")
    await browser.until("return !document.querySelector('.ephemeral')")
    await browser.type("#box", "from above\n")
    await browser.see("from above", ".message .text")
    assert next(reversed(server.channel.messages.values())).author is server.administrator


async def test_slash_commands_files_replies_and_menus(page: tuple[ChatServer, Browser]) -> None:
    server, browser = page
    await browser.see("online", ".presence")
    await browser.type("#box", "/")
    await browser.see("Continue a tune", ".command-list")
    await browser.type("#box", "con\n")
    await browser.type("#option-melody", "g8 e8")
    await browser.type("#option-bars", "4")
    await browser.click(".command-form .primary")
    await browser.see("g8 e8 for 4 with 0", ".message .text")
    await browser.see("Member used /continue", ".above")
    await browser.type("#box", "/continue melody:c4 d4\n")  # a line that was copied
    await browser.type("#option-bars", "2")
    await browser.click(".command-form .primary")
    await browser.see("c4 d4 for 2 with 0", ".message .text")
    await browser.run(
        "const data = new DataTransfer(); data.items.add(new File(['MThd'], '나비.mid'));"
        "const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});"
        "document.getElementById('log').dispatchEvent(drop);"
    )
    await browser.see("나비.mid", ".tray")
    await browser.type("#box", "a file\n")
    await browser.see("나비.mid", ".message .card")
    message = next(reversed(server.channel.messages.values()))
    assert message.attachment("나비.mid").data == b"MThd"
    await browser.run("document.querySelector('.message:last-child').focus()")
    await browser.click(".message:last-child .tools button[aria-label='More']")
    await browser.click(".menu button", "Continue this")
    await browser.see("would continue a file", ".message .text")
    await browser.click(".message:last-child .tools button[aria-label='More']")
    await browser.click(".menu button", "Reply")
    await browser.see("Replying to Nabi", ".reply-bar")
    await browser.type("#box", "thanks **a lot**\n")
    await browser.see("would continue a file", ".above")
    reply = next(reversed(server.channel.messages.values()))
    assert reply.reference is not None
    assert reply.mentions == [server.bot_user]


async def test_languages_channels_and_a_lost_connection(page: tuple[ChatServer, Browser]) -> None:
    server, browser = page
    await browser.see("Welcome to #음악", ".welcome")
    await browser.click(".segments label", "한국어")
    await browser.see("#음악 채널에 오신 것을 환영합니다", ".welcome")
    await soon(lambda: server.guild.locale == "ko")
    assert await browser.run("return document.documentElement.lang") == "ko"
    await browser.click(".channel", "Nabi")
    await browser.see("@Nabi", ".welcome")
    await browser.type("#box", "!continue 솔8\n")
    await browser.see("!continue 솔8", ".message pre")
    assert len(server.direct(server.member).messages) == 2
    server.people.say(server.administrator, server.channel, "elsewhere")
    await browser.until("return document.querySelector('.channel.unread')")
    await browser.click(".channel", "음악")
    await browser.see("elsewhere", ".message .text")
    await browser.run(NOTE_LOSS)
    await server.page_sockets.close()
    await browser.until("return window.wasLost")  # soon it has another connection
    await browser.until("return !document.querySelector('#status.lost')")
    server.people.say(server.administrator, server.channel, "after")
    await browser.see("after", ".message .text")


async def test_it_fits_a_phone(page: tuple[ChatServer, Browser]) -> None:
    server, browser = page
    await browser.type("#box", "!continue " + "g8 " * 200 + "\n")
    await browser.until(LOADED)
    narrow = await Browser.open(500, 740, "ko-KR")
    try:
        await narrow.visit(server.url)
        await narrow.until(LOADED)
        wide = "return document.documentElement.scrollWidth > innerWidth"
        assert not await narrow.run(wide)
        await narrow.click(".burger")
        await narrow.see("말하는 사람", "#sidebar")
        assert await narrow.problems() == []
    finally:
        await narrow.close()


async def test_the_address_of_a_message_leads_to_it_here(page: tuple[ChatServer, Browser]) -> None:
    server, browser = page
    hall = server.guild.channel("연습실")
    there = server.people.say(server.member, hall, "far away")
    address = f"https://discord.com/channels/{server.guild.id}/{hall.id}/{there.id}"
    server.people.say(server.member, server.channel, f"look: {address}, or https://discord.com/x")
    await browser.click(".jump-link")
    await browser.see("far away", f".message[data-id='{there.id}']")
    await browser.until("return document.activeElement.dataset.id === arguments[0]", str(there.id))
