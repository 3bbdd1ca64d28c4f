"""Which settings hold for whom, where no gateway test comes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import MagicMock

import discord
import pytest

from bot.errors import NotHere
from bot.here import (
    here,
    language_of,
    language_of_channel,
    places,
    prefixes,
    require_channel,
)
from bot.i18n import spoken
from bot.preferences import Preferences, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.app import Nabi
    from bot.preferences import Language

GUILD, CHANNEL, THREAD, MEMBER = 10, 20, 21, 30
PERSONAL = Scope("member", MEMBER)
SERVER = Scope("server", GUILD)


def bot_in(*guilds: int, table: Mapping[Scope, Preferences] | None = None) -> Nabi:
    known = {
        guild: SimpleNamespace(get_channel=lambda each: each if each < 100 else None)
        for guild in guilds
    }
    store = SimpleNamespace(preferences=lambda scope: (table or {}).get(scope, Preferences()))
    return cast(
        "Nabi",
        SimpleNamespace(
            get_guild=known.get,
            store=store,
            settings=SimpleNamespace(prefix="!"),
            intents=discord.Intents.all(),
            user=SimpleNamespace(id=1),
        ),
    )


def pressed(
    guild: int | None = GUILD, locale: str = "de", *, thread: bool = False
) -> discord.Interaction:
    interaction = MagicMock(spec=discord.Interaction)
    interaction.guild_id, interaction.channel_id = guild, THREAD if thread else CHANNEL
    interaction.user.id = MEMBER
    interaction.channel = MagicMock(spec=discord.Thread, parent_id=CHANNEL) if thread else None
    interaction.locale, interaction.guild_locale = locale, None
    return cast("discord.Interaction", interaction)


def test_ones_own_settings_hold_where_the_bot_is_no_member() -> None:
    table = {PERSONAL: Preferences(bars=3, language="ko"), SERVER: Preferences(bars=5)}
    for origin in (pressed(), pressed(None)):
        assert places(bot_in(table=table), origin) == (PERSONAL,)
        assert here(bot_in(table=table), origin).options()["bars"] == 3
        assert language_of(bot_in(table=table), origin) == "ko"
    assert here(bot_in(GUILD, table=table), pressed()).options()["bars"] == 5


@pytest.mark.parametrize(
    ("chosen", "server", "member", "labels"),
    [
        ("auto", "en-US", "ko", "ko"),  # English is Discord's default, and says nothing
        ("auto", "ko", "en-GB", "ko"),
        ("auto", None, "en-GB", "en"),
        ("auto", "de", "fr", "en"),
        ("ko", "en-US", "en-GB", "ko"),
        ("en", "ko", "ko", "en"),
    ],
)
def test_what_everyone_uses_speaks_the_channels_language(
    chosen: Language, server: str | None, member: str, labels: str
) -> None:
    bot = bot_in(GUILD, table={SERVER: Preferences(language=chosen)})
    origin = pressed(locale=member)
    origin.guild_locale = server  # type: ignore[assignment]  # as Discord gives it
    assert language_of_channel(bot, origin) == labels


@pytest.mark.parametrize("thread", [False, True])
def test_a_channel_that_is_not_known_still_has_its_settings(*, thread: bool) -> None:
    nearest, further = places(bot_in(GUILD), pressed(thread=thread))
    assert nearest == Scope("channel", CHANNEL, GUILD)
    assert further == SERVER


@pytest.mark.parametrize(
    ("channels", "refused"),
    [((), False), ((CHANNEL,), False), ((22,), True), ((200,), False), ((200, 22), True)],
)
def test_where_the_bot_answers(channels: tuple[int, ...], *, refused: bool) -> None:
    bot = bot_in(GUILD, table={SERVER: Preferences(channels=channels)})
    for thread in (False, True):
        if refused:
            with pytest.raises(NotHere) as caught:
                require_channel(bot, pressed(thread=thread))
            assert caught.value.channels == (22,)
        else:
            require_channel(bot, pressed(thread=thread))
    require_channel(bot, pressed(None))


def test_only_its_own_languages_are_spoken() -> None:
    codes = ("ko", "ko-KR", "en-GB", "en_US", "EN", "de", "kok", "", None, discord.Locale.korean)
    spoken_ = [spoken(code) for code in codes]
    assert spoken_ == ["ko", "ko", "en", "en", "en", None, None, None, None, "ko"]


@pytest.mark.parametrize("quotes", ["`", "``", "```"])
@pytest.mark.parametrize("blank", [" ", "\n"])
def test_endless_blanks_after_a_back_quote_are_read_in_one_go(quotes: str, blank: str) -> None:
    message = MagicMock(spec=discord.Message, guild=None)
    message.author.id = MEMBER
    # Looked at anew from each of them, this would take days.
    message.content = f"{quotes}{blank * 1_000_000}x"
    assert prefixes(bot_in(), message) == ["!\ufe0f", "!", ""]
