"""The songs of the models as they were trained with the lesson's settings.

``python benchmarks/lab.py models`` trains them and writes ``songs.json``; the bot shows them, so
that nobody's question starts a training.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from engine.lab.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.codes import Names


def read() -> Mapping[str, Outcome]:
    """Read all songs by the name of their model, in the order of the table."""
    text = (files("engine.lab") / "songs.json").read_text(encoding="utf-8")
    return {song["name"]: Outcome.from_json(song) for song in json.loads(text)}


def perform(name: str, names: Names = "letters") -> tuple[bytes, bytes, bytes]:
    """Give a model's song as PNG with the wrong notes in red, as OGG and as MIDI."""
    from engine.formats.midi import write_midi  # noqa: PLC0415 - the list of songs is read without
    from engine.lab.pictures import melody_of, score_picture  # noqa: PLC0415 - likewise
    from engine.score.audio import play  # noqa: PLC0415 - loads the synthesiser

    outcome = read()[name]
    melody = melody_of(outcome.song, outcome.name)
    return score_picture(outcome, names), play(melody), write_midi(melody)
