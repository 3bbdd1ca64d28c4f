"""``models``: which versions there are, and which one answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.context import Asked, hybrid_below, hybrid_group
from bot.errors import quote
from bot.guide import taught
from bot.here import here
from bot.i18n import say
from bot.rights import require_trainer
from bot.translator import described
from cogs.naming import version_names
from engine.request import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.training.runs import VersionInfo

_ROOM: Final = 1900
"""Characters for the list in one message of Discord."""

_PARTS: Final = ("shift", "duration", "pitch")


class ModelsCog(commands.Cog, name="models"):
    """List the versions of the model, and choose the one that answers."""

    def __init__(self, bot: Nabi) -> None:
        self.bot = bot

    @hybrid_group("models", "command-models", fallback="list", aliases=["모델"])
    async def models(self, ctx: Asked) -> None:
        """List the versions, with their figures."""
        versions = await self.bot.versions.listing()
        await ctx.answer(models_text(versions, ctx.locale), private=True)

    @taught(OPTIONS["version"].example, trainers=True)
    @hybrid_below(models, "use", "command-models-use")
    @app_commands.describe(name=described("option-version-name"))
    async def use(self, ctx: Asked, name: str) -> None:
        """Let another version answer."""
        await self._check(ctx)
        async with ctx.typing():
            version = await self.bot.versions.use(name, ctx.author.id)
            prefix = here(self.bot, ctx.interaction or ctx.message).prefix
            await ctx.answer(used_text(version, ctx.locale, prefix))

    @use.autocomplete("name")
    async def _names(
        self, interaction: discord.Interaction[Nabi], typed: str
    ) -> list[app_commands.Choice[str]]:
        return await version_names(interaction, typed)

    @taught(trainers=True)
    @hybrid_below(models, "rollback", "command-models-rollback")
    async def rollback(self, ctx: Asked) -> None:
        """Let the version answer that did before."""
        await self._check(ctx)
        async with ctx.typing():
            version = await self.bot.versions.rollback(ctx.author.id)
            await ctx.answer(ctx.say("models-rolled-back", name=quote(version.name, 64)))

    async def _check(self, ctx: Asked) -> None:
        await require_trainer(self.bot, ctx.author)


def used_text(version: VersionInfo, locale: Locale, prefix: str) -> str:
    """Say which version answers from now on, and how to go back."""
    return say(locale, "models-used", name=quote(version.name, 64), prefix=prefix)


def models_text(versions: Sequence[VersionInfo], locale: Locale) -> str:
    """List the versions, newest first; the one that answers is always in the list."""
    if not versions:
        return say(locale, "models-none")
    lines = [say(locale, "models-title")]
    end = say(locale, "models-footnote")
    active = next((_line(each, locale) for each in versions if each.active), "")
    room = _ROOM - len(end) - len(active)
    left_out = 0
    for version in versions:
        line = _line(version, locale)
        if len("\n".join((*lines, line))) <= room or version.active:
            lines.append(line)
        else:
            left_out += 1
    if left_out:
        lines.append(say(locale, "models-more", count=left_out))
    return "\n".join((*lines, end))


def _line(version: VersionInfo, locale: Locale) -> str:
    """Describe a version in one line: name, marks, figures, date."""
    parts = []
    if all(part in version.bits for part in _PARTS):
        total = sum(version.bits[part] for part in _PARTS)
        pitch = version.bits["pitch"]
        parts.append(say(locale, "models-bits", bits=f"{total:.3f}", pitch=f"{pitch:.3f}"))
    if version.tunes:
        parts.append(say(locale, "models-tunes", tunes=version.tunes))
    if version.created:
        parts.append(quote(version.created[:10]))
    if version.shipped:
        parts.append(say(locale, "models-shipped"))
    if not version.sound:
        parts.append(say(locale, "models-damaged"))
    name = f"`{quote(version.name, 64)}`"
    if version.active:
        name = say(locale, "models-active", name=f"**{name}**")
    return f"- {' · '.join((name, *parts))}"


async def setup(bot: Nabi) -> None:
    """Add the commands."""
    await bot.add_cog(ModelsCog(bot))
