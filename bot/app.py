"""The Discord client: what is wired together, and what happens at start and at the end."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

import discord
from discord import app_commands
from discord.ext import commands, tasks
from discord.ext.commands.view import StringView

from bot.answering import acknowledge_soon, explain_interaction, explain_unknown
from bot.asking import is_music, tune_said
from bot.context import Asked, explain_to
from bot.errors import CannotSpeak, NotHere
from bot.explaining import record, root_of
from bot.here import EVERYWHERE, prefixes, require_channel
from bot.menu import Menu
from bot.translator import Translator
from bot.turns import Rarely, Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.settings import Settings
    from bot.store import Store
    from bot.training.runs import TrainerDoor, VersionsDoor
    from engine.famous import Alike, Performed
    from engine.registry import Version
    from engine.request import Curve, File, Names, Request, Result
    from engine.service import Load

EXTENSIONS: Final = (
    "cogs.melody",
    "cogs.retrain",
    "cogs.models",
    "cogs.lab",
    "cogs.quiz",
    "cogs.about",
    "cogs.settings",
    "cogs.privacy",
)

LEAST_PERMISSIONS: Final = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,
)
"""What the bot needs in a channel, and nothing more."""

_NAME: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*(?P<name>[^\W_]+(?:-[^\W_]+)*)")
"""A command's name at the start of a text, whatever stands behind it: ``continue```g8`` ``."""

_log: Final = logging.getLogger(__name__)


class Door(Protocol):
    """What the bot needs of the engine: :class:`engine.service.Engine` is one."""

    async def continue_melody(
        self,
        request: Request,
        *,
        party: int = ...,
        tell: Callable[[int], None] | None = ...,
        limit: int | None = ...,
    ) -> Result:
        """Continue a melody, or raise an :class:`~engine.errors.EngineError`.

        Args:
            request: what is wanted.
            party: on whose behalf; parties take turns.
            tell: is called with the place in the queue, and with 0 when it is over.
            limit: largest file that is of use, in bytes.
        """
        ...

    async def write_formats(
        self,
        request: Request,
        *,
        party: int = ...,
        tell: Callable[[int], None] | None = ...,
        limit: int | None = ...,
    ) -> tuple[File, ...]:
        """Write a tune made before in every further format, or raise an engine's error."""
        ...

    async def draw_curve(self, curve: Curve) -> bytes:
        """Draw a learning curve as PNG, or raise :class:`~engine.errors.EngineFailed`."""
        ...

    async def perform_alike(
        self, tunes: Alike, *, party: int = ..., tell: Callable[[int], None] | None = ...
    ) -> Performed:
        """Write, draw and play tunes that begin alike, or raise as the others do."""
        ...

    async def perform_song(
        self,
        name: str,
        names: Names,
        *,
        party: int = ...,
        tell: Callable[[int], None] | None = ...,
    ) -> tuple[bytes, bytes, bytes]:
        """Draw and play the song of one of the lab's models, or raise as the others do."""
        ...

    async def active(self) -> Version:
        """Give the model version that answers, or raise :class:`~engine.errors.BadVersion`."""
        ...

    async def check(self) -> None:
        """Let a worker prove that it answers, or raise an :class:`~engine.errors.EngineError`."""
        ...

    def healthy(self) -> bool:
        """Tell whether requests are taken and a worker is there."""
        ...

    def load(self) -> Load:
        """Tell how busy the engine is."""
        ...


class Tree(app_commands.CommandTree["Nabi"]):
    """Slash commands, with their errors explained where all errors are."""

    async def interaction_check(self, interaction: discord.Interaction[Nabi], /) -> bool:
        """Let a command work where the server wants it; elsewhere say where that is."""
        if interaction.type is discord.InteractionType.application_command:
            acknowledge_soon(interaction)
        data: Mapping[str, Any] = interaction.data or {}
        asks = interaction.type is discord.InteractionType.application_command
        if not asks or data.get("name") in EVERYWHERE:
            return True
        try:
            require_channel(interaction.client, interaction)
        except NotHere as error:
            await explain_interaction(interaction, error)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[Nabi], error: app_commands.AppCommandError, /
    ) -> None:
        """Explain what went wrong to the one who asked."""
        await explain_interaction(interaction, error)


def _answers_here(ctx: commands.Context[Nabi]) -> bool:
    """Let a typed command through where its server wants it, and where it can be answered.

    :class:`Tree` sees to the others.
    """
    assert isinstance(ctx, Asked)
    command = ctx.command and (ctx.command.root_parent or ctx.command)
    try:
        if ctx.interaction is None and (command is None or command.name not in EVERYWHERE):
            require_channel(ctx.bot, ctx.message)
        if ctx.lacks is not None:
            raise CannotSpeak(str(ctx.channel), ctx.lacks)
    except (NotHere, CannotSpeak) as error:
        raise commands.CheckFailure from error
    return True


def _tune_said(ctx: Asked, text: str) -> str | None:
    """Give what ``continue`` is to read when somebody spoke to the bot without any command.

    That is with a mention or alone with it; a mention and nothing else means the message to which
    it replies.
    """
    mentioned = (ctx.prefix or "").startswith("<@")
    if ctx.prefix and not mentioned:
        return None
    files = ctx.message.attachments
    music = any(is_music(file.filename, file.content_type) for file in files)
    if text.strip() or files:
        return tune_said(text, beside_file=music or not text.strip())
    return "" if mentioned and ctx.message.type is discord.MessageType.reply else None


class Nabi(commands.AutoShardedBot):
    """The bot, on as many connections to the gateway as Discord wants for its servers.

    Args:
        settings: what the operator set.
        engine: composes; started before the bot and closed after it.
        store: remembers; opened before the bot and closed after it.
        trainer: runs the training process.
        versions: lists and switches the versions of the model.
        message_content: whether to ask for the text of ordinary messages.
        local: whether this is the local chat, which forgets slash commands when it stops and
            tells about all its servers at once. Discord keeps the commands: there they are only
            sent when they changed.
    """

    def __init__(  # noqa: PLR0913 - the parts that this class wires
        self,
        settings: Settings,
        engine: Door,
        store: Store,
        trainer: TrainerDoor,
        versions: VersionsDoor,
        *,
        message_content: bool = True,
        local: bool = False,
    ) -> None:
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it never calls
        intents = discord.Intents.none()
        intents.guilds = True
        intents.messages = True
        intents.message_content = message_content
        super().__init__(
            command_prefix=prefixes,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            help_command=None,
            max_messages=None,  # nobody's messages are remembered
            case_insensitive=True,
            strip_after_prefix=True,
            tree_cls=Tree,
            guild_ready_timeout=0.1 if local else 2.0,
            activity=discord.CustomActivity(name=f"{settings.prefix}help · /continue"),
        )
        self.add_check(_answers_here)
        self.settings = settings
        self.engine = engine
        self.store = store
        self.trainer = trainer
        self.versions = versions
        self.turns = Turns(settings.cooldown)
        self.whispers = Rarely(3600)  # private messages where the bot may not speak
        self.hints = Rarely(3600)  # what to send, to those who talk to it in direct messages
        self.stopping = False
        self.started = discord.utils.utcnow()
        self.menu = Menu(self.tree, store, always=local)

    async def setup_hook(self) -> None:
        """Load the commands and tell Discord about them, before the gateway opens."""
        await self.tree.set_translator(Translator())
        for name in EXTENSIONS:
            await self.load_extension(name)
        try:
            await self.menu.send(self.application_id or 0)
        except (discord.HTTPException, app_commands.AppCommandError) as error:
            # The commands of the last start are still there: better those than no bot.
            record(error, "sending the slash commands")
        self._prune.start()
        _log.info("invite link: %s", self.invite_link)
        _log.info("link for one person, in all their servers: %s", self.personal_link)

    @property
    def invite_link(self) -> str:
        """Address at which a server's administrator adds the bot, with the least permissions."""
        return discord.utils.oauth_url(
            self.application_id or 0,
            permissions=LEAST_PERMISSIONS,
            scopes=("bot", "applications.commands"),
        )

    @property
    def personal_link(self) -> str:
        """Address at which somebody adds the bot for themselves; it gets no permissions."""
        link = discord.utils.oauth_url(self.application_id or 0, scopes=("applications.commands",))
        return f"{link}&integration_type=1"

    @tasks.loop(hours=6)
    async def _prune(self) -> None:
        try:
            gone = await self.store.prune()
        except Exception as error:  # noqa: BLE001 - it would be the loop's last round
            record(error, "forgetting what has expired")
            return
        if gone:
            _log.info("forgot %d results that had expired", gone)

    async def on_ready(self) -> None:
        """Log that the bot answers."""
        assert self.user is not None
        _log.info("ready as %s in %d servers", self.user.name, len(self.guilds))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer also what nothing else does, such as a panel's buttons from before a restart."""
        await explain_unknown(interaction)

    async def get_context(
        self, origin: discord.Message | discord.Interaction[Any], /, *, cls: Any = Asked
    ) -> Any:
        """Give our own kind of context to every command, and find commands typed in odd ways."""
        ctx = await super().get_context(origin, cls=cls)
        if ctx.interaction is None and ctx.prefix is not None and ctx.command is None:
            head = ctx.message.content[len(ctx.prefix) :]
            typed = _NAME.match(head)
            if typed is not None and (found := self.all_commands.get(typed["name"])) is not None:
                ctx.command, ctx.invoked_with = found, typed["name"]
                ctx.view.index = len(ctx.prefix) + typed.end()
            elif (tune := _tune_said(ctx, head)) is not None:
                ctx.command, ctx.invoked_with = self.all_commands["continue"], "continue"
                ctx.view = StringView(tune)
            elif not head and ctx.prefix.startswith("<@"):  # a mention and nothing else
                ctx.command, ctx.invoked_with = self.all_commands["help"], "help"
        return ctx

    async def on_command_error(  # type: ignore[override]  # our own context
        self, context: Asked, exception: commands.CommandError, /
    ) -> None:
        """Explain what went wrong; what is meant for other bots or channels is left alone."""
        root = root_of(exception)
        mentioned = (context.prefix or "").startswith("<@")
        unknown = isinstance(root, commands.CommandNotFound) and not mentioned
        if unknown and context.guild is None:
            if self.hints.due(context.author.id):
                await context.answer(context.say("help-direct"))
        elif not (unknown or isinstance(root, NotHere)):
            await explain_to(context, exception)

    async def on_error(self, event_method: str, /, *_args: Any, **_kwargs: Any) -> None:
        """Log what went wrong in an event, without what the event held."""
        error = sys.exc_info()[1]
        if error is not None:
            record(error, event_method)

    def home_guild_id(self) -> int | None:
        """Give the server whose administrators may retrain: the one set, or the only one."""
        if self.settings.home_guild is not None:
            return self.settings.home_guild
        return self.guilds[0].id if len(self.guilds) == 1 else None

    async def drain(self) -> None:
        """Take no more requests and let running ones finish for as long as is set."""
        self.stopping = True
        if not await self.turns.close(self.settings.drain):
            _log.warning("stopped with %d requests unfinished", self.turns.running)
            await self.turns.give_up()

    async def close(self) -> None:
        """Stop the loops and leave the gateway."""
        self._prune.cancel()
        await super().close()
