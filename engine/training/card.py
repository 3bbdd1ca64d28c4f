"""The model card: what a version learnt from, how well it predicts, where it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def write_card(document: Mapping[str, Any]) -> str:
    """Write the card of a version, in Markdown, from its ``model.json``."""
    corpus, metrics, sizes = document["corpus"], document["metrics"], document["sizes"]
    rows = "\n".join(
        f"| {name} | {data['tunes']:,} | {data['notes']:,} | {data['terms']} |"
        for name, data in corpus["collections"].items()
    )
    memory = _memory(metrics["with_memory"]) if "with_memory" in metrics else ""
    total = sum(metrics.get(f"{name}_bits", 0.0) for name in ("shift", "duration", "pitch"))
    return f"""# {document["name"]}

A melody model: {sizes["layers"]} LSTM layers of {sizes["units"]} units, one step per note.
It predicts (shift, duration, pitch) of the next note, each given the ones before it.
Made on {document["created"]} by `nabi train`.

## Learnt from

| collection | tunes | notes | terms |
|---|---|---|---|
{rows}

{corpus["training_tunes"]:,} tunes for training, {corpus["validation_tunes"]:,} held out; tunes
that share half of their 12-interval windows stand on one side. Every tune is transposed anew in
every epoch. SHA-256 of the training notes: `{corpus["fingerprint"]}`.

## Predicts

Cross-entropy in bits per note on the held-out tunes, with neither style nor length told:

| shift | duration | pitch | together | likeliest pitch right |
|---|---|---|---|---|
| {metrics["shift_bits"]:.3f} | {metrics["duration_bits"]:.3f} | {metrics["pitch_bits"]:.3f} \
| {total:.3f} | {metrics["pitch_accuracy"]:.1%} |
{memory}{_benchmarks(document.get("benchmarks", []))}
## Limits

Single melodies in the European, Irish, Scottish, American and Chinese folk traditions of the
collections above, and chorale tunes. It knows nothing of chords, words or performance.
"""


def _memory(metrics: Mapping[str, float]) -> str:
    return f"""
That is the network alone. With the short-term memory, on {metrics["tunes"]} of these tunes, mixed
by gates that learnt on the other half of them:

| | duration | pitch |
|---|---|---|
| network alone | {metrics["duration_bits_alone"]:.3f} | {metrics["pitch_bits_alone"]:.3f} |
| with memory | {metrics["duration_bits"]:.3f} | {metrics["pitch_bits"]:.3f} |
"""


def _benchmarks(found: Sequence[Mapping[str, str]]) -> str:
    """Write what benchmarks measured, each with its command; see ``benchmarks/card.py``."""
    if not found:
        return ""
    rows = "\n".join(f"| {each['what']} | {each['value']} | `{each['by']}` |" for each in found)
    return f"""
## Measured beside

| what | | by |
|---|---|---|
{rows}
"""
