"""A trained network plays: each event drawn at a temperature, not always the likeliest.

Taking the likeliest every time is what makes such networks repeat one note for ever: a note held
is the safest guess, and the more of them it has heard, the safer it gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.lab.piano.events import SPECIAL, START
from engine.lab.piano.model import NOW
from engine.lab.piano.training import scaled

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from engine.lab.piano.events import Piece, Vocabulary
    from engine.lab.piano.model import Sizes


def draw(chances: NDArray[np.floating], temperature: float, generator: np.random.Generator) -> int:
    """Draw a word; at temperature 0 the likeliest. What was never learnt is never drawn."""
    logs = np.log(np.maximum(chances.astype(np.float64), 1e-12))
    logs[: len(SPECIAL)] = -np.inf
    if temperature <= 0:
        return int(logs.argmax())
    logs = (logs - logs.max()) / temperature
    weights = np.exp(logs)
    return int(generator.choice(len(weights), p=weights / weights.sum()))


def play(  # noqa: PLR0913 - what a performance depends on
    model: keras.Model,
    vocabulary: Vocabulary,
    sizes: Sizes,
    *,
    events: int = 96,
    temperature: float = 0.9,
    seed: int = 1,
    primer: Piece | None = None,
) -> Piece:
    """Let a network play.

    Args:
        model: a trained network.
        vocabulary: its words.
        sizes: its sizes.
        events: how many are played after the primer.
        temperature: 1 draws as the network says, lower is calmer; 0 takes the likeliest.
        seed: of the draws.
        primer: what it goes on from; None: it begins by itself.
    """
    generator = np.random.default_rng(seed)
    rows = {name: [START] * sizes.window for name in vocabulary.fields}
    if primer is not None:
        for name, numbers in vocabulary.encode(primer).items():
            rows[name] += numbers.tolist()
    for _ in range(events):
        seen = {name: np.array([row[-sizes.window :]], np.int32) for name, row in rows.items()}
        if sizes.plain:
            given = model.predict_on_batch({"sound": scaled(seen["sound"], vocabulary)})
            rows["sound"].append(draw(given["sound"][0], temperature, generator))
            continue
        now = np.append(seen["sound"][:, 1:], [[np.int32(START)]], axis=1)
        given = model.predict_on_batch({**seen, NOW: now})
        now[0, -1] = draw(given["sound"][0, -1], temperature, generator)
        given = model.predict_on_batch({**seen, NOW: now})
        rows["sound"].append(int(now[0, -1]))
        for name in vocabulary.fields[1:]:
            rows[name].append(draw(given[name][0, -1], temperature, generator))
    return vocabulary.decode(rows)


def longest_run(piece: Piece) -> int:
    """Count the most equal events in a row: one note for ever is a run as long as the piece."""
    best = run = 0
    before: tuple[int, ...] = ()
    for event in piece.events:
        run = run + 1 if event.pitches == before else 1
        before = event.pitches
        best = max(best, run)
    return best
