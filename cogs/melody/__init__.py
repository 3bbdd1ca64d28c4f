"""Continue a tune: the command, its options, its reply and the buttons under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.melody.buttons import TuneButton
from cogs.melody.cog import MelodyCog

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the command and make the buttons of all messages, old ones too, answer."""
    await bot.add_cog(MelodyCog(bot))
    bot.add_dynamic_items(TuneButton)


async def teardown(bot: Nabi) -> None:
    """Take the buttons away again; the command goes by itself."""
    bot.remove_dynamic_items(TuneButton)
