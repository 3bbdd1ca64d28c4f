"""``nabi lab``: carries the command out and writes what came of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Final

from engine.evaluation.table import align
from engine.lab.arguments import SUBJECTS, changes
from engine.lab.butterfly import ambiguity
from engine.lab.outcome import feeding_table, table
from engine.lab.registry import FAMILIES

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from engine.lab.outcome import Outcome
    from engine.lab.registry import Family

_STUDIES: Final = ("options", "rate", "search")
_FACTS: Final = (1, 2, 3, 4, 5, 6, 7, 8)


def run(args: argparse.Namespace, cache: Path) -> int:
    """Carry ``nabi lab`` out; ``cache`` is a folder for music that was read.

    Returns:
        0: done; 2: there is no such model, or a setting does not fit it.
    """
    subject = args.what[0] if args.what else ""
    names = args.what[1:] if subject in SUBJECTS else args.what
    unknown = [name for name in names if name not in FAMILIES]
    if unknown:
        known = ", ".join((*FAMILIES, *SUBJECTS))
        return _complain(f"no model {', '.join(unknown)}; there are {known}")
    if subject == "facts":
        return _facts(as_json=args.json)
    families = [FAMILIES[name] for name in names]
    try:
        if subject == "piano":
            from engine.lab.piano import command as piano  # noqa: PLC0415 - loads TensorFlow

            say(piano.run(args, cache))
            return 0
        if subject in _STUDIES:
            from engine.lab import studies  # noqa: PLC0415 - loads TensorFlow

            study: Callable[[argparse.Namespace, Family], str] = getattr(studies, subject)
            for family in families or [FAMILIES["mlp"]]:
                say(study(args, family))
            return 0
        return _train(args, families or list(FAMILIES.values()))
    except (ValueError, RuntimeError, OSError) as error:
        return _complain(str(error))


def say(text: str) -> None:
    """Print lines for the person at the command line."""
    print(text, flush=True)  # noqa: T201  # its purpose


def _complain(sentence: str) -> int:
    print(f"nabi lab: {sentence}", file=sys.stderr)  # noqa: T201  # likewise
    return 2


def _facts(*, as_json: bool) -> int:
    found = [ambiguity(size) for size in _FACTS]
    if as_json:
        say(
            json.dumps([{"window": f.window, "ceiling": f.ceiling, "of": f.samples} for f in found])
        )
        return 0
    head = ("window", "ambiguous contexts", "most that a stateless model can get")
    rows = [(str(f.window), str(len(f.contexts)), f"{f.ceiling} of {f.samples}") for f in found]
    say(align([head, *rows]))
    for context, following in next(f for f in found if f.window == 4).contexts:
        ways = ", ".join(f"{code} ({count} x)" for code, count in following)
        say(f"{context} -> {ways}")
    return 0


def _train(args: argparse.Namespace, families: Sequence[Family]) -> int:
    from engine.lab.running import prepare  # noqa: PLC0415 - loads TensorFlow
    from engine.lab.running import run as run_one  # noqa: PLC0415 - likewise

    prepare()
    for family in families:  # before an hour of training: does every setting fit every model?
        family.build(family.setup.but(**changes(args)))
    log = args.out / "log"
    outcomes = []
    for family in families:
        if not args.json:
            say(f"{family.name}: {family.what} …")
        outcome = run_one(family, family.setup.but(**changes(args)), log)
        write(outcome, args.out / family.name)
        outcomes.append(outcome)
    songs = json.dumps([outcome.to_json() for outcome in outcomes], ensure_ascii=False, indent=1)
    (args.out / "songs.json").write_text(songs + "\n", encoding="utf-8")
    if args.json:
        say(songs)
        return 0
    text = report(outcomes)
    (args.out / "table.txt").write_text(text + "\n", encoding="utf-8")
    say(f"\n{text}\n")
    say(f"scores, sound, MIDI and learning curves: {args.out}")
    say(f"tensorboard --logdir {log}")
    return 0


def report(outcomes: Sequence[Outcome]) -> str:
    """Write both tables and the remarks."""
    remarks = [f"{each.name}: {remark}" for each in outcomes for remark in each.remarks]
    return "\n\n".join(filter(None, [table(outcomes), feeding_table(outcomes), "\n".join(remarks)]))


def write(outcome: Outcome, folder: Path) -> None:
    """Write a song as picture, MIDI and sound, and how it was learnt."""
    from engine.formats.midi import write_midi  # noqa: PLC0415 - only here
    from engine.lab.pictures import (  # noqa: PLC0415 - likewise
        Axes,
        learning_curves,
        melody_of,
        score_picture,
    )
    from engine.score.audio import play  # noqa: PLC0415 - loads the synthesiser

    folder.mkdir(parents=True, exist_ok=True)
    melody = melody_of(outcome.song, outcome.name)
    (folder / "score.png").write_bytes(score_picture(outcome))
    (folder / "song.mid").write_bytes(write_midi(melody))
    (folder / "song.ogg").write_bytes(play(melody))
    curves = {outcome.name: (outcome.passes, outcome.loss)}
    (folder / "curve.png").write_bytes(learning_curves(curves, Axes(outcome.what)))
