"""``nabi lab``: the lesson's models side by side; see :mod:`engine.lab`."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from bot.settings import Settings

WHAT = "train the lesson's models on 나비야 and compare them"


def run_lab(args: argparse.Namespace, settings: Settings) -> int:
    """Carry the command out; what it makes goes where it is told to."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # it is chatty before it is asked
    # Every model is compiled anew here, which it warns about.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    from engine.lab.command import run  # noqa: PLC0415 - other commands start faster without

    return run(args, settings.data / "cache")
