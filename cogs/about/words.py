"""What ``help`` and ``about`` say: pure functions from data to text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.i18n import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.guide import Entry, Parameter
    from bot.i18n import Locale
    from bot.menu import Menu

_ROOM: Final = 1950
"""Characters of a message, with some to spare: Discord takes 2000."""

_PARTS: Final = ("shift", "duration", "pitch")


def overview(every: Sequence[Entry], menu: Menu, locale: Locale, prefix: str | None) -> str:
    """Write the help's first page: how to begin, and every command in one line.

    Args:
        every: the commands.
        menu: knows how they can be clicked.
        locale: language of the page.
        prefix: what stands before typed commands; None: only those of the menu reach the bot.
    """
    start = "/continue melody:" if prefix is None else f"{prefix}continue "
    how = {"prefix": prefix or "/", "heard": "no" if prefix is None else "yes"}
    head = "\n".join(
        (
            say(locale, "help-start"),
            f"```\n{start}{say(locale, 'help-example')}\n```",
            say(locale, "help-more", prefix=how["prefix"], heard=how["heard"]),
            "",
        )
    )
    foot = say(locale, "help-end", prefix=how["prefix"], heard=how["heard"])
    lines: list[str] = []
    for number, entry in enumerate(every):
        line = _line(entry, menu, locale, prefix)
        left = say(locale, "help-left", count=len(every) - number)
        if len("\n".join((head, *lines, line, left, foot))) > _ROOM:
            lines.append(left)
            break
        lines.append(line)
    return "\n".join((head, *lines, foot))


def _line(entry: Entry, menu: Menu, locale: Locale, prefix: str | None) -> str:
    told = _in(locale, entry.told)
    return f"- {name_of(entry, menu, locale, prefix)}{f': {told}' if told else ''}"


def name_of(entry: Entry, menu: Menu, locale: Locale, prefix: str | None) -> str:
    """Write a command's name so that it can be clicked, or as it is typed."""
    if entry.menu == "apps":
        return say(locale, "help-apps", name=_in(locale, entry.names) or entry.name)
    if entry.menu == "typed":
        return f"`{prefix or '@'}{entry.typed}`"
    return menu.link(entry.name)


def detail(entry: Entry, menu: Menu, locale: Locale, prefix: str | None) -> str:
    """Write the help's page on one command: examples to copy, and its options.

    Args:
        entry: the command.
        menu: knows how it can be clicked.
        locale: language of the page.
        prefix: as in :func:`overview`.
    """
    told = _in(locale, entry.told)
    parts = [f"### {name_of(entry, menu, locale, prefix)}", *([told] if told else [])]
    lines = entry.lines(prefix, locale)
    if lines:
        parts.append(say(locale, "help-typed", heard="no" if prefix is None else "yes"))
        parts += [f"```\n{line}\n```" for line in lines]
    if entry.aliases and prefix is not None:
        others = ", ".join(f"`{prefix}{alias}`" for alias in entry.aliases)
        parts.append(f"-# {say(locale, 'help-aliases', names=others)}")
    rows = [_option(each, locale) for each in entry.parameters]
    if rows:
        parts.append(say(locale, "help-options"))
    while rows and len("\n".join((*parts, rows[0]))) <= _ROOM:
        parts.append(rows.pop(0))
    return "\n".join(parts)


def _option(parameter: Parameter, locale: Locale) -> str:
    name = f"--{parameter.name}" if parameter.flag else parameter.name
    values = f" {parameter.values}" if parameter.values else ""
    told = _in(locale, parameter.told)
    needed = f" ({say(locale, 'help-required')})" if parameter.required else ""
    return f"- `{name}{values}`{f' {told}' if told else ''}{needed}"


def _in(locale: Locale, told: Mapping[Locale, str]) -> str:
    return told.get(locale) or told.get("en", "")


def card_text(manifest: Mapping[str, Any], locale: Locale) -> str:
    """Write the model card in short: what a version learnt from, on which terms, its figures."""
    lines = [say(locale, "card-title", name=str(manifest.get("name", "?")))]
    bits = figures(manifest)
    if bits is not None:
        lines.append(say(locale, "card-bits", **bits))
    corpus = manifest.get("corpus")
    corpus = corpus if isinstance(corpus, dict) else {}
    collections = corpus.get("collections")
    rows = []
    for name, data in (collections if isinstance(collections, dict) else {}).items():
        tunes = data.get("tunes", 0) if isinstance(data, dict) else 0
        terms = str(data.get("terms", "?")) if isinstance(data, dict) else "?"
        rows.append(say(locale, "card-collection", name=str(name), tunes=tunes, terms=terms))
    if rows:
        lines.append(say(locale, "card-learnt"))
    limits = say(locale, "card-limits")
    while rows and len("\n".join((*lines, rows[0], limits))) <= _ROOM:
        lines.append(rows.pop(0))
    return "\n".join((*lines, limits))


def figures(manifest: Mapping[str, Any]) -> dict[str, str] | None:
    """Give a version's bits per note, as they are written; None when they are not known."""
    metrics = manifest.get("metrics")
    metrics = metrics if isinstance(metrics, dict) else {}
    bits = [metrics.get(f"{part}_bits") for part in _PARTS]
    if not all(isinstance(each, int | float) for each in bits):
        return None
    right = metrics.get("pitch_accuracy")
    return {
        "bits": f"{sum(bits):.2f}",  # type: ignore[arg-type]  # numbers, as just checked
        "pitch": f"{bits[2]:.2f}",
        "right": f"{right:.0%}" if isinstance(right, int | float) else "?",
    }
