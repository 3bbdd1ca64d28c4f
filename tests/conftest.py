"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# No property fails because a machine is busy: time is measured in benchmarks/.
settings.register_profile("nabi", deadline=None)
settings.load_profile("nabi")
