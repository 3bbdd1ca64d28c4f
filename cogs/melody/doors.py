"""*Continue this tune* in the menu of any message."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.answering import acknowledge, answer
from bot.context import CONTEXTS, INSTALLS
from bot.here import language_of
from bot.translator import described
from cogs.melody.perform import perform, place_of
from cogs.melody.sources import source_in

if TYPE_CHECKING:
    from bot.app import Nabi


def message_menu() -> app_commands.ContextMenu:
    """Make the command for a message's menu; it works wherever its user is."""

    # The library reads the type of the second argument when this is defined.
    async def callback(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await continue_message(interaction, message)

    return app_commands.ContextMenu(
        name=described("menu-continue"),
        callback=callback,
        allowed_installs=app_commands.AppInstallationType(
            guild=INSTALLS["guilds"], user=INSTALLS["users"]
        ),
        allowed_contexts=app_commands.AppCommandContext(
            guild=CONTEXTS["guilds"],
            dm_channel=CONTEXTS["dms"],
            private_channel=CONTEXTS["private_channels"],
        ),
    )


async def continue_message(
    interaction: discord.Interaction[Nabi], message: discord.Message
) -> None:
    """Continue the tune that a message holds: note codes, a music file, a result of ours.

    Raises:
        NothingThere: when it holds none.
    """
    bot = interaction.client
    async with bot.turns.turn(interaction.user.id):
        place = place_of(interaction, language_of(bot, interaction))  # it notes the time
        # Before "thinking…", so that a message without a tune is only told to the one who asks.
        source = await source_in(message, bot.store)
        await acknowledge(interaction)
        file = await source.fetch()
        defaults = place.settings.options()
        request = await asyncio.to_thread(source.request, file, {}, defaults)
        await perform(bot, request, place, partial(answer, interaction))
