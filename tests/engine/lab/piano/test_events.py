from __future__ import annotations

from fractions import Fraction

import pytest

from engine.lab.piano.events import (
    FIELDS,
    START,
    UNKNOWN,
    Event,
    Piece,
    Vocabulary,
    kept,
    normal_order,
    pieces_from,
    pitches_of,
    sound,
    tokens,
)


def event(onset: str, length: str, *pitches: int) -> Event:
    return Event(Fraction(onset), Fraction(length), pitches)


PIECE = Piece(
    "p",
    (
        event("4", "1", 48, 60, 64, 67),
        event("5", "1/3", 65),
        event("16/3", "1/3", 41, 62),
        event("17/3", "4/3", 43, 59, 62, 67),
    ),
)


def test_a_note_is_its_pitch_and_a_chord_its_classes() -> None:
    assert [sound((60,)), sound((58,)), sound((21,)), sound((66,))] == ["C4", "B-3", "A0", "F#4"]
    assert sound((48, 60, 64, 67)) == "0.4.7"
    assert sound((60, 72)) == "0"


def test_normal_order_is_music21s() -> None:
    chord = pytest.importorskip("music21.chord")
    for classes in ((0, 4, 7), (2, 5, 7, 11), (0, 3, 6, 9), (11, 0, 1), (0, 4, 8), (7, 9, 0, 2)):
        ours = normal_order(classes)
        theirs = chord.Chord(list(classes)).normalOrder
        spread = [(each - ours[0]) % 12 for each in ours]
        assert sorted(ours) == sorted(theirs)
        assert spread[-1] == (theirs[-1] - theirs[0]) % 12


@pytest.mark.parametrize("pitch", range(21, 109))
def test_every_key_of_the_piano_comes_back(pitch: int) -> None:
    assert pitches_of(sound((pitch,))) == (pitch,)


def test_a_chord_lies_between_its_bass_and_its_top() -> None:
    assert pitches_of("0.4.7", 48, 67) == (48, 64, 67)
    assert pitches_of("0.4.7", 52, 72) == (52, 67, 72)
    assert pitches_of("0.4.7", 60) == (60, 64, 67)
    for bass in range(21, 80):
        for top in range(bass, 109, 5):
            made = pitches_of("2.5.7.11", bass, top)
            assert list(made) == sorted(set(made))
            assert {pitch % 12 for pitch in made} == {2, 5, 7, 11}
            assert made[0] >= bass - 6


def test_the_notes_words_lose_time_and_octaves_and_ours_do_not() -> None:
    ours = kept(PIECE, FIELDS)
    theirs = kept(PIECE, ("sound",))
    assert ours["onset"] == ours["length"] == 1.0
    assert ours["pitch"] > theirs["pitch"]
    assert theirs["onset"] < 0.6
    assert theirs["all"] < ours["all"]


def test_words_come_back_as_events() -> None:
    back = pieces_from(tokens(PIECE))
    assert [each.onset for each in back.events] == [each.onset - 4 for each in PIECE.events]
    assert [each.length for each in back.events] == [each.length for each in PIECE.events]
    assert back.events[1].pitches == (65,)


def test_a_vocabulary_knows_its_words_and_admits_the_others() -> None:
    words = Vocabulary.of([PIECE])
    encoded = words.encode(PIECE)
    assert all((row > START).all() for row in encoded.values())
    other = words.encode(Piece("q", (event("0", "7", 30),)))
    assert other["sound"].tolist() == [UNKNOWN]
    again = Vocabulary.from_json(words.to_json())
    assert again == words
    decoded = again.decode({name: row.tolist() for name, row in encoded.items()})
    assert decoded.events == pieces_from(tokens(PIECE)).events


def test_a_transposed_piece_stays_on_the_piano() -> None:
    high = Piece("h", (event("0", "1", 21, 108),))
    for move in range(-5, 7):
        assert all(21 <= pitch <= 108 for pitch in high.moved(move).events[0].pitches)
