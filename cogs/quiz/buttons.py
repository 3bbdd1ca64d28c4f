"""The buttons of the guessing game; they live in the message and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

import discord

from bot.context import answer, explain_interaction
from bot.here import language_of, require_channel
from bot.i18n import say
from bot.store.quiz import QuizOver
from cogs.quiz.words import answer_text

if TYPE_CHECKING:
    import re

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.store.quiz import Choice
    from cogs.quiz.cog import QuizCog


class VoteButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
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
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Rebuild the button that was pressed."""
        del interaction, item
        return cls("a" if match["choice"] == "a" else "b", match["name"])

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Take the vote of the one who pressed, and tell only them."""
        try:
            await self._vote(interaction)
        except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
            await explain_interaction(interaction, error)

    async def _vote(self, interaction: discord.Interaction[Nabi]) -> None:
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
            await interaction.response.edit_message(
                content=answer_text(outcome), view=after_view(outcome.round.locale)
            )
            await store.told(self._name)


class NextButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]],
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
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Rebuild the button that was pressed."""
        del interaction, item, match
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Begin a round where the last one was."""
        try:
            require_channel(interaction.client, interaction)
            cog = cast("QuizCog", interaction.client.get_cog("quiz"))
            await cog.play_again(interaction)
        except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
            await explain_interaction(interaction, error)


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
