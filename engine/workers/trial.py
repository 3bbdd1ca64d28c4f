"""Let a version prove that it can answer, before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.codes import parse_codes
from engine.compose import compose
from engine.errors import BadVersion
from engine.predict import Model

if TYPE_CHECKING:
    from pathlib import Path


def try_version(folder: Path) -> None:
    """Load a version, which checks hashes and shapes, and let it compose a phrase.

    Raises:
        BadVersion: when it cannot.
    """
    model = Model.load(folder)
    primer = parse_codes("g8 e8 e4 f8").melody
    tune = compose(model, primer, bars=2, temperature=1.0, seed=0, style="any", candidates=2)
    if len(tune.melody.notes) <= len(primer.notes):
        raise BadVersion(folder.name, "it has nothing to say")
