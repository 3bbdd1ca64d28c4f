from __future__ import annotations

import numpy as np
import pytest

from engine.features import WHOLE
from engine.music import Key
from engine.rules import Rules

TIMES = (0, 12, 24, 48, 72, 96, 144, 192)
EIGHT = 8 * WHOLE


def rules(begin: int = 0, end: int = EIGHT, pickup: int = 0, key: Key | None = None) -> Rules:
    return Rules(
        TIMES,
        key or Key(),
        [60, 64, 67, 72],
        bar=WHOLE,
        beat=48,
        begin=begin,
        end=end,
        pickup=pickup,
    )


def liked(made: Rules, end: int) -> set[int]:
    leaning = made.pitches([64], end)
    plain = made.pitches([64], 12)
    return {int(pitch) % 12 for pitch in np.flatnonzero(leaning > plain)}


def test_a_half_cadence_stands_in_the_middle() -> None:
    assert liked(rules(), EIGHT // 2) == {2, 7, 11}
    assert liked(rules(), 2 * WHOLE) == set()
    assert liked(rules(key=Key(0, "mixolydian")), EIGHT // 2) == {
        (step + 7) % 12 for step in (2, 7, 10)
    }


def test_sixteen_bars_have_two_halves_with_a_half_cadence_each() -> None:
    made = rules(end=2 * EIGHT)
    ends = [bar for bar in range(1, 16) if liked(made, bar * WHOLE)]
    assert ends == [4, 12]


def test_phrases_count_from_the_end_and_leave_room_for_the_pickup() -> None:
    made = rules(begin=2 * WHOLE + 24, end=10 * WHOLE, pickup=48)
    ends = [tick for tick in range(0, 10 * WHOLE, 12) if liked(made, tick)]
    assert ends == [6 * WHOLE - 48]


def test_longer_notes_end_phrases_and_none_sounds_across() -> None:
    made = rules()
    change = dict(zip(TIMES, made.breaths(EIGHT // 2 - 96), strict=True))
    assert change[96] > 0
    assert change[144] < 0
    assert change[48] == 0
    assert made.breaths(EIGHT // 2 - 24)[TIMES.index(24)] == 0
    inner = dict(zip(TIMES, made.breaths(2 * WHOLE - 96), strict=True))
    assert 0 < inner[96] < change[96]
    assert not made.breaths(2 * WHOLE + 12).any()
    assert not made.breaths(EIGHT - 96).any()


def test_tells_a_phrase_that_ends_on_a_long_note() -> None:
    made = rules()
    assert made.at_phrase_end(EIGHT // 2 - 48, 48)
    assert not made.at_phrase_end(EIGHT // 2 - 24, 24)
    assert not made.at_phrase_end(2 * WHOLE - 48, 48)


@pytest.mark.parametrize("end", [12, EIGHT // 2, EIGHT])
def test_a_banned_pitch_is_out_whatever_stands_against_it(end: int) -> None:
    made = rules()
    for banned in ({64}, {-3, 64, 130}, set(range(50, 90)), set(range(127))):
        leaning = made.pitches([64, 64, 64, 64], end, banned)
        left = set(np.flatnonzero(np.isfinite(leaning)).tolist())
        assert left
        assert not left & (banned | ({64} if len(banned) < 40 else set()))


def test_nothing_banned_changes_nothing() -> None:
    made = rules()
    assert made.pitches([64], 12, ()).tolist() == made.pitches([64], 12).tolist()
