"""What commands there are, read from the commands themselves, for the help.

A command that somebody adds appears by itself; :func:`taught` adds what cannot be read: examples,
and who it is for.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import discord
from discord.ext import commands

from engine.codes import format_codes, parse_codes
from engine.errors import EngineError
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from bot.app import Nabi
    from bot.i18n import Locale

C = TypeVar("C", bound="commands.Command[Any, ..., Any]")

_EXAMPLES: Final = "nabi_examples"
_TRAINERS: Final = "nabi_trainers"
_GROUPS: Final = (1, 2)
"""Discord's types of options that are commands below a command."""
_BY_MEMBERS: Final = 1
"""Discord's way of installing that members have, each for themselves."""
_FILE: Final = 11
"""Discord's type of an option that is a file."""


def taught(*examples: str, trainers: bool = False) -> Callable[[C], C]:
    """Add to a command what the help says about it.

    Args:
        examples: what stands after its name, each an example that works.
        trainers: whether it, and all below it, is only for those who may retrain.
    """

    def mark(command: C) -> C:
        command.extras[_EXAMPLES] = examples
        command.extras[_TRAINERS] = trainers
        return command

    return mark


@dataclass(frozen=True, slots=True)
class Parameter:
    """One option of a command.

    Attributes:
        name: as in the menu.
        told: what it means, by language.
        values: what it takes: ``1–64``, or a list by comma; empty: any text.
        required: whether it must be given.
        flag: whether it is typed as ``--name value`` in a message.
        file: whether it is a file to attach.
    """

    name: str
    told: Mapping[Locale, str]
    values: str = ""
    required: bool = False
    flag: bool = False
    file: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One command, as the help tells of it.

    Attributes:
        name: in the menu, such as ``models list``; of a message's own menu: what stands there.
        typed: what is typed in a message after the prefix; None: it cannot be typed.
        told: what it does, by language.
        names: its name by language, where the menu shows it in other words.
        menu: ``slash``; ``apps``: in the menu of a message or a person; ``typed``: in none.
        aliases: other words for it, in messages.
        parameters: its options.
        examples: what may stand after its name.
        trainers: whether it is only for those who may retrain.
        needed: what Discord lets only those do who have these permissions, None: everyone.
        personal: whether it works where the bot is not, for those who installed it for themselves.
    """

    name: str
    typed: str | None
    told: Mapping[Locale, str]
    names: Mapping[Locale, str] = field(default_factory=dict)
    menu: str = "slash"
    aliases: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    trainers: bool = False
    needed: int | None = None
    personal: bool = False

    def visible(self, permissions: discord.Permissions, *, trainer: bool) -> bool:
        """Tell whether somebody may use it."""
        if self.trainers:
            return trainer
        return self.needed is None or permissions.is_superset(discord.Permissions(self.needed))

    def lines(self, prefix: str | None, locale: Locale = "en") -> tuple[str, ...]:
        """Write its examples as they are typed, or how it is typed where it has none.

        Args:
            prefix: what stands before commands; None: only those of the menu reach the bot.
            locale: language of the notes' names.
        """
        spelled = [_spelled(example, locale) for example in self.examples]
        if prefix is None:
            first = next((p.name for p in self.parameters if not p.flag and not p.file), None)
            if self.menu != "slash" or (first is None and any(spelled)):
                return ()
            return tuple(f"/{self.name} {first}:{e}" if e else f"/{self.name}" for e in spelled)
        if self.typed is None:
            return ()
        start = f"{prefix}{self.typed}"
        if spelled:
            return tuple(f"{start} {example}".strip() for example in spelled)
        wanted = [f"<{each.name}>" for each in self.parameters if each.required]
        return (" ".join((start, *wanted)),)


def _spelled(example: str, locale: Locale) -> str:
    """Write the note codes of an example with the names that a language has for the notes."""
    codes, mark, options = example.partition(" --")
    try:
        melody = parse_codes(codes).melody
    except EngineError:
        return example
    if not melody.notes or locale != "ko":
        return example
    return f"{format_codes(melody, 'solfege')}{mark}{options}"


async def entries(bot: Nabi) -> tuple[Entry, ...]:
    """Describe every command that there is, in the order in which they were added."""
    translator = bot.tree.translator
    assert translator is not None
    found: dict[str, Entry] = {}
    for command in bot.tree.get_commands():
        payload = await command.get_translated_payload(bot.tree, translator)
        for entry in _of_menu(bot, payload):
            found.setdefault(entry.name, entry)
    typed = {entry.typed for entry in found.values()}
    for each in bot.walk_commands():
        if each.hidden or not each.enabled or each.qualified_name in typed:
            continue
        found.setdefault(each.qualified_name, _of_typed(each))
    return tuple(found.values())


def find(every: Sequence[Entry], words: str) -> Entry | None:
    """Find a command by one of its names, however it was typed: ``/models use``, ``!모델``."""
    wanted = _plain(words)
    names = {name: entry for entry in reversed(every) for name in _names(entry)}
    return names.get(wanted)


def offers(every: Sequence[Entry], typed: str) -> list[str]:
    """Name the commands one of whose names holds what is typed."""
    part = _plain(typed)
    return [entry.name for entry in every if any(part in name for name in _names(entry))]


def nearest(every: Sequence[Entry], words: str) -> str | None:
    """Give the name that is most like what was typed."""
    names = [name for entry in every for name in _names(entry)]
    return next(iter(difflib.get_close_matches(_plain(words), names, 1, 0.6)), None)


def _plain(words: str) -> str:
    text = " ".join(words.lower().split())
    return text.lstrip("/!?.,~$%^&-+ ") or text


def _names(entry: Entry) -> Iterator[str]:
    for name in (entry.name, *entry.names.values(), entry.typed, *entry.aliases):
        if name:
            yield name.lower()


def _of_menu(bot: Nabi, payload: Mapping[str, Any]) -> Iterator[Entry]:
    needed = payload.get("default_member_permissions")
    permissions = None if needed is None else int(needed)
    personal = _BY_MEMBERS in (payload.get("integration_types") or ())
    if payload.get("type", 1) != 1:
        names = {"en": payload["name"], **_translated(payload, "name")}
        yield Entry(payload["name"], None, {}, names, "apps", needed=permissions, personal=personal)
        return
    for name, below in _walk(payload["name"], payload):
        command = bot.get_command(name)
        group = bot.get_command(name.rpartition(" ")[0])
        if command is None and isinstance(group, commands.HybridGroup):
            command = group if group.fallback == name.rpartition(" ")[2] else None
        extras = _extras(command)
        yield Entry(
            name,
            None if command is None else command.qualified_name,
            {"en": below["description"], **_translated(below, "description")},
            aliases=_aliases(command),
            parameters=tuple(_parameter(each, command) for each in below.get("options", ())),
            examples=extras.get(_EXAMPLES, ()),
            trainers=_for_trainers(command),
            needed=permissions,
            personal=personal,
        )


def _walk(name: str, payload: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    below = [each for each in payload.get("options", ()) if each["type"] in _GROUPS]
    if not below:
        yield name, payload
    for each in below:
        yield from _walk(f"{name} {each['name']}", each)


def _of_typed(command: commands.Command[Any, ..., Any]) -> Entry:
    text = command.description or command.short_doc
    return Entry(
        command.qualified_name,
        command.qualified_name,
        {"en": text, "ko": text},
        menu="typed",
        aliases=_aliases(command),
        parameters=tuple(
            Parameter(name, {}, required=each.required)
            for name, each in command.clean_params.items()
        ),
        examples=_extras(command).get(_EXAMPLES, ()),
        trainers=_for_trainers(command),
    )


def _translated(payload: Mapping[str, Any], what: str) -> dict[Locale, str]:
    told = (payload.get(f"{what}_localizations") or {}).get("ko")
    return {"ko": told} if told else {}


def _aliases(command: commands.Command[Any, ..., Any] | None) -> tuple[str, ...]:
    if command is None:
        return ()
    parent = f"{command.full_parent_name} ".lstrip()
    return tuple(f"{parent}{alias}" for alias in command.aliases)


def _extras(command: commands.Command[Any, ..., Any] | None) -> Mapping[Any, Any]:
    return {} if command is None else command.extras


def _for_trainers(command: commands.Command[Any, ..., Any] | None) -> bool:
    above: Iterable[Any] = () if command is None else (command, *command.parents)
    return any(each.extras.get(_TRAINERS, False) for each in above)


def _parameter(
    payload: Mapping[str, Any], command: commands.Command[Any, ..., Any] | None
) -> Parameter:
    choices = [str(each["name"]) for each in payload.get("choices", ())]
    low, high = payload.get("min_value"), payload.get("max_value")
    bounds = "" if low is None or high is None else f"{low}–{high}"
    flag = payload["name"] in _flags(command)
    if flag and payload["name"] in OPTIONS:  # the engine's own says more than the menu may
        choices, bounds = [], OPTIONS[payload["name"]].expected
    return Parameter(
        payload["name"],
        {"en": payload["description"], **_translated(payload, "description")},
        values=", ".join(choices) or bounds,
        required=payload.get("required", False),
        flag=flag,
        file=payload["type"] == _FILE,
    )


def _flags(command: commands.Command[Any, ..., Any] | None) -> set[str]:
    """Name the options that are typed as ``--name value``."""
    found: set[str] = set()
    for parameter in () if command is None else command.clean_params.values():
        kind = parameter.annotation
        if isinstance(kind, type) and issubclass(kind, commands.FlagConverter):
            flags = kind.get_flags().values()
            found.update(flag.name for flag in flags if not flag.positional)
    return found
