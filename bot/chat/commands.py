"""Application commands: the rules for registering them, and who is offered which."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.chat.errors import Form, Json, refusal, well_formed
from bot.chat.installs import offered_here
from bot.chat.model import Command, CommandKind

if TYPE_CHECKING:
    from bot.chat.model import Channel, Guild, User
    from bot.chat.state import State

SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN = 1, 2, 3, 4, 5
USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 6, 7, 8, 9, 10, 11

LOCALES: Final = frozenset(each.value for each in discord.Locale)
_LIMITS: Final = {CommandKind.SLASH: 100, CommandKind.USER: 15, CommandKind.MESSAGE: 15}
_MAX_SIZE: Final = 8000


def valid_name(name: str) -> bool:
    """Tell whether a slash command or an option may have this name.

    1 to 32 letters of any script, digits, ``-``, ``_`` and ``'``, no capitals.
    """
    letters = all(each in "-_'" or unicodedata.category(each)[0] in "LNM" for each in name)
    return 1 <= len(name) <= 32 and letters and name == name.lower()


class _Checker:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.size = 0

    def name(self, path: str, name: Any, *, slash: bool) -> None:
        if not isinstance(name, str) or not 1 <= len(name) <= 32:
            self.form.length(path, name, 1, 32)
        elif slash and not valid_name(name):
            message = "Command name is invalid"
            self.form.wrong(path, "APPLICATION_COMMAND_INVALID_NAME", message)

    def localisations(self, path: str, data: Any, high: int, *, slash: bool | None = None) -> None:
        for locale, text in (data or {}).items():
            here = f"{path}.{locale}"
            if locale not in LOCALES:
                self.form.wrong(here, "DICT_TYPE_INVALID_KEY", "Not a locale that Discord knows")
            elif slash is None:
                self.form.length(here, text, 1, high)
            else:
                self.name(here, text, slash=slash)

    def texts(self, path: str, data: Json, *, slash: bool = True) -> None:
        """Check name and description with their translations."""
        self.name(f"{path}name", data.get("name"), slash=slash)
        self.localisations(
            f"{path}name_localizations", data.get("name_localizations"), 32, slash=slash
        )
        if slash:
            self.form.length(f"{path}description", data.get("description"), 1, 100)
            translated = data.get("description_localizations")
            self.localisations(f"{path}description_localizations", translated, 100)
        elif data.get("description"):
            message = "Context menu commands cannot have description"
            code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION"
            self.form.wrong(f"{path}description", code, message)
        for field in ("name", "description"):
            longest = [str(data.get(field) or "")]
            longest += [str(each) for each in (data.get(f"{field}_localizations") or {}).values()]
            self.size += max(len(each) for each in longest)

    def options(self, path: str, options: Any, depth: int = 0) -> None:
        if not self.form.count(path, options, 0, 25):
            return
        seen: set[str] = set()
        optional = False
        for number, option in enumerate(options):
            here = f"{path}.{number}."
            if not isinstance(option, dict):
                self.form.wrong(here[:-1], "MODEL_TYPE_CONVERT", "Only dictionaries may be used")
                continue
            self.texts(here, option)
            name = str(option.get("name"))
            if name in seen:
                code = "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"
                self.form.wrong(f"{here}name", code, "Option name already exists")
            seen.add(name)
            if option.get("required") and optional:
                code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
                message = "Required options must be placed before non-required options"
                self.form.wrong(path, code, message)
            optional = optional or not option.get("required")
            self.option(here, option, depth)

    def option(self, path: str, option: Json, depth: int) -> None:
        kind = option.get("type")
        if kind in (SUBCOMMAND, GROUP):
            if depth >= kind - SUBCOMMAND + 1 and not (kind == SUBCOMMAND and depth == 1):
                code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
                self.form.wrong(f"{path}type", code, "Sub-command option type is invalid")
            optional = {"required": False}
            self.options(f"{path}options", option.get("options", []), depth + 1)
            option |= optional if "required" in option else {}
            return
        if not isinstance(kind, int) or not STRING <= kind <= ATTACHMENT:
            self.form.wrong(f"{path}type", "BASE_TYPE_CHOICES", "Value must be one of (1 to 11).")
            return
        choices = option.get("choices") or []
        if choices and option.get("autocomplete"):
            code = "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE"
            self.form.wrong(path[:-1], code, "Choices and autocomplete exclude each other")
        if option.get("autocomplete") and kind not in (STRING, INTEGER, NUMBER):
            self.form.wrong(f"{path}autocomplete", "BASE_TYPE_CHOICES", "Not for this type")
        self.choices(f"{path}choices", choices, kind)

    def choices(self, path: str, choices: Any, kind: int) -> None:
        if not self.form.count(path, choices, 0, 25):
            return
        for number, choice in enumerate(choices):
            here = f"{path}.{number}"
            self.form.length(f"{here}.name", choice.get("name"), 1, 100)
            self.localisations(f"{here}.name_localizations", choice.get("name_localizations"), 100)
            value = choice.get("value")
            if kind == STRING:
                self.form.length(f"{here}.value", value, 1, 100)
            elif isinstance(value, bool) or not isinstance(value, int | float):
                self.form.wrong(f"{here}.value", "NUMBER_TYPE_COERCE", "Must be a number.")
            self.size += len(str(choice.get("name"))) + len(str(value))


def check_command(form: Form, path: str, data: Any) -> Json:
    """Check one command's body and complete it with Discord's defaults."""
    with well_formed():
        return _check(form, path, data)


def _check(form: Form, path: str, data: Any) -> Json:
    if not isinstance(data, dict):
        form.wrong(
            path or "_", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType"
        )
        return {}
    prefix = f"{path}." if path else ""
    kind = data.get("type") or CommandKind.SLASH
    if kind not in tuple(CommandKind):
        form.wrong(f"{prefix}type", "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3).")
        return {}
    checker = _Checker(form)
    slash = kind == CommandKind.SLASH
    checker.texts(prefix, data, slash=slash)
    if slash:
        checker.options(f"{prefix}options", data.get("options") or [])
    if checker.size > _MAX_SIZE:
        code = "APPLICATION_COMMAND_TOO_LARGE"
        form.wrong(path or "_", code, f"Command exceeds maximum size ({_MAX_SIZE})")
    for field, most in (("contexts", 2), ("integration_types", 1)):
        given = data.get(field) or []
        if not all(type(each) is int and 0 <= each <= most for each in given):
            form.wrong(f"{prefix}{field}", "BASE_TYPE_CHOICES", f"Values must be 0 to {most}.")
    permissions = data.get("default_member_permissions")
    contexts = data.get("contexts")
    if contexts is None and data.get("dm_permission") is False:
        contexts = [0]
    return {
        "type": int(kind),
        "name": data.get("name"),
        "name_localizations": data.get("name_localizations"),
        "description": data.get("description") or "",
        "description_localizations": data.get("description_localizations"),
        "options": data.get("options") or [],
        "default_member_permissions": None if permissions is None else str(permissions),
        "dm_permission": data.get("dm_permission", True),
        "contexts": contexts,
        "integration_types": data.get("integration_types") or [0],
        "nsfw": bool(data.get("nsfw")),
    }


class Commands:
    """The registered commands, global ones and those of single guilds."""

    def __init__(self, state: State) -> None:
        self.state = state

    def of(self, guild: Guild | None) -> list[Command]:
        """List the commands registered for a guild, or the global ones."""
        return [each for each in self.state.commands.values() if each.guild is guild]

    def find(self, command_id: int, guild: Guild | None) -> Command:
        """Find a command by its id."""
        command = self.state.commands.get(command_id)
        if command is None or command.guild is not guild:
            raise refusal(10063)
        return command

    def replace_all(self, guild: Guild | None, bodies: Any) -> list[Command]:
        """Overwrite all commands; those whose name and type stay keep their id."""
        form = Form()
        if not isinstance(bodies, list):
            form.wrong("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            form.done()
        checked = [check_command(form, str(number), body) for number, body in enumerate(bodies)]
        keys = [(each.get("type"), each.get("name")) for each in checked]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
                form.wrong(str(number), code, "Application command names must be unique")
        for kind, limit in _LIMITS.items():
            if sum(each.get("type") == kind for each in checked) > limit:
                code = "APPLICATION_COMMANDS_MAX"
                form.wrong("_", code, f"Max number of commands of type {int(kind)} is {limit}")
        form.done()
        old = {(each.kind, each.name): each for each in self.of(guild)}
        for command in old.values():
            del self.state.commands[command.id]
        for body in checked:
            before = old.get((CommandKind(body["type"]), body["name"]))
            self._keep(guild, body, before)
        return self.of(guild)

    def put(self, guild: Guild | None, body: Any) -> Command:
        """Register one command, over one of the same name and type."""
        form = Form()
        checked = check_command(form, "", body)
        form.done()
        same = [
            each
            for each in self.of(guild)
            if (each.kind, each.name) == (checked["type"], checked["name"])
        ]
        return self._keep(guild, checked, same[0] if same else None)

    def change(self, command: Command, body: Json) -> Command:
        """Change parts of a command."""
        form = Form()
        checked = check_command(form, "", command.data | body | {"type": int(command.kind)})
        form.done()
        return self._keep(command.guild, checked, command)

    def remove(self, command: Command) -> None:
        """Take a command away."""
        del self.state.commands[command.id]

    def _keep(self, guild: Guild | None, data: Json, before: Command | None) -> Command:
        same = before is not None and before.data == data
        command = Command(
            before.id if before else self.state.next_id(),
            before.version if before and same else self.state.next_id(),
            CommandKind(data["type"]),
            data["name"],
            data,
            guild,
        )
        self.state.commands[command.id] = command
        return command

    def offered(self, user: User, channel: Channel) -> list[Command]:
        """List the commands that a user may use in a channel."""
        application = self.state.application
        return [
            each
            for each in self.state.commands.values()
            if offered_here(application, each, channel, user)
        ]
