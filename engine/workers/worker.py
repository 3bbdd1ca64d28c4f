"""What an answering process does: compose a tune, draw it, play it."""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

from engine.codes import MAX_NOTES, format_codes, parse_codes
from engine.compose import compose
from engine.errors import BadOption, BadVersion
from engine.formats.abc import write_abc
from engine.formats.lilypond import write_lilypond
from engine.formats.midi import write_midi
from engine.formats.musicxml import write_musicxml
from engine.music import Key, Melody, Meter
from engine.notation import GRID
from engine.predict import Model
from engine.request import MAX_TEXT, OPTIONS, Request
from engine.score.audio import LEAD, MAX_SECONDS, perform, play, play_wav, seconds_of
from engine.score.curve import draw_curve
from engine.score.picture import draw
from engine.score.takes import draw_takes
from engine.score.text import score_text
from engine.workers.stages import Composed, Media, Primer

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.compose import Composition
    from engine.request import Curve, Names

log = logging.getLogger(__name__)

_MODELS: Final = 3
_TEXT: Final = 1500
"""Characters of the scores of all takes."""

_LEAST_SHARE: Final = 0.05
"""Of its size, below which nobody can read a picture or make sense of a sound."""

_models: OrderedDict[tuple[str, int], Model] = OrderedDict()

_WRITERS: Final = {
    "lilypond": write_lilypond,
    "abc": write_abc,
    "musicxml": write_musicxml,
}
_PICKUP: Final = re.compile(r"(\d{1,4})(?:/(\d{1,4}))?", re.ASCII)


def prepare(name: str, folder: str, *strict: bool) -> None:
    """Load the model and do everything once, so that the first request is fast.

    Args:
        name: version that will probably be asked for.
        folder: where it lies.
        strict: whether a version that does not load is an error; after a crash it is not.

    Raises:
        BadVersion: when the version does not load.
    """
    try:
        tune = compose_tune(Request(text="도4 레4", bars=1, seed=0), None, name, folder)
    except BadVersion:
        if all(strict):
            raise
        return
    for job in (draw_tune, play_tune):
        try:
            job(tune.melody, tune.split, tune.names)
        except Exception:  # the score as text is still worth having
            log.exception("a worker cannot %s", job.__name__)


def compose_tune(request: Request, primer: Primer | None, version: str, folder: str) -> Composed:
    """Continue a primer and write the tune in every form but picture and sound.

    Args:
        request: what is asked; its seed is set.
        primer: what was read from a file; None: the request's note codes are taken.
        version: name of the model.
        folder: where it lies.

    Raises:
        BadToken, UnknownFlag, TooLong: when the note codes cannot be read.
        BadOption: when the pickup does not fit.
        BadVersion: when the model cannot be loaded.
    """
    if request.seed is None:
        raise BadOption("seed", "None", OPTIONS["seed"].expected)
    begun = perf_counter()
    if primer is None:
        codes = parse_codes(request.text)
        primer = Primer(codes.melody, codes.names)
    melody = as_asked(primer.melody, request)
    model = _model(version, folder)
    read = perf_counter()
    composition = compose(
        model,
        melody,
        bars=request.bars,
        temperature=request.temperature,
        seed=request.seed,
        style=request.style,
        pickup=None if request.pickup is None else melody.pickup,
        candidates=request.candidates,
    )
    composed = perf_counter()
    told = request.pickup is not None or composition.melody.pickup != melody.pickup
    tune = _written(composition, request, request.names or primer.names, version, told=told)
    seconds = {"parse": read - begun, "compose": composed - read}
    return replace(tune, seconds={**seconds, "write": perf_counter() - composed})


def draw_tune(melody: Melody, split: Fraction, names: Names, limit: int | None = None) -> Media:
    """Engrave a tune as PNG, smaller when it would have more bytes than the limit."""
    return _drawn(partial(draw, melody, split, names), limit)


def draw_many(
    melodies: tuple[Melody, ...], split: Fraction, names: Names, limit: int | None = None
) -> Media:
    """Engrave several takes as one PNG; see :func:`draw_tune`."""
    return _drawn(partial(draw_takes, melodies, split, names), limit)


def _drawn(draw_as: Callable[..., bytes], limit: int | None) -> Media:
    full = draw_as()
    width, height = (int.from_bytes(full[at : at + 4], "big") for at in (16, 20))

    def make(share: float) -> bytes:
        return draw_as(max_pixels=int(width * height * share))

    return within(limit, full, make)


def play_tune(melody: Melody, split: Fraction, _names: Names, limit: int | None = None) -> Media:
    """Play a tune as OGG Vorbis, shorter when it would have more bytes than the limit."""
    return _played(play, melody, split, limit)


def wave_tune(melody: Melody, split: Fraction, _names: Names, limit: int | None = None) -> Media:
    """Play a tune as WAV, shorter when it would have more bytes than the limit."""
    return _played(play_wav, melody, split, limit)


def _played(
    play_as: Callable[..., bytes], melody: Melody, split: Fraction, limit: int | None
) -> Media:
    seconds = perform(melody, split, MAX_SECONDS).seconds

    def make(share: float) -> bytes:
        return play_as(melody, split, max_seconds=max(LEAD, seconds * share))

    media = within(limit, play_as(melody, split), make)
    return replace(media, excerpt=seconds_of(melody) > MAX_SECONDS)


def within(limit: int | None, full: bytes, make: Callable[[float], bytes]) -> Media:
    """Make a file smaller until it has at most so many bytes, or give it as small as it gets.

    Args:
        limit: bytes; None: any number.
        full: the file as large as it can be.
        make: gives it for a share of that, 0 to 1.
    """
    data, share = full, 1.0
    while limit is not None and len(data) > limit and share > _LEAST_SHARE:
        share = max(_LEAST_SHARE, share * min(0.9, 0.9 * limit / len(data)))
        data = make(share)
    return Media(data, lightened=len(data) < len(full))


def write_formats(melody: Melody, split: Fraction, names: Names) -> dict[str, bytes]:
    """Write a tune in every format that is text, by the format's name."""
    return {form: writer(melody, split, names).encode() for form, writer in _WRITERS.items()}


def draw_learning(curve: Curve) -> bytes:
    """Draw a learning curve as PNG."""
    return draw_curve(curve)


def as_asked(melody: Melody, request: Request) -> Melody:
    """Give a primer the meter, key, pickup, tempo and instrument that were asked for.

    What an option says wins over what was read. The tempo becomes a whole number within the
    option's range, so that the request can be repeated.

    Raises:
        BadOption: when the pickup is no length, or as long as a bar.
    """
    meter = melody.meter if request.meter is None else Meter.parse(request.meter)
    key = melody.key if request.key is None else Key.parse(request.key)
    pickup = melody.pickup if request.pickup is None else _length(request.pickup)
    if meter is not None and pickup >= meter.bar:
        if request.pickup is not None:
            raise _bad_pickup(request.pickup)
        pickup = Fraction(0)
    program = request.program if request.program is not None else melody.program or 0
    tempo = melody.tempo if request.tempo is None else request.tempo
    return replace(
        melody,
        meter=meter,
        key=key,
        pickup=pickup,
        assumed=melody.assumed and request.meter is request.pickup is None,
        tempo=None if tempo is None else _whole_tempo(tempo),
        program=program,
    )


def _written(
    composition: Composition, request: Request, names: Names, version: str, *, told: bool
) -> Composed:
    """Write a composition as text, note codes, MIDI and what else is asked for.

    Args:
        composition: the tune.
        request: what was asked.
        names: alphabet of its codes.
        version: of the model.
        told: whether to name the pickup even where there is none: it overrules a file's.
    """
    melody, split = composition.melody, composition.split
    tempo = None if melody.tempo is None else _whole_tempo(melody.tempo)
    melody = replace(melody, tempo=tempo)
    writer = _WRITERS.get(request.form)
    return Composed(
        melody=melody,
        split=split,
        names=names,
        request=request.but(
            meter=None if melody.meter is None else str(melody.meter),
            key=None if melody.key is None else str(melody.key),
            tempo=tempo,
            pickup=str(melody.pickup) if told or melody.pickup else None,
            program=melody.program,
            style=composition.style,
            version=version,
        ),
        invented=composition.invented,
        text=score_text(melody, split, names, _TEXT // request.takes),
        tune=primer_codes(melody, names),
        midi=write_midi(melody, split),
        extra=None if writer is None else writer(melody, split, names).encode(),
        seconds={},
        known=composition.known,
    )


def primer_codes(melody: Melody, names: Names = "letters") -> str:
    """Write a tune as note codes that are taken as a primer again, in the alphabet typed.

    A tune too long for that loses bars at its start; a pickup stays as long as it was, since the
    request for more repeats it.
    """
    while True:
        codes = format_codes(melody, names)
        share = min(MAX_TEXT / len(codes), MAX_NOTES / len(melody.notes)) if codes else 1.0
        if share >= 1:
            return codes
        melody = _without_start(melody, Fraction(melody.end * (1 - Fraction(0.95 * share))))


def _without_start(melody: Melody, least: Fraction) -> Melody:
    """Leave out at least so many whole notes from the start, up to a bar line if there is one."""
    starts = (line - melody.pickup for line in melody.bar_lines())
    cut = next((start for start in starts if start >= least), least)
    kept = tuple(
        replace(note, onset=max(note.onset, cut) - cut, duration=note.end - max(note.onset, cut))
        for note in melody.notes
        if note.end > cut
    )
    return replace(melody, notes=kept, length=melody.end - cut)


def _model(name: str, folder: str) -> Model:
    """Give a model, loaded once while it is in use and its manifest does not change."""
    try:
        key = folder, (Path(folder) / "model.json").stat().st_mtime_ns
    except OSError as error:
        raise BadVersion(name, f"model.json: {error.strerror}") from None
    if key not in _models:
        _models[key] = Model.load(Path(folder))
    _models.move_to_end(key)
    while len(_models) > _MODELS:
        _models.popitem(last=False)
    return _models[key]


def _whole_tempo(tempo: float) -> int:
    option = OPTIONS["tempo"]
    return round(min(max(tempo, option.low or 1), option.high or 1000))


def _length(text: str) -> Fraction:
    """Read a length in whole notes.

    Raises:
        BadOption: when it is none, or finer than can be written.
    """
    match = _PICKUP.fullmatch(text.strip())
    if match is None or int(match[2] or 1) == 0:
        raise _bad_pickup(text)
    length = Fraction(int(match[1]), int(match[2] or 1))
    if length % GRID:
        raise _bad_pickup(text)
    return length


def _bad_pickup(text: str) -> BadOption:
    return BadOption("pickup", text[:40], "1/8")
