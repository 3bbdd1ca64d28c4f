"""The buttons of the guessing game; they live in the message and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

import discord

from bot.answering import answer, change
from bot.here import language_of, require_channel
from bot.i18n import say
from bot.store.quiz import QuizOver
from bot.views import Lasting
from cogs.quiz.words import answer_text

if TYPE_CHECKING:
    import re

    from bot.answering import Sign
    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.store.quiz import Choice
    from cogs.quiz.cog import QuizCog


class VoteButton(
    Lasting[discord.ui.Button[discord.ui.View]],
    template=r"nabi:quiz:(?P<choice>[ab]):(?P<name>[2-9a-z]{10})",
):
    """Vote for one of the two tunes of a round."""

    def __init__(self, choice: Choice, name: str) -> None:
        super().__init__(
            discord.ui.Button(
                label=choice.upper(),
                style=discord.ButtonStyle.primary,
                custom_id=f"nabi:quiz:{choice}:{name}",
            )
        )
        self._choice = choice
        self._name = name

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build it anew from its id."""
        del item
        return cls("a" if match["choice"] == "a" else "b", match["name"])

    async def use(self, interaction: discord.Interaction[Nabi]) -> None:
        """Take the vote of the one who pressed, and tell only them."""
        bot = interaction.client
        try:
            await bot.store.vote(self._name, interaction.user.id, self._choice)
        except QuizOver:
            await self._tell(interaction)
            raise
        locale = language_of(bot, interaction)
        sentence = say(locale, "quiz-voted", choice=self._choice.upper())
        await answer(interaction, sentence, private=True)

    async def _tell(self, interaction: discord.Interaction[Nabi]) -> None:
        """Put the answer into a message that still asks: the bot could not do it in time."""
        store = interaction.client.store
        outcome = await store.end_round(self._name)
        if outcome is not None:
            await change(interaction, answer_text(outcome), after_view(outcome.round.locale))
            await store.told(self._name)


class NextButton(
    Lasting[discord.ui.Button[discord.ui.View]],
    template=r"nabi:quiz:next",
):
    """Play another round."""

    def __init__(self, label: str | None = None) -> None:
        super().__init__(
            discord.ui.Button(
                label=label,
                emoji="🎵",
                style=discord.ButtonStyle.secondary,
                custom_id="nabi:quiz:next",
            )
        )

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build it anew from its id."""
        del item, match
        return cls()

    @property
    def sign(self) -> Sign:
        """What shows that its answer is under way."""
        return "answer"

    async def use(self, interaction: discord.Interaction[Nabi]) -> None:
        """Begin a round where the last one was."""
        require_channel(interaction.client, interaction)
        cog = cast("QuizCog", interaction.client.get_cog("quiz"))
        await cog.play_again(interaction)


def vote_view(name: str) -> discord.ui.View:
    """Make the buttons under the question."""
    view = discord.ui.View(timeout=None)
    view.add_item(VoteButton("a", name))
    view.add_item(VoteButton("b", name))
    return view


def after_view(locale: Locale) -> discord.ui.View:
    """Make the button under the answer."""
    view = discord.ui.View(timeout=None)
    view.add_item(NextButton(say(locale, "quiz-next")))
    return view
