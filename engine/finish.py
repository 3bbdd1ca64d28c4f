"""From the parts of a continuation to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.request import File, Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.stages import Composed, Media, Primer

_SUFFIXES: Final[Mapping[str, str]] = {
    "lilypond": "ly",
    "abc": "abc",
    "musicxml": "musicxml",
    "wav": "wav",
}


def format_file(form: str, data: bytes) -> File:
    """Name a file in one of the formats beside MIDI."""
    return File(f"nabi.{_SUFFIXES[form]}", data)


def result_of(
    tune: Composed,
    primer: Primer | None,
    made: Mapping[str, Media],
    seconds: Mapping[str, float],
) -> Result:
    """Put the parts together.

    Args:
        tune: what was composed.
        primer: what was read from a file, None for note codes.
        made: ``"picture"``, ``"audio"`` and ``"wave"``, as far as they were wanted and made.
        seconds: time per stage.
    """
    picture, audio, wave = (made.get(name) for name in ("picture", "audio", "wave"))
    extra = wave.data if wave is not None else tune.extra
    old = sum(note.onset < tune.split for note in tune.melody.notes)
    return Result(
        text=tune.text,
        tune=tune.tune,
        request=tune.request,
        invented=tune.invented,
        bars=tune.request.bars,
        primer_notes=old,
        new_notes=len(tune.melody.notes) - old,
        midi=File("nabi.mid", tune.midi),
        picture=None if picture is None else File("score.png", picture.data),
        audio=None if audio is None else File("nabi.ogg", audio.data),
        extra=None if extra is None else format_file(tune.request.form, extra),
        taken=None if primer is None else primer.taken,
        seconds=seconds,
        known=tune.known,
        lightened=tuple(name for name, media in made.items() if media.lightened),
    )
