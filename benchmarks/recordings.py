"""Measure how well tunes come back that were played without a click.

    python benchmarks/recordings.py [--rounds 5]

Plays the openings of the bot's famous tunes as a person would: at a tempo that drifts, each note a
little early or late, into a MIDI file that says 120 quarters a minute and 4/4, as programs do in
which nobody chose anything. Prints, for each amount of looseness, how many intervals between
onsets are read with the right length (up to one factor for the whole tune: a half as a quarter is
right), by the file's beat alone and as the bot reads them; and how often a beat is looked for in
vain in tunes that were played to the file's click.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from engine.codes import parse_codes
from engine.famous import famous
from engine.formats.beats import FEWEST, find_beat
from engine.formats.quantise import quantise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.music import Melody

LOOSE = ((0.01, 0.01), (0.02, 0.02), (0.03, 0.03))
"""Seconds by which a note is early or late, and the drift of the tempo in half a quarter note, both
as standard deviations: a careful player, a usual one, a beginner."""

TEMPOS = (60, 132)
SECOND = Fraction(1, 960)
QUARTER = Fraction(1, 2)
FACTORS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 3 / 2, 2, 3, 4)
LEGATO = 0.85

Heard = list[tuple[Fraction, Fraction]]


def play(
    melody: Melody, tempo: float, late: float, drift: float, random: np.random.Generator
) -> Heard:
    """Play a melody: begin and end of every note in seconds, in ticks of 1/960."""
    onsets = np.array([float(note.onset * 4) for note in melody.notes])
    ends = np.array([float(note.end * 4) for note in melody.notes])
    clock = np.arange(0, ends[-1] + 1, 0.25)
    speed = np.cumsum(random.normal(0, drift / 2, len(clock)))
    lengths = 60 / tempo * 0.25 * np.exp(speed - speed.mean())
    seconds = np.concatenate([[0], np.cumsum(lengths[:-1])])
    begins = np.interp(onsets, clock, seconds)
    sounding = LEGATO * (np.interp(ends, clock, seconds) - begins)
    begins = np.sort(begins + random.normal(0, late, len(begins))) + 0.5
    ticks = np.round(begins / float(SECOND)).astype(int)
    ticks = np.maximum.accumulate(ticks + np.arange(len(ticks))) - np.arange(len(ticks))
    held = np.maximum(1, np.round(sounding / float(SECOND)).astype(int))
    return [(int(a) * SECOND, int(a + b) * SECOND) for a, b in zip(ticks, held, strict=True)]


def right(read: Sequence[Fraction], written: Sequence[Fraction]) -> float:
    """Give the share of intervals between onsets that were read as written, up to a factor."""
    heard = np.diff([float(each) for each in read])
    meant = np.diff([float(each) for each in written])
    return max(float(np.mean(np.abs(heard * factor - meant) < 1e-6)) for factor in FACTORS)


def by_the_file(heard: Heard, written: Sequence[Fraction]) -> float:
    """Read what was played by the file's own beat."""
    nexts = [begin for begin, _ in heard[1:]] + [heard[-1][1]]
    notes = [
        (begin / QUARTER, min(end, after) / QUARTER, 60)
        for (begin, end), after in zip(heard, nexts, strict=True)
    ]
    grid = quantise(notes, SECOND / QUARTER, 120.0)
    return right([note[0] for note in grid.notes], [written[place] for place in grid.places])


def main() -> None:
    """Print a line for every amount of looseness."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each tune is played")
    rounds = parser.parse_args().rounds
    openings = [parse_codes(tune.opening).melody for tune in famous().values()]
    tunes = [melody for melody in openings if len(melody.notes) >= FEWEST]
    random = np.random.default_rng(1)
    print(f"{len(tunes)} tunes, {rounds} times each")
    print("late  drift  by the file's beat  as it is read  in vain")
    for late, drift in LOOSE:
        before, after, vain = [], [], []
        for melody in tunes * rounds:
            written = [note.onset * 4 for note in melody.notes]
            heard = play(melody, random.uniform(*TEMPOS), late, drift, random)
            before.append(by_the_file(heard, written))
            beat = find_beat(heard, QUARTER)
            found = None if beat is None else [place for place, _ in beat.places]
            after.append(before[-1] if found is None else right(found, written))
            clicked = play(melody, 120, late, 0.0, random)
            vain.append(find_beat(clicked, QUARTER) is not None)
        print(
            f"{late:.2f}  {drift:.2f}   {np.mean(before):18.0%} {np.mean(after):14.0%}"
            f" {np.mean(vain):8.1%}"
        )


if __name__ == "__main__":
    main()
