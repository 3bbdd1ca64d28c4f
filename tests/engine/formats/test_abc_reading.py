from __future__ import annotations

import random
from fractions import Fraction

import pytest

from engine.errors import BadFile
from engine.formats.abc_reading import read_abc
from engine.formats.abc_tidy import is_abc
from engine.formats.reading import read_file
from engine.music import Key, Melody, Meter

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nK:C\n"
E = Fraction(1, 8)


def read(text: str) -> Melody:
    return read_file(text.encode(), "tune.abc")[0]


Sung = list[tuple[int, Fraction | int]]


def notes(music: str, head: str = HEAD) -> Sung:
    """Give pitches and lengths in eighths."""
    return [(note.pitch, note.duration * 8) for note in read(head + music + "\n").notes]


def test_a_whole_tune() -> None:
    melody = read(
        "%abc-2.1\nX: 7\nT:Speed the Plough\nT:second title\nC:trad. % who knows\n"
        "M:4/4\nL:1/8\nQ:1/4=112\n%%MIDI program 73\nK:Gmaj\nd2|:GABc dedB|dedB dedB:|\n"
        "w: la la\n\nX:8\nK:C\nC\n"
    )
    assert (melody.title, melody.meter, melody.key) == ("Speed the Plough", Meter(4, 4), Key(1))
    assert (melody.tempo, melody.program, melody.pickup) == (112, 73, Fraction(1, 4))
    assert len(melody.notes) == 17
    assert melody.notes[1].onset == Fraction(1, 4)
    assert melody.notes[0].alter == 0


@pytest.mark.parametrize(
    ("music", "expected"),
    [
        ("C, c c' =c", [(48, 1), (72, 1), (84, 1), (72, 1)]),
        ("c2 c/ c// c3/2 c/4", [(72, 2), (72, Fraction(1, 2)), (72, Fraction(1, 4)),
                                (72, Fraction(3, 2)), (72, Fraction(1, 4))]),
        ("^c c|c", [(73, 1), (73, 1), (72, 1)]),
        ("^^c __d =e", [(74, 1), (72, 1), (76, 1)]),
        ("c>d e<f", [(72, Fraction(3, 2)), (74, Fraction(1, 2)), (76, Fraction(1, 2)),
                     (77, Fraction(3, 2))]),
        (".c>.d", [(72, Fraction(3, 2)), (74, Fraction(1, 2))]),
        ("c>>d", [(72, Fraction(7, 4)), (74, Fraction(1, 4))]),
        ("(3cde f", [(72, Fraction(2, 3)), (74, Fraction(2, 3)), (76, Fraction(2, 3)), (77, 1)]),
        ("(3:2:2c2d e", [(72, Fraction(4, 3)), (74, Fraction(2, 3)), (76, 1)]),
        ("c-c d2-|d", [(72, 2), (74, 3)]),
        ("[CEG]2 [c2e2]", [(67, 2), (76, 2)]),
        ('"Am"c "^text|"d {ga}e !trill!f uTg (ab)', [(72, 1), (74, 1), (76, 1), (77, 1), (79, 1),
                                                     (81, 1), (83, 1)]),
        ("c y3 d`e", [(72, 1), (74, 1), (76, 1)]),
        ("c d & C D |e", [(72, 1), (74, 1), (76, 1)]),
        ("c|1 d :|2 e |]", [(72, 1), (74, 1), (76, 1)]),
        ("c [K:D] f [L:1/4] c", [(72, 1), (78, 1), (73, 2)]),
        ("c99999", [(72, 256)]),
        ("^c C [ce] c|c", [(73, 1), (61, 1), (76, 1), (73, 1), (72, 1)]),
        ("[^ce] c|", [(76, 1), (73, 1)]),
        ("^c2-|c2 c|", [(73, 4), (72, 1)]),
        ("[ce]2-|[ce]2 d", [(76, 4), (74, 1)]),
        ("c>d>e f", [(72, Fraction(3, 2)), (74, Fraction(1, 2)), (76, 1), (77, 1)]),
        ("c3//c// d", [(72, Fraction(3, 4)), (72, Fraction(1, 4)), (74, 1)]),
    ],
)  # fmt: skip
def test_music(music: str, expected: Sung) -> None:
    assert notes(music) == expected


def test_rests_of_all_kinds() -> None:
    melody = read(HEAD + "c z c x2 c|Z2|c8|\n")
    assert [note.onset * 8 for note in melody.notes] == [0, 2, 5, 22]


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("G", Key(1)), ("Am", Key(0, "minor")), ("A minor", Key(0, "minor")), ("Bb", Key(-2)),
        ("F#m", Key(3, "minor")), ("Ador", Key(1, "dorian")),
        ("D Mixolydian", Key(1, "mixolydian")),
        ("Gm clef=treble", Key(-2, "minor")), ("none", None), ("", None), ("clef=bass", None),
        ("HP", Key(2, "mixolydian")),
    ],
)  # fmt: skip
def test_keys(field: str, key: Key | None) -> None:
    assert read(f"X:1\nM:4/4\nK:{field}\nABcd|\n").key == key


def test_key_with_accidentals_and_clefs_that_move() -> None:
    assert notes("f c", "X:1\nL:1/8\nK:D =c\n") == [(78, 1), (72, 1)]
    assert notes("c", "X:1\nL:1/8\nK:C clef=treble-8\n") == [(60, 1)]
    assert notes("c", "X:1\nL:1/8\nK:C octave=-1\n") == [(60, 1)]


@pytest.mark.parametrize(
    ("field", "tempo"),
    [("1/4=120", 120), ("3/8=80", 120), ('"Allegro" 1/2=60', 120), ("90", 90), ("1/4=0", None),
     ('"Allegro"', None), ("1/4=9999", 400), ("1/0=100", 50)],
)  # fmt: skip
def test_tempos(field: str, tempo: float | None) -> None:
    assert read(f"X:1\nM:4/4\nL:1/8\nQ:{field}\nK:C\nABcd|\n").tempo == tempo


@pytest.mark.parametrize(
    ("field", "meter"),
    [("C", Meter(4, 4)), ("C|", Meter(2, 2)), ("6/8", Meter(6, 8)), ("(2+3)/8", Meter(5, 8)),
     ("none", None), ("4/5", None), ("99/4", None), ("0/4", None)],
)  # fmt: skip
def test_meters(field: str, meter: Meter | None) -> None:
    assert read(f"X:1\nM:{field}\nL:1/8\nK:C\nABcdefga|c|\n").meter == meter


def test_unit_length_follows_the_meter() -> None:
    assert notes("c", "X:1\nM:2/4\nK:C\n") == [(72, Fraction(1, 2))]
    assert notes("c", "X:1\nM:3/4\nK:C\n") == [(72, 1)]


def test_voices_that_take_turns() -> None:
    music = (
        'V:1 name="Bass"\nV:2 name="Melody"\nK:C\n'
        "[V:1] C,4|\n[V:2] cdef|\n[V:1] G,4|\n[V:2] gabc'|\n"
    )
    melody, taken = read_file(("X:1\nM:2/4\nL:1/8\n" + music).encode(), "a.abc")
    assert [note.pitch for note in melody.notes] == [72, 74, 76, 77, 79, 81, 83, 84]
    assert (taken.tracks, taken.track, taken.name) == (2, 2, "Melody")


def test_fragments_without_a_header() -> None:
    assert [pitch for pitch, _ in notes("GABc d2|", "")] == [67, 69, 71, 72, 74]


def test_prose_and_silence() -> None:
    for text, reason in [
        ("This file is no music, it is only words with many letters.", "broken"),
        ("X:1\nK:C\nz4|z4|\n", "empty"),
        ("X:1\nK:C\n", "empty"),
    ]:
        with pytest.raises(BadFile) as caught:
            read(text)
        assert caught.value.reason == reason
    assert not is_abc("hello\nK:C")


def test_nothing_is_included_and_everything_is_bounded() -> None:
    assert notes("%%include /etc/passwd\nc|") == [(72, 1)]
    melody, taken = read_abc(HEAD + "c" * 30_000 + "|\n", "a.abc")
    assert len(melody.notes) == 5_000
    assert taken.cut == 25_000
    assert notes("(" * 10_000 + "[" * 10_000 + "c" + "'" * 10_000 + "| c|") == [(72, 1)]
    assert read(HEAD + "Z9999|" * 500 + "c|").notes[0].onset == 0


@pytest.mark.parametrize(
    "hostile",
    [
        "{" * 300_000, '"' + "a" * 300_000, "[K:" * 100_000, "!" + "a" * 300_000, "+a" * 100_000,
        "[" + "C" * 15_000 + "]" + "-" * 300_000, "[" + "C" * 15_000 + "]" + "> " * 150_000,
        "[CE]-" * 15_000,
        "".join(f"c/{n}" for n in range(9_999, 999, -1)),
        "\n" * 300_000, " \t" * 100_000 + "X:", "y" + "9" * 300_000,
    ],
)  # fmt: skip
def test_hostile_text_takes_no_time(hostile: str) -> None:
    try:
        first = read(HEAD + "c|\n" + hostile + "\nd|\n").notes[0].pitch
    except BadFile as error:
        first = {"broken": 72}[error.reason]  # more letters than notes
    assert first == 72


def test_mutated_tunes_end_in_a_melody_or_a_reason() -> None:
    rng = random.Random(11)
    base = (
        HEAD + 'V:1\nV:2\nV:1\nA|[ce]>d (3efg {g}a2 z|"Am"!trill!a4-a|:b/2c\'//[M:3/4] A,,3/2:|'
        "[1 Z2|[2 x4||\nV:2\nA,|E,F,\n"
    )
    outcomes: dict[str, int] = {}
    for _ in range(1_500):
        text = list(base)
        for _ in range(rng.choice((1, 2, 4, 8))):
            place = rng.randrange(len(text))
            if rng.random() < 0.4:
                del text[place : place + rng.randrange(1, 20)]
            else:
                text[place:place] = rng.choice("0123456789[]{}()|:<>/\"ABKLMV^_=,'-&\n")
        try:
            melody, _ = read_file("".join(text).encode(), "a.abc")
            outcome = "read"
            assert melody.notes
        except BadFile as error:
            outcome = error.reason
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    assert outcomes["read"] > 1_000
