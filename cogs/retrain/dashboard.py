"""What a training run's message says: one text, built without Discord."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot.errors import quote
from bot.i18n import say

if TYPE_CHECKING:
    from bot.i18n import Locale
    from bot.training.runs import Outcome, Run

_NONE: Final = "–"
"""Stands for the version to compare with, where there is none."""

_WIDTH: Final = 14
"""Boxes in the progress bar: one line on a phone."""


def dashboard_text(run: Run, locale: Locale, prefix: str = "!") -> str:
    """Tell how far a run is, or how it ended, in a few lines.

    The same run gives the same text: times are Discord's own timestamps, which count by
    themselves.

    Args:
        run: as it stands.
        locale: language of the lines.
        prefix: what commands start with.
    """
    lines = [headline(run, locale)]
    if run.over:
        lines += _end(run, locale, prefix)
    else:
        lines += _progress(run, locale)
    lines.append(_about(run, locale))
    lines.append(say(locale, "run-footnote"))
    return "\n".join(line for line in lines if line)


def headline(run: Run, locale: Locale) -> str:
    """Say in one line what a run does, or how it ended."""
    state: str = run.state
    if run.cancel_requested and not run.over:
        state = "stopping"
    if run.state == "done" and run.outcome is not None:
        state = _verdict(run.outcome)
    return say(
        locale,
        "run-state",
        state=state,
        epoch=str(run.epoch),
        epochs=str(run.epochs),
        version=quote(run.version),
        base=quote(run.base or _NONE),
    )


def bar(share: float) -> str:
    """Draw a progress bar."""
    share = min(max(share, 0.0), 1.0)
    full = int(share * _WIDTH)
    return f"`{'▰' * full}{'▱' * (_WIDTH - full)}` {int(share * 100)} %"


def comparison(outcome: Outcome, locale: Locale) -> str:
    """Give both versions' figures and the interval of their difference."""
    return say(
        locale,
        "run-compared",
        old=f"{outcome.old_bits:.3f}",
        new=f"{outcome.new_bits:.3f}",
        low=signed(outcome.low),
        high=signed(outcome.high),
        tunes=outcome.tunes,
    )


def signed(value: float) -> str:
    """Write a difference with its sign: ``−0.041``, ``+0.012``."""
    return f"{value:+.3f}".replace("-", "−")


def _verdict(outcome: Outcome) -> str:
    if outcome.promoted:
        return "promoted"
    return "worse" if outcome.low > 0 else "kept"


def _progress(run: Run, locale: Locale) -> list[str]:
    lines = []
    if run.share is not None:
        lines.append(bar(run.share))
    measured = [point.validation for point in run.curve if point.validation is not None]
    if measured:
        lines.append(say(locale, "run-unseen", bits=f"{measured[-1]:.3f}"))
    if run.level is not None:
        bits = f"{run.level:.3f}"
        lines.append(say(locale, "run-level", base=quote(run.base or _NONE), bits=bits))
    if run.state == "training":
        lines.append(_pace(run, locale))
    return lines


def _pace(run: Run, locale: Locale) -> str:
    parts = []
    if run.loss is not None:
        parts.append(say(locale, "run-loss", bits=f"{run.loss:.3f}"))
    if run.speed:
        parts.append(say(locale, "run-speed", notes=round(run.speed)))
    if run.seconds_left is not None:
        end = _unix(run.updated) + max(0, round(run.seconds_left))
        parts.append(say(locale, "run-left", when=f"<t:{end}:R>"))
    return " · ".join(parts)


def _end(run: Run, locale: Locale, prefix: str) -> list[str]:
    if run.state == "failed":
        return [say(locale, "run-failed", failure=run.failure or "crashed")]
    if run.state == "cancelled" or run.outcome is None:
        return []
    promoted = "yes" if run.outcome.promoted else "no"
    name = quote(run.version)
    next_step = say(locale, "run-next", promoted=promoted, prefix=prefix, version=name)
    return [comparison(run.outcome, locale), next_step]


def _about(run: Run, locale: Locale) -> str:
    """Tell in small print when it began, from what, and what it learns from."""
    parts = [say(locale, "run-begun", when=f"<t:{_unix(run.begun)}:R>")]
    if run.over:
        parts = [say(locale, "run-ended", when=f"<t:{_unix(run.updated)}:f>")]
    parts.append(say(locale, "run-start", start=run.options.start, base=quote(run.base or _NONE)))
    if run.tunes:
        parts.append(say(locale, "run-corpus", tunes=run.tunes, held_out=run.held_out))
    if run.skipped_count:
        parts.append(say(locale, "run-skipped", count=run.skipped_count))
    return "-# " + " · ".join(parts)


def _unix(moment: datetime) -> int:
    """Give seconds since 1970; a time without a zone is UTC."""
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
