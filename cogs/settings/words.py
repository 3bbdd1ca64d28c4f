"""What the settings panel says, built without Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.i18n import say
from bot.preferences import OF_OPTIONS, effective, settable
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.preferences import Scope

TYPED: Final = ("prefix", "bars", "temperature")
"""Settings whose values are typed."""


def panel_text(bot: Nabi, scopes: Sequence[Scope], locale: Locale) -> str:
    """Tell what holds in nested places, and where each value comes from.

    Args:
        bot: whose settings.
        scopes: the places, the nearest first: it is the one that can be changed.
        locale: language of the text.
    """
    held = effective(bot.store.preferences, scopes, bot.settings.prefix)
    kind = scopes[0].kind
    where = f"<#{scopes[0].id}>" if kind == "channel" else ""
    lines = [say(locale, "settings-title", kind=kind, channel=where), ""]
    for name in settable("server" if len(scopes) > 1 else kind):
        shown = value_text(name, held.values[name], locale)
        origin = say(locale, "settings-origin", origin=held.origins[name])
        lines.append(f"**{name_text(name, locale)}** · {shown} · *{origin}*")
    lines += ["", "-# " + say(locale, "settings-order", kind=kind)]
    return "\n".join(lines)


def name_text(name: str, locale: Locale) -> str:
    """Name a setting."""
    return say(locale, "settings-name", name=name)


def value_text(name: str, value: Any, locale: Locale) -> str:
    """Write a value in a message."""
    if name == "channels":
        return " ".join(f"<#{each}>" for each in value) or plain_text(name, value, locale)
    if name in {"prefix", *OF_OPTIONS}:
        return f"`{plain_text(name, value, locale)}`"
    return plain_text(name, value, locale)


def plain_text(name: str, value: Any, locale: Locale) -> str:
    """Write a value where there is no markdown, such as in a menu."""
    if name in {"picture", "audio"}:
        return say(locale, "settings-switch", on="yes" if value else "no")
    if name == "channels":
        return say(locale, "settings-channels", count=len(value))
    if name == "language":
        return say(locale, "settings-language", language=value)
    if name == "names":
        return say(locale, "settings-names", names=value)
    # What can be a prefix breaks out of nothing, and is to be copied: it stands as it is.
    return f"{value:g}" if isinstance(value, float) else str(value)


def hint_text(name: str, locale: Locale) -> str:
    """Say what may be typed for a setting."""
    if name == "prefix":
        return say(locale, "settings-prefix-hint")
    return f"{say(locale, f'option-{name}')}: {OPTIONS[name].expected}"[:100]
