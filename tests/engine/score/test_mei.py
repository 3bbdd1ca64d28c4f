from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from engine.music import Key, Meter
from engine.notation import write_bars
from engine.score.mei import NEW_COLOR, Measure, Sheet, choose_clef, write_mei
from tests.engine.score.melodies import tune

MEI = "{http://www.music-encoding.org/ns/mei}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def score(codes: str, meter: str = "4/4", key: str = "C", split: str | None = None) -> ET.Element:
    melody = tune(codes, meter, key)
    bars = write_bars(melody, None if split is None else tune(split, meter).end)
    number = 0
    measures = []
    for bar in bars:
        items = tuple(enumerate(bar.symbols, number))
        number += len(items)
        measures.append(Measure(str(bar.number), items))
    clef = choose_clef(symbol for bar in bars for symbol in bar.symbols)
    return ET.fromstring(write_mei(measures, Sheet(Key.parse(key), Meter.parse(meter), clef, {})))


def accidentals(root: ET.Element) -> list[str]:
    return [note.get("accid", "") for note in root.iter(f"{MEI}note")]


@pytest.mark.parametrize(
    ("codes", "key", "expected"),
    [
        ("f#4 f#4 f4 f#4", "C", ["s", "", "n", "s"]),
        ("f#4 g4 f'4 f4", "C", ["s", "", "", "n"]),
        ("f#4 f4 f4 f#4", "G", ["", "n", "", "s"]),
        ("f#2 g2 f#2 f2", "C", ["s", "", "s", "n"]),
        ("f##4 f#4 f4 f4", "C", ["x", "s", "n", ""]),
        ("f##4 f#4 f4 f#4", "G", ["x", "s", "n", "s"]),
        ("bbb4 bb4 b4 b4", "C", ["ff", "f", "n", ""]),
        ("bb4 b4 eb4 e4", "Bb", ["", "n", "", "n"]),
        ("c4 d4 e2 f#1~ f#4 f#4 f2", "C", ["", "", "", "s", "", "s", "n"]),
    ],
)
def test_accidentals_hold_for_their_bar_and_their_octave(
    codes: str, key: str, expected: list[str]
) -> None:
    assert accidentals(score(codes, key=key)) == expected


@pytest.mark.parametrize(
    ("codes", "clef"),
    [
        ("g8 e8 e4 f8 d8 d4", ("G", None, None)),
        ("c,4 e,4 g,4 c4", ("F", None, None)),
        ("c,4 g,4 e4 g4 c4 e4", ("G", "8", "below")),
        ("c''''4 d''''4 e''''4", ("G", "15", "above")),
        ("c,,4 e,,4", ("F", "8", "below")),
        ("c,,,4 d,,,4", ("F", "15", "below")),
        ("r4", ("G", None, None)),
    ],
)
def test_the_clef_spares_ledger_lines(codes: str, clef: tuple[str, str | None, str | None]) -> None:
    staff = next(score(codes).iter(f"{MEI}staffDef"))
    assert (staff.get("clef.shape"), staff.get("clef.dis"), staff.get("clef.dis.place")) == clef


def test_beams_do_not_lead_into_the_continuation() -> None:
    root = score("c16 d16 e16 f16", split="c16 d16")
    beams = list(root.iter(f"{MEI}beam"))
    assert [[n.get("pname") for n in beam] for beam in beams] == [["c", "d"], ["e", "f"]]
    assert [beam.get("color") for beam in beams] == [None, NEW_COLOR]


def test_a_beamed_triplet_needs_no_bracket_an_unbeamed_one_does() -> None:
    root = score("c8t d8t e8t c4t d8t r2")
    assert [t.get("bracket.visible") for t in root.iter(f"{MEI}tuplet")] == ["false", "true"]


def test_ties_join_neighbours_across_the_bar_line() -> None:
    root = score("c2. d4~ d4 e2.")
    notes = {note.get(XML_ID): note for note in root.iter(f"{MEI}note")}
    tie = next(root.iter(f"{MEI}tie"))
    ends = [notes[(tie.get(name) or "").removeprefix("#")] for name in ("startid", "endid")]
    assert [note.get("pname") for note in ends] == ["d", "d"]
    assert len(list(root.iter(f"{MEI}tie"))) == 1


def test_signatures_and_silent_bars() -> None:
    root = score("c4 d4 e4 r2. c4 d4 e4", "3/4", "Eb")
    definition = next(root.iter(f"{MEI}scoreDef"))
    assert definition.get("key.sig") == "3f"
    assert (definition.get("meter.count"), definition.get("meter.unit")) == ("3", "4")
    assert len(list(root.iter(f"{MEI}mRest"))) == 1
