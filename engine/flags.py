"""Options among note codes: ``g8 e8 e4 --bars 4 --seed=7 --key "F# minor"``."""

from __future__ import annotations

import re
from typing import Final

from engine.errors import BadOption, TooLong
from engine.music import Key
from engine.request import MAX_TEXT, OPTIONS, option_named

_FLAG: Final = re.compile(r"(?<![^\s`\"“])(?P<dashes>--|－－|[—–―]|[-－])(?P<name>[^\W\d_][\w-]*+)")
_VALUE: Final = re.compile(
    r"(?:\s*+[=＝:]\s*+|\s++)"
    r"(?:[\"“”„«](?P<quoted>[^\"“”»]*+)[\"”“»]|'(?P<single>[^']*+)'|(?P<word>[^\s`\"]++))"
)
_MODE: Final = re.compile(r"\s++(?P<mode>[A-Za-z]{3,12}+)(?![^\s`])")
_TYPED_DASHES: Final = "—–―"


def split_options(text: str) -> tuple[str, dict[str, str]]:
    """Part typed text into note codes and options.

    An option is ``--name value`` or ``--name=value``; a value with blanks stands in quotes,
    only the mode of a key may follow without (``--key F# minor``). Dashes that a phone put in
    for ``--`` are understood, and one dash before a known name. Of two equal options the last
    one holds. Values are not checked here.

    Returns:
        The text with blanks in place of the options, so that offsets stay what they were, and
        without blanks at its end; and the values by option name.

    Raises:
        UnknownFlag: for an option that does not exist.
        BadOption: for an option without a value.
        TooLong: when the text has more than :data:`engine.request.MAX_TEXT` characters.
    """
    if len(text) > MAX_TEXT:
        raise TooLong("characters", len(text), MAX_TEXT)
    options: dict[str, str] = {}
    kept: list[str] = []
    done = 0
    while flag := _FLAG.search(text, done):
        if not _is_option(flag):
            kept.append(text[done : flag.end()])
            done = flag.end()
            continue
        option = option_named("--" + flag["name"])
        value, end = _value(text, flag.end(), option.name)
        if value is None:
            raise BadOption(option.name, "", option.expected)
        options[option.name] = value
        kept += [text[done : flag.start()], " " * (end - flag.start())]
        done = end
    return "".join([*kept, text[done:]]).rstrip(), options


def _is_option(flag: re.Match[str]) -> bool:
    """Tell an option from a dash among notes such as ``-e8``."""
    name = flag["name"]
    if flag["dashes"] in ("-", "－"):
        return name.lower() in OPTIONS
    return flag["dashes"] not in _TYPED_DASHES or not any(letter.isdigit() for letter in name)


def _value(text: str, start: int, name: str) -> tuple[str | None, int]:
    """Read the value that follows an option and where it ends; None when there is none."""
    match = _VALUE.match(text, start)
    if match is None:
        return None, start
    quoted = match["quoted"] if match["quoted"] is not None else match["single"]
    if quoted is not None:
        return quoted.strip(), match.end()
    word = match["word"]
    flag = _FLAG.match(text, match.start("word"))
    if flag is not None and _is_option(flag):
        return None, start
    if name == "key" and (mode := _MODE.match(text, match.end())):
        key = f"{word} {mode['mode']}"
        try:
            Key.parse(key)
        except ValueError:
            pass
        else:
            return key, mode.end()
    return word, match.end()
