"""From typed text and files to requests, and back to a line that can be typed."""

from __future__ import annotations

import pytest

from bot.asking import (
    _bare,
    check_file,
    codes_in,
    command_line,
    compact_key,
    is_music,
    make_request,
    options_and_codes,
    tune_said,
)
from bot.errors import InText, TuneMissing
from engine.errors import BadFile, BadOption, BadToken, TooLong, UnknownFlag
from engine.music import MODES, Key
from engine.request import MAX_FILE, MAX_TEXT, Request


def test_options_are_read_wherever_they_stand() -> None:
    assert make_request("--bars 4 g8 e8 --seed=7 e4") == Request(
        text="g8 e8          e4", bars=4, seed=7
    ) or make_request("--bars 4 g8 e8 --seed=7 e4").text.split() == ["g8", "e8", "e4"]


def test_chosen_options_win_over_typed_ones() -> None:
    request = make_request("g8 --bars 4 --as abc", {"bars": 6, "seed": None})
    assert (request.bars, request.form, request.seed) == (6, "abc", None)


def test_values_of_a_list_may_be_written_as_elsewhere() -> None:
    request = make_request("g8 --style Irish --as MusicXML", {"style": "Bach"})
    assert (request.style, request.form) == ("bach", "musicxml")


ABC = "X: 1\nT: Nabi - a song\nR: song\nM: 2/4\nL: 1/8\nK: Cmaj\n|:GE E2|FD D2-|\nCD EF|GG G2:|"


@pytest.mark.parametrize(
    "text",
    [
        ABC,
        f"{ABC}\n\n--bars 2",
        f"listen:\n```abc\n{ABC}\n```\n--bars 2",
        f"--bars 2 {ABC}\n\nnice, g8 e8 e4?",
    ],
)
def test_a_tune_in_abc_is_read_as_such(text: str) -> None:
    request = make_request(text)
    assert request.file_name == "tune.abc"
    assert request.file is not None
    assert request.file.decode().strip() == ABC
    assert request.bars == (2 if "--bars" in text else 8)
    assert make_request("", None, ("message.txt", text.encode())) == request
    assert codes_in(text) == request.file.decode()
    assert tune_said(text) is not None


@pytest.mark.parametrize("text", ["X:1", "K:C\ng8", "fax: 1\nK: 2\nL", "X:1\n\nK:C\ng8"])
def test_talk_is_no_abc(text: str) -> None:
    assert codes_in(text) is None


@pytest.mark.parametrize("command", ["!continue", "나비!이어줘", "<@123> continue"])
def test_a_long_command_that_became_a_file_is_read_without_its_name(command: str) -> None:
    request = make_request("--bars 2", None, ("message.txt", f"{command} g8 e8 --seed 4".encode()))
    assert request == Request(text="g8 e8", bars=2, seed=4)


def test_a_file_wins_over_notes_and_a_text_file_is_notes() -> None:
    assert make_request("g8", None, ("a.mid", b"MThd")).text == ""
    assert make_request("--bars 2", None, ("message.txt", "﻿솔8\r\n미8".encode())).text.split() == [
        "솔8",
        "미8",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_text_file_is_read_as_editors_write_it(encoding: str) -> None:
    file = ("notes.txt", "솔8 미8 --bars 2 --seed 3".encode(encoding))
    request = make_request("--seed 5", None, file)
    assert request.text.split() == ["솔8", "미8"]
    assert (request.bars, request.seed) == (2, 5)


@pytest.mark.parametrize("data", [b"", b" \n", b"--bars 2"])
def test_a_text_file_without_notes_is_no_wish_for_any_tune(data: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        make_request("", None, ("empty.txt", data))
    assert caught.value.reason == "empty"


@pytest.mark.parametrize("request_", [Request(text="g8 " * 200), Request(file=b"MThd")])
def test_a_line_without_its_tune_asks_for_it(request_: Request) -> None:
    line = command_line(request_.but(seed=5, bars=3), "!continue").removeprefix("!continue")
    for pasted in (line, f"{line}`", f"{line}\n```"):
        with pytest.raises(TuneMissing):
            make_request(pasted)
    with_file = make_request(line, None, ("a.mid", b"MThd"))
    assert (with_file.file, with_file.text, with_file.seed) == (b"MThd", "", 5)
    with_text = make_request(line, None, ("a.txt", b"g8"))
    assert (with_text.text, with_text.bars) == ("g8", 3)


def test_a_line_for_the_menu_has_the_notes_in_its_option() -> None:
    line = command_line(Request(text="g8 e8", seed=5), "/continue melody:")
    assert line.startswith("/continue melody:g8 e8 --seed 5 ")
    assert command_line(Request(seed=5), "/continue melody:").startswith("/continue melody:--seed")


def test_a_bad_code_carries_its_text() -> None:
    with pytest.raises(InText) as caught:
        make_request("   g8 h4 --bars 3")
    error = caught.value.error
    assert isinstance(error, BadToken)
    assert caught.value.text[error.start :].startswith("h4")


@pytest.mark.parametrize(
    ("text", "error"),
    [("g8 --wild 3", UnknownFlag), ("g8 --bars x", BadOption), ("g8 --bars", BadOption)],
)
def test_wrong_options_are_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        make_request(text)


@pytest.mark.parametrize("typed", ["9", "nan", "0", "x"])
def test_a_value_is_refused_as_it_was_typed(typed: str) -> None:
    with pytest.raises(BadOption) as caught:
        make_request(f"g8 --temperature {typed}")
    assert caught.value.value == typed


def test_endless_text_is_refused() -> None:
    with pytest.raises(TooLong):
        make_request("g8 " * MAX_TEXT)
    with pytest.raises(TooLong):
        make_request("", None, ("message.txt", b"g8 " * MAX_TEXT))


@pytest.mark.parametrize("name", ["a.mid", "A.MIDI", "x.musicxml", "x.mxl", "x.abc", "x.kar"])
def test_music_is_known_by_its_name(name: str) -> None:
    assert is_music(name)
    check_file(name, 100)


def test_music_is_known_by_its_type() -> None:
    check_file("unnamed", 100, "audio/midi")


@pytest.mark.parametrize("name", ["a.mp3", "a.mid.exe", "mid", "", "a.ogg", "../../x"])
def test_other_files_are_refused(name: str) -> None:
    with pytest.raises(BadFile):
        check_file(name, 100)


def test_too_much_is_refused_by_size() -> None:
    check_file("a.mid", MAX_FILE)
    with pytest.raises(TooLong):
        check_file("a.mid", MAX_FILE + 1)
    with pytest.raises(TooLong):
        check_file("a.txt", MAX_FILE)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("hello there", None),
        ("a bad dad had a bag", None),
        ("", None),
        ("be", None),
        ("g8 e8 e4 f8", "g8 e8 e4 f8"),
        ("listen:\n```\ng8 e8\n```\nnice?", "g8 e8"),
        ("```text\ng8\n```", "g8"),
        ("!continue g8 e8 --seed 5", "g8 e8"),
        ("<@123> continue g8 a8", "g8 a8"),
        ("/continue melody:g8 e8 --seed 5", "g8 e8"),
        ("!이어줘 솔8 미8", "솔8 미8"),
        ("```no tune``` but ```g8 e8```", "g8 e8"),
    ],
)
def test_notes_are_found_in_messages(text: str, codes: str | None) -> None:
    found = codes_in(text)
    assert (found if found is None else found.strip()) == codes


def test_the_line_can_be_typed_again() -> None:
    request = Request(
        text="g8 e8 | e4",
        seed=7,
        bars=3,
        temperature=0.75,
        candidates=3,
        style="irish",
        meter="6/8",
        key="F♯ minor",
        tempo=90,
        form="abc",
        version="nabi-1",
    )
    line = command_line(request, "!continue")
    codes, values = options_and_codes(line.removeprefix("!continue "))
    values["form"] = values.pop("as")
    key = Key.parse(str(values.pop("key")))
    assert key == Key.parse("F# minor")
    assert Request(text=codes, **values) == request.but(key=None)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fifths", range(-7, 8))
def test_every_key_is_written_as_one_word_that_reads_back(fifths: int, mode: str) -> None:
    word = compact_key(str(Key(fifths, mode)))
    assert " " not in word
    assert Key.parse(word) == Key(fifths, mode)


def test_a_long_primer_is_shortened_so_that_it_cannot_be_taken_for_another() -> None:
    line = command_line(Request(text="g8 " * 500, seed=1), "!continue")
    assert line.startswith("!continue … --seed 1")


@pytest.mark.parametrize("sign", [":", "!", "*", "“", "`", "(", "'", "-", " ", "X:"])
def test_endless_signs_are_read_in_one_go(sign: str) -> None:
    # Looked at anew from each of them, this would take hours, and stop the whole program.
    assert codes_in(sign * 1_000_000 + "x") is None


@pytest.mark.parametrize(
    ("word", "note"),
    [("(g8", "g8"), ("“g8”,", "g8"), ("*g8!?.", "g8"), ("g4.", "g4."), ("c,", "c,"), ("::", "")],
)
def test_signs_of_a_sentence_are_no_part_of_a_code(word: str, note: str) -> None:
    assert _bare(word) == note
