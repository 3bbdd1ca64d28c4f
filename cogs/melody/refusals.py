"""What the commands around a tune themselves refuse."""

from __future__ import annotations

from bot.errors import NabiError, quote


class NotYourTune(NabiError):
    """Only the one who asked for a result, and moderators, may delete it."""

    sentence = "error-not-your-tune"


class VersionGone(NabiError):
    """The version that composed a result is not there any more; ``name`` is its."""

    sentence = "error-version-gone"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def values(self) -> dict[str, str]:
        """Give the name."""
        return {"name": quote(self.name)}


class NoFilesHere(NabiError):
    """Files may not be attached in this channel."""

    sentence = "error-no-files-here"
