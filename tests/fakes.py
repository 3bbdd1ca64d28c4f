"""Stand-ins for the engine and the trainer, where a test is about what surrounds them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.errors import AlreadyTraining, NotTraining
from bot.training.runs import (
    SOMEBODY,
    Estimate,
    Order,
    Run,
    RunOptions,
    Skipped,
    Source,
    VersionInfo,
)
from engine.errors import EngineError, UnknownVersion
from engine.famous import Performed
from engine.registry import Version
from engine.request import Curve, File, Names, Request, Result, Take, Taken
from engine.service import Load

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.famous import Alike

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 24
OGG = b"OggS" + b"\0" * 60
MIDI = b"MThd\0\0\0\6\0\0\0\1\1\xe0"


def make_result(request: Request, **changes: object) -> Result:
    """Answer a request with something that looks like a tune."""
    chosen = request.but(
        seed=7 if request.seed is None else request.seed,
        meter=request.meter or "2/4",
        key=request.key or "C major",
        tempo=request.tempo or 100,
        version=request.version or "nabi-1",
    )
    fields: dict[str, object] = {
        "text": "g8 e8 e4 | f8 d8 d4 ‖ c8 d8 e8 f8 | g8 g8 g4",
        "tune": "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4",
        "request": chosen,
        "invented": (),
        "bars": request.bars,
        "primer_notes": 0 if not request.text and request.file is None else 6,
        "new_notes": 7,
        "midi": File("nabi.mid", MIDI),
        "picture": File("score.png", PNG) if request.picture else None,
        "audio": File("nabi.ogg", OGG) if request.audio else None,
        "extra": File("nabi.ly", b"\\version") if request.form == "lilypond" else None,
        "takes": _takes(request) if request.takes > 1 else (),
        "taken": None if request.file is None else Taken("midi", 3, 2, "Melody", chords=True),
    }
    return Result(**{**fields, **changes})  # type: ignore[arg-type]  # checked by the tests' use


def _takes(request: Request) -> tuple[Take, ...]:
    return tuple(
        Take(
            tune=f"g8 e8 e4 c{number}",
            midi=File(f"nabi-{number}.mid", MIDI),
            audio=File(f"nabi-{number}.ogg", OGG) if request.audio else None,
        )
        for number in range(1, request.takes + 1)
    )


@dataclass
class FakeEngine:
    """Answer at once, or when a test lets it, or with an error.

    Attributes:
        asked: requests so far.
        written: requests whose tunes were written in every format.
        drawn: learning curves so far.
        alike: tunes that were performed alike so far.
        sung: the lab's songs so far, with their note names and party.
        terms: party and limit of each request.
        told: what each request wants to be told its place in the queue by.
        error: raised instead of an answer.
        gate: answers wait until it is set.
        change: alters each result.
        before: looks at each request, and may raise.
        formats: what is written in every format.
    """

    asked: list[Request] = field(default_factory=list)
    written: list[Request] = field(default_factory=list)
    drawn: list[Curve] = field(default_factory=list)
    alike: list[Alike] = field(default_factory=list)
    sung: list[tuple[str, str, int]] = field(default_factory=list)
    terms: list[tuple[int, int | None]] = field(default_factory=list)
    told: list[Callable[[int], None]] = field(default_factory=list)
    error: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    change: Callable[[Result], Result] = lambda result: result
    before: Callable[[Request], object] = lambda request: request
    formats: tuple[File, ...] = tuple(
        File(f"nabi.{suffix}", suffix.encode()) for suffix in ("ly", "abc", "musicxml", "wav")
    )

    def __post_init__(self) -> None:
        self.gate.set()

    async def continue_melody(
        self,
        request: Request,
        *,
        party: int = 0,
        tell: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> Result:
        self.asked.append(request)
        self.terms.append((party, limit))
        if tell is not None:
            self.told.append(tell)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.before(request)
        return self.change(make_result(request))

    async def write_formats(
        self,
        request: Request,
        *,
        party: int = 0,
        tell: Callable[[int], None] | None = None,
        limit: int | None = None,
    ) -> tuple[File, ...]:
        self.written.append(request)
        self.terms.append((party, limit))
        if tell is not None:
            self.told.append(tell)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.before(request)
        return self.formats

    async def draw_curve(self, curve: Curve) -> bytes:
        self.drawn.append(curve)
        if isinstance(self.error, EngineError):
            raise self.error
        return PNG

    async def perform_alike(
        self, tunes: Alike, *, party: int = 0, tell: Callable[[int], None] | None = None
    ) -> Performed:
        self.alike.append(tunes)
        self.terms.append((party, None))
        if tell is not None:
            self.told.append(tell)
        if isinstance(self.error, EngineError):
            raise self.error
        picture = PNG if tunes.picture else None
        return Performed(tunes.tunes, picture, (OGG, OGG) if tunes.audio else ())

    async def perform_song(
        self,
        name: str,
        names: Names,
        *,
        party: int = 0,
        tell: Callable[[int], None] | None = None,
    ) -> tuple[bytes, bytes, bytes]:
        self.sung.append((name, names, party))
        if tell is not None:
            self.told.append(tell)
        if isinstance(self.error, EngineError):
            raise self.error
        return PNG, OGG, MIDI

    async def active(self) -> Version:
        if isinstance(self.error, EngineError):
            raise self.error
        return Version("nabi-1", Path(), shipped=True, manifest={"created": "2026-09-01T00:00:00"})

    async def check(self) -> None:
        await self.gate.wait()
        if isinstance(self.error, EngineError):
            raise self.error

    def healthy(self) -> bool:
        return True

    def load(self) -> Load:
        return Load(workers=2, alive=2, waiting=0, running=0)


BEGUN: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def make_run(**changes: Any) -> Run:
    """Describe a run that has just been begun."""
    fields: dict[str, Any] = {
        "id": "r1",
        "state": "reading",
        "options": RunOptions(),
        "version": "new-1",
        "base": "nabi-1",
        "begun": BEGUN,
        "updated": BEGUN,
    }
    return Run(**{**fields, **changes})


class FakeTrainer:
    """Keep runs as a trainer does, without training; a test says how one goes on.

    Attributes:
        runs: all runs, the latest last.
        cancelled: who cancelled which run.
        keys: names of the requests.
        error: raised instead of starting or estimating.
        looks: how often somebody began to wait for news.
    """

    def __init__(self) -> None:
        self.looks = 0
        self.runs: list[Run] = []
        self.cancelled: list[tuple[str, int | None]] = []
        self.keys: list[str | None] = []
        self.error: Exception | None = None
        self._changed = asyncio.Event()

    async def start(self, options: RunOptions, order: Order = SOMEBODY) -> Run:
        if self.error is not None:
            raise self.error
        if (going := await self.current()) is not None:
            raise AlreadyTraining(going)
        self.keys.append(order.key)
        run = make_run(
            id=f"r{len(self.runs) + 1}",
            options=options,
            version=options.name or f"new-{len(self.runs) + 1}",
            asked_by=order.asked_by,
            guild_id=order.guild_id,
            channel_id=order.channel_id,
            locale=order.locale,
            begun=datetime.now(UTC),
            updated=datetime.now(UTC),
        )
        self.runs.append(run)
        self._changed.set()
        return run

    def tell(self, **changes: Any) -> Run:
        """Let the latest run go on."""
        self.runs[-1] = replace(self.runs[-1], **changes)
        self._changed.set()
        return self.runs[-1]

    async def attach(
        self,
        run_id: str,
        message_id: int,
        *,
        guild_id: int | None = None,
        channel_id: int | None = None,
    ) -> None:
        assert run_id == self.runs[-1].id
        self.tell(message_id=message_id, guild_id=guild_id, channel_id=channel_id)

    async def current(self) -> Run | None:
        return self.runs[-1] if self.runs and not self.runs[-1].over else None

    async def latest(self) -> Run | None:
        return self.runs[-1] if self.runs else None

    async def find(self, run_id: str) -> Run | None:
        return next((run for run in self.runs if run.id == run_id), None)

    async def wait(self, timeout: float) -> Run | None:  # noqa: ASYNC109 - the door's own
        self.looks += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(timeout, 0.05)):
                await self._changed.wait()
        self._changed.clear()
        return await self.latest()

    async def cancel(self, run_id: str, who: int | None) -> Run:
        run = await self.find(run_id)
        if run is None or run.over:
            raise NotTraining
        self.cancelled.append((run_id, who))
        return self.tell(cancel_requested=True)

    async def estimate(self, options: RunOptions) -> Estimate:
        if self.error is not None:
            raise self.error
        return Estimate(
            options=replace(options, name="new-1", epochs=4),
            base="nabi-1",
            sources=(Source("aird", 1178, 108921), Source("corpus", 30, 900, files=33)),
            tunes=1208,
            notes=109821,
            skipped=(Skipped("odd/broken.mid", "broken"),),
            skipped_count=3,
            epochs=4,
            speed=12034.5,
            seconds=4000.0,
            unread=("aird",),
        )


class FakeVersions:
    """Keep a list of versions, of which one answers.

    Attributes:
        names: of the versions, newest first.
        active: name of the one that answers.
        changes: what was done, by whom.
    """

    def __init__(self) -> None:
        self.names = ["new-1", "nabi-1"]
        self.active = "nabi-1"
        self.changes: list[tuple[str, str, int | None]] = []

    async def listing(self) -> tuple[VersionInfo, ...]:
        return tuple(self._info(name) for name in self.names)

    async def use(self, name: str, who: int | None) -> VersionInfo:
        return self._switch("use", name, who)

    async def promote(self, name: str, who: int | None) -> VersionInfo:
        return self._switch("promote", name, who)

    async def rollback(self, who: int | None) -> VersionInfo:
        return self._switch("rollback", self.names[-1], who)

    def _switch(self, what: str, name: str, who: int | None) -> VersionInfo:
        if name not in self.names:
            raise UnknownVersion(name, tuple(self.names))
        self.changes.append((what, name, who))
        self.active = name
        return self._info(name)

    def _info(self, name: str) -> VersionInfo:
        bits = {"shift": 0.1061, "duration": 0.7343, "pitch": 1.7196}
        shipped = name == self.names[-1]
        created = "2026-11-21T21:34:44+00:00"
        return VersionInfo(name, created, shipped, name == self.active, bits, 13366, sound=True)
