"""``settings`` over a real connection: the panel, who may use it, and that it holds everywhere."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from bot.chat.permissions import Permission
from bot.i18n import has_hangul
from bot.preferences import NAMES, Preferences, Scope
from engine.request import STYLES, Request
from tests.fakes import MIDI, FakeEngine
from tests.rooms import Room, make_room, soon

if TYPE_CHECKING:
    from pathlib import Path

    from bot.chat.driver import Driver
    from bot.chat.model import Message
    from cogs.settings.panel import Panel


def server_of(room: Room) -> Scope:
    return Scope("server", room.english.id)


def channel_of(room: Room, name: str = "tunes") -> Scope:
    return Scope("channel", room.english.channel(name).id, room.english.id)


def manager(room: Room, permission: Permission) -> Driver:
    """Be somebody with one permission."""
    user = room.server.state.add_user(f"manager{permission}")
    role = room.server.state.add_role(room.english, "Manager", permission)
    room.server.state.add_member(room.english, user, role)
    room.server.places.give(room.english, user, role)
    return room.person(user)


def labels(message: Message) -> list[str]:
    return [part["label"] for part in message.walk_components() if "label" in part]


def part(message: Message, custom_id: str) -> dict[str, Any]:
    return next(p for p in message.walk_components() if p.get("custom_id") == custom_id)


async def choose(person: Driver, panel: Message, name: str, value: str) -> None:
    """Pick a setting and one of its values, by its label."""
    await person.answered(person.select(panel, "settings:pick", name))
    options = part(panel, "settings:value")["options"]
    number = next(option["value"] for option in options if option["label"] == value)
    await person.answered(person.select(panel, "settings:value", number))


async def type_in(person: Driver, panel: Message, name: str, value: str) -> None:
    """Pick a setting and type its value into the form."""
    await person.answered(person.select(panel, "settings:pick", name))
    asked = await person.answered(person.press(panel, "Type a value"))
    await person.answered(person.submit(asked, value=value))


# --- the panel ------------------------------------------------------------------------------


async def test_the_panel_shows_every_value_and_where_it_comes_from(room: Room) -> None:
    await room.store.prefer(server_of(room), bars=4, prefix="?")
    await room.store.prefer(channel_of(room), style="irish")
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    assert panel.ephemeral
    assert "Settings for this server" in panel.content
    assert "**Bars** · `4` · *set for the server*" in panel.content
    assert "**Style** · `any` · *default*" in panel.content
    await boss.answered(boss.press(panel, "This channel"))
    assert f"<#{boss.channel.id}>" in panel.content
    assert "**Style** · `irish` · *set for this channel*" in panel.content
    assert "**Bars** · `4` · *set for the server*" in panel.content
    assert "**Allowed channels** · all channels · *default*" in panel.content
    options = [option["value"] for option in part(panel, "settings:pick")["options"]]
    assert options == list(NAMES[:-1])


async def test_it_opens_from_a_message_too_and_in_korean(room: Room) -> None:
    boss = room.person(room.server.administrator, room.server.channel)
    panel = await boss.reply(boss.say("!설정"))
    assert not panel.ephemeral
    assert "이 서버의 설정" in panel.content
    assert "서버 전체" in labels(panel)


@pytest.mark.parametrize(
    ("name", "label", "expected"),
    [
        ("language", "한국어", {"language": "ko"}),
        ("style", "scottish", {"style": "scottish"}),
        ("names", "solfège (도 레 미)", {"names": "solfege"}),
        ("picture", "off", {"picture": False}),
        ("audio", "off", {"audio": False}),
    ],
)
async def test_values_are_chosen_from_a_menu(
    room: Room, name: str, label: str, expected: dict[str, Any]
) -> None:
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    await choose(boss, panel, name, label)
    assert room.store.preferences(server_of(room)) == Preferences(**expected)
    assert "set for the server" in panel.content


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [("bars", "12", {"bars": 12}), ("temperature", "0.7", {"temperature": 0.7})],
)
async def test_values_are_typed_into_a_form(
    room: Room, name: str, typed: str, expected: dict[str, Any]
) -> None:
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    await boss.answered(boss.press(panel, "This channel"))
    await type_in(boss, panel, name, typed)
    assert room.store.preferences(channel_of(room)) == Preferences(**expected)
    assert f"`{typed}` · *set for this channel*" in panel.content


async def test_a_prefix_can_be_copied_from_the_panel(room: Room) -> None:
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    await type_in(boss, panel, "prefix", "👩\u200d🎤!")
    assert "`👩\u200d🎤!` · *set for the server*" in panel.content


async def test_styles_are_described_in_the_readers_language(room: Room) -> None:
    boss = room.person(room.server.administrator, room.server.channel)
    panel = await boss.reply(boss.say("!settings"))
    await boss.answered(boss.select(panel, "settings:pick", "style"))
    options = part(panel, "settings:value")["options"]
    assert [option["label"] for option in options] == list(STYLES)
    assert all(has_hangul(option["description"]) for option in options)


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("bars", "99", "1–64"),
        ("bars", "many", "1–64"),
        ("temperature", "nan", "0.1–2.0"),
        ("prefix", "a b", "can’t be a prefix"),
        ("prefix", "<@1>", "can’t be a prefix"),
    ],
)
async def test_what_cannot_be_is_explained_privately(
    room: Room, name: str, typed: str, sentence: str
) -> None:
    boss = room.administrator
    panel = await boss.reply(boss.say("!settings"))
    await boss.answered(boss.select(panel, "settings:pick", name))
    asked = await boss.answered(boss.press(panel, "Type a value"))
    told = await boss.reply(boss.submit(asked, value=typed))
    assert sentence in told.content
    assert told.ephemeral
    assert room.store.preferences(server_of(room)) == Preferences()


async def test_values_can_be_taken_back(room: Room) -> None:
    await room.store.prefer(server_of(room), bars=4, prefix="?", language="en")
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    assert "Reset all" in labels(panel)
    await boss.answered(boss.select(panel, "settings:pick", "bars"))
    await boss.answered(boss.press(panel, "Reset: Bars"))
    assert room.store.preferences(server_of(room)) == Preferences(prefix="?", language="en")
    assert "Reset: Bars" not in labels(panel)
    await boss.answered(boss.press(panel, "Reset all"))
    assert room.store.preferences(server_of(room)) == Preferences()
    assert "Reset all" not in labels(panel)
    await boss.answered(boss.press(panel, "Done"))
    assert not list(panel.walk_components())


# --- who may --------------------------------------------------------------------------------


async def test_members_only_see(room: Room) -> None:
    member = room.person()
    shown = await member.reply(member.slash("settings"))
    assert "**Prefix** · `!` · *default*" in shown.content
    assert "Those who may manage" in shown.content
    assert not list(shown.walk_components())


@pytest.mark.parametrize(
    ("permission", "mine", "other"),
    [
        (Permission.MANAGE_CHANNELS, "This channel", "Whole server"),
        (Permission.MANAGE_GUILD, "Whole server", "This channel"),
    ],
)
async def test_each_permission_opens_its_own_part(
    room: Room, permission: Permission, mine: str, other: str
) -> None:
    person = manager(room, permission)
    panel = await person.reply(person.slash("settings"))
    buttons = {p["label"]: p for p in panel.walk_components() if p.get("label") in {mine, other}}
    assert buttons[other].get("disabled")
    assert not buttons[mine].get("disabled")
    await choose(person, panel, "audio", "off")
    scope = channel_of(room) if permission is Permission.MANAGE_CHANNELS else server_of(room)
    assert room.store.preferences(scope) == Preferences(audio=False)


async def test_a_permission_that_was_taken_counts_at_once(room: Room) -> None:
    person = manager(room, Permission.MANAGE_GUILD)
    panel = await person.reply(person.slash("settings"))
    await person.answered(person.select(panel, "settings:pick", "audio"))
    roles = room.english.members[person.user.id].roles
    for role in list(roles):
        room.server.places.set_role(room.english, role, Permission.NONE)
    told = await person.reply(person.select(panel, "settings:value", "1"))
    assert "Only those who may manage this server" in told.content
    assert room.store.preferences(server_of(room)) == Preferences()


async def test_nobody_else_may_use_a_panel_that_stands_in_the_channel(room: Room) -> None:
    boss, member = room.administrator, room.person()
    panel = await boss.reply(boss.say("!settings"))
    told = await member.reply(member.select(panel, "settings:pick", "audio"))
    assert "Somebody else opened this" in told.content
    assert told.ephemeral


async def test_everyone_sets_their_own_in_direct_messages(room: Room, engine: FakeEngine) -> None:
    direct = room.server.direct(room.server.member)
    member = room.person(channel=direct)
    panel = await member.reply(member.say("!settings"))
    assert "Your settings" in panel.content
    await type_in(member, panel, "bars", "3")
    await type_in(member, panel, "prefix", "🦋")
    await member.reply(member.say("🦋continue g8"))
    assert engine.asked[-1].bars == 3
    elsewhere = room.person()
    await elsewhere.reply(elsewhere.say("!continue g8"))
    assert engine.asked[-1].bars == 8
    friend = room.person(room.server.administrator, room.server.direct(room.server.administrator))
    await friend.reply(friend.say("!continue g8"))
    assert engine.asked[-1].bars == 8


# --- the prefix -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("?", "?continue g8"),
        ("나비", "나비 continue g8"),
        ("🦋", "🦋 continue g8"),
        ("❤️", "❤continue g8"),
        ("nb", "NB continue g8"),
        ("N", "ncontinue g8"),
    ],
)
async def test_a_servers_own_prefix(room: Room, engine: FakeEngine, prefix: str, text: str) -> None:
    await room.store.prefer(server_of(room), prefix=prefix)
    member = room.person()
    reply = await member.reply(member.say(text))
    assert f"`{prefix}continue g8" in reply.content
    assert engine.asked == [Request(text="g8")]
    help_ = await member.reply(member.say(f"<@{room.server.bot_user.id}> help"))
    assert f"{prefix}continue" in help_.content
    assert "!continue" not in help_.content
    member.say("!continue e8")
    await member.reply(member.say(f"{prefix}continue f8"))
    assert [request.text for request in engine.asked] == ["g8", "f8"]


async def test_other_servers_keep_theirs(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), prefix="?")
    other = room.person(channel=room.server.channel)
    await other.reply(other.say("!continue g8"))
    assert engine.asked


async def test_a_channels_prefix_wins(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), prefix="?")
    await room.store.prefer(channel_of(room), prefix="$")
    member = room.person()
    member.say("?continue g8")
    await member.reply(member.say("$continue e8"))
    assert [request.text for request in engine.asked] == ["e8"]


# --- defaults -------------------------------------------------------------------------------


async def test_the_request_wins_over_channel_over_server(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), bars=2, temperature=0.5, style="irish")
    await room.store.prefer(channel_of(room), bars=3, style="bach")
    member = room.person()
    await member.reply(member.say("!continue g8 --style any"))
    await member.reply(member.slash("continue", {"melody": "g8", "bars": 5}))
    await member.reply(member.say("!continue", files=[("tune.mid", MIDI)]))
    assert [(r.bars, r.temperature, r.style) for r in engine.asked] == [
        (3, 0.5, "any"),
        (5, 0.5, "bach"),
        (3, 0.5, "bach"),
    ]


async def test_a_line_pasted_elsewhere_gives_the_same_tune(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), bars=2, temperature=0.5, style="irish")
    member = room.person()
    reply = await member.reply(member.say("!continue g8 e8"))
    line = next(row.strip("`") for row in reply.content.splitlines() if "--seed" in row)
    other = room.person(channel=room.server.channel)
    await other.reply(other.say(line))
    first, second = engine.asked
    assert (second.bars, second.temperature, second.style) == (2, 0.5, "irish")
    assert first.text == second.text


async def test_picture_and_sound_can_be_off(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), picture=False)
    member = room.person()
    reply = await member.reply(member.say("!continue g8"))
    assert [file.filename for file in reply.attachments] == ["nabi.ogg", "nabi.mid"]
    assert not engine.asked[-1].picture
    await room.store.prefer(server_of(room), picture=True, audio=False)
    again = await member.reply(member.press(reply, "Again"))
    assert [file.filename for file in again.attachments] == ["score.png", "nabi.mid"]
    assert engine.asked[-1].picture
    assert not engine.asked[-1].audio


@pytest.mark.parametrize(
    ("names", "locale", "text", "expected"),
    [
        ("letters", "en-US", "솔8 미8", "letters"),
        ("solfege", "en-US", "g8 e8", "solfege"),
        ("auto", "ko", "g8 e8", None),
        ("auto", "ko", "", "solfege"),
        ("auto", "en-US", "", None),
    ],
)
async def test_note_names(
    room: Room, engine: FakeEngine, *, names: Any, locale: str, text: str, expected: str | None
) -> None:
    await room.store.prefer(server_of(room), names=names)
    member = room.person()
    member.user.locale = locale
    await member.reply(member.slash("continue", {"melody": text} if text else {}))
    assert engine.asked[-1].names == expected


# --- language -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "guild", "text", "korean"),
    [
        ("auto", "en-US", "!continue h4", False),
        ("auto", "ko", "!continue h4", True),
        ("auto", "en-US", "!continue 하4", True),
        ("ko", "en-US", "!continue h4", True),
        ("en", "ko", "!continue h4", False),
        ("en", "en-US", "!continue 하4", False),
    ],
)
async def test_the_language_of_answers_to_messages(
    room: Room, language: Any, guild: str, text: str, *, korean: bool
) -> None:
    place = room.english if guild == "en-US" else room.server.guild
    await room.store.prefer(Scope("server", place.id), language=language)
    member = room.person(channel=next(iter(place.channels.values())))
    reply = await member.reply(member.say(text))
    assert ("읽지 못했어요" in reply.content) is korean


@pytest.mark.parametrize(
    ("own", "language", "korean"),
    [
        ("ko", "en", True),
        ("en-US", "ko", False),
        ("de", "ko", True),
        ("de", "auto", False),
        ("ja", "en", False),
    ],
)
async def test_the_language_of_answers_to_the_menu(
    room: Room, own: str, language: Any, *, korean: bool
) -> None:
    await room.store.prefer(server_of(room), language=language)
    member = room.person()
    member.user.locale = own
    reply = await member.reply(member.slash("continue", {"melody": "h4"}))
    assert ("읽지 못했어요" in reply.content) is korean


async def test_a_typed_panel_keeps_the_languages_of_its_place(room: Room) -> None:
    await room.store.prefer(server_of(room), language="ko")
    boss = room.administrator
    boss.user.locale = "en-US"
    panel = await boss.reply(boss.say("!settings"))
    await boss.answered(boss.select(panel, "settings:pick", "bars"))
    assert has_hangul(panel.content)
    await choose(boss, panel, "language", "English")
    assert not has_hangul(panel.content)


# --- allowed channels -----------------------------------------------------------------------


async def test_elsewhere_it_names_the_channels_or_keeps_quiet(
    room: Room, engine: FakeEngine
) -> None:
    hall = room.server.places.add_channel(room.english, "hall")
    tunes = room.english.channel("tunes")
    member, there = room.person(), room.person(channel=hall)
    old = await there.reply(there.say("!continue c8"))
    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    await boss.answered(boss.select(panel, "settings:pick", "channels"))
    await boss.answered(boss.select(panel, "settings:channels", tunes))
    assert f"<#{tunes.id}> · *set for the server*" in panel.content
    engine.asked.clear()

    for asked in (there.slash("continue", {"melody": "g8"}), there.press(old, "Again")):
        told = await there.reply(asked)
        assert f"I answer in these channels: <#{tunes.id}>" in told.content
        assert told.ephemeral
    quiet = [there.say("!continue g8"), there.say("!about")]
    assert "continue" in (await there.reply(there.say("!help"))).content
    assert "Settings" in (await there.reply(there.slash("settings"))).content
    assert (await there.reply(there.slash("privacy"))).content
    await member.reply(member.say("!continue e8"))
    assert [request.text for request in engine.asked] == ["e8"]
    assert not [m for m in hall.messages.values() if m.reference and m.reference.message in quiet]


async def test_when_no_allowed_channel_is_left_all_are(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(server_of(room), channels=(123456,))
    member = room.person()
    await member.reply(member.say("!continue g8"))
    assert engine.asked


async def test_no_channel_chosen_means_all(room: Room) -> None:
    boss = room.administrator
    tunes = room.english.channel("tunes")
    await room.store.prefer(server_of(room), channels=(tunes.id,))
    panel = await boss.reply(boss.slash("settings"))
    await boss.answered(boss.select(panel, "settings:pick", "channels"))
    menu = part(panel, "settings:channels")
    assert [int(each["id"]) for each in menu["default_values"]] == [tunes.id]
    await boss.answered(boss.select(panel, "settings:channels"))
    assert room.store.preferences(server_of(room)).channels == ()
    assert "all channels" in panel.content


async def test_a_thread_follows_its_channel(room: Room, engine: FakeEngine) -> None:
    await room.store.prefer(channel_of(room), bars=2, prefix="?")
    await room.store.prefer(server_of(room), channels=(channel_of(room).id,))
    boss = room.administrator
    shown = boss.say("let us play")
    thread = room.server.people.start_thread(boss.user, shown, "game")
    await soon(lambda: room.bot.get_channel(thread.id))
    there = room.person(channel=thread)
    await there.reply(there.say("?continue g8"))
    assert engine.asked[-1].bars == 2
    panel = await boss.reply(boss.slash("settings", channel=thread))
    await boss.answered(boss.press(panel, "This channel"))
    assert f"<#{room.english.channel('tunes').id}>" in panel.content
    await choose(boss, panel, "audio", "off")
    assert room.store.preferences(channel_of(room)).audio is False


# --- what happens around it -----------------------------------------------------------------


async def test_settings_outlive_the_program(tmp_path: Path, engine: FakeEngine) -> None:
    async with make_room(tmp_path, engine) as room:
        async with room.running():
            boss = room.administrator
            panel = await boss.reply(boss.slash("settings"))
            await type_in(boss, panel, "prefix", "?")
        await room.store.close()
        await room.store.open()
        async with room.running():
            member = room.person()
            await member.reply(member.say("?continue g8"))
    assert engine.asked


async def test_a_server_that_throws_the_bot_out_is_forgotten(room: Room) -> None:
    await room.store.prefer(server_of(room), prefix="?")
    await room.store.prefer(channel_of(room), bars=3)
    room.server.places.remove_bot(room.english)
    await soon(lambda: room.store.preferences(channel_of(room)) == Preferences())
    assert room.store.preferences(server_of(room)) == Preferences()


async def test_an_outage_forgets_nothing(room: Room) -> None:
    await room.store.prefer(server_of(room), prefix="?")
    guild = room.bot.get_guild(room.english.id)
    assert guild is not None
    room.server.places.outage(room.english)
    await soon(lambda: guild.unavailable)
    room.server.places.recover(room.english)
    await soon(lambda: not guild.unavailable)
    assert room.store.preferences(server_of(room)).prefix == "?"


@pytest.mark.parametrize("typed", [True, False])
async def test_a_panel_that_nobody_uses_any_more_loses_its_menus(
    room: Room, monkeypatch: pytest.MonkeyPatch, *, typed: bool
) -> None:
    made: list[Panel] = []
    # A bot that stops unloads its cogs: this one's class is not that of another test.
    now_loaded = import_module("cogs.settings.panel").Panel
    arrange = now_loaded._arrange

    def noted(panel: Panel) -> None:
        made.append(panel)
        arrange(panel)

    monkeypatch.setattr(now_loaded, "_arrange", noted)
    boss = room.administrator
    panel = await boss.reply(boss.say("!settings") if typed else boss.slash("settings"))
    await soon(lambda: made[0].message)
    made[0]._dispatch_timeout()  # type: ignore[no-untyped-call]  # the library’s
    await soon(lambda: not list(panel.walk_components()))
    assert made[0].is_finished()


async def test_a_failing_database_is_told_and_the_panel_stays(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    boss = room.administrator
    panel = await boss.reply(boss.slash("settings"))
    await boss.answered(boss.select(panel, "settings:pick", "audio"))
    monkeypatch.setattr(room.store, "prefer", full)
    told = await boss.reply(boss.select(panel, "settings:value", "1"))
    assert "Something went wrong on my side" in told.content
    monkeypatch.undo()
    await boss.answered(boss.select(panel, "settings:value", "1"))
    assert room.store.preferences(server_of(room)).audio is False
