"""The settings panel: choose a place, what to change, and its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import discord

from bot.answering import change
from bot.errors import MayNotSet
from bot.i18n import say
from bot.preferences import CHOICES, MOST_CHANNELS, effective, read, settable
from bot.views import OwnView, show_form
from cogs.settings.form import ValueForm
from cogs.settings.words import TYPED, name_text, panel_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.preferences import Level, Scope

    Pressed = Callable[[discord.Interaction[Any]], Coroutine[Any, Any, None]]

_ANSWERS_IN: Final = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.stage_voice,
    discord.ChannelType.forum,
]


def rights_of(scopes: Sequence[Scope], granted: discord.Permissions) -> frozenset[Level]:
    """Name the kinds of places whose settings somebody may change.

    Args:
        scopes: the places whose settings hold where they are.
        granted: their permissions in the channel.
    """
    needed: dict[Level, bool] = {
        "server": granted.manage_guild,
        "channel": granted.manage_channels,
        "member": True,
    }
    return frozenset(scope.kind for scope in scopes if needed[scope.kind])


class Panel(OwnView):
    """The panel of one member.

    Args:
        bot: whose settings.
        owner: the member's id.
        scopes: the places whose settings hold there, the nearest first.
        allowed: kinds of places that the member may change.
        speak: tells the language of the panel, which may be what is changed in it.
    """

    def __init__(
        self,
        bot: Nabi,
        owner: int,
        scopes: Sequence[Scope],
        allowed: frozenset[Level],
        speak: Callable[[], Locale],
    ) -> None:
        super().__init__(owner)
        self.bot = bot
        self.locale = speak()
        self._speak = speak
        self._scopes = scopes
        self._allowed = allowed
        # The server first, for those who may: most settings are meant for all of it.
        self._scope = next(scope for scope in reversed(scopes) if scope.kind in allowed)
        self._picked: str | None = None
        self._arrange()

    @property
    def text(self) -> str:
        """What stands above the menus."""
        return panel_text(self.bot, self._in_force, self.locale)

    @property
    def _in_force(self) -> Sequence[Scope]:
        return self._scopes[self._scopes.index(self._scope) :]

    def _held(self, name: str) -> Any:
        """Give the value that holds now."""
        held = effective(self.bot.store.preferences, self._in_force, self.bot.settings.prefix)
        return held.values[name]

    def _say(self, key: str, **values: str) -> str:
        return say(self.locale, key, **values)

    # What stands in it

    def _arrange(self) -> None:
        """Build the rows anew."""
        self.clear_items()
        if len(self._scopes) > 1:
            for scope in reversed(self._scopes):
                self._add_place(scope)
        self._add_names()
        if self._picked == "channels":
            self._add_channels()
        elif self._picked is not None and self._picked in CHOICES:
            self._add_values(self._picked)
        mine = self.bot.store.preferences(self._scope)
        if self._picked in TYPED:
            self._add_button("✏️", self._say("settings-type"), self._open_form)
        if self._picked is not None and getattr(mine, self._picked) is not None:
            name = name_text(self._picked, self.locale)
            self._add_button("↩️", self._say("settings-reset", name=name), self._reset)
        if mine != type(mine)():
            self._add_button("🧹", self._say("settings-reset-all"), self._reset_all)
        self._add_button("✅", self._say("settings-done"), self._done)

    def _add_place(self, scope: Scope) -> None:
        chosen = scope == self._scope
        button: discord.ui.Button[Panel] = discord.ui.Button(
            label=self._say("settings-place", kind=scope.kind),
            style=discord.ButtonStyle.primary if chosen else discord.ButtonStyle.secondary,
            disabled=scope.kind not in self._allowed,
            row=0,
        )

        async def choose(interaction: discord.Interaction[Any]) -> None:
            self._scope = scope
            if self._picked not in settable(scope.kind):
                self._picked = None
            await self._show(interaction)

        button.callback = choose  # type: ignore[method-assign]  # the library's own way
        self.add_item(button)

    def _add_names(self) -> None:
        menu: discord.ui.Select[Panel] = discord.ui.Select(
            placeholder=self._say("settings-pick"), custom_id="settings:pick", row=1
        )
        for name in settable(self._scope.kind):
            menu.add_option(
                label=name_text(name, self.locale),
                value=name,
                description=plain_text(name, self._held(name), self.locale)[:100],
                default=name == self._picked,
            )

        async def pick(interaction: discord.Interaction[Any]) -> None:
            self._picked = menu.values[0]
            await self._show(interaction)

        menu.callback = pick  # type: ignore[method-assign]  # likewise
        self.add_item(menu)

    def _add_values(self, name: str) -> None:
        values = CHOICES[name]
        mine = getattr(self.bot.store.preferences(self._scope), name)
        menu: discord.ui.Select[Panel] = discord.ui.Select(
            placeholder=name_text(name, self.locale), custom_id="settings:value", row=2
        )
        for number, value in enumerate(values):
            label = plain_text(name, value, self.locale)
            more = self._say("style-name", style=str(value)) if name == "style" else None
            menu.add_option(label=label, value=str(number), description=more, default=value == mine)

        async def choose(interaction: discord.Interaction[Any]) -> None:
            await self._set(interaction, name, values[int(menu.values[0])])

        menu.callback = choose  # type: ignore[method-assign]  # likewise
        self.add_item(menu)

    def _add_channels(self) -> None:
        mine = self.bot.store.preferences(self._scope).channels or ()
        guild = self.bot.get_guild(self._scope.id)
        there = [each for each in mine if guild is not None and guild.get_channel(each)]
        menu: discord.ui.ChannelSelect[Panel] = discord.ui.ChannelSelect(
            placeholder=self._say("settings-channels-pick"),
            custom_id="settings:channels",
            channel_types=_ANSWERS_IN,
            default_values=[
                discord.SelectDefaultValue(id=each, type=discord.SelectDefaultValueType.channel)
                for each in there
            ],
            min_values=0,
            max_values=MOST_CHANNELS,
            row=2,
        )

        async def choose(interaction: discord.Interaction[Any]) -> None:
            await self._set(interaction, "channels", tuple(each.id for each in menu.values))

        menu.callback = choose  # type: ignore[method-assign]  # likewise
        self.add_item(menu)

    def _add_button(self, emoji: str, label: str, pressed: Pressed) -> None:
        button: discord.ui.Button[Panel] = discord.ui.Button(emoji=emoji, label=label, row=3)
        button.callback = pressed  # type: ignore[method-assign, assignment]  # likewise
        self.add_item(button)

    # What it does

    async def _set(self, interaction: discord.Interaction[Any], name: str, value: Any) -> None:
        """Set a value, None to take it back, and show it."""
        self._require(interaction)
        await self.bot.store.prefer(self._scope, **{name: value})
        await self._show(interaction)

    def _require(self, interaction: discord.Interaction[Any]) -> None:
        """Ask for the permission again: it may have been taken since the panel was opened.

        Raises:
            MayNotSet: when the member has it no longer.
        """
        self._allowed = rights_of(self._scopes, interaction.permissions)
        if self._scope.kind not in self._allowed:
            raise MayNotSet(self._scope.kind)

    async def _show(self, interaction: discord.Interaction[Any]) -> None:
        self.locale = self._speak()
        self._arrange()
        await change(interaction, self.text, self)

    async def _open_form(self, interaction: discord.Interaction[Any]) -> None:
        self._require(interaction)
        assert self._picked is not None
        name = self._picked
        value = self._held(name)
        shown = f"{value:g}" if isinstance(value, float) else str(value)

        async def take(interaction: discord.Interaction[Any], text: str) -> None:
            await self._set(interaction, name, read(name, text))

        await show_form(interaction, lambda locale: ValueForm(name, shown, locale, take))

    async def _reset(self, interaction: discord.Interaction[Any]) -> None:
        assert self._picked is not None
        await self._set(interaction, self._picked, None)

    async def _reset_all(self, interaction: discord.Interaction[Any]) -> None:
        self._require(interaction)
        await self.bot.store.reset(self._scope)
        await self._show(interaction)

    async def _done(self, interaction: discord.Interaction[Any]) -> None:
        self.stop()
        await change(interaction, self.text, None)
