"""The local chat: a small server that speaks Discord's protocol, and a page to use it with."""

from bot.chat.driver import Driver
from bot.chat.limits import Fault, RateLimit
from bot.chat.server import ChatServer, point_discord_at
from bot.chat.state import Upload

__all__ = ["ChatServer", "Driver", "Fault", "RateLimit", "Upload", "point_discord_at"]
