"""What the guessing game says: built without Discord."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.i18n import say
from bot.riddles import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Locale
    from bot.store.quiz import Outcome, Score, Table

_ROOM: Final = 1400
"""Characters for both tunes as text in one message of Discord."""


def question_text(
    ends: int, locale: Locale, *, picture: bool = False, texts: Sequence[str] = ()
) -> str:
    """Ask which tune is the real one.

    Args:
        ends: when the answer is told, in seconds since 1970.
        locale: language of the sentences.
        picture: whether there is a picture, in which the new notes are blue.
        texts: both tunes as text, where no files can be attached.
    """
    seen = "yes" if picture else "no"
    lines = [say(locale, "quiz-question", when=f"<t:{ends}:R>", seen=seen)]
    if texts:
        lines += [
            f"**{letter}**\n```\n{text.replace('`', 'ˋ')[: _ROOM // 2]}\n```"
            for letter, text in zip("AB", texts, strict=False)
        ]
        lines.append(f"-# {say(locale, 'reply-no-attachments')}")
    return "\n".join(lines)


def answer_text(outcome: Outcome) -> str:
    """Tell which tune was real, who found it, and how often the bot has fooled people."""
    locale = outcome.round.locale
    title, origin = told(outcome.round.tune, locale)
    score = outcome.score
    lines = [
        say(
            locale,
            "quiz-answer",
            real=outcome.round.real.upper(),
            mine="B" if outcome.round.real == "a" else "A",
            title=title,
            origin=origin,
        )
    ]
    if not score.votes:
        lines.append(say(locale, "quiz-nobody"))
    else:
        lines.append(say(locale, "quiz-found", right=score.right, votes=score.votes))
        lines[-1] += _names(outcome)
    if outcome.best:
        table = " · ".join(_placed(*each, locale) for each in places(outcome.best))
        lines.append(say(locale, "quiz-best", table=table))
    if outcome.record.votes:
        lines.append(f"-# {record_text(outcome.record, locale)}")
    return "\n".join(lines)


def _names(outcome: Outcome) -> str:
    """Name the first few who were right; a member alone with the bot knows."""
    if not outcome.round.guild or not outcome.winners:
        return ""
    more = outcome.score.right - len(outcome.winners)
    names = " ".join(f"<@{winner}>" for winner in outcome.winners)
    return f" {names}" + (f" +{more}" if more > 0 else "")


def record_text(record: Score, locale: Locale) -> str:
    """Tell how often the bot's tune was taken for the real one."""
    percent = round(100 * record.fooled / record.votes) if record.votes else 0
    return say(locale, "quiz-record", percent=percent, votes=record.votes)


def scores_text(table: Table, locale: Locale, begin: str, *, server: bool) -> str:
    """Write the table of a server, or the score of a member in direct messages.

    Args:
        table: the scores.
        locale: language of the sentences.
        begin: the command that begins a round, to click or to copy.
        server: whether it is a server's.
    """
    lines = [say(locale, "quiz-scores" if server else "quiz-own-scores")]
    if not (table.best if server else table.own.votes):
        lines.append(say(locale, "quiz-no-scores", command=begin))
    for place, score in places(table.best):
        # Bold: of a list, Discord counts the lines itself.
        lines.append(_placed(place, score, locale))
    if table.own.votes and table.own.member not in {score.member for score in table.best}:
        lines.append(say(locale, "quiz-own", score=score_text(table.own, locale)))
    if table.record.votes:
        lines.append(f"-# {record_text(table.record, locale)}")
    return "\n".join(lines)


def _placed(place: int, score: Score, locale: Locale) -> str:
    return f"**{place}.** <@{score.member}> – {score_text(score, locale)}"


def places(best: Sequence[Score]) -> list[tuple[int, Score]]:
    """Number scores in order, the best first; equal ones share a place."""
    numbered: list[tuple[int, Score]] = []
    for count, score in enumerate(best, 1):
        place, last = numbered[-1] if numbered else (0, None)
        tied = last is not None and (last.right, last.votes) == (score.right, score.votes)
        numbered.append((place if tied else count, score))
    return numbered


def score_text(score: Score, locale: Locale) -> str:
    """Write a score: right ones of all, and the share."""
    percent = round(100 * score.right / score.votes) if score.votes else 0
    return say(locale, "quiz-score", right=score.right, votes=score.votes, percent=percent)
