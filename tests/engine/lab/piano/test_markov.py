from __future__ import annotations

import random
from math import log2

import pytest

from engine.lab.piano.markov import Markov


def test_chances_add_up_to_one() -> None:
    chain = Markov(6)
    chain.learn([[2, 3, 4, 2, 3, 5], [2, 2, 3]])
    for context in ([1, 1], [2, 3], [3, 2], [5, 5], [0, 4]):
        assert sum(chain.probability(context, word) for word in range(6)) == pytest.approx(1)


def test_what_was_never_heard_is_possible() -> None:
    chain = Markov(6)
    chain.learn([[2, 2, 2]])
    assert 0 < chain.probability([2, 2], 5) < chain.probability([2, 2], 2)


def test_it_knows_two_words_back_and_no_more() -> None:
    row = [2, 3, 4, 5, 4, 3] * 50  # what follows 3 and 4 depends on the word before
    two, one = Markov(6), Markov(6, order=1)
    two.learn([row])
    one.learn([row])
    assert two.bits([row]) < 0.2
    assert one.bits([row]) > 0.6


def test_noise_costs_what_it_must() -> None:
    draw = random.Random(1)
    rows = [[draw.randrange(2, 6) for _ in range(4000)] for _ in range(2)]
    chain = Markov(6)
    chain.learn(rows[:1])
    assert log2(4) <= chain.bits(rows[1:]) < log2(4) + 0.1
