"""How far a training run is, told on the terminal."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Literal

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Mapping


class Console:
    """Tells on the terminal how far a run is; the observer of one that nobody else sees."""

    def __init__(self, *, json_lines: bool) -> None:
        self._json = json_lines
        self._bar: Any = None
        self._state = ""
        self._wish: Literal["", "pause", "stop"] = ""

    def tell(self, state: str, **figures: Any) -> None:
        """Tell how far it is."""
        self.show(state, figures)

    def saved(self) -> None:
        """Do nothing: a checkpoint is no news."""

    def wish(self) -> Literal["", "pause", "stop"]:
        """Say whether Ctrl-C was pressed."""
        return self._wish

    def pause(self) -> None:
        """Wish for a pause."""
        self._wish = "pause"

    def show(self, state: str, figures: Mapping[str, Any]) -> None:
        """Print a line of JSON, or move the bar."""
        plain = {
            name: value
            for name, value in figures.items()
            if name not in {"curve", "skipped"} and not _is_nan(value)
        }
        if self._json:
            print(json.dumps({"state": state, **plain}), flush=True)  # noqa: T201 - its purpose
            return
        self._move("training" if state == "epoch" else state, plain)
        if state == "epoch":
            self.line(
                f"epoch {plain['epoch']} of {plain['epochs']}: {plain['loss']:.3f} bits a note, "
                f"held out {plain['bits']:.3f}"
            )
        for name, reason in figures.get("skipped") or ():
            self.line(f"skipped {name}: {reason}")

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        if not self._json:
            tqdm.write(text)

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.close()

    def _move(self, state: str, figures: Mapping[str, Any]) -> None:
        if self._bar is None:
            form = "{desc:>24} {percentage:3.0f}%|{bar}| {postfix}"
            self._bar = tqdm(total=1.0, bar_format=form, disable=None)
        name = f"{state} {figures.get('collection', '')}".strip()
        self._bar.set_description_str(name, refresh=False)
        self._bar.n = figures.get("share") or 0.0
        shown = {key: round(figures[key]) for key in ("speed", "seconds_left") if figures.get(key)}
        self._bar.set_postfix(shown, refresh=False)
        self._bar.refresh()


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
