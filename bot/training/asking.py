"""What is asked of a training run: its options as data, and how they are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bot.errors import UnknownWord
from bot.training.runs import CORPUS, RunOptions
from engine.errors import BadOption
from engine.request import Option

if TYPE_CHECKING:
    from collections.abc import Mapping

RUN_OPTIONS: Final[Mapping[str, Option]] = {
    option.name: option
    for option in (
        Option("from", str, choices=("current", "scratch"), default="current"),
        Option("epochs", int, 1, 200, example="12"),
        Option("collections", str, example=f"aird,ryan,{CORPUS}"),
        Option("name", str, example="more-reels"),
    )
}
DRY_RUN: Final = "dry-run"

_FLAG: Final = re.compile(r"(?<!\S)(?:--?|－－?|[—–―])(?P<name>[^\W\d_][\w-]*)[=＝:]?")
_QUOTES: Final = "\"'“”„«»`"
_YES: Final = ("", "yes", "true", "on", "1")
_NO: Final = ("no", "false", "off", "0")


def read_line(text: str, start: tuple[str, ...] = ("start", "시작")) -> dict[str, Any]:
    """Read what was typed after the command: options by name; a value ends where the next begins.

    Anything else is refused, so that a mistyped ``cancel`` does not start a run.

    Args:
        text: such as ``--from scratch --epochs 4 --collections aird,ryan --dry-run``.
        start: words that may stand before the options.

    Raises:
        UnknownWord: for an option or a word that there is not.
        BadOption: for a value that is missing, out of range, or of another form.
    """
    flags = list(_FLAG.finditer(text))
    marks = [*(flag.start() for flag in flags), len(text)]
    before = text[: marks[0]].strip()
    if before and before.lower() not in start:
        raise UnknownWord(before.split()[0])
    values: dict[str, Any] = {}
    for flag, end in zip(flags, marks[1:], strict=True):
        name = flag["name"].lower().replace("_", "-")
        value = text[flag.end() : end].strip().strip(_QUOTES).strip()
        values[name] = _read(name, value, flag[0].strip())
    return values


def _read(name: str, value: str, flag: str) -> int | float | str | bool:
    if name == DRY_RUN:
        if value.lower() not in _YES + _NO:
            raise BadOption(name, value[:40], "yes, no")
        return value.lower() in _YES
    if name not in RUN_OPTIONS:
        raise UnknownWord(flag)
    option = RUN_OPTIONS[name]
    if not value:
        raise option.refuse("")
    return option.read(value)


def make_options(values: Mapping[str, Any]) -> RunOptions:
    """Build a run's options from values by option name; None and missing ones are not given."""
    given = {name: value for name, value in values.items() if value is not None}
    listed = given.get("collections")
    names = (
        None if listed is None else tuple(re.split(r"[\s,，、]+", listed.strip(" ,，、").lower()))
    )
    return RunOptions(
        start=given.get("from", "current"),
        epochs=given.get("epochs"),
        collections=names,
        name=given.get("name"),
    )


def options_line(options: RunOptions) -> str:
    """Write a run's options as they are typed."""
    values = {
        "from": options.start,
        "epochs": options.epochs,
        "collections": ",".join(options.collections) if options.collections else None,
        "name": options.name,
    }
    return " ".join(f"--{name} {value}" for name, value in values.items() if value is not None)


def collection_names() -> tuple[str, ...]:
    """Name the collections that can be learnt from, the operator's folder last."""
    from engine.corpus import COLLECTIONS  # noqa: PLC0415 - loads NumPy, and few people ask

    return (*COLLECTIONS, CORPUS)
