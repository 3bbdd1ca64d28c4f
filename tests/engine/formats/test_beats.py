from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.recordings import play, right
from engine.codes import format_codes, parse_codes
from engine.famous import famous
from engine.formats.beats import FEWEST, MOST, find_beat
from engine.formats.reading import read_file
from tests.engine.formats.bytes_of import chunk, header, meta, meter, played

if TYPE_CHECKING:
    from engine.music import Melody

HALF = Fraction(1, 2)
BUTTERFLY = "g8 e8 e4 f8 d8 d4 c8 d8 e8 f8 g8 g8 g4 g8 e8 e8 e8 f8 d8 d4 c8 e8 g8 g8 c4"
ROW = "c4. c4. c4 d8 e4. e4 d8 e4 f8 g2. c'8 c'8 c'8 g8 g8 g8 e8 e8 e8 c8 c8 c8 g4 f8 e4 d8 c2."


def performed(
    codes: str, tempo: float, seed: int
) -> tuple[Melody, list[tuple[Fraction, Fraction]]]:
    melody = parse_codes(codes).melody
    return melody, play(melody, tempo, 0.015, 0.015, np.random.default_rng(seed))


def recording(melody: Melody, heard: list[tuple[Fraction, Fraction]], extra: bytes = b"") -> bytes:
    """Write what was played as programs do in which nobody chose anything: 120, 4/4, C major."""
    notes = [
        (int(begin * 960), int(end * 960), note.pitch)
        for (begin, end), note in zip(heard, melody.notes, strict=True)
    ]
    content = meter(4, 2) + meta(0x59, b"\x00\x00") + extra + played(notes)
    return header(0) + chunk(content)


def intervals(onsets: list[Fraction]) -> list[Fraction]:
    return [after - before for before, after in pairwise(onsets)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("tempo", [66, 84, 97])
def test_a_tune_played_freely_comes_back_as_it_is_written(tempo: float, seed: int) -> None:
    melody, taken = read_file(recording(*performed(BUTTERFLY, tempo, seed)), "a.mid")
    assert format_codes(melody) == format_codes(parse_codes(BUTTERFLY).melody)
    assert melody.tempo == taken.tempo == pytest.approx(tempo, rel=0.08)
    assert melody.meter is None
    assert taken.shifted == 0


def test_beats_in_three_become_dotted_quarters() -> None:
    written, heard = performed(ROW, 150, 1)
    melody, _ = read_file(recording(written, heard), "a.mid")
    assert [note.onset for note in melody.notes] == [note.onset for note in written.notes]


def test_most_famous_tunes_come_back() -> None:
    shares = []
    for number, tune in enumerate(famous().values()):
        melody, heard = performed(tune.opening, 70 + number, number)
        beat = find_beat(heard, HALF)
        if beat is not None:
            places = [begin for begin, _ in beat.places]
            shares.append(right(places, [note.onset * 4 for note in melody.notes]))
    assert len(shares) > 25
    assert np.mean(shares) > 0.9


@pytest.mark.parametrize("swing", [False, True])
@pytest.mark.parametrize("late", [0.0, 0.01, 0.02])
def test_what_was_played_to_the_click_keeps_its_bars(late: float, *, swing: bool) -> None:
    codes = BUTTERFLY * 2
    if swing:
        codes = codes.replace("g8 e8", "g4t e8t").replace("f8 d8", "f4t d8t")
    written = parse_codes(codes).melody
    heard = play(written, 120, late, 0.0, np.random.default_rng(3))
    assert find_beat(heard, HALF) is None
    melody, taken = read_file(recording(written, heard), "a.mid")
    assert melody.meter is not None
    assert taken.tempo is None


def test_a_file_with_a_tempo_map_knows_its_beat() -> None:
    written, heard = performed(BUTTERFLY, 84, 1)
    changing = meta(0x51, b"\x07\xa1\x20") + meta(0x51, b"\x08\xa1\x20")
    assert read_file(recording(written, heard), "a.mid")[1].tempo is not None
    assert read_file(recording(written, heard, changing), "a.mid")[1].tempo is None


def test_a_long_pause_is_no_count_of_beats() -> None:
    melody, heard = performed(BUTTERFLY, 84, 2)
    later = [
        (a + (90 if i > 12 else 0), b + (90 if i > 12 else 0)) for i, (a, b) in enumerate(heard)
    ]
    beat = find_beat(later, HALF)
    assert beat is not None
    onsets = [begin for begin, _ in beat.places]
    written = [note.onset * 4 for note in melody.notes]
    assert intervals(onsets[:13]) == intervals(written[:13])
    assert intervals(onsets[13:]) == intervals(written[13:])
    assert onsets[13] - onsets[12] <= 8


def test_few_or_very_many_notes_tell_no_beat() -> None:
    random = np.random.default_rng(1)
    begins = np.cumsum(random.uniform(0.2, 0.9, MOST + 1))
    notes = [(Fraction(round(x * 960), 960), Fraction(round(x * 960) + 99, 960)) for x in begins]
    assert find_beat(notes[: FEWEST - 1], HALF) is None
    assert find_beat(notes, HALF) is None
    assert find_beat(notes[:MOST], HALF) is not None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 9_000)), min_size=FEWEST, max_size=30),
    st.integers(1, 4_000_000),
)
def test_any_playing_gives_rising_places(steps: list[tuple[int, int]], microseconds: int) -> None:
    time, notes = 0, []
    for step, length in steps:
        time += max(1, step)
        notes.append((Fraction(time, 1000), Fraction(time + length, 1000)))
    beat = find_beat(notes, Fraction(microseconds, 1_000_000))
    if beat is not None:
        begins = [begin for begin, _ in beat.places]
        assert begins[0] == 0
        assert all(a < b for a, b in pairwise(begins))
        assert all(begin < end for begin, end in beat.places)
        assert 20 <= beat.tempo <= 400
