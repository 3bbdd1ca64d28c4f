"""What is asked of the engine and what it answers: plain frozen data.

Options are data here, once: the commands, the command line and the help are made from
:data:`OPTIONS`. A request survives a trip as JSON plus bytes.
"""

from __future__ import annotations

import base64
import re
from dataclasses import asdict, dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from engine.errors import BadOption, UnknownFlag
from engine.music import Key, Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Names = Literal["letters", "solfege"]
"""Alphabet of note codes: letters, or Korean 도레미파솔라시."""

Format = Literal["midi", "lilypond", "abc", "musicxml", "wav"]
FORMATS: Final[tuple[Format, ...]] = ("midi", "lilypond", "abc", "musicxml", "wav")


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a continuation.

    Attributes:
        name: as typed after ``--``.
        kind: type of its value.
        low, high: inclusive range of a number.
        choices: the values of a closed list.
        default: value when it is not given; None: chosen by the engine.
        example: what a value looks like, for help and error messages.
    """

    name: str
    kind: type[int | float | str]
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: int | float | str | None = None
    example: str = ""

    @property
    def expected(self) -> str:
        """Say which values are taken, without words of any language."""
        if self.choices:
            return ", ".join(self.choices)
        if self.low is not None:
            return f"{self.kind(self.low)}–{self.kind(self.high or 0)}"
        return self.example

    def read(self, text: str) -> int | float | str:
        """Turn typed text into a value; of a closed list, however its letters are written: ``ABC``.

        Raises:
            BadOption: when the value does not have the option's form or is out of range.
        """
        typed = text.strip()
        try:
            return self.check(typed.lower() if self.choices else self.kind(typed))
        except (ValueError, BadOption):
            raise self.refuse(typed) from None  # as it was typed: 9, not 9.0

    def check(self, value: float | str) -> int | float | str:
        """Give the value back when it is allowed, else raise :class:`BadOption`."""
        if isinstance(value, str):
            if self.choices and value not in self.choices:
                raise self.refuse(value)
            parse = _PARSERS.get(self.name)
            if parse is not None:
                try:
                    parse(value)
                except ValueError:
                    raise self.refuse(value) from None
        elif self.low is not None and not self.low <= value <= (self.high or 0):
            raise self.refuse(value)
        return value

    def refuse(self, value: object) -> BadOption:
        """Build the error that names this option and what it takes."""
        return BadOption(self.name, str(value)[:40], self.expected)


def _check_length(text: str) -> None:
    """Refuse what is no length in whole notes such as ``1/8``; it may be 0."""
    if _LENGTH.fullmatch(text.strip()) is None:
        raise ValueError(text)


_LENGTH: Final = re.compile(r"\d{1,4}(/0*[1-9]\d{0,3})?", re.ASCII)
_PARSERS: Final[Mapping[str, Callable[[str], object]]] = {
    "meter": Meter.parse,
    "key": Key.parse,
    "pickup": _check_length,
}

STYLES: Final = ("any", "folk", "irish", "fiddle", "scottish", "bach", "children", "chinese")
"""Styles by which a member can colour a continuation; each is a collection of the corpus."""

OPTIONS: Final[Mapping[str, Option]] = {
    option.name: option
    for option in (
        Option("bars", int, 1, 64, default=8, example="8"),
        Option("temperature", float, 0.1, 2.0, default=1.0, example="1.0"),
        Option("takes", int, 1, 3, default=1, example="3"),
        Option("candidates", int, 1, 64, default=16, example="16"),
        Option("seed", int, 0, 2**31 - 1, example="7"),
        Option("style", str, choices=STYLES, default="any"),
        Option("meter", str, example="3/4"),
        Option("key", str, example="G, Am, F# minor, D dorian"),
        Option("pickup", str, example="1/8"),
        Option("tempo", int, 20, 400, example="100"),
        Option("as", str, choices=FORMATS, default="midi"),
        Option("version", str, example="nabi-2"),
    )
}

MAX_TEXT: Final = 20_000
"""Longest text of note codes, in characters."""

MAX_FILE: Final = 4 * 1024 * 1024
"""Largest music file, in bytes."""


def option_named(flag: str) -> Option:
    """Find an option by the name typed after ``--``.

    Raises:
        UnknownFlag: when there is none, with the nearest name as a suggestion.
    """
    name = flag.lstrip("-").lower()
    if name not in OPTIONS:
        near = get_close_matches(name, OPTIONS, n=1)
        raise UnknownFlag(flag[:40], near[0] if near else None)
    return OPTIONS[name]


@dataclass(frozen=True, slots=True)
class Request:
    """One wish for a continuation. All values are checked when it is built.

    Attributes:
        text: note codes, without options; empty with a file, or to invent a tune.
        file: bytes of a MIDI, MusicXML or ABC file; it wins over ``text``.
        file_name: its name, for messages and to tell formats apart.
        bars: whole bars of new music.
        temperature: 1 draws as the model says, lower is calmer, higher is wilder.
        takes: how many different continuations are wanted.
        candidates: how many are drawn to choose the best from, for each take; 1: no choice.
        seed: starts the random generator; None: one is drawn and told in the result.
        style, meter, key, tempo: None or ``"any"``: read from the primer, else guessed.
        form: further format wanted beside MIDI (``--as``).
        pickup: length of the anacrusis in whole notes, such as ``"1/8"``; None: read or guessed.
        program: General MIDI instrument, 0 to 127; None: read from the file, else a piano.
        version: name of the model version; None: the active one.
        picture, audio: whether to make them.
        names: alphabet of the note names in the result; None: that of the primer.
    """

    text: str = ""
    file: bytes | None = None
    file_name: str = ""
    bars: int = 8
    temperature: float = 1.0
    takes: int = 1
    candidates: int = 16
    seed: int | None = None
    style: str = "any"
    meter: str | None = None
    key: str | None = None
    tempo: int | None = None
    form: Format = "midi"
    pickup: str | None = None
    program: int | None = None
    version: str | None = None
    picture: bool = True
    audio: bool = True
    names: Names | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range with :class:`~engine.errors.BadOption`."""
        for name, option in OPTIONS.items():
            value = getattr(self, "form" if name == "as" else name)
            if value is not None:
                option.check(value)
        if self.names not in (None, *get_args(Names)):
            raise BadOption("names", str(self.names)[:40], ", ".join(get_args(Names)))

    def but(self, **changes: Any) -> Request:
        """Make the same request with some values changed."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Give the request as JSON data; the file's bytes in base64."""
        data = asdict(self)
        if self.file is not None:
            data["file"] = base64.b64encode(self.file).decode("ascii")
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Request:
        """Build a request from what :meth:`to_json` gave; unknown names are left out."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        if known.get("file") is not None:
            known["file"] = base64.b64decode(known["file"], validate=True)
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from a file, to be told in the reply.

    Attributes:
        format: ``"midi"``, ``"musicxml"``, ``"abc"``, or ``"codes"`` for a text file of note codes.
        tracks: number of tracks or parts that hold notes.
        track: number of the one taken, from 1.
        name: its name, possibly empty.
        chords: whether chords were reduced to their top line.
        shifted: largest change by quantising, in quarter notes; 0 when nothing moved.
        drums: whether drums were left out.
        cut: number of notes left out because the file holds more than are read, 0 for none.
        tempo: quarter notes per minute, where the beat was found in the playing because the file
            has another; else None.
    """

    format: Literal["midi", "musicxml", "abc", "codes"]
    tracks: int = 1
    track: int = 1
    name: str = ""
    chords: bool = False
    shifted: float = 0.0
    drums: bool = False
    cut: int = 0
    tempo: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to attach: its name and its bytes.

    Attributes:
        lightened: whether it is smaller or shorter than it could be, to keep to a limit.
        excerpt: whether it is a sound of a part only, because the whole would be too long.
    """

    name: str
    data: bytes
    lightened: bool = False
    excerpt: bool = False


@dataclass(frozen=True, slots=True)
class Take:
    """One of several continuations of the same primer.

    Attributes:
        tune: the whole tune as plain note codes; see :class:`Result`.
        midi: the whole tune.
        audio: OGG Vorbis of the tune, None when not asked for.
        extra: the further format asked for, None for MIDI.
    """

    tune: str
    midi: File
    audio: File | None = None
    extra: File | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A finished continuation.

    Attributes:
        text: the score as note codes by bars, primer and continuation told apart.
        tune: the whole tune as plain note codes, in the alphabet of the primer unless the request
            names one, to be taken as a primer again.
        request: the request with everything chosen filled in (seed, meter, key, tempo, version):
            the same request gives the same tune.
        invented: names of those options that the engine guessed rather than read or was told.
        bars: bars of new music.
        primer_notes, new_notes: numbers of notes.
        midi: the whole tune.
        picture: PNG of the score, None when not asked for.
        audio: OGG Vorbis of the tune, None when not asked for.
        extra: the further format asked for, None for MIDI.
        taken: what was taken from a file, None for note codes.
        seconds: time per stage, for the log and the metrics.
        known: name of the training tune that the primer is, such as ``"essen/kinder0/98"``; the
            continuation may then go on as it was learnt. Empty for all other primers.
        lightened: which of ``"picture"``, ``"audio"`` and ``"wave"`` are smaller or shorter than
            they could be, to keep to a limit.
        takes: all continuations, when several were asked for and there are several; what else is
            said of the tune is said of the first one, but text and picture show all of them.
    """

    text: str
    tune: str
    request: Request
    invented: tuple[str, ...]
    bars: int
    primer_notes: int
    new_notes: int
    midi: File
    picture: File | None = None
    audio: File | None = None
    extra: File | None = None
    taken: Taken | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    known: str = ""
    lightened: tuple[str, ...] = ()
    takes: tuple[Take, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """All files that were made, picture and sounds first."""
        takes = self.takes or (self,)
        made = [
            self.picture,
            *(take.audio for take in takes),
            *(take.midi for take in takes),
            *(take.extra for take in takes),
        ]
        return tuple(file for file in made if file is not None)

    @property
    def tunes(self) -> tuple[str, ...]:
        """The whole tune of each take."""
        return tuple(take.tune for take in self.takes) or (self.tune,)

    def again(self) -> Request:
        """Ask for another continuation of the same primer."""
        return self.request.but(seed=None)

    def longer(self, bars: int = 8) -> Request:
        """Ask for ``bars`` more bars after this tune's end."""
        return self.request.but(
            text=self.tune, file=None, file_name="", bars=bars, seed=None, takes=1
        )


@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve to be drawn; what is no finite number in it is left out.

    Attributes:
        training, validation: points as (passes over the tunes, bits per note).
        level: bits per note of the version to compare with, drawn as a line; None: there is none.
        epochs, bits: labels of the two axes.
        names: what the legend calls training, validation and the level.
    """

    training: tuple[tuple[float, float], ...]
    validation: tuple[tuple[float, float], ...]
    level: float | None
    epochs: str
    bits: str
    names: tuple[str, str, str]
