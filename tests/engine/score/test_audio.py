from __future__ import annotations

import io
import wave
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from engine.music import Melody, Meter
from engine.score.audio import LEAD, PEAK, RATE, TAIL, perform, play, play_wav, samples
from engine.score.ogg import encode, renumber
from tests.engine.score.melodies import BUTTERFLY, tune, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUTTERFLY_TUNE = tune(BUTTERFLY, "2/4")


def decode(data: bytes) -> NDArray[np.float64]:
    sound, rate = soundfile.read(io.BytesIO(data), always_2d=True)
    assert rate == RATE
    assert sound.shape[1] == 1
    return np.asarray(sound[:, 0], np.float64)


def pitch_at(sound: NDArray[np.floating], seconds: float, length: float = 0.25) -> float:
    piece = sound[int(seconds * RATE) : int((seconds + length) * RATE)]
    spectrum = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 2**17))
    # the lowest strong partial is the fundamental
    strong = np.flatnonzero(spectrum > spectrum.max() * 0.25)
    first = strong[0]
    peak = first + int(np.argmax(spectrum[first : first + 60]))
    return float(peak * RATE / 2**17)


@pytest.mark.parametrize(("tempo", "seconds"), [(None, 9.6), (100.0, 9.6), (240.0, 4.0)])
def test_the_sound_is_as_long_as_the_tune_and_its_tail(tempo: float | None, seconds: float) -> None:
    melody = replace(BUTTERFLY_TUNE, tempo=tempo)
    assert float(melody.end) * 4 == 16
    assert len(decode(play(melody))) / RATE == pytest.approx(seconds + TAIL, abs=0.01)


@pytest.mark.parametrize("program", [None, 0, 19, 24, 40, 56, 73, 105])
def test_it_is_audible_and_does_not_clip(program: int | None) -> None:
    sound = decode(play(replace(BUTTERFLY_TUNE, program=program)))
    peak = np.abs(sound).max()
    assert 0.5 < peak < 0.99
    loudness = 20 * np.log10(np.sqrt(np.mean(sound[: 9 * RATE] ** 2)))
    assert -21 < loudness < -11


@pytest.mark.parametrize(
    ("code", "frequency"), [("g2", 392.0), ("a,2", 220.0), ("c'2", 523.25), ("f#2", 369.99)]
)
def test_the_pitch_is_right(code: str, frequency: float) -> None:
    melody = replace(tune(f"{code} r2"), tempo=60.0)
    assert pitch_at(samples(melody), 0.2, 0.8) == pytest.approx(frequency, rel=0.006)


def test_notes_come_in_order_and_in_time() -> None:
    melody = replace(tune("c4 g4 e4 c'4"), tempo=60.0, program=73)
    sound = samples(melody)
    heard = [pitch_at(sound, beat + 0.3, 0.5) for beat in range(4)]
    assert heard == pytest.approx([261.6, 392.0, 329.6, 523.3], rel=0.01)


def test_rests_are_silent_and_the_last_note_dies_away() -> None:
    melody = replace(tune("c4 r2. c4 r4 r2"), tempo=60.0)
    sound = samples(melody)
    assert np.abs(sound[: RATE // 2]).max() > 0.3
    assert np.abs(sound[3 * RATE : int(3.9 * RATE)]).max() < 0.02
    short = samples(replace(tune("c4 d4 e2"), tempo=120.0))
    tail = short[int(2.02 * RATE) : int(2.3 * RATE)]
    assert np.abs(tail).max() > 0.01
    assert np.abs(short[-RATE // 50 :]).max() < 0.002


def test_downbeats_are_accented() -> None:
    strikes = perform(tune("c4 c4 c4 c4 c4", "3/4"), None, 90).strikes
    loud = [strike.velocity for strike in strikes]
    assert loud[0] == loud[3] > loud[1] == loud[2] == loud[4]
    assert all(0 < velocity < 128 for velocity in loud)


def test_a_pickup_is_not_a_downbeat() -> None:
    strikes = perform(tune("g4 c'4 c'4 c'4", "3/4", pickup="1/4"), None, 90).strikes
    assert strikes[1].velocity > strikes[0].velocity


def test_equal_melodies_give_equal_bytes() -> None:
    assert play(BUTTERFLY_TUNE) == play(BUTTERFLY_TUNE)
    assert play(BUTTERFLY_TUNE) != play(replace(BUTTERFLY_TUNE, tempo=101.0))


def test_twenty_seconds_stay_small() -> None:
    melody = Melody(walk(66, "1/8"), Meter(4, 4))
    assert len(play(melody)) < 300_000


def test_wav_holds_the_same_sound() -> None:
    melody = tune("c4 e4 g4 c'4")
    with wave.open(io.BytesIO(play_wav(melody))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert len(sound) == len(decode(play(melody)))
    assert np.abs(sound).max() == pytest.approx(PEAK, abs=0.08)
    assert np.allclose(sound, samples(melody), atol=1e-4)


LONG = Melody(walk(1200, "1/4"), Meter(4, 4), tempo=120.0)


def test_a_long_tune_fades_out_at_the_limit() -> None:
    sound = samples(LONG, max_seconds=12)
    assert len(sound) == 12 * RATE
    before = np.abs(sound[9 * RATE : 10 * RATE]).max()
    late = np.abs(sound[int(11.5 * RATE) :]).max()
    assert before > 0.3
    assert late < before / 4
    assert abs(sound[-1]) < 1e-4


@pytest.mark.parametrize("split", [Fraction(292), Fraction(100), Fraction(3), Fraction(0)])
def test_of_a_long_tune_the_continuation_is_heard(split: Fraction) -> None:
    take = perform(LONG, split, 30)
    whole = 240.0 / 120.0
    started = float(split) * whole - LEAD
    offset = max(0.0, started)
    assert take.seconds <= 30
    # the new part begins within the lead
    index = int(split * 4)
    new = [strike for strike in take.strikes if strike.pitch == LONG.notes[index].pitch]
    times = [float(split) * whole - offset - strike.start for strike in new]
    assert min(abs(time) for time in times) < 0.01
    assert take.cut == (float(LONG.end - split) * whole + LEAD > 30)


def test_a_tune_that_fits_is_played_whole_whatever_its_split() -> None:
    take = perform(BUTTERFLY_TUNE, Fraction(3), 90)
    assert len(take.strikes) == len(BUTTERFLY_TUNE.notes)
    assert not take.cut


@pytest.mark.parametrize(
    "melody",
    [
        Melody(),
        Melody(length=Fraction(1)),
        tune("c,,,,,4 c'''''4"),
        replace(tune("c32 d32"), tempo=1000.0),
        replace(tune("c64"), tempo=1.0),
        replace(tune("c4"), program=127, title="\x00🦋"),
    ],
)
def test_odd_melodies_play(melody: Melody) -> None:
    sound = samples(melody, max_seconds=5)
    assert len(sound) <= 5 * RATE
    assert np.isfinite(sound).all()
    assert np.abs(sound).max(initial=0.0) <= PEAK + 1e-6
    assert decode(play(melody, max_seconds=5)).shape == sound.shape


def slow_checksum(page: bytes) -> int:
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            carry = register & 0x80000000
            register = ((register << 1) ^ (0x04C11DB7 if carry else 0)) & 0xFFFFFFFF
    return register


def test_every_page_has_one_serial_and_a_right_checksum() -> None:
    data = encode(np.zeros(RATE, np.float32), RATE)
    start = 0
    serials = set()
    while start < len(data):
        count = data[start + 26]
        size = 27 + count + sum(data[start + 27 : start + 27 + count])
        page = bytearray(data[start : start + size])
        checksum = int.from_bytes(page[22:26], "little")
        page[22:26] = bytes(4)
        assert checksum == slow_checksum(bytes(page))
        serials.add(bytes(page[14:18]))
        start += size
    assert len(serials) == 1


@pytest.mark.parametrize("data", [b"RIFF" + bytes(60), b"OggS" + bytes(10)])
def test_what_is_no_ogg_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="Ogg page"):
        renumber(data)


def test_a_cut_page_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        renumber(encode(np.zeros(100, np.float32), RATE)[:-1])


def test_a_sound_of_minutes_does_not_crash_the_encoder() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE * 120).astype(np.float32)
    assert soundfile.info(io.BytesIO(encode(noise, RATE))).frames == len(noise)
