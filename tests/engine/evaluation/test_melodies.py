from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from engine.codes import parse_codes
from engine.errors import BadFile, TooLong
from engine.evaluation.melodies import read_melodies
from engine.formats.midi import write_midi
from engine.formats.musicxml import write_musicxml
from engine.music import Key, Meter
from engine.request import MAX_FILE

if TYPE_CHECKING:
    from pathlib import Path

TUNE = parse_codes("g8 e8 e4 f8 d8 d4").melody
ABC = "X:1\nT:one\nM:6/8\nL:1/8\nK:D\nABc def|\n"
PLAIN: dict[str, Any] = {
    "tpq": 24,
    "onset": [0, 24, 36],
    "dur": [24, 12, 12],
    "pitch": [60, 62, 64],
}


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def test_folders_are_searched_and_name_the_collections(tmp_path: Path) -> None:
    deep = tmp_path / "all" / "deep" / "노래"
    deep.mkdir(parents=True)
    (tmp_path / "all" / "b.mid").write_bytes(write_midi(TUNE))
    (tmp_path / "all" / "notes.txt").write_text("not music")
    (tmp_path / "all" / ".hidden.mid").write_bytes(b"")
    (deep / "a.musicxml").write_text(write_musicxml(TUNE, None), encoding="utf-8")
    (deep / "C.ABC").write_text(ABC)
    found = read_melodies([tmp_path / "all"])
    assert not found.skipped
    assert {name: len(each) for name, each in found.collections().items()} == {
        "all": 1,
        "all/deep/노래": 2,
    }
    assert [note.pitch for note in found.melodies[0].melody.notes] == [67, 64, 64, 65, 62, 62]


def test_files_are_told_how_far_we_are_and_taken_once(tmp_path: Path) -> None:
    file = tmp_path / "a.abc"
    file.write_text(ABC)
    seen: list[Path] = []

    def follow(files: Any) -> Any:
        for each in files:
            seen.append(each)
            yield each

    found = read_melodies([file, tmp_path, file], follow)
    assert seen == [file]
    assert len(found.melodies) == 1


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_a_book_is_read_tune_by_tune(tmp_path: Path, line: str) -> None:
    book = "".join(f"X:{n}\nM:3/4\nK:G\n{music}\n\n" for n, music in enumerate(("GAB", "???", "c")))
    (tmp_path / "book.abc").write_bytes(book.replace("\n", line).encode())
    found = read_melodies([tmp_path / "book.abc"])
    assert [len(each.melody.notes) for each in found.melodies] == [3, 1]
    ((name, why),) = found.skipped
    assert name.endswith("book.abc:2")
    assert isinstance(why, BadFile)


def test_broken_files_are_listed_and_cost_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\xff\xff" + b"\xff" * 999)
    (tmp_path / "b.xml").write_bytes(b"<score-partwise>" * 9999)
    (tmp_path / "c.json").write_bytes(b"[" * 200_000)
    (tmp_path / "d.mxl").write_bytes(b"PK\3\4 broken")
    (tmp_path / "e.mid").write_bytes(b"")
    (tmp_path / "f.mid").write_bytes(b"MThd" + b"x" * MAX_FILE)
    (tmp_path / "g.mid").mkdir()
    (tmp_path / "h.mid").symlink_to("nowhere")
    (tmp_path / "y.mid").write_bytes(write_midi(TUNE))
    found = read_melodies([tmp_path, tmp_path / "missing"])
    assert [each.name.rpartition("/")[2] for each in found.melodies] == ["y.mid"]
    reasons = {name.rpartition("/")[2]: why for name, why in found.skipped}
    assert set(reasons) == {
        "missing",
        *(
            f"{n}.{e}"
            for n, e in zip(
                "abcdefh", ("mid", "xml", "json", "mxl", "mid", "mid", "mid"), strict=True
            )
        ),
    }
    assert isinstance(reasons["f.mid"], TooLong)


def test_json_collections_are_read(tmp_path: Path) -> None:
    rich = {**PLAIN, "name": "rich", "key": "Bb dorian", "meter": "5/8", "pickup": 24}
    write_json(tmp_path / "x.json", {"1_한국": [PLAIN, rich], "2": [PLAIN], "3": []})
    found = read_melodies([tmp_path / "x.json"])
    assert not found.skipped
    assert {name: len(each) for name, each in found.collections().items()} == {"1_한국": 2, "2": 1}
    first, second, _ = (each.melody for each in found.melodies)
    assert [(n.onset, n.duration, n.pitch) for n in first.notes] == [
        (Fraction(0), Fraction(1, 4), 60),
        (Fraction(1, 4), Fraction(1, 8), 62),
        (Fraction(3, 8), Fraction(1, 8), 64),
    ]
    assert (first.key, first.meter) == (None, None)
    assert (second.key, second.meter) == (Key.parse("Bb dorian"), Meter(5, 8))
    assert second.pickup == Fraction(1, 4)
    assert found.melodies[1].name.endswith("rich")


@pytest.mark.parametrize("content", [PLAIN, [PLAIN]])
def test_single_json_melodies_are_read(tmp_path: Path, content: object) -> None:
    write_json(tmp_path / "x.json", content)
    assert len(read_melodies([tmp_path]).melodies) == 1


def test_notes_of_json_may_overlap_and_stand_in_any_order(tmp_path: Path) -> None:
    mixed = {
        "tpq": 1.5,
        "onset": [6, 0, 0, 3, 7],
        "dur": [1.0, 9, 9, 9, 0],
        "pitch": [1, 2, 3, 4, 5],
    }
    write_json(tmp_path / "x.json", mixed)
    notes = read_melodies([tmp_path]).melodies[0].melody.notes
    assert [(n.onset, n.end, n.pitch) for n in notes] == [
        (Fraction(0), Fraction(1, 2), 3),
        (Fraction(1, 2), Fraction(1), 4),
        (Fraction(1), Fraction(7, 6), 1),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"tpq": 0},
        {"tpq": -1},
        {"tpq": "24"},
        {"tpq": True},
        {"onset": [0, 1]},
        {"onset": [-1, 24, 36]},
        {"onset": ["1e999999999", 1, 2]},
        {"onset": 5},
        {"pitch": [60, 61.5, 62]},
        {"pitch": [60, 128, 62]},
        {"pitch": [None, 1, 2]},
        {"dur": [0, 0, 0]},
        {"dur": [float("nan"), 1, 1]},
        {"onset": [0, 1, float("inf")]},
        {"onset": [0, 1, 1e300]},
        {"meter": 7},
        {"meter": "7/7"},
        {"key": "H major"},
        {"meter": "3/4", "pickup": 999},
        {"pitch": [], "onset": [], "dur": []},
    ],
)
def test_what_is_no_melody_is_listed(tmp_path: Path, change: dict[str, object]) -> None:
    write_json(tmp_path / "x.json", {"a": [{**PLAIN, **change}, PLAIN]})
    found = read_melodies([tmp_path])
    assert len(found.melodies) == 1
    assert len(found.skipped) == 1


@pytest.mark.parametrize("content", [5, "x", None, {"a": 5}, {}, {"a": {"b": []}}])
def test_other_json_is_refused(tmp_path: Path, content: object) -> None:
    write_json(tmp_path / "x.json", content)
    found = read_melodies([tmp_path])
    assert not found.melodies
    assert len(found.skipped) == 1
