from __future__ import annotations

import io
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import BadFile
from engine.formats.midi import write_midi
from engine.formats.reading import read_file
from engine.formats.smf import read_song
from engine.music import MODES, Key, Melody, Meter, Note
from tests.engine.formats.bytes_of import chunk, header, meta, meter, played, steps

if TYPE_CHECKING:
    from collections.abc import Callable

Q = Fraction(1, 4)
E = Fraction(1, 8)


def tune(*notes: tuple[int | None, Fraction], **rest: Any) -> Melody:
    time = Fraction(0)
    found = []
    for pitch, length in notes:
        if pitch is not None:
            found.append(Note(time, length, pitch))
        time += length
    return Melody(tuple(found), length=time, **rest)


NABI = tune((67, E), (64, E), (64, Q), (65, E), (62, E), (62, Q), meter=Meter(2, 4), key=Key())


def same(read: Melody, written: Melody) -> None:
    """Compare all that MIDI can hold; ``length`` None and the end of the last note are one."""
    assert replace(read, length=read.end) == replace(written, length=written.end)


@st.composite
def melodies(draw: st.DrawFn) -> Melody:
    straight = st.sampled_from([Fraction(n, 32) for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)])
    triplets = st.sampled_from([Fraction(1, 12), Fraction(1, 24), Fraction(1, 6)])
    lengths = st.one_of(straight, straight, triplets)
    metre = draw(st.sampled_from(["2/4", "3/4", "4/4", "6/8", "9/8", "5/4", "7/8", "2/2", None]))
    bar = Meter.parse(metre).bar if metre else Fraction(1)
    eighths = int(bar * 8)
    pickup = Fraction(draw(st.integers(0, eighths - 1)), 8) if metre else Fraction(0)
    time = Fraction(0)
    notes: list[Note] = []
    for _ in range(draw(st.integers(1, 24))):
        # The first bar is not silent: silent bars at the start are left out.
        if notes and draw(st.integers(0, 5)) == 0:
            time += draw(st.sampled_from([Q, E, Fraction(3, 8), Fraction(1)]))
        length = draw(lengths)
        notes.append(Note(time, length, draw(st.integers(36, 96))))
        time += length
    mode = draw(st.sampled_from(sorted(MODES)))
    key = Key(draw(st.integers(-7, 7)), mode)
    assume(key != Key() or len(notes) < 16)
    return Melody(
        tuple(notes),
        meter=Meter.parse(metre) if metre else None,
        pickup=pickup,
        key=draw(st.sampled_from([key, None])),
        tempo=draw(st.one_of(st.none(), st.integers(20, 400).map(float))),
        length=time + draw(st.sampled_from([Fraction(0), Q, Fraction(3, 2)])),
        program=draw(st.one_of(st.none(), st.integers(0, 31))),
        title=draw(st.sampled_from(["", "나비야", "Über allen Gipfeln", "A & B"])),
    )


@settings(max_examples=250, deadline=None)
@given(melodies(), st.integers(0, 24))
def test_round_trip(melody: Melody, place: int) -> None:
    split = melody.notes[place].onset if place < len(melody.notes) else None
    data = write_midi(melody, split)
    read, taken = read_file(data, "nabi.mid")
    assert not (read.assumed and melody.key)  # a file that names the key is ours
    same(replace(read, assumed=False), melody)
    assert taken.shifted == 0
    assert not taken.chords
    assert data == write_midi(melody, split)
    assert data == write_midi(read, split)


@pytest.mark.parametrize("pickup", [Fraction(1, 12), Fraction(1, 6), Fraction(1, 24)])
def test_pickups_that_no_time_signature_has_become_rests(pickup: Fraction) -> None:
    melody = tune((60, pickup), (64, Q), (65, Q), (67, Q), meter=Meter(3, 4), pickup=pickup)
    data = write_midi(melody)
    assert read_song(data).voices[0].notes[0].onset == round((Fraction(3, 4) - pickup) * 1920)
    same(read_file(data, "a.mid")[0], melody)


def test_modes_survive() -> None:
    melody = replace(NABI, key=Key(2, "dorian"))
    assert read_file(write_midi(melody), "a.mid")[0].key == Key(2, "dorian")


def test_tracks_marker_and_channels() -> None:
    song = read_song(write_midi(replace(NABI, program=73, title="나비야"), Fraction(1, 2)))
    assert [(v.name, v.channel, v.program) for v in song.voices] == [
        ("Nabi: primer", 0, 73),
        ("Nabi: continuation", 1, 73),
    ]
    assert song.names[0] == "나비야"
    assert [(m.tick, m.data) for m in song.marked(6, 0)] == [(960, b"continuation")]


def test_our_own_file_attached_again_is_one_tune() -> None:
    melody, taken = read_file(write_midi(NABI, Fraction(1, 2)), "nabi.mid")
    same(melody, NABI)
    assert (taken.tracks, taken.track, taken.name) == (1, 1, "Nabi")


def test_nothing_but_an_invented_tune_or_a_primer() -> None:
    same(read_file(write_midi(NABI, Fraction(0)), "a.mid")[0], NABI)
    same(read_file(write_midi(NABI, Fraction(9)), "a.mid")[0], NABI)
    with pytest.raises(BadFile):
        read_file(write_midi(Melody()), "a.mid")


def test_times_off_every_grid_are_written_in_order() -> None:
    third = Fraction(1, 7)
    melody = Melody(tuple(Note(i * third, third, 60) for i in range(20)))
    notes = read_song(write_midi(melody)).voices[0].notes
    assert len(notes) == 20
    assert all(a.end <= b.onset for a, b in pairwise(notes))


def test_extreme_tempo_is_written_within_24_bits() -> None:
    assert read_file(write_midi(replace(NABI, tempo=1.0)), "a.mid")[0].tempo == 20
    assert read_file(write_midi(replace(NABI, tempo=1000.0)), "a.mid")[0].tempo == 400


# Reading others' files


def read(content: bytes, *more: bytes, division: int = 480, kind: int = 1) -> Melody:
    tracks = [chunk(content), *(chunk(track) for track in more)]
    return read_file(header(kind, len(tracks), division) + b"".join(tracks), "a.mid")[0]


@pytest.mark.parametrize("division", [24, 48, 96, 100, 120, 192, 220, 256, 384, 960, 1024, 15360])
def test_divisions(division: int) -> None:
    notes = [(i * division, (i + 1) * division, 60 + i) for i in range(6)]
    notes += [
        (6 * division + i * division // 3, 6 * division + (i + 1) * division // 3, 70 + i)
        for i in range(3)
    ]
    melody = read(meter(4, 2) + played(notes), division=division)
    assert [n.duration for n in melody.notes] == [Q] * 6 + [Fraction(1, 12)] * 3
    assert melody.pickup == 0


@pytest.mark.parametrize(
    ("frames", "ticks", "per_second"),
    [(24, 80, 1920), (25, 40, 1000), (30, 80, 2400), (29, 100, Fraction(3_000_000, 1001))],
)
def test_smpte_divisions(frames: int, ticks: int, per_second: Fraction) -> None:
    division = (256 - frames) << 8 | ticks
    quarter = Fraction(per_second) / 2  # 120 quarter notes per minute where no tempo is named
    notes = [(round(i * quarter), round((i + 1) * quarter), 60 + i) for i in range(8)]
    melody = read(played(notes), division=division)
    assert [n.duration for n in melody.notes] == [Q] * 8
    slow = meta(0x51, (1_000_000).to_bytes(3, "big"))
    assert read(slow + played(notes), division=division).notes[0].duration == E


def test_type_0_splits_by_channel_and_type_2_takes_one_pattern() -> None:
    low = steps([36, 36, 43, 43], 960)
    high = steps([72, 74, 76, 77, 79, 77, 76, 74])
    both = played(low, 1)
    mixed = sorted([*((a, b, p, 1) for a, b, p in low), *((a, b, p, 0) for a, b, p in high)])
    events = sorted(
        [(a, 1, bytes([0x90 | c, p, 64])) for a, b, p, c in mixed]
        + [(b, 0, bytes([0x80 | c, p, 64])) for a, b, p, c in mixed],
        key=lambda event: event[:2],
    )
    content, time = b"", 0
    for tick, _, event in events:
        content += bytes([(tick - time) >> 7 | 128, (tick - time) & 127]) + event
        time = tick
    melody, taken = read_file(header(0) + chunk(content), "a.mid")
    assert [n.pitch for n in melody.notes] == [p for _, _, p in high]
    assert (taken.tracks, taken.track, taken.chords) == (2, 1, False)
    first = chunk(meter(3, 2) + both)
    second = chunk(meter(2, 2) + meta(0x51, b"\x0f\x42\x40") + played(high))
    melody, _ = read_file(header(2, 2) + first + second, "a.mid")
    assert [n.pitch for n in melody.notes] == [p for _, _, p in high]
    assert (melody.meter, melody.tempo) == (Meter(2, 4), 60)


@pytest.mark.parametrize(
    ("first", "rest", "pickup", "onset"),
    [
        (0, b"", 0, 0),  # starts on the bar line
        (1440, b"", Q, 0),  # last quarter of the first bar
        (1440 + 3840, b"", Q, 0),  # after silent bars
        (960, b"", Fraction(1, 2), 0),
        (480, b"", 0, Q),  # most of the bar is there: it begins with a rest
        (1680, b"", E, 0),
    ],
)
def test_pickup_from_a_late_start(
    first: int, rest: bytes, pickup: Fraction, onset: Fraction
) -> None:
    melody = read(meter(4, 2) + rest + played(steps(range(60, 68), 240, first)))
    assert (melody.pickup, melody.notes[0].onset) == (pickup, onset)


def test_pickup_from_a_short_first_bar() -> None:
    data = meter(1, 2) + meter(4, 2, 480)
    melody = read(data, played(steps(range(60, 69))))
    assert (melody.meter, melody.pickup) == (Meter(4, 4), Q)
    assert [n.onset for n in melody.notes[:2]] == [0, Q]


def test_count_in_bar_and_meter_changes() -> None:
    counted = read(meter(4, 2) + meter(3, 2, 1920), played(steps(range(60, 69), start=1920)))
    assert counted.meter == Meter(3, 4)
    assert counted.pickup == counted.notes[0].onset == 0
    changing = read(meter(3, 2) + meter(4, 2, 5760), played(steps(range(60, 90))))
    assert changing.meter == Meter(3, 4)


def test_four_quarters_may_be_there_because_nobody_chose() -> None:
    tune = played(steps(range(60, 70)))
    assert read(meter(4, 2) + tune).assumed
    assert read(meter(4, 2), meter(4, 2) + tune).assumed
    assert not read(tune).assumed
    assert not read(meter(3, 2) + tune).assumed
    assert not read(meter(3, 2) + meter(4, 2, 1440) + tune).assumed
    ours = replace(read(tune), meter=Meter(4, 4), key=Key())
    assert not read_file(write_midi(ours), "a.mid")[0].assumed


def test_no_meter_no_bars() -> None:
    melody = read(played(steps(range(60, 66), 240, 480 * 5 + 240)))
    assert melody.meter is None
    assert melody.pickup == 0
    assert melody.notes[0].onset == E


@pytest.mark.parametrize("signature", [b"\x09\x00", b"\x00\x02", b"\x80\x00", b"\x00", b""])
def test_nonsense_key_signatures(signature: bytes) -> None:
    assert read(meta(0x59, signature) + played(steps(range(60, 66)))).key is None


@pytest.mark.parametrize(
    ("event", "key", "signature"),
    [
        (b"\x02\x00", None, 2),
        (b"\xfd\x01", Key(-3, "minor"), None),
        (b"\xf9\x00", None, -7),
        (b"\x00\x00", None, 0),
    ],
)
def test_key_signatures(event: bytes, key: Key | None, signature: int | None) -> None:
    """Programs write "major" whatever the mode, but not "minor"."""
    melody = read(meta(0x59, event) + played(steps([60, 62, 64])))
    assert (melody.key, melody.signature) == (key, signature)


@pytest.mark.parametrize("fifths", range(-7, 8))
@pytest.mark.parametrize("mode", MODES)
def test_our_own_files_tell_the_key(fifths: int, mode: str) -> None:
    melody = replace(read(played(steps([60, 62, 64]))), key=Key(fifths, mode))
    assert read_file(write_midi(melody), "a.mid")[0].key == Key(fifths, mode)


@pytest.mark.parametrize("beats", [b"\x00\x02\x18\x08", b"\x04\x09\x18\x08", b"\x04", b"\xff\x02"])
def test_nonsense_meters(beats: bytes) -> None:
    assert read(meta(0x58, beats) + played(steps([60, 62, 64]))).meter is None


def test_tempo_is_round_and_in_range() -> None:
    def tempo(microseconds: int) -> float | None:
        content = meta(0x51, microseconds.to_bytes(3, "big")) + played(steps([60, 62]))
        return read(content).tempo

    assert tempo(652_174) == 92
    assert tempo(0) is None
    assert tempo(1) == 400
    assert tempo(0xFFFFFF) == 20
    assert read(played(steps([60]))).tempo is None


def test_tempo_and_key_in_force_at_the_first_note() -> None:
    conductor = (
        meta(0x51, b"\x07\xa1\x20")
        + meta(0x59, b"\x00\x00")
        + meta(0x51, b"\x0f\x42\x40", 1920)
        + meta(0x59, b"\x01\x00")
        + meta(0x51, b"\x07\xa1\x20", 3840)
    )
    melody = read(conductor, played(steps([67, 69, 71], start=1920)))
    assert (melody.tempo, melody.signature) == (60, 1)


def test_trailing_rests_within_the_last_bar() -> None:
    content = meter(4, 2) + played(steps([60, 62, 64]))
    to_bar = header() + b"MTrk" + (len(content) + 5).to_bytes(4, "big") + content
    assert read_file(to_bar + b"\x83\x60\xff\x2f\x00", "a.mid")[0].end == 1
    far = header() + b"MTrk" + (len(content) + 5).to_bytes(4, "big") + content
    assert read_file(far + b"\xbe\x00\xff\x2f\x00", "a.mid")[0].end == Fraction(3, 4)
    tick = header() + b"MTrk" + (len(content) + 4).to_bytes(4, "big") + content
    assert read_file(tick + b"\x01\xff\x2f\x00", "a.mid")[0].end == Fraction(3, 4)


def test_track_name_program_and_drums_are_told() -> None:
    melody, taken = read_file(
        header(1, 3)
        + chunk(meta(0x03, "반주".encode("cp949")) + played(steps([48, 50, 52, 53]), 0))
        + chunk(
            b"\x00\xc1\x49" + meta(0x03, "멜로디".encode()) + played(steps([60, 62, 64, 65]), 1)
        )
        + chunk(played(steps([36, 38, 36, 38]), 9)),
        "a.mid",
    )
    assert (melody.program, melody.notes[0].pitch) == (73, 60)
    assert (taken.tracks, taken.track, taken.name, taken.drums) == (3, 2, "멜로디", True)


# What other programs read in our files


def _by_music21(data: bytes) -> list[tuple[float, int]]:
    from music21 import converter  # noqa: PLC0415 # slow to import

    score: Any = converter.parseData(data, format="midi")
    return sorted((float(n.offset), n.pitch.midi) for n in score.flatten().notes)


def _by_pretty_midi(data: bytes) -> list[tuple[float, int]]:
    import pretty_midi  # noqa: PLC0415 # slow to import

    song = pretty_midi.PrettyMIDI(io.BytesIO(data))
    notes = [note for instrument in song.instruments for note in instrument.notes]
    return sorted((round(song.time_to_tick(n.start) / 480, 6), n.pitch) for n in notes)


@pytest.mark.parametrize("reader", [_by_music21, _by_pretty_midi])
def test_other_programs_read_our_files(
    reader: Callable[[bytes], list[tuple[float, int]]],
) -> None:
    melody = tune(
        (67, Q), (64, E), (65, E), (62, Q), (None, Q), (60, Fraction(3, 8)), (62, E),
        meter=Meter(3, 4), key=Key(-2, "minor"), pickup=Q, tempo=100.0, program=73,
    )  # fmt: skip
    expected = [(float(note.onset * 4), note.pitch) for note in melody.notes]
    assert reader(write_midi(melody, Fraction(3, 4))) == expected
