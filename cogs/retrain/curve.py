"""A run's learning curve, as it is handed to the engine to be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import say
from engine.request import Curve

if TYPE_CHECKING:
    from bot.i18n import Locale
    from bot.training.runs import Run


def curve_of(run: Run, locale: Locale) -> Curve | None:
    """Give the curve of a run with its labels; None as long as there is no point."""
    points = [(p.epoch, p.training, p.validation) for p in run.curve]
    training = tuple((epoch, bits) for epoch, bits, _ in points if bits is not None)
    validation = tuple((epoch, bits) for epoch, _, bits in points if bits is not None)
    if not training and not validation:
        return None
    return Curve(
        training,
        validation,
        run.level,
        epochs=say(locale, "curve-epochs"),
        bits=say(locale, "curve-bits"),
        names=(
            say(locale, "curve-training"),
            say(locale, "curve-validation"),
            say(locale, "curve-level", over="yes" if run.over else "no", base=run.base or "–"),
        ),
    )
