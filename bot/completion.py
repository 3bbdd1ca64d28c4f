"""What an option's value could be, from what has been typed of it so far.

Pure and quick: each function gives what is shown and what it stands for, the likeliest first.
"""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.asking import compact_key
from bot.i18n import LOCALES, say
from engine.music import MODES, Key, Meter
from engine.request import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.i18n import Locale

    Offer = tuple[str, str]

MOST: Final = 25
"""Choices that Discord shows."""

LONGEST: Final = 100
"""Characters of a choice's name and value."""

_COMMON_KEYS: Final = "C G D A E F Bb Eb Ab Am Em Bm F#m Dm Gm Cm Fm Ddor Ador Edor Gmix Dmix Amix"
_COMMON_METERS: Final = "4/4 3/4 2/4 6/8 9/8 12/8 3/8 2/2 3/2 5/4 7/8 4/2 6/4"


def styles(typed: str, locale: Locale) -> list[Offer]:
    """Offer the styles whose name in any language holds what was typed."""
    part = _plain(typed)

    def names(style: str) -> list[str]:
        return [_plain(style), *(_plain(say(each, "style-name", style=style)) for each in LOCALES)]

    found = [style for style in STYLES if any(part in name for name in names(style))]
    return _offers((say(locale, "style-name", style=style), style) for style in found)


def meters(typed: str, locale: Locale) -> list[Offer]:
    """Offer common meters that begin as typed, and what was typed when it is a meter."""
    part = _plain(typed)
    found = [meter for meter in _COMMON_METERS.split() if meter.startswith(part)]
    with contextlib.suppress(ValueError):  # not yet a meter, or never
        found.insert(0, str(Meter.parse(typed)))
    return _offers((_meter_name(meter, locale), meter) for meter in dict.fromkeys(found))


def keys(typed: str, locale: Locale) -> list[Offer]:
    """Offer keys: ``f#`` gives F♯ major, F♯ minor and its modes; Korean names are understood."""
    part = _plain(typed)
    if not part:
        found = [Key.parse(name) for name in _COMMON_KEYS.split()]
    else:
        starts = [key for key in _all_keys() if any(n.startswith(part) for n in _names(key))]
        holds = [
            key for key in _all_keys() if len(part) > 1 and any(part in n for n in _names(key))
        ]
        found = list(dict.fromkeys([*_parsed(typed), *starts, *holds]))
    return _offers((key_name(key, locale), compact_key(str(key))) for key in found)


def versions(typed: str, known: Sequence[tuple[str, str]], locale: Locale) -> list[Offer]:
    """Offer the versions whose name holds what was typed, in the order given.

    Args:
        typed: so far.
        known: names, and of each ``"active"`` for the one that answers, or its date, or nothing.
        locale: language of the notes beside the names.
    """
    part = typed.strip().casefold()
    offers = []
    for name, note in known:
        if part in name.casefold() and len(name) <= LONGEST:
            told = say(locale, "version-answers") if note == "active" else note
            offers.append((f"{name} · {told}" if told else name, name))
    return _offers(offers)


def key_name(key: Key, locale: Locale) -> str:
    """Name a key: ``F♯ minor``, in Korean ``올림바단조 (F♯ minor)``."""
    tonic = str(key).split()[0]
    sign = {"♯": "sharp", "♭": "flat"}.get(tonic[1:], "none")
    name = say(locale, "key-name", step=tonic[0], sign=sign, mode=key.mode)
    return name if locale == "en" else f"{name} ({key})"


def _meter_name(meter: str, locale: Locale) -> str:
    beats, _, unit = meter.partition("/")
    return say(locale, "meter-name", beats=beats, unit=unit)


def _parsed(typed: str) -> list[Key]:
    try:
        return [Key.parse(typed)]
    except ValueError:
        return []


@cache
def _all_keys() -> tuple[Key, ...]:
    """List all keys by their tonic, natural notes first, and by mode, major and minor first."""
    every = [Key(fifths, mode) for mode in MODES for fifths in range(-7, 8)]
    order = list(MODES)
    return tuple(
        sorted(every, key=lambda k: (len(str(k).split()[0]), str(k)[:2], order.index(k.mode)))
    )


@cache
def _names(key: Key) -> tuple[str, ...]:
    """Give the ways in which a key may be typed, as far as they begin differently."""
    korean = _plain(key_name(key, "ko")).partition("(")[0]
    return _plain(str(key)), _plain(compact_key(str(key))), korean


def _plain(text: str) -> str:
    """Make texts comparable: no blanks, lower case, typed signs."""
    small = "".join(text.casefold().split())
    return small.replace("♯", "#").replace("♭", "b")


def _offers(found: Iterable[Offer]) -> list[Offer]:
    return [(name[:LONGEST], value) for name, value in found][:MOST]
