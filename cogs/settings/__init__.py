"""Settings of a server, a channel or a member: the panel behind ``settings``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.settings.cog import SettingsCog

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the command."""
    await bot.add_cog(SettingsCog(bot))
