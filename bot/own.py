"""What the program knows about itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, metadata, version

_NAMES = ("source", "source code", "repository", "homepage")


def own_version() -> str:
    """Give the version of this program."""
    try:
        return version("nabi")
    except PackageNotFoundError:  # started from its folder without being installed
        return "0"


def own_source() -> str:
    """Give the address of the source that the package names, empty when it names none."""
    try:
        named = metadata("nabi").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    urls = {name.strip().lower(): url.strip() for name, _, url in (n.partition(",") for n in named)}
    return next((urls[name] for name in _NAMES if name in urls), "")
