"""The engine's door, with real processes and stand-ins for the stages."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from engine.errors import BadFile, BadToken, BadVersion, EngineFailed, TooLong, UnknownVersion
from engine.famous import Alike
from engine.registry import Registry
from engine.request import MAX_FILE, MAX_TEXT, Curve, Request
from engine.service import Engine
from engine.workbench import Stages
from engine.workers.process import Job
from tests.engine.waiting import Barrier, until
from tests.engine.weights import make_version

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

_HERE = "tests.engine.jobs"
STAGES = Stages(
    prepare_reader=Job(f"{_HERE}:nothing"),
    read=Job(f"{_HERE}:read", memory=256 * 1024**2),
    prepare=Job(f"{_HERE}:prepare"),
    compose=Job(f"{_HERE}:compose", memory=256 * 1024**2),
    picture=Job(f"{_HERE}:picture"),
    audio=Job(f"{_HERE}:audio"),
    wave=Job(f"{_HERE}:wave"),
    formats=Job(f"{_HERE}:formats"),
    curve=Job("engine.workers.worker:draw_learning"),
    song=Job(f"{_HERE}:echo_song"),
)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    make_version(tmp_path / "shipped" / "first", default=True)
    return Registry(tmp_path / "shipped", tmp_path / "data")


@pytest.fixture
async def engine(registry: Registry) -> AsyncIterator[Engine]:
    engine = Engine(registry, stages=STAGES)
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
def barrier(tmp_path: Path) -> Barrier:
    return Barrier(tmp_path)


def allow(engine: Engine, wish: str) -> None:
    """Allow a job that never ends little time, so that the test is short, and any other much."""
    seconds = 1 if wish in {"spin", "stubborn"} else 60
    compose, read = (replace(each, seconds=seconds) for each in (STAGES.compose, STAGES.read))
    engine._stages = STAGES._replace(compose=compose, read=read)


def file(content: str) -> Request:
    return Request(file=content.encode(), file_name="tune.mid")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_every_part_arrives(engine: Engine) -> None:
    result = await engine.continue_melody(Request(text="c4"))
    assert result.midi.data == b"MThd"
    assert result.picture is not None
    assert result.picture.name == "score.png"
    assert result.audio is not None
    assert result.audio.data == b"ogg"
    assert result.request.seed is not None
    assert result.request.version == "first"
    assert (result.primer_notes, result.new_notes) == (1, 1)
    assert {"queue", "compose", "picture", "audio", "total"} <= result.seconds.keys()


async def test_only_what_is_asked_for_is_made(engine: Engine) -> None:
    result = await engine.continue_melody(Request(picture=False, audio=False, form="wav"))
    assert result.picture is None
    assert result.audio is None
    assert result.extra is not None
    assert (result.extra.name, result.extra.data) == ("nabi.wav", b"wav")


async def test_a_tune_is_written_in_every_format(engine: Engine) -> None:
    result = await engine.continue_melody(Request(text="c4"))
    files = await engine.write_formats(result.request)
    assert [(each.name, each.data) for each in files] == [
        ("nabi.ly", b"ly"),
        ("nabi.abc", b"abc"),
        ("nabi.wav", b"wav"),
    ]
    assert [each.lightened for each in files] == [False] * 3
    limited = await engine.write_formats(result.request, limit=10)
    assert [each.lightened for each in limited] == [False, False, True]
    assert await engine.write_formats(file("fine").but(seed=1))
    with pytest.raises(UnknownVersion):
        await engine.write_formats(result.request.but(version="gone"))


async def test_a_learning_curve_is_drawn_beside_the_loop(engine: Engine) -> None:
    curve = Curve(((0.5, 3.0),), ((1.0, 2.8),), 2.6, "passes", "bits", ("a", "b", "c"))
    assert (await engine.draw_curve(curve)).startswith(b"\x89PNG")


async def test_tunes_that_begin_alike_are_performed_beside_the_loop(engine: Engine) -> None:
    pair = Alike(("g8 e8 e4 c2", "g8 e8 e4 d2"), "g8 e8 e4", "2/4", "C major", "0", 96)
    done = await engine.perform_alike(replace(pair, picture=False, audio=False))
    assert [text.split()[-2] for text in done.texts] == ["c2", "d2"]
    assert (done.picture, done.sounds) == (None, ())
    with pytest.raises(BadToken):
        await engine.perform_alike(replace(pair, tunes=("h4",)))


async def test_a_seed_is_kept_and_a_missing_one_is_drawn(engine: Engine) -> None:
    kept = await engine.continue_melody(Request(seed=7))
    drawn = [await engine.continue_melody(Request()) for _ in range(3)]
    assert kept.request.seed == 7
    assert len({result.request.seed for result in drawn}) == 3


@pytest.mark.parametrize("wish", ["eat", "spin", "leave", "abort", "stubborn"])
async def test_a_file_that_blows_up_is_refused_and_the_next_one_is_read(
    engine: Engine, wish: str
) -> None:
    allow(engine, wish)
    with pytest.raises(BadFile) as caught:
        await engine.continue_melody(file(wish))
    assert caught.value.reason == "limits"
    assert caught.value.name == "tune.mid"
    allow(engine, "fine")
    assert (await engine.continue_melody(file("fine"))).text == "text"


async def test_what_the_reader_says_of_a_file_is_passed_on(engine: Engine) -> None:
    with pytest.raises(BadFile) as caught:
        await engine.continue_melody(file("broken"))
    assert caught.value.reason == "broken"


async def test_a_defect_of_the_reader_is_the_files_fault(engine: Engine) -> None:
    with pytest.raises(BadFile) as caught:
        await engine.continue_melody(file("defect"))
    assert caught.value.reason == "broken"


async def test_hostile_files_take_no_worker_from_others(engine: Engine) -> None:
    hostile = [asyncio.create_task(engine.continue_melody(file("spin"))) for _ in range(4)]
    await until(lambda: engine.running > 0)
    for _ in range(5):
        await engine.continue_melody(Request(text="c4"))
    assert not any(task.done() for task in hostile)
    assert engine.waiting == 3
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)


@pytest.mark.parametrize(
    ("wish", "reason"), [("eat", "crashed"), ("leave", "crashed"), ("spin", "timeout")]
)
async def test_an_ordinary_request_that_blows_up_is_our_fault(
    engine: Engine, wish: str, reason: str
) -> None:
    allow(engine, wish)
    with pytest.raises(EngineFailed) as caught:
        await engine.continue_melody(Request(text=wish))
    assert caught.value.reason == reason
    allow(engine, "c4")
    assert (await engine.continue_melody(Request(text="c4"))).text == "text"


async def test_a_defect_is_logged_without_what_the_member_wrote(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(EngineFailed):
        await engine.continue_melody(Request(text="fail my-private-words"))
    assert "ValueError" in caplog.text
    assert "private" not in caplog.text


async def test_a_worker_killed_from_outside_costs_nobody_a_tune(
    engine: Engine, barrier: Barrier, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    victim = asyncio.create_task(engine.continue_melody(Request(text=f"once {note}")))
    neighbours = [
        asyncio.create_task(engine.continue_melody(Request(text=text)))
        for text in (f"hold {barrier}", "c4", "c4")
    ]
    await until(barrier.reached)
    await until(lambda: note.exists() and note.read_text(encoding="ascii") != "")
    os.kill(int(note.read_text(encoding="ascii")), signal.SIGKILL)
    barrier.lift()
    results = await asyncio.gather(victim, *neighbours)
    assert all(result.picture is not None for result in results)


async def test_an_idle_worker_killed_from_outside_is_replaced(engine: Engine) -> None:
    for pid in engine._workers.pids:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: engine._workers.alive == 0)
    assert not engine.healthy()
    assert (await engine.continue_melody(Request())).text == "text"
    assert engine.healthy()


@pytest.mark.parametrize("broken", ["leave", "fail", "spin"])
async def test_a_broken_picture_costs_only_the_picture(
    registry: Registry, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    stages = STAGES._replace(picture=Job(f"{_HERE}:broken_{broken}", seconds=1))
    engine = Engine(registry, stages=stages)
    await engine.start()
    result = await engine.continue_melody(Request())
    assert result.picture is None
    assert result.audio is not None
    assert "a reply lacks its picture" in caplog.text
    await engine.close()


async def test_requests_are_bounded_and_wait_in_order(engine: Engine) -> None:
    entered: list[int] = []
    most = 0

    async def ask(number: int) -> None:
        def tell(place: int) -> None:
            nonlocal most
            most = max(most, engine.running)
            if not place:
                entered.append(number)

        await engine.continue_melody(Request(text="c4"), tell=tell)

    tasks = [asyncio.create_task(ask(number)) for number in range(8)]
    await asyncio.sleep(0)
    assert (engine.running, engine.waiting) == (2, 6)
    await asyncio.gather(*tasks)
    assert (engine.waiting, engine.running, most) == (0, 0, 2)
    assert entered == list(range(2, 8)), "the first two had not to wait"


async def test_parties_take_turns_and_are_told_their_place(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, workers=1, stages=STAGES)
    await engine.start()
    finished: list[int] = []
    told: list[int] = []

    async def ask(party: int, text: str, tell: Callable[[int], None] | None = None) -> None:
        wish = Request(text=text, picture=False, audio=False)
        await engine.continue_melody(wish, party=party, tell=tell)
        finished.append(party)

    texts = (f"hold {barrier}", *["c4"] * 7)
    crowd = [asyncio.create_task(ask(1, text)) for text in texts]
    await until(lambda: engine.waiting == 7)
    other = asyncio.create_task(ask(2, "c4", told.append))
    await until(lambda: bool(told))
    barrier.lift()
    await asyncio.gather(*crowd, other)
    assert finished == [1, 2, *[1] * 7]
    assert told == [1, 0]
    await engine.close()


async def test_what_is_drawn_and_played_waits_for_its_turn_as_well(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, workers=1, stages=STAGES)
    await engine.start()
    finished: list[int] = []
    told: dict[int, list[int]] = {2: [], 3: []}
    pair = Alike(("g8 e8 e4 c2",), "g8 e8 e4", "2/4", "C major", "0", 96, "letters", False, False)  # noqa: FBT003  # no picture, no sound

    async def crowd(text: str) -> None:
        await engine.continue_melody(Request(text=text, picture=False, audio=False), party=1)
        finished.append(1)

    async def alike() -> None:
        await engine.perform_alike(pair, party=2, tell=told[2].append)
        finished.append(2)

    async def song() -> None:
        assert await engine.perform_song("mlp", "letters", party=3, tell=told[3].append)
        finished.append(3)

    texts = (f"hold {barrier}", *["c4"] * 7)
    first = [asyncio.create_task(crowd(text)) for text in texts]
    await until(lambda: engine.waiting == 7)
    others = [asyncio.create_task(each()) for each in (alike, song)]
    await until(lambda: engine.waiting == 9)
    barrier.lift()
    await asyncio.gather(*first, *others)
    assert max(finished.index(2), finished.index(3)) <= 4
    assert all(places[0] >= 1 and places[-1] == 0 for places in told.values())
    await engine.close()


async def test_one_partys_files_do_not_keep_anothers_from_being_read(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, stages=STAGES)
    await engine.start()
    hostile = [
        asyncio.create_task(engine.continue_melody(file(wish), party=1))
        for wish in (f"hold {barrier}", *["spin"] * 8)
    ]
    await until(lambda: engine.waiting == 8)
    fine = asyncio.create_task(engine.continue_melody(file("fine"), party=2))
    await until(lambda: engine.waiting == 9)
    barrier.lift()
    assert (await fine).text == "text"
    assert not any(task.done() for task in hostile[1:])
    for task in hostile:
        task.cancel()
    await asyncio.gather(*hostile, return_exceptions=True)
    await engine.close()


async def test_a_limit_reaches_what_draws_and_plays(engine: Engine) -> None:
    result = await engine.continue_melody(Request(text="c4", form="wav"), limit=2)
    assert result.lightened == ("picture", "audio", "wave")
    assert (await engine.continue_melody(Request(text="c4"))).lightened == ()


async def test_a_sound_of_a_part_is_marked(engine: Engine) -> None:
    slow = Request(text="c4", tempo=20, form="wav")
    result = await engine.continue_melody(slow)
    assert [each.name for each in result.files if each.excerpt] == ["nabi.ogg", "nabi.wav"]
    files = await engine.write_formats(result.request)
    assert [each.name for each in files if each.excerpt] == ["nabi.wav"]
    whole = await engine.continue_melody(slow.but(tempo=100))
    assert not any(each.excerpt for each in whole.files)


async def test_a_cancelled_request_gives_its_place_to_the_next(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, workers=1, stages=STAGES)
    await engine.start()
    busy = asyncio.create_task(engine.continue_melody(Request(text=f"hold {barrier}")))
    await until(barrier.reached)
    waiting = asyncio.create_task(engine.continue_melody(Request()))
    await until(lambda: engine.waiting == 1)
    third = asyncio.create_task(engine.continue_melody(Request()))
    await until(lambda: engine.waiting == 2)
    waiting.cancel()
    busy.cancel()
    barrier.lift()
    result = await third
    assert result.text == "text"
    assert busy.cancelled()
    assert (engine.waiting, engine.running) == (0, 0)
    await engine.close()


async def test_closing_lets_the_running_finish_and_turns_the_waiting_away(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, workers=1, stages=STAGES)
    await engine.start()
    running = asyncio.create_task(engine.continue_melody(Request(text=f"hold {barrier}")))
    await until(barrier.reached)
    waiting = asyncio.create_task(engine.continue_melody(Request()))
    await until(lambda: engine.waiting == 1)
    await until(lambda: engine._readers.alive == 1)
    pids = engine._workers.pids + engine._readers.pids
    closing = asyncio.create_task(engine.close(60))
    await until(waiting.done)
    assert not running.done()
    barrier.lift()
    await closing
    assert (await running).picture is not None
    for refused in (waiting, engine.continue_melody(Request())):
        with pytest.raises(EngineFailed) as caught:
            await refused
        assert caught.value.reason == "closed"
    assert not engine.healthy()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


async def test_closing_does_not_wait_for_ever(registry: Registry) -> None:
    engine = Engine(registry, stages=STAGES._replace(compose=Job(f"{_HERE}:compose")))
    await engine.start()
    endless = asyncio.create_task(engine.continue_melody(Request(text="spin")))
    await until(lambda: engine.running == 1)
    pids = engine._workers.pids
    await engine.close(0.1)
    with pytest.raises(EngineFailed):
        await endless
    assert all(gone(pid) for pid in pids)


async def test_too_long_is_said_before_anything_is_sent(engine: Engine) -> None:
    with pytest.raises(TooLong) as caught:
        await engine.continue_melody(Request(text="c" * (MAX_TEXT + 1)))
    assert caught.value.what == "characters"
    with pytest.raises(TooLong) as caught:
        await engine.continue_melody(Request(file=bytes(MAX_FILE + 1), file_name="big.mid"))
    assert caught.value.what == "bytes"


async def test_nothing_keeps_the_loop_waiting(registry: Registry, tmp_path: Path) -> None:
    """What the loop alone lets go on would never end if the loop waited for it."""
    folder = tmp_path / "shipped" / "first"
    (folder / "hold").touch()
    engine = Engine(registry, stages=STAGES)
    starting = asyncio.create_task(engine.start())
    await until((folder / "go.here").exists)
    (folder / "go").touch()
    await starting
    assert (await engine.continue_melody(file("fine"))).text == "text"
    (reader,) = engine._readers.pids
    os.kill(reader, signal.SIGSTOP)  # its pipe is full now, long before the file is through
    large = Request(file=b"f" * MAX_FILE, file_name="large.mid")
    reading = asyncio.create_task(engine.continue_melody(large))
    barrier = Barrier(tmp_path)
    held = asyncio.create_task(engine.continue_melody(Request(text=f"hold {barrier}")))
    await until(barrier.reached)
    assert (await engine.continue_melody(Request(text="c4"))).text == "text"
    assert not reading.done()
    barrier.lift()
    os.kill(reader, signal.SIGCONT)
    assert [each.text for each in await asyncio.gather(held, reading)] == ["text"] * 2
    await engine.close()


# --- versions -------------------------------------------------------------------------------


async def test_start_tells_why_it_failed(tmp_path: Path) -> None:
    make_version(tmp_path / "shipped" / "first")
    (tmp_path / "shipped" / "first" / "refuse").touch()
    engine = Engine(Registry(tmp_path / "shipped"), stages=STAGES)
    with pytest.raises(BadVersion) as caught:
        await engine.start()
    assert caught.value.reason == "made to be refused"
    assert not engine.healthy()
    assert engine._workers.alive == 0


async def test_without_any_version_start_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadVersion, match="no model version"):
        await Engine(Registry(tmp_path), stages=STAGES).start()


async def test_start_falls_back_when_the_active_version_does_not_load(
    registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    registry.promote("second")
    (folder / "refuse").touch()
    engine = Engine(registry, stages=STAGES)
    await engine.start()
    assert (await engine.continue_melody(Request())).request.version == "first"
    assert "second" in caplog.text
    await engine.close()


async def test_a_version_that_breaks_while_running_is_left_for_the_last_good_one(
    engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    assert (await engine.promote("second")).name == "second"
    assert (await engine.continue_melody(Request())).request.version == "second"
    (folder / "weights.npz").write_bytes(b"damaged")
    assert (await engine.continue_melody(Request())).request.version == "first"


async def test_versions_can_be_asked_for_by_name(
    engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    result = await engine.continue_melody(Request(version="second"))
    assert result.request.version == "second"
    (folder / "refuse").touch()
    with pytest.raises(BadVersion):
        await engine.continue_melody(Request(version="second"))
    with pytest.raises(UnknownVersion) as caught:
        await engine.continue_melody(Request(version="third"))
    assert set(caught.value.known) == {"first", "second"}


async def test_promoting_is_refused_to_a_version_that_does_not_load(
    engine: Engine, tmp_path: Path
) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    (folder / "refuse").touch()
    with pytest.raises(BadVersion):
        await engine.promote("second")
    assert (await engine.active()).name == "first"


async def test_a_repaired_version_may_answer_after_all(engine: Engine, tmp_path: Path) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    (folder / "refuse").touch()
    with pytest.raises(BadVersion):
        await engine.promote("second")
    (folder / "refuse").unlink()
    assert (await engine.promote("second")).name == "second"


async def answered_by(engine: Engine, name: str) -> None:
    """Ask until a version answers; the test's own timeout ends a vain wait."""
    version = None
    while version != name:
        version = (await engine.continue_melody(Request())).request.version


async def test_what_others_choose_answers_soon(
    engine: Engine, registry: Registry, tmp_path: Path
) -> None:
    make_version(tmp_path / "data" / "weights" / "second")
    other = Registry(tmp_path / "shipped", tmp_path / "data")  # as another process would
    other.promote("second")
    await answered_by(engine, "second")
    other.rollback()
    await answered_by(engine, "first")


async def test_a_choice_of_others_that_does_not_load_changes_nothing(
    engine: Engine, registry: Registry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_version(tmp_path / "data" / "weights" / "second")
    (folder / "refuse").touch()
    Registry(tmp_path / "shipped", tmp_path / "data").promote("second")
    await until(lambda: "made to be refused" in caplog.text)
    assert (await engine.continue_melody(Request())).request.version == "first"
    assert (await engine.active()).name == "first"


async def test_a_running_request_ends_with_the_version_it_began_with(
    engine: Engine, barrier: Barrier, tmp_path: Path
) -> None:
    make_version(tmp_path / "data" / "weights" / "second")
    running = asyncio.create_task(engine.continue_melody(Request(text=f"hold {barrier}")))
    await until(barrier.reached)
    switched = asyncio.create_task(engine.promote("second"))
    await engine.continue_melody(Request())  # the other worker goes on meanwhile
    assert not switched.done()
    barrier.lift()
    await switched
    assert (await running).request.version == "first"
    assert (await engine.continue_melody(Request())).request.version == "second"


async def test_every_request_is_answered_while_versions_change(
    engine: Engine, tmp_path: Path
) -> None:
    for name in ("second", "third"):
        make_version(tmp_path / "data" / "weights" / name)
    answered: list[str | None] = []
    stop = asyncio.Event()

    async def ask() -> None:
        while not stop.is_set():
            answered.append((await engine.continue_melody(Request())).request.version)

    async def switch(name: str) -> None:
        await engine.promote(name)
        before = len(answered)
        await until(lambda: name in answered[before:] or any(task.done() for task in asking))

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for name in ("second", "third", "second", "first"):
        await switch(name)
    stop.set()
    await asyncio.gather(*asking)
    assert set(answered) == {"first", "second", "third"}


async def test_rolling_back_brings_the_old_version_back(engine: Engine, tmp_path: Path) -> None:
    make_version(tmp_path / "data" / "weights" / "second")
    await engine.promote("second")
    assert (await engine.rollback()).name == "first"
    assert (await engine.continue_melody(Request())).request.version == "first"
    assert {version.name for version in await engine.versions()} == {"first", "second"}


async def test_a_check_goes_before_requests_and_tells_the_load(
    registry: Registry, barrier: Barrier
) -> None:
    engine = Engine(registry, 1, stages=STAGES)
    await engine.start()
    assert engine.load() == (1, 1, 0, 0)
    texts = (f"hold {barrier}", "c4", "c4")
    asked = [asyncio.create_task(engine.continue_melody(Request(text=text))) for text in texts]
    await until(lambda: engine.load() == (1, 1, 2, 1))
    checking = asyncio.create_task(engine.check())
    await until(lambda: engine._workers.waiting == 1)
    barrier.lift()
    await checking
    assert not any(task.done() for task in asked)
    await asyncio.gather(*asked)
    await engine.close()
    assert engine.load().alive == 0
    with pytest.raises(EngineFailed, match="closed"):
        await engine.check()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="signals of POSIX")
async def test_a_worker_that_does_not_answer_the_check_is_replaced(registry: Registry) -> None:
    quick = STAGES._replace(check=Job("engine.workers.child:ready", seconds=0.5))
    engine = Engine(registry, 1, stages=quick)
    await engine.start()
    (stuck,) = engine._workers.pids
    os.kill(stuck, signal.SIGSTOP)
    with pytest.raises(EngineFailed, match="timeout"):
        await engine.check()
    await until(lambda: engine.load().alive == 1)
    await engine.close()
    assert gone(stuck)


async def test_an_engine_that_did_not_start_is_closed_without_another_error(
    registry: Registry,
) -> None:
    engine = Engine(registry, 1, stages=STAGES._replace(prepare=Job(f"{_HERE}:leave")))
    with pytest.raises(EngineFailed, match="crashed"):
        await engine.start()
    await engine.close()
    await engine.close()
