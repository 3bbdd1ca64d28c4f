"""The REST API: answering interactions; the token in the path is all the proof that is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.chat.forms import read_message
from bot.chat.model import Flag
from bot.chat.rest import API
from bot.chat.wire import nothing, number_in, read_body, reply

if TYPE_CHECKING:
    from bot.chat.interactions import Interactions
    from bot.chat.model import Interaction, Message

_CALLBACK = f"{API}/interactions/{{interaction_id}}/{{token}}/callback"
_WEBHOOK = f"{API}/webhooks/{{application_id}}/{{token}}"
_MESSAGE = f"{_WEBHOOK}/messages/{{message_id}}"


class RestInteractions:
    """Routes below ``/interactions`` and ``/webhooks``."""

    def __init__(self, interactions: Interactions) -> None:
        self.interactions = interactions

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.post(_CALLBACK, self.answer),
            web.post(_WEBHOOK, self.followup),
            web.get(_MESSAGE, self.get_message),
            web.patch(_MESSAGE, self.edit),
            web.delete(_MESSAGE, self.delete),
        ]

    async def answer(self, request: web.Request) -> web.Response:
        """Take the first answer."""
        number, token = number_in(request, "interaction_id"), request.match_info["token"]
        limit = self._limit(self.interactions.find(number, token))
        body, files = await read_body(request, limit)
        # Reading a long upload takes time, in which the deadline may have passed.
        told = self.interactions.answer(self.interactions.find(number, token), body, files)
        wanted = request.query.get("with_response", "0") in ("1", "true", "True")
        return reply(told) if wanted else nothing()

    async def followup(self, request: web.Request) -> web.Response:
        """Send a further message."""
        interaction = self._interaction(request)
        body, files = await read_body(request, self._limit(interaction))
        message = self.interactions.followup(interaction, read_message(body, files))
        return reply(self.interactions.write(message))

    async def get_message(self, request: web.Request) -> web.Response:
        """Tell about a message of the interaction."""
        return reply(self.interactions.write(self._message(request)))

    async def edit(self, request: web.Request) -> web.Response:
        """Change a message of the interaction."""
        message = self._message(request)
        body, files = await read_body(request, self._limit(message))
        draft = read_message(body, files, message.flags & ~Flag.LOADING)
        return reply(self.interactions.write(self.interactions.edit(message, draft)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message of the interaction."""
        self.interactions.actions.delete(self._message(request))
        return nothing()

    def _limit(self, where: Interaction | Message) -> int:
        return self.interactions.state.upload_limit_in(where.channel)

    def _interaction(self, request: web.Request) -> Interaction:
        token = request.match_info["token"]
        return self.interactions.follow(number_in(request, "application_id"), token)

    def _message(self, request: web.Request) -> Message:
        interaction = self._interaction(request)
        return self.interactions.message_of(interaction, request.match_info["message_id"])
