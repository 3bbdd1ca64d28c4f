"""What members press, choose and fill in: each answers within a second and explains its errors."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import discord

from bot.answering import acknowledge_soon, answer, explain_interaction, open_form
from bot.errors import NotYours
from bot.here import language_of
from bot.i18n import say

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from bot.answering import Sign
    from bot.i18n import Locale


ItemT = TypeVar("ItemT", bound=discord.ui.Item[Any])


class Lasting(discord.ui.DynamicItem[ItemT], template=r"(?!)"):
    """A button or menu that lives in its message, and works after a restart and for weeks.

    All that it knows is in its id, which the template of each kind takes apart.
    """

    @property
    def sign(self) -> Sign:
        """What shows that its answer is under way, should that take longer than a moment."""
        return "update"

    @classmethod
    def rebuilt(cls, item: Any, match: re.Match[str]) -> Self:
        """Build the one that was used from what stands in the message and from its id."""
        raise NotImplementedError

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> Self:
        """Find the one that was used."""
        del interaction
        return cls.rebuilt(item, match)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the one who used it."""
        acknowledge_soon(interaction, self.sign)
        try:
            await self.use(interaction)
        except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
            await explain_interaction(interaction, error)

    async def use(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it says; what this raises is explained."""
        raise NotImplementedError


class OwnView(discord.ui.View):
    """Buttons and menus that only one member may use, for as long as they go on using them.

    Args:
        owner: the member's id.
        timeout: seconds without a use after which they go away.
    """

    def __init__(self, owner: int, *, timeout: float = 600) -> None:
        super().__init__(timeout=timeout)
        self.owner = owner
        self.message: discord.Message | None = None
        """Where they stand; without it they stay there when they no longer work."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let only the owner use them.

        Raises:
            NotYours: for everyone else.
        """
        acknowledge_soon(interaction, "update")
        if interaction.user.id != self.owner:
            raise NotYours
        return True

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, _item: Any, /
    ) -> None:
        """Explain what went wrong to the one who pressed."""
        await explain_interaction(interaction, error)

    async def on_timeout(self) -> None:
        """Take the buttons away."""
        if self.message is not None:
            with contextlib.suppress(discord.HTTPException):  # it is gone, or its token has expired
                await self.message.edit(view=None)


class Form(discord.ui.Modal):
    """A form whose errors are explained like all others."""

    sign: ClassVar[Sign] = "update"
    """What shows that its answer is under way, should that take longer than a moment."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Let it through: who could open it may send it."""
        acknowledge_soon(interaction, self.sign)
        return True

    async def on_error(  # type: ignore[override]  # a modal's differs from a view's
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Explain what went wrong to the one who sent it."""
        await explain_interaction(interaction, error)


class Reopen(OwnView):
    """A button that opens a form, for one member.

    Args:
        owner: the member's id.
        make: builds the form, in a language.
        label: what stands on the button.
    """

    def __init__(self, owner: int, make: Callable[[Locale], Form], label: str) -> None:
        super().__init__(owner, timeout=840)  # what is private can be changed for 15 minutes
        self._make = make
        button: discord.ui.Button[Reopen] = discord.ui.Button(label=label, emoji="✏️")
        button.callback = self._open  # type: ignore[method-assign]  # the library's own way
        self.add_item(button)

    async def _open(self, interaction: discord.Interaction[Any]) -> None:
        await show_form(interaction, self._make)


async def show_form(interaction: discord.Interaction[Any], make: Callable[[Locale], Form]) -> None:
    """Open a form; when that came too late, offer a button that opens it.

    Args:
        interaction: what asks for it.
        make: builds the form, in a language.
    """
    locale = language_of(interaction.client, interaction)
    if await open_form(interaction, make(locale)):
        return
    view = Reopen(interaction.user.id, make, say(locale, "button-open-form"))
    view.message = await answer(interaction, say(locale, "form-ready"), view=view, private=True)
