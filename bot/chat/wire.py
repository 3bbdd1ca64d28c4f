"""HTTP in and out: guarding the door, reading bodies and files, writing answers and errors."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING, Any, Final

from aiohttp import BodyPartReader, web

from bot.chat.errors import ApiError, Json, refusal
from bot.chat.forms import parse_json
from bot.chat.state import Upload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)

_FILE_FIELD: Final = re.compile(r"files\[(\d+)\]")
_MAX_JSON: Final = 1024 * 1024
_CHUNK: Final = 256 * 1024
_MAX_DRAIN: Final = 64 * 1024 * 1024
_MAX_FILES: Final = 10
_JSON_HEADERS: Final = {
    "Content-Type": "application/json",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def reply(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON; the type stands without a charset, as Discord writes it."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=_JSON_HEADERS | (headers or {}))


def nothing() -> web.Response:
    """Answer 204 No Content."""
    return web.Response(status=204)


def error_reply(error: ApiError) -> web.Response:
    """Answer with an error."""
    return reply(error.body(), error.status, error.headers)


def guard(own_hosts: Callable[[], frozenset[str]]) -> Any:
    """Make the middleware that turns away what does not come from this machine's own page.

    The ``Host`` must be this server's loopback address, so that no foreign name that was pointed
    here (DNS rebinding) gets in; an ``Origin``, when there is one, must be the page's own, so
    that no other page can send requests in the reader's browser.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        hosts = own_hosts()
        if request.headers.get("Host", "").lower() not in hosts:
            return web.Response(status=421, text="This server answers to its own address only.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.lower() not in {f"http://{host}" for host in hosts}:
            return web.Response(status=403, text="Requests from other pages are refused.")
        if _from_elsewhere(request):
            return web.Response(status=403, text="Requests from other pages are refused.")
        return await handler(request)

    return middleware


def _from_elsewhere(request: web.Request) -> bool:
    """Tell whether a browser says that another page asks; only a link to the page itself may."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    link = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.path == "/"
    return site not in ("same-origin", "none") and not link


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals into Discord's JSON errors; never let a trace out."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_reply(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return reply({"message": f"{error.status}: {error.reason}", "code": 0}, error.status)
    except (asyncio.CancelledError, ConnectionError):
        raise
    except Exception:  # noqa: BLE001 # the last door: the client gets a 500, the log the trace
        _log.exception("%s failed", request.match_info.handler)
        return reply({"message": "500: Internal Server Error", "code": 0}, 500)


def number_in(request: web.Request, name: str) -> int:
    """Read an id from the path; one that is no number is a form error, as with Discord."""
    text = request.match_info[name]
    if not text.isdecimal() or len(text) > 20:
        problem = {"_errors": [{"code": "NUMBER_TYPE_COERCE", "message": "Not a snowflake."}]}
        raise ApiError(400, 50035, "Invalid Form Body", {name: problem})
    return int(text)


def query_number(request: web.Request, name: str, default: int) -> int:
    """Read a number from the query."""
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= 20 else default


async def read_json(request: web.Request) -> Any:
    """Read a JSON body of any kind, an object where nothing else is expected."""
    data = await request.content.read(_MAX_JSON + 1)
    while len(data) <= _MAX_JSON and (more := await request.content.read(_CHUNK)):
        data += more
    if len(data) > _MAX_JSON:
        await _drain(request)
        raise refusal(40005)
    try:
        return json.loads(data or b"{}")
    except (ValueError, RecursionError):
        raise refusal(50109) from None


async def read_body(request: web.Request, limit: int) -> tuple[Json, dict[int, Upload]]:
    """Read a JSON body, or a form with ``payload_json`` and ``files[n]``.

    Args:
        request: the request.
        limit: largest file, in bytes.

    Raises:
        ApiError: 40005 when a file is larger, 50109 for broken JSON.
    """
    if not request.content_type.startswith("multipart/"):
        body = await read_json(request)
        if not isinstance(body, dict):
            raise refusal(50109)
        return body, {}
    try:
        return await _read_form(request, limit)
    except ApiError:
        await _drain(request)
        raise
    except ValueError:
        raise refusal(50109) from None


async def _read_form(request: web.Request, limit: int) -> tuple[Json, dict[int, Upload]]:
    body: Json = {}
    files: dict[int, Upload] = {}
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise refusal(50109)
        found = _FILE_FIELD.fullmatch(part.name or "")
        if part.name == "payload_json":
            body = parse_json(await _read_part(part, _MAX_JSON))
        elif found is None or len(files) > _MAX_FILES:
            await part.release()  # too many files are refused when the form is checked
        else:
            data = await _read_part(part, limit)
            files[int(found[1])] = Upload(part.filename or "unknown", data)
    return body, files


async def _read_part(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        data += chunk
        if len(data) > limit:
            raise refusal(40005)
    return bytes(data)


async def _drain(request: web.Request) -> None:
    """Read the rest of a refused body, so that the client is there to read the answer."""
    read = 0
    while read < _MAX_DRAIN and (chunk := await request.content.read(_CHUNK)):
        read += len(chunk)
