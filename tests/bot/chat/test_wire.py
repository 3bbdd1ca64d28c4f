"""HTTP itself: who is let in, limits, faults, broken bodies, files."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import pytest

from bot.chat import ChatServer, Driver, Fault, RateLimit
from bot.chat.limits import Faults, fault_error
from bot.chat.media import content_type_of, image_size, serving_type, stored_name
from tests.bot.chat.conftest import Bot, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def http(server: ChatServer) -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession(headers=headers) as one:
        yield one


@pytest.mark.parametrize("token", [None, "Bot wrong", "Bearer TOKEN", "TOKEN"])
async def test_only_the_bots_token_opens_the_api(server: ChatServer, token: str | None) -> None:
    headers = {"Authorization": token.replace("TOKEN", server.token)} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{server.api_base}/users/@me") as response,
    ):
        assert response.status == 401
        assert await response.json() == {"message": "401: Unauthorized", "code": 0}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://AUTHORITY"}, 200),
        ({"Host": "localhost:PORT"}, 200),
        ({"Host": "evil.example:PORT"}, 421),
        ({"Host": "evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://AUTHORITY"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
@pytest.mark.parametrize("path", ["", "api/v10/users/@me", "chat/identities"])
async def test_other_hosts_and_pages_are_turned_away(
    server: ChatServer,
    http: aiohttp.ClientSession,
    headers: dict[str, str],
    status: int,
    path: str,
) -> None:
    filled = {
        key: value.replace("AUTHORITY", server.authority).replace("PORT", str(server.port))
        for key, value in headers.items()
    }
    async with http.get(server.url + path, headers=filled) as response:
        assert response.status == status


async def test_a_link_from_elsewhere_may_lead_to_the_page_alone(
    server: ChatServer, http: aiohttp.ClientSession
) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    for path, status in (("", 200), (f"chat/messages?as={server.member.id}", 403)):
        async with http.get(server.url + path, headers=headers) as response:
            assert response.status == status


async def test_a_page_elsewhere_cannot_open_a_socket(
    server: ChatServer, http: aiohttp.ClientSession
) -> None:
    for path in ("gateway/", f"chat/socket?as={server.member.id}"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(server.url + path, origin="http://evil.example")
        assert refused.value.status == 403


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nothing", None, 404, 0),
        ("DELETE", "/users/@me", None, 405, 0),
        ("GET", "/channels/5", None, 404, 10003),
        ("GET", "/channels/abc", None, 400, 50035),
        ("GET", f"/channels/{'9' * 40}", None, 400, 50035),
        ("GET", "/users/5", None, 404, 10013),
        ("GET", "/guilds/5", None, 404, 10004),
        ("POST", "/channels/CHANNEL/messages", b"{broken", 400, 50109),
        ("POST", "/channels/CHANNEL/messages", b"[1]", 400, 50109),
        ("GET", "/channels/CHANNEL/messages?limit=500", None, 400, 50035),
        ("PUT", "/applications/5/commands", b"[]", 404, 10002),
        ("POST", "/users/@me/channels", b'{"recipient_id": "x"}', 400, 50035),
        ("POST", "/users/@me/channels", b"[]", 400, 50035),
        ("POST", "/interactions/5/token/callback", b'{"type": 4}', 404, 10062),
        ("POST", "/webhooks/5/token", b'{"content": "x"}', 404, 10015),
    ],
)
async def test_errors_have_discords_codes(
    *,
    server: ChatServer,
    http: aiohttp.ClientSession,
    method: str,
    path: str,
    body: bytes | None,
    status: int,
    code: int,
) -> None:
    url = server.api_base + path.replace("CHANNEL", str(server.channel.id))
    headers = {"Content-Type": "application/json"}
    async with http.request(method, url, data=body, headers=headers) as response:
        assert response.headers["Content-Type"] == "application/json"
        answer = await response.json()
    assert (response.status, answer["code"]) == (status, code)
    assert not server.channel.messages


_ROW = b'{"type": 1, "components": [%s]}'


@pytest.mark.parametrize(
    "body",
    [
        b'{"content": 5}',
        b'{"content": ["x"]}',
        b'{"embeds": 5}',
        b'{"embeds": [5]}',
        b'{"embeds": [{"footer": 5}]}',
        b'{"embeds": [{"fields": [3]}]}',
        b'{"embeds": [{"fields": {"a": 1}}]}',
        b'{"components": [5]}',
        b'{"components": {"a": 1}}',
        b'{"components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"}]}',
        b'{"components": [%s]}' % (_ROW % b"5"),
        b'{"components": [%s]}' % (_ROW % b'{"type": 3, "custom_id": "x", "options": [5]}'),
        b'{"components": [%s]}' % (_ROW % b'{"type": [], "custom_id": "x"}'),
        b'{"flags": "x"}',
        b'{"content": "x", "allowed_mentions": 5}',
        b'{"content": "x", "allowed_mentions": {"users": ["x"]}}',
        b'{"content": "x", "allowed_mentions": {"parse": 5}}',
        b'{"content": "x", "message_reference": 5}',
        b'{"content": "x", "attachments": [5, null], "embeds": [null]}',
    ],
)
async def test_hostile_messages_are_refused(
    server: ChatServer, http: aiohttp.ClientSession, body: bytes
) -> None:
    url = f"{server.api_base}/channels/{server.channel.id}/messages"
    headers = {"Content-Type": "application/json"}
    async with http.post(url, data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["code"] == 50035
    assert not server.channel.messages


async def test_a_fault_of_our_own_is_a_plain_500(
    server: ChatServer,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(server.actions, "typing", lambda *_: 1 // 0)
    url = f"{server.api_base}/channels/{server.channel.id}/typing"
    with caplog.at_level(logging.ERROR):
        async with http.post(url) as response:
            assert response.status == 500
            assert "ZeroDivision" not in await response.text()
    assert "ZeroDivisionError" in caplog.text


async def test_broken_forms_are_refused(server: ChatServer, http: aiohttp.ClientSession) -> None:
    url = f"{server.api_base}/channels/{server.channel.id}/messages"
    for body, kind in (
        (b"nonsense", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/form-data"),
        (b"--x\r\nContent-Disposition: form-data; name=payload_json\r\n\r\n{\r\n--x--\r\n",
         "multipart/form-data; boundary=x"),
    ):  # fmt: skip
        async with http.post(url, data=body, headers={"Content-Type": kind}) as response:
            assert response.status == 400
            assert (await response.json())["code"] in (50006, 50109)


async def test_rate_limits_are_told_and_kept() -> None:
    async with ChatServer(rate=RateLimit(3, 600)) as server:
        headers = {"Authorization": f"Bot {server.token}"}
        url = f"{server.api_base}/channels/{server.channel.id}/messages"
        async with aiohttp.ClientSession(headers=headers) as session:
            remaining = []
            for _ in range(4):
                async with session.post(url, json={"content": "x"}) as response:
                    remaining.append(response.headers["X-RateLimit-Remaining"])
                    answer = await response.json()
            assert remaining == ["2", "1", "0", "0"]
            assert response.status == 429
            assert 0 < answer["retry_after"] <= 600
            assert response.headers["Via"]
        assert len(server.channel.messages) == 3
    async with ChatServer(rate=RateLimit(3, 0.4)) as server:
        client = Bot()
        async with running(server, client):
            room = await client.room(server)
            await asyncio.gather(*(room.send(str(number)) for number in range(5)))
        assert len(server.channel.messages) == 5


async def test_ordered_faults_strike_and_the_client_tries_again(
    bot: Bot, server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    room = await bot.room(server)
    slow = Fault(429, "POST", "/channels/*/messages", seconds=0.02)
    everywhere = Fault(429, "POST", "/channels/*/messages", seconds=0.02, everywhere=True)
    server.faults.order(slow)
    server.faults.order(everywhere)
    await room.send("in the end")
    assert (slow.times, everywhere.times) == (0, 0)
    server.faults.order(Fault(403, "PATCH", "/channels/*/messages/*"))
    message = await room.send("edit me")
    with pytest.raises(discord.Forbidden):
        await message.edit(content="no")
    await message.edit(content="yes")
    server.faults.order(Fault(500, "POST", "/channels/*/messages", after=True))
    await room.send("twice")  # answered with 500 after it took effect, so it was sent again
    texts = [each.content for each in server.channel.messages.values()]
    assert texts == ["in the end", "yes", "twice", "twice"]
    server.faults.order(Fault(0, "POST", "/channels/*/messages", times=9))
    with pytest.raises(aiohttp.ClientError):
        await room.send("cut off")


def test_faults_are_found_by_method_and_path() -> None:
    faults = Faults()
    fault = faults.order(Fault(503, "GET", "/users/*", times=2))
    assert faults.strike("POST", "/users/1") is None
    assert faults.strike("GET", "/guilds/1") is None
    assert [faults.strike("GET", "/users/1") for _ in range(3)] == [fault, fault, None]
    assert fault_error(fault).status == 503


# Files


async def fetch(
    http: aiohttp.ClientSession, url: str, **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    async with http.get(url, headers=headers) as response:
        return response.status, await response.read(), dict(response.headers)


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("score.png", "image/png", True),
        ("nabi.ogg", "audio/ogg", True),
        ("notes.txt", "text/plain; charset=utf-8", True),
        ("nabi.mid", "application/octet-stream", False),
        ("evil.html", "application/octet-stream", False),
        ("evil.svg", "application/octet-stream", False),
        ("evil.xml", "application/octet-stream", False),
        ("evil.js", "application/octet-stream", False),
        ("noending", "application/octet-stream", False),
    ],
)
async def test_files_are_served_harmlessly(
    *,
    driver: Driver,
    http: aiohttp.ClientSession,
    name: str,
    kind: str,
    shown: bool,
) -> None:
    body = b"<script>alert(1)</script>"
    url = driver.say("", files=[(name, body)]).attachments[0].url
    status, data, headers = await fetch(http, url)
    assert (status, data, headers["Content-Type"]) == (200, body, kind)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith("inline" if shown else "attachment")
    download = (await fetch(http, url + "&download=1"))[2]["Content-Disposition"]
    assert download.startswith("attachment")


async def test_addresses_of_files_are_signed(
    driver: Driver, http: aiohttp.ClientSession, server: ChatServer
) -> None:
    message = driver.say("", files=[("a.txt", b"a")])
    url = message.attachments[0].url
    assert (await fetch(http, url))[0] == 200
    for wrong in (url.split("?")[0], url[:-1] + "!", url.replace("a.txt", "b.txt")):
        assert (await fetch(http, wrong))[0] == 404
    server.people.delete(server.member, message)
    assert (await fetch(http, url))[0] == 404


@pytest.mark.parametrize(
    ("asked", "status", "data", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_players_can_ask_for_parts(
    *,
    driver: Driver,
    http: aiohttp.ClientSession,
    asked: str,
    status: int,
    data: bytes,
    told: str | None,
) -> None:
    url = driver.say("", files=[("a.ogg", b"0123456789")]).attachments[0].url
    got = await fetch(http, url, Range=asked)
    assert (got[0], got[1], got[2].get("Content-Range")) == (status, data, told)


async def test_default_avatars_are_pictures(bot: Bot) -> None:
    assert bot.user is not None
    assert image_size(await bot.user.display_avatar.read()) == (64, 64)


def test_names_and_types_of_files() -> None:
    assert stored_name("nabi-2_b.MID") == ("nabi-2_b.MID", None)
    assert stored_name("../../etc/pass wd") == ("pass_wd", "pass wd")
    assert stored_name("Test 나비 (2).mid") == ("Test_2.mid", "Test 나비 (2)")
    assert stored_name("a\r\nSet-Cookie: x.mid") == ("a_Set-Cookie_x.mid", "a  Set-Cookie: x")
    name, title = stored_name("C:\\tunes\\나비.mid")
    assert re.fullmatch(r"[0-9a-f]{16}\.mid", name)
    assert title == "나비"
    assert stored_name("...")[0].isalnum()
    assert len(stored_name("x" * 5000 + ".mid")[0]) == 200
    assert content_type_of("A.MID") == "audio/midi"
    assert serving_type("text/html") == ("application/octet-stream", False)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"GIF89a" + bytes([3, 0, 2, 0]), (3, 2)),
        (b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + bytes([9, 0, 0, 4, 0, 0]), (10, 5)),
        (b"RIFF\0\0\0\0WEBPVP8L" + bytes(5) + bytes([9, 0, 1, 0]), (10, 5)),
        (b"\xff\xd8\xff\xe0\0\x04\0\0\xff\xc0\0\x11\x08\0\x05\0\x0a\0", (10, 5)),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff", None),
        (b"\xff\xd8" + b"\xff\xe0\0\0" * 50, None),
        (b"", None),
    ],
)
def test_sizes_of_pictures(data: bytes, size: Any) -> None:
    assert image_size(data) == size
