"""Print what a project depends on, one requirement a line, for a layer of its own in an image.

Usage: ``python dependencies.py pyproject.toml [EXTRA …]``.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path


def main() -> None:
    """Read the ``pyproject.toml`` and the extras that are named on the command line."""
    path, *extras = sys.argv[1:]
    project = tomllib.loads(Path(path).read_text(encoding="utf-8"))["project"]
    wanted = [project["dependencies"], *(project["optional-dependencies"][e] for e in extras)]
    sys.stdout.writelines(f"{each}\n" for some in wanted for each in some)


if __name__ == "__main__":
    main()
