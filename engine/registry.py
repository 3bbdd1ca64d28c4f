"""Model versions in ``weights/``: list, check, promote, roll back.

A version is a folder with ``model.json``, the weights it names with their SHA-256, and a card.
Versions come with the program or lie in the operator's data folder; one of them is active.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import stat
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from engine.errors import BadVersion, UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from io import BufferedReader

log = logging.getLogger(__name__)

SHIPPED: Final = Path(__file__).resolve().parent.parent / "weights"
"""Folder of the versions that come with the program."""

MANIFEST: Final = "model.json"
WEIGHTS: Final = "weights.npz"
ACTIVE: Final = "active"

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_FILE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CAREFUL: Final[int] = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)
_MAX_MANIFEST: Final = 16 * 1024 * 1024
_MAX_UNPACKED: Final = 2 * 1024**3
_HISTORY: Final = 20


@dataclass(frozen=True)
class Version:
    """One trained model.

    Attributes:
        name: its folder's name.
        folder: where it lies.
        shipped: whether it came with the program.
        manifest: ``model.json`` as read.
    """

    name: str
    folder: Path
    shipped: bool
    manifest: Mapping[str, Any] = field(repr=False, compare=False)

    @property
    def created(self) -> str:
        """Date of training in ISO 8601, empty when unknown."""
        return str(self.manifest.get("created", ""))

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Measured quality by name."""
        metrics = self.manifest.get("metrics", {})
        return metrics if isinstance(metrics, dict) else {}


class Registry:
    """The versions that exist and the one that answers.

    All methods read or write files: call them in a thread, never in a coroutine. They may be
    called from several threads.

    Args:
        shipped: folder of the versions that come with the program.
        data: the operator's data folder; new versions lie in its ``weights`` folder and its file
            ``active`` names the active version, then those active before. None: nothing can be
            promoted.
    """

    def __init__(self, shipped: Path = SHIPPED, data: Path | None = None) -> None:
        self._shipped = shipped
        self._data = data
        self._lock = RLock()
        self._read: dict[Path, tuple[tuple[int, ...], Version]] = {}
        self._sound: dict[Path, tuple[int, ...]] = {}
        self._rejected: dict[str, str] = {}
        self._warned: set[tuple[str, str]] = set()

    def versions(self) -> tuple[Version, ...]:
        """List the versions whose manifest can be read, newest first."""
        found: dict[str, Version] = {}
        for root, shipped in self._roots():
            for name in _folders(root):
                with contextlib.suppress(BadVersion):
                    found.setdefault(name, self._version(name, root / name, shipped=shipped))
        return tuple(sorted(found.values(), key=lambda each: (each.created, each.name))[::-1])

    def get(self, name: str) -> Version:
        """Find a version by name; only its manifest is read.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when its manifest cannot be used.
        """
        if _NAME.fullmatch(name):
            for root, shipped in self._roots():
                if name in _folders(root):
                    return self._version(name, root / name, shipped=shipped)
        raise UnknownVersion(name[:64], tuple(version.name for version in self.versions()))

    def verify(self, name: str) -> Version:
        """Check that a version is whole: every file is there, plain, and has its hash.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged or was refused by the code that loads it.
        """
        version = self.get(name)
        with self._lock:
            if name in self._rejected:
                raise BadVersion(name, self._rejected[name])
            for file, digest in _files(version).items():
                self._check(version, version.folder / file, digest)
        return version

    def reconsider(self, name: str) -> Version:
        """Check a version afresh, even one that was refused: it may have been repaired.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged.
        """
        with self._lock:
            self._rejected.pop(name, None)
            return self.verify(name)

    def reject(self, name: str, reason: str) -> None:
        """Remember that the code could not load a version, so that another one answers."""
        with self._lock:
            self._rejected[name] = reason

    @property
    def active(self) -> Version:
        """The version that answers: the promoted one, else the last good one, else the default.

        Raises:
            BadVersion: when no version at all is sound.
        """
        first: BadVersion | None = None
        for name in self._candidates():
            try:
                return self.verify(name)
            except UnknownVersion:
                failure = BadVersion(name, "its folder is gone")
            except BadVersion as error:
                failure = error
            first = first or failure
            self._warn(failure)
        raise first or BadVersion("", f"there is no model version in {self._shipped}")

    def promote(self, name: str) -> Version:
        """Make a version the active one.

        Raises:
            UnknownVersion: when there is none of this name.
            BadVersion: when it is damaged, or there is no data folder to remember the choice in.
        """
        with self._lock:
            self._rejected.pop(name, None)
            version = self.verify(name)
            self._write([name, *(each for each in self.history() if each != name)])
        return version

    def rollback(self) -> Version:
        """Go back to the version that was active before, and give the one that answers now.

        Raises:
            BadVersion: when there is no data folder, or no version is sound.
        """
        with self._lock:
            self._write(self.history()[1:])
            return self.active

    def history(self) -> tuple[str, ...]:
        """Names of the promoted version and of those before it, newest first."""
        if self._data is None:
            return ()
        try:
            with (self._data / ACTIVE).open(encoding="utf-8", errors="replace") as file:
                lines = file.read(_HISTORY * 80).split()
        except OSError:
            return ()
        return tuple(line for line in lines if _NAME.fullmatch(line))[:_HISTORY]

    def _roots(self) -> Iterator[tuple[Path, bool]]:
        """Give the folders that hold versions; what came with the program wins a tie of names."""
        yield self._shipped, True
        if self._data is not None:
            yield self._data / "weights", False

    def _version(self, name: str, folder: Path, *, shipped: bool) -> Version:
        """Read a version's manifest, once as long as it does not change.

        Raises:
            BadVersion: when it is missing, a link, too long, or not a JSON object.
        """
        try:
            with _open_plain(folder / MANIFEST) as file:
                stamp = _stamp(file)
                before, version = self._read.get(folder, (None, None))
                if version is not None and before == stamp:
                    return version
                data = file.read(_MAX_MANIFEST + 1)
            manifest = json.loads(data) if len(data) <= _MAX_MANIFEST else None
        except OSError as error:
            raise BadVersion(name, f"{MANIFEST}: {error.strerror}") from None
        except (ValueError, RecursionError):
            raise BadVersion(name, f"{MANIFEST} is not JSON") from None
        if not isinstance(manifest, dict):
            raise BadVersion(name, f"{MANIFEST} is not a JSON object of reasonable length")
        version = Version(name, folder, shipped, manifest)
        self._read[folder] = (stamp, version)
        return version

    def _candidates(self) -> Iterator[str]:
        """Give the names that may answer, best first, each once; look no further than asked."""
        history = self.history()
        yield from history
        versions = self.versions()
        shipped = [each for each in versions if each.shipped]
        default = [each.name for each in shipped if each.manifest.get("default") is True]
        rest = [each.name for each in (*shipped, *versions)]
        for name in dict.fromkeys([*default, *rest]):
            if name not in history:
                yield name

    def _warn(self, failure: BadVersion) -> None:
        """Tell the operator once, not with every request."""
        with self._lock:
            if (failure.name, failure.reason) not in self._warned:
                self._warned.add((failure.name, failure.reason))
                log.warning("model version %s is not used: %s", failure.name, failure.reason)

    def _check(self, version: Version, path: Path, digest: str) -> None:
        """Compare a file with its hash, once as long as the file does not change."""
        try:
            with _open_plain(path) as file:
                stamp = (*_stamp(file), int(digest, 16))
                if self._sound.get(path) == stamp:
                    return
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise BadVersion(version.name, f"{path.name} does not match its hash")
                if path.suffix == ".npz":
                    _check_archive(version.name, file, path.name)
        except OSError as error:
            raise BadVersion(version.name, f"{path.name}: {error.strerror}") from None
        self._sound[path] = stamp

    def _write(self, names: Sequence[str]) -> None:
        """Replace the file ``active`` at once or not at all."""
        if self._data is None:
            raise BadVersion(names[0] if names else "", "there is no data folder to note it in")
        self._data.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}\n" for name in names[:_HISTORY])
        descriptor, beside = tempfile.mkstemp(prefix=".active-", dir=self._data)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(self._data / ACTIVE)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise


def _open_plain(path: Path) -> BufferedReader:
    """Open a file, but neither a link nor a pipe that would keep us waiting.

    Raises:
        OSError: when it cannot be opened or is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | _CAREFUL)
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return file


def _stamp(file: BufferedReader) -> tuple[int, ...]:
    """Give what changes when a file is written or replaced."""
    status = os.fstat(file.fileno())
    return status.st_ino, status.st_size, status.st_mtime_ns


def _folders(root: Path) -> frozenset[str]:
    """Names of the version folders in a folder; links are not followed."""
    try:
        with os.scandir(root) as entries:
            return frozenset(
                entry.name
                for entry in entries
                if _NAME.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            )
    except OSError:
        return frozenset()


def _files(version: Version) -> dict[str, str]:
    """Give the files that belong to a version and their hashes, checked for form."""
    files = version.manifest.get("files")
    if not isinstance(files, dict) or WEIGHTS not in files:
        raise BadVersion(version.name, f'{MANIFEST} lists no "{WEIGHTS}" under "files"')
    for file, digest in files.items():
        if not _FILE.fullmatch(file):
            raise BadVersion(version.name, f"{MANIFEST} names a file outside its folder")
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise BadVersion(version.name, f"{MANIFEST} holds no SHA-256 of {file}")
    return files


def _check_archive(name: str, file: BufferedReader, label: str) -> None:
    """Refuse an archive that holds anything but arrays, or unpacks to an absurd size."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadVersion(name, f"{label} is not an archive of arrays") from None
    if not members or any(not member.filename.endswith(".npy") for member in members):
        raise BadVersion(name, f"{label} holds something other than arrays")
    if sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise BadVersion(name, f"{label} would unpack to more than {_MAX_UNPACKED} bytes")
