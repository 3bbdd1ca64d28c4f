"""Sound -> OGG Vorbis whose bytes depend on the sound alone.

The encoder draws a random serial number for every stream and writes it into each page, so equal
sounds would give unequal files. Here each page gets the same number and its checksum anew, as the
Ogg format has it (RFC 3533).
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK: Final = 65_536
"""Samples per write: the encoder crashes the process on one very long write."""

_SERIAL: Final = 0x6E616269
_HEADER: Final = 27
_MIRROR: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ONES: Final = 0xFFFFFFFF


def encode(samples: NDArray[np.float32], rate: int) -> bytes:
    """Encode one channel of samples in -1 … 1 as OGG Vorbis; equal samples give equal bytes."""
    import soundfile  # noqa: PLC0415 - loads a library that only a process that plays needs

    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", rate, 1, format="OGG", subtype="VORBIS") as file:
        for start in range(0, len(samples), CHUNK):
            file.write(samples[start : start + CHUNK])
    return renumber(out.getvalue())


def renumber(data: bytes) -> bytes:
    """Give every page of an Ogg file the same serial number and the checksum that goes with it.

    Raises:
        ValueError: when the bytes are not a whole number of Ogg pages.
    """
    pages = []
    start = 0
    while start < len(data):
        if data[start : start + 4] != b"OggS" or start + _HEADER > len(data):
            raise ValueError(f"no Ogg page at byte {start}")
        lengths = data[start + _HEADER : start + _HEADER + data[start + 26]]
        end = start + _HEADER + len(lengths) + sum(lengths)
        if end > len(data):
            raise ValueError(f"the Ogg page at byte {start} is cut off")
        page = bytearray(data[start:end])
        page[14:18] = _SERIAL.to_bytes(4, "little")
        page[22:26] = bytes(4)
        page[22:26] = _checksum(page).to_bytes(4, "little")
        pages.append(bytes(page))
        start = end
    return b"".join(pages)


def _checksum(page: bytes | bytearray) -> int:
    """Compute Ogg's CRC-32: zlib's polynomial, but highest bit first, and plain zeros at the start.

    Mirroring the bits of every byte and of the result turns the one into the other, which lets zlib
    do the work.
    """
    mirrored = zlib.crc32(page.translate(_MIRROR), _ONES) ^ _ONES
    return int(f"{mirrored:032b}"[::-1], 2)
