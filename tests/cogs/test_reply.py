"""The message for a result, built without Discord."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.i18n import LOCALES, Locale, has_hangul, say
from cogs.melody.reply import MAX_CONTENT, build_reply, cut_lines, taken_sentence
from engine.request import File, Request, Taken
from tests.fakes import MIDI, OGG, PNG, make_result

TAKEN = Taken("midi", 3, 2, "Melody", chords=True, shifted=0.125, drums=True, cut=12)


def test_it_shows_the_score_and_a_line_to_paste() -> None:
    reply = build_reply(make_result(Request(text="g8 e8 e4 f8")), "en")
    assert reply.content.splitlines()[:3] == [
        "```",
        "g8 e8 e4 | f8 d8 d4 ‖ c8 d8 e8 f8 | g8 g8 g4",
        "```",
    ]
    assert reply.content.splitlines()[3] == (
        "`!continue g8 e8 e4 f8 --seed 7 --bars 8 --temperature 1 --style any --meter 2/4 "
        "--key C --tempo 100 --version nabi-1`"
    )
    assert [file.name for file in reply.files] == ["score.png", "nabi.ogg", "nabi.mid"]


def test_the_prefix_is_the_one_that_is_set() -> None:
    assert (
        "`?continue"
        in build_reply(make_result(Request(text="g8")), "en", command="?continue").content
    )


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("length", [0, 10, 1500, 1990, 2000, 5000, 100_000])
@pytest.mark.parametrize("primer", ["g8", "g8 " * 99, "솔8 " * 5000])
def test_it_always_fits(locale: Locale, length: int, primer: str) -> None:
    result = make_result(
        Request(text=primer),
        text="g8 e8 e4 |\n" * (length // 11),
        taken=replace(TAKEN, name="*" * 500),
        invented=("meter", "key", "tempo"),
        audio=File("nabi.ogg", b"\0" * 100),
    )
    reply = build_reply(result, locale, limit=50)
    assert len(reply.content) <= MAX_CONTENT
    assert reply.content.count("```") == 2
    lacks_tune = "`!continue …" in reply.content
    assert lacks_tune == (say(locale, "reply-line-alone") in reply.content)


def test_nothing_breaks_out_of_the_code_block() -> None:
    result = make_result(Request(text="g8 ```@everyone"), text="```@everyone")
    content = build_reply(result, "en").content
    assert content.count("```") == 2
    assert content.count("`") == 8


def test_files_that_are_too_large_are_named() -> None:
    result = make_result(
        Request(text="g8"),
        picture=File("score.png", PNG * 10),
        audio=File("nabi.ogg", OGG * 10),
    )
    reply = build_reply(result, "en", limit=400)
    assert [file.name for file in reply.files] == ["score.png", "nabi.mid"]
    assert "upload limit: nabi.ogg." in reply.content
    lighter = build_reply(result, "en", limit=400, left_out=("score.png",))
    assert [file.name for file in lighter.files] == ["nabi.mid"]
    assert "score.png, nabi.ogg" in lighter.content


@pytest.mark.parametrize(
    ("locale", "told"),
    [("en", "limit: smaller picture, shorter sound."), ("ko", "맞췄어요: 작은 그림, 짧은 소리")],
)
def test_what_was_made_to_fit_is_told(locale: Locale, told: str) -> None:
    result = make_result(Request(text="g8"), lightened=("picture", "audio"))
    assert told in build_reply(result, locale).content
    assert told not in build_reply(result, locale, may_attach=False).content


def test_what_is_left_out_is_not_said_to_be_smaller() -> None:
    result = make_result(Request(text="g8"), lightened=("picture", "audio", "wave"))
    content = build_reply(result, "en", left_out=("score.png",)).content
    assert "Too large for this server’s upload limit: score.png." in content
    assert "To keep to this server’s upload limit: shorter sound." in content


@pytest.mark.parametrize(
    ("locale", "told"), [("en", "a part of it, from just before"), ("ko", "직전부터 일부만")]
)
def test_a_sound_of_a_part_is_told(locale: Locale, told: str) -> None:
    result = make_result(Request(text="g8"), audio=File("nabi.ogg", OGG, excerpt=True))
    assert told in build_reply(result, locale).content
    assert told not in build_reply(result, locale, may_attach=False).content
    assert told not in build_reply(make_result(Request(text="g8")), locale).content


def test_without_permission_there_are_no_files() -> None:
    reply = build_reply(make_result(Request(text="g8")), "en", may_attach=False)
    assert reply.files == ()
    assert "Attach Files" in reply.content


def test_what_was_guessed_is_told_once_there_is_a_primer() -> None:
    told = build_reply(make_result(Request(text="g8"), invented=("key", "meter")), "en").content
    assert "My guess: meter · key." in told
    invented = build_reply(make_result(Request(), invented=("key", "meter")), "en").content
    assert "My guess" not in invented
    assert "all of it is new" in invented


def test_a_primer_that_was_learnt_is_told() -> None:
    known = make_result(Request(text="g8"), known="essen/kinder0/98")
    assert "I know this tune, I learnt it (essen/kinder0/98)" in build_reply(known, "en").content
    assert "essen/kinder0/98" in build_reply(known, "ko").content
    assert "I know this tune" not in build_reply(make_result(Request(text="g8")), "en").content


def test_all_that_was_taken_from_a_file_is_told() -> None:
    assert taken_sentence(TAKEN, "a_b.mid", "en") == (
        "From a\\_b.mid: track 2 of 3 “Melody”, the top line of its chords, moved onto the grid "
        "by up to 0.12 beats, without the drums, without its last 12 notes (it is very long)."
    )
    korean = taken_sentence(TAKEN, "a_b.mid", "ko")
    assert "3개 트랙 중 2번 “Melody”" in korean
    assert has_hangul(korean)


def test_a_plain_file_is_told_plainly() -> None:
    assert taken_sentence(Taken("abc"), "x.abc", "en") == "From x.abc: the melody as it is."


def test_a_voice_called_by_its_number_has_no_name() -> None:
    assert taken_sentence(Taken("abc", name="1"), "x.abc", "en") == (
        "From x.abc: the melody as it is."
    )
    assert "track 2 of 3." in taken_sentence(Taken("abc", 3, 2, "2"), "x.abc", "en")


def test_a_tiny_shift_is_not_told_as_none() -> None:
    told = taken_sentence(Taken("midi", shifted=0.001), "x.mid", "en")
    assert "up to 0.01 beats" in told


def test_a_beat_that_was_found_is_told() -> None:
    taken = Taken("midi", tempo=92)
    assert taken_sentence(taken, "x.mid", "en") == (
        "From x.mid: its beat found in the playing (♩ = 92)."
    )
    assert "♩ = 92" in taken_sentence(taken, "x.mid", "ko")


@pytest.mark.parametrize(
    "name", ["**bold** `x`", "[a](http://b)", "a\n# b", "<@1> @everyone", "> q"]
)
def test_names_from_files_are_shown_as_they_are(name: str) -> None:
    told = taken_sentence(Taken("midi", 1, 1, name), "x.mid", "en")
    assert "\n" not in told
    for sign in "*[]()<>#@":
        assert told.count(sign) == told.count("\\" + sign)


def test_text_is_cut_at_the_end_of_a_line() -> None:
    assert cut_lines("abc\ndef\nghi", 9) == "abc\n…"
    assert cut_lines("abc\ndef", 7) == "abc\ndef"
    assert len(cut_lines("x" * 100, 50)) <= 50


def test_the_bytes_are_not_touched() -> None:
    assert build_reply(make_result(Request(text="g8")), "en").files[-1].data == MIDI
