from __future__ import annotations

import numpy as np
import pytest

from engine.matrix import BLOCK, Matrix


@pytest.mark.parametrize("columns", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
@pytest.mark.parametrize("batch", [0, 1, 16])
def test_a_product_in_blocks_is_the_product(batch: int, columns: int) -> None:
    random = np.random.default_rng(columns)
    matrix = random.standard_normal((20, columns)).astype(np.float32)
    rows = random.standard_normal((batch, 20)).astype(np.float32)
    found = Matrix(matrix).times(rows)
    assert found.dtype == np.float32
    assert found.shape == (batch, columns)
    assert np.allclose(found, rows @ matrix, atol=1e-5)


def test_parts_stand_side_by_side() -> None:
    left, right = np.eye(3, 2), np.full((3, BLOCK), 7.0)
    found = Matrix(left, right).times(np.eye(3, dtype=np.float32))
    assert np.array_equal(found, np.concatenate([left, right], axis=1))
