"""Tests, a mirror of the packages.

Like a worker, a test calculates in one thread. Where there are fewer free cores than threads, those
wait for each other at every small product: minutes instead of seconds.
"""

from __future__ import annotations

import os

for _library in ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "VECLIB_MAXIMUM"):
    os.environ[f"{_library}_THREADS"] = "1"  # before anything imports NumPy
