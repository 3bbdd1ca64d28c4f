"""The REST API that a bot uses: the frame around all routes, and those of users and guilds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.chat import payloads
from bot.chat.errors import ApiError, refusal, unauthorized, well_formed
from bot.chat.limits import Faults, Limiter, fault_error
from bot.chat.wire import error_reply, number_in, query_number, read_json, reply

if TYPE_CHECKING:
    from bot.chat.gateway import Gateway
    from bot.chat.model import User
    from bot.chat.state import State
    from bot.chat.wire import Handler

API = "/api/v10"
"""Path under which the REST API lies."""

PUBLIC_KEY = "0" * 64
"""Stands where Discord tells the key of interaction webhooks, which are not used here."""


def frame(state: State, limiter: Limiter, faults: Faults) -> Any:
    """Make the middleware of REST requests: ordered faults, the bot's token, rate limits."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        path = request.path.removeprefix(API)
        fault = faults.strike(request.method, path)
        if fault is not None:
            if fault.after:
                await handler(request)
            if fault.status == 0 and request.transport is not None:
                request.transport.abort()
            raise fault_error(fault)
        if request.match_info.http_exception is not None:
            raise request.match_info.http_exception
        open_to_all = path.startswith(("/interactions/", "/webhooks/"))
        if (
            not open_to_all
            and request.headers.get("Authorization") != f"Bot {state.application.token}"
        ):
            raise unauthorized()
        headers = limiter.count(request)
        try:
            response = await handler(request)
        except ApiError as error:
            response = error_reply(error)
        response.headers.update(headers)
        return response

    return middleware


class RestBasics:
    """Routes about the bot itself, users and guilds."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        self.state = state
        self.gateway = gateway

    @property
    def bot(self) -> User:
        """The bot, on whose behalf all requests come."""
        return self.state.application.bot

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get(f"{API}/gateway", self.get_gateway),
            web.get(f"{API}/gateway/bot", self.get_gateway_bot),
            web.get(f"{API}/users/@me", self.get_me),
            web.get(f"{API}/users/@me/guilds", self.get_my_guilds),
            web.post(f"{API}/users/@me/channels", self.open_direct),
            web.get(f"{API}/users/{{user_id}}", self.get_user),
            web.get(f"{API}/applications/@me", self.get_application),
            web.get(f"{API}/oauth2/applications/@me", self.get_application),
            web.get(f"{API}/applications/{{application_id}}/emojis", self.get_emojis),
            web.get(f"{API}/guilds/{{guild_id}}", self.get_guild),
            web.get(f"{API}/guilds/{{guild_id}}/channels", self.get_guild_channels),
            web.get(f"{API}/guilds/{{guild_id}}/roles", self.get_roles),
            web.get(f"{API}/guilds/{{guild_id}}/members", self.get_members),
            web.get(f"{API}/guilds/{{guild_id}}/members/{{user_id}}", self.get_member),
        ]

    async def get_gateway(self, _request: web.Request) -> web.Response:
        """Tell where the gateway is."""
        return reply({"url": self.gateway.url})

    async def get_gateway_bot(self, _request: web.Request) -> web.Response:
        """Tell where the gateway is and how many shards are wise."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        gateway = self.gateway
        told = {"url": gateway.url, "shards": gateway.shards, "session_start_limit": limit}
        return reply(told)

    async def get_me(self, _request: web.Request) -> web.Response:
        """Tell the bot who it is."""
        own = {"verified": True, "mfa_enabled": False, "email": None, "flags": 0, "locale": "en-US"}
        return reply(payloads.user(self.bot) | own)

    async def get_my_guilds(self, _request: web.Request) -> web.Response:
        """List the bot's guilds."""
        guilds = [each for each in self.state.guilds.values() if self.bot.id in each.members]
        return reply([payloads.partial_guild(each, self.bot) for each in guilds])

    async def open_direct(self, request: web.Request) -> web.Response:
        """Open direct messages with a user."""
        body = await read_json(request)
        with well_formed():
            recipient = int(body["recipient_id"])
        user = self.state.find_user(recipient)
        if user is self.bot:
            raise refusal(50007)
        channel = self.state.direct_channel(self.bot, user)
        return reply(payloads.channel(channel, self.bot))

    async def get_user(self, request: web.Request) -> web.Response:
        """Tell about a user."""
        return reply(payloads.user(self.state.find_user(number_in(request, "user_id"))))

    async def get_application(self, _request: web.Request) -> web.Response:
        """Tell about the application."""
        application = self.state.application
        return reply(payloads.application(application, len(self.state.guilds), PUBLIC_KEY))

    async def get_emojis(self, _request: web.Request) -> web.Response:
        """List the application's own emojis: there are none."""
        return reply({"items": []})

    async def get_guild(self, request: web.Request) -> web.Response:
        """Tell about a guild."""
        guild = self._guild(request)
        counts = {
            "approximate_member_count": len(guild.members),
            "approximate_presence_count": len(guild.members),
        }
        return reply(payloads.guild(guild) | (counts if "with_counts" in request.query else {}))

    async def get_guild_channels(self, request: web.Request) -> web.Response:
        """List a guild's channels."""
        guild = self._guild(request)
        return reply([payloads.channel(each) for each in guild.channels.values()])

    async def get_roles(self, request: web.Request) -> web.Response:
        """List a guild's roles."""
        return reply([payloads.role(each) for each in self._guild(request).roles.values()])

    async def get_members(self, request: web.Request) -> web.Response:
        """List members by id; needs the members intent."""
        guild = self._guild(request)
        if not self.state.application.members_intent:
            raise refusal(50001)
        after = query_number(request, "after", 0)
        limit = min(1000, max(1, query_number(request, "limit", 1)))
        ids = sorted(each for each in guild.members if each > after)[:limit]
        return reply([payloads.member(guild.members[each]) for each in ids])

    async def get_member(self, request: web.Request) -> web.Response:
        """Tell about a member."""
        guild = self._guild(request)
        user = self.state.find_user(number_in(request, "user_id"))
        if user.id not in guild.members:
            raise refusal(10007)
        return reply(payloads.member(guild.members[user.id]))

    def _guild(self, request: web.Request) -> Any:
        guild = self.state.find_guild(number_in(request, "guild_id"))
        if self.bot.id not in guild.members:
            raise refusal(50001)
        return guild
