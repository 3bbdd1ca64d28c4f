"""What members can set for a server, a channel or themselves, and what holds where.

What is typed in a request wins over the channel's setting, that over the server's, that over the
bot's own defaults. In direct messages, and where the bot is no member of the server, a person's
own settings take the place of channel and server.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.errors import BadPrefix
from bot.i18n import LOCALES
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.request import Names

Language = Literal["auto", "en", "ko"]
LANGUAGES: Final[tuple[Language, ...]] = ("auto", *LOCALES)

NoteNames = Literal["auto", "letters", "solfege"]
NOTE_NAMES: Final[tuple[NoteNames, ...]] = ("auto", "letters", "solfege")
"""Alphabets of note names; ``auto``: as typed, and by language where nothing was typed."""

Level = Literal["channel", "server", "member"]
Origin = Literal["channel", "server", "member", "default"]

LONGEST_PREFIX: Final = 5
"""Characters of a prefix, as a reader counts them."""

MOST_CHANNELS: Final = 25
"""Allowed channels of a server: as many as one menu of Discord takes."""

_MOST_POINTS: Final = 40
"""Unicode code points of a prefix: an emoji can be made of many."""

_NOT_IN_PREFIX: Final = re.compile(r"[\s`]|<[@#:]|@everyone|@here", re.IGNORECASE)
_JOINERS: Final = frozenset("\u200d\ufe0f")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something is set.

    Attributes:
        kind: a channel, a server, or a member with the bot alone.
        id: of the channel, the server or the member.
        guild: the channel's server; None for the others.
    """

    kind: Level
    id: int
    guild: int | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is set in one place; None: nothing is set there.

    Attributes:
        prefix: what commands in messages start with.
        language: of what the bot says.
        bars, temperature, style: defaults of the options with these names.
        names: alphabet of the note names in replies.
        picture, audio: whether they are made.
        channels: ids of the only channels in which the bot answers; empty: in all.
    """

    prefix: str | None = None
    language: Language | None = None
    bars: int | None = None
    temperature: float | None = None
    style: str | None = None
    names: NoteNames | None = None
    picture: bool | None = None
    audio: bool | None = None
    channels: tuple[int, ...] | None = None


NAMES: Final = tuple(field.name for field in fields(Preferences))
"""All that can be set, in the order in which it is shown."""

CHOICES: Final[Mapping[str, tuple[object, ...]]] = {
    "language": LANGUAGES,
    "style": OPTIONS["style"].choices,
    "names": NOTE_NAMES,
    "picture": (True, False),
    "audio": (True, False),
}
"""Values of the settings that are chosen from a list."""

OF_OPTIONS: Final = ("bars", "temperature", "style")
"""Settings that are defaults of options."""


def settable(kind: Level) -> tuple[str, ...]:
    """Name what can be set in a kind of place: only a server chooses among its channels."""
    return NAMES if kind == "server" else NAMES[:-1]


def check(name: str, value: Any) -> Any:
    """Give a value as it is kept, when it is allowed.

    Raises:
        BadOption: a default that its option does not take.
        BadPrefix: a prefix that could not be typed or told apart from other text.
        ValueError: anything else that is none of a setting's values.
    """
    if name in OF_OPTIONS:
        option = OPTIONS[name]
        if isinstance(value, bool) or not isinstance(value, option.kind | int):
            raise ValueError(name)
        return option.check(option.kind(value))
    if name == "prefix":
        return _check_prefix(value)
    if name == "channels":
        if not all(isinstance(each, int) for each in value):
            raise ValueError(name)
        return tuple(dict.fromkeys(value))[:MOST_CHANNELS]
    if not any(
        value is each or (each == value and isinstance(each, str)) for each in CHOICES[name]
    ):
        raise ValueError(name)
    return value


def read(name: str, text: str) -> Any:
    """Read what somebody typed as a setting's value.

    Raises:
        BadOption, BadPrefix: when it is none of its values.
    """
    if name in OF_OPTIONS:
        return OPTIONS[name].read(text)
    return check(name, text.strip())


def _check_prefix(value: object) -> str:
    if not isinstance(value, str):
        raise BadPrefix(str(value))
    text = unicodedata.normalize("NFC", value)
    seen = [c for c in text if c not in _JOINERS]
    odd = any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp", "Zs"} for c in seen)
    if (
        not 1 <= characters(text) <= LONGEST_PREFIX
        or len(text) > _MOST_POINTS
        or _NOT_IN_PREFIX.search(text)
        or odd
    ):
        raise BadPrefix(value)
    return text


def characters(text: str) -> int:
    """Count characters as a reader does: an emoji of several parts, a flag, a letter with marks."""
    count, joined, flag = 0, False, False
    for c in text:
        regional = "\U0001f1e6" <= c <= "\U0001f1ff"
        if c == "\u200d":
            joined = True
            continue
        skin = "\U0001f3fb" <= c <= "\U0001f3ff"
        part = joined or skin or unicodedata.category(c) in {"Mn", "Me", "Mc"}
        if not part and not (regional and flag):
            count += 1
        flag = regional and not flag
        joined = False
    return count


def spellings(prefix: str, content: str) -> list[str]:
    """Give the ways in which a message may start with a prefix, longest first.

    Upper and lower case are the same, and so is an emoji with and without its variation mark.
    """
    head = content[: len(prefix)]
    found = [head] if head.casefold() == prefix.casefold() else [prefix]
    bare = prefix.replace("\ufe0f", "")
    if bare and bare != prefix:
        found.append(bare)
    elif bare == prefix:
        found.insert(0, f"{found[0]}\ufe0f")
    return found


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds in one place, and where each value comes from.

    Attributes:
        values: by the names in :data:`NAMES`.
        origins: likewise.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, Origin]

    @property
    def prefix(self) -> str:
        """What commands in messages start with."""
        return str(self.values["prefix"])

    @property
    def language(self) -> Language:
        """Language of what the bot says."""
        language: Language = self.values["language"]
        return language

    @property
    def picture(self) -> bool:
        """Whether the score is engraved."""
        return bool(self.values["picture"])

    @property
    def audio(self) -> bool:
        """Whether the tune is played."""
        return bool(self.values["audio"])

    @property
    def channels(self) -> tuple[int, ...]:
        """Give the only channels in which the bot answers; empty: all."""
        return tuple(self.values["channels"])

    def options(self) -> dict[str, Any]:
        """Give the defaults of options."""
        return {name: self.values[name] for name in OF_OPTIONS}

    def names(self, *, typed: bool, korean: bool) -> Names | None:
        """Choose the alphabet of a reply; None: that of the primer.

        Args:
            typed: whether note codes were typed.
            korean: whether the reply is in Korean.
        """
        names: NoteNames = self.values["names"]
        if names == "auto":
            return "solfege" if korean and not typed else None
        return names

    def note_names(self, *, korean: bool) -> Names:
        """Choose the alphabet where no note codes were typed: what is set, else by language."""
        names = self.names(typed=False, korean=korean)
        return "letters" if names is None else names


def defaults(prefix: str) -> Preferences:
    """Give what holds where nothing is set."""
    options: dict[str, Any] = {name: OPTIONS[name].default for name in OF_OPTIONS}
    return Preferences(
        prefix, "auto", names="auto", picture=True, audio=True, channels=(), **options
    )


def resolve(layers: Sequence[tuple[Origin, Preferences]]) -> Effective:
    """Take each value from the first layer that has one; the last has all."""
    values: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for origin, layer in reversed(layers):
        for name in NAMES:
            value = getattr(layer, name)
            if value is not None:
                values[name], origins[name] = value, origin
    return Effective(values, origins)


def scopes(guild: int | None, channel: int | None, member: int) -> tuple[Scope, ...]:
    """Name the places whose settings hold somewhere, the nearest first.

    Args:
        guild: server of which the bot is a member; None: anywhere else.
        channel: channel there; for a thread the one it belongs to.
        member: who is asking.
    """
    if guild is None:
        return (Scope("member", member),)
    server = Scope("server", guild)
    return (server,) if channel is None else (Scope("channel", channel, guild), server)


def effective(
    found: Callable[[Scope], Preferences], places: Sequence[Scope], prefix: str
) -> Effective:
    """Tell what holds in nested places.

    Args:
        found: gives what is set in one place.
        places: the nearest first.
        prefix: the bot's own.
    """
    layers: list[tuple[Origin, Preferences]] = [(each.kind, found(each)) for each in places]
    return resolve([*layers, ("default", defaults(prefix))])
