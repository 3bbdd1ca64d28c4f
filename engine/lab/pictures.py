"""What a lesson leaves to look at and to hear: the sung score, MIDI, sound, learning curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from engine.codes import parse_codes
from engine.lab.butterfly import NUMBERS, codes
from engine.music import Key, Meter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.codes import Names
    from engine.lab.outcome import Outcome
    from engine.music import Melody


def melody_of(numbers: Sequence[int], title: str = "") -> Melody:
    """Give notes of the lesson's vocabulary as a melody in 2/4."""
    melody = parse_codes(" ".join(codes(numbers))).melody
    return replace(melody, meter=Meter(2, 4), key=Key(0), tempo=100, title=title)


def wrong_notes(numbers: Sequence[int]) -> tuple[int, ...]:
    """Give the places, from 0, at which a song is not 나비야."""
    return tuple(
        place for place, note in enumerate(numbers) if note not in NUMBERS[place : place + 1]
    )


def score_picture(outcome: Outcome, names: Names = "letters") -> bytes:
    """Draw a song as PNG, its wrong notes in red."""
    from engine.score.picture import draw_mistakes  # noqa: PLC0415 - loads the engraver

    found = outcome.song_score
    title = f"{outcome.name} · {found.hits}/{found.of}"
    return draw_mistakes(melody_of(outcome.song, title), wrong_notes(outcome.song), names)


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands around curves.

    Attributes:
        title, x, y: words above, below and beside.
        logarithmic: whether the lower axis is.
        mark: a place on it to point at, None for none.
    """

    title: str = ""
    x: str = "passes over the song"
    y: str = "loss (nats per note)"
    logarithmic: bool = False
    mark: float | None = None


def learning_curves(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], around: Axes
) -> bytes:
    """Draw curves by name as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - takes a second
    from matplotlib.figure import Figure  # noqa: PLC0415 - likewise

    figure = Figure(figsize=(9, 5.2), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    strokes = ("-", "--", "-.", ":")
    for number, (name, (places, values)) in enumerate(curves.items()):
        line = strokes[number // 10 % len(strokes)]
        axes.plot(places, values, line, label=name, linewidth=1.6)
    if around.logarithmic:
        axes.set_xscale("log")
    if around.mark is not None:
        axes.axvline(
            around.mark, color="#d32f2f", linestyle="--", linewidth=1.4, label=f"{around.mark:.2g}"
        )
    axes.set(xlabel=around.x, ylabel=around.y, title=around.title)
    axes.grid(alpha=0.3)
    if len(curves) > 1 or around.mark is not None:
        axes.legend(fontsize="small", ncols=1 + len(curves) // 9)
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
