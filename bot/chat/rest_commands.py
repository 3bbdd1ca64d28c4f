"""The REST API: registering application commands, globally or for one guild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.chat import payloads
from bot.chat.errors import Json, refusal
from bot.chat.events import Event
from bot.chat.rest import API
from bot.chat.wire import nothing, number_in, read_json, reply

if TYPE_CHECKING:
    from bot.chat.commands import Commands
    from bot.chat.events import Hub
    from bot.chat.model import Command, Guild
    from bot.chat.state import State

_APPLICATION = f"{API}/applications/{{application_id}}"


class RestCommands:
    """Routes below ``/applications/{id}``."""

    def __init__(self, state: State, hub: Hub, commands: Commands) -> None:
        self.state = state
        self.hub = hub
        self.commands = commands

    def routes(self) -> list[web.RouteDef]:
        """List the routes, the same for global commands and for those of a guild."""
        found: list[web.RouteDef] = []
        for base in (
            f"{_APPLICATION}/commands",
            f"{_APPLICATION}/guilds/{{guild_id}}/commands",
        ):
            found += [
                web.get(base, self.list_all),
                web.put(base, self.replace_all),
                web.post(base, self.create),
                web.get(f"{base}/{{command_id}}", self.get_one),
                web.patch(f"{base}/{{command_id}}", self.change),
                web.delete(f"{base}/{{command_id}}", self.remove),
            ]
        return found

    async def list_all(self, request: web.Request) -> web.Response:
        """List the commands."""
        return reply([self._write(each) for each in self.commands.of(self._scope(request))])

    async def replace_all(self, request: web.Request) -> web.Response:
        """Overwrite all commands."""
        scope = self._scope(request)
        found = self.commands.replace_all(scope, await read_json(request))
        self._changed()
        return reply([self._write(each) for each in found])

    async def create(self, request: web.Request) -> web.Response:
        """Register a command."""
        scope = self._scope(request)
        known = {each.id for each in self.commands.of(scope)}
        command = self.commands.put(scope, await read_json(request))
        self._changed()
        return reply(self._write(command), 200 if command.id in known else 201)

    async def get_one(self, request: web.Request) -> web.Response:
        """Tell about a command."""
        return reply(self._write(self._command(request)))

    async def change(self, request: web.Request) -> web.Response:
        """Change a command."""
        command = self.commands.change(self._command(request), await read_json(request))
        self._changed()
        return reply(self._write(command))

    async def remove(self, request: web.Request) -> web.Response:
        """Take a command away."""
        self.commands.remove(self._command(request))
        self._changed()
        return nothing()

    def _scope(self, request: web.Request) -> Guild | None:
        application = self.state.application
        if number_in(request, "application_id") != application.id:
            raise refusal(10002)
        if "guild_id" not in request.match_info:
            return None
        guild = self.state.find_guild(number_in(request, "guild_id"))
        if application.bot.id not in guild.members:
            raise refusal(50001)
        return guild

    def _command(self, request: web.Request) -> Command:
        scope = self._scope(request)
        return self.commands.find(number_in(request, "command_id"), scope)

    def _write(self, command: Command) -> Json:
        return payloads.command(command, self.state.application.id)

    def _changed(self) -> None:
        self.hub.emit(Event("CHAT_COMMANDS", audience="people"))
