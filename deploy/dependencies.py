"""Print what a project depends on, one requirement a line, for a layer of its own in an image."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Read the ``pyproject.toml`` that is named on the command line."""
    project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
    sys.stdout.writelines(f"{each}\n" for each in project["dependencies"])


if __name__ == "__main__":
    main()
