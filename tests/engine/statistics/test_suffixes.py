from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.statistics.suffixes import LONGEST, Suffixes

SIZE = 5
symbols = st.lists(st.integers(1, SIZE - 1), max_size=30)


def followers(sequences: list[list[int]], recent: list[int]) -> Counter[int]:
    """Count what followed a context, by looking everywhere."""
    found = Counter[int]()
    for sequence in sequences:
        text = [0, *sequence]
        for place in range(1, len(text)):
            if text[:place][::-1][: len(recent)] == recent:
                found[text[place]] += 1
    return found


@given(sequences=st.lists(symbols, max_size=5), past=symbols, longest=st.integers(0, 6))
def test_counts_are_those_of_the_text(
    sequences: list[list[int]], past: list[int], longest: int
) -> None:
    suffixes = Suffixes(sequences, SIZE)
    recent = [*past[::-1], 0]
    spans = suffixes.spans(recent, longest)
    for length, span in enumerate(spans):
        found = suffixes.counts(span)
        assert {s: n for s, n in enumerate(found.tolist()) if n} == followers(
            sequences, recent[:length]
        )
    if len(spans) <= min(longest, len(recent)):
        assert not followers(sequences, recent[: len(spans)])


@given(sequences=st.lists(symbols, max_size=5), past=symbols, markov=st.booleans())
def test_predictions_sum_to_one_and_rule_nothing_out(
    sequences: list[list[int]],
    past: list[int],
    markov: bool,  # noqa: FBT001
) -> None:
    base = np.array([0, 0.25, 0.25, 0.5, 0])
    probs = Suffixes(sequences, SIZE).predict([*past[::-1], 0], base, longest=2 if markov else None)
    assert np.isclose(probs.sum(), 1)
    assert ((probs > 0) == (base > 0)).all()


def test_an_order_2_model_by_hand() -> None:
    suffixes = Suffixes([[1, 2, 3, 1, 2, 4]], SIZE)
    base = np.array([0, 1, 1, 1, 1]) / 4
    none = (np.array([0, 2, 2, 1, 1]) + 4 * base) / 10
    after_2 = (np.array([0, 0, 0, 1, 1]) + 2 * none) / 4
    after_1_2 = (np.array([0, 0, 0, 1, 1]) + 2 * after_2) / 4
    assert np.allclose(suffixes.predict([2, 1, 3], base, longest=2), after_1_2)
    assert np.allclose(suffixes.predict([2], base, longest=1), after_2)


def test_ppm_starts_from_the_shortest_context_that_leaves_no_doubt() -> None:
    suffixes = Suffixes([[1, 2, 3, 1, 2, 3, 1, 2, 3]], SIZE)
    base = np.array([0, 1, 1, 1, 1]) / 4
    none = (np.array([0, 3, 3, 3, 0]) + 3 * base) / 12
    assert np.allclose(
        suffixes.predict([2, 1, 3, 2, 1, 0], base), (np.array([0, 0, 0, 3, 0]) + none) / 4
    )


def test_contexts_beyond_the_longest_are_one() -> None:
    suffixes = Suffixes([[1] * (3 * LONGEST)], SIZE)
    assert len(suffixes.spans([1] * (2 * LONGEST))) == LONGEST + 1
