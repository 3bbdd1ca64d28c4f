"""Text as people type it: one form for the many ways of writing the same characters.

Full-width letters, decomposed Hangul, typographic quotes and music signs, emoji digits, code
fences: all come down to the few characters that note codes are made of, while every character
remembers where it stood in the text as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from unicodedata import category, combining, normalize

from engine.errors import TooLong
from engine.request import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAME: Final = str.maketrans(
    {
        **dict.fromkeys("’‘‛′´ʹʼˈ", "'"),  # U+00B4 would become a blank under NFKC
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("〜∼‿⁀⌢", "~"),
        **dict.fromkeys("、،﹐", ","),
        **dict.fromkeys("𝄀𝄁𝄂𝄃¦│┃ǀ", "|"),
        "‚": ",",
        "♯": "#",
        "♭": "b",
        "𝄪": "##",
        "𝄫": "bb",
        "−": "-",
        "‐": "-",
        "‑": "-",
    }
)
_KEYCAP: Final = "\u20e3"
_LONGEST_CLUSTER: Final = 8
_FENCE: Final = re.compile(r"```([a-z0-9_+#.-]*+)(?=\n)")


@dataclass(frozen=True, slots=True)
class Typed:
    """Text in its plain form.

    Attributes:
        original: as typed.
        text: lower case, normalised (NFKC), fences and outer quotes blanked out.
        offsets: for each character of ``text`` its offset in ``original``, and the end.
    """

    original: str
    text: str
    offsets: tuple[int, ...]

    def typed(self, start: int, end: int) -> str:
        """Give the original of a part of ``text``, shortened to 40 characters."""
        return self.original[self.offsets[start] : self.offsets[end]].strip()[:40]


def read_typed(original: str) -> Typed:
    """Bring typed text into its plain form, in linear time.

    Raises:
        TooLong: when the text has more than :data:`engine.request.MAX_TEXT` characters.
    """
    if len(original) > MAX_TEXT:
        raise TooLong("characters", len(original), MAX_TEXT)
    characters: list[str] = []
    offsets: list[int] = []
    for start, end in _clusters(original):
        for character in _plain(original[start:end].translate(_SAME)).lower():
            if category(character) != "Cf" and not _decorates(character):
                characters.append(character)
                offsets.append(start)
    text = "".join(characters)
    return Typed(original, _unwrapped(text), (*offsets, len(original)))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Give spans whose characters may join: a base with its marks, the letters of a syllable.

    Their length is bounded, because sorting a long run of marks takes quadratic time.
    """
    start = 0
    for place in range(1, len(text)):
        character = text[place]
        joins = combining(character) or "\u1160" <= character <= "\u11ff"
        if not joins or place - start >= _LONGEST_CLUSTER:
            yield start, place
            start = place
    if text:
        yield start, len(text)


def _plain(cluster: str) -> str:
    """Normalise a cluster, but do not make several notes of one sign such as a ligature."""
    plain = normalize("NFKC", cluster)
    return plain if len(plain) <= len(cluster) else normalize("NFC", cluster)


def _decorates(character: str) -> bool:
    """Tell whether a character only changes how the one before it looks."""
    return character == _KEYCAP or "\ufe00" <= character <= "\ufe0f"


def _unwrapped(text: str) -> str:
    """Blank out code fences, their language, back quotes, and quotes around the whole text."""
    text = _FENCE.sub(_blank_language, text).replace("`", " ")
    inner = text.strip()
    if len(inner) > 1 and inner[0] == inner[-1] and inner[0] in "\"'":
        start = text.index(inner)
        end = start + len(inner)
        text = f"{text[:start]} {text[start + 1 : end - 1]} {text[end:]}"
    return text


def _blank_language(fence: re.Match[str]) -> str:
    """Drop the language after a fence, as Discord does, unless it looks like a note code."""
    word = fence[1]
    is_code = word[:1] in tuple("abcdefgr") and any(character.isdigit() for character in word)
    return "   " + (word if is_code else " " * len(word))
