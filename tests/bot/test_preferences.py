"""What may be set, and what holds where."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import BadPrefix
from bot.preferences import (
    NAMES,
    Preferences,
    Scope,
    characters,
    check,
    effective,
    read,
    scopes,
    settable,
    spellings,
)
from engine.errors import BadOption

HERE = Scope("channel", 2, 1)
SERVER = Scope("server", 1)
ME = Scope("member", 3)


@pytest.mark.parametrize(
    "prefix",
    [
        *("!", "n!", "나비야", "$$$$$", "N", "?", "~", "*", "/", ">", "나비 ".strip()),
        *("🦋", "❤️", "👩🏽‍🎤", "🇰🇷🇰🇷", "👨‍👩‍👧‍👦!", "é", "e\u0301"),
    ],
)
def test_prefixes_that_can_be_typed(prefix: str) -> None:
    assert read("prefix", f" {prefix} ") in {prefix, "é"}


@pytest.mark.parametrize(
    "prefix",
    [
        *("", "   ", "a b", "a\tb", "a\nb", "`", "!`", "toolong", "나비야나비야", "🦋🦋🦋🦋🦋🦋"),
        *(
            "<@12>",
            "<@!1>",
            "<#1>",
            "<:a:1>",
            "@here",
            "\u200b",
            "!\u200b",
            "\u202e!",
            "\0",
            "\ufe0f",
        ),
        *("\u3164 !", "a" + "\u0301" * 100, "\ud800", "\u3000"),
    ],
)
def test_prefixes_that_could_not(prefix: str) -> None:
    with pytest.raises(BadPrefix):
        read("prefix", prefix)


def test_a_prefix_is_a_text() -> None:
    with pytest.raises(BadPrefix):
        check("prefix", 7)


@pytest.mark.parametrize(
    ("text", "count"),
    [("abc", 3), ("👨‍👩‍👧‍👦", 1), ("🇰🇷", 1), ("🇰🇷🇩🇪", 2), ("e\u0301", 1), ("👍🏽", 1), ("❤️", 1)],
)
def test_characters_are_counted_as_they_look(text: str, count: int) -> None:
    assert characters(text) == count


@pytest.mark.parametrize(
    ("prefix", "content", "starts"),
    [
        ("!", "!help", True),
        ("nabi", "NaBi help", True),
        ("NB", "nb help", True),
        ("Ä", "ähelp", True),
        ("ß", "SShelp", False),
        ("❤️", "❤️help", True),
        ("❤️", "❤help", True),
        ("❤", "❤️help", True),
        ("!", "?help", False),
        ("!", "", False),
        ("나비", "나비 help", True),
    ],
)
def test_how_a_message_starts(prefix: str, content: str, *, starts: bool) -> None:
    found = [each for each in spellings(prefix, content) if content.startswith(each)]
    assert bool(found) is starts
    if starts:  # the longest comes first: nothing of the prefix is left before the command
        assert content.removeprefix(found[0]).strip() == "help"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("bars", text) for text in ("0", "65", "x", "", "1.5", "nan")),
        *(("temperature", text) for text in ("0", "2.1", "nan", "inf", "warm", "")),
        ("style", "polka"),
    ],
)
def test_defaults_of_options_have_the_options_ranges(name: str, text: str) -> None:
    with pytest.raises(BadOption):
        read(name, text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("language", value) for value in ("de", "", 1)),
        *(("picture", value) for value in (1, 0, "yes", "")),
        *(("names", value) for value in ("runes", True)),
        *(("bars", value) for value in (True, "8", None, [8])),
        *(("channels", value) for value in (["x"], [None])),
    ],
)
def test_nothing_else_is_kept(name: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        check(name, value)


def test_values_are_kept_as_they_are_used() -> None:
    assert check("temperature", 1) == 1.0
    assert isinstance(check("temperature", 1), float)
    assert check("bars", 4) == 4
    assert check("channels", [3, 3, 4]) == (3, 4)
    assert check("picture", value=False) is False


def test_the_nearest_setting_holds() -> None:
    table = {
        HERE: Preferences(bars=2, picture=False),
        SERVER: Preferences(prefix="?", bars=4, language="ko", style="irish"),
    }
    here = effective(lambda scope: table.get(scope, Preferences()), scopes(1, 2, 3), "!")
    assert here.options() == {"bars": 2, "temperature": 1.0, "style": "irish"}
    assert (here.prefix, here.language, here.picture, here.audio) == ("?", "ko", False, True)
    assert here.origins["bars"] == here.origins["picture"] == "channel"
    assert here.origins["prefix"] == here.origins["style"] == "server"
    assert here.origins["audio"] == here.origins["temperature"] == "default"
    assert set(here.values) == set(here.origins) == set(NAMES)


def test_what_is_no_is_a_value_too() -> None:
    table = {HERE: Preferences(language="auto", audio=True), SERVER: Preferences(audio=False)}
    here = effective(lambda scope: table.get(scope, Preferences()), scopes(1, 2, 3), "!")
    assert here.audio
    assert here.origins["language"] == "channel"


def test_ones_own_settings_hold_outside_of_servers_only() -> None:
    assert scopes(None, 9, 3) == (ME,)
    assert scopes(1, 2, 3) == (HERE, SERVER)
    assert scopes(1, None, 3) == (SERVER,)


def test_only_a_server_chooses_among_its_channels() -> None:
    assert "channels" in settable("server")
    assert "channels" not in settable("channel")
    assert "channels" not in settable("member")


@pytest.mark.parametrize(
    ("names", "typed", "korean", "expected"),
    [
        ("auto", True, True, None),
        ("auto", False, True, "solfege"),
        ("auto", False, False, None),
        ("letters", False, True, "letters"),
        ("solfege", True, False, "solfege"),
    ],
)
def test_the_alphabet_of_a_reply(
    names: Any, expected: str | None, *, typed: bool, korean: bool
) -> None:
    here = effective(lambda _: Preferences(names=names), (ME,), "!")
    assert here.names(typed=typed, korean=korean) == expected
