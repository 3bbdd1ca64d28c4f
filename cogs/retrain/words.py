"""Further answers around a training run: its details, and what one would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.errors import quote
from bot.i18n import say
from bot.training.asking import options_line
from cogs.retrain.dashboard import comparison, headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Locale
    from bot.training.runs import Estimate, Run, Skipped

_ROOM: Final = 2000
"""Characters in one message of Discord."""
_MANY: Final = 100
_SKIP_REASONS: Final = (
    "format",
    "broken",
    "empty",
    "drums",
    "limits",
    "long",
    "short",
    "grid",
    "link",
    "unreadable",
)


def details_text(run: Run, locale: Locale, *, full: bool) -> str:
    """Tell all of a run that is not in its message.

    Args:
        run: as it stands.
        locale: language.
        full: whether the names of the operator's files may be shown.
    """
    lines = [
        headline(run, locale),
        say(locale, "details-options", line=options_line(run.options)),
        say(locale, "details-versions", version=quote(run.version), base=quote(run.base or "–")),
    ]
    if run.tunes:
        lines.append(
            say(
                locale,
                "details-corpus",
                tunes=run.tunes,
                notes=run.notes,
                held_out=run.held_out,
            )
        )
    best = [point for point in run.curve if point.validation is not None]
    if best:
        point = min(best, key=lambda each: each.validation or 0.0)
        bits = f"{point.validation or 0.0:.3f}"
        lines.append(say(locale, "details-best", epoch=f"{point.epoch:g}", bits=bits))
    if run.outcome is not None:
        lines += [comparison(run.outcome, locale), say(locale, "details-interval")]
    if run.failure is not None:
        lines.append(say(locale, "run-failed", failure=run.failure))
    return _with_skipped(lines, run.skipped if full else (), run.skipped_count, locale)


def estimate_text(estimate: Estimate, locale: Locale, prefix: str = "!") -> str:
    """Tell what a run would learn from, and how long it would take on this machine."""
    lines = [say(locale, "estimate-title")]
    for source in estimate.sources:
        kind = "folder" if source.name == "corpus" else "bundled"
        lines.append(
            say(
                locale,
                "estimate-source",
                kind=kind,
                name=quote(source.name),
                tunes=source.tunes,
                notes=source.notes,
                files=source.files,
            )
        )
    lines += [
        say(locale, "estimate-sum", tunes=estimate.tunes, notes=estimate.notes),
        say(
            locale,
            "estimate-time",
            duration=duration(estimate.seconds, locale),
            epochs=estimate.epochs,
            speed=round(estimate.speed),
        ),
        say(locale, "run-start", start=estimate.options.start, base=quote(estimate.base or "–")),
    ]
    if estimate.unread:
        names = ", ".join(quote(name) for name in estimate.unread)
        lines.append(say(locale, "estimate-unread", names=names))
    command = f"{prefix}retrain {options_line(estimate.options)}"
    lines += [say(locale, "estimate-go", command=quote(command, 200))]
    lines.append(say(locale, "run-footnote"))
    return _with_skipped(lines, estimate.skipped, estimate.skipped_count, locale)


def duration(seconds: float, locale: Locale) -> str:
    """Write a length of time in two units at most: ``1 h 20 min``."""
    minutes = max(1, round(seconds / 60))
    hours = minutes // 60
    size = "days" if hours >= 48 else "hours" if hours else "minutes"
    return say(
        locale, "duration", size=size, days=hours // 24, hours=hours, minutes=minutes - 60 * hours
    )


def _with_skipped(
    lines: Sequence[str], skipped: Sequence[Skipped], count: int, locale: Locale
) -> str:
    """Add the files that are left out, as many as have room, and how many more there are."""
    text = "\n".join(lines)
    if not count:
        return text
    text += "\n" + say(locale, "details-skipped", count=count)
    shown = 0
    for each in skipped[:_MANY]:
        reason = each.reason if each.reason in _SKIP_REASONS else "broken"
        line = f"\n- `{quote(each.file, 80)}`: {say(locale, 'skip-reason', reason=reason)}"
        if len(text) + len(line) > _ROOM - 60:
            break
        text += line
        shown += 1
    if shown and shown < count:
        text += "\n" + say(locale, "details-more", count=count - shown)
    return text
