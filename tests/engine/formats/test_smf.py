from __future__ import annotations

import random
from fractions import Fraction

import pytest

from engine.errors import BadFile, TooLong
from engine.formats.midi import write_midi
from engine.formats.reading import read_file
from engine.formats.smf import MAX_EVENTS, BadMidiError, read_song
from engine.formats.words import decode, title
from engine.music import Key, Melody, Meter, Note
from engine.request import MAX_FILE
from tests.engine.formats.bytes_of import chunk, header, meta, meter, number, played, steps

TUNE = [67, 64, 64, 65, 62, 62]


def pitches(data: bytes) -> list[int]:
    return [note.pitch for note in read_file(data, "tune.mid")[0].notes]


def reason(data: bytes, name: str = "tune.mid") -> str:
    with pytest.raises(BadFile) as caught:
        read_file(data, name)
    return caught.value.reason


def test_running_status_and_note_on_with_velocity_0() -> None:
    content = b"\x00\x90\x40\x50" + b"\x83\x60\x40\x00" + b"\x00\x43\x50" + b"\x83\x60\x43\x00"
    melody, _ = read_file(header() + chunk(content), "a.mid")
    assert [(n.onset, n.duration, n.pitch) for n in melody.notes] == [
        (0, Fraction(1, 4), 64),
        (Fraction(1, 4), Fraction(1, 4), 67),
    ]


@pytest.mark.parametrize(
    "between",
    [
        b"\x00\xf0\x05\x7e\x7f\x09\x01\xf7",  # sysex
        b"\x00\xf7\x02\xf3\x01",  # escape
        b"\x00\xff\x7f\x03\x01\x02\x03",  # sequencer's own
        b"\x00\xff\x01\x00",  # empty text
        b"\x00\xf8",  # a clock has no place in a file, but some have it
        b"\x00\xf2\x01\x02",
        b"\x00\xb0\x07\x64\x00\xe0\x00\x40\x00\xd0\x10\x00\xa0\x40\x10",
    ],
)
def test_other_events_are_stepped_over(between: bytes) -> None:
    first = played(steps(TUNE[:3]))
    rest = played(steps(TUNE[3:], start=1440), start=1440)
    assert pitches(header() + chunk(first + between + rest)) == TUNE


def test_running_status_goes_on_after_a_meta_event() -> None:
    content = b"\x00\x90\x40\x50\x83\x60\x40\x00\x00\xff\x01\x01a\x00\x43\x50\x83\x60\x43\x00"
    assert pitches(header() + chunk(content)) == [64, 67]


@pytest.mark.parametrize("length", [0, 5, 10_000, 0xFFFFFFFF])
def test_wrong_track_lengths(length: int) -> None:
    conductor = chunk(meta(0x51, b"\x07\xa1\x20"))
    music = chunk(played(steps(TUNE)), length)
    assert pitches(header(1, 2) + conductor + music) == TUNE
    assert pitches(header(1, 2) + music + chunk(meta(0x03, b"empty"))) == TUNE


def test_truncated_last_track_gives_what_is_there() -> None:
    data = header(1, 2) + chunk(meta(0x51, b"\x07\xa1\x20")) + chunk(played(steps(TUNE)))
    found = [pitches(data[:cut]) for cut in range(len(data) - 40, len(data))]
    assert all(TUNE[: len(part)] == part for part in found)
    assert len(found[-1]) == len(TUNE)
    assert len(found[0]) < len(TUNE)


def test_missing_end_of_track_and_missing_note_offs() -> None:
    content = b"".join(
        number(480 if i else 0) + bytes([0x90, pitch, 64]) for i, pitch in enumerate(TUNE)
    )
    melody, _ = read_file(header() + chunk(content, end=b""), "a.mid")
    assert [note.pitch for note in melody.notes] == TUNE
    assert all(note.duration == Fraction(1, 4) for note in melody.notes[:-1])


def test_overlapping_notes_of_one_pitch() -> None:
    # on, on, off, off: the first note ends at the second's start, the second at the last off.
    content = b"\x00\x90\x40\x50\x83\x60\x90\x40\x50\x14\x80\x40\x00\x83\x4c\x80\x40\x00"
    melody, _ = read_file(header() + chunk(content), "a.mid")
    assert [(n.onset, n.duration) for n in melody.notes] == [
        (0, Fraction(1, 4)),
        (Fraction(1, 4), Fraction(1, 4)),
    ]


def test_wrappings() -> None:
    plain = header() + chunk(played(steps(TUNE)))
    riff = b"RIFF" + (len(plain) + 12).to_bytes(4, "little") + b"RMIDdata"
    riff += len(plain).to_bytes(4, "little") + plain
    assert pitches(riff) == TUNE
    assert pitches(b"\x00" * 128 + plain) == TUNE  # MacBinary
    alien = b"XFIH\x00\x00\x00\x03abc"
    assert pitches(plain[:14] + alien + plain[14:]) == TUNE
    long_header = b"MThd\x00\x00\x00\x08" + plain[8:14] + b"\x00\x00" + plain[14:]
    assert pitches(long_header) == TUNE


def test_unknown_and_damaged_files() -> None:
    assert reason(b"") == "empty"
    assert reason(b"\x00" * 100) == "empty"
    assert reason(b"\x89PNG\r\n\x1a\n" + bytes(range(256))) == "format"
    assert reason(b"just words", "words.mid") == "format"
    assert reason(b"MThd") == "broken"
    assert reason(header(division=0) + chunk(played(steps(TUNE)))) == "broken"
    assert reason(header()) == "empty"
    assert reason(header() + chunk(b"")) == "empty"
    assert reason(header() + chunk(b"\xff\xff\xff\xff\xff\x90\x40\x50")) == "broken"
    assert reason(header() + chunk(b"\x00\x40\x50", end=b"")) == "broken"
    assert reason(header() + chunk(played(steps(TUNE), channel=9))) == "drums"


def test_damage_after_notes_keeps_the_notes() -> None:
    content = played(steps(TUNE)) + b"\x00\x90\xff\xff"
    assert pitches(header() + chunk(content)) == TUNE


def test_too_many_bytes() -> None:
    with pytest.raises(TooLong) as caught:
        read_file(header() + bytes(MAX_FILE), "a.mid")
    assert (caught.value.what, caught.value.limit) == ("bytes", MAX_FILE)


def test_a_megabyte_of_delta_bytes_ends() -> None:
    assert reason(header() + b"MTrk\x00\x10\x00\x00" + b"\xff" * (1 << 20)) == "broken"


def test_many_notes_are_cut_and_counted() -> None:
    data = header() + chunk(played(steps([60 + i % 12 for i in range(5_100)], 240)))
    melody, taken = read_file(data, "a.mid")
    assert len(melody.notes) == 5_000
    assert taken.cut == 100


def test_far_away_notes_do_not_break_the_limit_of_length() -> None:
    far = 0x0FFFFFFF
    content = played(steps(TUNE)) + number(far) + b"\x90\x40\x40" + number(far) + b"\x80\x40\x40"
    melody, taken = read_file(header(division=24) + chunk(content), "a.mid")
    assert [note.pitch for note in melody.notes] == TUNE
    assert taken.cut == 1
    late = number(far) + b"\x90\x40\x40" + number(96) + b"\x80\x40\x40"
    melody, _ = read_file(header(division=24) + chunk(late), "a.mid")
    assert melody.notes[0].onset < 1


def test_silence_of_millions_of_events_is_bounded() -> None:
    song = read_song(header() + chunk(b"\x00\xb0\x07\x40" + b"\x00\x07\x40" * (MAX_EVENTS + 50)))
    assert song.events == MAX_EVENTS


def test_thousands_of_voices_are_no_burden() -> None:
    note = b"".join(b"\x00" + bytes([0x90 | c, 60, 64, 10, 0x80 | c, 60, 0]) for c in range(9))
    data = header(1, 2_000) + chunk(note) * 2_000
    melody, taken = read_file(data, "a.mid")
    assert taken.tracks == 18_000
    assert [n.pitch for n in melody.notes] == [60]


def test_no_header_is_refused() -> None:
    with pytest.raises(BadMidiError):
        read_song(b"MTrk\x00\x00\x00\x00" + bytes(40))


def test_mutated_files_end_in_a_melody_or_a_reason() -> None:
    rng = random.Random(20_240)
    notes = tuple(Note(Fraction(i, 8), Fraction(1, 8), 60 + rng.randrange(20)) for i in range(24))
    melody = Melody(notes, Meter(4, 4), Fraction(1, 4), Key(1), 100.0)
    bases = [write_midi(melody, Fraction(1)), header(0) + chunk(meter(3, 2) + played(steps(TUNE)))]
    outcomes: dict[str, int] = {}
    for _ in range(3_000):
        data = bytearray(rng.choice(bases))
        for _ in range(rng.choice((1, 1, 2, 4, 8, 30))):
            place = rng.randrange(len(data))
            change = rng.randrange(5)
            if change == 0:
                data[place] = rng.randrange(256)
            elif change == 1:
                data[place] ^= 1 << rng.randrange(8)
            elif change == 2:
                del data[place : place + rng.randrange(1, 6)]
            elif change == 3:
                data[place:place] = rng.randbytes(rng.randrange(1, 6))
            elif rng.random() < 0.2:
                del data[place + 1 :]
            data = data or bytearray(b"M")
        try:
            found, taken = read_file(bytes(data), "a.mid")
        except BadFile as error:
            outcome: str = error.reason
        else:
            assert found.notes
            assert taken.format in {"midi", "abc"}
            outcome = "read"
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes["read"] > 1_000
    assert outcomes["broken"] > 100


@pytest.mark.parametrize("text", ["Melody", "멜로디", "Mélodie", "メロディ", "Für Elise", "나비야"])
def test_names_in_every_encoding(text: str) -> None:
    for encoding in ("utf-8", "cp949", "shift-jis", "cp1252"):
        try:
            data = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        if encoding == "cp949" and text == "メロディ":
            continue  # Japanese in a Korean encoding: nobody writes it
        assert decode(data) == text


def test_titles_that_programs_make_up_are_none() -> None:
    for made_up in ("", "Untitled", "Track 1", "tempo track", "Song.mid", "제목 없음", "  "):
        assert title(made_up) == ""
    assert title(" 나비야\n") == "나비야"
    assert len(title("x" * 500)) == 80
