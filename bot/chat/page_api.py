"""The page and its JSON API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    from bot.chat.server import ChatServer


class PageApi:
    """Routes of the page."""

    def __init__(self, server: ChatServer) -> None:
        self.server = server

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return []

    async def close(self) -> None:
        """Close all sockets."""
