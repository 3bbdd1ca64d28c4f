"""Where the tune to be continued comes from: an attachment, the text, or another message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import discord

from bot.asking import (
    check_file,
    codes_in,
    decoded,
    is_music,
    is_text,
    make_request,
    without_mark,
)
from bot.errors import CannotRead, CannotSee, FileGone, NothingThere
from cogs.melody.buttons import result_under

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.store import Store
    from bot.store.results import Kept
    from engine.request import Request


@dataclass(frozen=True, slots=True)
class Source:
    """A tune to continue, not yet fetched.

    Attributes:
        text: note codes and options.
        attachment: a file; it wins over the text's notes.
        kept: a result of ours, to go on from its end.
        repeated: whether that is to be made once more instead, from what it was made of.
    """

    text: str
    attachment: discord.Attachment | None = None
    kept: Kept | None = None
    repeated: bool = False

    async def fetch(self) -> tuple[str, bytes] | None:
        """Fetch the attachment's bytes; None when there is none.

        Raises:
            FileGone: when Discord does not give it out any more.
        """
        if self.attachment is None:
            return None
        try:
            data = await self.attachment.read()
        except discord.HTTPException as error:
            raise FileGone from error
        return name_of(self.attachment), data

    def request(
        self,
        file: tuple[str, bytes] | None,
        given: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> Request:
        """Build the request; of a result of ours meter, key and all that are kept.

        Args:
            file: what was fetched.
            given: options by name that were chosen apart from the text.
            defaults: for options that nobody chose.

        Raises:
            EngineError, InText: see :func:`~bot.asking.make_request`.
        """
        if self.kept is None:
            return make_request(self.text, given, file, defaults)
        before = self.kept.request
        if self.repeated:
            given_then = None if before.file is None else (before.file_name, before.file)
            text = f"{before.text} {self.text}"
            return make_request(text, given, given_then, defaults, program=before.program)
        frame = {name: getattr(before, name) for name in ("style", "meter", "key", "tempo")}
        text = f"{self.kept.tune} {self.text}"
        made = make_request(text, given, None, {**defaults, **frame}, program=before.program)
        if made.pickup is None and made.meter == before.meter:  # else it may not fit any more
            made = made.but(pickup=before.pickup)
        return made


async def find_source(
    text: str,
    attachments: Sequence[discord.Attachment],
    message: discord.Message,
    store: Store,
    *,
    has_codes: bool,
) -> Source:
    """Decide what is to be continued.

    An attachment of one's own comes first, then one's own note codes, then what the message
    replied to holds: a result of ours, a music file, note codes.

    Args:
        text: what was typed, with options.
        attachments: files of the command itself.
        message: the command's message, for what it replies to.
        store: for results of ours.
        has_codes: whether ``text`` holds anything besides options.

    Raises:
        EngineError: when a file is of no kind or size that is read.
        NothingThere: when the message replied to holds no tune.
        CannotRead, CannotSee: when it is kept from the bot.
    """
    usable = [file for file in attachments if _may_hold_notes(file)]
    if usable or (attachments and not has_codes):  # a picture beside the notes is only a picture
        return Source(text, _checked(_choose(usable or attachments)))
    if has_codes or message.reference is None or message.reference.message_id is None:
        return Source(text)
    other = await _replied_to(message)
    if _is_blank(other):
        raise CannotSee
    return await source_in(other, store, text)


async def source_in(other: discord.Message, store: Store, text: str = "") -> Source:
    """Find a tune in a message: a result of ours, a music file, note codes, a text file of them.

    Args:
        other: somebody's message.
        store: for results of ours.
        text: options that go with it; a line with the mark of a tune repeats a result of ours.

    Raises:
        EngineError: when a file is of no size that is read.
        NothingThere: when the message holds no tune.
    """
    # A forwarded message holds another one.
    parts: list[discord.Message | discord.MessageSnapshot] = [other, *other.message_snapshots]
    line, text = text, without_mark(text)
    for part in parts:
        name = result_under(part)
        kept = await store.find(name) if name is not None else None
        if kept is not None:
            return Source(text, kept=kept, repeated=text != line)
        music = [file for file in part.attachments if is_music(file.filename, file.content_type)]
        if music:
            return Source(text, _checked(music[0]))
        for written in (part.content, await _text_file(part)):
            codes = await asyncio.to_thread(codes_in, written)
            if codes is not None:
                return Source(f"{codes}\n{text}")
    raise NothingThere


async def _text_file(part: discord.Message | discord.MessageSnapshot) -> str:
    """Read a message's text file: Discord makes one of a long message."""
    file = next((file for file in part.attachments if is_text(file.filename)), None)
    read = await Source("", _checked(file)).fetch() if file is not None else None
    return decoded(read[1]) if read is not None else ""


def _is_blank(other: discord.Message) -> bool:
    """Tell whether a message comes without all that members can put into one.

    So it is where the bot may not read what they write and it neither wrote the message nor is
    mentioned in it.
    """
    return not other.is_system() and not (
        other.content
        or other.attachments
        or other.message_snapshots
        or other.embeds
        or other.components
        or other.stickers
    )


def _may_hold_notes(file: discord.Attachment) -> bool:
    return is_music(file.filename, file.content_type) or is_text(file.filename)


def _choose(files: Sequence[discord.Attachment]) -> discord.Attachment:
    """Take the first file that may be music, else the first at all."""
    music = (file for file in files if is_music(file.filename, file.content_type))
    return next(music, files[0])


def _checked(file: discord.Attachment) -> discord.Attachment:
    check_file(name_of(file), file.size, file.content_type)
    return file


def name_of(file: discord.Attachment) -> str:
    """Name a file as its owner did.

    Of the name Discord keeps only plain letters in ``filename``, or makes one up: all of it, but
    for the ending, is the title. Files that were marked as spoilers bear that before their name.
    """
    plain = file.filename.removeprefix("SPOILER_")
    return f"{file.title}{PurePath(plain).suffix}" if file.title else plain


async def _replied_to(message: discord.Message) -> discord.Message:
    reference: Any = message.reference
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    if isinstance(reference.resolved, discord.DeletedReferencedMessage):
        raise NothingThere
    try:
        return await message.channel.fetch_message(reference.message_id)
    except discord.Forbidden as error:
        raise CannotRead from error
    except discord.HTTPException as error:
        raise NothingThere from error
