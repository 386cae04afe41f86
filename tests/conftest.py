"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sim import Simulator


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulated ONVIO in its own process, with the office of `support.sim.office_seed`."""
    running = Simulator(tmp_path / "simulator")
    yield running
    running.stop()
