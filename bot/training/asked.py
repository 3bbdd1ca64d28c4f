"""Check what is asked of a run before it begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.training.runs import CORPUS, NEW_NAME
from engine.corpus import COLLECTIONS
from engine.errors import BadOption, BadVersion, UnknownVersion

if TYPE_CHECKING:
    from bot.training.runs import RunOptions
    from engine.registry import Registry

MOST_EPOCHS: Final = 200

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def check(options: RunOptions, registry: Registry) -> str:
    """Check a run's options. Reads files.

    Returns:
        the name of the version that answers, with which the new one will be compared; empty when
        there is none.

    Raises:
        BadOption: a name that cannot be used or exists, epochs out of range, an unknown
            collection.
    """
    if options.epochs is not None and not 1 <= options.epochs <= MOST_EPOCHS:
        raise BadOption("epochs", str(options.epochs), f"1–{MOST_EPOCHS}")
    known = (*COLLECTIONS, CORPUS)
    names = options.collections
    if names is not None:
        wrong = next((name for name in names if name not in known), None)
        if wrong is not None or not names:
            raise BadOption("collections", (wrong or "")[:40], ", ".join(known))
    if options.name is not None:
        _check_name(options.name, registry)
    try:
        return registry.active.name
    except BadVersion:
        return ""


def _check_name(name: str, registry: Registry) -> None:
    if not _NAME.fullmatch(name):
        raise BadOption("name", name[:40], "a–z, 0–9, . _ -")
    try:
        registry.get(name)
    except UnknownVersion:
        return
    except BadVersion:
        pass  # it is damaged, but it is there
    raise BadOption("name", name, NEW_NAME)
