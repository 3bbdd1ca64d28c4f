"""``lab`` over a real connection, with the songs that ship."""

from __future__ import annotations

import pytest

from bot.i18n import LOCALES, Locale, say
from bot.preferences import Scope
from bot.songs import MODELS, Figures, figures
from cogs.lab import song_text, table_text
from engine.errors import EngineFailed
from engine.evaluation.table import width
from engine.lab import songs
from engine.lab.butterfly import INDEX, NUMBERS
from engine.lab.outcome import Outcome
from tests.fakes import FakeEngine  # noqa: TC001 - pytest reads the annotations
from tests.rooms import Room  # noqa: TC001 - pytest reads the annotations


@pytest.mark.parametrize("locale", LOCALES)
def test_messages_fit_and_say_something_of_each_model(locale: Locale) -> None:
    said = table_text(locale, "!")
    assert len(said) < 2000
    rows = said.split("```")[1].strip().splitlines()
    assert max(map(width, rows)) <= 36  # what a phone shows of a block without breaking lines
    texts = {song_text(model, locale, "letters") for model in MODELS}
    assert len(texts) == len(MODELS)
    assert len({text.partition("\n")[0].partition("·")[2] for text in texts}) == len(MODELS)


def test_the_table_shows_the_ceiling_and_who_breaks_it() -> None:
    rows = [line.split() for line in table_text("en", "!").splitlines() if line]
    found = {row[0]: row[1:] for row in rows}
    assert found["mlp"][0] == "46"
    assert found["lstm-stateful"] == ["50", "50", "–"]


def test_the_first_wrong_note_is_told_in_the_reader_s_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sung = list(NUMBERS[4:])
    sung[3], sung[10] = INDEX["e8"], INDEX["c4"]
    astray = Outcome("mlp", "…", 10, 5, 1.0, 4, NUMBERS[4:], tuple(sung))
    short = Outcome("gru", "…", 10, 5, 1.0, 4, NUMBERS[4:], NUMBERS[4:-1])
    monkeypatch.setattr("bot.songs.outcomes", lambda: (astray, short))
    assert figures("mlp", "letters") == Figures("50/50", "48/50", 8, "e8", "d8")
    assert figures("gru", "letters") == Figures("50/50", "49/50", 54, "–", "e4")
    assert "8, e8 instead of d8" in song_text("mlp", "en", "letters")
    assert "8번째 음에서 처음 틀려요: 레8 대신 미8" in song_text("mlp", "ko", "solfege")


async def test_without_a_name_all_models_are_told_with_the_place_s_prefix(room: Room) -> None:
    member = room.person()
    reply = await member.reply(member.say("!lab"))
    assert all(model in reply.content for model in MODELS)
    assert not reply.attachments
    await room.store.prefer(Scope("server", room.english.id), prefix="?")
    reply = await member.reply(member.say("?lab"))
    assert "`?lab lstm-stateful`" in reply.content


async def test_a_song_comes_with_picture_and_sound(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    for ask in (
        lambda: member.say("!lab lstm-stateful"),
        lambda: member.slash("lab", {"model": "lstm-stateful"}),
    ):
        reply = await member.reply(ask())
        assert "50/50" in reply.content
        names = [file.filename for file in reply.attachments]
        assert names == ["score.png", "lstm-stateful.ogg", "lstm-stateful.mid"]
    reply = await member.reply(member.say("!실험실 mlp"))
    assert "다층 퍼셉트론" in reply.content
    # Each once for all, on behalf of the server, and told its place in the queue.
    server = room.english.id
    assert engine.sung == [("lstm-stateful", "letters", server), ("mlp", "solfege", server)]
    assert len(engine.told) == 2


@pytest.mark.parametrize(
    ("chosen", "files"),
    [
        ({"picture": False}, ["mlp.ogg", "mlp.mid"]),
        ({"audio": False}, ["score.png", "mlp.mid"]),
    ],
)
async def test_a_song_comes_as_the_server_wants_it(
    room: Room, engine: FakeEngine, chosen: dict[str, bool], files: list[str]
) -> None:
    await room.store.prefer(Scope("server", room.english.id), names="solfege", **chosen)
    member = room.person()
    reply = await member.reply(member.say("!lab mlp"))
    assert [file.filename for file in reply.attachments] == files
    assert engine.sung[0][1] == "solfege"
    assert "도8" in reply.content or "레8" in reply.content or "미8" in reply.content


async def test_an_unknown_model_is_explained(room: Room, engine: FakeEngine) -> None:
    member = room.person()
    reply = await member.reply(member.say("!lab transformer"))
    assert "transformer" in reply.content
    assert all(model in reply.content for model in MODELS)
    assert len(reply.content) < 500
    assert not reply.attachments
    assert not engine.sung


async def test_a_song_that_cannot_be_performed_is_tried_again(
    room: Room, engine: FakeEngine
) -> None:
    member = room.person()
    engine.error = EngineFailed("crashed")
    assert (await member.reply(member.say("!lab mlp"))).content == say(
        "en", "error-engine", reason="crashed"
    )
    engine.error = None
    assert (await member.reply(member.say("!lab mlp"))).attachments


@pytest.mark.slow
def test_a_song_is_drawn_and_played() -> None:
    picture, sound, midi = songs.perform("mlp")
    heads = (b"\x89PNG", b"OggS", b"MThd")
    assert all(map(bytes.startswith, (picture, sound, midi), heads))
