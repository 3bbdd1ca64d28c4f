from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.score import fonts
from engine.score.fonts import HANGUL, SERIF, shorten, svg_text, width, writable


def test_every_font_is_found_and_has_what_it_is_for() -> None:
    have = {font.family: font.advances for font in fonts.fonts()}
    assert set(map(ord, "abcdefgr#b.'~,0123456789♩ =…")) <= set(have["STIXGeneral"])
    assert set(map(ord, "도레미파솔라시쉼나비야")) <= set(have["NanumGothic"])
    assert set(map(ord, "שלוםмир")) <= set(have["DejaVu Sans"])


def test_a_missing_font_is_an_error_and_not_a_picture_without_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "_PLACES", {"Gone": ("matplotlib", "mpl-data/fonts/ttf/Gone.ttf")})
    fonts.fonts.cache_clear()
    try:
        with pytest.raises(fonts.FontMissingError, match="Gone"):
            fonts.fonts()
    finally:
        monkeypatch.undo()
        fonts.fonts.cache_clear()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("나비야", "나비야"),
        ("나비", "나비"),
        ("  two\n lines\t\x00 ", "two lines"),
        ("🦋 butterfly 🦋", "butterfly"),
        ("🦋", ""),
        ("a\u202eb\ufeffc\x1b[31m", "abc [31m"),
        ("<b>&amp;", "<b>&amp;"),
        ("\ud800lone", "lone"),
    ],
)
def test_foreign_text_becomes_one_drawable_line(text: str, expected: str) -> None:
    assert writable(text) == expected


@given(st.text(max_size=60))
def test_any_text_gives_well_formed_svg_with_just_its_characters(text: str) -> None:
    line = writable(text)
    element = ET.fromstring(f"<text>{svg_text(line)}</text>")
    assert "".join(element.itertext()) == line


@given(st.text(max_size=200), st.integers(3, 40))
def test_a_shortened_text_fits_and_is_a_beginning(text: str, room: int) -> None:
    line = writable(text)
    short = shorten(line, room)
    assert width(short) <= room
    assert short == line or line.startswith(short.removesuffix("…").rstrip())


def test_widths_follow_the_font() -> None:
    assert width("ii") < width("mm")
    assert width("솔8", HANGUL) > width("솔", HANGUL) > 0.5
    assert width("", SERIF) == 0
