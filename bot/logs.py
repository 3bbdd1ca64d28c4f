"""The log: text for people, one JSON object a line for machines, and never a secret.

What members write does not get into it either: an exception is logged by its type and place
(:func:`bot.explaining.trace_of`), because its message may quote them, and the libraries that would
log whole messages of Discord or rows of the database when debugging are kept from doing so.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from bot.settings import Settings

_REDACTED: Final = "[redacted]"
_SHORTEST: Final = 4
"""Letters that a secret has at least: replacing shorter ones would only garble the log."""

_TOKENS: Final = (
    # Discord's tokens, whoever's they are: of bots, and of the interactions and webhooks that
    # stand in the addresses which discord.py tells about.
    re.compile(r"(?<![\w.-])()[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[\w.-]{20,}"),
    re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)"),  # a password in an address
)

_LEAST: Final = {
    "discord": logging.INFO,  # below, it quotes every event and every answer of Discord
    "aiohttp": logging.WARNING,  # who asks for a page
    "aiosqlite": logging.INFO,  # every statement with its values
    "sqlalchemy": logging.WARNING,  # likewise
    "alembic": logging.WARNING,
    "asyncio": logging.INFO,
    "matplotlib": logging.INFO,
    "PIL": logging.INFO,
}
"""Least levels of libraries, whatever the operator sets."""

Form = Literal["text", "json"]


class Redactor:
    """Take secrets out of a text.

    Args:
        secrets: texts that must never be seen.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        long = {secret.strip() for secret in secrets if len(secret.strip()) >= _SHORTEST}
        # The longest first: one may hold another.
        words = sorted(long, key=len, reverse=True)
        self._own = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        """Give the text without them."""
        if self._own is not None:
            text = self._own.sub(_REDACTED, text)
        for pattern in _TOKENS:
            text = pattern.sub(rf"\g<1>{_REDACTED}", text)
        return text


class Formatter(logging.Formatter):
    """Write records as lines of text.

    Args:
        redact: takes secrets out.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, with the place of its exception but not the exception's message."""
        line = self.prefix(record)
        parts = [line, *filter(None, (trace(record), record.stack_info))]
        return self._redact("\n".join(parts))

    def prefix(self, record: logging.LogRecord) -> str:
        """Write time, level, logger and message."""
        record.message = record.getMessage()
        record.asctime = self.formatTime(record)
        return self.formatMessage(record)


class JsonFormatter(Formatter):
    """Write records as JSON, one object a line.

    Fields: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``message``; where there is one,
    ``error_id`` (the code that the member was told) and ``trace``.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one record as one line."""
        time = datetime.fromtimestamp(record.created, UTC)
        fields: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "error_id": getattr(record, "error_id", None),
            "trace": trace(record) or record.stack_info,
        }
        # Before it becomes JSON: there, a quote inside a secret would be spelled otherwise.
        told = {name: self._redact(str(value)) for name, value in fields.items() if value}
        return json.dumps(told)  # ASCII: U+2028 ends a line for some readers


def trace(record: logging.LogRecord) -> str | None:
    """Tell where a record's exception arose, None when it has none."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    from bot.explaining import trace_of  # noqa: PLC0415 - imports discord.py, which few commands need

    return trace_of(error)


def set_up(
    level: str, form: Form = "text", secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Log to the standard error output, unless whoever imported us logs already.

    Args:
        level: least level that is logged.
        form: of the lines.
        secrets: texts that never appear.
        stream: where to write instead.
    """
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler.formatter, Formatter)]
    if len(ours) != len(root.handlers):
        return
    for handler in ours:
        root.removeHandler(handler)
    made = logging.StreamHandler(stream or sys.stderr)
    made.setFormatter((JsonFormatter if form == "json" else Formatter)(Redactor(secrets)))
    root.addHandler(made)
    root.setLevel(level)
    for name, least in _LEAST.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    logging.captureWarnings(capture=True)


def form_of(settings: Settings, stream: TextIO | None = None) -> Form:
    """Choose the form of the log: as set, else text on a terminal and JSON elsewhere."""
    if settings.log_format != "auto":
        return settings.log_format
    return "text" if (stream or sys.stderr).isatty() else "json"


def secrets_of(settings: Settings) -> list[str]:
    """List what must never be logged."""
    token = settings.discord_token
    return [settings.database.get_secret_value(), *([token.get_secret_value()] if token else [])]


def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what went wrong in the event loop, without the values that its own message would show."""
    from bot.explaining import record  # noqa: PLC0415 - as above

    error = context.get("exception")
    if isinstance(error, BaseException):
        record(error, "the event loop")
    else:
        what = str(context.get("message", "")).partition("(")[0].partition("<")[0]
        logging.getLogger(__name__).error("the event loop: %s", what.strip())
