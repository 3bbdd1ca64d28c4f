"""Say what the bot does, how, and what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.about.buttons import CardButton
from cogs.about.cog import AboutCog
from cogs.about.menus import HelpMenu

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the commands; menus and buttons of all their messages answer, old ones too."""
    bot.add_dynamic_items(HelpMenu, CardButton)
    await bot.add_cog(AboutCog(bot))


async def teardown(bot: Nabi) -> None:
    """Take menus and buttons away again; the commands go by themselves."""
    bot.remove_dynamic_items(HelpMenu, CardButton)
