"""How gateway payloads travel: plain JSON text, or one compressed stream per connection."""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Encoder(Protocol):
    """Turns one payload's JSON into a websocket frame: text stays text, bytes go as binary."""

    def __call__(self, text: str) -> str | bytes:
        """Encode one payload."""


def _plain(text: str) -> str:
    return text


def _zlib_stream() -> Encoder:
    compressor = zlib.compressobj()

    def encode(text: str) -> bytes:
        data = compressor.compress(text.encode())
        return data + compressor.flush(zlib.Z_SYNC_FLUSH)

    return encode


def _zstd_stream() -> Encoder | None:
    """Compress with Python 3.14's own module or the ``zstandard`` package, if there is one."""
    try:
        own: Any = importlib.import_module("compression.zstd")
    except ImportError:
        pass
    else:
        stream = own.ZstdCompressor()
        return lambda text: bytes(stream.compress(text.encode(), stream.FLUSH_BLOCK))
    try:
        package: Any = importlib.import_module("zstandard")
    except ImportError:
        return None
    compressor = package.ZstdCompressor().compressobj()

    def encode(text: str) -> bytes:
        data = compressor.compress(text.encode())
        return bytes(data + compressor.flush(package.COMPRESSOBJ_FLUSH_BLOCK))

    return encode


_STREAMS: Final[dict[str, Callable[[], Encoder | None]]] = {
    "": lambda: _plain,
    "zlib-stream": _zlib_stream,
    "zstd-stream": _zstd_stream,
}


def encoder_for(compression: str) -> Encoder | None:
    """Start a stream of the kind that a client asks for; None when it is not spoken here.

    A client that can ask for zstd has one of the two modules; in the same program so have we.
    """
    start = _STREAMS.get(compression)
    return start() if start else None
