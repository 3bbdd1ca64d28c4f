"""Every error becomes a sentence in both languages, and nothing of a member's text is logged."""

from __future__ import annotations

from typing import Literal, get_args

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot import errors
from bot.errors import BadPrefix, InText, quote
from bot.explaining import explain, is_users_fault, mark, record, root_of
from bot.i18n import LOCALES
from engine.errors import (
    BadFile,
    BadOption,
    BadToken,
    BadVersion,
    EngineError,
    EngineFailed,
    TooLong,
    UnknownFlag,
    UnknownVersion,
)

Hint = Literal["letter", "duration", "octave", "tie", "tuplet", "range", "unknown"]
HINTS: tuple[Hint, ...] = get_args(Hint)


def _parameter() -> commands.Parameter:
    return commands.Parameter("name", commands.Parameter.POSITIONAL_OR_KEYWORD)


ALL: list[BaseException] = [
    *(BadToken("h4", 3, 6, hint) for hint in HINTS),
    UnknownFlag("--wild"),
    UnknownFlag("--bras", "bars"),
    BadOption("bars", "99", "1–64"),
    BadOption("seed", "", "0–9"),
    BadOption("meter", "3/5", "3/4"),
    BadOption("style", "irsh", "any, irish"),
    BadOption("style", "techno", "any, irish"),
    TooLong("notes", 6400, 5000),
    TooLong("characters", 30_000, 20_000),
    TooLong("bytes", 5_000_000, 4_194_304),
    *(BadFile("x.mid", r) for r in ("format", "broken", "empty", "drums", "limits")),
    UnknownVersion("old", ("nabi-1",)),
    UnknownVersion("old"),
    BadVersion("old", "torn"),
    *(EngineFailed(r) for r in ("crashed", "timeout", "closed")),
    errors.Busy(),
    errors.Closing(),
    errors.TooSoon(2.5),
    errors.NothingThere(),
    errors.TuneMissing(),
    errors.FileGone(),
    errors.CannotSpeak("general"),
    errors.CannotSpeak("general", "send_messages_in_threads"),
    errors.CannotSpeak("general", "view_channel"),
    errors.CannotSpeak("general", "manage_threads"),
    errors.CannotSpeak("general", "timed_out"),
    errors.TooOld(),
    errors.CannotRead(),
    errors.CannotSee(),
    errors.Forgotten(),
    errors.NotAdministrator(),
    errors.NotAdministrator(elsewhere=True),
    errors.AlreadyTraining(),
    errors.NotTraining(),
    errors.UnknownWord("cancle"),
    errors.EstimateFailed("empty-corpus"),
    errors.EstimateFailed("crashed"),
    errors.BadPrefix("a b"),
    errors.NotHere((123,)),
    errors.NotHere(tuple(range(100, 150))),
    errors.NotYours(),
    errors.MayNotSet("channel"),
    errors.MayNotSet("server"),
    errors.BadDatabase("newer", "9999"),
    errors.BadDatabase("unusable", "disk I/O error"),
    errors.Unexpected("abc123"),
    commands.NoPrivateMessage(),
    commands.CheckFailure(),
    commands.MissingRequiredArgument(_parameter()),
    commands.BadLiteralArgument(_parameter(), (7, "x"), [], "member"),
    commands.RangeError(99, 1, 8),
    commands.UnexpectedQuoteError("“"),
    commands.CommandNotFound('Command "play" is not found'),
    app_commands.CommandNotFound("play", []),
    commands.BadArgument("member's words"),
    app_commands.CheckFailure(),
    ValueError("member's words"),
]


@pytest.mark.parametrize("error", ALL, ids=repr)
def test_every_error_has_its_own_sentence_in_both_languages(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    english, korean = (explain(error, locale) for locale in LOCALES)
    assert english != korean
    assert "member's words" not in english + korean
    assert len(english) < 400
    assert not caplog.records  # no value is missing in a sentence


def test_the_sentences_differ() -> None:
    # Two of them mean the same to a member: the engine closes, the bot closes.
    told = [explain(e, "en") for e in ALL[:-4] if not isinstance(e, errors.Closing)]
    assert len(set(told)) == len(told)


def test_every_error_of_ours_has_a_sentence() -> None:
    def family(cls: type[BaseException]) -> set[type[BaseException]]:
        return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))

    ours = {c for c in family(errors.NabiError) if c.__module__ == "bot.errors"}
    engines = {c for c in family(EngineError) if c.__module__ == "engine.errors"}
    assert ours - {type(e) for e in ALL} == {errors.NabiError, InText}
    assert engines - {type(e) for e in ALL} == {EngineError}


@pytest.mark.parametrize(
    ("text", "token", "start", "shown"),
    [
        ("g8 e8 h4 f8", "h4", 6, "g8 e8 ⟪h4⟫ f8"),
        ("h4", "h4", 0, "⟪h4⟫"),
        ("g8 \uf8ff e8", "\uf8ff", 3, "g8 ⟪␣⟫ e8"),  # nothing is seen of it
        ("g8,h4|f8", "h4", 3, "g8,⟪h4⟫|f8"),
        ("g8\n\n  h4\tf8", "h4", 6, "g8 ⟪h4⟫ f8"),
        ("g8 ```h4``` f8", "h4", 6, "g8 ˋˋˋ⟪h4⟫ˋˋˋ f8"),
        ("a b c", "h4", 2, "⟪h4⟫"),  # not where it should be: shown alone
        ("", "h4", 0, "⟪h4⟫"),
        ("a8 " * 20 + "h4 " + "b8 " * 20, "h4", 60, f"…{'a8 ' * 7}⟪h4⟫ {'b8 ' * 6}b8…"),
    ],
)
def test_the_place_is_marked(text: str, token: str, start: int, shown: str) -> None:
    assert mark(BadToken(token, 1, start, "letter"), text) == shown


def test_a_long_token_is_shown_shortened() -> None:
    text = "g8 " + "z" * 500 + " f8"
    shown = mark(BadToken("z" * 39 + "…", 2, 3, "letter"), text)
    assert shown.startswith("g8 ⟪zzz")
    assert len(shown) < 120


@pytest.mark.parametrize(
    "text", ["`", "a\nb", "\x00\x1b[31m", "x" * 1000, "\u202eabc", "@everyone"]
)
def test_quotes_stay_in_their_line_of_code(text: str) -> None:
    shown = quote(text)
    assert "`" not in shown
    assert shown.isprintable()
    assert len(shown) <= 40


@pytest.mark.parametrize("error", [BadPrefix("\u200b"), BadOption("bars", "\u200b", "1–64")])
def test_what_is_not_seen_has_a_sign(error: Exception) -> None:
    """Two back quotes with nothing between them would be shown as such."""
    for locale in LOCALES:
        assert "`␣`" in explain(error, locale)


def test_wrappings_of_discord_are_taken_off() -> None:
    inner = BadFile("x", "empty")
    wrapped = commands.HybridCommandError(
        app_commands.CommandInvokeError(_command(), commands.ConversionError(object, inner))  # type: ignore[arg-type]  # any converter
    )
    assert root_of(wrapped) is inner


def _command() -> app_commands.Command[commands.Cog, ..., None]:
    @app_commands.command(name="x", description="y")
    async def command(_interaction: discord.Interaction) -> None: ...

    return command


def test_whose_fault_it_was() -> None:
    assert is_users_fault(InText(BadToken("h4", 1, 0, "letter"), "h4"))
    assert not is_users_fault(EngineFailed("crashed"))
    assert not is_users_fault(ValueError())


def test_a_trace_shows_places_but_no_text_of_members(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        try:
            raise InText(BadToken("h4", 1, 0, "letter"), "private h4")
        except InText as error:
            raise RuntimeError("private h4") from error

    with pytest.raises(RuntimeError) as caught:
        fail()
    told = record(caught.value, "a test")
    assert told.code in caplog.text
    assert "in fail" in caplog.text
    assert "RuntimeError" in caplog.text
    assert "private" not in caplog.text.replace('raise RuntimeError("private h4")', "").replace(
        'raise InText(BadToken("h4", 1, 0, "letter"), "private h4")', ""
    )
