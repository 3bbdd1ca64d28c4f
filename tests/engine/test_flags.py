"""Options among note codes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.codes import parse_codes, split_options
from engine.errors import BadOption, BadToken, EngineError, TooLong, UnknownFlag
from engine.request import MAX_TEXT, OPTIONS


@pytest.mark.parametrize(
    ("text", "codes", "options"),
    [
        ("g8 e8", "g8 e8", {}),
        ("", "", {}),
        ("g8 e8 --seed 7 --bars 4", "g8 e8", {"seed": "7", "bars": "4"}),
        ("g8 e8 --seed=7 --bars:4", "g8 e8", {"seed": "7", "bars": "4"}),
        ("g8 e8 --SEED = 7", "g8 e8", {"seed": "7"}),
        ("g8 --seed 7 --seed 8", "g8", {"seed": "8"}),
        ("--seed 7 g8 e8", "         g8 e8", {"seed": "7"}),
        ("g8\n--seed 7\ne8", "g8\n        \ne8", {"seed": "7"}),
        ("g8 —seed 7 –bars 4", "g8", {"seed": "7", "bars": "4"}),
        ("g8 -seed 7", "g8", {"seed": "7"}),
        ("g8 --seed -7", "g8", {"seed": "-7"}),
        ('g8 --key "F# minor" e8', "g8                  e8", {"key": "F# minor"}),
        ("g8 --key 'F# minor' e8", "g8                  e8", {"key": "F# minor"}),
        ("g8 --key “F# minor”", "g8", {"key": "F# minor"}),
        ("g8 --key F# minor e8", "g8                e8", {"key": "F# minor"}),
        ("g8 --key D dorian", "g8", {"key": "D dorian"}),
        ("g8 --key D d8", "g8         d8", {"key": "D"}),
        ("g8 --key E b a", "g8         b a", {"key": "E"}),
        ("g8 --meter 3/4", "g8", {"meter": "3/4"}),
        ('g8 --style ""', "g8", {"style": ""}),
        ("```g8 --seed 7```", "```g8         ```", {"seed": "7"}),
        ("g8 -e8", "g8 -e8", {}),
        ("c--8 --bars 4", "c--8", {"bars": "4"}),
        ("c-- d", "c-- d", {}),
        ("g8 —e8", "g8 —e8", {}),
        ("솔8 미8 --bars 4", "솔8 미8", {"bars": "4"}),
    ],
)
def test_options_are_parted_from_codes(text: str, codes: str, options: dict[str, str]) -> None:
    assert split_options(text) == (codes, options)


def test_offsets_stay() -> None:
    text = "--seed 7 g8 --bars 4 x8"
    with pytest.raises(BadToken) as caught:
        parse_codes(split_options(text)[0])
    assert text[caught.value.start :] == "x8"
    assert caught.value.place == 2


@pytest.mark.parametrize(
    ("text", "flag", "suggestion"),
    [
        ("g8 --wild", "--wild", None),
        ("g8 --sed 7", "--sed", "seed"),
        ("g8 —temprature 2", "--temprature", "temperature"),
        ("--" + "x" * 100, "--" + "x" * 38, None),
    ],
)
def test_unknown_options_are_named(text: str, flag: str, suggestion: str | None) -> None:
    with pytest.raises(UnknownFlag) as caught:
        split_options(text)
    assert caught.value.flag == flag
    assert caught.value.suggestion == suggestion


@pytest.mark.parametrize("text", ["g8 --seed", "g8 --seed --bars 4", "--seed=", "--seed ```"])
def test_a_missing_value_is_told(text: str) -> None:
    with pytest.raises(BadOption) as caught:
        split_options(text)
    assert caught.value.name == "seed"
    assert caught.value.expected == OPTIONS["seed"].expected


def test_too_long() -> None:
    with pytest.raises(TooLong):
        split_options("c" * (MAX_TEXT + 1))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["--", "—", "-", "seed", "key", " ", "=", '"', "'", "7", "g8", "\n", "`"])
    )
)
def test_nothing_is_lost_or_moved(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        codes, _ = split_options(text)
    except EngineError:
        return
    for place, character in enumerate(codes):
        assert character in {text[place], " "}
