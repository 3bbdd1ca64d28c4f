"""The tables of the prediction benchmark, in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Measured = Mapping[str, Mapping[str, float]]
    """Bits per pitch by collection and model; of the mixture by :data:`MIXED`."""

MIXED: Final = "mixed"

COMBINED: Final = {
    "1_nova": 2.468,
    "2_chorales": 2.347,
    "3_elsass": 2.540,
    "4_jugoslav": 2.588,
    "5_schweiz": 2.454,
    "6_oesterrh": 2.651,
    "7_kinder": 2.106,
    "8_shanxi": 2.681,
}
"""Pearce (2005), table 6.7: long-term with learning and short-term, combined by entropy."""

RHYTHM: Final = {"2_chorales": 1.911}
"""Pearce (2005), table 9.8: the chorales with the best views of pitch and rhythm."""

PLAIN: Final = {"STM": 3.147, "LTM": 2.878, "LTM+": 2.614, "combined": 2.479}
"""Pearce (2005), tables 6.2 and 6.4 to 6.7: averages of the eight collections."""

TITLES: Final = {
    "like-for-like": "Row (a), like for like: pitch in, pitch out",
    "rhythm": "Row (c), like for like with the rhythm known",
    "pretrained": "Row (b), pretrained",
    "yardstick": "Plain PPM*",
}


def write(row: str, measured: Sequence[Measured], folds: int) -> str:
    """Write what was measured, a table of collections and one of the models by themselves.

    Args:
        row: name of the row.
        measured: one for each seed.
        folds: how many were measured.
    """
    what = "version" if row == "pretrained" else "deal"
    count = f"{len(measured)} {what}{'s' * (len(measured) > 1)}"
    count += ", all melodies" if row == "pretrained" else f", {folds} folds"
    head = f"{TITLES[row]}; bits per pitch; {count}.\n\n"
    if row == "yardstick":
        return head + _plain(measured, PLAIN)
    if row == "pretrained":
        return head + _plain(measured, {})
    published = RHYTHM if row == "rhythm" else COMBINED
    return f"{head}{_mixed(measured, published)}\nEach model by itself:\n\n{_alone(measured)}"


def _mixed(measured: Sequence[Measured], published: Mapping[str, float]) -> str:
    """Compare the mixture with the best model by itself and with what was published."""
    spread = len(measured) > 1
    titles = ["collection", "best model alone", MIXED, *(["spread"] * spread), "Pearce 2005"]
    lines = [titles, ["---"] * len(titles)]
    names = list(measured[0])
    models = [model for model in measured[0][names[0]] if model != MIXED]

    def line(label: str, values: Measured, mixed: Sequence[float], known: float | None) -> None:
        best = min(np.mean([values[name][model] for name in values]) for model in models)
        lines.append(
            [
                label,
                f"{best:.3f}",
                f"{np.mean(mixed):.3f}",
                *([f"{np.std(mixed, ddof=1):.3f}"] if spread else []),
                "–" if known is None else f"{known:.3f}",
            ]
        )

    means = _means(measured)
    for name in names:
        line(name, {name: means[name]}, [m[name][MIXED] for m in measured], published.get(name))
    if len(names) == 1:
        return _table(lines)
    averages = [float(np.mean([m[name][MIXED] for name in names])) for m in measured]
    whole = all(name in published for name in names)
    line(
        "average", means, averages, float(np.mean([published[n] for n in names])) if whole else None
    )
    return _table(lines)


def _alone(measured: Sequence[Measured]) -> str:
    """List the models, each by itself, on each collection."""
    means = _means(measured)
    average = ["average"] if len(means) > 1 else []
    titles = ["model", *means, *average]
    lines = [titles, ["---"] * len(titles)]
    for model in (each for each in next(iter(means.values())) if each != MIXED):
        values = [means[name][model] for name in means]
        values += [float(np.mean(values))] * len(average)
        lines.append([model, *(f"{value:.3f}" for value in values)])
    return _table(lines)


def _plain(measured: Sequence[Measured], published: Mapping[str, float]) -> str:
    """List the collections by model, with the published averages below, if there are any."""
    means = _means(measured)
    models = list(next(iter(means.values())))
    lines = [["collection", *models], ["---"] * (len(models) + 1)]
    for name, each in means.items():
        lines.append([name, *(f"{each[model]:.3f}" for model in models)])
    averages = [np.mean([each[model] for each in means.values()]) for model in models]
    lines.append(["average", *(f"{value:.3f}" for value in averages)])
    if len(measured) > 1:
        by_deal = [
            [np.mean([each[model] for each in one.values()]) for one in measured]
            for model in models
        ]
        lines.append(["spread", *(f"{np.std(values, ddof=1):.3f}" for values in by_deal)])
    if published:
        lines.append(["Pearce 2005", *(f"{published[model]:.3f}" for model in models)])
    return _table(lines)


def _means(measured: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """Average over the seeds."""
    return {
        name: {
            model: float(np.mean([one[name][model] for one in measured]))
            for model in measured[0][name]
        }
        for name in measured[0]
    }


def _table(lines: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
