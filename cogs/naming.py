"""Complete the name of a model version while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from discord import app_commands

if TYPE_CHECKING:
    import discord

    from bot.app import Nabi

_SHOWN: Final = 25
"""Choices that Discord shows at most."""


async def version_names(
    interaction: discord.Interaction[Nabi], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer the versions whose name holds what is typed, the newest first."""
    part = typed.strip().lower()
    names = [version.name for version in await interaction.client.versions.listing()]
    return [app_commands.Choice(name=name, value=name) for name in names if part in name][:_SHOWN]
