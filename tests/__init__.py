"""Tests, a mirror of the packages."""
