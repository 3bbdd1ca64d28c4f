"""From the parts of a continuation to its result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from engine.request import File, Result, Take
from engine.takes import takes_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.workers.stages import Composed, Media, Primer

_SUFFIXES: Final[Mapping[str, str]] = {
    "lilypond": "ly",
    "abc": "abc",
    "musicxml": "musicxml",
    "wav": "wav",
}


def format_file(form: str, data: bytes, take: str = "") -> File:
    """Name a file in one of the formats beside MIDI; ``take`` is put behind the name."""
    return File(f"nabi{take}.{_SUFFIXES[form]}", data)


def numbers(tunes: Sequence[Composed]) -> list[str]:
    """Give what is put behind the names of each take's files: nothing for a single one."""
    return [""] if len(tunes) == 1 else [f"-{number}" for number in range(1, len(tunes) + 1)]


def result_of(
    tunes: Sequence[Composed],
    primer: Primer | None,
    made: Mapping[tuple[str, int], Media],
    seconds: Mapping[str, float],
) -> Result:
    """Put the parts together.

    Args:
        tunes: what was composed: one or several takes.
        primer: what was read from a file, None for note codes.
        made: ``"picture"``, ``"audio"`` and ``"wave"`` with the number of the take, from 0, as far
            as they were wanted and made; the picture shows all takes and has the number 0.
        seconds: time per stage.
    """
    takes = [
        _take(tune, made.get(("audio", n)), made.get(("wave", n)), number)
        for n, (tune, number) in enumerate(zip(tunes, numbers(tunes), strict=True))
    ]
    first, tune = takes[0], tunes[0]
    picture = made.get(("picture", 0))
    old = sum(note.onset < tune.split for note in tune.melody.notes)
    return Result(
        text=takes_text(tunes),
        tune=tune.tune,
        request=tune.request,
        invented=tune.invented,
        bars=tune.request.bars,
        primer_notes=old,
        new_notes=len(tune.melody.notes) - old,
        midi=first.midi,
        picture=None if picture is None else File("score.png", picture.data),
        audio=first.audio,
        extra=first.extra,
        taken=None if primer is None else primer.taken,
        seconds=seconds,
        known=tune.known,
        lightened=tuple(dict.fromkeys(name for (name, _), each in made.items() if each.lightened)),
        takes=tuple(takes) if len(takes) > 1 else (),
    )


def _take(tune: Composed, audio: Media | None, wave: Media | None, number: str) -> Take:
    extra = wave.data if wave is not None else tune.extra
    written = None if extra is None else format_file(tune.request.form, extra, number)
    return Take(
        tune=tune.tune,
        midi=File(f"nabi{number}.mid", tune.midi),
        audio=None if audio is None else _sound(File(f"nabi{number}.ogg", audio.data), audio),
        extra=written if written is None or wave is None else _sound(written, wave),
    )


def _sound(file: File, media: Media) -> File:
    """Mark a sound that is a part only."""
    return replace(file, excerpt=media.excerpt)
