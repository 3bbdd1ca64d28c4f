"""Discord's JSON for messages: each reader gets what it may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.chat import payloads
from bot.chat.media import UNKNOWN_TYPE

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.model import Attachment, Interaction, Message, User


_SHOWN_FORWARDED: Final = (
    "type",
    "content",
    "embeds",
    "attachments",
    "timestamp",
    "edited_timestamp",
    "flags",
    "mentions",
    "mention_roles",
    "components",
)
"""What is shown of a message that was forwarded: not who wrote it."""


def attachment(each: Attachment) -> Json:
    """Write an attachment."""
    payload: Json = {
        "id": str(each.id),
        "filename": each.filename,
        "size": len(each.data),
        "url": each.url,
        "proxy_url": each.url,
    }
    if each.title is not None:
        payload["title"] = each.title
    if each.content_type != UNKNOWN_TYPE:
        payload["content_type"] = each.content_type
    if each.description:
        payload["description"] = each.description
    if each.width is not None:
        payload |= {"width": each.width, "height": each.height}
    if each.ephemeral:
        payload["ephemeral"] = True
    return payload


def emoji(name: str) -> Json:
    """Write a Unicode emoji."""
    return {"id": None, "name": name, "animated": False}


def may_read(each: Message, bot: User) -> bool:
    """Tell whether the bot reads a message without the message-content intent.

    It does in direct messages, when it wrote the message and when the message mentions it.
    """
    return each.channel.guild is None or each.author is bot or bot in each.mentions


def message(
    each: Message,
    reader: User,
    *,
    event: bool = False,
    withhold: bool = False,
    nested: bool = False,
) -> Json:
    """Write a message.

    Args:
        each: the message.
        reader: for whom; tells own reactions.
        event: as the gateway sends it, with guild and member.
        withhold: blank what the message-content intent guards.
        nested: inside another message: without its own referenced message.
    """
    hidden = withhold and not may_read(each, reader)
    payload: Json = {
        "id": str(each.id),
        "channel_id": str(each.channel.id),
        "author": payloads.user(each.author),
        "content": "" if hidden else each.content,
        "timestamp": payloads.moment(each.timestamp),
        "edited_timestamp": payloads.moment(each.edited),
        "tts": each.tts,
        "mention_everyone": each.mention_everyone,
        "mentions": [_mention(one, each, event=event) for one in each.mentions],
        "mention_roles": [str(one.id) for one in each.mention_roles],
        "attachments": [] if hidden else [attachment(one) for one in each.attachments],
        "embeds": [] if hidden else each.embeds,
        "components": [] if hidden else each.components,
        "pinned": False,
        "type": int(each.kind),
        "flags": int(each.flags),
    }
    if each.reactions:
        payload["reactions"] = [_reaction(one, who, reader) for one, who in each.reactions.items()]
    if each.nonce is not None:
        payload["nonce"] = each.nonce
    if each.thread is not None:
        payload["thread"] = payloads.channel(each.thread)
    if event:
        payload |= _where(each)
    if each.interaction is not None:
        payload |= _cause(each, each.interaction)
    if each.reference is not None:
        payload |= _reference(each, reader, withhold=withhold, nested=nested)
    return payload


def _cause(each: Message, interaction: Interaction) -> Json:
    """Write what a message answers."""
    application_id = str(each.author.id)
    cause: Json = {
        "application_id": application_id,
        "webhook_id": application_id,
        "interaction_metadata": interaction_metadata(each),
    }
    if interaction.command is not None:
        cause["interaction"] = {  # deprecated, but clients still read it
            "id": str(interaction.id),
            "type": int(interaction.kind),
            "name": interaction.command.name,
            "user": payloads.user(interaction.user),
        }
    return cause


def _where(each: Message) -> Json:
    where = each.channel.guild
    if where is None:
        return {}
    payload: Json = {"guild_id": str(where.id)}
    if each.author.id in where.members:
        payload["member"] = payloads.member(where.members[each.author.id], with_user=False)
    return payload


def _mention(each: User, inside: Message, *, event: bool) -> Json:
    where = inside.channel.guild
    payload = payloads.user(each)
    if event and where is not None and each.id in where.members:
        payload["member"] = payloads.member(where.members[each.id], with_user=False)
    return payload


def _reaction(name: str, people: list[User], reader: User) -> Json:
    return {
        "emoji": emoji(name),
        "count": len(people),
        "count_details": {"normal": len(people), "burst": 0},
        "me": reader in people,
        "me_burst": False,
        "burst_colors": [],
    }


def _reference(each: Message, reader: User, *, withhold: bool, nested: bool) -> Json:
    reference = each.reference
    assert reference is not None
    payload: Json = {
        "message_reference": {
            "type": 0 if each.snapshot is None else 1,
            "message_id": str(reference.message_id),
            "channel_id": str(reference.channel_id),
        }
    }
    if reference.guild_id is not None:
        payload["message_reference"]["guild_id"] = str(reference.guild_id)
    if each.snapshot is not None:
        shown = message(each.snapshot, reader, withhold=withhold)
        snapshot = {name: shown[name] for name in _SHOWN_FORWARDED}
        payload["message_snapshots"] = [{"message": snapshot}]
    elif not nested:
        target = reference.message
        payload["referenced_message"] = (
            None
            if target is None or target.deleted
            else message(target, reader, withhold=withhold, nested=True)
        )
    return payload


def interaction_metadata(each: Message) -> Json:
    """Write which interaction a message answers."""
    interaction = each.interaction
    assert interaction is not None
    metadata = _metadata(interaction)
    if interaction.original is not None and interaction.original is not each:
        metadata["original_response_message_id"] = str(interaction.original.id)
    return metadata


def _metadata(interaction: Interaction) -> Json:
    metadata: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": interaction.owners,
    }
    if interaction.command is not None:
        metadata["name"] = interaction.command.name
        metadata["command_type"] = int(interaction.command.kind)
    if interaction.source is not None:
        metadata["triggering_interaction_metadata"] = _metadata(interaction.source)
    elif interaction.message is not None:
        metadata["interacted_message_id"] = str(interaction.message.id)
    return metadata
