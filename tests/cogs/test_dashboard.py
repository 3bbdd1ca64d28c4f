"""What the messages around a training run say, built without a bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.i18n import LOCALES, Locale, has_hangul
from bot.training.runs import (
    Estimate,
    Failure,
    Outcome,
    Point,
    RunOptions,
    Skipped,
    Source,
    State,
    VersionInfo,
)
from cogs.models import models_text
from cogs.retrain.curve import curve_of
from cogs.retrain.dashboard import bar, dashboard_text
from cogs.retrain.follow import pause
from cogs.retrain.words import details_text, duration, estimate_text
from tests.fakes import make_run

POINTS = (Point(0.5, 3.1, None), Point(1.0, 2.9, 2.8), Point(1.5, 2.7, None), Point(2.0, 2.6, 2.7))
SAME = Outcome(
    promoted=False, tunes=629, old_bits=2.5601, new_bits=2.5588, low=-0.0121, high=0.0093
)
BETTER = replace(SAME, promoted=True, new_bits=2.4977, low=-0.0831, high=-0.0412)
WORSE = replace(SAME, new_bits=2.6588, low=0.0121, high=0.1093)
TRAINING = make_run(
    state="training",
    epoch=3,
    epochs=12,
    share=0.2,
    loss=2.613,
    curve=POINTS,
    level=2.56,
    speed=12034.4,
    seconds_left=600.0,
    tunes=12737,
    notes=900000,
    held_out=629,
    skipped_count=3,
    skipped=(Skipped("a/b.mid", "broken"), Skipped("c.abc:3", "short")),
)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("state", get_args(State))
def test_every_state_has_a_short_text_in_both_languages(state: State, locale: Locale) -> None:
    text = dashboard_text(replace(TRAINING, state=state), locale)
    assert len(text) < 1000
    assert "new-1" in text
    assert "None" not in text
    assert has_hangul(text) == (locale == "ko")
    assert "{" not in text


def test_training_shows_all_that_one_waits_for() -> None:
    text = dashboard_text(TRAINING, "en")
    assert "pass 3 of at most 12" in text
    assert "20 %" in text
    assert "2.700** bits per note" in text  # the last validation
    assert "`nabi-1` on the same tunes: 2.560" in text
    assert "12,034 notes a second" in text
    end = int(datetime(2026, 11, 21, 12, 10, tzinfo=UTC).timestamp())
    assert f"<t:{end}:R>" in text
    assert "3 files left out" in text
    assert "never from messages or files" in text


@pytest.mark.parametrize(
    ("outcome", "verdict", "advice"),
    [
        (BETTER, "better than `nabi-1` and answers", "!models rollback"),
        (SAME, "not clearly better", "!retrain promote new-1"),
        (WORSE, "but worse", "!retrain promote new-1"),
    ],
)
def test_the_end_tells_both_figures_the_interval_and_what_to_do(
    outcome: Outcome, verdict: str, advice: str
) -> None:
    text = dashboard_text(replace(TRAINING, state="done", outcome=outcome), "en")
    assert verdict in text
    assert advice in text
    assert f"2.560 → **{outcome.new_bits:.3f}**" in text
    assert f"between {outcome.low:+.3f} and".replace("-", "−") in text
    assert "the same 629 tunes, held out" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_every_failure_is_one_sentence_of_its_own(locale: Locale) -> None:
    texts = set()
    for failure in get_args(Failure):
        run = replace(TRAINING, state="failed", failure=failure, detail="/secret/place")
        text = dashboard_text(run, locale)
        assert "nabi-1" in text
        assert "secret" not in text + details_text(run, locale, full=True)
        texts.add(text)
    assert len(texts) == len(get_args(Failure))


def test_a_cancel_request_is_seen_at_once() -> None:
    assert "I’m stopping" in dashboard_text(replace(TRAINING, cancel_requested=True), "en")
    ended = replace(TRAINING, cancel_requested=True, state="cancelled")
    assert "was cancelled" in dashboard_text(ended, "en")


def test_the_same_run_gives_the_same_text() -> None:
    assert dashboard_text(TRAINING, "ko") == dashboard_text(replace(TRAINING), "ko")


def test_hostile_names_stay_inside_their_code() -> None:
    run = replace(TRAINING, version="a`**@everyone\n# b", base="`" * 90)
    assert dashboard_text(run, "en").count("\n# b") == 0
    assert "a`" not in dashboard_text(run, "en")


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.004, 0.5, 0.999, 1.0, 7.0])
def test_the_bar_has_always_the_same_width(share: float) -> None:
    text = bar(share)
    assert text.count("▰") + text.count("▱") == 14
    assert (text.count("▰") == 14) == (share >= 1)
    assert ("100 %" in text) == (share >= 1)


def test_the_curve_holds_both_lines_and_the_level() -> None:
    curve = curve_of(TRAINING, "en")
    assert curve is not None
    assert curve.training == ((0.5, 3.1), (1.0, 2.9), (1.5, 2.7), (2.0, 2.6))
    assert curve.validation == ((1.0, 2.8), (2.0, 2.7))
    assert curve.level == 2.56
    assert curve.names[2] == "nabi-1 now"
    ended = curve_of(replace(TRAINING, state="done"), "en")
    assert ended is not None
    assert ended.names[2] == "nabi-1"
    korean = curve_of(TRAINING, "ko")
    assert korean is not None
    assert all(has_hangul(word) for word in (korean.epochs, korean.bits, *korean.names))


def test_without_points_there_is_no_picture() -> None:
    assert curve_of(make_run(level=2.5), "en") is None
    assert curve_of(make_run(curve=(Point(1.0, None, None),)), "en") is None


@pytest.mark.parametrize("locale", LOCALES)
def test_details_tell_options_corpus_and_outcome(locale: Locale) -> None:
    run = replace(
        TRAINING,
        state="done",
        outcome=SAME,
        options=RunOptions("scratch", 4, ("aird", "ryan"), "x"),
    )
    text = details_text(run, locale, full=True)
    assert "--from scratch --epochs 4 --collections aird,ryan --name x" in text
    assert "12,737" in text
    assert "900,000" in text
    assert "2.700" in text
    assert "−0.012" in text
    assert "`a/b.mid`" in text
    assert "`c.abc:3`" in text


def test_members_are_not_shown_the_operators_file_names() -> None:
    text = details_text(TRAINING, "en", full=False)
    assert "a/b.mid" not in text
    assert "3 files were left out" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_thousand_bad_files_fit_into_a_message(locale: Locale) -> None:
    skipped = tuple(Skipped(f"{'very ' * 30}{n}`\n.mid", "broken") for n in range(100))
    run = replace(TRAINING, skipped=skipped, skipped_count=1000)
    text = details_text(run, locale, full=True)
    assert len(text) <= 2000
    listed = text.count("\n- ")
    assert 3 < listed < 100
    assert f"{1000 - listed}" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_dry_run_tells_from_what_how_long_and_how_to_begin(locale: Locale) -> None:
    estimate = Estimate(
        options=RunOptions("scratch", 4, None, "x"),
        base="nabi-1",
        sources=(Source("aird", 1178, 108921), Source("corpus", 30, 912, files=33)),
        tunes=1208,
        notes=109833,
        skipped=(Skipped("a.mid", "drums"),),
        skipped_count=1,
        epochs=4,
        speed=12034.5,
        seconds=4000.0,
        unread=("aird",),
    )
    text = estimate_text(estimate, locale)
    for part in ("1,178", "33", "109,833", "12,034", "a.mid", "aird"):
        assert part in text
    assert duration(4000.0, locale) in text
    assert "`!retrain --from scratch --epochs 4 --name x`" in text
    assert len(text) < 2000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1, "1 min"),
        (3599, "1 h 0 min"),
        (4000, "1 h 7 min"),
        (172799, "2 days"),
        (400000, "4 days"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds, "en") == text


def test_edits_become_rarer_as_the_message_grows_old() -> None:
    assert pause(0, 5) == 5
    assert pause(1800, 5) == 30
    assert pause(3600, 5) == 60
    assert pause(86400, 5) == 60


def version(name: str, **changes: object) -> VersionInfo:
    fields = {
        "created": "2026-11-21T21:34:44+00:00",
        "shipped": False,
        "active": False,
        "bits": {"shift": 0.1061, "duration": 0.7343, "pitch": 1.7196},
        "tunes": 13366,
        "sound": True,
    }
    return VersionInfo(name=name, **{**fields, **changes})  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("locale", LOCALES)
def test_the_list_of_versions_marks_what_answers_and_what_came_along(locale: Locale) -> None:
    text = models_text(
        [version("new-1"), version("nabi-1", shipped=True, active=True)], locale
    ).splitlines()
    assert "2.560" in text[1]
    assert "1.720" in text[1]
    assert "13,366" in text[1]
    assert "2026-11-21" in text[1]
    assert "**`nabi-1`**" in text[2]
    assert len(text[2]) > len(text[1])


def test_a_version_without_figures_or_with_damage_is_listed_too() -> None:
    text = models_text([version("odd", bits={}, tunes=0, created="", sound=False)], "en")
    assert "- `odd` · ⚠️ damaged" in text
    assert "nan" not in text


@pytest.mark.parametrize("locale", LOCALES)
def test_two_hundred_versions_fit_into_a_message_with_the_one_that_answers(locale: Locale) -> None:
    versions = [version(f"v{n:03}", active=n == 199) for n in range(200)]
    text = models_text(versions, locale)
    assert len(text) <= 2000
    assert "**`v199`**" in text
    listed = text.count("\n- `") + 1
    assert f"{200 - listed}" in text


def test_without_versions_the_list_says_so() -> None:
    assert models_text([], "en") == "There is no version that I could use."
