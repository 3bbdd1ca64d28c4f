"""Everything that can go wrong in the engine, as data.

Every error is a dataclass whose fields say what happened, where, and what was expected. No
sentence is built here: the bot turns an error into one sentence in the reader's language.
Errors survive a trip between processes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal


class EngineError(Exception):
    """Something the engine refused or failed to do."""

    users_fault: ClassVar[bool] = True
    """Whether another input would have worked; otherwise the fault is ours."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild from the fields: exceptions forget keyword arguments otherwise."""
        return (_rebuild, (type(self), self.data()))

    def __str__(self) -> str:
        """Show the fields, for logs."""
        return ", ".join(f"{name}={value!r}" for name, value in self.data().items())

    def data(self) -> dict[str, Any]:
        """Give the fields by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # every subclass is a dataclass


def _rebuild(cls: type[EngineError], data: dict[str, Any]) -> EngineError:
    return cls(**data)


@dataclass(eq=False)
class BadToken(EngineError):
    """A note code that cannot be read.

    Attributes:
        token: the text as typed, shortened to 40 characters.
        place: number of the token, from 1.
        start: offset of the token in the text, in characters from 0.
        hint: what is wrong with it.
    """

    token: str
    place: int
    start: int
    hint: Literal["letter", "duration", "octave", "tie", "tuplet", "range", "unknown"]


@dataclass(eq=False)
class UnknownFlag(EngineError):
    """An option such as ``--wild`` that does not exist; ``suggestion`` is the nearest one."""

    flag: str
    suggestion: str | None = None


@dataclass(eq=False)
class BadOption(EngineError):
    """An option whose value is outside its range or form.

    Attributes:
        name: the option's name without dashes.
        value: the value as typed, shortened to 40 characters.
        expected: what it may be, as data: ``"1–64"``, ``"3/4"``, ``"C, Am, F# minor …"``.
    """

    name: str
    value: str
    expected: str


@dataclass(eq=False)
class TooLong(EngineError):
    """More notes, characters or bytes than are taken: ``what`` has ``size``, ``limit`` is taken."""

    what: Literal["notes", "characters", "bytes"]
    size: int
    limit: int


@dataclass(eq=False)
class BadFile(EngineError):
    """A music file that cannot be used.

    Attributes:
        name: the file's name.
        reason: ``"format"``: none of the formats we read; ``"broken"``: its format, but damaged;
            ``"empty"``: no notes; ``"drums"``: nothing but drums; ``"limits"``: it took more time
            or memory than one file may.
    """

    name: str
    reason: Literal["format", "broken", "empty", "drums", "limits"]


@dataclass(eq=False)
class UnknownVersion(EngineError):
    """No model version of this name; ``known`` lists those that exist."""

    name: str
    known: tuple[str, ...] = ()


@dataclass(eq=False)
class BadVersion(EngineError):
    """A model version that does not fit the code or is damaged; ``reason`` is for operators."""

    users_fault: ClassVar[bool] = False
    name: str
    reason: str


@dataclass(eq=False)
class EngineFailed(EngineError):
    """A worker crashed or ran out of time or memory on an ordinary request."""

    users_fault: ClassVar[bool] = False
    reason: Literal["crashed", "timeout", "closed"]
