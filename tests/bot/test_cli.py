"""The command line: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import pytest

from bot import launch, offline
from bot.cli import build_parser, main
from engine.codes import parse_codes
from engine.errors import EngineFailed
from engine.formats.midi import write_midi
from engine.request import OPTIONS, Request, Result
from tests.fakes import make_result

if TYPE_CHECKING:
    from bot.settings import Settings

ROOT = Path(__file__).parents[2]
TUNE = "g8 e8 e4 f8"


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "")  # stands before the one that .env may name
    monkeypatch.setenv("NABI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NABI_HEALTH_PORT", "0")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Replace the engine, and collect what it is asked."""
    requests: list[Request] = []

    async def answer(request: Request, _settings: Settings) -> Result:
        requests.append(request)
        return make_result(request)

    monkeypatch.setattr(offline, "continue_offline", answer)
    return requests


def nabi(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_help_explains_every_command_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    commands = re.findall(r"^    (\w+) ", text, re.MULTILINE)
    assert {"run", "continue", "train", "evaluate", "models"} <= set(commands)
    for command in commands:
        with pytest.raises(SystemExit):
            build_parser().parse_args([command, "--help"])
        assert f"nabi {command}" in capsys.readouterr().out.partition("examples:")[2]


def test_the_options_are_the_engines(asked: list[Request]) -> None:
    given = {
        "bars": "3",
        "temperature": "0.5",
        "takes": "3",
        "candidates": "4",
        "seed": "9",
        "style": "irish",
        "meter": "3/4",
        "key": "F# minor",
        "pickup": "1/8",
        "tempo": "90",
        "as": "abc",
        "version": "nabi-1",
    }
    assert set(given) == set(OPTIONS)
    typed = [word for name, value in given.items() for word in (f"--{name}", value)]
    assert main(["continue", TUNE, *typed]) == 0
    assert asked == [
        Request(
            text=TUNE,
            bars=3,
            temperature=0.5,
            takes=3,
            candidates=4,
            seed=9,
            style="irish",
            meter="3/4",
            key="F# minor",
            pickup="1/8",
            tempo=90,
            form="abc",
            version="nabi-1",
            picture=False,
            audio=False,
        )
    ]


def test_words_need_no_quotes(asked: list[Request]) -> None:
    assert main(["continue", "g8", "e8", "--bars", "2"]) == 0
    assert asked[0].text == "g8 e8"


def test_it_prints_the_score_and_the_line_that_repeats_it(
    asked: list[Request], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["continue", "c'8 d8"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("g8 e8 e4 | f8")
    line = out.splitlines()[2]
    assert line.startswith("nabi continue 'c'\"'\"'8 d8' --seed 7 --bars 8")
    assert "--out DIR" in out
    assert main(shlex.split(line)[1:]) == 0
    assert asked[1].text == "c'8 d8"
    assert asked[1].seed == 7


def test_files_are_written_where_they_are_wanted(asked: list[Request], tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert main(["continue", TUNE, "--out", str(folder), "--as", "lilypond"]) == 0
    assert {p.name for p in folder.iterdir()} == {"score.png", "nabi.ogg", "nabi.mid", "nabi.ly"}
    assert main(["continue", TUNE, "--out", str(folder), "--no-picture", "--no-audio"]) == 0
    assert (asked[1].picture, asked[1].audio) == (False, False)


@pytest.mark.usefixtures("asked")
def test_json_is_one_object(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["continue", TUNE, "--json", "--out", str(tmp_path)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["request"]["seed"] == 7
    assert data["files"]["nabi.mid"] == str(tmp_path / "nabi.mid")
    assert "file" not in data["request"]


def test_a_file_is_read(asked: list[Request], tmp_path: Path) -> None:
    data = write_midi(parse_codes(TUNE).melody)
    (tmp_path / "my tune.mid").write_bytes(data)
    assert main(["continue", "my tune.mid"]) == 0
    assert (asked[0].file, asked[0].file_name) == (data, "my tune.mid")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"MThd\0\0\0\6", "input.mid"),
        (b"  <?xml version='1.0'?>", "input.musicxml"),
        (b"PK\3\4\0", "input.mxl"),
        (b"X:1\nK:C\nGEE", "input.abc"),
        (b"\xff\xfe\0", "input.mid"),
        ("솔8 미8".encode(), ""),
        (b"g8 e8\n", ""),
    ],
)
def test_the_standard_input_is_told_apart(
    asked: list[Request], monkeypatch: pytest.MonkeyPatch, data: bytes, name: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["continue", "-"]) == 0
    assert asked[0].file_name == name
    assert asked[0].file == (data if name else None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["g8 e8 h4"], "`g8 e8 ⟪h4⟫`"),
        (["g8", "--bars", "99"], "`--bars` can’t be `99`. It takes: 1–64."),
        (["g8 --wild 3"], "no option `--wild`"),
        (["missing.mid"], "cannot read missing.mid: No such file"),
        (["g8", "--out", "/dev/null/x"], "cannot write to /dev/null/x"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_what_the_person_did_wrong_ends_with_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["continue", *arguments]) == 2
    told = capsys.readouterr()
    assert sentence in told.err
    assert len(told.err.splitlines()) == 1
    assert told.out == ""


def test_other_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3")
    assert main(["continue", "song.mp3"]) == 2
    assert "MIDI, MusicXML or ABC" in capsys.readouterr().err


def test_what_went_wrong_with_us_ends_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(_request: Request, _settings: Settings) -> Result:
        raise EngineFailed("crashed")

    monkeypatch.setattr(offline, "continue_offline", fail)
    assert main(["continue", TUNE]) == 1
    assert "crashed" in capsys.readouterr().err


def test_a_wrong_setting_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NABI_WORKERS", "many-secret")
    assert main(["models"]) == 2
    err = capsys.readouterr().err
    assert "NABI_WORKERS: " in err
    assert "many-secret" not in err


@pytest.mark.parametrize(
    ("content", "sentence"),
    [("DISCORD_TOKEN=abc".encode("utf-16"), "not UTF-8"), (b"\xff=1", "not UTF-8")],
)
def test_a_broken_file_of_settings_is_told_in_a_sentence(
    content: bytes, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes(content)
    assert main(["models"]) == 2
    err = capsys.readouterr().err
    assert ".env" in err
    assert sentence in err


def test_a_line_of_that_file_that_is_none_is_told_in_the_log(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("no line of mine\nNABI_PREFX=?\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run", "--discord"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["level"] for line in told] == ["WARNING", "WARNING", "CRITICAL"]
    assert "line 1" in told[0]["message"]
    assert "NABI_PREFX (NABI_PREFIX?)" in told[1]["message"]


def test_what_no_folder_can_be_made_in_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("NABI_DATA", str(tmp_path / "file" / "data"))
    for command in (["run", "--local", "--port", "0"], ["models", "rollback"]):
        assert main(command) == 1
        err = capsys.readouterr().err
        assert f"the folder {tmp_path / 'file' / 'data'} cannot be made" in err
        assert len(err.splitlines()) == 1


def test_a_port_that_is_taken_or_none_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        assert main(["run", "--local", "--port", str(port)]) == 1
    assert f"port {port} cannot be used: " in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["run", "--port", "65536"])
    assert "a port is a number from 0 to 65535" in capsys.readouterr().err


def test_models_are_listed_and_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    active = re.search(r"^\* (\S+)", capsys.readouterr().out, re.MULTILINE)
    assert active is not None
    assert main(["models", "use", active[1]]) == 0
    assert main(["models", "use", "no-such"]) == 2
    assert "There are: " in capsys.readouterr().err
    assert main(["models", "use"]) == 2
    assert main(["models", "rollback"]) == 0


def test_tunes_are_measured_with_the_shipped_weights(tmp_path: Path) -> None:
    folder = tmp_path / "tunes"
    folder.mkdir()
    (folder / "nabi.mid").write_bytes(write_midi(parse_codes("g8 e8 e4 f8 d8 d4").melody))
    (folder / "bad.abc").write_bytes(b"nothing")
    done = nabi("evaluate", str(folder), "--alone")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].split()[:5] == ["collection", "tunes", "known", "notes", "predictor"]
    assert lines[2].split()[:4] == ["tunes", "1", "–", "6"]
    shift, duration, pitch, whole = (float(figure) for figure in lines[2].split()[5:9])
    assert whole == pytest.approx(shift + duration + pitch, abs=0.002)
    assert 0 < whole < 12  # well under what guessing needs
    assert "tunes/bad.abc: `bad.abc` seems to be damaged" in done.stdout


def test_evaluate_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(tmp_path), "--version", "no-such"]) == 2
    assert "There are: " in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "missing.mid")]) == 2
    assert "missing.mid: no such file" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main(["evaluate", "--help"])
    assert left.value.code == 0
    assert "--blind" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        done = nabi("continue", TUNE, "--seed", "7", "--bars", "2", "--out", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    assert len(list((tmp_path / "one").iterdir())) == 3


def test_the_trial_asks_the_local_chat() -> None:
    done = nabi("run", "--try", f"{TUNE} --bars 2 --seed 7")
    assert done.returncode == 0, done.stderr
    assert "score.png: " in done.stdout
    assert f"!continue {TUNE} --seed 7 --bars 2" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_failed_trial_ends_with_1() -> None:
    done = nabi("run", "--try", "h4")
    assert done.returncode == 1
    assert "⟪h4⟫" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_local_chat_opens_and_stops_in_good_order(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        told = program.stdout.readline()
        assert re.search(r"http://127\.0\.0\.1:\d+/", told)
        program.send_signal(number)
        _, err = program.communicate(timeout=30)
        assert program.returncode == 0
        assert err == ""


def test_a_refused_token_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise discord.LoginFailure("Improper token has been passed.")

    monkeypatch.setattr(launch, "run_discord", refuse)
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    assert main([]) == 2


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_last_word_has_the_form_of_the_log(
    form: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refuse(*_: object) -> None:
        raise OSError("the network is away")

    monkeypatch.setattr(launch, "run_discord", refuse)
    monkeypatch.setenv("DISCORD_TOKEN", "secret")
    monkeypatch.setenv("NABI_LOG_FORMAT", form)
    assert main([]) == 1
    assert ("the network is away" in capsys.readouterr().err) == (form == "text")
    assert ("the network is away" in caplog.text) == (form == "json")


@pytest.mark.parametrize("form", ["text", "json"])
def test_where_nobody_could_see_the_local_chat_a_token_is_asked_for(
    form: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", " ")
    monkeypatch.setenv("NABI_LOG_FORMAT", form)
    assert main(["run", "--discord"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert ("token into DISCORD_TOKEN" in told.err) == (form == "text")
    assert ("token into DISCORD_TOKEN" in caplog.text) == (form == "json")
