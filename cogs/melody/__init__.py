"""Continue a tune: command, options and reply, the buttons under it, the menu of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.melody.buttons import TuneButton
from cogs.melody.cog import MelodyCog
from cogs.melody.doors import message_menu

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the command and make the buttons of all messages, old ones too, answer."""
    await bot.add_cog(MelodyCog(bot))
    bot.add_dynamic_items(TuneButton)
    bot.tree.add_command(message_menu())


async def teardown(bot: Nabi) -> None:
    """Take the buttons away again; the command goes by itself."""
    bot.remove_dynamic_items(TuneButton)
    menu = message_menu()
    bot.tree.remove_command(menu.name, type=menu.type)
