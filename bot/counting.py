"""Count what a bot is asked: commands by door and outcome, presses, lost connections.

Everything is told by discord.py's events. What is counted has few values: no label can name or
quote a member, a server or a channel.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.explaining import is_foreseen, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.app import Nabi
    from bot.context import Asked
    from bot.metrics import Doorway, Metrics, Outcome, Touch

_TOUCHES: Final[Mapping[discord.InteractionType, Touch]] = {
    discord.InteractionType.autocomplete: "autocomplete",
    discord.InteractionType.modal_submit: "modal",
}


def count(bot: Nabi, metrics: Metrics) -> None:
    """Count what this bot is asked from now on."""

    async def on_command_completion(ctx: Asked) -> None:
        _command(ctx, None, metrics)

    async def on_command_error(ctx: Asked, error: Exception) -> None:
        _command(ctx, error, metrics)

    async def on_interaction(interaction: discord.Interaction[Any]) -> None:
        if (touch := touch_of(interaction)) is not None:
            metrics.touch(touch)

    async def on_disconnect() -> None:
        metrics.disconnects.inc()

    for listener in (on_command_completion, on_command_error, on_interaction, on_disconnect):
        bot.add_listener(listener)


def _command(ctx: Asked, error: Exception | None, metrics: Metrics) -> None:
    if ctx.command is None:  # a word that is no command of ours
        return
    ours = error is not None and not is_foreseen(root_of(error))
    outcome: Outcome = "done" if error is None else "failed" if ours else "refused"
    asked_at = (ctx.interaction or ctx.message).created_at
    seconds = (discord.utils.utcnow() - asked_at).total_seconds()
    metrics.command(ctx.command.qualified_name, door_of(ctx), outcome, seconds)


def door_of(ctx: Asked) -> Doorway:
    """Tell how a command was given."""
    if ctx.interaction is not None:
        return "slash"
    return "mention" if (ctx.prefix or "").startswith("<@") else "typed"


def touch_of(interaction: discord.Interaction[Any]) -> Touch | None:
    """Tell what somebody touched; None: nothing that a member touches."""
    data: Mapping[str, Any] = interaction.data or {}
    if interaction.type is discord.InteractionType.application_command:
        return "slash" if data.get("type", 1) == discord.AppCommandType.chat_input.value else "menu"
    if interaction.type is discord.InteractionType.component:
        button = data.get("component_type") == discord.ComponentType.button.value
        return "button" if button else "select"
    return _TOUCHES.get(interaction.type)


class Warnings(logging.Handler):
    """Count warnings and errors of the log by their level; what they say is not looked at.

    Args:
        told: is given the level's name.
    """

    def __init__(self, told: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record."""
        at = record.levelno
        critical, error = at >= logging.CRITICAL, at >= logging.ERROR
        self._told("critical" if critical else "error" if error else "warning")
