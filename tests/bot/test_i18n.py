"""Every sentence exists in every language, is used, and gets what it needs."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from bot.i18n import LOCALES, Locale, bundle, has_hangul, locale_of, say
from engine.codes import Hint
from engine.music import MODES, STEPS
from engine.request import OPTIONS, STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OF_OPTIONS = {f"option-{name}" for name in OPTIONS}
"""Keys that are put together from the options' names."""


class _Collect(Visitor):
    """Collect what a sentence is made of: variables, variants, attributes, functions, others."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.variants: dict[str, set[str]] = {}
        self.attributes: set[str] = set()
        self.others: set[str] = set()

    def visit_Attribute(self, node: ftl.Attribute) -> None:  # noqa: N802 - the library's name
        self.attributes.add(node.id.name)
        self.generic_visit(node)

    def visit_FunctionReference(self, node: ftl.FunctionReference) -> None:  # noqa: N802 - likewise
        self.others.add(f"{node.id.name}()")
        self.generic_visit(node)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:  # noqa: N802 - likewise
        self.others.add(node.id.name)

    def visit_TermReference(self, node: ftl.TermReference) -> None:  # noqa: N802 - likewise
        self.others.add(f"-{node.id.name}")

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
            assert not isinstance(entry, ftl.Term), f"{path.name}: nothing else looks at terms"
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
                yield from _explained(node, where)


def _said(node: ast.Call, where: str) -> Iterator[tuple[str, set[str], str]]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    words = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant)]
    keys = [word for word in words if word not in LOCALES]
    if name not in {"say", "_say", "described", "hybrid"} or not keys:
        return
    if any(word.arg is None for word in node.keywords):
        return  # values as a dictionary: tested where they are made
    yield str(keys[-1]), {str(word.arg) for word in node.keywords}, where


def _explained(node: ast.AST, where: str) -> Iterator[tuple[str, None, str]]:
    """Yield the sentence that a class of errors names."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    value = getattr(node, "value", None)
    named = any(getattr(target, "id", "") == "sentence" for target in targets)
    if named and isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value, None, where


def test_both_languages_have_the_same_sentences() -> None:
    assert set(sentences("en")) == set(sentences("ko"))


@pytest.mark.parametrize("key", sorted(sentences("en")))
def test_a_sentence_is_the_same_in_both_languages(key: str) -> None:
    english, korean = sentences("en")[key], sentences("ko")[key]
    assert english.variables == korean.variables
    assert english.attributes == korean.attributes == set()  # say() gives none of them
    assert english.others == korean.others
    assert english.others <= set(sentences("en"))
    for name, variants in korean.variants.items():
        if "one" not in english.variants.get(name, set()):  # Korean has no plural
            assert variants == english.variants[name]


def test_a_file_has_its_sentences_in_the_same_order_in_both_languages() -> None:
    for path in sorted((ROOT / "bot" / "locale" / "en").glob("*.ftl")):
        there = [path, ROOT / "bot" / "locale" / "ko" / path.name]
        keys = [re.findall(r"^([a-z][\w-]*) =", p.read_text("utf-8"), re.MULTILINE) for p in there]
        assert keys[0] == keys[1], path.name


@pytest.mark.parametrize(
    ("key", "variable", "values"),
    [
        ("style-name", "style", set(STYLES)),
        ("key-name", "mode", set(MODES)),
        ("key-name", "step", set(STEPS.upper())),
        ("error-bad-token", "hint", set(get_args(Hint))),
        ("reply-guess", "name", {"meter", "key", "tempo"}),
        ("reply-lightened-part", "part", {"picture", "audio", "wave"}),
    ],
)
def test_every_value_has_its_words(key: str, variable: str, values: set[str]) -> None:
    for locale in LOCALES:
        assert sentences(locale)[key].variants[variable] == values


def test_a_sentence_in_the_program_is_never_written_out() -> None:
    """Find text for members that is in no catalogue: a sentence given to what sends."""
    sends = {"answer", "send", "send_message", "edit_message", "edit_original_response", "reply"}
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "chat" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in sends:
                    given = [*node.args, *(w.value for w in node.keywords if w.arg == "content")]
                    words = [each for each in given if _is_prose(each)]
                    assert not words, f"{path.name}:{node.lineno}"


def _is_prose(node: ast.expr) -> bool:
    """Tell whether text stands in the program itself."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
    return re.search(r"[^\W\d_]{3,}", text) is not None


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


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("estimate-source", {"kind": "folder", "tunes": 1, "notes": 40, "files": 1}),
        ("estimate-sum", {"tunes": 1, "notes": 40}),
        ("estimate-time", {"epochs": 1, "speed": 4000}),
        ("models-more", {"count": 1}),
        ("forget-done", {"count": 1}),
        ("taken-cut", {"count": 1}),
        ("settings-channels", {"count": 1}),
        ("about-running", {"servers": 1}),
        ("run-skipped", {"count": 1}),
    ],
)
def test_one_is_no_plural(key: str, values: dict[str, str | float]) -> None:
    text = say("en", key, **{"name": "x", "duration": "x", "since": "x", **values})
    assert re.search(r"\b1 (?!note)\w+s\b", text) is None, text


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


def test_no_particle_hangs_on_what_is_not_known_before() -> None:
    """A Korean particle follows the last sound: behind a value of any kind it would be wrong."""
    particle = (
        r"\{ \$\w+ \}[`*”’)]*(을|를|이|가|은|는|으로|로|와|과|라|이라|은\(는\)|\(이\)라)(?![가-힣])"
    )
    for path in (ROOT / "bot" / "locale" / "ko").glob("*.ftl"):
        for line in path.read_text("utf-8").splitlines():
            assert not re.search(particle, line), line


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
