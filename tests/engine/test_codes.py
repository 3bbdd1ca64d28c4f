"""Note codes: reading what people type, and exact round trips."""

from __future__ import annotations

import pickle
import sys
from contextlib import suppress
from fractions import Fraction
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.codes import MAX_NOTES, Names, format_codes, format_symbol, parse_codes
from engine.errors import BadToken, EngineError, TooLong, UnknownFlag
from engine.music import Key, Melody, Meter, Note
from engine.notation import GRID, write_bars
from engine.request import MAX_TEXT

LENGTHS = st.one_of(st.integers(1, 1000), st.sampled_from((12, 16, 24, 32, 48, 96, 192)))
NAMES: st.SearchStrategy[Names] = st.sampled_from(("letters", "solfege"))


def spellings(pitch: int) -> list[int]:
    """List the accidentals with which a pitch can be written."""
    return [alter for alter in range(-2, 3) if (pitch - alter) % 12 in (0, 2, 4, 5, 7, 9, 11)]


@st.composite
def melodies(draw: st.DrawFn) -> Melody:
    notes = []
    time = 0
    for _ in range(draw(st.integers(0, 15))):
        time += draw(st.one_of(st.just(0), LENGTHS))
        length = draw(LENGTHS)
        pitch = draw(st.integers(0, 127))
        alter = draw(st.sampled_from(spellings(pitch)))
        notes.append(Note(time * GRID, length * GRID, pitch, alter))
        time += length
    after = draw(st.one_of(st.just(0), LENGTHS))
    return Melody(tuple(notes), length=(time + after) * GRID if after else None)


def plain(text: str) -> str:
    """Give what a text means in canonical codes."""
    codes = parse_codes(text)
    return format_codes(codes.melody, codes.names)


def refused(text: str) -> tuple[str, int, int, str]:
    """Give token, place, start and hint of the refusal."""
    with pytest.raises(BadToken) as caught:
        parse_codes(text)
    error = caught.value
    assert text[error.start :].startswith(error.token)
    return error.token, error.place, error.start, error.hint


@settings(max_examples=300, deadline=None)
@given(melodies(), NAMES)
def test_every_melody_comes_back_exactly(melody: Melody, names: Names) -> None:
    text = format_codes(melody, names)
    codes = parse_codes(text)
    assert codes.melody == melody
    assert format_codes(codes.melody, names) == text
    if melody.end:
        assert codes.names == names


@settings(max_examples=100, deadline=None)
@given(melodies(), st.integers(-7, 7), st.sampled_from(("major", "minor", "dorian")))
def test_notes_without_spelling_take_the_keys(melody: Melody, fifths: int, mode: str) -> None:
    key = Key(fifths, mode)
    unspelled = Melody(tuple(Note(n.onset, n.duration, n.pitch) for n in melody.notes), key=key)
    back = parse_codes(format_codes(unspelled)).melody
    assert [(n.onset, n.duration, n.pitch, n.alter) for n in back.notes] == [
        (n.onset, n.duration, n.pitch, key.alter_of(n.pitch)) for n in melody.notes
    ]


@settings(max_examples=100, deadline=None)
@given(melodies(), NAMES, st.sampled_from((Meter(4, 4), Meter(6, 8), Meter(5, 8))))
def test_written_bars_are_codes_too(melody: Melody, names: Names, meter: Meter) -> None:
    timed = Melody(melody.notes, meter=meter, length=melody.length)
    bars = write_bars(timed)
    text = " | ".join(" ".join(format_symbol(s, names) for s in bar.symbols) for bar in bars)
    assert parse_codes(text).melody.notes == melody.notes


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=60), st.text("gGaAbBrRtes#b-',.~|:()3 8416\n`솔시쉼♭—", max_size=40))
)
@example("```")
@example("(")
@example("g8 --")
@example("'")
@example("İ́")
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    error: EngineError | None = None
    try:
        codes = parse_codes(text)
    except EngineError as refusal:
        error = refusal
    if isinstance(error, BadToken):
        assert error.place >= 1
        assert 0 <= error.start <= len(text)
        assert len(error.token) <= 40
        assert error.token in text
        assert pickle.loads(pickle.dumps(error)).data() == error.data()
    elif error is None:
        written = format_codes(codes.melody, codes.names)
        assert plain(written) == written


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("g8 e8 e4 f8", "g8 e8 e4 f8"),
        ("g8e8e4f8", "g8 e8 e4 f8"),
        ("G8 E8 E4 F8", "g8 e8 e4 f8"),
        ("g8, e8, e4, f8", "g8 e8 e4 f8"),
        ("g8;e8;e4;f8;", "g8 e8 e4 f8"),
        ("g8 e8\ne4\r\nf8\t", "g8 e8 e4 f8"),
        ("g e e4 f", "g4 e4 e4 f4"),
        ("g8 e e4 f", "g8 e8 e4 f4"),
        ("c4. d e8t f g", "c4. d4. e8t f8t g8t"),
        ("|: g8 e8 | e4 :| f8 || g8 |]", "g8 e8 e4 f8 g8"),
        ("g8|e8|e4|f8", "g8 e8 e4 f8"),
        ("||g8 e8||", "g8 e8"),
        ("", ""),
        (" \n ", ""),
        ("r4", "r4"),
        ("r2. c4 r8", "r2. c4 r8"),
        ("r4 r4", "r2"),
        ("c1 d2 e4 f8 g16 a32 b64", "c1 d2 e4 f8 g16 a32 b64"),
        ("g4..", "g4.."),
        ("f#8 fs8 fis8 f♯8 F♯8", "f#8 f#8 f#8 f#8 f#8"),
        ("bb8 bes8 b-8 b♭8 BB8", "bb8 bb8 bb8 bb8 bb8"),
        ("bbb8 beses8 b--8 b♭♭8 b𝄫8", "bbb8 bbb8 bbb8 bbb8 bbb8"),
        ("f##8 fss8 fisis8 f𝄪8", "f##8 f##8 f##8 f##8"),
        ("fn8 f♮8", "f8 f8"),
        ("es8 as8", "e#8 a#8"),
        ("ees8 eb8 aes8 ab8", "eb8 eb8 ab8 ab8"),
        ("c'8 c''8 c,8 c,,8", "c'8 c''8 c,8 c,,8"),
        ("c’8 c‘8 c′8 c´8 c8' c8’’ c4.'~ c4'", "c'8 c'8 c'8 c'8 c'8 c''8 c'2~ c'8"),
        ("c, d, e", "c4 d4 e4"),
        ("c,d,e", "c4 d4 e4"),
        ("c,8, d,8", "c,8 d,8"),
        ("c,, d", "c,,4 d4"),
        ("bb,8", "bb,8"),
        ("cb'8 b#,8", "cb'8 b#,8"),
        ("g4~ g8", "g4."),
        ("g4 ~ g8", "g4."),
        ("g4~ | g8", "g4."),
        ("g2~ g8", "g2~ g8"),
        ("g4~g4~g4", "g2."),
        ("g4 g8", "g4 g8"),
        ("f#4~ gb4", "f#2"),
        ("8", None),
        ("ceg", "c4 e4 g4"),
        ("fisgis", "f#4 g#4"),
        ("ces", "cb4"),
        ("8t", None),
        ("g8t a8t b8t", "g8t a8t b8t"),
        ("g8ta8tb8t", "g8t a8t b8t"),
        ("g4.t a8t.", "g4 a8"),
        ("3(g8 a8 b8) c", "g8t a8t b8t c8"),
        ("(3g8 a b) c", "g8t a8t b8t c8"),
        ("(3: g8 a b) c", "g8t a8t b8t c8"),
        ("(g8 a8 b8)3 c4", "g8t a8t b8t c4"),
        ("(g8 a8 b8)t c4", "g8t a8t b8t c4"),
        ("t(g4 r8)", "g4t r8t"),
        ("```\ng8 e8\n```", "g8 e8"),
        ("```nabi\ng8 e8\n```", "g8 e8"),
        ("```c\ng8 e8\n```", "g8 e8"),
        ("```g8\ne8\n```", "g8 e8"),
        ("```g8 e8```", "g8 e8"),
        ("`g8 e8`", "g8 e8"),
        ('"g8 e8"', "g8 e8"),
        ("“g8 e8”", "g8 e8"),
        ("'g8 e8'", "g8 e8"),
        ("ｇ８　ｅ８｜ｅ４、ｆ８", "g8 e8 e4 f8"),
        ("g8️⃣ e\u200b8\ufeff", "g8 e8"),
        ("솔8 미8 미4 파8", "솔8 미8 미4 파8"),
        ("솔8미8미4파8", "솔8 미8 미4 파8"),
        ("도레미파솔라시도'", "도4 레4 미4 파4 솔4 라4 시4 도'4"),
        ("시b8 시♭8 파#8 파♯8 미es8 도is8", "시b8 시b8 파#8 파#8 미b8 도#8"),
        ("솔,8 솔’4. 쉼4 쉼표8", "솔,8 솔'4. 쉼4."),
        (normalize("NFD", "솔8 시b8 쉼4 도'2"), "솔8 시b8 쉼4 도'2"),
        ("솔8 g8 솔8", "솔8 솔8 솔8"),
        ("솔8 g8 g8", "g8 g8 g8"),
    ],
)
def test_what_people_type(typed: str, expected: str | None) -> None:
    if expected is None:
        assert refused(typed)[3] == "letter"
    else:
        assert plain(typed) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("g8 x8 e4", ("x8", 2, 3, "letter")),
        ("h4", ("h4", 1, 0, "letter")),
        ("g8 | e8 |: q |", ("q", 3, 11, "letter")),
        ("g8e8x8", ("x8", 3, 4, "letter")),
        ("g 4", ("4", 2, 2, "letter")),
        ("g7", ("g7", 1, 0, "duration")),
        ("g816e4", ("g816", 1, 0, "duration")),
        ("c0", ("c0", 1, 0, "duration")),
        ("c128", ("c128", 1, 0, "duration")),
        ("c64.", ("c64.", 1, 0, "duration")),
        ("c8..t", ("c8..t", 1, 0, "duration")),
        ("c4...", ("c4...", 1, 0, "duration")),
        ("c.", ("c.", 1, 0, "duration")),
        ("c8 ct", ("ct", 2, 3, "duration")),
        ("c٤", ("c", 0, 0, "")),
        ("c99999999999", ("c99999999999", 1, 0, "duration")),
        ("g''''''8", ("g''''''8", 1, 0, "range")),
        ("c,,,,,,8", ("c,,,,,,8", 1, 0, "range")),
        ("a''''' b", ("a'''''", 1, 0, "range")),
        ("r'4", ("r'4", 1, 0, "octave")),
        ("g8 'a8", ("'a8", 2, 3, "octave")),
        ("g4~ a4", ("g4~", 1, 0, "tie")),
        ("g4~ r4 g4", ("g4~", 1, 0, "tie")),
        ("a4 g4~", ("g4~", 2, 3, "tie")),
        ("r4~ g4", ("r4~", 1, 0, "tie")),
        ("~g4", ("~g4", 1, 0, "tie")),
        ("g4~~ g4", ("g4~~", 1, 0, "tie")),
        ("g8 (a8 b8) c8", ("(a8", 2, 3, "tuplet")),
        ("g8 3(a8 b8", ("3(a8", 2, 3, "tuplet")),
        ("3(3(a8))", ("3(a8))", 1, 2, "letter")),
        ("3()", ("3()", 1, 0, "tuplet")),
        ("g8)", (")", 2, 2, "tuplet")),
        ("gab", ("gab", 1, 0, "unknown")),
        ("c8 cdefgab", ("cdefgab", 2, 3, "unknown")),
        ("abc", ("abc", 1, 0, "unknown")),
        ("g8 ? e8", ("?", 2, 3, "unknown")),
        ("g8#", ("g8#", 1, 0, "unknown")),
        ("hello world", ("hello", 1, 0, "letter")),
        ("g8 do re mi", ("do", 2, 3, "letter")),
        ("솔8 가8", ("가8", 2, 3, "letter")),
        ("솔8 도레미까", ("까", 5, 6, "letter")),
        ("g8 \x00", ("\x00", 2, 3, "unknown")),
        ("g8 🎵", ("🎵", 2, 3, "unknown")),
    ],
)
def test_a_bad_code_is_named_with_its_place(text: str, expected: tuple[str, int, int, str]) -> None:
    if expected[1] == 0:  # foreign digits are not durations, whatever they are called
        assert refused(text)[3] in {"duration", "letter", "unknown"}
    else:
        assert refused(text) == expected


def test_offsets_are_those_of_the_text_as_typed() -> None:
    decomposed = normalize("NFD", "솔8 시8 ") + "x8"
    assert refused(decomposed) == ("x8", 3, decomposed.index("x"), "letter")
    assert refused("```nabi\ng8 x8```")[:3] == ("x8", 2, 11)
    assert refused("g\u200b8 \ufb03 c")[:3] == ("\ufb03", 2, 4)


def test_long_tokens_are_shortened() -> None:
    token, *_ = refused("g8 " + "x" * 500)
    assert token == "x" * 40


def test_unknown_options_are_named_not_sung() -> None:
    for text in ("g8 --sed 7", "g8 —sed 7", "g8 -sed 7"):
        with pytest.raises(UnknownFlag) as caught:
            parse_codes(text)
        assert caught.value.flag == "--sed"
        assert caught.value.suggestion == "seed"
    with pytest.raises(UnknownFlag) as caught:
        parse_codes("--wild")
    assert caught.value.suggestion is None


def test_limits() -> None:
    assert len(parse_codes("c8" * MAX_NOTES).melody.notes) == MAX_NOTES
    with pytest.raises(TooLong) as caught:
        parse_codes("c8" * (MAX_NOTES + 1))
    assert (caught.value.what, caught.value.size) == ("notes", MAX_NOTES + 1)
    with pytest.raises(TooLong) as caught:
        parse_codes(" " * (MAX_TEXT + 1))
    assert (caught.value.what, caught.value.limit) == ("characters", MAX_TEXT)


def test_a_text_full_of_rests_is_a_length() -> None:
    melody = parse_codes("r1.." + "r" * (MAX_TEXT - 4)).melody
    assert melody.notes == ()
    assert melody.end == Fraction(7, 4) * (MAX_TEXT - 3)


@pytest.mark.parametrize(
    "part",
    [
        *["c", ",", "'", "~", "(", ":", "[", "`", "-", "b", "e", "s", ".", "9", "|", "t", "3", "r"],
        *[
            "c'",
            "c,",
            "c~",
            "c.",
            "c9",
            "c8t",
            "3(",
            "(c",
            "[:|",
            "```",
            "```a",
            "--",
            "bb",
            "es",
            "isis",
            "c1..",
            "—a",
        ],
        *(" ", "-a ", '"', "'\"", "\u0301", "\u0345\u0301", "\u1160", "\u200b"),
        *("솔", "ᄉ", "\ufdfa", "쉼표"),
    ],
)
def test_hostile_repetition_costs_linear_work(part: str) -> None:
    def work(times: int) -> int:
        """Count the lines that run; a stopwatch would measure the machine."""
        lines = 0

        def trace(*_: object) -> object:
            nonlocal lines
            lines += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)  # type: ignore[arg-type]  # any callable will do
        try:
            parse_codes(part * times)
        except EngineError:
            pass
        finally:
            sys.settrace(before)
        return lines

    assert work(400) < 5 * work(100) + 2000
    with suppress(EngineError):  # work inside regular expressions is not traced: it must end
        parse_codes(part * (MAX_TEXT // len(part)))


def test_symbols() -> None:
    melody = parse_codes("f#8 bb4. r4 c'4 g4~ g16 b#,,8t").melody
    symbols = [symbol for bar in write_bars(melody) for symbol in bar.symbols]
    assert [format_symbol(s) for s in symbols[:5]] == ["f#8", "bb4.", "r4", "c'4", "g4~"]
    assert format_symbol(symbols[0], "solfege") == "파#8"
    assert format_symbol(symbols[2], "solfege") == "쉼4"
    assert any(format_symbol(symbol).startswith("b#,,") for symbol in symbols)


def test_times_off_the_grid_are_moved() -> None:
    melody = Melody((Note(Fraction(0), Fraction(1001, 4000), 60),))
    assert format_codes(melody) == "c4"
