"""Training runs and model versions as plain data, and the doors behind which they are made.

A run is a row in the database, never only a process: it goes on after the bot, the training
process, or both were killed. Everything here is frozen and may be shown to people, except where
a docstring says that it is for operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from datetime import datetime

State = Literal[
    "queued", "reading", "encoding", "training", "comparing", "done", "failed", "cancelled"
]
"""``queued``: a process has yet to take the run, at its start or after one was lost."""

ENDED: Final = frozenset({"done", "failed", "cancelled"})

Failure = Literal[
    "empty-corpus",  # nothing that can be learnt from, or nothing to hold out
    "diverged",  # the loss became infinite, no number, or much worse than it had been
    "disk-full",  # no room for a checkpoint or for the version
    "memory",  # more memory than there is
    "bad-base",  # the version that it started from does not load
    "killed",  # its process died again and again without coming any further
    "crashed",  # anything else; the detail tells operators where
]

NEW_NAME: Final = "new"
"""What an option ``name`` is expected to be whose value is the name of a version that exists."""

CORPUS: Final = "corpus"
"""Name under which the operator's folder stands among the collections."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a run is asked to do.

    Attributes:
        start: ``current``: fine-tune the version that answers; ``scratch``: learn from nothing.
        epochs: passes over the tunes at most; None: what suits ``start``.
        collections: bundled collections by name, and ``corpus`` for the operator's folder; None:
            all of them.
        name: of the new version; None: date and time.
    """

    start: Literal["current", "scratch"] = "current"
    epochs: int | None = None
    collections: tuple[str, ...] | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the learning curve.

    Attributes:
        epoch: passes done, such as 1.5.
        training: cross-entropy of the tunes learnt from, bits per note (shift, duration and pitch
            together), or None.
        validation: the same of the tunes held out; None inside an epoch.
    """

    epoch: float
    training: float | None
    validation: float | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file of the operator's folder that was not learnt from.

    Attributes:
        file: its path inside the folder, with ``:3`` for the third tune of a book.
        reason: ``format``, ``broken``, ``empty``, ``drums``, ``limits`` (as in
            :class:`~engine.errors.BadFile`), ``long``, ``short`` (fewer than eight notes), ``grid``
            (off the grid of times), ``link`` (leads outside the folder) or ``unreadable``.
    """

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the new version compares with the one it started from, on the same held-out tunes.

    Attributes:
        promoted: whether it answers now.
        tunes: held-out tunes that were compared.
        old_bits, new_bits: bits per note of the two.
        low, high: 95 % interval of new minus old, bits per note; below 0 is better.
    """

    promoted: bool
    tunes: int
    old_bits: float
    new_bits: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Run:
    """A training run as it stands.

    Attributes:
        id: short name.
        state: what it is doing, or how it ended.
        options: what was asked.
        version: name of the version that it makes.
        base: name of the version that it is compared with, and started from unless from scratch.
        epoch, epochs: passes begun (from 1; 0 before the first) and planned at most.
        share: part of the present state's work that is done, 0 to 1; of ``training``: of all
            planned epochs. None: not known.
        loss: recent cross-entropy of the tunes learnt from, bits per note.
        curve: points so far, oldest first, some hundreds at most.
        level: the base's bits per note on the same held-out tunes; None: not yet known.
        speed: notes learnt in a second.
        seconds_left: until the training ends, if it takes all epochs.
        tunes, notes: what is learnt from; 0: not yet known.
        held_out: tunes held out.
        skipped: files that were not learnt from, the first of ``skipped_count``.
        skipped_count: number of all of them.
        outcome: of a run that is done.
        failure: why it failed.
        detail: about the failure, for operators: not to be shown to members.
        asked_by: number of the member on Discord; None: somebody at the command line.
        guild_id, channel_id, message_id: where the dashboard is.
        locale: language of the dashboard.
        begun, updated: UTC.
        cancel_requested: whether somebody wants it to end.
    """

    id: str
    state: State
    options: RunOptions
    version: str
    base: str
    begun: datetime
    updated: datetime
    epoch: int = 0
    epochs: int = 0
    share: float | None = None
    loss: float | None = None
    curve: tuple[Point, ...] = ()
    level: float | None = None
    speed: float | None = None
    seconds_left: float | None = None
    tunes: int = 0
    notes: int = 0
    held_out: int = 0
    skipped: tuple[Skipped, ...] = ()
    skipped_count: int = 0
    outcome: Outcome | None = None
    failure: Failure | None = None
    detail: str = ""
    asked_by: int | None = None
    guild_id: int | None = None
    channel_id: int | None = None
    message_id: int | None = None
    locale: str = "en"
    cancel_requested: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED

    @property
    def link(self) -> str:
        """Address of the dashboard on Discord, empty when there is none."""
        if self.channel_id is None or self.message_id is None:
            return ""
        place = f"{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"
        return f"https://discord.com/channels/{place}"


@dataclass(frozen=True, slots=True)
class Source:
    """One collection that would be learnt from; ``files`` is 0 for a bundled one."""

    name: str
    tunes: int
    notes: int
    files: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run with some options would do.

    Attributes:
        options: what was asked, with the name and the epochs filled in.
        base: version that it would start from, or be compared with.
        sources: what it would learn from.
        tunes, notes: in all.
        skipped, skipped_count: as in :class:`Run`.
        epochs: passes at most.
        speed: notes learnt in a second on this machine, measured.
        seconds: how long the training would take, if it takes all epochs.
        unread: bundled collections that have yet to be read, which takes some minutes more.
    """

    options: RunOptions
    base: str
    sources: tuple[Source, ...]
    tunes: int
    notes: int
    skipped: tuple[Skipped, ...]
    skipped_count: int
    epochs: int
    speed: float
    seconds: float
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A model version as it is listed.

    Attributes:
        name: its folder's name.
        created: ISO 8601, empty when unknown.
        shipped: whether it came with the program.
        active: whether it answers.
        bits: cross-entropy per note by part (``shift``, ``duration``, ``pitch``), possibly empty.
        tunes: number that it learnt from; 0: unknown.
        sound: whether its files are whole.
    """

    name: str
    created: str
    shipped: bool
    active: bool
    bits: dict[str, float]
    tunes: int
    sound: bool


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks for a run, and where it is followed.

    Attributes:
        asked_by: number of the member, for the audit; None: somebody at the command line.
        guild_id, channel_id: where the dashboard will be.
        locale: language of the dashboard.
        key: names the request, such as the number of its message or interaction; the same key
            gives the same run, however often it is asked.
    """

    asked_by: int | None = None
    guild_id: int | None = None
    channel_id: int | None = None
    locale: str = "en"
    key: str | None = None


SOMEBODY: Final = Order()
"""Who nobody knows, and follows nothing."""


class TrainerDoor(Protocol):
    """Starts, follows and ends training runs: :class:`bot.training.trainer.Trainer` is one."""

    async def start(self, options: RunOptions, order: Order = ...) -> Run:
        """Begin a run, or give the one that this order began before.

        Raises:
            AlreadyTraining: when another run is going on; it carries that run as ``run``.
            BadOption: a name that cannot be used or exists, epochs out of range, an unknown
                collection.
        """
        ...

    async def attach(
        self,
        run_id: str,
        message_id: int,
        *,
        guild_id: int | None = None,
        channel_id: int | None = None,
    ) -> None:
        """Remember which message is the run's dashboard, and where, if it moved there."""
        ...

    async def current(self) -> Run | None:
        """Give the run that is going on."""
        ...

    async def latest(self) -> Run | None:
        """Give the run that was begun last, going on or over."""
        ...

    async def find(self, run_id: str) -> Run | None:
        """Give a run by its id."""
        ...

    async def wait(self, timeout: float) -> Run | None:  # noqa: ASYNC109 - a pace, not a limit
        """Wait until the latest run changes or the time is over, and give the latest run."""
        ...

    async def cancel(self, run_id: str, who: int | None) -> Run:
        """Ask a run to end, and give it; it ends some seconds later.

        Raises:
            NotTraining: when there is no such run, or it is over.
        """
        ...

    async def estimate(self, options: RunOptions) -> Estimate:
        """Tell what a run would learn from and how long it would take; takes up to a minute.

        Raises:
            BadOption: as :meth:`start`.
            EstimateFailed: when the process that measures failed; carries a failure code.
        """
        ...


class VersionsDoor(Protocol):
    """Lists and switches versions: :class:`bot.training.versions.Versions` is one."""

    async def listing(self) -> tuple[VersionInfo, ...]:
        """List the versions, newest first."""
        ...

    async def use(self, name: str, who: int | None) -> VersionInfo:
        """Let a version answer from now on, after it has proved that it can.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged or does not fit the code; the old one goes on.
        """
        ...

    async def promote(self, name: str, who: int | None) -> VersionInfo:
        """Do as :meth:`use`, for a version that was not better; the audit tells them apart."""
        ...

    async def rollback(self, who: int | None) -> VersionInfo:
        """Let the version answer that was active before, and give it.

        Raises:
            BadVersion: when no version is sound.
        """
        ...
