from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.lab.piano.reading import bundled, files_in, read_all, read_piece
from engine.lab.piano.staves import draw, musicxml, name_of, signature, write_midi
from tests.engine.lab.piano.midi import chorale, fill

if TYPE_CHECKING:
    from pathlib import Path

music21 = pytest.importorskip("music21")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    piece = chorale(3)
    path = tmp_path / "a.mid"
    path.write_bytes(write_midi(piece))
    read = read_piece(path)
    assert read.events == piece.events


@pytest.mark.slow
def test_a_folder_is_read_once_and_broken_files_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    fill(folder / "deep", 2)
    (folder / "broken.MID").write_bytes(b"MThd\0\0\0\6\0\1\0\1\1\xe0MTrk\0\0\xff\xff\0")
    (folder / "notes.txt").write_text("g8 e8", encoding="utf-8")
    told: list[str] = []
    paths = files_in(folder)
    assert len(paths) == 3
    pieces = read_all(paths, tmp_path / "cache", told.append)
    assert [piece.name for piece in pieces] == ["piece-0", "piece-1"]
    assert any("broken.MID" in line for line in told)
    told.clear()
    assert read_all(paths, tmp_path / "cache", told.append) == pieces
    assert not any("reading" in line for line in told)


def test_a_folder_without_music_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no MIDI file"):
        files_in(tmp_path)


def test_music21_ships_keyboard_music_and_chorales() -> None:
    paths = bundled()
    assert len(paths) > 150
    assert len(set(paths)) == len(paths)
    assert all(path.exists() for path in paths)


def test_two_staves_are_drawn() -> None:
    piece = chorale(1)
    written = musicxml(piece, 20)
    assert written.count("<score-part ") == 2
    assert "<sign>G</sign>" in written
    assert "<sign>F</sign>" in written
    assert draw(piece, 20).startswith(b"\x89PNG")


def test_pitches_are_spelled_within_their_key() -> None:
    for key in range(-5, 7):
        for pitch in range(21, 109):
            assert music21.pitch.Pitch(name_of(pitch, key)).midi == pitch, (pitch, key)
    assert [name_of(60 + each) for each in (1, 3, 6, 8, 10)] == ["C#4", "E-4", "F#4", "G#4", "B-4"]
    assert name_of(61, -4) == "D-4"
    assert name_of(71, -5) == "C-5"
    assert name_of(65, 6) == "E#4"


@pytest.mark.parametrize("move", range(-5, 7))
def test_a_key_leaves_no_accidentals(move: int) -> None:
    piece = chorale(1).moved(move)
    key = signature(piece.events)
    assert 7 * key % 12 == move % 12
    assert "<accidental>" not in musicxml(piece, 12)
    assert f"<fifths>{key}</fifths>" in musicxml(piece, 12)
