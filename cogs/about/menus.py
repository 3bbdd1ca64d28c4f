"""The menu under the help, with every command that its reader may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import discord

from bot.answering import answer, change
from bot.guide import entries, find
from bot.here import is_there, language_of, typed_prefix
from bot.i18n import say
from bot.rights import may_train
from bot.views import Lasting
from cogs.about.words import detail

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.guide import Entry
    from bot.i18n import Locale
    from bot.rights import Person

_ROWS: Final = 5
_SHOWN: Final = 25
"""Menus in a message, and choices in a menu, at most."""


async def seen_by(
    bot: Nabi, person: Person, permissions: discord.Permissions, *, there: bool = True
) -> tuple[Entry, ...]:
    """Give the commands that somebody may use, with their ids known.

    Args:
        bot: whose commands.
        person: who asks.
        permissions: theirs in the channel.
        there: whether the bot is there, and not only the one who installed it.
    """
    await bot.menu.learn()
    every = await entries(bot)
    trainer = any(entry.trainers for entry in every) and await may_train(bot, person)
    here = (entry for entry in every if there or entry.personal)
    return tuple(entry for entry in here if entry.visible(permissions, trainer=trainer))


def help_view(every: Sequence[Entry], locale: Locale) -> discord.ui.View:
    """Build the menus; they live in their message and outlive the program."""
    view = discord.ui.View(timeout=None)
    shown = every[: _ROWS * _SHOWN]
    for page, start in enumerate(range(0, len(shown), _SHOWN)):
        view.add_item(HelpMenu(_menu(shown[start : start + _SHOWN], page, locale)))
    return view


def _menu(entries: Sequence[Entry], page: int, locale: Locale) -> discord.ui.Select[Any]:
    options = []
    for entry in entries:
        name = entry.names.get(locale, entry.name) if entry.menu == "apps" else f"/{entry.name}"
        told = entry.told.get(locale) or entry.told.get("en") or None
        description = None if told is None else told[:100]
        options.append(
            discord.SelectOption(label=name[:100], value=entry.name[:100], description=description)
        )
    return discord.ui.Select(
        custom_id=f"nabi:help:{page}", placeholder=say(locale, "help-choose"), options=options
    )


class HelpMenu(Lasting[discord.ui.Select[discord.ui.View]], template=r"nabi:help:\d"):
    """Show the page of the command that is chosen, to whoever chooses."""

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Take the menu as it stands in the message."""
        del match
        assert isinstance(item, discord.ui.Select)
        return cls(item)

    async def use(self, interaction: discord.Interaction[Nabi]) -> None:
        """Show the page that was chosen."""
        bot, locale = interaction.client, language_of(interaction.client, interaction)
        there = is_there(bot, interaction)
        every = await seen_by(bot, interaction.user, interaction.permissions, there=there)
        name = next(iter(self.item.values), "")
        entry = find(every, name)
        if entry is None:  # it went, or another's menu was used
            text = say(locale, "help-unknown", name=name)
        else:
            text = detail(entry, bot.menu, locale, typed_prefix(bot, interaction))
        message = interaction.message
        if message is not None and message.flags.ephemeral:
            await change(interaction, text, help_view(every, locale))
        else:
            await answer(interaction, text, private=True)
