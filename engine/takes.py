"""Several continuations of one primer: seeds from one seed, and no take twice."""

from __future__ import annotations

import asyncio
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from engine.score.text import NEW

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from engine.request import Request
    from engine.workers.stages import Composed

_TRIES: Final = 6
"""Further draws when takes are the same; a cold temperature may know one tune only."""

_FRAME: Final = ("meter", "key", "tempo", "pickup", "program", "style", "version")
"""What the first take settles for all."""


def take_seeds(seed: int) -> Iterator[int]:
    """Give seeds that follow from one seed, that one first; the same everywhere and always."""
    yield seed
    number = 1
    while True:
        digest = blake2b(f"take {number} of {seed}".encode(), digest_size=8).digest()
        yield int.from_bytes(digest) % 2**31
        number += 1


async def compose_takes(
    compose: Callable[[Request], Awaitable[Composed]], request: Request
) -> tuple[Composed, ...]:
    """Compose as many different takes as the request wants, or as there are.

    The first is what the seed gives alone. It settles meter, key and version; the others are then
    composed side by side.

    Args:
        compose: composes one.
        request: its seed is set.

    Raises:
        EngineError: see :mod:`engine.errors`.
    """
    assert request.seed is not None
    seeds = take_seeds(request.seed)
    first = await compose(request.but(seed=next(seeds)))
    if request.takes == 1:
        return (first,)
    frame = {name: getattr(first.request, name) for name in _FRAME}
    wishes = [request.but(seed=next(seeds), **frame) for _ in range(request.takes - 1)]
    tunes = [first]
    for tune in await asyncio.gather(*(compose(wish) for wish in wishes)):
        _add(tunes, tune)
    candidates = request.candidates
    for _ in range(_TRIES):
        if len(tunes) == request.takes:
            break
        # The best of many is often the same: the less choice, the more difference.
        candidates = max(1, candidates // 2)
        wish = request.but(seed=next(seeds), candidates=candidates, **frame)
        _add(tunes, await compose(wish))
    return tuple(tunes)


def _add(tunes: list[Composed], tune: Composed) -> None:
    """Take a tune if its notes are new among those there are."""
    if all(tune.melody.notes != other.melody.notes for other in tunes):
        tunes.append(tune)


def takes_text(tunes: Sequence[Composed]) -> str:
    """Write the scores of takes below each other, under their numbers, the primer only once."""
    if len(tunes) == 1:
        return tunes[0].text
    first, *others = (tune.text for tune in tunes)
    texts = [first, *map(_continuation, others)]
    return "\n\n".join(f"[{number}]\n{text}" for number, text in enumerate(texts, start=1))


def _continuation(text: str) -> str:
    """Keep the lines from the first that is new."""
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if line.startswith(NEW)), 0)
    return "\n".join(lines[start:])
