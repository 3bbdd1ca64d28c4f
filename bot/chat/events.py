"""How news travel inside the server: one hub, to which gateway, page and tests listen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.chat.errors import Json
    from bot.chat.model import Channel, Guild, Message, User


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        name: Discord's event name; those for the page alone start with ``CHAT_``.
        data: payload; empty for events that carry a whole ``message``: each reader gets its own.
        guild, channel: where; None: not bound to one.
        message: message created or changed.
        only: the single person who may know, None for everyone who sees the channel.
        audience: which readers are meant.
    """

    name: str
    data: Json = field(default_factory=dict)
    guild: Guild | None = None
    channel: Channel | None = None
    message: Message | None = None
    only: User | None = None
    audience: Literal["all", "bot", "people"] = "all"


class Hub:
    """Hands every event to all listeners, in order, at once."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Event], None]] = []

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Add a listener; the function given back removes it."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def emit(self, event: Event) -> None:
        """Tell everyone. Listeners only note the event; none of them waits."""
        for listener in tuple(self._listeners):
            listener(event)
