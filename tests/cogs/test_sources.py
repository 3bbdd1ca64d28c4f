"""What is continued when a command replies to a message."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.errors import CannotRead, CannotSee, NothingThere
from cogs.melody.sources import find_source, name_of
from engine.errors import BadFile, TooLong
from engine.request import MAX_FILE


class NoStore:
    async def find(self, _name: str) -> None:
        return None


def file(name: str, size: int = 10, title: str | None = None, data: bytes = b"") -> Any:
    async def read() -> bytes:
        return data

    return SimpleNamespace(filename=name, size=size, content_type=None, title=title, read=read)


def reply_to(*parts: tuple[str, list[Any]]) -> Any:
    """Build a message that replies to one with these contents; further ones are forwarded."""
    first, *forwarded = [SimpleNamespace(content=c, attachments=f, components=[]) for c, f in parts]
    other = discord.Object(1)
    resolved = type("Resolved", (discord.Message,), {"__init__": lambda _self: None})()
    for name, value in vars(first).items():
        setattr(resolved, name, value)
    resolved.message_snapshots = forwarded
    resolved.embeds = resolved.stickers = []
    resolved.type = discord.MessageType.default
    return SimpleNamespace(reference=SimpleNamespace(message_id=other.id, resolved=resolved))


async def find(message: Any, text: str = "", *files: Any, has_codes: bool = False) -> Any:
    return await find_source(text, files, message, NoStore(), has_codes=has_codes)  # type: ignore[arg-type]  # a stand-in


async def test_a_forwarded_file_is_found() -> None:
    source = await find(reply_to(("", []), ("look", [file("a.mid")])), "--bars 2")
    assert source.attachment.filename == "a.mid"
    assert source.text == "--bars 2"


async def test_forwarded_notes_are_found() -> None:
    assert (await find(reply_to(("", []), ("g8 e8 e4", [])), "--bars 2")).text == (
        "g8 e8 e4\n--bars 2"
    )


async def test_a_long_message_that_became_a_file_is_found() -> None:
    long = file("message.txt", data="!continue 솔8 미8 미4 --bars 60".encode())
    assert (await find(reply_to(("", [long])), "--bars 2")).text.split() == [
        "솔8",
        "미8",
        "미4",
        "--bars",
        "2",
    ]
    with pytest.raises(NothingThere):
        await find(reply_to(("", [file("message.txt", data=b"dear friend")])))


async def test_ones_own_notes_and_files_come_first() -> None:
    message = reply_to(("g8 e8 e4", [file("theirs.mid")]))
    assert (await find(message, "c4", has_codes=True)).text == "c4"
    assert (await find(message, "", file("mine.mid"))).attachment.filename == "mine.mid"


async def test_options_of_the_other_message_are_not_taken_over() -> None:
    source = await find(reply_to(("!continue g8 e8 --bars 60 --seed 3", [])), "--bars 2")
    assert source.text.split() == ["g8", "e8", "--bars", "2"]


async def test_a_deleted_message_holds_nothing() -> None:
    message = reply_to(("", []))
    message.reference.resolved = discord.DeletedReferencedMessage(message.reference)
    with pytest.raises(NothingThere):
        await find(message)


@pytest.mark.parametrize(
    ("filename", "title", "name"),
    [
        ("tune.mid", None, "tune.mid"),
        ("my_tune.mid", "my tune", "my tune.mid"),
        ("c953b519a8c28c42.MID", "나비", "나비.MID"),
        ("SPOILER_end.abc", None, "end.abc"),
    ],
)
def test_a_file_is_named_as_its_owner_did(filename: str, title: str | None, name: str) -> None:
    assert name_of(file(filename, title=title)) == name


async def test_what_is_kept_from_the_bot_is_not_taken_for_nothing() -> None:
    with pytest.raises(CannotSee):
        await find(reply_to(("", [])))
    with pytest.raises(NothingThere):
        await find(reply_to(("hello", [])))
    joined = reply_to(("", []))
    joined.reference.resolved.type = discord.MessageType.new_member
    with pytest.raises(NothingThere):
        await find(joined)


async def test_files_are_checked_wherever_they_are() -> None:
    with pytest.raises(TooLong):
        await find(reply_to(("", [file("big.mid", MAX_FILE + 1)])))
    with pytest.raises(BadFile):
        await find(reply_to(("", [])), "", file("a.exe"))


@pytest.mark.parametrize(
    ("refusal", "told"), [(discord.Forbidden, CannotRead), (discord.NotFound, NothingThere)]
)
async def test_a_message_that_may_not_be_read_names_the_permission(
    refusal: type[discord.HTTPException], told: type[Exception]
) -> None:
    class Channel:
        async def fetch_message(self, _number: int) -> None:
            raise refusal(SimpleNamespace(status=403, reason=""), "")  # type: ignore[arg-type]  # has what is read

    reference = SimpleNamespace(message_id=5, resolved=None)
    message: Any = SimpleNamespace(reference=reference, channel=Channel())
    with pytest.raises(told):
        await find(message)
