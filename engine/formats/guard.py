"""Open MusicXML from strangers safely.

Nothing here or later follows an address: there are no entities (a file that declares one is
refused), no external document types, no archive members beyond the score. What is unpacked is
bounded in bytes, elements and depth before a tree is built.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final
from xml.etree import ElementTree as ET  # checked by check_xml first
from xml.parsers import expat

MAX_XML: Final = 24 * 1024 * 1024
"""Unpacked bytes of one score."""

MAX_ELEMENTS: Final = 600_000
MAX_DEPTH: Final = 64
MAX_MEMBERS: Final = 1_000


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
