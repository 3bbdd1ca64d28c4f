"""Rate limits of the REST side, and faults that a test can order."""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from bot.chat.errors import ApiError, refusal

if TYPE_CHECKING:
    from aiohttp import web

_VIA = {"Via": "1.1 local"}
"""Clients take a 429 without it for a block by the network in between."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """``limit`` requests in ``window`` seconds, per route and per channel, guild or webhook."""

    limit: int = 50
    window: float = 1.0


@dataclass(slots=True)
class _Bucket:
    used: int
    resets_at: float


class Limiter:
    """Counts requests per bucket and writes the headers that clients steer by."""

    def __init__(self, rate: RateLimit) -> None:
        self.rate = rate
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def count(self, request: web.Request) -> dict[str, str]:
        """Count a request; give the response's headers.

        Raises:
            ApiError: 429 when the bucket is used up.
        """
        info = request.match_info
        template = request.match_info.route.resource
        name = f"{request.method} {template.canonical if template else request.path}"
        major = "+".join(
            info.get(key, "") for key in ("channel_id", "guild_id", "webhook_id", "token")
        )
        now = time.monotonic()
        if len(self._buckets) > 1000:
            live = {key: each for key, each in self._buckets.items() if each.resets_at > now}
            self._buckets = live
        bucket = self._buckets.get((name, major))
        if bucket is None or bucket.resets_at <= now:
            bucket = self._buckets[name, major] = _Bucket(0, now + self.rate.window)
        bucket.used += 1
        left = bucket.resets_at - now
        headers = {
            "X-RateLimit-Limit": str(self.rate.limit),
            "X-RateLimit-Remaining": str(max(0, self.rate.limit - bucket.used)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(name.encode()).hexdigest()[:32],
        }
        if bucket.used > self.rate.limit:
            raise too_many(left, headers)
        return headers


def too_many(
    seconds: float, headers: dict[str, str] | None = None, *, everywhere: bool = False
) -> RateLimited:
    """Build a 429 that asks to wait."""
    scope = "global" if everywhere else "user"
    extra = {"Retry-After": str(math.ceil(seconds)), "X-RateLimit-Scope": scope, **_VIA}
    if everywhere:
        extra["X-RateLimit-Global"] = "true"
    return RateLimited(
        429,
        0,
        "You are being rate limited.",
        headers=(headers or {}) | extra,
        seconds=seconds,
        everywhere=everywhere,
    )


@dataclass(eq=False)
class RateLimited(ApiError):  # its name says what it is
    """A 429 with the time to wait, in seconds."""

    seconds: float = 1.0
    everywhere: bool = False

    def body(self) -> dict[str, object]:
        """Give the JSON body, which differs from that of other errors."""
        return {
            "message": self.message,
            "retry_after": round(self.seconds, 3),
            "global": self.everywhere,
        }


@dataclass(slots=True)
class Fault:
    """An answer that REST requests get instead of the real one.

    Attributes:
        status: HTTP status; 429 asks to wait ``seconds``; 0 cuts the connection.
        method: HTTP method, ``*`` for any.
        path: path below the API's base, with ``*`` as in file names.
        times: how often it strikes.
        after: whether the request still takes effect before the answer is lost.
    """

    status: int
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 0.05
    everywhere: bool = False
    after: bool = False


class Faults:
    """Faults that are due."""

    def __init__(self) -> None:
        self._due: list[Fault] = []

    def order(self, fault: Fault) -> Fault:
        """Let a fault strike; its ``times`` tells later how often it still will."""
        self._due.append(fault)
        return fault

    def strike(self, method: str, path: str) -> Fault | None:
        """Find the fault that strikes a request, if any."""
        for fault in self._due:
            if fault.times > 0 and fnmatch(method, fault.method) and fnmatch(path, fault.path):
                fault.times -= 1
                return fault
        return None


def fault_error(fault: Fault) -> ApiError:
    """Build the error that a fault answers with."""
    if fault.status == 429:
        return too_many(fault.seconds, everywhere=fault.everywhere)
    if fault.status == 413:
        return refusal(40005)
    return ApiError(fault.status, 0, f"{fault.status}: Ordered fault")
