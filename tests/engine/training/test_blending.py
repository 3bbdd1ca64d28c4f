from __future__ import annotations

import numpy as np

from engine.corpus import Tune
from engine.music import Key, Meter
from engine.predict import listen
from engine.training.blending import learn_gates
from engine.training.dataset import frame_of
from tests.engine.models import tiny_model


def repeating_tunes(count: int, seed: int) -> list[Tune]:
    """Make tunes of two bars that come four times: only a memory can foresee them."""
    random = np.random.default_rng(seed)
    tunes = []
    for number in range(count):
        motif = random.choice([60, 62, 64, 65, 67, 69, 71], 16)
        pitches = np.tile(motif, 4).astype(np.int16)
        tunes.append(
            Tune(
                name=f"tune-{number}",
                collection="corpus",
                style="any",
                onsets=np.arange(len(pitches), dtype=np.int32) * 24,
                durations=np.full(len(pitches), 24, np.int32),
                pitches=pitches,
                meter=Meter(4, 4),
                pickup=0,
                key=Key(0),
            )
        )
    return tunes


def test_gates_learn_to_trust_the_memory_where_tunes_repeat() -> None:
    model = tiny_model()
    blend = learn_gates(model, repeating_tunes(20, 0))
    assert blend is not None
    assert blend.metrics["pitch_bits"] < 0.6 * blend.metrics["pitch_bits_alone"]
    assert blend.metrics["tunes"] == 20
    model.gates = blend.gates
    [tune] = repeating_tunes(1, 1)
    notes = list(
        zip(tune.onsets.tolist(), tune.durations.tolist(), tune.pitches.tolist(), strict=True)
    )
    frame, start = frame_of(tune, model.styles)
    alone = listen(model, notes, [frame], [start])[2].pitch
    mixed = listen(model, notes, [frame], [start], memory=True)[2].pitch
    assert mixed[17:].mean() > alone[17:].mean() + 1


def test_too_little_to_learn_from_gives_no_gates() -> None:
    assert learn_gates(tiny_model(), repeating_tunes(3, 0)) is None
    assert learn_gates(tiny_model(), []) is None


def test_at_most_so_many_tunes_are_heard() -> None:
    blend = learn_gates(tiny_model(), repeating_tunes(45, 0), most=24)
    assert blend is not None
    assert blend.metrics["tunes"] <= 24
