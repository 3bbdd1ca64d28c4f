"""Tables for a terminal, aligned whatever script their words are in."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def width(text: str) -> int:
    """Count the columns that a text takes: wide letters such as Hangul take two, marks none."""
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in text
    )


def align(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Lay rows out in columns, two spaces apart.

    Args:
        rows: the first is the head, under which a rule is drawn; an empty row is an empty line.
        left: columns whose text stands on the left; all others stand on the right.
    """
    columns = max(map(len, rows), default=0)
    widths = [max(width(row[c]) for row in rows if c < len(row)) for c in range(columns)]

    def line(row: Sequence[str]) -> str:
        cells = []
        for column, text in enumerate(row):
            space = " " * (widths[column] - width(text))
            cells.append(text + space if column in left else space + text)
        return "  ".join(cells).rstrip()

    head, *body = [line(row) for row in rows]
    return "\n".join([head, "─" * (sum(widths) + 2 * (columns - 1)), *body])


def shorten(text: str, most: int) -> str:
    """Cut a name from the left to at most so many columns: the end of a path tells more."""
    if width(text) <= most:
        return text
    while width(text) > most - 1:
        text = text[1:]
    return f"…{text}"
