"""The page's own API: what a browser may do, see and hear."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

import bot.chat
from bot.chat.permissions import Permission
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.chat import ChatServer, Driver
    from tests.bot.chat.conftest import Bot

PAGE = Path(bot.chat.__file__).parent / "page"


class Page:
    """What the page's script does, without a browser."""

    def __init__(self, server: ChatServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http
        self.me = server.member

    async def act(self, action: str, status: int = 200, **values: Any) -> Any:
        body = {"as": str(self.me.id), "channel": str(self.server.channel.id), **values}
        url = f"{self.server.url}chat/{action}"
        async with self.http.post(url, json=body, headers={"X-Nabi-Chat": "1"}) as response:
            assert response.status == status, await response.text()
            return await response.json() if status != 204 else None

    async def get(self, what: str, status: int = 200, **values: str) -> Any:
        values = {"as": str(self.me.id), "channel": str(self.server.channel.id), **values}
        async with self.http.get(f"{self.server.url}chat/{what}", params=values) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def listen(self) -> Socket:
        url = f"{self.server.url}chat/socket?as={self.me.id}"
        return Socket(await self.http.ws_connect(url, origin=self.server.url.rstrip("/")))


class Socket:
    """The page's line to the server."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def until(self, name: str) -> Any:
        while True:
            news = json.loads(await self.socket.receive_str(timeout=PATIENCE))
            if news["t"] == name:
                return news["d"]


@pytest.fixture
async def page(server: ChatServer) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession() as http:
        yield Page(server, http)


async def test_the_page_is_served_with_strict_headers(page: Page) -> None:
    async with page.http.get(page.server.url) as response:
        text = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert response.content_type == "text/html"
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"
    for name in re.findall(r'(?:src|href)="/([^"]+)"', text):
        async with page.http.get(page.server.url + name) as response:
            assert response.status == 200
            assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_only_the_pages_own_files_are_served(page: Page) -> None:
    for name in ("..%2Fserver.py", "%2e%2e%2fserver.py", "server.py", "nothing.js", "%00.js"):
        async with page.http.get(f"{page.server.url}page/{name}") as response:
            assert response.status == 404, name


def test_the_page_loads_nothing_from_elsewhere_and_builds_no_markup_from_text() -> None:
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8")
        addresses = set(re.findall(r"https?://[\w.-]+", text))
        assert addresses <= {"http://www.w3.org"}, path
        unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
        assert not re.search(unsafe, text), path
        assert not re.search(r"\sstyle=|\son\w+=\"", text), path


async def test_acting_needs_the_pages_mark(page: Page) -> None:
    body = {"as": str(page.me.id), "channel": str(page.server.channel.id), "content": "x"}
    async with page.http.post(f"{page.server.url}chat/say", json=body) as response:
        assert response.status == 403
    headers = {"X-Nabi-Chat": "1", "Origin": "http://evil.example"}
    url = f"{page.server.url}chat/say"
    async with page.http.post(url, json=body, headers=headers) as response:
        assert response.status == 403
    assert not page.server.channel.messages


async def test_nobody_speaks_as_the_bot_or_as_a_stranger(page: Page) -> None:
    for who in (str(page.server.bot_user.id), "5", "x", "", None):
        await page.act("say", 404, **{"as": who, "content": "x"})
    assert not page.server.channel.messages


async def test_saying_and_hearing(page: Page, bot: Bot) -> None:
    socket = await page.listen()
    ready = await socket.until("READY")
    assert ready["online"] is True
    assert [each["name"] for each in ready["guilds"][0]["channels"]] == ["음악", "연습실", "글만"]
    said = await page.act("say", content="hello <b>")
    heard = await socket.until("MESSAGE_CREATE")
    assert (heard["id"], heard["content"]) == (said["id"], "hello <b>")
    await soon(lambda: bot.heard)
    await bot.heard[0].add_reaction("🎵")
    changed = await socket.until("MESSAGE_UPDATE")
    assert changed["reactions"][0] | {"me": False} == changed["reactions"][0]
    await bot.heard[0].reply("answer")
    answer = await socket.until("MESSAGE_CREATE")
    assert answer["referenced_message"]["content"] == "hello <b>"
    assert [each["content"] for each in await page.get("messages")] == ["hello <b>", "answer"]
    await page.act("react", 204, message=said["id"], emoji="🎵")
    assert (await socket.until("MESSAGE_UPDATE"))["reactions"][0]["me"] is True
    await page.act("edit", 204, message=said["id"], content="changed")
    assert (await socket.until("MESSAGE_UPDATE"))["content"] == "changed"
    await page.act("delete", 403, message=answer["id"])
    await page.act("delete", 204, message=said["id"])
    assert (await socket.until("MESSAGE_DELETE"))["id"] == said["id"]
    page.server.gateway.drop()
    assert (await socket.until("CHAT_PRESENCE"))["online"] is False


async def test_files_go_up_and_have_a_limit(page: Page) -> None:
    form = aiohttp.FormData(quote_fields=False)
    body = {"as": str(page.me.id), "channel": str(page.server.channel.id)}
    form.add_field("payload_json", json.dumps(body))
    form.add_field("files[0]", b"MThd", filename="나비.mid")
    headers = {"X-Nabi-Chat": "1"}
    url = f"{page.server.url}chat/say"
    async with page.http.post(url, data=form, headers=headers) as response:
        assert response.status == 200
    (message,) = page.server.channel.messages.values()
    assert message.attachment("나비.mid").data == b"MThd"
    big = aiohttp.FormData(quote_fields=False)
    big.add_field("payload_json", json.dumps(body))
    large = io.BytesIO(bytes(page.server.upload_limit + 1))
    big.add_field("files[0]", large, filename="big.mid")
    async with page.http.post(url, data=big, headers=headers) as response:
        assert response.status == 413
    assert len(page.server.channel.messages) == 1


async def test_ephemeral_answers_modals_and_failures_reach_one_page(
    page: Page, bot: Bot, server: ChatServer
) -> None:
    class Asking(discord.ui.Modal, title="Asking"):
        tune: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Tune", custom_id="tune")

        async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(self.tune.value, ephemeral=True)

    @bot.tree.command(description="Ask")
    async def ask(interaction: discord.Interaction[Any], how: str) -> None:
        if how == "modal":
            await interaction.response.send_modal(Asking())

    @ask.autocomplete("how")
    async def how(
        _interaction: discord.Interaction[Any], current: str
    ) -> list[discord.app_commands.Choice[str]]:
        return [discord.app_commands.Choice(name="Modal", value=f"{current}dal")]

    mine = await page.listen()
    other = Page(server, page.http)
    other.me = server.administrator
    theirs = await other.listen()
    await mine.until("READY")
    await bot.tree.sync()
    await mine.until("CHAT_COMMANDS")
    assert [each["name"] for each in await page.get("commands")] == ["ask"]
    choices = await page.act("complete", name="ask", focused="how", options={"how": "mo"})
    assert choices == [{"name": "Modal", "value": "modal"}]
    await page.act("slash", name="ask", options={"how": "modal"})
    opened = await mine.until("CHAT_MODAL")
    assert opened["modal"]["title"] == "Asking"
    values = {"interaction": opened["interaction"], "values": {"tune": "g8"}}
    await other.act("submit", 404, **values)
    await page.act("submit", **values)
    secret = await mine.until("MESSAGE_CREATE")
    assert (secret["content"], secret["flags"]) == ("g8", 64)
    assert [each["content"] for each in await page.get("messages")] == ["g8"]
    assert await other.get("messages") == []
    page.server.interactions.deadline = 0.05
    await page.act("slash", name="ask", options={"how": "silence"})
    failed = await mine.until("CHAT_INTERACTION_FAILED")
    assert failed["channel_id"] == str(server.channel.id)
    await page.act("delete", 204, message=secret["id"])
    await other.act("say", content="last")
    names: list[str] = []
    while not names or names[-1] != "MESSAGE_CREATE":
        names.append(json.loads(await theirs.socket.receive_str(timeout=PATIENCE))["t"])
    assert set(names) <= {"READY", "CHAT_COMMANDS", "CHAT_PRESENCE", "MESSAGE_CREATE"}


async def test_menus_of_people_and_messages(page: Page, bot: Bot, server: ChatServer) -> None:
    @bot.tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction[Any], member: discord.Member) -> None:
        await interaction.response.send_message(f"hello {member.name}")

    @bot.tree.context_menu(name="Read")
    async def read(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"it says {message.content}")

    await bot.tree.sync()
    socket = await page.listen()
    said = await page.act("say", content="hello")
    await page.act("menu", name="Greet", user=str(server.friend.id))
    await page.act("menu", name="Read", message=said["id"])
    heard = {(await socket.until("MESSAGE_CREATE"))["content"] for _ in range(3)}
    assert heard == {"hello", "hello friend", "it says hello"}
    stranger = server.state.add_user("stranger")
    await page.act("menu", 404, name="Greet", user=str(stranger.id))
    await page.act("menu", 404, name="Greet", message=said["id"])
    await page.act("menu", 404, name="Read", user=str(server.friend.id))


async def test_files_are_described(page: Page, server: ChatServer) -> None:
    form = aiohttp.FormData()
    body = {
        "as": str(page.me.id),
        "channel": str(server.channel.id),
        "descriptions": {"1": "the second", "7": "none", "0": ""},
    }
    form.add_field("payload_json", json.dumps(body))
    for number in range(3):
        form.add_field(f"files[{number}]", b"MThd", filename=f"{number}.mid")
    headers = {"X-Nabi-Chat": "1"}
    async with page.http.post(f"{server.url}chat/say", data=form, headers=headers) as response:
        assert response.status == 200
    (message,) = server.channel.messages.values()
    assert [each.description for each in message.attachments] == [None, "the second", None]


async def test_pages_are_told_of_places(page: Page, server: ChatServer) -> None:
    socket = await page.listen()
    await socket.until("READY")
    room = str(server.channel.id)
    await page.act("permission", 403, permission="ATTACH_FILES", granted=False)
    await page.act("tier", 403, tier=2)
    page.me = server.administrator
    await page.act("permission", 204, permission="ATTACH_FILES", granted=False)
    places = await socket.until("PLACES")
    shown = places["guilds"][0]["channels"][0]
    assert shown["id"] == room
    assert not int(shown["bot_permissions"]) & Permission.ATTACH_FILES
    await page.act("tier", 204, tier=3)
    places = await socket.until("PLACES")
    assert places["guilds"][0]["channels"][0]["upload_limit"] == 100 * 1024 * 1024
    await page.act("tier", 400, tier=4)
    server.places.overwrite(server.channel, server.guild.everyone, deny=Permission.VIEW_CHANNEL)
    places = await socket.until("PLACES")
    assert room not in {each["id"] for each in places["guilds"][0]["channels"]}


async def test_hidden_channels_stay_hidden(page: Page, driver: Driver, server: ChatServer) -> None:
    hidden = server.state.add_channel(server.guild, "비밀")
    server.state.overwrite(hidden, server.guild.everyone, deny=Permission.VIEW_CHANNEL)
    socket = await page.listen()
    ready = await socket.until("READY")
    assert "비밀" not in json.dumps(ready, ensure_ascii=False)
    admin = server.people.say(server.administrator, hidden, "secret")
    await page.get("messages", 403, channel=str(hidden.id))
    await page.act("react", 403, channel=str(hidden.id), message=str(admin.id), emoji="🎵")
    await page.get("messages", 404, channel="5")
    direct = server.direct(server.administrator)
    server.people.say(server.administrator, direct, "private")
    await page.get("messages", 403, channel=str(direct.id))
    driver.say("seen")
    assert (await socket.until("MESSAGE_CREATE"))["content"] == "seen"


async def test_the_rooms_speak_the_pages_language(page: Page, bot: Bot) -> None:
    guild = bot.guilds[0]
    assert guild.preferred_locale is discord.Locale.korean
    await page.act("language", 204, locale="en")
    await soon(lambda: guild.preferred_locale is discord.Locale.american_english)
    assert page.server.elsewhere.locale == "en-US"  # where the bot is no member, and hears nothing
    await page.act("language", 204, locale="ko")
    await soon(lambda: guild.preferred_locale is discord.Locale.korean)
    assert guild.name == page.server.guild.name
    assert len(guild.text_channels) == 3


async def test_older_messages_come_in_pages(page: Page, driver: Driver) -> None:
    for number in range(7):
        driver.say(str(number))
    last = await page.get("messages", limit="3")
    assert [each["content"] for each in last] == ["4", "5", "6"]
    before = await page.get("messages", limit="3", before=last[0]["id"])
    assert [each["content"] for each in before] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("action", "values", "status"),
    [
        ("say", {"content": "x" * 2001}, 400),
        ("say", {"content": ""}, 400),
        ("say", {"content": "x", "reply_to": "5"}, 404),
        ("react", {"message": "5", "emoji": "🎵"}, 404),
        ("use", {"message": "5", "custom_id": "x"}, 404),
        ("slash", {"name": "nothing", "options": {}}, 404),
        ("slash", {"name": "", "options": {}}, 404),
        ("menu", {"message": "5", "name": "x"}, 404),
        ("submit", {"interaction": "5", "values": {}}, 404),
        ("submit", {"interaction": "x", "values": {}}, 404),
        ("submit", {"interaction": [], "values": 5}, 404),
        ("slash", {"name": 5, "options": [1]}, 404),
        ("typing", {"channel": "5"}, 404),
        ("edit", {"message": [], "content": "x"}, 404),
    ],
)
async def test_wrong_requests_are_refused(
    page: Page, action: str, values: dict[str, Any], status: int
) -> None:
    await page.act(action, status, **values)
