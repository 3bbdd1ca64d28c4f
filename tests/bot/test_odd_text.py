"""Whatever is typed is read, or refused in a sentence that fits and breaks out of nothing."""

from __future__ import annotations

import random

import pytest

from bot.asking import codes_in, command_line, make_request
from bot.errors import InText, TuneMissing
from bot.explaining import explain
from bot.i18n import LOCALES
from engine.errors import EngineError
from engine.request import OPTIONS

PIECES = (
    "g8", "솔8", "e", "h4", "r", "쉼표4", "c'4.", "bes", "3(", ")", "(3", "~", "|", ":|", "t",
    "--", "—", "-", "－－", "=", "：", '"', "“", "”", "'", "`", "```", "```py\n", "\n", "\r\n",
    "\t", " ", "\u3000", "\u200b", "\u200f", "\u202e", "\ufeff", "\u0000", "\u0338", "\u1100",
    "\ud7b0", "🎵", "👩\u200d🎤", "<@1>", "<@&2>", "<#3>", "@everyone", "<:n:1>", "||", "**", "\\",
    "{", "}", "{ $x }", "%s", "$", "⟪", "⟫", "…", "9" * 30, "١٢٣", "½", "1e400", "nan", "-1",
    "ﬁs8", "Ⅷ", "g８", "Ｇ8", "x" * 60, "가나다", "日本", "https://a.b/c?d=--bars", "--bars--seed",
    *(f"--{name}" for name in OPTIONS), *(f"--{name}=" for name in OPTIONS),
    "F# minor", "올림바단조", "3/4", "6/8", "irish", "any", "midi", "1/8", "100", "0.7",
)  # fmt: skip


def texts(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        glue = draw.choice((" ", "", " ", "\n"))
        made.append(glue.join(draw.choices(PIECES, k=draw.randint(1, 14))))
    return made


@pytest.mark.parametrize("seed", range(8))
def test_odd_text_is_read_or_refused_in_a_sentence(seed: int) -> None:
    for text in texts(seed, 250):
        codes_in(text)
        try:
            request = make_request(text)
        except (EngineError, InText, TuneMissing) as error:
            for locale in LOCALES:
                told = explain(error, locale)
                assert 5 < len(told) < 600, text
                assert told.count("`") % 2 == 0, text
                assert "\n" not in told, text
                assert "\u202e" not in told, text
        else:
            line = command_line(request, "!continue", 2000)
            assert "\n" not in line
            assert "`" not in line


@pytest.mark.parametrize("seed", range(8))
def test_what_was_read_is_read_again_from_its_line(seed: int) -> None:
    again = 0
    for text in texts(seed + 100, 250):
        try:
            request = make_request(text)
        except (EngineError, InText, TuneMissing):
            continue
        line = command_line(request, "", 2000)
        copied = make_request(line, defaults={"bars": 3, "style": "bach", "temperature": 0.3})
        assert copied.but(text="", key=None, meter=None) == request.but(
            text="", key=None, meter=None, pickup=copied.pickup
        ), text
        assert command_line(copied, "", 2000) == line, text
        again += 1
    assert again >= 3
