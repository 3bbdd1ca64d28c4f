"""Add what the benchmarks measured to a version's card.

    python benchmarks/card.py weights/NAME [--continuation FILE] [--pretrained FILE]

The files are what ``continuation.py`` and ``prediction.py pretrained`` write with ``--json``. The
second may be of another version made by the same recipe without the benchmark's tunes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script

from engine.training.card import write_card
from engine.training.versioning import replace_file


def continuations(found: dict[str, Any]) -> list[dict[str, str]]:
    """Choose the figures of a version's continuations."""
    row = found["rows"][found["version"]]
    shares = [inside / of for inside, of, *_ in row["distributions"].values()]
    by = f"python benchmarks/continuation.py --version {found['version']}"
    told = f"{found['foils']['gain by the primer'][0]:.1%}"
    figures = {
        "cardinality score (F1) against the true continuation": f"{row['cardinality F1'][0]:.3f}",
        "pitch overlap with the true continuation": f"{row['pitch overlap'][0]:.3f}",
        "overlap of distributions, share of what two real halves have": f"{np.mean(shares):.3f}",
        "bars filled exactly": f"{row['bars filled'][0]:.1%}",
        "copies over 16 intervals, primer not learnt": f"{row['copied']['over unknown']:.1%}",
        f"true continuation told from a foil, {found['foil_tunes']} tunes": told,
    }
    return [{"what": name, "value": value, "by": by} for name, value in figures.items()]


def predictions(found: list[dict[str, dict[str, float]]]) -> list[dict[str, str]]:
    """Average row (b) over collections and versions."""
    command = "python benchmarks/prediction.py pretrained pearce8.json"
    by = f"{command} --version benchmarks/weights/b-384"
    names = next(iter(found[0].values()))
    return [
        {
            "what": "bits per pitch on eight collections, by the same recipe without any tune "
            f"related to them: {name}",
            "value": f"{np.mean([each[name] for one in found for each in one.values()]):.3f}",
            "by": by,
        }
        for name in names
    ]


def main() -> None:
    """Read the figures, write them into ``model.json`` and the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="of the version")
    parser.add_argument("--continuation", type=Path, metavar="FILE")
    parser.add_argument("--pretrained", type=Path, metavar="FILE")
    args = parser.parse_args()
    document = json.loads((args.folder / "model.json").read_text(encoding="utf-8"))
    found = []
    if args.continuation:
        found += continuations(json.loads(args.continuation.read_text(encoding="utf-8")))
    if args.pretrained:
        found += predictions(json.loads(args.pretrained.read_text(encoding="utf-8")))
    document["benchmarks"] = found
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    replace_file(args.folder / "model.json", text.encode())
    replace_file(args.folder / "CARD.md", write_card(document).encode())


if __name__ == "__main__":
    main()
