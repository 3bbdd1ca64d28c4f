"""Refusals in Discord's own words: HTTP status, JSON error code, message and form errors."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
"""A JSON object, as it travels."""


@dataclass(eq=False)
class ApiError(Exception):
    """A request that is answered with an error.

    Attributes:
        status: HTTP status.
        code: Discord's JSON error code, 0 for general errors.
        message: Discord's message for the code.
        errors: errors of single fields, nested as Discord nests them.
        headers: further response headers.
    """

    status: int
    code: int
    message: str
    errors: Json | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Show code and message, for logs."""
        return f"{self.status} {self.code} {self.message} {self.errors or ''}".rstrip()

    def body(self) -> Json:
        """Give the JSON body of the answer."""
        body: Json = {"message": self.message, "code": self.code}
        if self.errors is not None:
            body["errors"] = self.errors
        return body


_KNOWN: Final[dict[int, tuple[int, str]]] = {
    10002: (404, "Unknown Application"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (400, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    30010: (400, "Maximum number of reactions reached (20)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached the maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50034: (
        400,
        "A message provided was too old to bulk delete",
    ),
    50083: (403, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (400, "You cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
}


def refusal(code: int) -> ApiError:
    """Build the error that belongs to one of Discord's codes."""
    status, message = _KNOWN[code]
    return ApiError(status, code, message)


def unauthorized() -> ApiError:
    """Build the answer to a missing or wrong bot token."""
    return ApiError(401, 0, "401: Unauthorized")


@contextlib.contextmanager
def well_formed() -> Iterator[None]:
    """Take a body whose parts are of the wrong kind altogether for an invalid form.

    It surrounds nothing but the reading of what came in.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as fault:
        problem = {"code": "MODEL_TYPE_CONVERT", "message": "Some part is of the wrong kind"}
        raise ApiError(400, 50035, "Invalid Form Body", {"_errors": [problem]}) from fault


class Form:
    """Errors of the fields of a body, collected so that all are told at once.

    A path such as ``components.0.custom_id`` names the field.
    """

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Note one error of the field at ``path``."""
        node = self._errors
        for part in path.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, value: Any, low: int, high: int) -> None:
        """Require a string of ``low`` to ``high`` characters."""
        if not isinstance(value, str):
            self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(value) > high and low == 0:
            message = f"Must be {high} or fewer in length."
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", message)
        elif not low <= len(value) <= high:
            message = f"Must be between {low} and {high} in length."
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", message)

    def number(self, path: str, value: Any, low: float, high: float) -> None:
        """Require a number between ``low`` and ``high``."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(path, "NUMBER_TYPE_COERCE", f'Value "{value!s:.80}" is not a number.')
        elif not low <= value <= high:
            message = f"Value should be between {low:.16g} and {high:.16g}."
            self.wrong(path, "NUMBER_TYPE_RANGE", message)

    def count(self, path: str, value: Any, low: int, high: int) -> bool:
        """Require a list of ``low`` to ``high`` entries; tell whether it is a list at all."""
        if not isinstance(value, list):
            self.wrong(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return False
        if not low <= len(value) <= high:
            message = f"Must be between {low} and {high} in length."
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", message)
        return True

    def done(self) -> None:
        """Raise Invalid Form Body (50035) when something was wrong."""
        if self._errors:
            raise ApiError(400, 50035, "Invalid Form Body", self._errors)
