"""How the bot behaves: at once, in turn, in words that help, and without a nuisance to anyone."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from bot import answering, context
from bot.chat.limits import Fault
from bot.chat.model import Overwrite
from bot.chat.permissions import Permission
from bot.chat.state import Upload
from bot.explaining import explain
from bot.i18n import has_hangul
from bot.turns import Rarely, Turns
from bot.waiting import Waiting
from engine.errors import EngineFailed
from engine.request import Taken
from engine.workers.gate import Gate
from tests.fakes import MIDI, FakeEngine, make_result
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.request import Request, Result


# --- time --------------------------------------------------------------------------------------


async def test_the_menu_is_acknowledged_before_anything_is_done(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        await never.wait()

    monkeypatch.setattr(answering, "_SOON", 0.01)
    monkeypatch.setattr(room.bot.engine, "active", hang)
    monkeypatch.setattr(room.bot.versions, "listing", hang)
    engine.gate.clear()
    member = room.person()
    for name, options in (
        ("continue", {"melody": "g8 e8"}),
        ("about", {}),
        ("help", {}),
        ("settings", {}),
        ("privacy", {}),
        ("models list", {}),
    ):
        await member.answered(member.slash(name, options))
    never.set()
    engine.gate.set()


async def test_a_press_is_acknowledged_while_the_engine_works(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    first = await member.reply(member.say("!continue g8"))
    engine.gate.clear()
    pressed = await member.answered(member.press(first, "Again"))
    assert pressed.original is not None
    assert pressed.original.loading
    engine.gate.set()
    assert (await member.reply(pressed)).attachments


async def test_the_place_in_the_queue_stands_where_the_answer_will_be(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    engine.gate.clear()
    member = room.person()
    asked = member.slash("continue", {"melody": "g8"})
    await soon(lambda: engine.told)
    engine.told[0](3)
    shown = await member.reply(asked)
    assert "you are number 3 in the queue" in shown.content
    engine.told[0](1)
    await member.until(lambda: "number 1" in shown.content)
    engine.told[0](0)
    await member.until(lambda: "your turn" in shown.content)
    engine.gate.set()
    await member.until(lambda: shown.attachments)
    assert shown.content.startswith("```")
    assert [c["label"] for c in shown.walk_components() if "label" in c][:1] == ["Again"]
    assert len([m for m in member.seen if m.author.bot]) == 1


async def test_a_message_with_the_place_becomes_the_answer(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    engine.gate.clear()
    member = room.person(channel=room.server.channel)
    asked = member.say("!continue 솔8")
    await soon(lambda: engine.told)
    engine.told[0](2)
    shown = await member.reply(asked)
    assert "지금 2번째로 기다리고 계세요" in shown.content
    engine.gate.set()
    await member.until(lambda: shown.attachments)
    assert shown.reference is not None
    assert shown.reference.message is asked


@pytest.mark.parametrize("slash", [False, True])
async def test_an_error_after_the_queue_takes_the_places_message(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch, *, slash: bool
) -> None:
    quick(monkeypatch)
    engine.gate.clear()
    engine.error = EngineFailed("timeout")
    member = room.person()
    asked = member.slash("continue", {"melody": "g8"}) if slash else member.say("!continue g8")
    await soon(lambda: engine.told)
    engine.told[0](2)
    await member.reply(asked)
    engine.gate.set()
    told = await member.until(lambda: [m for m in member.seen if "too long" in m.content])
    assert [m for m in member.seen if m.author.bot] == told
    assert (told[0].visible_to is not None) is slash


async def test_a_deleted_place_does_not_cost_the_answer(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    engine.gate.clear()
    member = room.person()
    asked = member.say("!continue g8")
    await soon(lambda: engine.told)
    engine.told[0](2)
    shown = await member.reply(asked)
    room.server.actions.delete(shown)
    engine.gate.set()
    (answer,) = await member.until(lambda: [m for m in member.seen if m.attachments])
    assert [file.filename for file in answer.attachments] == ["score.png", "nabi.ogg", "nabi.mid"]


async def test_who_asks_twice_at_once_is_told_so_and_loses_nothing(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room, room.running() as bot:
        bot.turns._rest = 600
        engine.gate.clear()
        member = room.person()
        first = member.say("!continue g8")
        await soon(lambda: engine.asked)
        told = await member.reply(member.slash("continue", {"melody": "e8"}))
        assert "still on its way" in told.content
        assert told.visible_to is room.server.member
        engine.error = EngineFailed("crashed")
        engine.gate.set()
        assert "Something broke" in (await member.reply(first)).content
        engine.error = None
        assert (await member.reply(member.say("!continue g8"))).attachments  # no rest was spent


async def test_a_word_about_the_rest_goes_when_that_is_over(
    tmp_path: Path, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_READABLE", 0.0)
    async with make_room(tmp_path, engine) as room, room.running() as bot:
        bot.turns = Turns(600)
        member = room.person()
        assert (await member.reply(member.say("!continue g8"))).attachments
        early = await member.reply(member.say("!continue e8"))
        assert "catch my breath" in early.content
        assert not early.deleted  # it is true for ten minutes
        bot.turns = Turns(0.1, clock=lambda: 0.0)
        answer = await member.reply(member.say("!continue c8"))
        late = await member.reply(member.say("!continue d8"))
        private = await member.reply(member.slash("continue", {"melody": "f8"}))
        assert private.visible_to is room.server.member
        await member.until(lambda: late.deleted)
        assert not any(each.deleted for each in (early, answer, private))


async def test_a_busy_server_does_not_starve_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick(monkeypatch)
    engine = QueueEngine()
    async with make_room(tmp_path, engine) as room, room.running():
        crowd = [room.server.state.add_user(f"fan{number}") for number in range(8)]
        for user in crowd:
            room.server.state.add_member(room.english, user)
        asked = [room.person(user).say("!continue g8") for user in crowd]
        await soon(lambda: engine.queue.waiting == 7)
        lone = room.person(channel=room.server.channel)
        alone = lone.say("!continue 솔8")
        await soon(lambda: engine.queue.waiting == 8)
        engine.step.release()
        engine.step.release()
        assert (await lone.reply(alone)).content
        await soon(lambda: len(engine.served) == 2)
        assert engine.served == [room.english.id, room.server.guild.id]
        for _ in asked:
            engine.step.release()
        await soon(lambda: len(engine.served) == 9)


class QueueEngine(FakeEngine):
    """One worker, the engine's own queue, and a test that says when a tune is done."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Gate(1)
        self.step = asyncio.Semaphore(0)
        self.served: list[int] = []

    async def continue_melody(
        self,
        request: Request,
        *,
        party: int = 0,
        tell: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> Result:
        async with self.queue.turn(party, tell):
            await self.step.acquire()
            self.served.append(party)
            return make_result(request)


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show places at once."""
    defaults = Waiting.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "patience", 0.0)
    monkeypatch.setitem(defaults, "pace", 0.01)


async def test_typing_that_discord_refuses_costs_no_answer(room: Room, engine: FakeEngine) -> None:
    fault = room.server.faults.order(Fault(403, "POST", "*/typing", times=9))
    engine.gate.clear()
    member = room.person()
    asked = member.say("!continue g8")
    await soon(lambda: fault.times < 9)
    engine.gate.set()
    assert (await member.reply(asked)).attachments


async def test_a_command_that_takes_long_is_acknowledged_and_then_answered_privately(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    listing = room.bot.versions.listing

    async def slow() -> Any:
        await go_on.wait()
        return await listing()

    monkeypatch.setattr(room.bot.versions, "listing", slow)
    monkeypatch.setattr(answering, "_SOON", 0.01)
    member = room.person()
    asked = await member.answered(member.slash("models list"))
    assert asked.original is not None
    assert asked.original.loading
    go_on.set()
    reply = await member.reply(asked)
    assert "nabi-1" in reply.content
    assert reply.visible_to is room.server.member


# --- errors ------------------------------------------------------------------------------------

ODD = (
    "!continue",
    "!continue   ",
    '!continue "',
    "!continue 'g8 e8",
    '!continue g8 "e8 --bars 4',
    '!continue "g8" "e8',
    "!continue --",
    "!continue ---",
    "!continue --bars",
    "!continue --bars --seed",
    "!continue --bars=4 --seed=3 --key='F# minor'",
    "!continue —bars 4",
    "!continue --bars 99999999999999999999999",
    "!continue --temperature nan",
    "!continue --temperature inf",
    "!continue --temperature -0",
    "!continue --seed 1e3",
    "!continue --tempo ٣٠٠",
    "!continue --key ☃",
    "!continue --meter 0/0",
    "!continue --style `irish`",
    "!continue --as exe",
    "!continue --version ../../etc/passwd",
    "!continue @everyone @here <@1> <@&2> <#3>",
    "!continue <:note:123456789012345678> 🎵🎶",
    "!continue ```",
    "!continue ```py\ng8",
    "!continue```g8 e8```",
    "!continue ``` ``` ``` g8",
    "!continue\u200bg8",
    "!\u200bcontinue g8",
    "!continue \u200b\u200c\u200d\ufeff",
    "!continue \u202eg8 e8\u202c",
    "!continue مرحبا",
    "!continue g\u0338\u0338\u0338\u03388",
    "!continue g8\u0000e8",
    "!continue g8\n\n\n\te8\r\n--seed 5\nf8",
    "!continue " + "g8 " * 600,
    "!continue " + "(" * 1900,
    "!continue " + "--bars 4 " * 200,
    "!continue " + "3(" * 900,
    "!continue " + "~" * 1900,
    "!continue " + "㍿" * 1900,
    "!continue g8 | || |] :| e8",
    "!continue %s {0} {melody} $melody ${x}",
    "!continue https://example.org/tune.mid",
    "!continue, g8 e8",
    "!continue: g8",
    "!continue.",
    "!이어줘솔8",
    "!이어줘 솔8,미8，도8",
    "!continue # heading\n> quote\n- list",
    "!continue ||g8|| **e8** __f8__",
)


async def test_whatever_is_typed_gets_one_answer_and_never_a_trace(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    member = room.person(channel=room.server.direct(room.server.member))
    for text in ODD:
        if text == "!이어줘솔8":  # another word: perhaps another bot's
            continue
        reply = await member.reply(member.say(text))
        assert reply.content, text
        assert not reply.mentions, text
        assert "Traceback" not in reply.content
        assert "is a required argument" not in reply.content
        assert "on my side" not in reply.content, text
    answers = [message for message in member.seen if message.author.bot]
    assert len(answers) == len(ODD) - 1
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("models use", "`name` is missing after the command"),
        ('models use "nabi', "A quotation mark"),
        (
            "continue g8 --style irsh",
            "`--style` can’t be `irsh`. Did you mean `irish`? It takes: any",
        ),
        ("continue g8 --tempo 5", "It takes: 20–400"),
        ("continue g8 --temprature 1", "Did you mean `--temperature`?"),
        ("continue g8 --key H", "`--key` can’t be `H`. Try, for example: G, Am"),
        ("continue --bars", "`--bars` needs a value: 1–64"),
    ],
)
async def test_mistakes_are_named_in_our_own_words(room: Room, text: str, english: str) -> None:
    boss = room.administrator
    assert english in (await boss.reply(boss.say(f"!{text}"))).content
    korean = room.person(room.server.administrator, channel=room.server.channel)
    told = (await korean.reply(korean.say(f"!{text}"))).content
    assert has_hangul(told)


async def test_hints_name_notes_as_the_reader_does(room: Room) -> None:
    member, there = room.person(), room.person(channel=room.server.channel)
    assert "g8 or f#4" in (await member.reply(member.say("!continue g8 ?"))).content
    assert "솔8, 파#4" in (await there.reply(there.say("!continue 솔8 ?"))).content


async def test_whoever_calls_the_bot_by_name_is_not_left_in_silence(room: Room) -> None:
    member = room.person()
    asked = member.say(f"<@{room.server.bot_user.id}> dance @everyone")
    reply = await member.reply(asked)
    assert "no command `dance`" in reply.content
    assert not reply.mentions


async def test_a_command_of_an_older_start_says_what_to_do() -> None:
    told = explain(app_commands.CommandNotFound("old", []), "en")
    assert "reload Discord" in told


# --- completing --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "typed", "english", "korean"),
    [
        ("key", "f#", "F♯ major", "올림바장조 (F♯ major)"),
        ("meter", "11/8", "11/8", "11/8 (8분의 11박자)"),
        ("style", "iri", "irish – Irish dance tunes", "아일랜드 춤곡 (irish)"),
        ("version", "NABI", "nabi-1 · answers now", "nabi-1 · 지금 답하는 모델"),
    ],
)
async def test_options_are_completed_in_the_readers_language(
    room: Room, option: str, typed: str, english: str, korean: str
) -> None:
    member = room.person()
    assert (await member.complete("continue", option, typed))[0]["name"] == english
    room.server.member.locale = "ko"
    assert (await member.complete("continue", option, typed))[0]["name"] == korean


async def test_what_was_completed_is_used(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    values = {
        option: (await member.complete("continue", option, typed))[0]["value"]
        for option, typed in (("key", "올림바단"), ("meter", "6"), ("style", "bach"))
    }
    await member.reply(member.slash("continue", {"melody": "g8", **values}))
    (asked,) = engine.asked
    assert (asked.key, asked.meter, asked.style) == ("F#m", "6/8", "bach")


async def test_completing_that_fails_offers_nothing_and_says_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(room.bot.versions, "listing", fail)
    member = room.person()
    assert await member.complete("continue", "version", "n") == []
    assert not member.seen
    assert "completing the name of a version" in caplog.text


# --- trust -------------------------------------------------------------------------------------


async def test_nothing_that_is_sent_can_ping_anybody(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    request = discord.http.HTTPClient.request

    async def watched(self: Any, route: Any, **more: Any) -> Any:
        watch(sent, more.get("json"), more.get("form"))
        return await request(self, route, **more)

    webhook = discord.webhook.async_.AsyncWebhookAdapter.request

    async def watched_webhook(self: Any, route: Any, session: Any, **more: Any) -> Any:
        watch(sent, more.get("payload"), more.get("multipart"))
        return await webhook(self, route, session, **more)

    monkeypatch.setattr(discord.http.HTTPClient, "request", watched)
    monkeypatch.setattr(discord.webhook.async_.AsyncWebhookAdapter, "request", watched_webhook)
    quick(monkeypatch)
    evil = "@everyone <@&1> <@2>"
    engine.change = lambda result: replace(
        result, known=evil, taken=Taken("midi", 3, 2, evil, chords=True)
    )
    member = room.person()
    await member.reply(member.say("!continue", files=[(f"{evil}.mid", MIDI)]))
    await member.reply(member.say(f"!continue g8 {evil}"))
    await member.reply(member.say(f"!continue g8 --style {evil}"))
    await member.reply(member.say("!continue", files=[(f"{evil}.mp3", b"x")]))
    await member.reply(member.slash("continue", {"melody": f"g8 {evil}"}))
    first = await member.reply(member.slash("continue", {"file": Upload(f"{evil}.mid", MIDI)}))
    await member.reply(member.press(first, "Again"))
    engine.gate.clear()
    before = len(engine.told)
    asked = member.say("!continue g8")
    await soon(lambda: len(engine.told) > before)
    engine.told[-1](2)
    shown = await member.reply(asked)
    engine.gate.set()
    await member.until(lambda: shown.attachments)
    for name in ("about", "help", "settings", "privacy", "forget-me", "lab", "models list"):
        await member.reply(member.slash(name))
    talk = [body for body in sent if body.get("content")]
    assert len(talk) > 14
    for body in talk:
        allowed = body.get("allowed_mentions")
        assert allowed is not None, body["content"][:60]
        assert allowed.get("parse") == [], body["content"][:60]
        assert not allowed.get("users")
        assert not allowed.get("roles")
        assert not allowed.get("replied_user")


def watch(sent: list[dict[str, Any]], body: Any, form: Any) -> None:
    """Keep what a request says, as JSON or as a part of a form."""
    parts = [part["value"] for part in form or () if part.get("name") == "payload_json"]
    found = [body] if isinstance(body, dict) else [json.loads(part) for part in parts]
    sent.extend(each.get("data") or each for each in found)


async def test_the_places_upload_limit_reaches_the_engine(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    await member.reply(member.say("!continue g8"))
    room.english.tier = 2
    await member.reply(member.slash("continue", {"melody": "g8"}))
    assert engine.terms == [(room.english.id, 10 * 2**20), (room.english.id, 50 * 2**20)]


async def test_what_was_made_smaller_or_shorter_is_told(room: Room, engine: FakeEngine) -> None:
    engine.change = lambda result: replace(result, lightened=("picture", "audio"))
    member = room.person()
    reply = await member.reply(member.say("!continue g8"))
    assert "smaller picture, shorter sound" in reply.content
    assert len(reply.attachments) == 3


class Counted(Rarely):
    """Counts how often it was asked."""

    asked = 0

    def due(self, member: int) -> bool:
        self.asked += 1
        return super().due(member)


async def test_a_thread_in_which_it_may_not_write_is_told_about_once_an_hour(
    tmp_path: Path, engine: FakeEngine
) -> None:
    async with make_room(tmp_path, engine) as room:
        channel = room.english.channel("tunes")
        denied = Overwrite(1, deny=Permission.SEND_MESSAGES_IN_THREADS)
        channel.overwrites[room.server.bot_user.id] = denied
        async with room.running() as bot:
            bot.whispers = whispers = Counted(3600)
            member = room.person()
            thread = room.server.actions.start_thread(
                member.user, channel, "a thread", member.say("hello")
            )
            direct = room.server.direct(member.user)
            there = room.person(channel=thread)
            there.say("!continue g8")
            await member.until(lambda: direct.messages)
            there.say("!help")
            there.say("!continue e8")
            await soon(lambda: whispers.asked == 3)
            assert len(direct.messages) == 1
            bot.whispers = Rarely(0)
            there.say("!continue e8")
            await member.until(lambda: len(direct.messages) == 2)
        told = [message.content for message in direct.messages.values()]
        assert "“Send Messages in Threads”" in told[0]
        assert told[0] == told[1]
        assert not engine.asked


async def test_a_permission_that_was_taken_away_meanwhile_is_told_in_private(
    room: Room, engine: FakeEngine
) -> None:
    engine.gate.clear()
    member = room.person()
    direct = room.server.direct(member.user)
    room.server.faults.order(
        Fault(403, "POST", f"*/channels/{member.channel.id}/messages", times=9)
    )
    member.say("!continue g8")
    engine.gate.set()
    await member.until(lambda: direct.messages)
    (told,) = direct.messages.values()
    assert "I may not write in #tunes" in told.content
