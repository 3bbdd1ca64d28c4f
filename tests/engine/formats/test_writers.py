"""LilyPond, ABC and MusicXML files: read back by other programs, and by eye."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from engine.codes import parse_codes
from engine.formats.abc import write_abc
from engine.formats.lilypond import write_lilypond
from engine.formats.musicxml import write_musicxml
from engine.music import MODES, Key, Melody, Meter, Note
from engine.notation import GRID, spell, write_bars

if TYPE_CHECKING:
    from pathlib import Path

Tune = list[tuple[Fraction, Fraction, int]]
"""Onset and duration in whole notes, and pitch."""

HOSTILE = [
    'quote " and \\ backslash \\" both',
    "} #(system \"id\") % $ & <script>alert('x')</script> ]]>",
    "line\nbreak\r\nK:G\nT:two\x00\x0b\ud800\u2028",
    "나비야 ♭♯ 🎵 \u202etxet",
    "%%abc-include x",
    "|: four bars :|",
    "",
]


def tune(codes: str, **more: Any) -> Melody:
    return replace(parse_codes(codes).melody, **more)


def kinds(melody: Melody) -> Tune:
    return [(note.onset, note.duration, note.pitch) for note in melody.notes]


NABI = tune(
    "g8 | e8 e4 f#8 | d8 bb4 c8t d8t e8t | g4.~ g16 a16 c'8 c,4 | r1 | g4t a4t b4t g8 r8 "
    "c#''16 d8 c16 c2~ c2 r8 f##4 f8 fb8",
    meter=Meter(2, 4),
    pickup=Fraction(1, 8),
    key=Key(3, "minor"),
    tempo=96.4,
    title="나비야",
    program=40,
)
SPLIT = Fraction(9, 8)

READ = (Phase.explicit, Phase.reuse, Phase.generate)
"""Phases of tests that read with music21: too slow for shrinking."""


@st.composite
def melodies(draw: st.DrawFn) -> Melody:
    """Draw tunes of ordinary rhythms; odder ones are a matter for the notation's own tests."""
    lengths = st.sampled_from((8, 12, 16, 16, 16, 24, 32, 36, 48, 64, 72, 96, 120, 240))
    notes = []
    time = 0
    for _ in range(draw(st.integers(1, 10))):
        time += draw(st.sampled_from((0, 0, 0, 24, 48)))
        length = draw(lengths)
        pitch = draw(st.integers(24, 100))
        alters = [a for a in (-1, 0, 1) if (pitch - a) % 12 in (0, 2, 4, 5, 7, 9, 11)]
        notes.append(
            Note(
                time * GRID,
                length * GRID,
                pitch,
                draw(st.one_of(st.none(), st.sampled_from(alters))),
            )
        )
        time += length
    meter = draw(st.sampled_from((Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(2, 2), Meter(5, 8))))
    return Melody(
        tuple(notes),
        meter=meter,
        pickup=draw(st.sampled_from((0, 24, 48))) * GRID,
        key=Key(draw(st.integers(-7, 7)), draw(st.sampled_from(sorted(MODES)))),
        tempo=float(draw(st.integers(20, 400))),
        title=draw(st.text(max_size=30)),
    )


def read_by_music21(text: str, form: str) -> tuple[Tune, Any]:
    """Read a file with music21 and give its notes and its score."""
    from music21 import converter  # noqa: PLC0415  # a second to import

    score: Any = converter.parseData(text, format=form)
    tune: Tune = []
    for note in score.flatten().notes:
        onset, length = Fraction(note.offset) / 4, Fraction(note.quarterLength) / 4
        if note.tie is not None and note.tie.type != "start":
            assert tune[-1][2] == note.pitch.midi
            assert tune[-1][0] + tune[-1][1] == onset
            tune[-1] = (tune[-1][0], tune[-1][1] + length, tune[-1][2])
        else:
            tune.append((onset, length, note.pitch.midi))
    return tune, score


_LILY = re.compile(
    r"(?P<open>\\tuplet 3/2 \{)|(?P<close>\})|R1\*(?P<bar>[\d/]+)"
    r"|(?P<step>[a-gr])(?P<alter>(?:is|es)*)(?P<octave>[',]*)(?P<base>\d+)(?P<dots>\.*)(?P<tie>~?)"
)


def read_lilypond(text: str) -> Tune:
    """Read the notes of the subset of LilyPond that we write."""
    body = text.partition("melody = {\n")[2].partition('\\bar "|."')[0]
    lines = [line.split("%")[0] for line in body.split("\n") if "|" in line]
    notes: Tune = []
    time, scale, tied = Fraction(0), Fraction(1), False
    for match in _LILY.finditer(" ".join(lines).replace("\\newMusic", "")):
        if match["open"] or match["close"]:
            scale = Fraction(2, 3) if match["open"] else Fraction(1)
            continue
        if match["bar"]:
            time += Fraction(match["bar"])
            continue
        dots = len(match["dots"])
        length = Fraction(2 ** (dots + 1) - 1, int(match["base"]) * 2**dots) * scale
        if match["step"] != "r":
            semitone = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}[match["step"]]
            alter = match["alter"].count("is") - match["alter"].count("es")
            octaves = match["octave"].count("'") - match["octave"].count(",")
            pitch = 48 + semitone + alter + 12 * octaves
            if tied:
                assert notes[-1][2] == pitch
                notes[-1] = (notes[-1][0], notes[-1][1] + length, pitch)
            else:
                notes.append((time, length, pitch))
        tied = bool(match["tie"])
        time += length
    return notes


@settings(max_examples=100, deadline=None)
@given(melodies())
def test_lilypond_holds_the_tune(melody: Melody) -> None:
    assert read_lilypond(write_lilypond(melody, Fraction(1))) == kinds(melody)


@settings(max_examples=40, deadline=None, phases=READ)
@given(melodies())
def test_musicxml_is_read_back_by_music21(melody: Melody) -> None:
    notes, score = read_by_music21(write_musicxml(melody, Fraction(1)), "musicxml")
    assert notes == kinds(melody)
    assert melody.key is not None
    key = score.flatten().getElementsByClass("KeySignature")[0]
    assert key.sharps == melody.key.fifths
    time = score.flatten().getElementsByClass("TimeSignature")[0]
    assert time.ratioString == str(melody.meter)
    assert score.flatten().getElementsByClass("MetronomeMark")[0].number == melody.tempo
    spelled = [
        (note.pitch.step.lower(), note.pitch.octave, round(note.pitch.alter))
        for note in score.flatten().notes
        if note.tie is None or note.tie.type == "start"
    ]
    expected = []
    for note in melody.notes:
        alter = melody.key.alter_of(note.pitch) if note.alter is None else note.alter
        expected.append((*spell(note.pitch, alter), alter))
    assert spelled == expected


@settings(max_examples=40, deadline=None, phases=READ)
@given(melodies())
def test_abc_is_read_back_by_music21(melody: Melody) -> None:
    assert melody.key is not None
    known = melody.key.mode != "locrian" and "K:Fb" not in write_abc(melody, None)
    melody = melody if known else replace(melody, key=Key())
    notes, score = read_by_music21(write_abc(melody, Fraction(1)), "abc")
    assert [note[1:] for note in notes] == [note[1:] for note in kinds(melody)]
    assert melody.meter is not None
    time = score.flatten().getElementsByClass("TimeSignature")[0]
    assert time.ratioString == str(melody.meter)


def test_abc_by_eye() -> None:
    assert write_abc(NABI, SPLIT, "solfege").split("\n")[:16] == [
        "%abc-2.1",
        "X:1",
        "T:나비야",
        "M:2/4",
        "L:1/8",
        "Q:1/4=96",
        "%%MIDI program 40",
        "K:F#m",
        "=G | E E2 F | D _B2 (3:2:2=CD/2- |",
        "w: 솔8 미8 미4 파#8 레8 시b4 도8t 레16t‿",
        "% continuation",
        '(3:2:2D/2"^»"E =G3- | =G/2A/2=c =C,2 | z4 | z4 |',
        "w: 레16t 미8t 솔4.‿ 솔16 라16 도'8 도,4",
        "(3=G2 A2 B2 | =G z c'/2D=C/2 | =C4- | =C4 |",
        "w: 솔4t 라4t 시4t 솔8 도#''16 레8 도16 도2‿ 도2",
        "z ^^F2 =F | _F z z2 |]",
    ]


def test_lilypond_by_eye() -> None:
    text = write_lilypond(NABI, SPLIT)
    for line in (
        '\\version "2.24.0"',
        '  title = "나비야"',
        "  \\key fis \\minor",
        "  \\time 2/4",
        "  \\tempo 4 = 96",
        "  \\partial 1*1/8",
        "  e'8 e'4 fis'8 |  % 1",
        "  d'8 bes'4 \\tuplet 3/2 { c'8[ d'16~] } |  % 2",
        "  \\tuplet 3/2 { d'16[ \\newMusic e'8] } g'4.~ |  % 3",
        "  R1*1/2 |  % 5",
        "  \\tuplet 3/2 { g'4 a'4 b'4 } |  % 7",
        "  \\addlyrics { \\codes }",
    ):
        assert line in text.split("\n")
    assert text.count("\\newMusic ") == 1
    assert '"d16t" \\override LyricText.color = \\newColor "e8t"' in text


def test_musicxml_colours_the_continuation_and_prints_codes() -> None:
    root = ET.fromstring(write_musicxml(NABI, SPLIT, "solfege"))
    notes = [note for note in root.iter("note") if note.find("pitch") is not None]
    bars = write_bars(NABI, SPLIT)
    symbols = [s for bar in bars for s in bar.symbols if s.pitch is not None]
    assert [note.get("color") == "#1565C0" for note in notes] == [s.new for s in symbols]
    assert [note.findtext("lyric/text") for note in notes][:4] == ["솔8", "미8", "미4", "파#8"]
    first = root.find("part/measure")
    assert first is not None
    assert (first.get("number"), first.get("implicit")) == ("0", "yes")
    assert root.findtext("part-list/score-part/midi-instrument/midi-program") == "41"
    for measure, bar in zip(root.iter("measure"), bars, strict=True):
        total = sum(int(note.findtext("duration") or 0) for note in measure.iter("note"))
        assert Fraction(total, 192) == bar.length
    starts = [t for t in root.iter("tuplet") if t.get("type") == "start"]
    stops = [t for t in root.iter("tuplet") if t.get("type") == "stop"]
    assert len(starts) == len(stops) == 3


def test_musicxml_beams_and_accidentals() -> None:
    melody = tune("c8. f#16 f#8 f16 f16 f4~ f4 f#8~ f#8", meter=Meter(2, 4))
    notes = list(ET.fromstring(write_musicxml(melody, None)).iter("note"))
    beams = [{b.get("number"): b.text for b in note.iter("beam")} for note in notes]
    assert beams[:5] == [
        {"1": "begin"},
        {"1": "end", "2": "backward hook"},
        {"1": "begin"},
        {"1": "continue", "2": "begin"},
        {"1": "end", "2": "end"},
    ]
    accidentals = [note.findtext("accidental") for note in notes]
    assert accidentals[:5] == [None, "sharp", None, "natural", None]
    assert len(notes) == 8


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_stay_titles(title: str) -> None:
    melody = replace(NABI, title=title)
    shown = " ".join("".join(c if c.isprintable() else " " for c in title).split())

    root = ET.fromstring(write_musicxml(melody, SPLIT).encode())
    assert root.findtext("work/work-title") == (shown or None)

    abc = write_abc(melody, SPLIT)
    assert [line[:2] for line in abc.split("\n")[1:4]] == ["X:", "T:", "M:"]
    assert re.search(r"(?<!\\)%", abc.split("\n")[2]) is None
    assert read_by_music21(abc, "abc")[0][0][2] == 67

    lilypond = write_lilypond(melody, SPLIT)
    quoted = re.search(r'^  title = "((?:[^"\\\n]|\\.)*)"$', lilypond, re.MULTILINE)
    if shown:
        assert quoted is not None
        assert re.sub(r"\\(.)", r"\1", quoted[1]) == shown
    assert read_lilypond(lilypond) == kinds(melody)
    lilypond.encode()


def test_an_empty_melody_is_a_bar_of_rest() -> None:
    melody = Melody(meter=Meter(3, 4), pickup=Fraction(1, 4))
    assert "  R1*3/4 |  % 1" in write_lilypond(melody, None)
    assert "z6 |]" in write_abc(melody, None)
    rest = ET.fromstring(write_musicxml(melody, None)).find("part/measure/note/rest")
    assert rest is not None
    assert rest.get("measure") == "yes"


def test_low_tunes_stand_in_the_bass_clef() -> None:
    melody = tune("c,,4 e,,4 g,,4 c,2")
    assert '\\clef "bass"' in write_lilypond(melody, None)
    assert ET.fromstring(write_musicxml(melody, None)).findtext(".//clef/sign") == "F"


@pytest.mark.parametrize("mode", sorted(MODES))
@pytest.mark.parametrize("fifths", [-7, -1, 0, 2, 7])
def test_every_key_is_named(fifths: int, mode: str) -> None:
    melody = replace(NABI, key=Key(fifths, mode))
    abc = write_abc(melody, None)
    if mode != "locrian" and not re.search("^K:Fb", abc, re.MULTILINE):  # unknown to music21
        key = read_by_music21(abc, "abc")[1].flatten().getElementsByClass("KeySignature")[0]
        assert key.sharps == fifths
    named = re.search(r"\\key ([a-g])((?:is|es)*) \\([a-z]+)", write_lilypond(melody, None))
    assert named is not None
    step, alters, named_mode = named.groups()
    sign = "#" * alters.count("is") + "b" * alters.count("es")
    if len(sign) < 2:
        assert Key.parse(f"{step}{sign} {named_mode}") == Key(fifths, mode)


@pytest.mark.skipif(shutil.which("lilypond") is None, reason="LilyPond is not installed")
@pytest.mark.slow
@pytest.mark.parametrize("title", ["", *HOSTILE[:2]])
def test_lilypond_compiles(title: str, tmp_path: Path) -> None:
    melody = replace(NABI, title=title, key=Key(-7, "locrian" if title else "minor"))
    source = tmp_path / "tune.ly"
    source.write_text(write_lilypond(melody, SPLIT, "solfege"), encoding="utf-8")
    run = subprocess.run(
        ["lilypond", "--loglevel=WARNING", "--svg", "-o", "tune", "tune.ly"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0
    complaints = re.findall(r"^tune\.ly:.*", run.stderr, re.MULTILINE)  # fonts are not our matter
    assert complaints == []
    assert (tmp_path / "tune.svg").exists()
    from engine.formats.midi import read_midi  # noqa: PLC0415  # only here

    played = next(iter(tmp_path.glob("tune.mid*"))).read_bytes()
    assert [n.pitch for n in read_midi(played, "tune.mid")[0].notes] == [
        note.pitch for note in melody.notes
    ]
