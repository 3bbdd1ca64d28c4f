"""The menu of slash commands: sent to Discord when it changed, once, and its ids for links."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from discord import app_commands

    from bot.store import Store

_log: Final = logging.getLogger(__name__)

_SENDING: Final = 120.0
"""Seconds after which a program that wanted to send the menu counts as lost."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """What is known of the menu that Discord has.

    Attributes:
        digest: of the commands.
        begun: when somebody began to send them, in seconds since 1970.
        ids: of the commands by name; empty while they are being sent.
    """

    digest: str = ""
    begun: float = 0.0
    ids: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> _Sent:
        try:
            return cls(**json.loads(text or "{}"))
        except (ValueError, TypeError):  # written by an earlier version: send them again
            return cls()

    def write(self) -> str:
        return json.dumps(asdict(self))


class Menu:
    """The slash commands as Discord has them.

    Several programs may start at once on one database: the first that says so sends.

    Args:
        tree: the commands.
        store: remembers what was sent.
        always: whether to send them at every start.
    """

    def __init__(
        self, tree: app_commands.CommandTree[Any], store: Store, *, always: bool = False
    ) -> None:
        self._tree = tree
        self._store = store
        self._always = always
        self._name = ""
        self._ids: dict[str, int] = {}

    async def send(self, application: int) -> bool:
        """Send the commands if Discord has others; tell whether they were sent.

        Raises:
            discord.HTTPException: when Discord does not take them.
        """
        self._name = f"commands:{application}"
        digest = await self._digest()
        while True:
            before = await self._store.fact(self._name)
            sent = _Sent.read(before)
            if not self._always and sent.digest == digest:
                self._ids = sent.ids
                if sent.ids or time.time() - sent.begun < _SENDING:
                    return False
            claim = _Sent(digest, time.time()).write()
            if await self._store.swap_fact(self._name, before, claim):
                break
        try:
            made = await self._tree.sync()
        except BaseException:
            await self._store.swap_fact(self._name, claim, before or "")
            raise
        self._ids = {command.name: command.id for command in made}
        await self._store.set_fact(self._name, _Sent(digest, time.time(), self._ids).write())
        _log.info("sent %d slash commands", len(made))
        return True

    async def learn(self) -> None:
        """Look up the ids where another program sent the commands."""
        if not self._ids and self._name:
            self._ids = _Sent.read(await self._store.fact(self._name)).ids

    def link(self, name: str) -> str:
        """Write a command so that it can be clicked; one without an id as it is typed.

        Args:
            name: such as ``continue`` or ``models list``.
        """
        number = self._ids.get(name.partition(" ")[0])
        return f"`/{name}`" if number is None else f"</{name}:{number}>"

    async def _digest(self) -> str:
        translator = self._tree.translator
        assert translator is not None
        payload = [
            await command.get_translated_payload(self._tree, translator)
            for command in self._tree.get_commands()
        ]
        text = json.dumps(payload, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()
