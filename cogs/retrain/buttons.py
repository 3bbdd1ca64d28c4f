"""The buttons under a training run's message; they live in it and outlive the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, Self, cast

import discord

from bot.answering import acknowledge, answer, change
from bot.errors import Forgotten, NotTraining
from bot.here import language_of
from bot.i18n import say
from bot.rights import may_train, require_trainer
from bot.views import Lasting
from cogs.retrain.words import details_text

if TYPE_CHECKING:
    import re

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.training.runs import Run

Action = Literal["cancel", "really", "keep", "details"]
_EMOJI: Final[dict[Action, str]] = {"cancel": "⏹️", "details": "🔎"}


class RunButton(
    Lasting[discord.ui.Button[discord.ui.View]],
    template=r"nabi:run:(?P<action>cancel|really|keep|details):(?P<run>[\w-]{1,64})",
):
    """Do something with the training run whose id it carries.

    Anyone may read the details; only those who may retrain can cancel, after a second question.
    """

    def __init__(
        self, action: Action, run: str, label: str | None = None, *, disabled: bool = False
    ) -> None:
        danger = action in {"cancel", "really"}
        style = discord.ButtonStyle.danger if danger else discord.ButtonStyle.secondary
        super().__init__(
            discord.ui.Button(
                label=label,
                emoji=_EMOJI.get(action),
                style=style,
                disabled=disabled,
                custom_id=f"nabi:run:{action}:{run}",
            )
        )
        self._action = action
        self._run = run

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build it anew from its id."""
        del item
        return cls(cast("Action", match["action"]), match["run"])

    async def use(self, interaction: discord.Interaction[Nabi]) -> None:
        """Do what it says."""
        bot = interaction.client
        locale = language_of(bot, interaction)
        if self._action == "keep":
            await replace(interaction, say(locale, "cancel-kept"))
            return
        if self._action == "details":
            await self._details(interaction, locale)
            return
        await require_trainer(bot, interaction.user)
        run = await find(bot, self._run)
        if run.over:
            raise NotTraining
        if run.cancel_requested:
            await say_privately(interaction, say(locale, "cancel-already"), self._action)
        elif self._action == "cancel":
            question = say(locale, "cancel-question", version=run.version)
            view = confirmation(run.id, locale)
            await answer(interaction, question, view=view, private=True)
        else:
            await bot.trainer.cancel(run.id, interaction.user.id)
            await replace(interaction, say(locale, "run-cancelling"))

    async def _details(self, interaction: discord.Interaction[Nabi], locale: Locale) -> None:
        # Deferred at once: who may train is asked over the network in other servers.
        await acknowledge(interaction, "private")
        run = await find(interaction.client, self._run)
        full = await may_train(interaction.client, interaction.user)
        await answer(interaction, details_text(run, locale, full=full), private=True)


async def find(bot: Nabi, run_id: str) -> Run:
    """Give a run by its id.

    Raises:
        Forgotten: when it is not known any more.
    """
    run = await bot.trainer.find(run_id)
    if run is None:
        raise Forgotten
    return run


async def replace(interaction: discord.Interaction[Any], text: str) -> None:
    """Put a sentence in place of the question with its buttons."""
    await change(interaction, text, None)


async def say_privately(interaction: discord.Interaction[Any], text: str, action: Action) -> None:
    """Answer beside the dashboard, or in place of the question."""
    if action == "really":
        await replace(interaction, text)
    else:
        await answer(interaction, text, private=True)


def confirmation(run_id: str, locale: Locale) -> discord.ui.View:
    """Make the two answers to the question whether to cancel."""
    view = discord.ui.View(timeout=None)
    view.add_item(RunButton("really", run_id, say(locale, "button-really")))
    view.add_item(RunButton("keep", run_id, say(locale, "button-keep")))
    return view


def buttons_for(run: Run, locale: Locale) -> discord.ui.View:
    """Make the row of buttons under a run's message."""
    view = discord.ui.View(timeout=None)
    if not run.over:
        label = say(locale, "button-cancel")
        view.add_item(RunButton("cancel", run.id, label, disabled=run.cancel_requested))
    view.add_item(RunButton("details", run.id, say(locale, "button-details")))
    return view
