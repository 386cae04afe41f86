"""What end-to-end tests begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.office import Profile
from support.sim import Simulator


@pytest.fixture
def profile(tmp_path: Path, simulator: Simulator) -> Iterator[Profile]:
    """A profile against the simulated ONVIO; its agent is ended afterwards."""
    made = Profile(tmp_path / "home", simulator)
    yield made
    made.kill()


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Profile]:
    """A profile whose ONVIO cannot be reached: nothing listens at its address."""
    nowhere = "https://127.0.0.1:9"
    made = Profile(tmp_path / "home", ONVIO__API_URL=nowhere, ONVIO__AUTH_URL=nowhere)
    yield made
    made.kill()
