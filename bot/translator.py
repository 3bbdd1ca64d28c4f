"""Descriptions of slash commands in the languages of the bot."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.i18n import say


def described(key: str, /, **values: str) -> app_commands.locale_str:
    """Give the English description ``key``, which Discord also gets translated."""
    return app_commands.locale_str(say("en", key, **values), key=key, values=values)


class Translator(app_commands.Translator):
    """Translate what :func:`described` made; everything else stays as it is."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Give the Korean text for Korean, and None for other languages."""
        del context
        key = string.extras.get("key")
        if key is None or locale is not discord.Locale.korean:
            return None
        return say("ko", key, **string.extras["values"])
