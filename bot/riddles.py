"""Riddles for the guessing game: a famous opening with two ways on, one real, one the engine's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.errors import NabiError
from engine.famous import Alike, can_be_told_apart, famous
from engine.request import File, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.app import Door
    from bot.i18n import Locale
    from bot.store.quiz import Choice
    from engine.famous import Famous
    from engine.request import Names, Result

    Compose = Callable[[Request], Awaitable[Result]]

_TUNES: Final = 3
"""Tunes that are tried at most, until the engine goes on with one in a way of its own."""

_TEMPERATURES: Final = (1.0, 1.1, 1.25)
"""A tune that the model has learnt may come out as it was: the next try is wilder."""

_random: Final = secrets.SystemRandom()


class NoRiddle(NabiError):
    """The engine knows the tunes too well: all that it composed is what really follows."""

    sentence = "error-quiz-none"


@dataclass(frozen=True, slots=True)
class Look:
    """How a riddle is shown.

    Attributes:
        names: alphabet of the note names.
        picture, audio: whether there may be a picture, and sounds.
    """

    names: Names
    picture: bool = True
    audio: bool = True


@dataclass(frozen=True, slots=True)
class Riddle:
    """Two tunes with one opening.

    Attributes:
        tune: name of the melody.
        real: which of them is the real one.
        files: a picture of both, and the sound of each, as far as they are wanted.
        texts: both as text.
    """

    tune: str
    real: Choice
    files: tuple[File, ...]
    texts: tuple[str, ...]


def choose_tunes(played: Sequence[str]) -> list[Famous]:
    """Choose tunes to try by chance: those not played lately, else those played longest ago.

    Args:
        played: names of the tunes that were played, the latest first.
    """
    tunes = list(famous().values())
    _random.shuffle(tunes)
    last = {name: place for place, name in reversed(list(enumerate(played)))}
    tunes.sort(key=lambda tune: -last.get(tune.name, len(played)))
    return tunes[:_TUNES]


def request_for(tune: Famous, temperature: float = 1.0) -> Request:
    """Ask the engine to go on after the opening for as long as the tune really does."""
    return Request(
        text=tune.opening,
        bars=tune.bars,
        meter=tune.meter,
        key=tune.key,
        pickup=tune.pickup,
        tempo=tune.tempo,
        temperature=temperature,
        program=0,
        picture=False,
        audio=False,
        names="letters",
    )


async def make_riddle(engine: Door, compose: Compose, played: Sequence[str], look: Look) -> Riddle:
    """Make a riddle with a tune that was not played lately.

    Which of the two comes first is drawn by chance, and both are written, drawn and played by the
    same call: nothing but their notes tells them apart.

    Args:
        engine: performs both.
        compose: asks the engine for a continuation.
        played: names of the tunes that were played, the latest first.
        look: how it is shown.

    Raises:
        NoRiddle: when nothing but the real tunes came out.
        EngineError: see :mod:`engine.errors`.
    """
    tune, mine = await _compose(compose, choose_tunes(played))
    real: Choice = _random.choice(("a", "b"))
    tunes = (tune.whole, mine) if real == "a" else (mine, tune.whole)
    done = await engine.perform_alike(
        Alike(
            tunes=tunes,
            opening=tune.opening,
            meter=tune.meter,
            key=tune.key,
            pickup=tune.pickup,
            tempo=tune.tempo,
            names=look.names,
            picture=look.picture,
            audio=look.audio,
        )
    )
    files = [] if done.picture is None else [File("quiz.png", done.picture)]
    files += [File(f"{letter}.ogg", data) for letter, data in zip("ab", done.sounds, strict=False)]
    return Riddle(tune.name, real, tuple(files), done.texts)


async def _compose(compose: Compose, tunes: Sequence[Famous]) -> tuple[Famous, str]:
    """Give the first tune that the engine goes on with in its own way, and what it composed."""
    for tune in tunes:
        for temperature in _TEMPERATURES:
            result = await compose(request_for(tune, temperature))
            if can_be_told_apart(tune, result.tune):
                return tune, result.tune
    raise NoRiddle


def told(name: str, locale: Locale) -> tuple[str, str]:
    """Give a melody's title and where it comes from; empty for one that is not known any more."""
    tune = famous().get(name)
    return ("", "") if tune is None else (tune.title[locale], tune.origin[locale])
