"""Riddles for the guessing game: a famous opening with two ways on, one real, one the engine's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.errors import NabiError
from bot.waiting import Waiting
from engine.famous import Alike, can_be_told_apart, closed_alike, famous
from engine.request import File, Request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.app import Door
    from bot.i18n import Locale
    from bot.store.quiz import Choice
    from engine.famous import Famous, Performed
    from engine.request import Names, Result

    Compose = Callable[[Request], Awaitable[Result]]
    Perform = Callable[[Alike], Awaitable[Performed]]

_TUNES: Final = 3
"""Tunes that are tried at most, until the engine goes on with one in a way of its own."""

_TEMPERATURES: Final = (1.0, 1.1, 1.25, 1.5)
"""A tune that the model has learnt may come out as it was: the next try is wilder."""

_TO_THE_CLOSE: Final = 4
"""Bars from a half cadence to the close."""

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
    """Ask the engine to go on after the opening for as long as the tune really does.

    One that stops on a half cadence is composed to its close, of which the end is left away: the
    engine's would come to rest there, and be known by it.
    """
    return Request(
        text=tune.opening,
        bars=tune.bars + (_TO_THE_CLOSE if tune.open else 0),
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


async def make_riddle(
    compose: Compose, perform: Perform, played: Sequence[str], look: Look
) -> Riddle:
    """Make a riddle with a tune that was not played lately.

    Which of the two comes first is drawn by chance, and both are written, drawn and played by the
    same call: nothing but their notes tells them apart.

    Args:
        compose: asks the engine for a continuation.
        perform: lets the engine perform both.
        played: names of the tunes that were played, the latest first.
        look: how it is shown.

    Raises:
        NoRiddle: when nothing but the real tunes came out.
        EngineError: see :mod:`engine.errors`.
    """
    tune, mine = await _compose(compose, choose_tunes(played))
    real: Choice = _random.choice(("a", "b"))
    tunes = (tune.whole, mine) if real == "a" else (mine, tune.whole)
    done = await perform(
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


def performing(engine: Door, party: int, show: Callable[[int], Awaitable[None]] | None) -> Perform:
    """Give what lets the engine perform tunes when it is a party's turn.

    Args:
        engine: performs them.
        party: on whose behalf.
        show: shows a place in the queue; None: nobody is there to see.
    """

    async def perform(tunes: Alike) -> Performed:
        async with Waiting(show) as waiting:
            return await engine.perform_alike(tunes, party=party, tell=waiting.tell)

    return perform


async def _compose(compose: Compose, tunes: Sequence[Famous]) -> tuple[Famous, str]:
    """Give the first tune that the engine goes on with in its own way, and what it composed."""
    for tune in tunes:
        for temperature in _TEMPERATURES:
            result = await compose(request_for(tune, temperature))
            mine = closed_alike(tune, result.tune)
            if can_be_told_apart(tune, mine):
                return tune, mine
    raise NoRiddle


def told(name: str, locale: Locale) -> tuple[str, str]:
    """Give a melody's title and where it comes from; empty for one that is not known any more."""
    tune = famous().get(name)
    return ("", "") if tune is None else (tune.title[locale], tune.origin[locale])
