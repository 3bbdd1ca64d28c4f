"""The REST API: channels, messages, reactions, threads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import web

from bot.chat import message_payloads, payloads
from bot.chat.errors import Form, Json, refusal, well_formed
from bot.chat.events import Event
from bot.chat.forms import read_message
from bot.chat.permissions import Permission, permissions_in, require
from bot.chat.rest import API
from bot.chat.wire import nothing, number_in, query_number, read_body, read_json, reply

if TYPE_CHECKING:
    from bot.chat.actions import Actions
    from bot.chat.model import Channel, Message, User
    from bot.chat.state import State

_CHANNEL = f"{API}/channels/{{channel_id}}"
_MESSAGE = f"{_CHANNEL}/messages/{{message_id}}"
_REACTIONS = f"{_MESSAGE}/reactions"


class RestMessages:
    """Routes below ``/channels``."""

    def __init__(self, state: State, actions: Actions) -> None:
        self.state = state
        self.actions = actions

    @property
    def bot(self) -> User:
        """The bot, on whose behalf all requests come."""
        return self.state.application.bot

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(_CHANNEL, self.get_channel),
            web.get(f"{_CHANNEL}/messages", self.list_messages),
            web.post(f"{_CHANNEL}/messages", self.create),
            web.post(f"{_CHANNEL}/messages/bulk-delete", self.bulk_delete),
            web.get(_MESSAGE, self.get_message),
            web.patch(_MESSAGE, self.edit),
            web.delete(_MESSAGE, self.delete),
            web.post(f"{_CHANNEL}/typing", self.typing),
            web.delete(_REACTIONS, self.clear_reactions),
            web.get(f"{_REACTIONS}/{{emoji}}", self.list_reactions),
            web.delete(f"{_REACTIONS}/{{emoji}}", self.clear_reactions),
            web.put(f"{_REACTIONS}/{{emoji}}/@me", self.react),
            web.delete(f"{_REACTIONS}/{{emoji}}/@me", self.unreact),
            web.delete(f"{_REACTIONS}/{{emoji}}/{{user_id}}", self.unreact),
            web.post(f"{_MESSAGE}/threads", self.start_thread),
            web.post(f"{_CHANNEL}/threads", self.start_thread),
        ]

    async def get_channel(self, request: web.Request) -> web.Response:
        """Tell about a channel."""
        return reply(payloads.channel(self._channel(request), self.bot))

    async def list_messages(self, request: web.Request) -> web.Response:
        """List messages, newest first, around, before or after one of them."""
        channel = self._channel(request)
        limit = query_number(request, "limit", 50)
        form = Form()
        form.number("limit", limit, 1, 100)
        form.done()
        if not permissions_in(channel, self.bot) & Permission.READ_MESSAGE_HISTORY:
            return reply([])
        found = [each for each in channel.messages.values() if not each.ephemeral]
        before = query_number(request, "before", 0)
        after = query_number(request, "after", 0)
        around = query_number(request, "around", 0)
        if before:
            found = [each for each in found if each.id < before][-limit:]
        elif after:
            found = [each for each in found if each.id > after][:limit]
        elif around:
            older = [each for each in found if each.id < around][-(limit // 2) :]
            newer = [each for each in found if each.id >= around][: limit - len(older)]
            found = older + newer
        else:
            found = found[-limit:]
        return reply([self._write(each) for each in reversed(found)])

    async def create(self, request: web.Request) -> web.Response:
        """Send a message."""
        channel = self._channel(request)
        body, files = await read_body(request, self.state.upload_limit_in(channel))
        return reply(self._write(self.actions.send(self.bot, channel, read_message(body, files))))

    async def get_message(self, request: web.Request) -> web.Response:
        """Tell about a message."""
        channel = self._channel(request)
        require(channel, self.bot, Permission.READ_MESSAGE_HISTORY)
        return reply(self._write(self._message(request, channel)))

    async def edit(self, request: web.Request) -> web.Response:
        """Change a message of the bot's own."""
        channel = self._channel(request)
        message = self._message(request, channel)
        body, files = await read_body(request, self.state.upload_limit_in(channel))
        if message.author is not self.bot:
            raise refusal(50005)
        if channel.archived or channel.locked:
            raise refusal(50083)
        if files:
            require(channel, self.bot, Permission.ATTACH_FILES)
        draft = read_message(body, files, message.flags)
        if draft.embeds:
            require(channel, self.bot, Permission.EMBED_LINKS)
        return reply(self._write(self.actions.edit(message, draft)))

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message; others' messages only with permission."""
        channel = self._channel(request)
        message = self._message(request, channel)
        if message.author is not self.bot:
            if channel.guild is None:
                raise refusal(50003)
            require(channel, self.bot, Permission.MANAGE_MESSAGES)
        self.actions.delete(message)
        return nothing()

    async def bulk_delete(self, request: web.Request) -> web.Response:
        """Delete several messages at once."""
        channel = self._channel(request)
        require(channel, self.bot, Permission.MANAGE_MESSAGES)
        body = await read_json(request)
        with well_formed():
            form = Form()
            form.count("messages", body["messages"], 2, 100)
            form.done()
            ids = [int(each) for each in body["messages"]]
        gone = [channel.messages[each] for each in ids if each in channel.messages]
        for message in gone:
            self.state.forget(message)
        data: Json = {
            "ids": [str(each.id) for each in gone],
            "channel_id": str(channel.id),
            "guild_id": str(channel.guild.id) if channel.guild else None,
        }
        self.actions.hub.emit(Event("MESSAGE_DELETE_BULK", data, channel.guild, channel))
        return nothing()

    async def typing(self, request: web.Request) -> web.Response:
        """Show that the bot is at work."""
        self.actions.typing(self.bot, self._channel(request))
        return nothing()

    async def list_reactions(self, request: web.Request) -> web.Response:
        """List who reacted with an emoji."""
        message = self._message(request, self._channel(request))
        people = message.reactions.get(_emoji(request), [])
        return reply([payloads.user(each) for each in people])

    async def react(self, request: web.Request) -> web.Response:
        """Add the bot's reaction."""
        message = self._message(request, self._channel(request))
        self.actions.react(message, self.bot, _emoji(request))
        return nothing()

    async def unreact(self, request: web.Request) -> web.Response:
        """Take the bot's reaction away, or with permission somebody else's."""
        channel = self._channel(request)
        message = self._message(request, channel)
        user = self.bot
        if "user_id" in request.match_info:
            user = self.state.find_user(number_in(request, "user_id"))
            if user is not self.bot:
                require(channel, self.bot, Permission.MANAGE_MESSAGES)
        self.actions.unreact(message, user, _emoji(request))
        return nothing()

    async def clear_reactions(self, request: web.Request) -> web.Response:
        """Take all reactions away, or all with one emoji."""
        channel = self._channel(request)
        require(channel, self.bot, Permission.MANAGE_MESSAGES)
        emoji = _emoji(request) if "emoji" in request.match_info else None
        self.actions.clear_reactions(self._message(request, channel), emoji)
        return nothing()

    async def start_thread(self, request: web.Request) -> web.Response:
        """Start a public thread, from a message or by itself."""
        channel = self._channel(request)
        body = await read_json(request)
        with well_formed():
            form = Form()
            form.length("name", body.get("name"), 1, 100)
            form.done()
        message = self._message(request, channel) if "message_id" in request.match_info else None
        thread = self.actions.start_thread(self.bot, channel, body["name"], message)
        return reply(payloads.channel(thread), 201)

    def _channel(self, request: web.Request) -> Channel:
        channel = self.state.find_channel(number_in(request, "channel_id"))
        require(channel, self.bot, Permission.VIEW_CHANNEL)
        return channel

    def _message(self, request: web.Request, channel: Channel) -> Message:
        message = self.state.find_message(channel, number_in(request, "message_id"))
        if message.ephemeral:
            raise refusal(10008)
        return message

    def _write(self, message: Message) -> Json:
        withhold = not self.state.application.content_intent
        return message_payloads.message(message, self.bot, withhold=withhold)


def _emoji(request: web.Request) -> str:
    """Read a Unicode emoji from the path; this server has no custom ones."""
    emoji = unquote(request.match_info["emoji"])
    plain = emoji.isascii() or ":" in emoji or len(emoji) > 32
    if plain:
        raise refusal(10014)
    return emoji
