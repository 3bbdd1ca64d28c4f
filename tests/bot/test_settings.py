"""Settings from the environment, and secrets that stay secret."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy.engine import make_url

from bot.settings import Settings, unknown, variables


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Start from an environment that says nothing, in a folder without ``.env``."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_nothing_needs_to_be_set() -> None:
    settings = Settings()
    assert settings.discord_token is None
    assert settings.prefix == "!"
    assert settings.data.is_absolute()
    assert make_url(settings.database_url).database == str(settings.data / "nabi.db")


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=abc\nNABI_PREFIX=?\nOTHER=1\n", encoding="utf-8")
    monkeypatch.setenv("NABI_PREFIX", "~")
    settings = Settings()
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "abc"
    assert settings.prefix == "~"


@pytest.mark.parametrize("value", ["", "  "])
def test_what_is_empty_is_not_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    plain = Settings()
    for name in variables():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("DISCORD_TOKEN=abc\n", encoding="utf-8")
    settings = Settings()
    assert settings == plain  # the environment still wins over the file
    assert settings.discord_token is None
    assert settings.health_host == "127.0.0.1"


def test_a_file_may_begin_with_a_mark_of_its_encoding(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NABI_PREFIX=?\n", encoding="utf-8-sig")
    assert Settings().prefix == "?"


@pytest.mark.skipif(sys.platform == "win32", reason="homes of POSIX")
def test_who_has_no_home_names_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", {}.__getitem__)  # nor a name
    with pytest.raises(ValidationError, match="no such home folder"):
        Settings()
    monkeypatch.setenv("NABI_DATA", str(tmp_path))
    assert Settings().data == tmp_path
    monkeypatch.setenv("NABI_CORPUS", "~nobody-known/tunes")
    with pytest.raises(ValidationError, match="no such home folder"):
        Settings()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "very.secret")
    monkeypatch.setenv("NABI_DATABASE", "postgresql+asyncpg://nabi:secret@db/nabi")
    shown = repr(Settings()) + str(Settings()) + Settings().model_dump_json()
    assert "secret@" not in shown
    assert "very" not in shown


@pytest.mark.parametrize("folder", ["a%20b", "100% mine", "what?x=1", "나비 #1"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, folder: str) -> None:
    settings = Settings(data=tmp_path / folder)
    url = make_url(settings.database_url)
    assert url.database == str(tmp_path / folder / "nabi.db")
    assert not url.query


def test_a_relative_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABI_DATA", "here")
    assert Settings().data == Path.cwd() / "here"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PREFIX", "x" * 11), ("WORKERS", "0"), ("LOG_LEVEL", "loud"), ("WORKERS", "x")],
)
def test_what_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"NABI_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_what_is_misspelt_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = set(unknown())
    monkeypatch.setenv("NABI_PREFX", "?")
    monkeypatch.setenv("NABI_PREFIX", "?")
    (tmp_path / ".env").write_text(
        "#NABI_NOTE=1\nexport nabi_discord_token=abc\nNABI_PORT=80\nOTHER=1\n", encoding="utf-8"
    )
    assert set(unknown()) - before == {
        *("NABI_PREFX (NABI_PREFIX?)", "NABI_DISCORD_TOKEN (DISCORD_TOKEN?)", "NABI_PORT"),
    }


def test_log_levels_in_small_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABI_LOG_LEVEL", "debug")
    assert Settings().log_level == "DEBUG"
