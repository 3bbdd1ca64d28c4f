"""Perform tunes that begin alike so that nothing but their notes tells them apart."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.codes import parse_codes
from engine.music import Key, Meter
from engine.score.audio import RATE, samples
from engine.score.ogg import encode
from engine.score.picture import LIGHT, MARGIN, Style, rasterise, score_svg, text_line
from engine.score.text import score_text

if TYPE_CHECKING:
    from engine.famous import Alike
    from engine.music import Melody

_MAX_BARS: Final = 64
_LABEL: Final = 56
"""Height of a tune's letter and the space around it, in pixels."""

_SIZE: Final = re.compile(r'width="(\d+)" height="(\d+)"')


def perform_alike(tunes: Alike) -> tuple[tuple[str, ...], bytes | None, tuple[bytes, ...]]:
    """Give the tunes' scores as text, a picture of all of them, and their sounds.

    Raises:
        BadToken: when one cannot be read.
    """
    melodies = [melody_of(codes, tunes) for codes in tunes.tunes]
    split = parse_codes(tunes.opening).melody.end
    texts = tuple(score_text(melody, split, tunes.names) for melody in melodies)
    picture = draw_all(melodies, split, tunes) if tunes.picture else None
    sounds = play_all(melodies, split, tunes.tempo) if tunes.audio else ()
    return texts, picture, sounds


def melody_of(codes: str, tunes: Alike) -> Melody:
    """Read one tune; a piano plays all of them."""
    return replace(
        parse_codes(codes).melody,
        meter=Meter.parse(tunes.meter),
        key=Key.parse(tunes.key),
        pickup=Fraction(tunes.pickup),
        tempo=tunes.tempo,
        program=0,
    )


def play_all(melodies: list[Melody], split: Fraction, tempo: int) -> tuple[bytes, ...]:
    """Play the tunes as OGG Vorbis, their common opening equally loud in all of them.

    Each would be brought to its own peak, which lies in another place in each: one louder from its
    first note on could be known by that.
    """
    sounds = [samples(melody, split) for melody in melodies]
    opening = round(float(split) * 240 / tempo * RATE)
    levels = [float(np.sqrt(np.mean(np.square(sound[:opening])))) for sound in sounds]
    least = min(levels)
    return tuple(
        encode(sound * np.float32(least / level if level else 1.0), RATE)
        for sound, level in zip(sounds, levels, strict=True)
    )


def draw_all(melodies: list[Melody], split: Fraction, tunes: Alike) -> bytes:
    """Draw the tunes below each other, lettered A, B and so on, as a PNG."""
    parts: list[str] = []
    width, y = 0, 0
    for letter, melody in zip("ABCDEFGH", melodies, strict=False):
        svg = score_svg(melody, split, tunes.names, LIGHT, _MAX_BARS)
        size = _SIZE.search(svg)
        assert size is not None
        width = max(width, int(size[1]))
        parts.append(text_line(letter, MARGIN, y + _LABEL - 8, Style(_LABEL, LIGHT.new)))
        parts.append(svg.replace("<svg ", f'<svg y="{y + _LABEL}" ', 1))
        y += _LABEL + int(size[2])
    page = f'width="{width}" height="{y}" viewBox="0 0 {width} {y}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {page}>{"".join(parts)}</svg>'
    return rasterise(svg, LIGHT)
