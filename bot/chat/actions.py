"""What can be done with messages, by the bot through REST or by people through the page."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from bot.chat.errors import Form, refusal
from bot.chat.events import Event, Hub
from bot.chat.forms import Draft
from bot.chat.message_payloads import emoji as emoji_payload
from bot.chat.model import ChannelKind, Flag, Message, MessageKind, Reference
from bot.chat.payloads import channel as channel_payload
from bot.chat.payloads import member as member_payload
from bot.chat.permissions import Permission, permissions_in, require, sending_permission

if TYPE_CHECKING:
    from bot.chat.errors import Json
    from bot.chat.forms import AllowedMentions
    from bot.chat.model import Attachment, Channel, Interaction, Role, User
    from bot.chat.state import State

_CODE: Final = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_USER: Final = re.compile(r"<@!?(\d+)>")
_ROLE: Final = re.compile(r"<@&(\d+)>")
_EVERYONE: Final = re.compile(r"@(everyone|here)\b")
_MAX_REACTIONS: Final = 20
_LEAST_ID: Final = 1 << 32
"""Snowflakes are larger than any other number of an embed or a component."""


class Actions:
    """Changes messages and tells everyone."""

    def __init__(self, state: State, hub: Hub) -> None:
        self.state = state
        self.hub = hub

    def send(self, author: User, channel: Channel, draft: Draft) -> Message:
        """Send a message the ordinary way, with all permission checks."""
        wanted = sending_permission(channel)
        if draft.uploads:
            wanted |= Permission.ATTACH_FILES
        if draft.embeds:
            wanted |= Permission.EMBED_LINKS
        require(channel, author, wanted)
        if channel.guild is None and not all(
            each.accepts_messages for each in channel.recipients if each is not author
        ):
            raise refusal(50007)
        if draft.empty:
            raise refusal(50006)
        reference = self.find_reference(author, channel, draft)
        safe = replace(draft, flags=draft.flags & ~Flag.EPHEMERAL)
        return self.post(author, channel, safe, reference=reference)

    def find_reference(self, author: User, channel: Channel, draft: Draft) -> Reference | None:
        """Find the message that a draft replies to."""
        if draft.reply_to is None:
            return None
        if not permissions_in(channel, author) & Permission.READ_MESSAGE_HISTORY:
            raise refusal(160002)
        target = channel.messages.get(draft.reply_to)
        if target is None or target.ephemeral:
            if not draft.reply_required:
                return None
            form = Form()
            message = "Unknown message"
            form.wrong("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", message)
            form.done()
        return self.reference_to(target) if target else None

    def reference_to(self, target: Message) -> Reference:
        """Point to a message."""
        guild = target.channel.guild
        return Reference(target.id, target.channel.id, guild.id if guild else None, target)

    def forward(self, author: User, channel: Channel, message: Message) -> Message:
        """Show a message somewhere else, as it is now."""
        require(channel, author, sending_permission(channel))
        reference = self.reference_to(message)
        shown = message.snapshot or copy(message)
        draft = Draft()
        return self.post(author, channel, draft, reference=reference, snapshot=shown)

    def open(self, author: User, channel: Channel) -> None:
        """Open a thread again in which somebody writes; one that is locked stays closed.

        Raises:
            ApiError: 50083 without the right to manage threads, for a thread that is locked.
        """
        if not channel.archived and not channel.locked:
            return
        if channel.locked and not permissions_in(channel, author) & Permission.MANAGE_THREADS:
            raise refusal(50083)
        if channel.archived:
            channel.archived = False
            data = channel_payload(channel)
            self.hub.emit(Event("THREAD_UPDATE", data, channel.guild, channel))

    def post(  # noqa: PLR0913 # a message is made of these, each by its name
        self,
        author: User,
        channel: Channel,
        draft: Draft,
        *,
        number: int = 0,
        reference: Reference | None = None,
        snapshot: Message | None = None,
        kind: MessageKind | None = None,
        interaction: Interaction | None = None,
        visible_to: User | None = None,
    ) -> Message:
        """Put a message into a channel and announce it; permissions were checked before."""
        if channel.kind is ChannelKind.FORUM:
            raise refusal(50008)
        self.open(interaction.user if interaction else author, channel)
        if kind is None:
            kind = MessageKind.REPLY if reference and not snapshot else MessageKind.DEFAULT
        message = Message(
            number or self.state.next_id(),
            channel,
            author,
            draft.content,
            kind,
            draft.flags | (Flag.EPHEMERAL if visible_to else Flag.NONE),
            reference=reference,
            snapshot=snapshot,
            interaction=interaction,
            visible_to=visible_to,
            nonce=draft.nonce,
            tts=draft.tts,
        )
        self._add_files(message, draft)
        message.components = self._linked(message, draft.components)
        self._set_embeds(message, draft.embeds)
        self._set_mentions(message, draft.allowed)
        self.state.keep(message)
        self.announce("MESSAGE_CREATE", message)
        return message

    def edit(self, message: Message, draft: Draft, *, first: bool = False) -> Message:
        """Change those parts of a message that the draft gives; ``first``: it had none before."""
        given = draft.given
        kept = [each for each in message.attachments if draft.kept is None or each.id in draft.kept]
        left = (
            draft.content if "content" in given else message.content,
            draft.embeds if given & {"embeds", "embed"} else message.embeds,
            draft.components if "components" in given else message.components,
            kept or draft.uploads or message.hidden_attachments,
        )
        if not any(left):
            raise refusal(50006)
        for gone in set(message.attachments) - set(kept):
            self.state.attachments.pop(gone.id, None)
        message.attachments = kept
        message.flags = draft.flags & ~Flag.LOADING
        self._add_files(message, draft)
        if "components" in given:
            message.components = self._linked(message, draft.components)
        if "content" in given:
            message.content = draft.content
            self._set_mentions(message, draft.allowed)
        if given & {"embeds", "embed"}:
            self._set_embeds(message, draft.embeds)
        message.edited = None if first else datetime.now(UTC)
        self.announce("MESSAGE_UPDATE", message)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message."""
        self.state.forget(message)
        data: Json = {"id": str(message.id), "channel_id": str(message.channel.id)}
        self._tell("MESSAGE_DELETE", data, message)

    def react(self, message: Message, user: User, emoji: str) -> None:
        """Add a user's reaction."""
        channel = message.channel
        require(channel, user, Permission.READ_MESSAGE_HISTORY)
        if message.ephemeral:
            raise refusal(10008)
        if emoji not in message.reactions:
            require(channel, user, Permission.ADD_REACTIONS)
            if len(message.reactions) >= _MAX_REACTIONS:
                raise refusal(30010)
        people = message.reactions.setdefault(emoji, [])
        if user in people:
            return
        people.append(user)
        data = self._reaction_data(message, user, emoji)
        data["message_author_id"] = str(message.author.id)
        if channel.guild is not None:
            data["member"] = member_payload(channel.guild.members[user.id])
        self._tell("MESSAGE_REACTION_ADD", data, message)

    def unreact(self, message: Message, user: User, emoji: str) -> None:
        """Take a user's reaction away."""
        people = message.reactions.get(emoji, [])
        if user not in people:
            raise refusal(10014)
        people.remove(user)
        if not people:
            del message.reactions[emoji]
        self._tell("MESSAGE_REACTION_REMOVE", self._reaction_data(message, user, emoji), message)

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Take all reactions away, or all with one emoji."""
        data: Json = {"message_id": str(message.id), "channel_id": str(message.channel.id)}
        if emoji is None:
            message.reactions.clear()
            self._tell("MESSAGE_REACTION_REMOVE_ALL", data, message)
        else:
            message.reactions.pop(emoji, None)
            data["emoji"] = emoji_payload(emoji)
            self._tell("MESSAGE_REACTION_REMOVE_EMOJI", data, message)

    def start_thread(
        self, user: User, channel: Channel, name: str, message: Message | None = None
    ) -> Channel:
        """Start a public thread, from a message or by itself."""
        require(channel, user, Permission.CREATE_PUBLIC_THREADS)
        if channel.kind not in (ChannelKind.TEXT, ChannelKind.NEWS):
            raise refusal(50008)
        if message is not None and message.thread is not None:
            raise refusal(160004)
        thread = self.state.add_thread(channel, name, user, message.id if message else 0)
        if message is not None:
            message.thread = thread
        data = channel_payload(thread) | {"newly_created": True}
        self.hub.emit(Event("THREAD_CREATE", data, channel.guild, thread))
        return thread

    def start_post(self, user: User, forum: Channel, name: str, draft: Draft) -> Message:
        """Start a thread in a forum with its first message, which has the thread's id."""
        require(forum, user, Permission.SEND_MESSAGES)
        if forum.kind is not ChannelKind.FORUM:
            raise refusal(50008)
        thread = self.state.add_thread(forum, name, user)
        data = channel_payload(thread) | {"newly_created": True}
        self.hub.emit(Event("THREAD_CREATE", data, forum.guild, thread))
        return self.post(user, thread, draft, number=thread.id)

    def typing(self, user: User, channel: Channel) -> None:
        """Show that a user types."""
        require(channel, user, sending_permission(channel))
        data: Json = {
            "channel_id": str(channel.id),
            "user_id": str(user.id),
            "timestamp": int(datetime.now(UTC).timestamp()),
        }
        if channel.guild is not None:
            data["guild_id"] = str(channel.guild.id)
            data["member"] = member_payload(channel.guild.members[user.id])
        self.hub.emit(Event("TYPING_START", data, channel.guild, channel))

    def announce(self, name: str, message: Message) -> None:
        """Tell that a message is new or changed."""
        channel = message.channel
        self.hub.emit(
            Event(name, {}, channel.guild, channel, message=message, only=message.visible_to)
        )

    def _tell(self, name: str, data: Json, message: Message) -> None:
        channel = message.channel
        if channel.guild is not None:
            data["guild_id"] = str(channel.guild.id)
        self.hub.emit(Event(name, data, channel.guild, channel, only=message.visible_to))

    def _reaction_data(self, message: Message, user: User, emoji: str) -> Json:
        return {
            "user_id": str(user.id),
            "channel_id": str(message.channel.id),
            "message_id": str(message.id),
            "emoji": emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }

    def _add_files(self, message: Message, draft: Draft) -> None:
        for upload in draft.uploads:
            hidden = message.visible_to is not None
            attachment = self.state.attach(message.channel, upload, ephemeral=hidden)
            message.attachments.append(attachment)

    def _set_embeds(self, message: Message, embeds: list[Json]) -> None:
        """Point ``attachment://`` addresses to the files; those files are no longer listed."""
        used: list[Attachment] = []
        message.embeds = [_link(embed, message.attachments, used) for embed in embeds]
        for attachment in used:
            if attachment in message.attachments:
                message.attachments.remove(attachment)
                message.hidden_attachments.append(attachment)

    def _linked(self, message: Message, components: list[Json]) -> list[Json]:
        """Point ``attachment://`` addresses of components to the files, which stay listed."""
        return [_link(each, message.attachments, []) for each in components]

    def _set_mentions(self, message: Message, allowed: AllowedMentions) -> None:
        """Find whom a message mentions: outside code, and only as far as that is allowed."""
        text = _CODE.sub("", message.content)
        users: dict[int, User] = {}
        for found in _USER.findall(text):
            user = self.state.users.get(int(found))
            if user and ("users" in allowed.parse or user.id in allowed.users):
                users[user.id] = user
        target = message.reference.message if message.reference else None
        pings = allowed.replied_user and message.interaction is None
        if target is not None and pings and message.kind is MessageKind.REPLY:
            users[target.author.id] = target.author
        message.mentions = list(users.values())
        guild = message.channel.guild
        message.mention_roles = []
        message.mention_everyone = False
        if guild is None:
            return
        privileged = permissions_in(message.channel, message.author) & Permission.MENTION_EVERYONE
        roles = [
            guild.roles[int(found)] for found in _ROLE.findall(text) if int(found) in guild.roles
        ]
        message.mention_roles = [each for each in roles if _pings(each, allowed, bool(privileged))]
        wanted = "everyone" in allowed.parse and _EVERYONE.search(text) is not None
        message.mention_everyone = bool(privileged) and wanted


def _pings(role: Role, allowed: AllowedMentions, privileged: bool) -> bool:  # noqa: FBT001 # a plain fact
    return (role.mentionable or privileged) and (
        "roles" in allowed.parse or role.id in allowed.roles
    )


def _link(value: object, files: list[Attachment], used: list[Attachment]) -> Json:
    """Copy JSON with ``attachment://name`` replaced by the file's address, and ids as text."""

    def copy(part: object) -> object:
        if isinstance(part, dict):
            return {key: copy(each) for key, each in part.items()}
        if isinstance(part, list):
            return [copy(each) for each in part]
        if isinstance(part, int) and part >= _LEAST_ID:
            return str(part)
        if isinstance(part, str) and part.startswith("attachment://"):
            name = part.removeprefix("attachment://")
            for file in files:
                if file.filename == name:
                    used.append(file)
                    return file.url
        return part

    result = copy(value)
    assert isinstance(result, dict)
    return result
