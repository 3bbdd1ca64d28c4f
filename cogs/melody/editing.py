"""*Edit*: a form with the notes and options of a result, and a way back into it after a slip."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

import discord

from bot.answering import (
    acknowledge,
    acknowledge_soon,
    answer,
    explain_interaction,
    is_known,
    sentence_for,
)
from bot.asking import make_request, options_line
from bot.errors import Forgotten
from bot.explaining import is_users_fault, root_of
from bot.here import language_of, require_channel
from bot.i18n import say
from bot.views import Form, Reopen
from cogs.melody.perform import perform, place_of

if TYPE_CHECKING:
    from bot.app import Nabi
    from bot.i18n import Locale
    from bot.preferences import Effective
    from bot.store.results import Kept
    from engine.request import Request

_MOST: Final = 4000
"""Characters that one field of a form takes."""

_ID: Final = re.compile(r"nabi:form:(?P<name>[2-9a-z]{10}):[0-9a-f]{8}")
"""A form's id names the result under which it was opened, and tells forms apart."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form, and what it was before.

    Attributes:
        name: short name under which the result is remembered.
        before: the request that is edited.
        notes: note codes; empty for a primer that does not fit into a form.
        options: as they are typed.
    """

    name: str
    before: Request
    notes: str
    options: str

    @classmethod
    def of(cls, kept: Kept) -> Self:
        """Begin with what a result was made of."""
        request = kept.request
        shown = request.text if request.file is None and len(request.text) <= _MOST else ""
        return cls(kept.id, request, shown, options_line(request))

    @property
    def hidden(self) -> bool:
        """Whether the primer is a file, or too long to be shown: no notes leave it as it is."""
        return self.before.file is not None or len(self.before.text) > _MOST

    def request(self, settings: Effective) -> Request:
        """Build the request for what stands in the form.

        Raises:
            EngineError, InText: when something cannot be read; see
                :func:`~bot.asking.make_request`.
        """
        before = self.before
        notes, file = self.notes.strip(), None
        if self.hidden and not notes:
            if before.file is not None:
                file = (before.file_name, before.file)
            else:
                notes = before.text
        return make_request(
            f"{notes}\n{self.options}",
            file=file,
            defaults=settings.options(),
            program=before.program,
        )


class EditForm(Form):
    """Note codes and options, to be changed.

    Args:
        draft: what stands in it.
        locale: language of the form.
    """

    sign = "answer"

    def __init__(self, draft: Draft, locale: Locale) -> None:
        super().__init__(
            title=say(locale, "edit-title")[:45],
            timeout=3600,
            custom_id=f"nabi:form:{draft.name}:{secrets.token_hex(4)}",
        )
        self._draft = draft
        hint = "edit-notes-hidden" if draft.hidden else "edit-notes-hint"
        self._notes = _field("notes", draft.notes)
        self._options = _field("options", draft.options)
        for key, description, text in (
            ("edit-notes", hint, self._notes),
            ("edit-options", "edit-options-hint", self._options),
        ):
            label = say(locale, key)
            hint_text = say(locale, description)[:100]
            self.add_item(discord.ui.Label(text=label, description=hint_text, component=text))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Compose what was typed."""
        notes, options = self._notes.value, self._options.value
        await _submit(interaction, replace(self._draft, notes=notes, options=options))


async def submit_old(interaction: discord.Interaction[Nabi]) -> None:
    """Compose what stands in a form that was opened before a restart, or very long ago.

    Nothing waits for such a form, but its id tells which result it is about: what somebody typed
    into it is not lost.
    """
    data: Any = interaction.data or {}
    opened = _ID.fullmatch(data.get("custom_id", ""))
    await asyncio.sleep(0)  # a form that is waited for has been taken by now
    if opened is None or is_known(interaction):
        return
    acknowledge_soon(interaction, EditForm.sign)
    fields = (label.get("component", {}) for label in data.get("components", ()))
    typed = {field.get("custom_id"): field.get("value") or "" for field in fields}
    try:
        kept = await interaction.client.store.find(opened["name"])
        if kept is None:
            raise Forgotten
        draft = Draft.of(kept)
        await _submit(interaction, replace(draft, notes=typed["notes"], options=typed["options"]))
    except Exception as error:  # noqa: BLE001 - one of the doors where errors are explained
        await explain_interaction(interaction, error)


async def _submit(interaction: discord.Interaction[Nabi], draft: Draft) -> None:
    """Compose what was typed; keep it when that does not work."""
    try:
        await _compose(interaction, draft)
    except Exception as error:
        if not is_users_fault(root_of(error)):
            raise
        locale = language_of(interaction.client, interaction)
        label = say(locale, "button-go-on-editing")
        view = Reopen(interaction.user.id, partial(EditForm, draft), label)
        sentence = sentence_for(error, locale, "editing")
        view.message = await answer(interaction, sentence, view=view, private=True)


def _field(name: str, text: str) -> discord.ui.TextInput[discord.ui.LayoutView]:
    style = discord.TextStyle.paragraph  # a line of options is longer than a phone is wide
    return discord.ui.TextInput(
        custom_id=name, style=style, default=text[:_MOST], required=False, max_length=_MOST
    )


async def _compose(interaction: discord.Interaction[Nabi], draft: Draft) -> None:
    bot = interaction.client
    require_channel(bot, interaction)
    async with bot.turns.turn(interaction.user.id):
        place = place_of(interaction, language_of(bot, interaction))
        request = await asyncio.to_thread(draft.request, place.settings)
        await acknowledge(interaction)
        await perform(bot, request, place, partial(answer, interaction))
