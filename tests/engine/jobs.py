"""Jobs that tests run in worker processes: harmless ones, and ones that misbehave."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BadFile, BadToken, BadVersion
from engine.music import Key, Melody, Meter, Note
from engine.workers.stages import Composed, Media, Primer

if TYPE_CHECKING:
    from engine.request import Names, Request


def echo(value: object) -> object:
    return value


def echo_song(name: str, names: str) -> tuple[bytes, bytes, bytes]:
    return name.encode(), names.encode(), b"MThd"


def grow(size: int) -> int:
    return len(bytearray(b"x") * size)


def pid() -> int:
    return os.getpid()


def sacrifice() -> int:
    return int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii"))


def in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def environment() -> dict[str, str]:
    return dict(os.environ)


def modules() -> list[str]:
    import sys  # noqa: PLC0415  # asks what this process has imported by now

    return sorted(sys.modules)


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "slept"


def hold(barrier: str) -> str:
    """Wait at a :class:`tests.engine.waiting.Barrier` until the test lifts it."""
    Path(f"{barrier}.here").touch()
    while not Path(barrier).exists():
        time.sleep(0.005)
    return "let go"


def begin(name: str, path: str) -> None:
    """Tell the test that this job has begun, then do another one."""
    Path(path).touch()
    globals()[name]()


def mark(path: str) -> None:
    """Tell the test that this job has begun, then take a while."""
    Path(path).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(600)


def mark_once(path: str) -> int:
    """Take for ever the first time, answer the second time."""
    if Path(path).exists():
        return os.getpid()
    mark(path)
    return 0


def append(path: str) -> None:
    with Path(path).open("a", encoding="ascii") as file:
        file.write("x")


def spin() -> None:
    while True:
        pass


def stubborn() -> None:
    """Hold the interpreter lock in native code, so that no other thread of the process runs."""
    sum(range(10**15))


def eat() -> int:
    """Take memory without end; every page is touched."""
    hoard: list[bytearray] = []
    while True:
        hoard.append(bytearray(b"x") * (16 * 1024 * 1024))


def leave() -> None:
    os._exit(3)


def abort() -> None:
    os.abort()


def chatter() -> str:
    """Print as some libraries do; it must not land among the answers."""
    print("noise " * 1000)  # noqa: T201  # that is the test
    os.write(1, b"more noise\n")
    return "quiet"


def refuse() -> None:
    raise BadToken("h8", 2, 3, "letter")


def fail(secret: str) -> None:
    raise ValueError(secret)


def unplain() -> object:
    return Path("/")


# --- stand-ins for the stages of a continuation ---------------------------------------------


def prepare(name: str, folder: str, *strict: bool) -> None:
    if (Path(folder) / "hold").exists():
        hold(f"{folder}/go")
    if (Path(folder) / "refuse").exists() and all(strict):
        raise BadVersion(name, "made to be refused")


def nothing() -> None:
    """Prepare nothing."""


def read(data: bytes, name: str) -> Primer:
    """Read a file whose content says how reading it ends."""
    wish = data.decode()
    if wish in {"spin", "eat", "leave", "abort", "stubborn"}:
        globals()[wish]()
    if wish == "broken":
        raise BadFile(name, "broken")
    if wish == "defect":
        raise LookupError(wish)
    if wish.startswith("hold "):
        hold(wish.removeprefix("hold "))
    return Primer(Melody((Note(Fraction(0), Fraction(1, 4), 60),)))


def compose(request: Request, primer: Primer | None, version: str, folder: str) -> Composed:
    """Compose a note; the text may ask for trouble or for a pause."""
    if (Path(folder) / "refuse").exists():
        raise BadVersion(version, "made to be refused")
    wish, _, argument = request.text.partition(" ")
    if wish in {"spin", "eat", "leave", "abort"}:
        globals()[wish]()
    if wish == "hold":
        hold(argument)
    if wish == "once":
        mark_once(argument)
    if wish == "fail":
        fail(argument)
    quarter = Fraction(1, 4)
    melody = Melody(
        (Note(Fraction(0), quarter, 60), Note(quarter, quarter, 62)),
        Meter(),
        key=Key(),
        tempo=request.tempo,
    )
    if primer is not None:
        melody = replace(melody, title="read")
    return Composed(
        melody, quarter, "letters", request.but(version=version), (), "text", "c4 d4", b"MThd",
        None, {"compose": 0.0},
    )  # fmt: skip


def picture(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    return Media(b"png", lightened=limit is not None)


def audio(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    return Media(b"ogg", lightened=limit is not None, excerpt=melody.tempo == 20)


def wave(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    return Media(b"wav", lightened=limit is not None, excerpt=melody.tempo == 20)


def formats(melody: Melody, split: Fraction, names: Names) -> dict[str, bytes]:
    return {"lilypond": b"ly", "abc": b"abc"}


def broken_leave(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    os._exit(1)


def broken_fail(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    raise OSError("no such font")


def broken_spin(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    spin()
    return Media(b"")
