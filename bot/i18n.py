"""Every sentence a member reads, in Korean and English.

The sentences live in ``bot/locale/<language>/*.ftl`` (Project Fluent). Nothing else in the
program holds text for members.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from fluent.runtime import FluentBundle, FluentResource

Locale = Literal["en", "ko"]
LOCALES: Final[tuple[Locale, ...]] = ("en", "ko")

_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_log: Final = logging.getLogger(__name__)


@cache
def bundle(locale: Locale) -> FluentBundle:
    """Load all sentences of one language."""
    # Isolating marks would travel into commands that people copy.
    made = FluentBundle([locale], use_isolating=False)
    folder = files("bot") / "locale" / locale
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".ftl"):
            made.add_resource(FluentResource(entry.read_text(encoding="utf-8")))
    return made


def say(locale: Locale, key: str, /, **values: str | float) -> str:
    """Give the sentence ``key`` in a language, with ``values`` put in.

    Numbers are written the language's way (``1,000``); pass text where digits must stay bare.

    Raises:
        KeyError: when there is no such sentence.
    """
    made = bundle(locale)
    message = made.get_message(key)
    if message.value is None:
        raise KeyError(key)
    text, problems = made.format_pattern(message.value, values)
    if problems:  # the sentence is still worth showing; a value is missing in it
        _log.error("sentence %s in %s: %s", key, locale, [type(p).__name__ for p in problems])
    return str(text)


def locale_of(code: object) -> Locale:
    """Choose the language for a locale such as ``ko``, ``en-US`` or None."""
    return spoken(code) or "en"


def spoken(code: object) -> Locale | None:
    """Give the language for a locale, or None for one that the bot does not speak."""
    name = str(code).lower().replace("_", "-").partition("-")[0]
    return next((locale for locale in LOCALES if locale == name), None)


def has_hangul(text: str) -> bool:
    """Tell whether any Korean letter is in the text."""
    return _HANGUL.search(text) is not None
