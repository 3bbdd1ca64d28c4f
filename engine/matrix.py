"""Matrices by which small batches are multiplied again and again."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

BLOCK: Final = 64
"""Columns of a block.

A BLAS rearranges a large matrix before every product, which takes longer than the product itself
when a batch has a handful of rows. Blocks as narrow as this OpenBLAS takes as they lie.
"""


class Matrix:
    """A matrix of float32, kept in blocks of columns.

    Args:
        parts: (rows, columns) each; they stand side by side.
    """

    def __init__(self, *parts: Array) -> None:
        whole = np.concatenate(parts, axis=1, dtype=np.float32)
        rows, self._columns = whole.shape
        self._width = -(-self._columns // BLOCK) * BLOCK
        whole = np.pad(whole, ((0, 0), (0, self._width - self._columns)))
        self._blocks = np.ascontiguousarray(whole.reshape(rows, -1, BLOCK).swapaxes(0, 1))

    def times(self, batch: Array) -> Array:
        """Multiply: (batch, rows) to (batch, columns)."""
        found = (batch @ self._blocks).swapaxes(0, 1).reshape(len(batch), self._width)
        return np.asarray(found[:, : self._columns])
