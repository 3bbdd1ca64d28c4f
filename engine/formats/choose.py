"""Choose the tune in a song: which voice carries it, and its top line.

The choice adds up what musicians look at: names, range, one note at a time, how much of the song
a voice plays, how high it lies. Musical data in ticks; everything is linear or sorts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import fmean, median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from engine.formats.smf import Played, Voice

_TUNE: Final = re.compile(
    r"melod|m[eé]lod|\bmel\b|vocal|\bvox\b|\bvoc\b|voice|voix|\bsing|soprano|cantus|superius|"
    r"discant|\bcanto\b|chant|gesang|singstimme|stimme|\blead\b|\btune\b|\btheme\b|\btema\b|"
    r"\bsolo\b|\bvoz\b|멜로디|가락|보컬|노래|선율|목소리|メロディ|旋律|ボーカル|ヴォーカル|歌|"
    r"人声|人聲|主奏|^nabi\b",
    re.IGNORECASE,
)
_RIGHT_HAND: Final = re.compile(
    r"right|\br\.?h\b|\bm\.?d\b|treble|upper|오른손|右手|rechte", re.IGNORECASE
)
_LEFT_HAND: Final = re.compile(
    r"\bleft|\bl\.?h\b|\bm\.?g\b|lower|왼손|左手|linke hand", re.IGNORECASE
)
_SINGING: Final = re.compile(
    r"flut|fl[öo]te|violin(?!o?\s*(2|ii\b))|fiddle|oboe|clarinet|klarinette|trumpet|recorder|"
    r"whistle|harmonica|ocarina|sax|erhu|pan ?pipe|피리|플루트|플룻|바이올린|해금|대금|단소|리코더|"
    r"오보에|클라리넷|트럼펫|フルート|バイオリン|ヴァイオリン",
    re.IGNORECASE,
)
_BELOW: Final = re.compile(
    r"\bbass\b|\bbasso?\b|\bbasse\b|bassline|contrab|kontrab|drum|\bperc|\bkick\b|snare|cymbal|"
    r"hi-?hat|chord|accomp|akkord|begleit|backing|background|\bback\b|\bbgv?\b|harmon(y|ies|ie)|"
    r"\bcomp(ing)?\b|\bpads?\b|rhythm|strum|\barp|click|metronom|반주|베이스|드럼|코드|화음|백킹|"
    r"ベース|ドラム|伴奏|コード|和音|低音",
    re.IGNORECASE,
)
_INNER: Final = re.compile(
    r"\balto?\b|tenor(?!.*sax)|bariton|viola\b|cello|trombone|tuba|bassoon|fagott|strings?\b|"
    r"choir|\bchorus\b|counter|\b2nd\b|second|\bii\b|알토|테너|첼로|비올라|2부|스트링",
    re.IGNORECASE,
)

_SINGABLE: Final = range(55, 85)
_CHORDAL: Final = 0.12
"""Share of notes that sound together with others from which a voice counts as chords."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The voice that carries the tune.

    Attributes:
        voice: the notes as played; two voices that continue each other are joined.
        tracks: number of voices that hold notes, drums included.
        track: number of the one taken among them, from 1.
    """

    voice: Voice
    tracks: int
    track: int


def choose_voice(voices: Sequence[Voice]) -> Choice | None:
    """Choose the voice that carries the tune; None when there are only drums or nothing."""
    pitched = [voice for voice in voices if not voice.drums]
    if not pitched:
        return None
    joined = _join(pitched)
    if joined is not None:
        return Choice(joined, len(voices) - len(pitched) + 1, 1 + voices.index(pitched[0]))
    start = min(voice.notes[0].onset for voice in pitched)
    end = max(note.end for voice in pitched for note in voice.notes)
    means = [fmean(note.pitch for note in voice.notes) for voice in pitched]
    ranks = sorted(means)
    busiest = max(len(voice.notes) for voice in pitched)

    def score(place: int) -> float:
        voice = pitched[place]
        height = bisect_left(ranks, means[place]) / max(len(ranks) - 1, 1)
        return (
            _by_name(voice.name)
            + _by_instrument(voice.program)
            + _by_notes(voice.notes, start, end)
            + 1.5 * height
            + 0.5 * min(len(voice.notes) / busiest, 1.0)
            - 0.15 * min(place, 8)
        )

    best = pitched[max(range(len(pitched)), key=score)]
    return Choice(best, len(voices), 1 + next(i for i, v in enumerate(voices) if v is best))


def _join(voices: Sequence[Voice]) -> Voice | None:
    """Join two voices of one instrument of which one goes on where the other ends.

    Our own files are such: the primer in one track, its continuation in the next.
    """
    if len(voices) != 2:
        return None
    first, second = sorted(voices, key=lambda voice: voice.notes[0].onset)
    ends = max(note.end for note in first.notes)
    if ends > second.notes[0].onset or first.program != second.program:
        return None
    names = (first.name, second.name)
    common = _common_start(*names) if all(names) else names[0] or names[1]
    return replace(
        first, name=common, end=max(first.end, second.end), notes=first.notes + second.notes
    )


def _common_start(first: str, second: str) -> str:
    """Give what two names begin with, without what separates it from their ends."""
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same]:
        same += 1
    return first[:same].rstrip(" :-,.#(") or first


def _by_name(name: str) -> float:
    """Judge a voice by its track's name."""
    text = name.replace("_", " ")
    if _BELOW.search(text):
        return -5.0
    if _LEFT_HAND.search(text):
        return -4.0
    if _INNER.search(text):
        return -2.5
    if _TUNE.search(text):
        return 5.0
    if _RIGHT_HAND.search(text):
        return 3.0
    return 1.5 if _SINGING.search(text) else 0.0


def _by_instrument(program: int | None) -> float:
    """Judge a voice by its General MIDI instrument."""
    if program is None:
        return 0.0
    if 32 <= program <= 39 or program in (43, 47, 58, 70) or program >= 112:
        return -3.0
    if program == 40 or 52 < program <= 54 or program == 56 or 64 <= program <= 87:
        return 1.0
    return -0.7 if 41 <= program <= 52 or 88 <= program <= 103 else 0.0


def _by_notes(notes: Sequence[Played], start: int, end: int) -> float:
    """Judge a voice by what it plays."""
    pitches = [note.pitch for note in notes]
    singable = sum(pitch in _SINGABLE for pitch in pitches) / len(pitches)
    alone = 1.0 - together(notes)
    length = max(end - start, 1)
    bins = 16
    played = {(note.onset - start) * bins // length for note in notes}
    coverage = len(played) / min(bins, max(len(notes), 1))
    spread = (notes[-1].end - notes[0].onset) / length
    moving = sum(a != b for a, b in pairwise(pitches)) / max(len(pitches) - 1, 1)
    variety = min(len(set(pitches)), 6) / 6
    value = 2.0 * singable + 2.0 * alone + 1.0 * coverage + 1.5 * min(spread, 1.0)
    value += 1.0 * moving + 1.5 * variety
    centre = median(pitches)
    if centre < 52:
        value -= (52 - centre) / 6
    return value


def together(notes: Sequence[Played]) -> float:
    """Give the share of notes of which more than half sounds together with an earlier one."""
    covered = 0
    until = -1
    for note in notes:
        if min(until, note.end) - note.onset > (note.end - note.onset) / 2:
            covered += 1
        until = max(until, note.end)
    return covered / len(notes) if notes else 0.0


def top_line(notes: Sequence[Played], quarter: Fraction) -> tuple[list[Played], bool]:
    """Reduce a voice to one note at a time; tell whether there were chords.

    In a voice that plays one note at a time, overlaps are legato: every note stays and is cut
    where the next one starts. In chords the highest note leads (the skyline of Uitdenbogerd and
    Zobel, 1998), but a low note under a held high one is accompaniment, and where the notes fall
    into two hands far apart only the upper hand is asked.

    Args:
        notes: by onset, the highest first.
        quarter: ticks per quarter note.
    """
    spread = quarter / 16
    if together(notes) <= _CHORDAL:
        simple = _gather(notes, spread)
        line = [
            a._replace(end=min(a.end, b.onset)) for a, b in pairwise(simple) if a.onset < b.onset
        ]
        return [*line, *simple[-1:]], len(simple) < len(notes)
    return _skyline(_gather(_upper_hand(notes), spread), spread), True


def _gather(notes: Sequence[Played], spread: Fraction) -> list[Played]:
    """Keep the top note of notes struck together, also when the chord is slightly rolled."""
    kept: list[Played] = []
    for note in notes:
        if kept:
            last = kept[-1]
            apart = note.onset - last.onset
            sounding = min(last.end, note.end) - note.onset
            if apart == 0 or (apart < spread and sounding > 2 * apart):
                if note.pitch > last.pitch:
                    kept[-1] = note._replace(onset=last.onset)
                continue
        kept.append(note)
    return kept


def _skyline(notes: Sequence[Played], spread: Fraction) -> list[Played]:
    """Follow the highest sounding note; a lower one takes over only where the higher ends."""
    line: list[Played] = []
    for note in notes:
        if line and line[-1].end > note.onset:
            held = line[-1]
            overlap = held.end - note.onset
            shorter = min(held.end - held.onset, note.end - note.onset)
            if note.pitch < held.pitch and (overlap > spread and overlap * 4 > shorter):
                continue
            line[-1] = held._replace(end=note.onset)
        line.append(note)
    return line


def _upper_hand(notes: Sequence[Played]) -> list[Played]:
    """Leave out the lower hand where two hands play far apart.

    The pitches are split in two where the parts are tightest (Otsu's threshold); they count as
    two hands when their means are an octave apart and the upper one plays most of the time.
    """
    counts = [0] * 128
    for note in notes:
        counts[note.pitch] += 1
    split = _otsu(counts)
    upper = [note for note in notes if note.pitch >= split]
    lower = [note for note in notes if note.pitch < split]
    if not upper or not lower:
        return list(notes)
    gap = fmean(note.pitch for note in upper) - fmean(note.pitch for note in lower)
    onsets = sorted({note.onset for note in upper})
    length = max(notes[-1].onset - notes[0].onset, 1)
    bins = 16
    steps = [notes[0].onset + length * i // bins for i in range(bins + 1)]
    places = [bisect_left(onsets, step) for step in steps]
    busy = sum(b > a for a, b in pairwise(places))
    if gap < 12 or busy < bins * 0.6:
        return list(notes)
    return sorted([*upper, *_dips(notes, split)], key=lambda note: (note.onset, -note.pitch))


def _dips(notes: Sequence[Played], split: int) -> list[Played]:
    """Find the notes below ``split`` where the upper hand's tune dips down for a moment.

    Such a note lies a fifth at most from the upper note before or after it, nothing sounds
    above it, and the lower hand sounds below it.
    """
    uppers = [note for note in notes if note.pitch >= split]
    onsets = [note.onset for note in uppers]
    found: list[Played] = []
    ceiling = -1  # until when the upper hand sounds
    lower: list[Played] = []  # sounding notes of the lower hand
    for note, following in zip(notes, [*notes[1:], None], strict=True):
        if note.pitch >= split:
            ceiling = max(ceiling, note.end)
            continue
        lower = [held for held in lower if held.end > note.onset][-8:]
        place = bisect_left(onsets, note.onset)
        near = [*uppers[max(place - 1, 0) : place + 1], *found[-1:]]
        struck = following is not None and following.onset == note.onset
        alone = ceiling <= note.onset and (not lower or lower[-1].pitch < note.pitch)
        if (
            alone
            and (struck or lower)
            and not (found and found[-1].end > note.onset)
            and min(abs(other.pitch - note.pitch) for other in near) <= 7
        ):
            found.append(note)
        else:
            lower.append(note)
            lower.sort(key=lambda held: held.pitch)
    return found


def _otsu(counts: Sequence[int]) -> int:
    """Give the value that splits a histogram into two parts of the least variance inside."""
    total = sum(counts)
    weight = sum(value * count for value, count in enumerate(counts))
    best = 0
    best_value = -1.0
    below = below_weight = 0
    for value, count in enumerate(counts):
        if below and below < total:
            difference = below_weight / below - (weight - below_weight) / (total - below)
            between = below * (total - below) * difference * difference
            if between > best_value:
                best, best_value = value, between
        below += count
        below_weight += value * count
    return best
