"""Tunes that are performed alike: nothing but their notes tells them apart."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from engine.alike import perform_alike
from engine.errors import BadToken
from engine.famous import Alike, famous
from engine.score.audio import RATE

ODE = famous()["ode"]
OTHER = f"{ODE.opening} d4 d4 d4 d4 e4 e4 e4 e4 f#4 f#4 f#4 f#4 d1"
PAIR = Alike((ODE.whole, OTHER), ODE.opening, ODE.meter, ODE.key, ODE.pickup, ODE.tempo)


def size(png: bytes | None) -> tuple[int, int]:
    assert png is not None
    assert png.startswith(b"\x89PNG")
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


@pytest.mark.slow
def test_the_same_tune_twice_is_the_same_to_the_byte() -> None:
    texts, picture, sounds = perform_alike(replace(PAIR, tunes=(ODE.whole, ODE.whole)))
    assert texts[0] == texts[1]
    assert size(picture)[0] == 1000
    # A stream of Ogg has a number of its own: only the pages' heads may differ.
    assert len(sounds) == 2
    assert len(sounds[0]) == len(sounds[1])
    assert all(sound.startswith(b"OggS") for sound in sounds)


@pytest.mark.slow
def test_both_are_equally_loud_until_they_part() -> None:
    loud = f"{ODE.opening} {'d8 a8 ' * 16}"  # low and high by turns: another peak
    sounds = perform_alike(replace(PAIR, tunes=(ODE.whole, loud), picture=False))[2]
    opening = 8 * RATE
    (real, _), (mine, _) = (soundfile.read(io.BytesIO(sound)) for sound in sounds)
    assert len(real) == len(mine)
    levels = [np.sqrt(np.mean(np.square(each[:opening]))) for each in (real, mine)]
    assert levels[0] == pytest.approx(levels[1], rel=0.01)
    assert max(abs(real).max(), abs(mine).max()) <= 1


@pytest.mark.slow
def test_both_tunes_are_in_the_picture_in_the_order_given() -> None:
    one = size(perform_alike(replace(PAIR, tunes=(ODE.whole,), audio=False))[1])
    both = perform_alike(replace(PAIR, audio=False))
    turned = perform_alike(replace(PAIR, tunes=PAIR.tunes[::-1], audio=False))
    assert size(both[1])[1] > 1.9 * one[1]
    assert both[0] == turned[0][::-1]
    assert both[1] != turned[1]
    assert both[2] == ()


def test_only_what_is_wanted_is_made_and_names_are_as_asked() -> None:
    texts, picture, sounds = perform_alike(
        replace(PAIR, names="solfege", picture=False, audio=False)
    )
    assert picture is None
    assert sounds == ()
    assert all("파#4" in text for text in texts)


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadToken):
        perform_alike(replace(PAIR, tunes=(ODE.whole, "h4")))
