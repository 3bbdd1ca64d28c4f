"""The guessing game: which continuation is the real one, and which did the bot compose?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.quiz.buttons import NextButton, VoteButton
from cogs.quiz.cog import QuizCog

if TYPE_CHECKING:
    from bot.app import Nabi


async def setup(bot: Nabi) -> None:
    """Add the command and make the buttons of all messages, old ones too, answer."""
    await bot.add_cog(QuizCog(bot))
    bot.add_dynamic_items(VoteButton, NextButton)


async def teardown(bot: Nabi) -> None:
    """Take the buttons away again; the command goes by itself."""
    bot.remove_dynamic_items(VoteButton, NextButton)
