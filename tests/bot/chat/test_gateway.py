"""The gateway: sessions, resuming, compression, intents, and how it refuses."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import zlib
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest
from discord.ext import commands

from bot.chat import ChatServer, Driver, point_discord_at
from bot.chat.permissions import Permission
from tests.bot.chat.conftest import Bot, running
from tests.rooms import PATIENCE, soon

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Raw:
    """A websocket spoken to by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def read(self) -> dict[str, Any]:
        frame = await self.socket.receive(timeout=PATIENCE)
        assert frame.type is aiohttp.WSMsgType.TEXT, frame
        payload: dict[str, Any] = json.loads(frame.data)
        return payload

    async def until(self, event: str) -> dict[str, Any]:
        while True:
            payload = await self.read()
            if payload["t"] == event:
                return payload

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def identify(self, server: ChatServer, **more: object) -> dict[str, Any]:
        await self.send(2, {"token": server.token, "intents": 0b1111_1111_1111_1111, **more})
        return await self.until("READY")

    async def code(self) -> int | None:
        while (await self.socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


@pytest.fixture
async def raw(server: ChatServer, session: aiohttp.ClientSession) -> Raw:
    return Raw(await session.ws_connect(f"{server.gateway_url}?v=10&encoding=json"))


async def test_a_dropped_client_resumes_and_misses_nothing(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    resumed = asyncio.create_task(bot.wait_for("resumed", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.gateway.drop()
    driver.say("said while it was away")
    await resumed
    await soon(lambda: bot.heard)
    assert [each.content for each in bot.heard] == ["said while it was away"]
    driver.say("said after")
    await soon(lambda: len(bot.heard) == 2)
    assert len(server.gateway.sessions) == 1


@pytest.mark.parametrize("order", ["reconnect", "invalid, resumable"])
async def test_clients_come_back_when_asked(
    bot: Bot, driver: Driver, server: ChatServer, order: str
) -> None:
    resumed = asyncio.create_task(bot.wait_for("resumed", timeout=PATIENCE))
    await asyncio.sleep(0)
    if order == "reconnect":
        server.gateway.ask_reconnect()
    else:
        server.gateway.invalidate(resumable=True)
    await resumed
    driver.say("still there?")
    await soon(lambda: bot.heard)


async def test_an_invalid_session_identifies_anew(
    bot: Bot, driver: Driver, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = set(server.gateway.sessions)
    ready = asyncio.create_task(bot.wait_for("ready", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.gateway.invalidate()
    await ready
    assert not old & set(server.gateway.sessions)
    driver.say("anew")
    await soon(lambda: bot.heard)


async def test_a_lost_session_runs_out(raw: Raw, server: ChatServer) -> None:
    ready = await raw.identify(server)
    server.gateway.resume_window = 0.0
    server.gateway.drop()
    await soon(lambda: not server.gateway.online)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(server.gateway_url) as socket,
    ):
        again = Raw(socket)
        await again.read()
        resume = {"token": server.token, "session_id": ready["d"]["session_id"], "seq": ready["s"]}
        await again.send(6, resume)
        assert await again.read() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_resume_replays_in_order(
    raw: Raw, server: ChatServer, driver: Driver, session: aiohttp.ClientSession
) -> None:
    ready = await raw.identify(server)
    last = (await raw.until("GUILD_CREATE"))["s"]
    for number in range(3):
        driver.say(str(number))
    again = Raw(await session.ws_connect(server.gateway_url))
    await again.read()
    body = {"token": server.token, "session_id": ready["d"]["session_id"], "seq": last}
    await again.send(6, body)
    replayed = [await again.read() for _ in range(4)]
    assert [each["t"] for each in replayed] == ["MESSAGE_CREATE"] * 3 + ["RESUMED"]
    assert [each["s"] for each in replayed] == list(range(last + 1, last + 5))
    third = Raw(await session.ws_connect(server.gateway_url))
    await third.read()
    await third.send(6, body | {"seq": 10_000})
    assert (await third.read())["op"] == 9


async def test_the_client_notices_a_dead_server_and_the_server_a_dead_client(
    session: aiohttp.ClientSession,
) -> None:
    async with ChatServer() as server:
        raw = Raw(await session.ws_connect(server.gateway_url))
        await raw.identify(server)
        server.gateway.heartbeat = 0.05
        await raw.send(1, None)  # from now on it waits only for so long
        assert await raw.code() == 4009
        assert not server.gateway.sessions
        server.gateway.heartbeat = 0.5
        client = commands.Bot(
            "!", intents=discord.Intents.all(), guild_ready_timeout=0.05, heartbeat_timeout=0.8
        )
        async with running(server, client):
            resumed = asyncio.create_task(client.wait_for("resumed", timeout=PATIENCE))
            await asyncio.sleep(0)
            server.gateway.deaf = True
            await resumed
            server.gateway.deaf = False


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("not json", 4002),
        (json.dumps([1]), 4002),
        (json.dumps({"op": 3, "d": {}}), 4003),
        (json.dumps({"op": 2, "d": {"token": "wrong", "intents": 1}}), 4004),
        (json.dumps({"op": 2, "d": 7}), 4002),
        (json.dumps({"op": 2, "d": {"token": "TOKEN", "intents": 1 << 60}}), 4013),
        (json.dumps({"op": 2, "d": {"token": "TOKEN", "intents": "all"}}), 4013),
        (json.dumps({"op": 2, "d": {"token": "TOKEN", "intents": 1, "shard": [3, 2]}}), 4010),
        (json.dumps({"op": 1, "d": "x" * 5000}), 4002),
    ],
)
async def test_wrong_payloads_close_with_their_code(
    raw: Raw, server: ChatServer, payload: str, code: int
) -> None:
    await raw.read()
    await raw.socket.send_str(payload.replace("TOKEN", server.token))
    assert await raw.code() == code


async def test_twice_identified_and_unknown_ops(
    raw: Raw, server: ChatServer, session: aiohttp.ClientSession
) -> None:
    await raw.identify(server)
    await raw.send(2, {"token": server.token, "intents": 1})
    assert await raw.code() == 4005
    other = Raw(await session.ws_connect(server.gateway_url))
    await other.identify(server)
    await other.send(99, {})
    assert await other.code() == 4001


async def test_floods_are_cut_off(raw: Raw, server: ChatServer) -> None:
    await raw.identify(server)
    for _ in range(125):
        await raw.send(3, {"status": "online"})
    assert await raw.code() == 4008


@pytest.mark.parametrize(("query", "code"), [("?v=6", 4012), ("?encoding=etf", 4002)])
async def test_other_dialects_are_refused(
    server: ChatServer, session: aiohttp.ClientSession, query: str, code: int
) -> None:
    raw = Raw(await session.ws_connect(server.gateway_url + query))
    assert await raw.code() == code


@pytest.mark.parametrize("compression", ["zlib-stream", "zstd-stream"])
async def test_compressed_streams(
    server: ChatServer, driver: Driver, session: aiohttp.ClientSession, compression: str
) -> None:
    url = f"{server.gateway_url}?compress={compression}"
    if compression == "zlib-stream":
        decompress = zlib.decompressobj().decompress
    else:
        if importlib.util.find_spec("zstandard") is None:
            with pytest.raises(aiohttp.WSServerHandshakeError, match="400"):
                await session.ws_connect(url)
            return
        zstandard = pytest.importorskip("zstandard")
        decompress = zstandard.ZstdDecompressor().decompressobj().decompress
    socket = await session.ws_connect(url)

    async def read() -> dict[str, Any]:
        data = await socket.receive_bytes(timeout=PATIENCE)
        payload: dict[str, Any] = json.loads(decompress(data))
        return payload

    assert (await read())["op"] == 10
    await socket.send_json({"op": 2, "d": {"token": server.token, "intents": 512}})
    assert (await read())["t"] == "READY"
    for number in range(3):
        driver.say(f"나비 {number}")
        assert (await read())["t"] == "MESSAGE_CREATE"


async def test_privileged_intents_can_be_off(server: ChatServer) -> None:
    server.state.application.content_intent = False
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(server, Bot()):
            pass


async def test_a_wrong_token_is_refused(server: ChatServer) -> None:
    client = Bot()
    with point_discord_at(server), pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()


async def test_content_is_withheld_without_the_intent(server: ChatServer, driver: Driver) -> None:
    intents = discord.Intents.default()
    client = Bot(intents)
    async with running(server, client):
        driver.say("secret", files=[("tune.mid", b"MThd")])
        driver.say(f"{server.bot_user.mention} open", files=[("tune.mid", b"MThd")])
        driver.say("private", channel=server.direct(server.member))
        room = await client.room(server)
        own = await room.send("mine")
        record = server.channel.messages[own.id]
        driver.say("a reply that pings", reply_to=record)
        driver.say("a reply that does not", reply_to=record, ping=False)
        await soon(lambda: len(client.heard) == 5)
        contents = [each.content for each in client.heard]
        assert contents == [
            "",
            f"{server.bot_user.mention} open",
            "private",
            "a reply that pings",
            "",
        ]
        assert [len(each.attachments) for each in client.heard] == [0, 1, 0, 0, 0]
    assert client.faults == []


async def test_rest_withholds_content_too(server: ChatServer, driver: Driver) -> None:
    server.state.application.content_intent = False
    client = Bot(discord.Intents.default())
    async with running(server, client):
        message = driver.say("secret")
        fetched = await (await client.room(server)).fetch_message(message.id)
        assert fetched.content == ""


async def test_events_need_their_intent_and_a_view_of_the_channel(
    server: ChatServer, driver: Driver
) -> None:
    hidden = server.state.add_channel(server.guild, "비밀")
    server.state.overwrite(hidden, server.guild.everyone, deny=Permission.VIEW_CHANNEL)
    server.state.overwrite(hidden, server.member, allow=Permission.VIEW_CHANNEL)
    client = Bot(discord.Intents(guilds=True, guild_messages=True))
    async with running(server, client):
        driver.say("hidden", channel=hidden)
        driver.say("direct", channel=server.direct(server.member))
        driver.say("seen")
        await soon(lambda: client.heard)
        assert [each.channel.id for each in client.heard] == [server.channel.id]
        with pytest.raises(discord.Forbidden) as unseen:
            await client.fetch_channel(hidden.id)
        assert unseen.value.code == 50001


async def test_shards_share_the_guilds(server: ChatServer, driver: Driver) -> None:
    for number in range(5):
        server.add_guild(f"guild {number}", "general")

    class Sharded(commands.AutoShardedBot):
        async def before_identify_hook(
            self, shard_id: int | None, *, initial: bool = False
        ) -> None:
            pass

    client = Sharded("!", intents=discord.Intents.all(), shard_count=2, guild_ready_timeout=0.05)
    heard: list[discord.Message] = []
    client.add_listener(_keep(heard), "on_message")
    async with running(server, client):
        assert {guild.name for guild in client.guilds} == {
            guild.name for guild in server.state.guilds.values() if guild is not server.elsewhere
        }
        assert {guild.shard_id for guild in client.guilds} <= {0, 1}
        for text in ("hello", "and goodbye"):  # what came twice would come before the goodbye
            for guild in server.state.guilds.values():
                driver.say(text, channel=next(iter(guild.channels.values())))
        await soon(lambda: [each.content for each in heard].count("and goodbye") == 6)
        assert len(heard) == 12


def _keep(heard: list[discord.Message]) -> Any:
    async def on_message(message: discord.Message) -> None:
        heard.append(message)

    return on_message


async def test_members_are_sent_in_chunks_and_found_by_name(bot: Bot, server: ChatServer) -> None:
    for number in range(1005):
        server.state.add_member(server.guild, server.state.add_user(f"person{number}"))
    guild = bot.guilds[0]
    assert len(await guild.chunk() or []) == 1009
    assert [each.name for each in await guild.query_members("person777")] == ["person777"]
    found = await guild.query_members(user_ids=[server.member.id, 5])
    assert [each.id for each in found] == [server.member.id]
    fetched = [each async for each in guild.fetch_members(limit=None)]
    assert len(fetched) == 1009


async def test_closing_ends_everything() -> None:
    server = ChatServer()
    await server.start()
    async with aiohttp.ClientSession() as session:
        raw = Raw(await session.ws_connect(server.gateway_url))
        await raw.identify(server)
        code = asyncio.create_task(raw.code())
        await asyncio.sleep(0)
        await server.close()
        assert await code == 1001
    assert not server.gateway.online


def test_the_addresses_are_put_back() -> None:
    before = (discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY)
    server = ChatServer()
    with point_discord_at(server):
        assert server.api_base == discord.http.Route.BASE
        assert server.cdn_base == discord.Asset.BASE
    assert before == (
        discord.http.Route.BASE,
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", "::"])  # refused
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        ChatServer(host)
