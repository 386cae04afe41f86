"""Fixtures that every test may use, and the figures that campaigns tell at the end of a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.i18n import current_language, set_language
from support.campaign import Tell, summed
from support.sim import Simulator

_TOLD = "told"


def pytest_configure() -> None:
    """Programs that the tests start must hear Ctrl-C, also when these tests run in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A process speaks one language: whichever a test has chosen is gone after it."""
    before = current_language()
    yield
    set_language(before)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """A simulated ONVIO in its own process, with the office of `support.sim.office_seed`."""
    running = Simulator(tmp_path / "simulator")
    yield running
    running.stop()


@pytest.fixture
def tell(record_property: Any) -> Tell:
    """Say figures of this test in the summary of the run; see `support.campaign.Tell`."""

    def told(campaign: str, **figures: float) -> None:
        record_property(_TOLD, (campaign, figures))

    return told


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Figures of all workers, summed."""
    reports = [
        report for group in ("passed", "failed") for report in terminalreporter.getreports(group)
    ]
    properties = [
        each for report in reports if report.when == "call" for each in report.user_properties
    ]
    lines = summed([value for name, value in properties if name == _TOLD])
    if lines:
        terminalreporter.section("campaigns")
        for line in lines:
            terminalreporter.write_line(line)
