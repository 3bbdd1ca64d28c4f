"""music21, which reads the scores: imported where a score is read and nowhere else."""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@cache
def music21() -> Any:
    """Import music21 without the settings that a user keeps for it.

    It looks for them in the home directory; what it reads there could make it talk, or fail.
    """
    homes = ("HOME", "APPDATA", "USERPROFILE")
    kept = {name: os.environ[name] for name in homes if name in os.environ}
    os.environ.update(dict.fromkeys(homes, os.devnull))
    try:
        import music21  # noqa: PLC0415  # half a second and 40 MB, for readers of scores alone
    finally:
        for name in homes:
            del os.environ[name]
        os.environ.update(kept)
    return music21


@contextmanager
def quietly() -> Iterator[None]:
    """Silence music21's warnings: they quote part names, which belong in no log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
