"""What can go wrong around the engine: errors that carry data for the sentence about them."""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Final, Literal

if TYPE_CHECKING:
    from bot.training.runs import Failure, Run
    from engine.errors import EngineError

BLANK: Final = "␣"
"""Stands for a value of which nothing is seen."""

_MOST_MENTIONED: Final = 10
"""Channels that are named in one sentence."""


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


class TuneMissing(NabiError):
    """A command line was pasted back without the tune that does not stand in it."""

    sentence = "error-tune-missing"


class FileGone(NabiError):
    """The attachment could not be fetched from Discord."""

    sentence = "error-file-gone"


class CannotSpeak(NabiError):
    """The bot may not write in the channel in which it was asked.

    Attributes:
        channel: its name.
        permission: what it lacks, by discord.py's name; ``timed_out``: moderators silenced it.
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


class CannotSee(NabiError):
    """Discord keeps from the bot what stands in the message that was replied to."""

    sentence = "error-cannot-see"


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
        return {"prefix": quote(self.prefix) or BLANK}


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


class TooOld(NabiError):
    """Buttons or a form that nothing here knows any more, such as from before a restart."""

    sentence = "error-outdated"


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
        reason: ``"newer"``: a newer program made it; ``"unusable"``: it cannot be read or written;
            ``"address"``: of no kind that is known; ``"driver"``: what talks to it is missing.
        detail: the revision that is not known, the driver's words, or its name.
    """

    sentence = "error-bad-database"

    def __init__(
        self, reason: Literal["newer", "unusable", "address", "driver"], detail: str
    ) -> None:
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


def quote(text: str, limit: int = 40) -> str:
    """Make a stranger's text fit into one line of code: no backticks, no line breaks."""
    clean = " ".join(text.replace("`", "ˋ").split())
    clean = "".join(c for c in clean if c.isprintable())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"
