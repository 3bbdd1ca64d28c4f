"""Act in the chat as a person and wait for what comes of it: for end-to-end tests.

A :class:`Driver` is one person. What it gets back are the live records of
:mod:`bot.chat.model`: a message changes under one's hands when the bot edits it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.chat.components import BUTTON, SELECTS
from bot.chat.state import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.chat.errors import Json
    from bot.chat.events import Event
    from bot.chat.model import Channel, Interaction, Message, User
    from bot.chat.server import ChatServer


class Driver:
    """One person at the chat.

    Attributes:
        server: where.
        user: who; the fixture's member unless told otherwise.
        channel: where messages go; the fixture's music channel unless told otherwise.
        patience: seconds to wait for anything.
    """

    def __init__(
        self,
        server: ChatServer,
        user: User | None = None,
        channel: Channel | None = None,
        patience: float = 30.0,
    ) -> None:
        self.server = server
        self.user = user or server.member
        self.channel = channel or server.channel
        self.patience = patience

    # Doing

    def say(
        self,
        text: str = "",
        *,
        files: Sequence[Upload | tuple[str, bytes]] = (),
        reply_to: Message | None = None,
        ping: bool = True,
        channel: Channel | None = None,
    ) -> Message:
        """Send a message."""
        uploads = [each if isinstance(each, Upload) else Upload(*each) for each in files]
        where = channel or self.channel
        return self.server.people.say(self.user, where, text, uploads, reply_to, ping=ping)

    def press(self, message: Message, button: str) -> Interaction:
        """Press the button with this label or custom id."""
        custom_id = find_component(message, button)["custom_id"]
        return self.server.people.use(self.user, message, custom_id)

    def select(self, message: Message, menu: str, *values: Any) -> Interaction:
        """Choose values in the select menu with this placeholder or custom id."""
        custom_id = find_component(message, menu)["custom_id"]
        return self.server.people.use(self.user, message, custom_id, list(values))

    def slash(
        self, name: str, options: Mapping[str, Any] | None = None, *, channel: Channel | None = None
    ) -> Interaction:
        """Use a slash command; files are given as :class:`~bot.chat.state.Upload`."""
        where = channel or self.channel
        return self.server.people.slash(self.user, where, name, options or {})

    def menu(self, name: str, target: Message | User) -> Interaction:
        """Use a command of a message's or a user's menu."""
        where = self.channel if not hasattr(target, "channel") else target.channel
        return self.server.people.menu(self.user, where, name, target)

    def offered(self, channel: Channel | None = None) -> set[str]:
        """List the names of the commands that this person is offered."""
        found = self.server.commands.offered(self.user, channel or self.channel)
        return {each.name for each in found}

    def fill(self, asked: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Fill in a modal by the labels of its fields, and submit it.

        Raises:
            LookupError: when a label is not there.
        """
        names = dict(labels(asked.modal or {}))
        missing = values.keys() - names.keys()
        if missing:
            raise LookupError(f"no fields {sorted(missing)} among {sorted(names)}")
        given = {names[label]: value for label, value in values.items()}
        return self.server.people.submit(self.user, asked, given)

    def submit(self, asked: Interaction, **values: Any) -> Interaction:
        """Fill in and submit the modal with which an interaction was answered."""
        return self.server.people.submit(self.user, asked, values)

    async def complete(
        self, name: str, focused: str, text: str, options: Mapping[str, Any] | None = None
    ) -> list[Json]:
        """Ask what the option ``focused`` could be, having typed ``text``."""
        given = {**(options or {}), focused: text}
        interaction = self.server.people.slash(
            self.user, self.channel, name, given, focused=focused
        )
        await self.answered(interaction)
        return interaction.choices or []

    # Waiting

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds; give what it gave.

        Raises:
            TimeoutError: when it does not within :attr:`patience`.
        """
        changed = asyncio.Event()

        def notice(_event: Event) -> None:
            changed.set()

        stop = self.server.hub.listen(notice)
        try:
            async with asyncio.timeout(self.patience):
                while not (result := condition()):
                    await changed.wait()
                    changed.clear()
                return result
        finally:
            stop()

    async def online(self) -> None:
        """Wait until a bot is connected."""
        await self.until(lambda: self.server.gateway.online)

    async def reply(self, to: Message | Interaction, number: int = 1) -> Message:
        """Wait for the bot's answer to a message or an interaction, with its content.

        The answer to a message is the bot's next message in the channel, or one that replies to
        it; that to an interaction is the message it was answered with, once it is not deferred.
        """
        found = await self.until(lambda: self._answers(to, number))
        assert isinstance(found, list)
        message: Message = found[number - 1]
        return message

    def _answers(self, to: Message | Interaction, number: int) -> list[Message]:
        bot = self.server.bot_user
        found = [
            each
            for each in to.channel.messages.values()
            if each.author is bot
            and each.id > to.id
            and not each.loading
            and self._sees(each)
            and _belongs(each, to)
        ]
        return found if len(found) >= number else []

    def _sees(self, message: Message) -> bool:
        return message.visible_to in (None, self.user)

    async def answered(self, interaction: Interaction) -> Interaction:
        """Wait until an interaction got its first answer.

        Raises:
            TimeoutError: when the bot let the time run out.
        """
        async with asyncio.timeout(self.patience):
            await interaction.settled.wait()
        if interaction.failed:
            raise TimeoutError("the bot did not answer the interaction in time")
        return interaction

    @property
    def seen(self) -> list[Message]:
        """The messages of the channel that this person sees, oldest first."""
        return [each for each in self.channel.messages.values() if self._sees(each)]


def _belongs(message: Message, to: Message | Interaction) -> bool:
    if hasattr(to, "token"):
        return message.interaction is to
    if message.interaction is not None:
        return False
    return message.reference is None or message.reference.message is to


def labels(modal: Json) -> Iterator[tuple[str, str]]:
    """Yield the label and the custom id of each field of a modal."""
    for place in modal.get("components", []):
        if "component" in place:
            yield place["label"], place["component"]["custom_id"]
        for each in place.get("components", []):
            yield each["label"], each["custom_id"]


def find_component(message: Message, name: str) -> Json:
    """Find a button by label or custom id, or a select menu by placeholder or custom id.

    Raises:
        LookupError: when there is none.
    """
    usable = [
        each for each in message.walk_components() if each["type"] in (BUTTON, *sorted(SELECTS))
    ]
    for component in usable:
        names = (component.get("custom_id"), component.get("label"), component.get("placeholder"))
        emoji = (component.get("emoji") or {}).get("name")
        if name in names or (emoji and name == emoji):
            return component
    names_there = [each.get("label") or each.get("custom_id") for each in usable]
    raise LookupError(f"no component {name!r} among {names_there}")
