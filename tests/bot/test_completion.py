"""What is offered while an option is typed."""

from __future__ import annotations

import pytest

from bot import completion
from bot.i18n import LOCALES, Locale, has_hangul
from engine.music import MODES, Key, Meter
from engine.request import OPTIONS, STYLES


def values(offers: list[tuple[str, str]]) -> list[str]:
    return [value for _, value in offers]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("f#", ["F#", "F#m", "F#dorian"]),
        ("F♯", ["F#", "F#m", "F#dorian"]),
        ("f# m", ["F#m", "F#"]),
        ("am", ["Am"]),
        ("b", ["B", "Bm"]),
        ("bb", ["Bb", "Bbm"]),
        ("fis", ["F#"]),
        ("올림바", ["F#", "F#m"]),
        ("올림 바 단", ["F#m"]),
        ("사장조", ["G"]),
        ("단조", ["Am", "Bm", "Cm"]),
        ("dorian", ["Adorian"]),
        ("x", []),
        ("", ["C", "G", "D"]),
    ],
)
@pytest.mark.parametrize("locale", LOCALES)
def test_keys_are_completed(typed: str, first: list[str], locale: Locale) -> None:
    offered = values(completion.keys(typed, locale))
    assert offered[: len(first)] == first
    assert first or not offered
    assert len(set(offered)) == len(offered) <= completion.MOST


def test_keys_are_named_in_the_readers_language() -> None:
    assert completion.keys("f#", "en")[:2] == [("F♯ major", "F#"), ("F♯ minor", "F#m")]
    assert completion.keys("f#", "ko")[1] == ("올림바단조 (F♯ minor)", "F#m")
    assert completion.keys("bb", "ko")[0] == ("내림나장조 (B♭ major)", "Bb")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fifths", range(-7, 8))
def test_every_name_of_a_key_can_be_typed(fifths: int, mode: str) -> None:
    key = Key(fifths, mode)
    korean = completion.key_name(key, "ko").partition(" (")[0]
    assert Key.parse(korean) == Key.parse(korean.replace(" ", "")) == key
    assert Key.parse(completion.key_name(key, "en")) == key
    offered = completion.keys(str(key), "en")
    assert Key.parse(offered[0][1]) == key


@pytest.mark.parametrize("text", ["올림", "바", "올림바", "하장조", "바장조조", "도리아", "선법"])
def test_half_a_korean_name_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Key.parse(text)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("11/8", ["11/8"]),
        ("C|", ["2/2"]),
        ("6", ["6/8", "6/4"]),
        ("3/4", ["3/4"]),
        (" 3 / 4 ", ["3/4"]),
        ("3/5", []),
        ("99999/4", []),
    ],
)
def test_meters_are_completed(typed: str, offered: list[str]) -> None:
    assert values(completion.meters(typed, "en")) == offered


def test_common_meters_come_first_and_are_named() -> None:
    assert values(completion.meters("", "ko"))[:3] == ["4/4", "3/4", "2/4"]
    assert completion.meters("6/8", "ko")[0] == ("6/8 (8분의 6박자)", "6/8")
    assert all(Meter.parse(value) for value in values(completion.meters("", "en")))


@pytest.mark.parametrize("locale", LOCALES)
def test_styles_are_named_in_the_readers_language(locale: Locale) -> None:
    offers = completion.styles("", locale)
    assert tuple(values(offers)) == STYLES
    assert len({name for name, _ in offers}) == len(STYLES)
    for name, value in offers:
        assert value in name
        assert has_hangul(name) is (locale == "ko")


@pytest.mark.parametrize("typed", ["IRI", "아일", "Irish dance"])
def test_styles_are_found_by_any_of_their_names(typed: str) -> None:
    assert values(completion.styles(typed, "en")) == ["irish"]


def test_versions_keep_their_order_and_say_which_answers() -> None:
    known = [("New-2", "active"), ("nabi-1", "2026-09-01"), ("odd", ""), ("x" * 101, "")]
    assert completion.versions("", known, "en") == [
        ("New-2 · answers now", "New-2"),
        ("nabi-1 · 2026-09-01", "nabi-1"),
        ("odd", "odd"),
    ]
    assert values(completion.versions("NEW", known, "ko")) == ["New-2"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("typed", ["", "a", "\u202e", "💥" * 50, "x" * 6000, "'\";--", "\x00", "{"])
def test_whatever_is_typed_discord_takes_the_answer(typed: str, locale: Locale) -> None:
    known = [(f"{typed}{number}", "2026") for number in range(40)]
    for offers in (
        completion.keys(typed, locale),
        completion.meters(typed, locale),
        completion.styles(typed, locale),
        completion.versions(typed, known, locale),
    ):
        assert len(offers) <= 25
        assert all(1 <= len(text) <= 100 for offer in offers for text in offer)


def test_what_is_offered_is_taken() -> None:
    for name, offers in {
        "key": completion.keys("e", "ko"),
        "meter": completion.meters("", "ko"),
        "style": completion.styles("", "ko"),
    }.items():
        for value in values(offers):
            assert OPTIONS[name].read(value) == value
