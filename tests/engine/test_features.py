from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.features import (
    LAGS,
    MAX_BARS_LEFT,
    METERS,
    NO_PITCH,
    Frame,
    Tracker,
    columns,
    meter_class,
)
from engine.music import Meter

TIMES = (0, 12, 24, 48)
NAMES = [column.name for column in columns(len(TIMES), 8)]


def seen(tracker: Tracker) -> dict[str, int]:
    return dict(zip(NAMES, tracker.row(), strict=True))


events = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 400), st.integers(0, 127)), max_size=30
)
frames = st.builds(
    Frame,
    tonic=st.integers(0, 11),
    meter=st.integers(0, len(METERS) - 1),
    bar=st.sampled_from((0, 36, 96, 144, 192, 768)),
    style=st.integers(0, 7),
    end=st.one_of(st.none(), st.integers(0, 20000)),
)


@given(frames, events)
def test_every_feature_stays_in_its_range(frame: Frame, notes: list[tuple[int, int, int]]) -> None:
    tracker = Tracker(frame, TIMES)
    sizes = [column.size for column in columns(len(TIMES), 8)]
    time = 0
    for gap, duration, pitch in notes:
        for value, size in zip(tracker.row(), sizes, strict=True):
            assert 0 <= value < size
        tracker.push(time + gap, duration, pitch)
        time += gap + duration
    assert len(tracker.row()) == len(sizes)


def test_look_back_reads_the_bars_before() -> None:
    tracker = Tracker(Frame(0, bar=96), TIMES)
    for bar in range(9):
        for half in range(2):
            tracker.push(bar * 96 + half * 48, 48, 60 + bar + 20 * half)
    pitches, durations = tracker.look_back(9 * 96)
    assert pitches == tuple(60 + 9 - lag for lag in LAGS)
    assert durations == (4,) * 4
    pitches, durations = tracker.look_back(9 * 96 + 12)
    assert pitches == tuple(60 + 9 - lag for lag in LAGS)
    assert durations == (0,) * 4
    assert tracker.look_back(96 + 48)[0] == (80, NO_PITCH, NO_PITCH, NO_PITCH)


@given(frames, events, st.integers(0, 30))
def test_a_fork_goes_its_own_way(frame: Frame, notes: list[tuple[int, int, int]], at: int) -> None:
    one, two = Tracker(frame, TIMES), None
    time = 0
    for index, (gap, duration, pitch) in enumerate(notes):
        if index == at:
            two = one.fork()
            before = two.row()
        one.push(time + gap, duration, pitch)
        time += gap + duration
    if two is not None:
        assert two.row() == before


def test_bars_left_count_down() -> None:
    tracker = Tracker(Frame(0, bar=96, end=4 * 96), TIMES)
    assert seen(tracker)["bars_left"] == 4
    tracker.push(0, 48, 60)
    assert seen(tracker)["bars_left"] == 4
    tracker.push(48, 48, 60)
    assert seen(tracker)["bars_left"] == 3
    far = Tracker(Frame(0, bar=96, end=99 * 96), TIMES)
    assert seen(far)["bars_left"] == MAX_BARS_LEFT
    assert seen(Tracker(Frame(0, bar=96), TIMES))["bars_left"] == 0


def test_repeats_are_noticed() -> None:
    tracker = Tracker(Frame(0, bar=96), TIMES)
    tracker.push(0, 96, 60)
    tracker.push(96, 96, 60)
    assert seen(tracker)["repeats_1_bars_ago"] == 1
    assert seen(tracker)["repeats_2_bars_ago"] == 2
    tracker.push(192, 96, 62)
    assert seen(tracker)["repeats_1_bars_ago"] == 0


def test_meters_have_numbers() -> None:
    assert meter_class(None) == 0
    assert meter_class(Meter(13, 16)) == 1
    assert METERS[meter_class(Meter(6, 8))] == "6/8"
