"""A browser for each file, a window for each test, the panel in the users' language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from support.browsers import Panel, chromium
from support.office import Profile
from support.sim import Simulator


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ended with the file: its driver keeps the thread's event loop for itself."""
    with chromium() as running:
        yield running


@pytest.fixture
def profile(browser: Browser, tmp_path: Path, simulator: Simulator) -> Iterator[Profile]:
    """A profile whose agent speaks Portuguese. The browser comes first, so that a skip is cheap."""
    made = Profile(tmp_path / "home", simulator, UI__LANGUAGE="pt_BR")
    yield made
    made.kill()


@pytest.fixture
def panel(browser: Browser, profile: Profile) -> Iterator[Panel]:
    """A window; open it once the agent runs."""
    made = Panel(browser, profile)
    yield made
    made.close()
