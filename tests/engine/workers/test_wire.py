"""Frames between processes: whole or not at all, and plain data only on the way back."""

from __future__ import annotations

import io
import os
import pickle
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.errors import BadOption, EngineFailed
from engine.music import Key, Melody, Meter, Note
from engine.request import Request, Taken
from engine.workers import wire
from engine.workers.child import memory_limit
from engine.workers.stages import Composed, Primer

NOTE = Note(Fraction(1, 12), Fraction(1, 4), 60, 0)
MELODY = Melody((NOTE,), Meter(6, 8), key=Key(-3, "minor"), tempo=90, title="나비야")


@given(payload=st.binary(max_size=5000))
def test_frames_come_back_whole(payload: bytes) -> None:
    stream = io.BytesIO()
    wire.write_frame(stream, payload)
    stream.seek(0)
    assert wire.read_frame(stream) == payload


@given(payload=st.binary(min_size=1, max_size=50), cut=st.integers(min_value=0))
def test_a_cut_frame_is_an_end(payload: bytes, cut: int) -> None:
    stream = io.BytesIO()
    wire.write_frame(stream, payload)
    whole = stream.getvalue()
    with pytest.raises(EOFError):
        wire.read_frame(io.BytesIO(whole[: cut % len(whole)]))


def test_an_absurd_length_is_not_waited_for() -> None:
    with pytest.raises(EOFError, match="18446744073709551615"):
        wire.read_frame(io.BytesIO(b"\xff" * 8))


def test_all_that_workers_send_is_plain() -> None:
    assert MELODY.end == Fraction(1, 3)  # cached within the melody
    request = Request(text="c4", file=b"x", seed=3, key="B♭ minor")
    tune = Composed(
        MELODY, Fraction(1), "solfege", request, ("key",), "t", "c4", b"M", None, {"a": 0.5}
    )
    primer = Primer(MELODY, "letters", Taken("midi", name="Melody"))
    for value in (tune, primer, ("value", [1, 2.5, None, {"k": b"v"}])):
        assert wire.unpack_plain(wire.pack(value)) == value


def test_errors_come_back_with_their_fields() -> None:
    error = wire.unpack_plain(wire.pack(BadOption("key", "H", "C, Am")))
    assert isinstance(error, BadOption)
    assert error.data() == {"name": "key", "value": "H", "expected": "C, Am"}
    assert isinstance(wire.unpack_plain(wire.pack(EngineFailed("timeout"))), EngineFailed)


def call(module: str, name: str) -> bytes:
    """Write the pickle that calls ``module.name("id")``, opcode by opcode."""
    return b"\x80\x04" + b"".join(
        (b"\x8c", bytes([len(module)]), module.encode(), b"\x8c", bytes([len(name)]))
    ) + name.encode() + b"\x93\x8c\x02id\x85R."  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("engine.request", "base64.b64decode"),
        ("engine.request", "replace"),
        ("engine.request", "get_close_matches"),
        ("engine.music", "re"),
        ("engine.music", "dataclass"),
        ("engine.errors", "EngineError.__reduce__"),
        ("engine.workers.process", "Job"),
        ("fractions", "operator"),
        ("fractions", "Decimal"),
        ("engine.workers.stages", "nothing"),
        ("subprocess", "Popen"),
    ],
)
def test_what_acts_is_refused(module: str, name: str) -> None:
    with pytest.raises(pickle.UnpicklingError, match="not plain data"):
        wire.unpack_plain(call(module, name))


def test_the_handmade_pickle_would_act_elsewhere() -> None:
    assert pickle.loads(call("builtins", "len")) == 2
    assert os.path.basename(pickle.loads(call("builtins", "str"))) == "id"  # noqa: PTH119  # a string


@given(payload=st.binary(max_size=200).map(lambda noise: b"\x80\x04" + noise))
@example(payload=b"\x80\x04Nr\xff\xff\xff\x7f.")  # something to be noted in 64 GB of room
def test_noise_is_refused_in_one_way_only(payload: bytes) -> None:
    try:
        with memory_limit(2**28):  # what noise asks for depends on no machine's memory
            value = wire.unpack_plain(payload)
    except pickle.UnpicklingError:
        return
    assert type(value).__module__ in {"builtins", "fractions"}
