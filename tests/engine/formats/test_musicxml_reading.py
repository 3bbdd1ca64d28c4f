from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import music21
import pytest

from engine.errors import BadFile
from engine.formats.abc import write_abc
from engine.formats.guard import MAX_XML
from engine.formats.midi import write_midi
from engine.formats.musicxml import write_musicxml
from engine.formats.reading import read_file
from engine.music import Key, Melody, Meter, Note
from engine.request import Taken

Q = Fraction(1, 4)
ATTRIBUTES = (
    "<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths>{mode}</key>"
    "<time><beats>3</beats><beat-type>4</beat-type></time>{more}</attributes>"
)


def note(pitch: str, duration: int, extra: str = "", before: str = "") -> str:
    alter = {"#": 1, "b": -1}.get(pitch[1:2], 0)
    return (
        f"<note>{before}<pitch><step>{pitch[0]}</step><alter>{alter}</alter>"
        f"<octave>{pitch[-1]}</octave></pitch><duration>{duration}</duration>{extra}</note>"
    )


def measures(*contents: str) -> list[str]:
    return [f'<measure number="{i}">{content}</measure>' for i, content in enumerate(contents)]


def score(*contents: str, fifths: int = 0, mode: str = "", more: str = "", head: str = "") -> bytes:
    first = ATTRIBUTES.format(fifths=fifths, mode=mode, more=more) + contents[0]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<score-partwise version="3.1">'
        "<work><work-title>나비야</work-title></work><part-list>"
        '<score-part id="P1"><part-name>Flute</part-name><midi-instrument id="i">'
        "<midi-program>74</midi-program></midi-instrument></score-part></part-list>"
        f'<part id="P1">{"".join(measures(first, *contents[1:]))}</part></score-partwise>'
    ).encode()


PLAIN = score(
    '<direction><sound tempo="88"/></direction>' + note("G4", 2),
    note("C5", 4, '<tie type="start"/>') + note("E4", 4, before="<chord/>") + note("D5", 2),
    "<note><grace/><pitch><step>E</step><octave>5</octave></pitch></note>"
    + note("B4", 2) + "<note><rest/><duration>2</duration></note>" + note("C5", 2),
    mode="<mode>major</mode>",
)  # fmt: skip


def read(data: bytes, name: str = "tune.musicxml") -> tuple[Melody, Taken]:
    return read_file(data, name)


def reason(data: bytes, name: str = "tune.musicxml") -> str:
    with pytest.raises(BadFile) as caught:
        read_file(data, name)
    return caught.value.reason


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_whole_tune() -> None:
    melody, taken = read(PLAIN)
    assert [(n.pitch, n.onset, n.duration) for n in melody.notes] == [
        (67, 0, Q),
        (72, Q, 2 * Q),
        (74, 3 * Q, Q),
        (71, 4 * Q, Q),
        (72, 6 * Q, Q),
    ]
    assert (melody.meter, melody.pickup, melody.key) == (Meter(3, 4), Q, Key())
    assert (melody.tempo, melody.program, melody.title) == (88, 73, "나비야")
    assert taken == Taken("musicxml", name="Flute", chords=True)


def test_ties_become_one_note() -> None:
    data = score(note("C5", 6, '<tie type="start"/>'), note("C5", 4, '<tie type="stop"/>'))
    assert [n.duration for n in read(data)[0].notes] == [5 * Q]


def test_transposing_instruments_sound() -> None:
    more = "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic></transpose>"
    data = score(note("F#5", 2) + note("D5", 2) + note("C#5", 2), fifths=2, more=more,
                 mode="<mode>major</mode>")  # fmt: skip
    melody, _ = read(data)
    assert [(n.pitch, n.alter) for n in melody.notes] == [(76, 0), (72, 0), (71, 0)]
    assert melody.key == Key(0)
    horn = "<transpose><chromatic>-7</chromatic><octave-change>-1</octave-change></transpose>"
    melody, _ = read(score(note("G5", 6), fifths=0, more=horn))
    assert melody.notes[0].pitch == 60
    assert (melody.key, melody.signature) == (None, -1)


def test_spelling_is_kept() -> None:
    melody, _ = read(score(note("D#5", 2) + note("Eb5", 2) + note("B#4", 2)))
    assert [(n.pitch, n.alter) for n in melody.notes] == [(75, 1), (75, -1), (72, 1)]


def test_a_signature_without_a_mode_leaves_the_key_open() -> None:
    minor = score(note("A4", 2) + note("C5", 2) + note("E5", 2), note("G#4", 2) + note("A4", 4))
    melody, _ = read(minor)
    assert (melody.key, melody.signature) == (None, 0)


def test_timewise_scores() -> None:
    inner = "".join(
        f'<measure number="{i}"><part id="P1">{content}</part></measure>'
        for i, content in enumerate(
            [ATTRIBUTES.format(fifths=0, mode="", more="") + note("C5", 6), note("D5", 6)]
        )
    )
    data = (
        '<score-timewise><part-list><score-part id="P1"><part-name/></score-part></part-list>'
        f"{inner}</score-timewise>"
    ).encode()
    assert [n.pitch for n in read(data)[0].notes] == [72, 74]


def test_compressed_scores() -> None:
    container = b'<container><rootfiles><rootfile full-path="a/s.xml"/></rootfiles></container>'
    both = packed({"META-INF/container.xml": container, "other.xml": b"<x/>", "a/s.xml": PLAIN})
    assert read(both, "tune.mxl") == read(PLAIN)
    assert read(packed({"s.musicxml": PLAIN}), "tune.mxl") == read(PLAIN)
    wide = PLAIN.decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert read(wide, "a.xml") == read(PLAIN)


def test_hostile_xml_is_refused() -> None:
    bomb = (
        '<!DOCTYPE score-partwise [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
        + "]>"
    )
    assert reason(score(note("C5", 6), head=bomb)) == "broken"
    outside = '<!DOCTYPE score-partwise [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert reason(score(note("C5", 6), head=outside)) == "broken"
    deep = b"<score-partwise>" + b"<a>" * 100_000
    assert reason(deep) == "broken"
    closed = b"<score-partwise>" + b"<a>" * 200 + b"</a>" * 200 + b"</score-partwise>"
    assert reason(closed) == "broken"
    wide = b"<score-partwise>" + b"<a/>" * 700_000 + b"</score-partwise>"
    assert reason(wide) == "broken"


def test_the_usual_document_type_is_taken() -> None:
    usual = (
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 3.1 Partwise//EN" '
        '"http://www.musicxml.org/dtds/partwise.dtd">'
    )
    assert read(score(note("C5", 6), head=usual))[0].notes[0].pitch == 72


def test_hostile_archives_are_refused() -> None:
    zeros = packed({"s.xml": b"<a>" + b" " * (MAX_XML + 10)})
    assert len(zeros) < 100_000
    assert reason(zeros, "a.mxl") == "broken"
    assert reason(packed({"readme.txt": b"hello"}), "a.mxl") == "broken"
    assert reason(packed({f"{i}.txt": b"" for i in range(1_500)}), "a.mxl") == "broken"
    assert reason(packed({"s.xml": PLAIN})[:-30], "a.mxl") == "broken"
    assert reason(b"PK\x03\x04" + bytes(range(100)), "a.mxl") == "broken"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.replace(b"<divisions>2<", b"<divisions>0<"),
        PLAIN.replace(b"<duration>4<", b"<duration>99999999<", 1),
        PLAIN.replace(b"<duration>4<", b"<duration>nan<", 1),
        PLAIN.replace(b"<duration>4<", b"<duration>1e999999999<", 1),
        PLAIN.replace(b"<divisions>2<", b"<divisions>1e-999999999<"),
        PLAIN.replace(b"<octave>4<", b"<octave>" + b"9" * 5_000 + b"<", 1),
        PLAIN.replace(b"<duration>4<", b"<duration>-4<", 1),
        PLAIN[:-60],
    ],
)
def test_damaged_scores(data: bytes) -> None:
    assert reason(data) == "broken"


def test_odd_meters_are_left_out() -> None:
    data = PLAIN.replace(b"<beats>3<", b"<beats>997<")
    assert read(data)[0].meter is None


def test_other_xml_and_silence() -> None:
    assert reason(b"<html><body/></html>", "a.html") == "format"
    assert reason(b"<svg/>", "a.xml") == "format"
    assert reason(b"<a", "page.html") == "format"
    assert reason(score("<note><rest/><duration>6</duration></note>")) == "empty"
    drum = "<note><unpitched/><duration>6</duration></note>"
    assert reason(score(drum)) == "drums"


def test_bars_that_hold_too_little_or_are_split() -> None:
    bar = note("C5", 2) + note("D5", 2) + note("E5", 2)
    melody, _ = read(score(bar, note("G5", 4), bar))  # a rest was left out
    assert [n.onset for n in melody.notes] == [0, Q, 2 * Q, 3 * Q, 6 * Q, 7 * Q, 8 * Q]
    melody, _ = read(score(bar, note("G5", 4), note("A5", 2), bar))  # halves around a repeat
    assert [n.onset for n in melody.notes][3:6] == [3 * Q, 5 * Q, 6 * Q]


def test_voices_chords_and_staves() -> None:
    back = "<backup><duration>6</duration></backup>"
    low = note("C3", 2, "<staff>2</staff>") * 3
    inner = note("E4", 6, "<voice>2</voice><staff>1</staff>")
    top = note("C5", 2) + note("D5", 2) + note("E5", 2)
    melody, taken = read(score(top + back + inner + back + low, low + back + top))
    assert [n.pitch for n in melody.notes] == [72, 74, 76, 72, 74, 76]
    assert (taken.tracks, taken.track, taken.chords) == (2, 1, True)


def test_long_scores_are_cut() -> None:
    bars = [note("C5", 2) + note("D5", 2) + note("E5", 2)] * 7_000
    melody, taken = read(score(*bars))
    assert len(melody.notes) == 5_000
    assert taken.cut == 16_000


def test_of_a_long_score_only_the_part_with_the_tune_is_read_in_whole() -> None:
    bar = "".join(note(pitch, 1) for pitch in ("C5", "E5", "D5", "F5", "E5", "D5"))
    low = "".join(note(pitch, 1) for pitch in ("C2", "C2", "G2", "G2", "C2", "C2"))
    first = ATTRIBUTES.format(fifths=2, mode="", more="")
    parts = [("Bass", low)] * 9 + [("Melody", bar), ("Bass", low)]
    listed = "".join(
        f'<score-part id="{i}"><part-name>{name}</part-name></score-part>'
        for i, (name, _) in enumerate(parts)
    )
    played = "".join(
        f'<part id="{i}">{"".join(measures(first + music, *[music] * 299))}</part>'
        for i, (_, music) in enumerate(parts)
    )
    data = f"<score-partwise><part-list>{listed}</part-list>{played}</score-partwise>".encode()
    melody, taken = read(data)
    assert (len(melody.notes), taken.tracks, taken.track, taken.cut) == (1_800, 11, 10, 0)
    assert (taken.name, melody.meter, melody.notes[-1].end) == ("Melody", Meter(3, 4), 300 * 3 * Q)
    assert melody.signature == 2


def test_chords_across_two_staves() -> None:
    low, high = "<staff>2</staff>", "<staff>1</staff>"
    data = score(note("C3", 4, low) + note("E5", 4, high, "<chord/>") + note("D5", 2, high))
    assert [(n.pitch, n.onset) for n in read(data)[0].notes] == [(76, 0), (74, 2 * Q)]


# Our own writers and the scores that music21 brings along

TUNE = Melody(
    tuple(
        Note(Fraction(i, 8) + Q, Fraction(1, 8), pitch)
        for i, pitch in enumerate([62, 66, 69, 74, 73, 71, 69, 67, 66, 64])
    ),
    meter=Meter(3, 4),
    pickup=Q,
    key=Key(2),
    tempo=96.0,
    length=Fraction(7, 4),
)


def test_our_own_files_come_back() -> None:
    for data, name in (
        (write_musicxml(TUNE, Q).encode(), "a.musicxml"),
        (write_abc(TUNE, Q).encode(), "a.abc"),
        (write_midi(TUNE, Q), "a.mid"),
    ):
        melody, _ = read_file(data, name)
        onsets = [n.onset - melody.pickup for n in melody.notes]
        assert onsets == [n.onset - TUNE.pickup for n in TUNE.notes]
        assert [(n.duration, n.pitch) for n in melody.notes] == [
            (n.duration, n.pitch) for n in TUNE.notes
        ]
        assert (melody.meter, melody.key, melody.tempo) == (TUNE.meter, TUNE.key, TUNE.tempo)


@pytest.mark.parametrize("name", ["bwv66.6.mxl", "bwv269.mxl", "bwv347.mxl", "bwv227.1.mxl"])
def test_the_soprano_of_a_chorale(name: str) -> None:
    path = Path(music21.__file__).parent / "corpus" / "bach" / name
    melody, taken = read_file(path.read_bytes(), name)
    assert taken.name == "Soprano"
    source: Any = music21.converter.parse(path)
    from_midi, again = read_file(
        music21.midi.translate.streamToMidiFile(source).writestr(), "a.mid"
    )
    assert again.name == "Soprano"
    # music21 plays the repeats, we read the score as printed: the first notes must agree.
    head = [(n.pitch, n.duration) for n in melody.notes[:16]]
    assert [(n.pitch, n.duration) for n in from_midi.notes[:16]] == head
    soprano = source.parts["Soprano"].flatten().notes
    assert [n.pitch.midi for n in soprano if n.tie is None][:8] == [p for p, _ in head[:8]]
