"""The page's own words: the same in both languages, none missing, none unused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot.chat

PAGE = Path(bot.chat.__file__).parent / "page"
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in PAGE.glob("*.js")}
ENTRY = re.compile(r'(\w+): "((?:[^"\\]|\\.)*)"')


def words() -> dict[str, list[tuple[str, str]]]:
    table = SCRIPTS["i18n.js"].split("const WORDS = {", 1)[1].split("\n};", 1)[0]
    english, korean = table.split("\n  ko: {", 1)
    return {"en": ENTRY.findall(english), "ko": ENTRY.findall(korean)}


def test_both_languages_have_the_same_words_once() -> None:
    english, korean = (dict(entries) for entries in words().values())
    assert english.keys() == korean.keys()
    assert all(len(entries) == len(dict(entries)) for entries in words().values())
    for key, text in english.items():
        holes = set(re.findall(r"\{\w+\}", text))
        assert set(re.findall(r"\{\w+\}", korean[key])) == holes, key
        assert text
        assert korean[key]


def test_every_word_that_is_asked_for_exists_and_every_word_is_used() -> None:
    known = {key for key, _text in words()["en"]}
    text = "\n".join(script for name, script in SCRIPTS.items() if name != "i18n.js")
    text += SCRIPTS["i18n.js"].split("\n};", 1)[1]
    asked = set(re.findall(r'\bt\("(\w+)"', text))
    assert asked <= known
    literals = set(re.findall(r'"(\w+)"', text)) | set(re.findall(r"\b([A-Z_]{5,}):", text))
    unused = {each for each in known - literals if not re.fullmatch(r"e\d{5}|lang", each)}
    assert unused == {"member", "administrator", "friend"}  # the people's names, by who they are


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_scripts_import_what_exists(name: str) -> None:
    for names, module in re.findall(r'import \{([^}]*)\} from "\./(\w+\.js)"', SCRIPTS[name]):
        exported = set(
            re.findall(r"export (?:async )?(?:function|const|let|class) (\w+)", SCRIPTS[module])
        )
        assert {each.strip() for each in names.split(",")} <= exported
