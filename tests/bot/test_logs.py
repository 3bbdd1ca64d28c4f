"""Lines of the log: one JSON object each, and no secret or text of a member in them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from bot import logs
from bot.explaining import record
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"  # nobody's
WRITTEN = "g8 e8 my secret tune"


@pytest.fixture
def bare() -> Iterator[None]:
    """Put all back that :func:`logged` changes."""
    root = logging.getLogger()
    level = root.level
    yield
    root.handlers = [each for each in root.handlers if not is_ours(each)]
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    for name in logs._LEAST:
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler.formatter, logs.Formatter)


def logged(form: logs.Form, *secrets: str) -> io.StringIO:
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if is_ours(each)]  # not the test runner's
    stream = io.StringIO()
    logs.set_up("DEBUG", form, secrets, stream)
    return stream


def fail() -> None:
    raise ValueError(WRITTEN)


@pytest.mark.usefixtures("bare")
def test_each_record_is_one_object() -> None:
    stream = logged("json")
    logging.getLogger("here").info('two\nlines, 나비, "%s" \u2028', "quoted")
    try:
        fail()
    except ValueError as error:
        code = record(error, "continue").code
        logging.getLogger("there").exception("it failed")
    first, second, third = lines(stream)
    assert first.keys() == {"time", "level", "logger", "message"}
    assert (first["level"], first["logger"]) == ("INFO", "here")
    assert first["message"].startswith("two\nlines, 나비")
    assert first["time"].endswith("Z")
    assert second["error_id"] == code
    assert "ValueError" in third["trace"]
    assert "in fail" in third["trace"]
    assert WRITTEN not in stream.getvalue()


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", [TOKEN, 'odd "quoted\\secret', "postgresql://nabi:pw@db/nabi"])
def test_no_secret_is_ever_seen(form: logs.Form, secret: str) -> None:
    stream = logged(form, "", secret)
    log = logging.getLogger("here")
    log.info("in %s, as an argument", secret)
    log.info(f"in the text {secret}.")  # noqa: G004 - that is the test
    try:
        raise OSError(f"cannot reach {secret}")
    except OSError:
        log.exception("in an exception")
    logging.getLogger(f"named.{secret}").warning("as a name")
    seen = stream.getvalue()
    assert secret not in seen
    assert json.dumps(secret)[1:-1] not in seen
    assert seen.count("[redacted]") == 4


@pytest.mark.usefixtures("bare")
def test_what_looks_like_a_token_is_taken_for_one() -> None:
    stream = logged("text")
    webhook = "https://discord.com/api/v10/webhooks/1234/aW50ZXJhY3Rpb246MTIzNDU2Nzg5/messages"
    logging.getLogger("x").info("%s %s postgresql+asyncpg://nabi:hunter2@db/nabi", TOKEN, webhook)
    assert TOKEN not in stream.getvalue()
    assert "aW50" not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    assert "/webhooks/1234/[redacted]/messages" in stream.getvalue()


@pytest.mark.usefixtures("bare")
def test_libraries_do_not_quote_messages_when_debugging() -> None:
    stream = logged("json")
    for name in ("discord.gateway", "discord.http", "aiosqlite", "sqlalchemy.engine"):
        logging.getLogger(name).debug("%s", WRITTEN)
    logging.getLogger("bot.app").debug("ours")
    assert [line["message"] for line in lines(stream)] == ["ours"]


@pytest.mark.usefixtures("bare")
async def test_a_lost_task_is_told_without_its_words() -> None:
    stream = logged("json")
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(logs.on_loop_error)
    try:
        loop.call_soon(fail)
        await asyncio.sleep(0.01)
        loop.call_exception_handler({"message": f"odd <Handle {WRITTEN}>"})
    finally:
        loop.set_exception_handler(before)
    first, second = lines(stream)
    assert "error_id" in first
    assert second["message"] == "the event loop: odd"
    assert WRITTEN not in stream.getvalue()


@pytest.mark.usefixtures("bare")
def test_it_is_set_up_once_however_often() -> None:
    first, second = logged("text"), logged("json")
    logging.getLogger("x").warning("here")
    assert first.getvalue() == ""
    assert len(lines(second)) == 1


def test_whoever_logs_already_is_left_alone() -> None:
    before = logging.getLogger().handlers[:]
    logs.set_up("ERROR")
    assert logging.getLogger().handlers == before


def test_text_on_a_terminal_and_json_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NABI_LOG_FORMAT", raising=False)
    stream = io.StringIO()
    assert logs.form_of(Settings(), stream) == "json"
    monkeypatch.setattr(stream, "isatty", lambda: True)
    assert logs.form_of(Settings(), stream) == "text"
    monkeypatch.setenv("NABI_LOG_FORMAT", "JSON")
    assert logs.form_of(Settings(), stream) == "json"
    assert sys.stderr is not stream


def test_the_secrets_are_token_and_database() -> None:
    settings = Settings(discord_token=SecretStr("abcdef"), database=SecretStr("postgresql://x"))
    assert set(logs.secrets_of(settings)) == {"abcdef", "postgresql://x"}
