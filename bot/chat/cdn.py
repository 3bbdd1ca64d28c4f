"""Serve files: attachments under signed addresses, and plain default avatars."""

from __future__ import annotations

import hmac
import re
import struct
import zlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from aiohttp import web

from bot.chat.media import serving_type

if TYPE_CHECKING:
    from bot.chat.state import State

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}
_COLOURS: Final = ("5b6ee1", "747f8d", "3ba55d", "d99e2b", "cf4b4b", "c2548f")


class Cdn:
    """Handlers for files."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[web.RouteDef]:
        """List the routes below the CDN's base."""
        return [
            web.get("/cdn/attachments/{channel_id}/{attachment_id}/{name}", self.attachment),
            web.get("/cdn/embed/avatars/{number}.png", self.avatar),
        ]

    async def attachment(self, request: web.Request) -> web.Response:
        """Serve an attachment, or the part of it that a player asks for.

        What a browser could run as a page comes as plain bytes to download.
        """
        info = request.match_info
        path = f"{info['channel_id']}/{info['attachment_id']}/{info['name']}"
        signed = hmac.compare_digest(request.query.get("hm", ""), self.state.sign(path))
        number = info["attachment_id"]
        attachment = self.state.attachments.get(int(number)) if number.isdecimal() else None
        if not signed or attachment is None:
            raise web.HTTPNotFound
        content_type, inline = serving_type(attachment.content_type)
        download = not inline or "download" in request.query
        disposition = "attachment" if download else "inline"
        headers = _SAFE | {
            "Content-Type": content_type,
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(attachment.filename)}",
            "Accept-Ranges": "bytes",
        }
        data = attachment.data
        part = _range(request.headers.get("Range", ""), len(data))
        if part is None:
            return web.Response(body=data, headers=headers)
        start, stop = part
        if start >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        return web.Response(status=206, body=data[start:stop], headers=headers)

    async def avatar(self, request: web.Request) -> web.Response:
        """Serve a square of one colour."""
        number = request.match_info["number"]
        colour = _COLOURS[int(number) % len(_COLOURS) if number.isdecimal() else 0]
        return web.Response(
            body=square(bytes.fromhex(colour)), headers=_SAFE | {"Content-Type": "image/png"}
        )


def _range(header: str, size: int) -> tuple[int, int] | None:
    """Read a single byte range as start and stop; None: the whole file."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    start = int(found[1])
    stop = int(found[2]) + 1 if found[2] else size
    return None if found[2] and stop <= start else (start, min(stop, size))


def square(colour: bytes, side: int = 64) -> bytes:
    """Make a PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * side) * side
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
