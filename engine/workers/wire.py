"""Frames between this process and its workers: a length, then a pickle.

What goes to a worker is our own. What comes back may have been touched by a stranger's file, so
it is read by an unpickler that knows the engine's plain data and nothing that acts.
"""

from __future__ import annotations

import importlib
import io
import pickle
import struct
from typing import IO, Any, Final

_HEADER: Final = struct.Struct("!Q")

MAX_FRAME: Final = 256 * 1024 * 1024
"""Largest message, in bytes; a longer one is a broken or hostile peer."""

_PLAIN: Final = frozenset(
    {"engine.music", "engine.request", "engine.errors", "engine.workers.stages", "fractions"}
)
"""Modules whose classes may come back from a worker."""

_ERRORS: Final = ("engine.errors", "_rebuild")


def write_frame(stream: IO[bytes], payload: bytes) -> None:
    """Send one message and push it out."""
    stream.write(_HEADER.pack(len(payload)))
    stream.write(payload)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes:
    """Receive one message, blocking.

    Raises:
        EOFError: when the stream ends before the message does, or announces an absurd length.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError("the stream has ended")
    (size,) = _HEADER.unpack(header)
    if size > MAX_FRAME:
        raise EOFError(f"a message of {size} bytes")
    payload = stream.read(size)
    if len(payload) < size:
        raise EOFError("the stream has ended within a message")
    return payload


def pack(value: object) -> bytes:
    """Turn a message into bytes."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


class _PlainUnpickler(pickle.Unpickler):
    """Build only the engine's own data classes."""

    def find_class(self, module: str, name: str) -> Any:
        """Give the class, or refuse: neither dotted names nor what a module merely imports."""
        if module in _PLAIN and "." not in name:
            found = getattr(importlib.import_module(module), name, None)
            if (module, name) == _ERRORS or (
                isinstance(found, type) and found.__module__ == module
            ):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def unpack_plain(payload: bytes) -> Any:
    """Read a message that a worker sent.

    Raises:
        pickle.UnpicklingError: when it holds anything but plain data, or is no message at all.
    """
    try:
        return _PlainUnpickler(io.BytesIO(payload)).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # noqa: BLE001  # noise makes the unpickler stumble in every possible way
        raise pickle.UnpicklingError(type(error).__name__) from None
