"""The life of an interaction: its token, the time for an answer, the answer and what follows."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bot.chat import message_payloads, payloads
from bot.chat.commands import INTEGER, STRING
from bot.chat.components import Checker
from bot.chat.errors import Form, Json, refusal, well_formed
from bot.chat.events import Event
from bot.chat.forms import Draft, read_message
from bot.chat.installs import MAX_FOLLOWUPS, alone, app_permissions, context_of, owners
from bot.chat.model import (
    Channel,
    Flag,
    Interaction,
    InteractionKind,
    Message,
    MessageKind,
    User,
)

if TYPE_CHECKING:
    from bot.chat.actions import Actions
    from bot.chat.model import Command
    from bot.chat.state import State, Upload

PONG, REPLY, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9

_ALLOWED: Final[dict[InteractionKind, frozenset[int]]] = {
    InteractionKind.COMMAND: frozenset({REPLY, DEFER, MODAL}),
    InteractionKind.COMPONENT: frozenset({REPLY, DEFER, DEFER_UPDATE, UPDATE, MODAL}),
    InteractionKind.AUTOCOMPLETE: frozenset({CHOICES}),
    InteractionKind.MODAL: frozenset({REPLY, DEFER, DEFER_UPDATE, UPDATE}),
}
"""Which answers fit which interaction."""

_KEPT: Final = 1000
"""Interactions remembered; older ones can no longer be answered."""


class Interactions:
    """Starts interactions and takes the bot's answers.

    Attributes:
        deadline: seconds for the first answer.
        lifetime: seconds for which the token works.
    """

    def __init__(
        self,
        state: State,
        actions: Actions,
        *,
        deadline: float,
        lifetime: float,
    ) -> None:
        self.state = state
        self.actions = actions
        self.deadline = deadline
        self.lifetime = lifetime
        self._by_token: dict[str, Interaction] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    # Starting one

    def start(  # noqa: PLR0913 # an interaction is made of these, each by its name
        self,
        kind: InteractionKind,
        user: User,
        channel: Channel,
        data: Json,
        *,
        locale: str,
        message: Message | None = None,
        command: Command | None = None,
        source: Interaction | None = None,
        target: Message | User | None = None,
    ) -> Interaction:
        """Send an interaction to the bot and start its clock."""
        loop = asyncio.get_running_loop()
        interaction = Interaction(
            self.state.next_id(),
            secrets.token_urlsafe(48),
            kind,
            user,
            channel,
            data,
            loop.time(),
            locale,
            message,
            command,
            source,
            target,
        )
        interaction.owners = self._owners(interaction)
        self._by_token[interaction.token] = interaction
        while len(self._by_token) > _KEPT:
            del self._by_token[next(iter(self._by_token))]
        timer = loop.call_later(self.deadline, self._expire, interaction)
        self._timers = {each for each in self._timers if each.when() > loop.time()} | {timer}
        self.actions.hub.emit(
            Event("INTERACTION_CREATE", self._payload(interaction), channel.guild, audience="bot")
        )
        return interaction

    def close(self) -> None:
        """Stop all clocks."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _expire(self, interaction: Interaction) -> None:
        if interaction.answered is None:
            interaction.failed = True
            interaction.settled.set()
            del self._by_token[interaction.token]
            self._tell(interaction, "CHAT_INTERACTION_FAILED", {})

    def _owners(self, each: Interaction) -> Json:
        """Find the installations: those of the message or modal that it goes on from, or anew."""
        before = each.source or (each.message.interaction if each.message else None)
        if before is not None:
            return before.owners
        return owners(self.state.application, each.channel, each.user, each.command)

    def _payload(self, each: Interaction) -> Json:
        bot = self.state.application.bot
        guild = each.channel.guild
        granted = app_permissions(self.state.application, each.channel)
        payload: Json = {
            "id": str(each.id),
            "application_id": str(self.state.application.id),
            "type": int(each.kind),
            "data": each.data,
            "token": each.token,
            "version": 1,
            "channel_id": str(each.channel.id),
            "channel": payloads.channel(each.channel, each.user),
            "app_permissions": str(int(granted)),
            "locale": each.locale,
            "entitlements": [],
            "authorizing_integration_owners": each.owners,
            "context": int(context_of(each.channel, bot)),
            "attachment_size_limit": self.state.upload_limit_in(each.channel),
        }
        if guild is not None:
            payload |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
                "member": payloads.interaction_member(guild, each.user, each.channel),
            }
        else:
            payload["user"] = payloads.user(each.user)
        if each.message is not None:
            payload["message"] = message_payloads.message(each.message, bot)
        return payload

    def asked(self, interaction_id: int) -> Interaction:
        """Find an interaction that was answered with a modal."""
        for interaction in self._by_token.values():
            if interaction.id == interaction_id and interaction.modal is not None:
                return interaction
        raise refusal(10062)

    # The first answer

    def find(self, interaction_id: int, token: str) -> Interaction:
        """Find an interaction that may still get its first answer."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.id != interaction_id:
            raise refusal(10062)
        return interaction

    def answer(self, interaction: Interaction, body: Json, files: dict[int, Upload]) -> Json:
        """Take the first answer; give the description of what it caused."""
        kind = body.get("type")
        data = body.get("data")
        data = data if isinstance(data, dict) else {}
        if interaction.answered is not None:
            raise refusal(40060)
        form = Form()
        if (
            not isinstance(kind, int)
            or kind not in _ALLOWED[interaction.kind]
            or (kind in (DEFER_UPDATE, UPDATE) and interaction.message is None)
        ):
            form.wrong("type", "INTERACTION_CALLBACK_TYPE_INVALID", "Not an answer to this kind.")
        form.done()
        assert isinstance(kind, int)
        message = self._first(interaction, kind, data, files)
        interaction.answered = kind
        interaction.settled.set()
        self._tell(interaction, "CHAT_INTERACTION_DONE", {"answer": kind})
        told: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
        resource: Json = {"type": kind}
        if message is not None:
            told |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
            if kind in (REPLY, UPDATE):
                resource["message"] = self.write(message)
        return {"interaction": told, "resource": resource}

    def _first(
        self, interaction: Interaction, kind: int, data: Json, files: dict[int, Upload]
    ) -> Message | None:
        if kind == REPLY:
            draft = read_message(data, files)
            if draft.empty:
                raise refusal(50006)
            interaction.original = self._respond(interaction, draft)
        elif kind == DEFER:
            flags = read_message(data, {}).flags & Flag.EPHEMERAL
            draft = Draft(flags=flags | Flag.LOADING)
            interaction.original = self._respond(interaction, draft)
        elif kind in (DEFER_UPDATE, UPDATE):
            interaction.original = interaction.message
            if kind == UPDATE and interaction.message is not None:
                draft = read_message(data, files, interaction.message.flags)
                self.actions.edit(interaction.message, draft)
        elif kind == CHOICES:
            interaction.choices = _read_choices(data, _focused(interaction.data))
        elif kind == MODAL:
            with well_formed():
                form = Form()
                Checker(form).modal(data)
                form.done()
            interaction.modal = data
            self._tell(interaction, "CHAT_MODAL", {"modal": data})
        return interaction.original

    def _respond(self, interaction: Interaction, draft: Draft) -> Message:
        """Post the answer's message, visible to one person when it is ephemeral."""
        kind = {
            InteractionKind.COMMAND: MessageKind.SLASH,
            InteractionKind.COMPONENT: MessageKind.REPLY,
        }.get(interaction.kind, MessageKind.DEFAULT)
        if interaction.kind is InteractionKind.COMMAND and interaction.target is not None:
            kind = MessageKind.CONTEXT_MENU
        reference = None
        if interaction.message is not None and not interaction.message.deleted:
            reference = self.actions.reference_to(interaction.message)
        if reference is None and kind is MessageKind.REPLY:
            kind = MessageKind.DEFAULT
        return self.actions.post(
            self.state.application.bot,
            interaction.channel,
            draft,
            reference=reference,
            kind=kind,
            interaction=interaction,
            visible_to=self._reader(interaction, draft),
        )

    # What follows

    def follow(self, application_id: int, token: str) -> Interaction:
        """Find an answered interaction by its token, for follow-ups and edits."""
        interaction = self._by_token.get(token)
        known = interaction is not None and application_id == self.state.application.id
        if not known or interaction is None or interaction.answered is None:
            raise refusal(10015)
        if asyncio.get_running_loop().time() - interaction.created > self.lifetime:
            raise refusal(50027)
        return interaction

    def followup(self, interaction: Interaction, draft: Draft) -> Message:
        """Send a further message; after a deferred reply the first one fills that in."""
        if draft.empty:
            raise refusal(50006)
        original = interaction.original
        if original is not None and original.loading and not original.deleted:
            return self._fill(original, draft)
        if "0" not in interaction.owners and interaction.channel.guild is not None:
            if interaction.followups >= MAX_FOLLOWUPS:
                raise refusal(40094)
            interaction.followups += 1
        reference = None
        if original is not None and not original.deleted:
            reference = self.actions.reference_to(original)
        return self.actions.post(
            self.state.application.bot,
            interaction.channel,
            draft,
            reference=reference,
            interaction=interaction,
            visible_to=self._reader(interaction, draft),
        )

    def _reader(self, interaction: Interaction, draft: Draft) -> User | None:
        """Tell who alone may read an answer: the asker, when it is ephemeral."""
        user = interaction.user
        hidden = alone(interaction.owners, interaction.channel, user)
        return user if hidden or draft.flags & Flag.EPHEMERAL else None

    def message_of(self, interaction: Interaction, name: str) -> Message:
        """Find ``@original`` or another message that the interaction sent."""
        if name == "@original":
            message = interaction.original
        else:
            message = interaction.channel.messages.get(int(name)) if name.isdecimal() else None
            if message is not None and message.interaction is not interaction:
                message = None
        if message is None or message.deleted:
            raise refusal(10008)
        return message

    def edit(self, message: Message, draft: Draft) -> Message:
        """Change a message; a deferred reply gets its content by this."""
        return self._fill(message, draft) if message.loading else self.actions.edit(message, draft)

    def _fill(self, message: Message, draft: Draft) -> Message:
        """Give a deferred reply its content; whether it is ephemeral was settled before."""
        kept = message.flags & Flag.EPHEMERAL
        flags = (draft.flags & ~(Flag.EPHEMERAL | Flag.LOADING)) | kept
        return self.actions.edit(message, replace(draft, flags=flags), first=True)

    def write(self, message: Message) -> Json:
        """Write a message for the bot."""
        return message_payloads.message(message, self.state.application.bot)

    def _tell(self, interaction: Interaction, name: str, data: Json) -> None:
        data = {
            "interaction": str(interaction.id),
            "channel_id": str(interaction.channel.id),
        } | data
        if interaction.message is not None:
            data["message_id"] = str(interaction.message.id)
        self.actions.hub.emit(
            Event(name, data, channel=interaction.channel, only=interaction.user, audience="people")
        )


def _focused(data: Json) -> int:
    """Find the type of the option that is being typed."""
    for option in data.get("options", []):
        if option.get("focused"):
            return int(option["type"])
        if found := _focused(option):
            return found
    return 0


def _read_choices(data: Json, kind: int) -> list[Json]:
    with well_formed():
        return _check_choices(data, kind)


def _check_choices(data: Json, kind: int) -> list[Json]:
    """Check what an option of a kind could be: a name and a value of its type each."""
    form = Form()
    choices: Any = data.get("choices")
    if form.count("data.choices", choices, 0, 25):
        for number, choice in enumerate(choices):
            path = f"data.choices.{number}"
            form.length(f"{path}.name", choice.get("name"), 1, 100)
            value = choice.get("value")
            if kind == STRING:
                form.length(f"{path}.value", value, 1, 100)
            else:
                form.number(f"{path}.value", value, -(2**53), 2**53)
                if kind == INTEGER and isinstance(value, float) and not value.is_integer():
                    form.wrong(f"{path}.value", "NUMBER_TYPE_COERCE", "Must be whole.")
    form.done()
    return list(choices)
