"""``help`` and ``about`` over a real connection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from discord import app_commands
from discord.ext import commands

from bot.asking import make_request
from bot.chat.model import MessageKind
from bot.context import Asked, hybrid
from bot.guide import Entry, entries, find, nearest
from bot.i18n import LOCALES, Locale
from bot.menu import Menu
from cogs.about.buttons import _read
from cogs.about.words import card_text, detail, overview
from engine.codes import parse_codes
from engine.errors import BadVersion
from engine.registry import Registry, Version
from engine.request import OPTIONS

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.chat.model import Message
    from tests.fakes import FakeEngine
    from tests.rooms import Room


def choices(message: Message) -> list[str]:
    return [option["value"] for option in part(message, "nabi:help:0")["options"]]


def part(message: Message, name: str) -> Any:
    return next(
        each
        for row in message.components
        for each in row["components"]
        if each.get("custom_id") == name
    )


def links(message: Message) -> dict[str, str]:
    parts = [each for row in message.components for each in row["components"]]
    return {each["label"]: each["url"] for each in parts if "url" in each}


async def test_help_lists_every_command_so_that_it_can_be_clicked(room: Room) -> None:
    administrator = room.administrator
    reply = await administrator.reply(administrator.say("!help"))
    clicked = re.findall(r"</([\w -]+):(\d+)>", reply.content)
    known = {command.name: command.id for command in room.server.state.commands.values()}
    assert {name.split()[0] for name, _ in clicked} == {
        command.name for command in room.bot.tree.get_commands() if not _is_menu(command)
    }
    for name, number in clicked:
        assert known[name.split()[0]] == int(number)
    for command in room.bot.tree.get_commands():
        if _is_menu(command):
            assert command.name in reply.content
    typed = {command.qualified_name for command in room.bot.walk_commands()}
    assert typed == {entry.typed for entry in await entries(room.bot)} - {None}


def _is_menu(command: object) -> bool:
    return isinstance(command, app_commands.ContextMenu)


@pytest.mark.parametrize("word", ["!help", "!도움말"])
async def test_the_first_example_can_be_typed(room: Room, word: str) -> None:
    member = room.person()
    reply = await member.reply(member.say(word))
    (example,) = re.findall(r"```\n!continue ([^`\n]+)\n```", reply.content)
    assert make_request(example).text
    assert ("복사" in reply.content) == (word == "!도움말")


async def test_the_page_of_a_command_has_every_option_and_examples_that_work(room: Room) -> None:
    member = room.person()
    for asked in (member.say("!help continue"), member.slash("help", {"command": "/continue"})):
        reply = await member.reply(asked)
        for name, option in OPTIONS.items():
            assert f"--{name} {option.expected}".strip() in reply.content
        examples = re.findall(r"```\n!continue ([^`\n]+)\n```", reply.content)
        assert len(examples) == 3
        for example in examples:
            assert make_request(example).text


async def test_examples_name_notes_as_their_reader_does(room: Room) -> None:
    member = room.person()
    english = await member.reply(member.say("!help continue"))
    korean = await member.reply(member.say("!도움말 continue"))
    assert "!continue g8 e8 e4 f8 d8 d4\n" in english.content
    assert "!continue 솔8 미8 미4 파8 레8 레4\n" in korean.content
    assert "!continue 솔8 미8 미4 파8 --bars 16 --style irish --temperature 0.8\n" in korean.content
    examples = re.findall(r"```\n!continue ([^`\n]+)\n```", korean.content)
    assert len(examples) == 3
    for example, same in zip(
        examples, re.findall(r"```\n!continue ([^`\n]+)\n```", english.content), strict=True
    ):
        melodies = [parse_codes(make_request(each).text).melody for each in (example, same)]
        assert melodies[0].notes == melodies[1].notes


async def test_where_only_the_menu_reaches_the_bot_nothing_else_is_shown(room: Room) -> None:
    """Somebody who installed the bot for themselves, in a server that it is not in."""
    member = room.person(channel=room.server.elsewhere.channel("수다"))
    overview_ = await member.reply(member.slash("help"))
    assert "/continue melody:g8 e8 e4" in overview_.content
    assert "!" not in overview_.content
    clicked = {name.split()[0] for name in re.findall(r"</([\w -]+):", overview_.content)}
    assert clicked == member.offered() - {"Continue this tune"}
    assert {each.split()[0] for each in choices(overview_)} - {"Continue"} == clicked
    for typed in ("lab", "models"):
        assert not await member.complete("help", "command", typed)
    page = await member.reply(member.slash("help", {"command": "continue"}))
    lines = re.findall(r"```\n(.+)\n```", page.content)
    assert len(lines) == 3
    for line in lines:
        name, _, typed = line.partition(" melody:")
        assert name == "/continue"
        result = await member.reply(member.slash("continue", {"melody": typed}))
        assert result.attachments
    quiz = await member.reply(member.slash("help", {"command": "quiz"}))
    assert re.findall(r"```\n(.+)\n```", quiz.content) == ["/quiz", "/quiz show:scores"]
    scores = await member.reply(member.slash("quiz", {"show": "scores"}))
    assert "</quiz:" in scores.content
    own = await member.reply(member.slash("settings"))
    assert "places that I am not in" in own.content


async def test_a_command_is_offered_by_any_of_its_names(room: Room) -> None:
    member = room.person()
    for typed, name in (("퀴즈", "quiz"), ("이 곡", "Continue this tune"), ("/MOD", "models list")):
        offered = await member.complete("help", "command", typed)
        assert [each["value"] for each in offered] == [name]


def test_the_version_that_is_named_ships() -> None:
    assert OPTIONS["version"].example in {version.name for version in Registry().versions()}


async def test_every_example_of_every_command_names_what_there_is(room: Room) -> None:
    for entry in await entries(room.bot):
        for line in entry.lines("!"):
            assert room.bot.get_command(line[1:].partition(" ")[0]) is not None
            for flag in re.findall(r"--([\w-]+)", line):
                assert flag in {each.name for each in entry.parameters if each.flag}, line


async def test_what_one_may_not_use_is_hidden(room: Room) -> None:
    member, administrator = room.person(), room.administrator
    hidden = {"retrain start", "retrain cancel", "models use", "models rollback"}
    theirs = await member.reply(member.slash("help"))
    assert not hidden & set(choices(theirs))
    assert "retrain" not in theirs.content
    all_of_it = await administrator.reply(administrator.slash("help"))
    assert hidden <= set(choices(all_of_it))
    for name in hidden:
        told = await member.reply(member.say(f"!help {name}"))
        assert "for you here" in told.content or "Did you mean" in told.content
        shown = await administrator.reply(administrator.say(f"!help {name}"))
        assert f"</{name}:" in shown.content
    offered = await member.complete("help", "command", "re")
    assert not any("retrain" in each["value"] for each in offered)


async def test_what_is_hidden_is_what_is_refused(room: Room) -> None:
    """Nothing that a member may do is hidden, and nothing is shown that is only refused."""
    member = room.person()
    for entry in await entries(room.bot):
        if entry.trainers:
            wanted = " ".join("x" for each in entry.parameters if each.required)
            reply = await member.reply(member.say(f"!{entry.typed} {wanted}"))
            assert "administrator" in reply.content, entry.name


async def test_a_command_is_chosen_from_the_menu(room: Room) -> None:
    member, other = room.person(), room.administrator
    private = await member.reply(member.slash("help"))
    pressed = await member.answered(member.select(private, "nabi:help:0", "lab"))
    assert pressed is not None
    await member.until(lambda: "</lab:" in private.content)
    public = await member.reply(member.say("!help"))
    shown = await other.reply(other.select(public, "nabi:help:0", "about"))
    assert shown.ephemeral
    assert "</about:" in shown.content
    assert "</about:" not in public.content.partition("\n")[0]
    forged = await member.reply(member.select(public, "nabi:help:0", "models list"))
    assert "!models" in forged.content


async def test_the_menu_outlives_the_program(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!help"))
    await room.bot.reload_extension("cogs.about")
    shown = await member.reply(member.select(reply, "nabi:help:0", "continue"))
    assert "--bars" in shown.content


async def test_a_near_miss_is_named(room: Room) -> None:
    member = room.person()
    assert "Did you mean `continue`" in (await member.reply(member.say("!help contineu"))).content
    unknown = await member.reply(member.say("!help @everyone `x`"))
    assert "for you here" in unknown.content
    assert "`x`" not in unknown.content
    assert choices(unknown)


async def test_help_in_the_menu_is_private(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.slash("help"))
    assert reply.ephemeral
    assert reply.kind is MessageKind.SLASH


class _New(commands.Cog):
    """A cog that somebody adds."""

    @hybrid("brandnew", "command-about")
    async def brandnew(self, ctx: Asked, word: str) -> None:
        """Do something new."""

    @commands.command(name="onlytyped", hidden=False)
    async def onlytyped(self, ctx: Asked) -> None:
        """Be typed."""

    @commands.command(name="secret", hidden=True)
    async def secret(self, ctx: Asked) -> None:
        """Stay unseen."""


async def test_a_new_cog_appears_by_itself(room: Room) -> None:
    await room.bot.add_cog(_New())
    member = room.person()
    reply = await member.reply(member.say("!help"))
    assert {"brandnew", "onlytyped"} <= set(choices(reply))
    assert "secret" not in reply.content
    told = await member.reply(member.say("!help brandnew"))
    assert "!brandnew <word>" in told.content
    assert "Which versions" in told.content


def entry(number: int) -> Entry:
    told: dict[Locale, str] = {"en": "What it does, at length. " * 4, "ko": "하는 일 " * 20}
    return Entry(f"command{number}", f"command{number}", told)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("count", [0, 1, 12, 200])
def test_every_page_fits_into_a_message(locale: Locale, count: int) -> None:
    menu = Menu(cast("Any", None), cast("Any", None))
    text = overview([entry(n) for n in range(count)], menu, locale, "!!!!!!!!!!")
    assert len(text) <= 2000
    shown = text.count("`/command")
    assert shown == count or str(count - shown) in text


@pytest.mark.parametrize("locale", LOCALES)
async def test_every_command_of_ours_has_a_page_in_both_languages(
    room: Room, locale: Locale
) -> None:
    every = await entries(room.bot)
    for each in every:
        text = detail(each, room.bot.menu, locale, "!")
        assert len(text) <= 2000
        assert each.menu == "apps" or each.told[locale] in text
        assert find(every, f"/{each.name}") is each
    assert nearest(every, "zzzzzz") is None


async def test_about_tells_versions_and_where_to_get_it(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!about"))
    assert "`nabi-1`, trained 2026-09-01" in reply.content
    assert "discord.py 2.7" in reply.content
    assert re.search(r"Started <t:\d+:R>, in 2 servers", reply.content)
    assert "whoever runs it has that" in reply.content  # nobody said where the source is
    shown = links(reply)
    assert shown["Add to a server"] == room.bot.invite_link
    assert "permissions=" in shown["Add to a server"]
    assert "integration_type=1" in shown["Add to my apps"]
    assert "permissions" not in shown["Add to my apps"]
    assert "소개" in room.bot.all_commands


async def test_the_source_is_linked_where_it_is_known(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = room.bot.settings.model_copy(update={"source_url": "https://example.org/nabi"})
    monkeypatch.setattr(room.bot, "settings", changed)
    member = room.person()
    reply = await member.reply(member.say("!about"))
    assert links(reply)["Source"] == "https://example.org/nabi"
    assert "whoever runs it" not in reply.content


async def test_the_model_card_is_shown_to_whoever_presses(
    room: Room, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Registry().active

    async def active() -> Version:
        return shipped

    monkeypatch.setattr(engine, "active", active)
    member = room.person()
    reply = await member.reply(member.say("!about"))
    assert "bits per note" in reply.content
    card = await member.reply(member.press(reply, "nabi:card"))
    assert card.ephemeral
    assert "non-commercial distribution and use" in card.content
    assert [file.filename for file in card.attachments] == ["CARD.md"]
    assert card.attachments[0].data == (shipped.folder / "CARD.md").read_bytes()


@pytest.mark.parametrize(
    "manifest",
    [
        {},
        {"corpus": 3, "metrics": [], "name": 7},
        {"corpus": {"collections": {"x": 1, "y": {"tunes": 2}}}, "metrics": {"shift_bits": "x"}},
        {"corpus": {"collections": {f"c{n}": {"terms": "long " * 40} for n in range(90)}}},
    ],
)
@pytest.mark.parametrize("locale", LOCALES)
def test_an_odd_card_is_shown_all_the_same(manifest: dict[str, Any], locale: Locale) -> None:
    assert 0 < len(card_text(manifest, locale)) <= 2000
    assert _read(Path("no/such/CARD.md")) == b""


async def test_about_admits_that_there_is_no_model(room: Room, engine: FakeEngine) -> None:
    engine.error = BadVersion("x", "torn")
    member = room.person()
    reply = await member.reply(member.say("!about"))
    assert "none that works" in reply.content
    assert "nabi:card" not in str(reply.components)


async def test_the_bot_knows_when_it_was_started(room: Room) -> None:
    bot: Nabi = room.bot
    assert bot.started.tzinfo is not None
