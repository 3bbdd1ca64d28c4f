from __future__ import annotations

import subprocess
import sys

import pytest

from engine.errors import BadFile, BadToken, TooLong
from engine.formats.reading import read_file
from engine.request import MAX_TEXT


def test_text_files_of_note_codes() -> None:
    melody, taken = read_file("솔8 미8 미4 | 파8 레8 레4".encode(), "nabi.txt")
    assert [note.pitch for note in melody.notes] == [67, 64, 64, 65, 62, 62]
    assert taken.format == "codes"
    with pytest.raises(BadToken):
        read_file(b"g8 e8 wrong4", "nabi.txt")
    with pytest.raises(BadToken):
        read_file(b"g8 --wild 3", "nabi.txt")
    with pytest.raises(BadFile):
        read_file(b"r4 r4", "nabi.txt")
    with pytest.raises(TooLong):
        read_file(b"c " * MAX_TEXT, "nabi.txt")
    with pytest.raises(BadFile):
        read_file(b"g8 e8 e4", "nabi.pdf")


def test_content_decides_before_the_name() -> None:
    abc = b"X:1\nK:C\nCDEF|\n"
    assert read_file(abc, "tune.mid")[1].format == "abc"
    assert read_file(abc, "tune.txt")[1].format == "abc"


def test_no_reader_imports_music21() -> None:
    code = (
        "import sys; from engine.formats.reading import read_file;"
        "read_file(b'X:1\\nK:C\\nCDEF|\\n', 'a.abc');"
        "print({'music21', 'numpy', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
