"""Fixtures that every test may use, and the figures that campaigns tell at the end of a run."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onvio_agent.i18n import current_language, set_language
from support import produced
from support.campaign import Tell, summed
from support.sim import Simulator

_TOLD = "told"
_PRODUCED = "produced"
_RECORDS = "RECORD_REASONS"
_HAS_PASSED = pytest.StashKey[bool]()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Note whether it passed, for those who look after it."""
    yield
    item.stash[_HAS_PASSED] = True


@pytest.fixture(autouse=True)
def _reasons(request: pytest.FixtureRequest, record_property: Any) -> Iterator[None]:
    """What is produced on real parts, see `support.produced`; judged once all processes have ended."""
    name = request.node.nodeid
    with produced.listening() as heard:
        yield
    if name.startswith(produced.REAL) and request.node.stash.get(_HAS_PASSED, False):
        record_property(_PRODUCED, (name, list(heard)))
        lacking = [code for code in produced.promised(name) if code not in heard]
        if lacking and not os.environ.get(_RECORDS):
            pytest.fail(f"does not produce {lacking} any more: record anew with {_RECORDS}=1")


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


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A whole run without a test that is named for a reason has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    passed = session.exitstatus == pytest.ExitCode.OK and reporter is not None
    if passed and _is_whole(session.config) and not hasattr(session.config, "workerinput"):
        reports = [each for group in reporter.stats.values() for each in group]
        absent = produced.absent(getattr(each, "nodeid", "") for each in reports)
        for name in absent:
            reporter.write_line(f"ERROR: named for a reason and not there: {name}")
        if absent:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Figures of all workers, summed."""
    reports = [
        report for group in ("passed", "failed") for report in terminalreporter.getreports(group)
    ]
    properties = [
        each for report in reports if report.when == "call" for each in report.user_properties
    ]
    lines = summed([value for name, value in properties if name == _TOLD])
    ends = [each for report in terminalreporter.getreports("") for each in report.user_properties]
    heard = [value for name, value in ends if name == _PRODUCED]
    if os.environ.get(_RECORDS):
        produced.record(heard)
    if any(codes for _name, codes in heard):
        lines.append(produced.told(heard, whole=_is_whole(terminalreporter.config)))
    if lines:
        terminalreporter.section("campaigns")
        for line in lines:
            terminalreporter.write_line(line)


def _is_whole(config: pytest.Config) -> bool:
    chosen = ("keyword", "markexpr", "deselect", "lf")
    by_default = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return by_default and not any(config.getoption(name, None) for name in chosen)
