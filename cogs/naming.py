"""Complete the name of a model version while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands

from bot import completion
from bot.explaining import record
from bot.here import language_of

if TYPE_CHECKING:
    import discord

    from bot.app import Nabi


async def version_names(
    interaction: discord.Interaction[Nabi], typed: str
) -> list[app_commands.Choice[str]]:
    """Offer the versions whose name holds what is typed, the newest first."""
    known = await known_versions(interaction.client)
    offers = completion.versions(typed, known, language_of(interaction.client, interaction))
    return [app_commands.Choice(name=name, value=value) for name, value in offers]


async def known_versions(bot: Nabi) -> list[tuple[str, str]]:
    """List the sound versions, the newest first, each with a note: ``"active"``, or its date."""
    try:
        versions = [version for version in await bot.versions.listing() if version.sound]
    except Exception as error:  # noqa: BLE001 - there is no place for a sentence: offer nothing
        record(error, "completing the name of a version")
        return []
    return [(each.name, "active" if each.active else each.created[:10]) for each in versions]
