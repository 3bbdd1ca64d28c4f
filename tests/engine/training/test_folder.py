"""The operator's folder: what is read, what is skipped, and that nothing outside it is touched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from engine.formats.midi import write_midi
from engine.formats.musicxml import write_musicxml
from engine.music import Key
from engine.training.folder import guess_key, list_files, read_folder, style_of
from engine.training.material import LEAST, CannotLearn, Taught, gather, part
from tests.engine.tunes import made_up_tunes

if TYPE_CHECKING:
    from pathlib import Path

SCALE = "CDEF GABc|cBAG FEDC|"


def book(*tunes: str) -> str:
    return "\n".join(
        f"X:{number}\nT:{number}\nM:4/4\nL:1/8\nK:G\n{notes}\n"
        for number, notes in enumerate(tunes, 1)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    (folder / "Irish" / "deep" / "노래").mkdir(parents=True)
    tunes = [tune.melody() for tune in made_up_tunes(3, seed=4)]
    (folder / "a.mid").write_bytes(write_midi(tunes[0], tunes[0].end))
    xml = write_musicxml(tunes[1], tunes[1].end, "letters").encode()
    (folder / "Irish" / "b.musicxml").write_bytes(xml)
    (folder / "Irish" / "deep" / "노래" / "책.abc").write_text(
        book(SCALE, "C8|", "GABc dcBA|GFED CDEF|", SCALE), encoding="utf-8"
    )
    return folder


def test_every_format_and_every_tune_of_a_book_is_read(folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    rows, skipped = read_folder(folder, lambda done, of: seen.append((done, of)))
    assert sorted(row["style"] for row in rows) == ["any", "irish", "irish", "irish"]
    assert skipped == [("Irish/deep/노래/책.abc:2", "short")]
    assert seen[0] == (0, 3)
    assert seen[-1] == (3, 3)
    scale = next(row for row in rows if row["meter"] == (4, 4) and row["events"][0][2] == 60)
    assert scale["key"][0] == 1
    assert scale["events"][1] == (24, 24, 62)
    assert all("책" not in row["name"] and "b.music" not in row["name"] for row in rows)


def test_broken_hostile_and_strange_files_are_listed(folder: Path) -> None:
    (folder / "torn.mid").write_bytes(b"MThd\0\0\0\6")
    (folder / "hang.mid").write_bytes(
        b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\x10\0\0" + b"\xff" * (1 << 20)
    )
    (folder / "empty.abc").touch()
    (folder / "README.md").write_text("words")
    (folder / ".hidden.abc").write_text(book(SCALE))
    (folder / "deep.xml").write_text("<a>" * 100_000)
    os.mkfifo(folder / "pipe.abc")
    rows, skipped = read_folder(folder)
    assert len(rows) == 4
    reasons = dict(skipped)
    assert reasons.keys() >= {"torn.mid", "hang.mid", "empty.abc", "deep.xml", "pipe.abc"}
    assert reasons["pipe.abc"] == "unreadable"
    assert "README.md" not in reasons
    assert ".hidden.abc" not in reasons


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.abc").write_text(book("GABc dcBA|GGGG GGGG|"))
    (folder / "file.abc").symlink_to(outside / "secret.abc")
    (folder / "dir").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    files, skipped = list_files(folder)
    assert len(files) == 3
    assert sorted(skipped) == [("dir", "link"), ("file.abc", "link"), ("loop", "link")]


def test_a_missing_folder_is_empty(tmp_path: Path) -> None:
    assert read_folder(tmp_path / "none") == ([], [])


@pytest.mark.parametrize(
    ("path", "style"),
    [
        ("a.mid", "any"),
        ("Irish/a.mid", "irish"),
        ("irish/bach/x/a.mid", "bach"),
        ("irish.mid", "any"),
    ],
)
def test_the_innermost_folder_named_like_a_style_tells_it(path: str, style: str) -> None:
    assert style_of(path) == style


def test_a_key_is_guessed_where_none_is_told() -> None:
    def events(*pitches: int) -> list[tuple[int, int, int]]:
        return [(i * 24, 24, pitch) for i, pitch in enumerate(pitches)]

    assert guess_key(events(67, 71, 74, 72, 71, 69, 66, 67)) == Key(1)
    assert guess_key(events(69, 72, 76, 74, 72, 71, 68, 69)) == Key(0, "minor")
    assert guess_key(events(*range(60, 72)))  # nothing speaks for any


def test_a_run_that_goes_on_learns_from_the_same_tunes(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "tunes.npz"
    first = gather(["corpus"], tmp_path / "cache", folder, kept, lambda *_: None)
    (folder / "a.mid").unlink()
    (folder / "new.abc").write_text(book("GABc dcBA|GGGG GGGG|"))
    second = gather(["corpus"], tmp_path / "cache", folder, kept, lambda *_: None)
    assert [tune.name for tune in first[0]] == [tune.name for tune in second[0]]
    assert first[1] == second[1]
    assert {tune.collection for tune in first[0]} == {"corpus"}


def test_what_the_answering_version_learnt_is_never_held_out() -> None:
    tunes = made_up_tunes(200)
    free = part(tunes, Taught(None))
    assert len(free[1]) >= LEAST

    class Knows(Taught):
        def __contains__(self, tune: object) -> bool:
            return tune in free[1][:3]

    training, validation = part(tunes, Knows(None))
    assert not {t.name for t in free[1][:3]} & {t.name for t in validation}
    assert {t.name for t in validation} >= {t.name for t in free[1][3:]}
    assert len(training) + len(validation) == 200


def test_a_few_tunes_are_parted_too_and_one_is_not() -> None:
    training, validation = part(made_up_tunes(30), Taught(None))
    assert len(validation) == LEAST
    assert len(training) == 30 - LEAST
    with pytest.raises(CannotLearn):
        part(made_up_tunes(1), Taught(None))
    with pytest.raises(CannotLearn):
        part([], Taught(None))
