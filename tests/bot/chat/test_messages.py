"""Messages between a real client and people, both ways."""

from __future__ import annotations

import asyncio
import io

import aiohttp
import discord
import pytest

from bot.chat import ChatServer, Driver, Upload
from bot.chat.errors import ApiError
from bot.chat.permissions import Permission
from tests.bot.chat.conftest import Bot, running
from tests.rooms import PATIENCE, soon


async def test_a_client_gets_ready_with_its_guilds(bot: Bot, server: ChatServer) -> None:
    assert bot.user is not None
    assert bot.user.name == "Nabi"
    assert [guild.name for guild in bot.guilds] == [server.guild.name]
    assert [channel.name for channel in bot.guilds[0].text_channels] == ["음악", "연습실", "글만"]
    people = {"Nabi", "member", "administrator", "friend"}
    assert {member.name for member in bot.guilds[0].members} == people
    assert bot.guilds[0].owner_id == server.administrator.id


async def test_a_typed_message_is_answered_with_a_file(bot: Bot, driver: Driver) -> None:
    @bot.listen()
    async def on_message(message: discord.Message) -> None:
        if message.content == "!ping":
            async with message.channel.typing():
                file = discord.File(io.BytesIO(b"MThd"), "tune.mid", description="a tune")
                await message.reply("pong", file=file)

    question = driver.say("!ping")
    answer = await driver.reply(question)
    assert answer.content == "pong"
    tune = answer.attachment("tune.mid")
    assert (tune.data, tune.content_type, tune.description) == (b"MThd", "audio/midi", "a tune")
    assert answer.reference is not None
    assert answer.reference.message is question
    assert answer.mentions == [driver.user]


async def test_the_client_reads_what_people_attach(bot: Bot, driver: Driver) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(8) + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
    driver.say("", files=[("나비 tune.mid", b"MThd\0"), Upload("score.png", picture)])
    await soon(lambda: bot.heard)
    midi, image = bot.heard[0].attachments
    assert (midi.filename, midi.title) == ("tune.mid", "나비 tune")
    assert midi.size == 5
    assert await midi.read() == b"MThd\0"
    assert (image.width, image.height, image.content_type) == (640, 480, "image/png")


async def test_edit_delete_fetch_and_history(bot: Bot, driver: Driver, server: ChatServer) -> None:
    room = await bot.room(server)
    sent = [await room.send(f"number {number}") for number in range(5)]
    await sent[0].edit(content="changed", suppress=True)
    assert server.channel.messages[sent[0].id].content == "changed"
    assert server.channel.messages[sent[0].id].edited is not None
    await sent[1].delete()
    assert sent[1].id not in server.channel.messages
    with pytest.raises(discord.NotFound) as missing:
        await room.fetch_message(sent[1].id)
    assert missing.value.code == 10008
    assert [each.content async for each in room.history(limit=2)] == ["number 4", "number 3"]
    older = [each.content async for each in room.history(limit=9, before=sent[3])]
    assert older == ["number 2", "changed"]
    after = [each.content async for each in room.history(after=sent[2], oldest_first=True)]
    assert after == ["number 3", "number 4"]
    around = [each.content async for each in room.history(around=sent[3], limit=3)]
    assert set(around) == {"number 2", "number 3", "number 4"}


async def test_an_edit_keeps_drops_and_adds_files(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    names = ("a.txt", "b.txt")
    message = await room.send(files=[discord.File(io.BytesIO(b"x"), name) for name in names])
    kept = server.channel.messages[message.id].attachments[1]
    addition = discord.File(io.BytesIO(b"z"), "c.txt")
    edited = await message.edit(attachments=[message.attachments[1], addition])
    assert [each.filename for each in edited.attachments] == ["b.txt", "c.txt"]
    assert server.channel.messages[message.id].attachments[0] is kept
    with pytest.raises(discord.HTTPException) as empty:
        await edited.edit(attachments=[])
    assert empty.value.code == 50006
    assert len(server.channel.messages[message.id].attachments) == 2


async def test_an_embed_takes_its_picture_from_the_files(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    embed = discord.Embed(title="score", colour=0x1565C0).set_image(url="attachment://score.png")
    message = await room.send(embed=embed, file=discord.File(io.BytesIO(b"\x89PNG"), "score.png"))
    assert message.attachments == []
    assert message.embeds[0].image.url is not None
    data = await bot.http.get_from_cdn(message.embeds[0].image.url)
    assert data == b"\x89PNG"
    assert server.channel.messages[message.id].attachment("score.png").data == b"\x89PNG"


@pytest.mark.parametrize(
    ("arguments", "field", "code"),
    [
        ({"content": "x" * 2001}, "content", 50035),
        ({"content": "  "}, None, 50006),
        ({"embed": discord.Embed(title="x" * 257)}, "title", 50035),
        ({"embed": discord.Embed(description="x" * 4097)}, "description", 50035),
        ({"embeds": [discord.Embed(description="x" * 4000)] * 2}, "embeds", 50035),
    ],
)
async def test_bad_messages_are_refused_as_discord_does(
    bot: Bot, server: ChatServer, arguments: dict[str, object], field: str | None, code: int
) -> None:
    room = await bot.room(server)
    with pytest.raises(discord.HTTPException) as refused:
        await room.send(**arguments)  # type: ignore[call-overload] # built by the table above
    assert refused.value.status == 400
    assert refused.value.code == code
    assert field is None or field in refused.value.text
    assert not server.channel.messages


async def test_too_large_uploads_get_413() -> None:
    async with ChatServer(upload_limit=200_000) as small:
        client = Bot()
        async with running(small, client):
            room = await client.room(small)
            for size, fits in ((200_000, True), (200_001, False), (3_000_000, False)):
                file = discord.File(io.BytesIO(bytes(size)), "tune.mid")
                if fits:
                    assert (await room.send(file=file)).attachments[0].size == size
                    continue
                with pytest.raises(discord.HTTPException) as refused:
                    await room.send("big", file=file)
                assert (refused.value.status, refused.value.code) == (413, 40005)
            assert len(small.channel.messages) == 1


async def test_more_than_ten_files_are_refused(driver: Driver, server: ChatServer) -> None:
    with pytest.raises(ApiError, match="50035"):
        driver.say("", files=[(f"{number}.txt", b"x") for number in range(11)])
    form = aiohttp.FormData(quote_fields=False)
    for number in range(40):
        form.add_field(f"files[{number}]", b"x", filename=f"{number}.txt")
    url = f"{server.api_base}/channels/{server.channel.id}/messages"
    headers = {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, data=form) as response,
    ):
        assert response.status == 400
    assert not server.state.attachments


async def test_allowed_mentions_are_honoured(bot: Bot, driver: Driver, server: ChatServer) -> None:
    room = await bot.room(server)
    text = f"{server.member.mention} {server.administrator.mention} @everyone"
    everyone = server.channel.messages[(await room.send(text)).id]
    assert set(everyone.mentions) == {server.member, server.administrator}
    assert not everyone.mention_everyone  # the bot lacks the permission
    nobody = await room.send(text, allowed_mentions=discord.AllowedMentions.none())
    assert server.channel.messages[nobody.id].mentions == []
    one = discord.AllowedMentions(users=[discord.Object(server.member.id)], everyone=False)
    chosen = await room.send(text, allowed_mentions=one)
    assert server.channel.messages[chosen.id].mentions == [server.member]
    code = await room.send(f"`{server.member.mention}`")
    assert server.channel.messages[code.id].mentions == []
    question = driver.say("hello")
    heard = await room.fetch_message(question.id)
    silent = await heard.reply("hi", mention_author=False)
    assert server.channel.messages[silent.id].mentions == []


async def test_reactions_travel_both_ways(bot: Bot, driver: Driver, server: ChatServer) -> None:
    room = await bot.room(server)
    message = await room.send("vote")
    await message.add_reaction("🎵")
    record = server.channel.messages[message.id]
    assert record.reactions == {"🎵": [server.bot_user]}
    with pytest.raises(discord.HTTPException) as unknown:
        await message.add_reaction("abc")
    assert unknown.value.code == 10014
    waiting = asyncio.create_task(bot.wait_for("raw_reaction_add", timeout=PATIENCE))
    await asyncio.sleep(0)
    server.people.react(server.member, record, "👍")
    payload = await waiting
    assert (payload.user_id, payload.emoji.name) == (server.member.id, "👍")
    assert payload.member is not None
    await message.remove_reaction("🎵", discord.Object(server.bot_user.id))
    assert "🎵" not in record.reactions
    server.people.react(server.member, record, "👍")
    assert record.reactions == {}


async def test_people_edit_and_delete_their_own_messages(
    bot: Bot, driver: Driver, admin: Driver, server: ChatServer
) -> None:
    mine = driver.say("first")
    await soon(lambda: bot.heard)
    edits: list[str] = []

    @bot.event
    async def on_message_edit(_before: discord.Message, after: discord.Message) -> None:
        edits.append(after.content)

    server.people.edit(server.member, mine, "second")
    await soon(lambda: edits == ["second"])
    with pytest.raises(ApiError, match="50005"):
        server.people.edit(server.administrator, mine, "no")
    theirs = admin.say("mine")
    with pytest.raises(ApiError, match="50013"):
        server.people.delete(server.member, theirs)
    server.people.delete(server.administrator, mine)
    assert mine.deleted


async def test_direct_messages(bot: Bot, driver: Driver, server: ChatServer) -> None:
    driver.say("psst", channel=server.direct(server.member))
    await soon(lambda: bot.heard)
    assert isinstance(bot.heard[0].channel, discord.DMChannel)
    assert bot.heard[0].guild is None
    user = await bot.fetch_user(server.administrator.id)
    await user.send("hello")
    record = list(server.direct(server.administrator).messages.values())
    assert [each.content for each in record] == ["hello"]
    server.member.accepts_messages = False
    with pytest.raises(discord.Forbidden) as closed:
        await (await bot.fetch_user(server.member.id)).send("hello")
    assert closed.value.code == 50007


async def test_threads(bot: Bot, server: ChatServer) -> None:
    room = await bot.room(server)
    message = await room.send("a long talk")
    thread = await message.create_thread(name="talk")
    assert thread.id == message.id
    await thread.send("inside")
    record = server.state.channels[thread.id]
    assert [each.content for each in record.messages.values()] == ["inside"]
    await soon(lambda: room.get_thread(thread.id) is not None)
    Driver(server, channel=record).say("me too")
    await soon(lambda: bot.heard)
    assert isinstance(bot.heard[0].channel, discord.Thread)
    with pytest.raises(discord.HTTPException) as again:
        await message.create_thread(name="again")
    assert again.value.code == 160004


async def test_a_reply_to_a_message_that_is_gone(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    room = await bot.room(server)
    question = driver.say("now")
    heard = await room.fetch_message(question.id)
    server.people.delete(server.member, question)
    with pytest.raises(discord.HTTPException) as gone:
        await heard.reply("late")
    assert gone.value.code == 50035
    reference = discord.MessageReference.from_message(heard, fail_if_not_exists=False)
    await room.send("late", reference=reference)
    (answer,) = server.channel.messages.values()
    assert answer.reference is None


async def test_purge_needs_permission_and_deletes(
    bot: Bot, driver: Driver, server: ChatServer
) -> None:
    room = await bot.room(server)
    for number in range(4):
        driver.say(str(number))
    with pytest.raises(discord.Forbidden):
        await room.purge(limit=10)
    server.state.overwrite(server.channel, server.bot_user, allow=Permission.MANAGE_MESSAGES)
    assert len(await room.purge(limit=10)) == 4
    assert not server.channel.messages


async def test_old_messages_are_forgotten_with_their_files(
    server: ChatServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.state.MAX_MESSAGES", 3)
    first = driver.say("first", files=[("a.txt", b"a")])
    for number in range(3):
        driver.say(str(number))
    assert first.deleted
    assert [each.content for each in server.channel.messages.values()] == ["0", "1", "2"]
    assert not server.state.attachments


async def test_stored_files_have_a_bound(
    server: ChatServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.state.MAX_STORED", 1000)
    for number in range(5):
        driver.say(str(number), files=[("a.txt", bytes(400))])
    assert sum(len(each.data) for each in server.state.attachments.values()) <= 1000
