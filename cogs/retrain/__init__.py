"""Have the model learn again: the command, its message that shows how it goes, its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.retrain.buttons import RunButton
from cogs.retrain.cog import RetrainCog

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the command and make the buttons of all runs, old ones too, answer."""
    bot.add_dynamic_items(RunButton)
    await bot.add_cog(RetrainCog(bot))


async def teardown(bot: Nabi) -> None:
    """Take the buttons away again; the command goes by itself."""
    bot.remove_dynamic_items(RunButton)
