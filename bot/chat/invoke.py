"""What a person's click or command says: the ``data`` of an interaction, checked as Discord does.

Values come as plain data from the page (ids as strings) or as objects from tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.chat import commands as kinds
from bot.chat import message_payloads, payloads
from bot.chat.components import (
    BUTTON,
    CHECKBOX,
    LABEL,
    LINK_STYLE,
    RADIO,
    ROW,
    SELECT,
    SELECTS,
    TEXT,
    TEXT_INPUT,
    UPLOAD,
)
from bot.chat.errors import Form, Json, refusal
from bot.chat.model import Channel, Role, User
from bot.chat.permissions import Permission, permissions_in
from bot.chat.state import State, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.chat.model import Command, Message


@dataclass
class Resolver:
    """Turns chosen users, channels, roles and files into ids and collects what they are."""

    state: State
    user: User
    channel: Channel
    resolved: Json = field(default_factory=dict)

    def add(self, kind: int, value: Any, channel_types: list[int] | None = None) -> str | None:
        """Resolve one value for an option of a kind; None when there is no such thing."""
        if kind == kinds.ATTACHMENT:
            return self._file(value)
        thing = self._find(kind, value)
        if thing is None or not self._reachable(thing):
            return None
        if isinstance(thing, Channel) and channel_types and thing.kind not in channel_types:
            return None
        key = str(thing.id)
        guild = self.channel.guild
        if isinstance(thing, User):
            self._put("users", key, payloads.user(thing))
            if guild is not None and thing.id in guild.members:
                member = payloads.interaction_member(guild, thing, self.channel)
                del member["user"]
                self._put("members", key, member)
        elif isinstance(thing, Role):
            self._put("roles", key, payloads.role(thing))
        else:
            self._put("channels", key, payloads.resolved_channel(thing, self.user))
        return key

    def _reachable(self, thing: User | Role | Channel) -> bool:
        """Tell whether somebody can choose a thing here: it belongs to the guild and is seen."""
        guild = self.channel.guild
        if isinstance(thing, User):
            people = guild.members if guild else {each.id for each in self.channel.recipients}
            return thing.id in people
        if isinstance(thing, Role):
            return guild is not None and thing.id in guild.roles
        seen = permissions_in(thing, self.user) & Permission.VIEW_CHANNEL
        return guild is not None and thing.guild is guild and bool(seen)

    def _put(self, table: str, key: str, payload: Json) -> None:
        self.resolved.setdefault(table, {})[key] = payload

    def _file(self, value: Any) -> str | None:
        if not isinstance(value, Upload):
            return None
        if len(value.data) > self.state.upload_limit_in(self.channel):
            raise refusal(40005)
        attachment = self.state.attach(self.channel, value, ephemeral=True)
        self._put("attachments", str(attachment.id), message_payloads.attachment(attachment))
        return str(attachment.id)

    def _find(self, kind: int, value: Any) -> User | Role | Channel | None:
        thing: User | Role | Channel | None
        if not isinstance(value, User | Role | Channel):
            number = int(value) if str(value).isdecimal() else 0
            guild = self.channel.guild
            roles = guild.roles if guild is not None else {}
            thing = self.state.users.get(number) or roles.get(number)
            thing = thing or self.state.channels.get(number)
        else:
            thing = value
        fitting: dict[int, tuple[type, ...]] = {
            kinds.USER: (User,),
            kinds.ROLE: (Role,),
            kinds.MENTIONABLE: (User, Role),
            kinds.CHANNEL: (Channel,),
        }
        return thing if isinstance(thing, fitting[kind]) else None


def command_data(
    command: Command,
    path: list[str],
    values: Mapping[str, Any],
    resolver: Resolver,
    focused: str | None = None,
) -> Json:
    """Build the data of a slash command.

    Args:
        command: the command.
        path: names of group and subcommand below it.
        values: the options by name.
        resolver: collects what the values stand for.
        focused: option being typed, for autocompletion; then nothing is required yet.

    Raises:
        ApiError: Invalid Form Body naming the options that do not fit.
    """
    form = Form()
    declared: list[Json] = command.data["options"]
    chain: list[Json] = []
    for name in path:
        step = next((each for each in declared if each["name"] == name), None)
        if step is None:
            form.wrong(name, "APPLICATION_COMMAND_OPTION_UNKNOWN", "There is no such subcommand")
            break
        chain.append(step)
        declared = step.get("options", [])
    if any(each["type"] in (kinds.SUBCOMMAND, kinds.GROUP) for each in declared):
        form.wrong("_", "APPLICATION_COMMAND_OPTION_UNKNOWN", "A subcommand must be chosen")
    form.done()
    options = _options(form, declared, values, resolver, focused)
    form.done()
    for step in reversed(chain):
        options = [{"type": step["type"], "name": step["name"], "options": options}]
    data: Json = {"id": str(command.id), "name": command.name, "type": 1, "options": options}
    return _finish(data, command, resolver)


def _finish(data: Json, command: Command, resolver: Resolver) -> Json:
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    if command.guild is not None:
        data["guild_id"] = str(command.guild.id)
    return data


def _options(
    form: Form,
    declared: list[Json],
    values: Mapping[str, Any],
    resolver: Resolver,
    focused: str | None,
) -> list[Json]:
    found = []
    if focused is not None and not any(
        each["name"] == focused and each.get("autocomplete") for each in declared
    ):
        form.wrong(focused, "APPLICATION_COMMAND_OPTION_UNKNOWN", "There is nothing to complete")
    for name in values.keys() - {each["name"] for each in declared}:
        form.wrong(name, "APPLICATION_COMMAND_OPTION_UNKNOWN", "There is no such option")
    for option in declared:
        name = option["name"]
        if values.get(name) is None and name != focused:
            if option.get("required") and focused is None:
                form.wrong(name, "BASE_TYPE_REQUIRED", "This field is required")
            continue
        entry: Json = {"type": option["type"], "name": name}
        if name == focused:
            typed = values.get(name)
            entry |= {"value": "" if typed is None else str(typed), "focused": True}
        else:
            entry["value"] = _value(form, option, values[name], resolver)
        found.append(entry)
    return found


def _value(form: Form, option: Json, value: Any, resolver: Resolver) -> Any:
    """Check and convert one value."""
    kind, name = option["type"], option["name"]
    if kind in (kinds.USER, kinds.ROLE, kinds.MENTIONABLE, kinds.CHANNEL, kinds.ATTACHMENT):
        resolved = resolver.add(kind, value, option.get("channel_types"))
        if resolved is None:
            form.wrong(name, "BASE_TYPE_CHOICES", "There is no such thing to choose")
        return resolved
    if kind == kinds.BOOLEAN:
        if not isinstance(value, bool):
            form.wrong(name, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return value
    if kind == kinds.STRING:
        text = str(value)
        form.length(name, text, option.get("min_length") or 0, option.get("max_length") or 6000)
    else:
        try:
            value = int(str(value)) if kind == kinds.INTEGER else float(str(value))
        except ValueError:
            form.wrong(name, "NUMBER_TYPE_COERCE", f'Value "{value!s:.80}" is not a number.')
            return value
        low, high = option.get("min_value"), option.get("max_value")
        form.number(name, value, -(2**53) if low is None else low, 2**53 if high is None else high)
    choices = [each["value"] for each in option.get("choices") or []]
    if choices and value not in choices:
        form.wrong(name, "BASE_TYPE_CHOICES", f"Value must be one of {choices}.")
    return value


def menu_data(command: Command, target: Message | User, resolver: Resolver) -> Json:
    """Build the data of a context menu command."""
    data: Json = {
        "id": str(command.id),
        "name": command.name,
        "type": int(command.kind),
        "target_id": str(target.id),
    }
    if isinstance(target, User):
        if resolver.add(kinds.USER, target) is None:
            raise refusal(10013)
    else:
        bot = resolver.state.application.bot
        written = message_payloads.message(target, bot)
        resolver.resolved["messages"] = {str(target.id): written}
    return _finish(data, command, resolver)


def component_data(
    message: Message, custom_id: str, values: list[Any] | None, resolver: Resolver
) -> Json:
    """Build the data of a press of a button or a choice in a select menu."""
    form = Form()
    component = next(
        (each for each in message.walk_components() if each.get("custom_id") == custom_id), None
    )
    if component is None or component.get("disabled") or component.get("style") == LINK_STYLE:
        problem = "There is no such component" if component is None else "It cannot be used"
        form.wrong("data.custom_id", "COMPONENT_VALIDATION_FAILED", problem)
        form.done()
    assert component is not None
    kind = component["type"]
    data: Json = {"custom_id": custom_id, "component_type": kind, "id": component.get("id", 0)}
    if kind != BUTTON:
        data["values"] = _chosen(form, "data.values", component, values or [], resolver)
        if resolver.resolved:
            data["resolved"] = resolver.resolved
    form.done()
    return data


def _chosen(
    form: Form, path: str, component: Json, values: list[Any], resolver: Resolver
) -> list[str]:
    """Check the values chosen in a select menu or in boxes."""
    low, high = component.get("min_values", 1), component.get("max_values", 1)
    if component.get("required") is False and not values:
        return []
    form.count(path, values, low, high)
    kind = component["type"]
    if kind in SELECTS - {SELECT}:
        option_kind = {5: kinds.USER, 6: kinds.ROLE, 7: kinds.MENTIONABLE, 8: kinds.CHANNEL}[kind]
        types = component.get("channel_types")
        found = [resolver.add(option_kind, each, types) for each in values]
        if None in found:
            form.wrong(path, "BASE_TYPE_CHOICES", "There is no such thing to choose")
        return [each for each in found if each is not None]
    offered = {each["value"] for each in component.get("options", [])}
    if not set(values) <= offered:
        form.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(offered)}.")
    return [str(each) for each in values]


def modal_data(modal: Json, values: Mapping[str, Any], resolver: Resolver) -> Json:
    """Build the data of a submitted modal; ``values`` are by custom id."""
    form = Form()
    components = []
    for place in modal["components"]:
        base = {"type": place["type"], "id": place.get("id", 0)}
        if place["type"] == ROW:
            inner = [_input(form, each, values, resolver) for each in place["components"]]
            components.append(base | {"components": inner})
        elif place["type"] == LABEL:
            components.append(
                base | {"component": _input(form, place["component"], values, resolver)}
            )
        elif place["type"] == TEXT:
            components.append(base)
    form.done()
    data: Json = {"custom_id": modal["custom_id"], "components": components}
    if resolver.resolved:
        data["resolved"] = resolver.resolved
    return data


def _input(form: Form, component: Json, values: Mapping[str, Any], resolver: Resolver) -> Json:
    name, kind = component["custom_id"], component["type"]
    told: Json = {"type": kind, "id": component.get("id", 0), "custom_id": name}
    value = values.get(name)
    if kind == TEXT_INPUT:
        text = str(value if value is not None else component.get("value") or "")
        required = component.get("required", True)
        if required or text:
            low = max(int(required), component.get("min_length") or 0)
            form.length(name, text, low, component.get("max_length") or 4000)
        return told | {"value": text}
    if kind == CHECKBOX:
        return told | {"value": bool(component.get("default") if value is None else value)}
    if kind == RADIO:
        chosen = _chosen(form, name, component, [] if value is None else [value], resolver)
        return told | {"value": chosen[0] if chosen else None}
    many = value if isinstance(value, list) else [] if value is None else [value]
    if kind == UPLOAD:
        form.count(name, many, component.get("min_values", 1), component.get("max_values", 1))
        files = [resolver.add(kinds.ATTACHMENT, each) for each in many]
        return told | {"values": [each for each in files if each is not None]}
    return told | {"values": _chosen(form, name, component, many, resolver)}
