"""Every model of the lesson with its real settings, and what they show.

    python benchmarks/lab.py                  everything
    python benchmarks/lab.py models rate      these parts; the others stay as they are

Writes benchmarks/results/lab.md, the songs that the bot shows (engine/lab/songs.json) and the
pictures of docs/lab.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results" / "lab.md"
PICTURES: Final = ROOT / "docs" / "lab"
SONGS: Final = ROOT / "engine" / "lab" / "songs.json"

PARTS: Final = {
    "facts": ("What a window leaves open", ("facts",)),
    "models": ("Every model", ()),
    "seeds": ("The stateful model from three seeds", ()),
    "options": ("Options", ("options", "mlp")),
    "rate": ("Learning rate", ("rate", "mlp")),
    "search": ("Random search", ("search", "mlp")),
    "piano": ("Chords and voices", ("piano",)),
}
"""Parts by name: heading, and what ``nabi lab`` is asked for."""

COPIED: Final = {
    "models": (
        "mlp/score.png",
        "lstm-stateful/score.png",
        "lstm-stateful/curve.png",
    ),
    "options": ("options-mlp/optimiser.png",),
    "rate": ("rate-mlp/rate.png",),
    "piano": ("piano/sampled.png",),
}
"""Pictures of a run that the walk-through shows."""


def main() -> None:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--out", type=Path, help="keep what is made in this folder")
    args = parser.parse_args()
    unknown = set(args.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as passing:
        out = args.out or Path(passing)
        for part in args.parts or PARTS:
            text = seeds() if part == "seeds" else lab(PARTS[part][1], out)
            keep(part, text, out)


def lab(words: tuple[str, ...], out: Path) -> str:
    """Run ``nabi lab`` and give what it prints."""
    command = [sys.executable, "-m", "bot.cli", "lab", *words, "--out", str(out)]
    print(" ".join(("nabi lab", *words)), flush=True)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own command
    print(done.stdout, flush=True)
    return done.stdout


def seeds() -> str:
    """Train the stateful model from three seeds, keeping the last pass and keeping the best one."""
    from engine.evaluation.table import align  # noqa: PLC0415 - likewise
    from engine.lab.registry import FAMILIES  # noqa: PLC0415 - with the rest
    from engine.lab.running import prepare, run  # noqa: PLC0415 - loads TensorFlow

    prepare()
    family = FAMILIES["lstm-stateful"]
    rows = [("seed", "one step, last pass", "whole song", "one step, best pass", "whole song")]
    for seed in range(1, 4):
        cells: list[str] = [str(seed)]
        for best in (False, True):
            outcome = run(family, family.setup.but(seed=seed, keep_best=best))
            cells += [str(outcome.steps_score), str(outcome.song_score)]
        rows.append(tuple(cells))  # type: ignore[arg-type]  # five cells
        print(rows[-1], flush=True)
    return align(rows)


def keep(part: str, text: str, out: Path) -> None:
    """Put a part into the results, with its pictures."""
    # Folders of this machine mean nothing to a reader.
    said = "\n".join(line for line in text.strip().splitlines() if str(out) not in line).strip()
    command = " ".join(("nabi lab", *PARTS[part][1]))
    first = "python benchmarks/lab.py seeds" if part == "seeds" else command
    section = f"## {PARTS[part][0]}\n\n`{first}`\n\n```\n{said}\n```\n\n{machine()}\n"
    sections = read()
    sections[part] = section
    body = "\n".join(sections[name] for name in PARTS if name in sections)
    RESULTS.write_text(f"{HEAD}\n{body}", encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    for picture in COPIED.get(part, ()):
        shutil.copyfile(out / picture, PICTURES / picture.replace("/", "-"))
    if part == "models":
        songs = json.loads((out / "songs.json").read_text(encoding="utf-8"))
        lines = ",\n".join(json.dumps(song, ensure_ascii=False) for song in songs)
        SONGS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


HEAD: Final = """\
# The lab

`python benchmarks/lab.py` wrote this page, the songs that `/lab` shows and the pictures of
[docs/lab.md](../../docs/lab.md). Every part names its command and its machine. CPU seconds are of
learning alone. It takes one core, so where nothing else runs the clock shows as many.
"""


def read() -> dict[str, str]:
    """Give the sections of the results by part."""
    if not RESULTS.exists():
        return {}
    titles = {title: name for name, (title, _) in PARTS.items()}
    found = re.split(r"^(?=## )", RESULTS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        titles[title]: section.rstrip() + "\n"
        for section in found
        if (title := section.splitlines()[0].removeprefix("## ")) in titles
    }


def machine() -> str:
    """Name the machine by its kind."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        model = names[0] if names else model
    load = f", load {os.getloadavg()[1]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return f"Machine: {model}, {os.cpu_count()} cores{load}; Python {platform.python_version()}."


if __name__ == "__main__":
    main()
