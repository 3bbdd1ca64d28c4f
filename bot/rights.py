"""Who may have the model learn again and choose the version that answers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import discord

from bot.errors import NotAdministrator

if TYPE_CHECKING:
    from bot.app import Nabi

Person = discord.User | discord.Member


async def require_trainer(bot: Nabi, person: Person) -> None:
    """Let through the owner or team, and the administrators of the home server.

    Args:
        bot: whose home server and owner count.
        person: as the command or the press brought them: fresh, with their present roles.

    Raises:
        NotAdministrator: for everyone else.
    """
    if await bot.is_owner(person) or await _rules_home(bot, person):
        return
    elsewhere = isinstance(person, discord.Member) and person.guild_permissions.administrator
    raise NotAdministrator(elsewhere=elsewhere)


async def may_train(bot: Nabi, person: Person) -> bool:
    """Tell whether :func:`require_trainer` lets somebody through."""
    try:
        await require_trainer(bot, person)
    except NotAdministrator:
        return False
    return True


async def _rules_home(bot: Nabi, person: Person) -> bool:
    home = bot.get_guild(bot.home_guild_id() or 0)
    if home is None:
        return False
    member = home.get_member(person.id)
    if isinstance(person, discord.Member) and person.guild == home:
        member = person
    if member is None:
        with contextlib.suppress(discord.HTTPException):
            member = await home.fetch_member(person.id)
    return member is not None and member.guild_permissions.administrator
