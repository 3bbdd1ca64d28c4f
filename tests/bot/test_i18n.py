"""Every sentence exists in every language, is used, and gets what it needs."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from bot.i18n import LOCALES, Locale, bundle, has_hangul, locale_of, say
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OF_OPTIONS = {f"option-{name}" for name in OPTIONS}
"""Keys that are put together from the options' names."""


class _Collect(Visitor):
    """Collect the variables and the variants of a sentence."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.variants: dict[str, set[str]] = {}

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:  # noqa: N802 - the library's name
        self.variables.add(node.id.name)

    def visit_SelectExpression(self, node: ftl.SelectExpression) -> None:  # noqa: N802 - likewise
        if isinstance(node.selector, ftl.VariableReference):
            keys = {str(getattr(v.key, "name", getattr(v.key, "value", ""))) for v in node.variants}
            self.variants.setdefault(node.selector.id.name, set()).update(keys)
        self.generic_visit(node)


@cache
def sentences(locale: Locale) -> dict[str, _Collect]:
    found = {}
    for path in sorted((ROOT / "bot" / "locale" / locale).glob("*.ftl")):
        resource = FluentParser().parse(path.read_text(encoding="utf-8"))
        for entry in resource.body:
            assert not isinstance(entry, ftl.Junk), f"{path.name}: {entry.content}"
            if isinstance(entry, ftl.Message):
                assert entry.id.name not in found, f"{entry.id.name} is there twice"
                collect = found[entry.id.name] = _Collect()
                collect.visit(entry)
    return found


def calls() -> Iterator[tuple[str, set[str] | None, str]]:
    """Yield each key that the program uses, with the values it gives, and where."""
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "chat" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                where = f"{path.name}:{getattr(node, 'lineno', 0)}"
                if isinstance(node, ast.Constant) and node.value in sentences("en"):
                    yield str(node.value), None, where
                if isinstance(node, ast.Call):
                    yield from _said(node, where)


def _said(node: ast.Call, where: str) -> Iterator[tuple[str, set[str], str]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    words = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
    keys = [word for word in words if word not in LOCALES]
    if name not in {"say", "described", "hybrid"} or not keys:
        return
    if any(word.arg is None for word in node.keywords):
        return  # values as a dictionary: tested where they are made
    yield str(keys[-1]), {str(word.arg) for word in node.keywords}, where


def test_both_languages_have_the_same_sentences() -> None:
    assert set(sentences("en")) == set(sentences("ko"))


@pytest.mark.parametrize("key", sorted(sentences("en")))
def test_a_sentence_is_the_same_in_both_languages(key: str) -> None:
    english, korean = sentences("en")[key], sentences("ko")[key]
    assert english.variables == korean.variables
    for name, variants in korean.variants.items():
        if "one" not in english.variants.get(name, set()):  # Korean has no plural
            assert variants == english.variants[name]


def test_no_key_is_missing_or_unused() -> None:
    used = {key for key, _, _ in calls()} | OF_OPTIONS
    assert used == set(sentences("en"))


def test_every_call_gives_the_values_its_sentence_needs() -> None:
    checked = 0
    for key, given, where in calls():
        if given is not None:
            assert sentences("en")[key].variables <= given | {"aliases"}, where
            checked += 1
    assert checked > 20


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_can_be_said(locale: Locale) -> None:
    for key, collect in sentences(locale).items():
        message = bundle(locale).get_message(key)
        assert message.value is not None
        values = dict.fromkeys(collect.variables, "x")
        text, problems = bundle(locale).format_pattern(message.value, values)
        assert not problems, key
        assert "{" not in str(text), key


@pytest.mark.parametrize("locale", LOCALES)
def test_descriptions_fit_into_discords_menu(locale: Locale) -> None:
    for key in sentences(locale):
        if key.startswith(("command-", "option-")):
            assert 1 <= len(say(locale, key)) <= 100, key


def test_korean_is_korean() -> None:
    for key in sentences("ko"):
        assert has_hangul(say("ko", key)), key
    for key in sentences("en"):
        text = re.sub("[도레미파솔라시]", "", say("en", key))
        assert not has_hangul(text), key


def test_the_language_is_chosen_by_locale() -> None:
    assert [locale_of(code) for code in ("ko", "ko-KR", "en-US", "de", None)] == [
        "ko",
        "ko",
        "en",
        "en",
        "en",
    ]


def test_an_unknown_sentence_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        say("en", "no-such-sentence")


def test_a_missing_value_is_shown_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert "option" in say("en", "error-unknown-flag")
    assert "error-unknown-flag" in caplog.text
