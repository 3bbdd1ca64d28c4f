"""The one place that explains any error, in one or two short sentences.

It serves prefix commands, slash commands, buttons and the command line alike.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.errors import BLANK, InText, NabiError, Unexpected, quote
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

_log: Final = logging.getLogger(__name__)

_OF_RUNS: Final = frozenset({"from", "epochs", "collections", "name", "dry-run"})
"""Options of a training run, of which an error always tells all that they take."""

_AROUND: Final = 24
"""Characters shown on each side of a code that cannot be read."""


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
            value = quote(error.argument) or BLANK
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
                "value": quote(error.value) or BLANK,
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
        scale, unit = (2**20, "MB") if error.limit >= 2**20 else (2**10, "kB")
        return say(
            locale,
            "error-too-large",
            size=f"{error.size / scale:.1f}",
            limit=f"{error.limit / scale:.3g}",
            unit=unit,
        )
    return say(locale, "error-too-long", what=error.what, size=error.size, limit=error.limit)


def mark(error: BadToken, text: str) -> str:
    """Show the code that cannot be read in its place: ``g8 e8 ⟪h4⟫ f8``."""
    token = error.token.removesuffix("…")
    start, end = error.start, error.start + len(token)
    shown = f"⟪{quote(error.token) or BLANK}⟫"
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
