"""What people do in the chat. The page and the tests' driver both come through here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.chat import invoke
from bot.chat.errors import Form, Json, refusal, well_formed
from bot.chat.forms import read_message
from bot.chat.model import CommandKind, InteractionKind
from bot.chat.permissions import Permission, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.chat.actions import Actions
    from bot.chat.commands import Commands
    from bot.chat.interactions import Interactions
    from bot.chat.model import Channel, Command, Interaction, Message, User
    from bot.chat.places import Places
    from bot.chat.state import State, Upload

GRANTABLE: Final = (
    "VIEW_CHANNEL",
    "SEND_MESSAGES",
    "SEND_MESSAGES_IN_THREADS",
    "ATTACH_FILES",
    "EMBED_LINKS",
    "READ_MESSAGE_HISTORY",
    "ADD_REACTIONS",
)
"""Permissions that the page offers to take away from the bot."""


class People:
    """Actions of people, each with the checks that Discord's own clients and servers make."""

    def __init__(
        self,
        state: State,
        actions: Actions,
        places: Places,
        commands: Commands,
        interactions: Interactions,
    ) -> None:
        self.state = state
        self.places = places
        self.actions = actions
        self.commands = commands
        self.interactions = interactions

    def say(  # noqa: PLR0913 # a message is made of these, each by its name
        self,
        user: User,
        channel: Channel,
        text: str = "",
        files: Sequence[Upload] = (),
        reply_to: Message | None = None,
        *,
        ping: bool = True,
        nonce: str | None = None,
    ) -> Message:
        """Send a message, without blanks around it; a reply pings the other unless it is off."""
        limit = self.state.upload_limit_in(channel)
        if any(len(each.data) > limit for each in files):
            raise refusal(40005)
        body: Json = {"content": text.strip(), "nonce": nonce}
        if reply_to is not None:
            body["message_reference"] = {"message_id": str(reply_to.id)}
        if not ping:
            parse = ["users", "roles", "everyone"]
            body["allowed_mentions"] = {"parse": parse, "replied_user": False}
        draft = read_message(body, dict(enumerate(files)))
        return self.actions.send(user, channel, draft)

    def forward(self, user: User, message: Message, channel: Channel) -> Message:
        """Forward a message to a channel, with no words of one's own."""
        self.see(user, message)
        return self.actions.forward(user, channel, message)

    def start_post(
        self, user: User, forum: Channel, name: str, text: str, files: Sequence[Upload] = ()
    ) -> Message:
        """Start a thread in a forum."""
        draft = read_message({"content": text}, dict(enumerate(files)))
        return self.actions.start_post(user, forum, name, draft)

    def edit(self, user: User, message: Message, text: str) -> Message:
        """Change the text of one's own message."""
        if message.author is not user:
            raise refusal(50005)
        return self.actions.edit(message, read_message({"content": text}, {}, message.flags))

    def delete(self, user: User, message: Message) -> None:
        """Delete one's own message, dismiss an ephemeral one, or with permission any."""
        own = message.author is user or message.visible_to is user
        if not own:
            if message.channel.guild is None:
                raise refusal(50003)
            require(message.channel, user, Permission.MANAGE_MESSAGES)
        self.actions.delete(message)

    def react(self, user: User, message: Message, emoji: str) -> None:
        """Add or take away one's reaction."""
        if user in message.reactions.get(emoji, []):
            self.actions.unreact(message, user, emoji)
        else:
            self.actions.react(message, user, emoji)

    def start_thread(self, user: User, message: Message, name: str) -> Channel:
        """Start a thread from a message."""
        if message.ephemeral:
            raise refusal(10008)
        form = Form()
        form.length("name", name, 1, 100)
        form.done()
        return self.actions.start_thread(user, message.channel, name, message)

    def permit_bot(self, user: User, channel: Channel, name: str, *, granted: bool) -> None:
        """Grant the bot one of :data:`GRANTABLE` in a channel, or take it away.

        Raises:
            ApiError: 50013 without the right to manage roles, 10004 where the bot is no member.
        """
        require(channel, user, Permission.MANAGE_ROLES)
        bot = self.state.application.bot
        if channel.guild is None or bot.id not in channel.guild.members:
            raise refusal(10004)
        place = channel.parent or channel
        form = Form()
        if name not in GRANTABLE:
            form.wrong("permission", "BASE_TYPE_CHOICES", f"Value must be one of {GRANTABLE}.")
        form.done()
        before = place.overwrites.get(bot.id)
        deny = before.deny if before else Permission.NONE
        one = Permission[name]
        deny = deny & ~one if granted else deny | one
        self.places.overwrite(place, bot, allow=before.allow if before else one & 0, deny=deny)

    def boost(self, user: User, channel: Channel, tier: int) -> None:
        """Set how far boosts lift the guild of a channel, 0 to 3."""
        require(channel, user, Permission.MANAGE_GUILD)
        if channel.guild is None:
            raise refusal(10004)
        form = Form()
        form.number("tier", tier, 0, 3)
        form.done()
        self.places.set_tier(channel.guild, tier)

    def use(
        self,
        user: User,
        message: Message,
        custom_id: str,
        values: list[Any] | None = None,
        *,
        locale: str = "",
    ) -> Interaction:
        """Press a button or choose values in a select menu."""
        self.see(user, message)
        resolver = invoke.Resolver(self.state, user, message.channel)
        with well_formed():
            data = invoke.component_data(message, custom_id, values, resolver)
        return self.interactions.start(
            InteractionKind.COMPONENT,
            user,
            message.channel,
            data,
            locale=locale or user.locale,
            message=message,
        )

    def slash(  # noqa: PLR0913 # a command is used with these, each by its name
        self,
        user: User,
        channel: Channel,
        name: str,
        options: Mapping[str, Any],
        *,
        locale: str = "",
        focused: str | None = None,
    ) -> Interaction:
        """Use a slash command, ``"group sub"`` for nested ones, or ask to complete an option."""
        first, *path = name.split() or [""]
        command = self.command(user, channel, first, CommandKind.SLASH)
        resolver = invoke.Resolver(self.state, user, channel)
        kind = InteractionKind.COMMAND if focused is None else InteractionKind.AUTOCOMPLETE
        with well_formed():
            data = invoke.command_data(command, path, options, resolver, focused)
        return self.interactions.start(
            kind,
            user,
            channel,
            data,
            locale=locale or user.locale,
            command=command,
        )

    def menu(
        self, user: User, channel: Channel, name: str, target: Message | User, *, locale: str = ""
    ) -> Interaction:
        """Use a command from the menu of a message or of a user."""
        is_user = hasattr(target, "locale")
        kind = CommandKind.USER if is_user else CommandKind.MESSAGE
        command = self.command(user, channel, name, kind)
        resolver = invoke.Resolver(self.state, user, channel)
        return self.interactions.start(
            InteractionKind.COMMAND,
            user,
            channel,
            invoke.menu_data(command, target, resolver),
            locale=locale or user.locale,
            command=command,
            target=target,
        )

    def submit(
        self, user: User, asked: Interaction, values: Mapping[str, Any], *, locale: str = ""
    ) -> Interaction:
        """Submit the modal with which an interaction was answered."""
        if asked.modal is None or asked.user is not user:
            raise refusal(10062)
        resolver = invoke.Resolver(self.state, user, asked.channel)
        with well_formed():
            data = invoke.modal_data(asked.modal, values, resolver)
        return self.interactions.start(
            InteractionKind.MODAL,
            user,
            asked.channel,
            data,
            locale=locale or asked.locale,
            message=asked.message,
            source=asked,
        )

    def command(self, user: User, channel: Channel, name: str, kind: CommandKind) -> Command:
        """Find a command that the user is offered here."""
        require(channel, user, Permission.VIEW_CHANNEL)
        for command in self.commands.offered(user, channel):
            if command.name == name and command.kind is kind:
                return command
        raise refusal(10063)

    def see(self, user: User, message: Message) -> None:
        """Refuse when the user does not see the message."""
        require(message.channel, user, Permission.VIEW_CHANNEL)
        if message.deleted or message.visible_to not in (None, user):
            raise refusal(10008)
