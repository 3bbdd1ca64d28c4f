from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from engine.errors import BadFile, BadToken, TooLong
from engine.formats.reading import read_file
from engine.request import MAX_TEXT

if TYPE_CHECKING:
    from pathlib import Path


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


def test_music21_is_loaded_for_scores_alone_and_without_its_settings(tmp_path: Path) -> None:
    (tmp_path / ".music21rc").write_text("<settings")  # music21 would fail on it
    code = (
        "import os, sys; from engine.formats.reading import read_file;"
        "loaded = lambda: sorted({'music21', 'numpy', 'tensorflow'} & set(sys.modules));"
        "read_file(b'c8 d8', 'a.txt'); print(loaded());"
        "read_file(b'X:1\\nK:C\\nCDEF|\\n', 'a.abc'); print(loaded(), os.environ['HOME'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["[]", f"['music21'] {tmp_path}"]
    assert [path.name for path in tmp_path.iterdir()] == [".music21rc"]


def test_music21s_warnings_reach_no_log(capfd: pytest.CaptureFixture[str]) -> None:
    abc = b'X:1\nM:4/4\nL:1/8\nK:Q secret\n"secret"c [Zsecret] ^x _,,, z////|(3:::(9 -c>|\n'
    read_file(abc, "a.abc")
    overfull = (
        b'<score-partwise><part-list><score-part id="P"><part-name>secret</part-name></score-part>'
        b'</part-list><part id="P"><measure><attributes><divisions>97</divisions><time><beats>2'
        b"</beats><beat-type>4</beat-type></time></attributes>"
        + b"<note><pitch><step>C</step><octave>5</octave></pitch><duration>99</duration></note>" * 2
        + b"</measure></part></score-partwise>"
    )
    read_file(overfull, "a.musicxml")
    assert capfd.readouterr() == ("", "")
