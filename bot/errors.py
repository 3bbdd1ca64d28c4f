"""What can go wrong around the engine, and the one place that explains any error.

Errors carry data; :func:`explain` turns each into one sentence in the reader's language, for
prefix commands, slash commands, buttons and the command line alike.
"""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from difflib import get_close_matches
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import say
from bot.training.runs import NEW_NAME
from engine.errors import (
    BadFile,
    BadOption,
    BadToken,
    BadVersion,
    EngineError,
    EngineFailed,
    TooLong,
    UnknownFlag,
    UnknownVersion,
)
from engine.request import OPTIONS

if TYPE_CHECKING:
    from bot.i18n import Locale
    from bot.training.runs import Failure, Run

_log: Final = logging.getLogger(__name__)
_MOST_MENTIONED: Final = 10
"""Channels that are named in one sentence."""

_OF_RUNS: Final = frozenset({"from", "epochs", "collections", "name", "dry-run"})
"""Options of a training run, of which an error always tells all that they take."""

_AROUND: Final = 24
"""Characters shown on each side of a code that cannot be read."""


class NabiError(Exception):
    """Something that the bot itself refuses."""

    sentence: ClassVar[str] = "error-unexpected"
    """Key of the sentence that explains it."""

    def values(self) -> dict[str, str]:
        """Give what is put into the sentence."""
        return {}


class Busy(NabiError):
    """The member's last request is still running."""

    sentence = "error-busy"


class Closing(NabiError):
    """The bot is about to stop."""

    sentence = "error-closing"


class TooSoon(NabiError):
    """The member's rest between two tunes is not over; ``seconds`` of it are left."""

    sentence = "error-too-soon"

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def values(self) -> dict[str, str]:
        """Give the time as Discord's relative timestamp."""
        return {"when": f"<t:{ceil(time.time() + self.seconds)}:R>"}


class NothingThere(NabiError):
    """The message that was replied to holds no tune."""

    sentence = "error-nothing-there"


class FileGone(NabiError):
    """The attachment could not be fetched from Discord."""

    sentence = "error-file-gone"


class CannotSpeak(NabiError):
    """The bot may not write in the channel in which it was asked.

    Attributes:
        channel: its name.
        permission: what it lacks, by discord.py's name.
    """

    sentence = "error-cannot-speak"

    def __init__(self, channel: str, permission: str = "send_messages") -> None:
        super().__init__(channel, permission)
        self.channel = channel
        self.permission = permission

    def values(self) -> dict[str, str]:
        """Give both."""
        return {"channel": quote(self.channel), "permission": self.permission}


class CannotRead(NabiError):
    """The bot may not read what was said before, and so not what was replied to."""

    sentence = "error-cannot-read"


class Forgotten(NabiError):
    """The result behind a button has expired."""

    sentence = "error-forgotten"


class NotAdministrator(NabiError):
    """Only the owner and the home server's administrators may do this.

    Attributes:
        elsewhere: whether the member is an administrator, but of another server.
    """

    sentence = "error-not-administrator"

    def __init__(self, *, elsewhere: bool = False) -> None:
        super().__init__(elsewhere)
        self.elsewhere = elsewhere

    def values(self) -> dict[str, str]:
        """Give ``elsewhere``."""
        return {"elsewhere": "yes" if self.elsewhere else "no"}


class AlreadyTraining(NabiError):
    """A training run is going on; ``run`` is it, where it is known."""

    sentence = "error-already-training"

    def __init__(self, run: Run | None = None) -> None:
        super().__init__()
        self.run = run

    def values(self) -> dict[str, str]:
        """Give the address of the run's message, or that there is none."""
        return {"where": (self.run.link if self.run is not None else "") or "none"}


class NotTraining(NabiError):
    """There is no training run to cancel."""

    sentence = "error-not-training"


class BadPrefix(NabiError):
    """What cannot be a prefix; ``prefix`` is what was given."""

    sentence = "error-bad-prefix"

    def __init__(self, prefix: str) -> None:
        super().__init__(prefix)
        self.prefix = prefix

    def __str__(self) -> str:
        """Keep what a member typed out of logs."""
        return "BadPrefix"

    def values(self) -> dict[str, str]:
        """Give what was given."""
        return {"prefix": quote(self.prefix)}


class NotHere(NabiError):
    """The server lets the bot answer in other channels only; ``channels`` are their ids."""

    sentence = "error-not-here"

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__(channels)
        self.channels = channels

    def values(self) -> dict[str, str]:
        """Give the channels as mentions."""
        shown = " ".join(f"<#{channel}>" for channel in self.channels[:_MOST_MENTIONED])
        more = " …" if len(self.channels) > _MOST_MENTIONED else ""
        return {"channels": shown + more}


class NotYours(NabiError):
    """Somebody else opened this panel."""

    sentence = "error-not-yours"


class MayNotSet(NabiError):
    """The member may not change settings here; ``level`` is what of."""

    sentence = "error-may-not-set"

    def __init__(self, level: str) -> None:
        super().__init__(level)
        self.level = level

    def values(self) -> dict[str, str]:
        """Give the level."""
        return {"level": self.level}


class UnknownWord(NabiError):
    """A word or an option after ``retrain`` that it does not know; ``word`` is it."""

    sentence = "error-unknown-word"

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    def values(self) -> dict[str, str]:
        """Give the word."""
        return {"word": quote(self.word)}


class BadDatabase(NabiError):
    """The database cannot be used.

    Attributes:
        reason: ``"newer"``: a newer program made it; ``"unusable"``: it cannot be read or written.
        detail: the revision that is not known, or the driver's words.
    """

    sentence = "error-bad-database"

    def __init__(self, reason: Literal["newer", "unusable"], detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def values(self) -> dict[str, str]:
        """Give both."""
        return {"reason": self.reason, "detail": quote(self.detail, 200)}


class EstimateFailed(NabiError):
    """What a training run would do could not be measured; ``failure`` is a run's failure code."""

    sentence = "error-estimate"

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def values(self) -> dict[str, str]:
        """Give the failure's code."""
        return {"failure": self.failure}


class InText(NabiError):
    """An engine error and the text in which it was found, so that the place can be shown."""

    def __init__(self, error: EngineError, text: str) -> None:
        super().__init__(error, text)
        self.error = error
        self.text = text

    def __str__(self) -> str:
        """Say which error it is: the text is a member's and stays out of logs."""
        return type(self.error).__name__


class Unexpected(NabiError):
    """An error that nobody foresaw; ``code`` finds its trace in the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def values(self) -> dict[str, str]:
        """Give the code."""
        return {"code": self.code}


def root_of(error: BaseException) -> BaseException:
    """Take off what discord.py wraps around an exception."""
    while True:
        inner = getattr(error, "original", None)
        if isinstance(inner, BaseException):
            error = inner
        elif isinstance(error, commands.CommandError) and isinstance(error.__cause__, NabiError):
            error = error.__cause__
        else:
            return error


def is_foreseen(error: BaseException) -> bool:
    """Tell whether :func:`explain` has a sentence for an error (after :func:`root_of`)."""
    return isinstance(
        error,
        NabiError
        | EngineError
        | commands.UserInputError
        | commands.CommandNotFound
        | commands.CheckFailure
        | app_commands.CheckFailure
        | app_commands.CommandNotFound
        | app_commands.CommandSignatureMismatch
        | app_commands.TransformerError,
    )


def is_users_fault(error: BaseException) -> bool:
    """Tell whether other input would have worked."""
    inner = error.error if isinstance(error, InText) else error
    return inner.users_fault if isinstance(inner, EngineError) else isinstance(inner, NabiError)


def record(error: BaseException, where: str) -> Unexpected:
    """Log an error that nobody foresaw and give it a short code.

    Only types, places and the messages of Discord and the system are logged: any other message
    may quote what a member wrote.
    """
    code = secrets.token_hex(3)
    _log.error("error %s in %s\n%s", code, where, trace_of(error), extra={"error_id": code})
    return Unexpected(code)


def trace_of(error: BaseException) -> str:
    """Write an exception's chain as it may stand in a log: no text of members in it."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 5:
        safe = isinstance(seen, OSError | discord.HTTPException | ImportError)
        message = f": {seen}" if safe else ""
        frames = "".join(traceback.format_tb(seen.__traceback__))
        parts.append(f"{frames}{type(seen).__qualname__}{message}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\ncaused by\n".join(parts)


def explain(error: BaseException, locale: Locale) -> str:
    """Say in one or two short sentences what went wrong and what would work."""
    error = root_of(error)
    if isinstance(error, InText):
        return _explain_engine(error.error, locale, error.text)
    if isinstance(error, EngineError):
        return _explain_engine(error, locale, "")
    if isinstance(error, NabiError):
        return say(locale, error.sentence, **error.values())
    return _explain_discord(error, locale)


def _explain_discord(error: BaseException, locale: Locale) -> str:
    """Give the sentence for what discord.py itself refuses, or for anything else."""
    if isinstance(error, commands.NoPrivateMessage | app_commands.NoPrivateMessage):
        return say(locale, "error-only-in-servers")
    if isinstance(error, commands.CheckFailure | app_commands.CheckFailure):
        return say(locale, "error-not-allowed")
    if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
        return say(locale, "error-old-command")
    inputs = commands.UserInputError | commands.CommandNotFound | app_commands.TransformerError
    if isinstance(error, inputs):
        return _explain_input(error, locale)
    return say(locale, "error-unexpected", code="–")


def _explain_input(error: BaseException, locale: Locale) -> str:
    """Give the sentence for what was typed and is no command, or not what a command takes."""
    match error:
        case commands.CommandNotFound():
            return say(locale, "error-unknown-command", name=quote(unknown_name(error)))
        case commands.MissingRequiredArgument() | commands.MissingRequiredAttachment():
            name = error.param.displayed_name or error.param.name
            return say(locale, "error-missing-argument", name=quote(name))
        case commands.BadLiteralArgument():
            expected = ", ".join(str(literal) for literal in error.literals)
            value = quote(error.argument)
            return say(locale, "error-bad-argument", value=value, expected=expected)
        case commands.RangeError():
            expected = f"{error.minimum}–{error.maximum}"
            value = quote(str(error.value))
            return say(locale, "error-bad-argument", value=value, expected=expected)
        case commands.ArgumentParsingError():
            return say(locale, "error-quotes")
        case _:
            return say(locale, "error-input")


def unknown_name(error: commands.CommandNotFound) -> str:
    """Read from discord.py's error which name is no command's."""
    return str(error).removeprefix('Command "').removesuffix('" is not found')


def _explain_engine(error: EngineError, locale: Locale, text: str) -> str:
    """Give the sentence for an engine error; ``text`` is where it was found, if known."""
    if isinstance(error, TooLong):
        return _explain_length(error, locale)
    values: dict[str, str]
    match error:
        case BadToken():
            key = "error-bad-token"
            values = {
                "place": str(error.place),
                "marked": mark(error, text),
                "hint": error.hint,
            }
        case UnknownFlag(suggestion=None):
            key, values = "error-unknown-flag", {"flag": quote(error.flag)}
        case UnknownFlag():
            key = "error-near-flag"
            near = f"--{(error.suggestion or '').lstrip('-')}"
            values = {"flag": quote(error.flag), "near": near}
        case BadOption():
            key = "error-bad-option"
            values = {
                "name": error.name,
                "value": quote(error.value),
                "expected": error.expected,
                "kind": _kind_of(error),
                "near": _near(error) or "",
            }
        case BadFile():
            key, values = "error-bad-file", {"name": quote(error.name), "reason": error.reason}
        case UnknownVersion():
            key = "error-unknown-version"
            values = {"name": quote(error.name), "known": ", ".join(error.known[:5]) or "–"}
        case BadVersion():
            key, values = "error-bad-version", {"name": quote(error.name)}
        case EngineFailed():
            key, values = "error-engine", {"reason": error.reason}
        case _:
            key, values = "error-unexpected", {"code": "–"}
    return say(locale, key, **values)


def _kind_of(error: BadOption) -> str:
    """Tell how to describe an option's values: none was given, one was meant, all, an example."""
    option = OPTIONS.get(error.name)
    if not error.value.strip():
        return "missing"
    if _near(error) is not None:
        return "near"
    if error.name == "name" and error.expected == NEW_NAME:
        return "taken"
    closed = option is not None and (option.choices or option.low is not None)
    return "closed" if closed or error.name in _OF_RUNS else "open"


def _near(error: BadOption) -> str | None:
    """Find the value that was probably meant among those of a closed list."""
    option = OPTIONS.get(error.name)
    near = get_close_matches(error.value.lower(), option.choices, n=1) if option else []
    return near[0] if near else None


def _explain_length(error: TooLong, locale: Locale) -> str:
    if error.what == "bytes":
        return say(
            locale,
            "error-too-large",
            size=f"{error.size / 2**20:.1f}",
            limit=f"{error.limit / 2**20:g}",
        )
    return say(locale, "error-too-long", what=error.what, size=error.size, limit=error.limit)


def quote(text: str, limit: int = 40) -> str:
    """Make a stranger's text fit into one line of code: no backticks, no line breaks."""
    clean = " ".join(text.replace("`", "ˋ").split())
    clean = "".join(c for c in clean if c.isprintable())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def mark(error: BadToken, text: str) -> str:
    """Show the code that cannot be read in its place: ``g8 e8 ⟪h4⟫ f8``."""
    token = error.token.removesuffix("…")
    start, end = error.start, error.start + len(token)
    shown = f"⟪{quote(error.token)}⟫"
    if text[start:end] != token:
        return shown
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = "…" + (before.split(maxsplit=1)[-1] if " " in before.strip() else before)
    if end + _AROUND < len(text):
        after = (after.rsplit(maxsplit=1)[0] if " " in after.strip() else after) + "…"
    left = " " if before[-1:].isspace() else ""
    right = " " if after[:1].isspace() else ""
    return f"{quote(before, 99)}{left}{shown}{right}{quote(after, 99)}"
