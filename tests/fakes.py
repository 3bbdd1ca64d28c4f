"""Stand-ins for the engine and the trainer, where a test is about what surrounds them."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.registry import Version
from engine.request import File, Request, Result, Taken

if TYPE_CHECKING:
    from collections.abc import Callable

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
        "taken": None if request.file is None else Taken("midi", 3, 2, "Melody", chords=True),
    }
    return Result(**{**fields, **changes})  # type: ignore[arg-type]  # checked by the tests' use


@dataclass
class FakeEngine:
    """Answer at once, or when a test lets it, or with an error.

    Attributes:
        asked: requests so far.
        error: raised instead of an answer.
        gate: answers wait until it is set.
        change: alters each result.
    """

    asked: list[Request] = field(default_factory=list)
    error: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    change: Callable[[Result], Result] = lambda result: result

    def __post_init__(self) -> None:
        self.gate.set()

    async def continue_melody(self, request: Request) -> Result:
        self.asked.append(request)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.change(make_result(request))

    async def active(self) -> Version:
        if isinstance(self.error, EngineError):
            raise self.error
        return Version("nabi-1", Path(), shipped=True, manifest={"created": "2026-09-01T00:00:00"})


def training_command(*lines: str, code: int = 0, last: str = "") -> tuple[str, ...]:
    """Give a command that prints lines like a training run, does ``last`` and ends."""
    program = "import sys, time\n"
    program += "".join(f"print({line!r}, flush=True)\n" for line in lines)
    program += f"{last}\nsys.exit({code})\n"
    return (sys.executable, "-c", program)
