from __future__ import annotations

import random
from fractions import Fraction

import pytest

from engine.formats.choose import choose_voice, top_line
from engine.formats.smf import Played, Voice

QUARTER = Fraction(480)
TUNE = [67, 69, 71, 72, 74, 72, 71, 69, 67, 64, 67, 72, 76, 74, 72, 71]
LOW = [43, 50, 43, 50, 45, 52, 45, 52, 43, 50, 43, 50, 38, 45, 43, 50]


def line(pitches: list[int], ticks: int = 480, start: int = 0) -> list[Played]:
    return [
        Played(start + i * ticks, start + (i + 1) * ticks, pitch) for i, pitch in enumerate(pitches)
    ]


def voice(
    notes: list[Played], name: str = "", program: int | None = None, channel: int = 0
) -> Voice:
    ordered = sorted(notes, key=lambda note: (note.onset, -note.pitch))
    return Voice(0, channel, name, program, ordered[-1].end, ordered)


def chosen(*voices: Voice) -> int:
    choice = choose_voice(voices)
    assert choice is not None
    return choice.track


def triads(ticks: int = 1920) -> list[Played]:
    return [
        Played(i * ticks, (i + 1) * ticks, root + step)
        for i, root in enumerate([48, 53, 55, 48])
        for step in (0, 4, 7)
    ]


@pytest.mark.parametrize(
    "name",
    ["Melody", "melody_1", "Lead Vocal", "Vox", "Soprano", "멜로디", "보컬", "노래", "主旋律",
     "メロディー", "Gesang", "Lead", "Right Hand", "오른손", "Violin I", "Flute"],
)  # fmt: skip
def test_names_of_tunes(name: str) -> None:
    """The named voice wins against a second one an octave higher that plays the same."""
    upper = voice(line([pitch + 12 for pitch in TUNE]))
    if name in {"Violin I", "Flute"}:
        upper = voice(line([pitch + 4 for pitch in TUNE]), "Harmony")
    assert chosen(upper, voice(line(TUNE), name)) == 2


@pytest.mark.parametrize(
    "name",
    ["Bass", "Chords", "Accompaniment", "Backing Vocals", "Strings", "Pad", "반주", "베이스",
     "Left Hand", "왼손", "Rhythm Guitar", "Alto", "伴奏"],
)  # fmt: skip
def test_names_of_accompaniments(name: str) -> None:
    assert chosen(voice(line(TUNE), name), voice(line([p - 5 for p in TUNE]), "Track 2")) == 2


def test_bassoon_is_no_bass() -> None:
    assert chosen(voice(line(LOW), "Bass"), voice(line([p - 12 for p in TUNE]), "Bassoon")) == 2


@pytest.mark.parametrize("order", [1, -1])
def test_unnamed_hands_bass_and_chords(order: int) -> None:
    def place(*voices: Voice) -> int:
        return chosen(*voices[::order]) if order > 0 else len(voices) + 1 - chosen(*voices[::order])

    tune = voice(line(TUNE))
    assert place(tune, voice(line(LOW))) == 1
    assert place(tune, voice(triads())) == 1
    high_pad = [note._replace(pitch=note.pitch + 36) for note in triads()]
    assert place(tune, voice(high_pad), voice(line(LOW), program=33)) == 1


def test_a_short_high_fill_is_not_the_tune() -> None:
    fill = voice(line([84, 86, 88, 89], 120, 7000))
    assert chosen(fill, voice(line(TUNE)), voice(line(LOW))) == 2


def test_drums_are_never_the_tune() -> None:
    drums = voice(line([36, 38] * 8), "Melody", channel=9)
    assert chosen(drums, voice(line(LOW))) == 2
    assert choose_voice([drums]) is None
    assert choose_voice([]) is None


def test_voices_that_follow_each_other_are_one_tune() -> None:
    first, second = line(TUNE), line(TUNE[::-1], start=480 * 16)
    choice = choose_voice([voice(first, "Flute 1", 73), voice(second, "Flute 2", 73)])
    assert choice is not None
    assert (choice.tracks, choice.track, choice.voice.name) == (1, 1, "Flute")
    assert choice.voice.notes == first + second
    apart = choose_voice([voice(first, "Flute", 73), voice(second, "Bass", 33)])
    assert apart is not None
    assert apart.voice.notes == first


def test_one_voice_stays_as_it_is() -> None:
    notes = line(TUNE)
    assert top_line(notes, QUARTER) == (notes, False)


def test_legato_overlaps_are_trimmed() -> None:
    notes = [note._replace(end=note.end + 60) for note in line(TUNE)]
    found, chords = top_line(notes, QUARTER)
    assert found == [*line(TUNE)[:-1], notes[-1]]
    assert not chords


def test_heavy_pedal_like_overlaps_of_a_descending_line() -> None:
    notes = [note._replace(end=note.end + 200) for note in line([79, 77, 76, 74, 72, 71, 69, 67])]
    assert [note.pitch for note in top_line(notes, QUARTER)[0]] == [79, 77, 76, 74, 72, 71, 69, 67]


@pytest.mark.parametrize("seed", range(4))
def test_rolled_chords_give_their_top_note(seed: int) -> None:
    rng = random.Random(seed)
    notes = [
        Played(note.onset + rng.randrange(20), note.end - 30, note.pitch - below)
        for note in line(TUNE)
        for below in (0, 4, 9)
    ]
    notes.sort(key=lambda note: (note.onset, -note.pitch))
    found, chords = top_line(notes, QUARTER)
    assert [note.pitch for note in found] == TUNE
    assert chords


@pytest.mark.parametrize("below", ["held", "alberti", "after"])
def test_two_hands_in_one_voice(below: str) -> None:
    tune = line(TUNE)
    if below == "held":
        hand = triads()
    elif below == "alberti":
        hand = line([48, 55, 52, 55] * 8, 240)
    else:  # chords on the off-beats, also while the tune is silent
        tune = [note for i, note in enumerate(tune) if i % 4 != 3]
        hand = [
            Played(i * 480 + 240, i * 480 + 480, 40 + step) for i in range(16) for step in (0, 4, 7)
        ]
    notes = sorted(tune + hand, key=lambda note: (note.onset, -note.pitch))
    found, chords = top_line(notes, QUARTER)
    assert [(n.onset, n.pitch) for n in found] == [(n.onset, n.pitch) for n in tune]
    assert chords


def test_a_dip_below_the_hands_border_is_kept() -> None:
    pitches = [67, 69, 71, 72, 74, 72, 67, 62, 58, 62, 67, 72, 76, 74, 72, 71]
    notes = sorted(line(pitches) + line([36, 43] * 8), key=lambda n: (n.onset, -n.pitch))
    assert [note.pitch for note in top_line(notes, QUARTER)[0]] == pitches
