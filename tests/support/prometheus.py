"""Prometheus' own checker, from Debian's package `prometheus`."""

from __future__ import annotations

import shutil

import pytest

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)"
)
