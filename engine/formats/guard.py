"""Open MusicXML from strangers safely and leave only what a tune needs.

Nothing here or later follows an address: there are no entities (a file that declares one is
refused), no external document types, no archive members beyond the score. What is unpacked is
bounded in bytes, elements and depth before a tree is built.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET  # checked by check_xml first
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_XML: Final = 24 * 1024 * 1024
"""Unpacked bytes of one score."""

MAX_ELEMENTS: Final = 600_000
MAX_DEPTH: Final = 64
MAX_MEMBERS: Final = 1_000

_NEEDLESS: Final = frozenset(
    {"credit", "defaults", "direction", "harmony", "figured-bass", "print", "sound", "listening"}
)
"""Elements that hold nothing of the tune: left out before music21 works on them."""

_NEEDLESS_IN_NOTE: Final = frozenset({"lyric", "notations", "beam", "stem", "play", "notehead"})


class UnsafeXmlError(Exception):
    """XML or an archive that is damaged or breaks the limits."""


def unpack(data: bytes) -> bytes:
    """Take the score out of a compressed MusicXML file.

    Raises:
        UnsafeXmlError: when the archive is damaged, too large inside, or holds no score.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MAX_MEMBERS:
                raise UnsafeXmlError
            names = archive.namelist()
            path = None
            if "META-INF/container.xml" in names:
                container = parse_xml(_member(archive, "META-INF/container.xml"))
                path = next((e.get("full-path") for e in container.iter("rootfile")), None)
            if path not in names:
                path = next(
                    name
                    for name in names
                    if name.lower().endswith((".xml", ".musicxml")) and "META-INF" not in name
                )
            return _member(archive, path or "")
    except (zipfile.BadZipFile, zlib.error, KeyError, StopIteration) as error:
        raise UnsafeXmlError from error
    except (EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise UnsafeXmlError from error  # encrypted, or packed in a way Python does not know


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """Unpack one member, no further than the limit; sizes in the archive may lie."""
    with archive.open(name) as member:
        content = member.read(MAX_XML + 1)
    if len(content) > MAX_XML:
        raise UnsafeXmlError
    return content


def parse_xml(data: bytes) -> ET.Element:
    """Parse XML after checking it.

    Raises:
        UnsafeXmlError: see :func:`check_xml`.
    """
    check_xml(data)
    try:
        return ET.fromstring(data)  # noqa: S314 # no entities, bounded: checked above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise UnsafeXmlError from error


def check_xml(data: bytes) -> None:
    """Read XML once without building anything.

    Raises:
        UnsafeXmlError: when it is not well-formed, declares entities, or breaks the limits.
    """
    if len(data) > MAX_XML:
        raise UnsafeXmlError
    parser = expat.ParserCreate()
    depth = elements = 0

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise UnsafeXmlError

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_declaration: object) -> None:
        raise UnsafeXmlError

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)  # noqa: FBT003 # expat takes no keywords
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnsafeXmlError from error


def by_parts(root: ET.Element) -> ET.Element:
    """Turn a score written measure by measure (``score-timewise``) into one part by part."""
    if root.tag != "score-timewise":
        return root
    parts: dict[str, ET.Element] = {}
    partwise = ET.Element("score-partwise", root.attrib)
    for child in root:
        if child.tag != "measure":
            partwise.append(child)
            continue
        for part in child.findall("part"):
            name = part.get("id", "")
            if name not in parts:
                parts[name] = ET.Element("part", {"id": name})
            measure = ET.SubElement(parts[name], "measure", child.attrib)
            measure.extend(part)
    partwise.extend(parts.values())
    return partwise


def prune(root: ET.Element, max_notes: int) -> int:
    """Leave out what is no part of a tune, and the bars after ``max_notes`` notes in all parts.

    Returns:
        The number of notes in the bars left out, of the part that has most of them.
    """
    for child in list(root):
        if child.tag in _NEEDLESS:
            root.remove(child)
    parts = [(part, part.findall("measure")) for part in root.findall("part")]
    count = 0
    keep = 0
    for place in range(max((len(measures) for _, measures in parts), default=0)):
        count += sum(len(m[place].findall("note")) for _, m in parts if place < len(m))
        if count > max_notes and keep:
            break
        keep = place + 1
    left_out = 0
    for part, measures in parts:
        left_out = max(left_out, sum(len(list(_sung(m))) for m in measures[keep:]))
        for measure in measures[keep:]:
            part.remove(measure)
        divisions = 1.0
        for measure in measures[:keep]:
            _prune_measure(measure)
            divisions = _bound(measure, divisions)
    return left_out


def _bound(measure: ET.Element, divisions: float) -> float:
    """Refuse lengths and leave out meters that nobody writes; music21 computes long on them.

    Args:
        measure: changed in place.
        divisions: units per quarter note so far; those in force after the measure come back.

    Raises:
        ValueError: when a length is no number, or longer than 64 whole notes.
    """
    for child in measure:
        if child.tag == "attributes":
            divisions = float(child.findtext("divisions", str(divisions)))
            if not 0 < divisions <= 1_000_000:
                raise ValueError
            for time in child.findall("time"):
                if not all(_usual(part.text) for tag in _TIME for part in time.findall(tag)):
                    child.remove(time)
        length = child.findtext("duration")
        if length is not None and not 0 <= float(length) <= 256 * divisions:
            raise ValueError
    return divisions


_TIME: Final = ("beats", "beat-type")


def _usual(number: str | None) -> bool:
    """Tell whether a part of a meter, such as ``3`` or ``3+2``, is small."""
    parts = (number or "").replace(" ", "").split("+")
    return all(part.isdecimal() and len(part) < 3 and 0 < int(part) <= 64 for part in parts)


def _sung(measure: ET.Element) -> Iterator[ET.Element]:
    return (n for n in measure.findall("note") if n.find("pitch") is not None)


def _prune_measure(measure: ET.Element) -> None:
    for child in list(measure):
        cue = child.tag == "note" and child.find("cue") is not None
        if child.tag in _NEEDLESS or (cue and child.find("duration") is None):
            measure.remove(child)
        elif cue:  # Small notes of another part: their time passes in silence.
            for inner in child.findall("pitch"):
                child.remove(inner)
            if child.find("rest") is None:
                child.insert(0, ET.Element("rest"))
        if child.tag == "note":
            for inner in list(child):
                if inner.tag in _NEEDLESS_IN_NOTE:
                    child.remove(inner)
