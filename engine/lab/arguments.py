"""The options of ``nabi lab``; importing this loads neither Keras nor TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from engine.lab.registry import FAMILIES
from engine.lab.setup import ACTIVATIONS, OPTIMISERS, SCALINGS

if TYPE_CHECKING:
    import argparse

SUBJECTS: Final = {
    "facts": "what windows of each size leave open; trains nothing",
    "options": "optimisers, activations, penalties, scalings: one table",
    "rate": "find a learning rate",
    "search": "random search with Keras Tuner",
    "piano": "chords and voices from MIDI files, with music21",
}
"""What can be asked for beside models."""

EXAMPLES: Final = """\
examples:
  nabi lab                      every model on 나비야: table, scores, sound, curves
  nabi lab mlp lstm-stateful    these two
  nabi lab mlp --optimiser sgd --rate 0.1 --epochs 500
  nabi lab facts                what no model can know
  nabi lab options              optimisers, activations, penalties, scalings side by side
  nabi lab rate mlp             find a learning rate
  nabi lab search               random search
  nabi lab piano --corpus FOLDER
                                learn from any folder of MIDI files, and play
"""

SETTINGS: Final[tuple[tuple[str, type, str], ...]] = (
    ("epochs", int, "passes over the song"),
    ("batch", int, "samples per step"),
    ("window", int, "notes that a model sees"),
    ("units", int, "width of each hidden layer"),
    ("rate", float, "learning rate"),
    ("l1", float, "l1 penalty"),
    ("l2", float, "l2 penalty"),
    ("dropout", float, "share of hidden units left out"),
    ("max-norm", float, "largest norm of a unit's weights"),
    ("seed", int, "of weights, order and dropout (default: 1)"),
)
"""Numbers of :class:`engine.lab.setup.Setup` that can be set; left out, they are the lesson's."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nabi lab``."""
    subjects = "; ".join(f"{name}: {what}" for name, what in SUBJECTS.items())
    parser.add_argument(
        "what",
        nargs="*",
        metavar="MODEL",
        help=f"models: {', '.join(FAMILIES)} (default: all); or {subjects}",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("nabi-lab"),
        help="folder for what is made (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    group = parser.add_argument_group("the lesson's settings, for all models that are asked for")
    for name, kind, what in SETTINGS:
        group.add_argument(f"--{name}", type=kind, metavar=kind.__name__.upper(), help=what)
    group.add_argument("--optimiser", choices=OPTIMISERS)
    group.add_argument("--activation", choices=ACTIVATIONS)
    group.add_argument("--scaling", choices=SCALINGS)
    group.add_argument(
        "--class-weights", action="store_true", default=None, help="rare notes weigh more"
    )
    _add_piano(parser)
    group.add_argument(
        "--trials", type=int, default=12, help="of the random search (default: %(default)s)"
    )


def _add_piano(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("piano (with --window, --units, --epochs … from above)")
    group.add_argument(
        "--corpus", type=Path, metavar="FOLDER", help="MIDI files (default: what music21 ships)"
    )
    group.add_argument("--files", type=int, default=0, metavar="N", help="read at most N files")
    group.add_argument(
        "--size",
        choices=("small", "notes"),
        default="small",
        help="small: minutes on a laptop; notes: LSTM 512 x 3 on windows of 100, 200 epochs, "
        "pitches only (default: small)",
    )
    group.add_argument("--layers", type=int, metavar="INT", help="number of LSTM layers")
    group.add_argument(
        "--temperature", type=float, default=0.9, help="of the playing (default: 0.9)"
    )
    group.add_argument("--events", type=int, default=96, help="that are played (default: 96)")
    saved = group.add_mutually_exclusive_group()
    for name, what in (
        ("resume", "go on with a run"),
        ("deepen", "put a layer on a saved network and train only that"),
        ("fine-tune", "train a saved network on, at a tenth of its rate"),
    ):
        saved.add_argument(f"--{name}", type=Path, metavar="CHECKPOINT", help=what)


def changes(args: argparse.Namespace) -> dict[str, Any]:
    """Give the settings that were set, by name."""
    names = [name.replace("-", "_") for name, _, _ in SETTINGS]
    names += ["optimiser", "activation", "scaling", "class_weights"]
    return {name: value for name in names if (value := getattr(args, name)) is not None}
