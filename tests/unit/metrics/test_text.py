"""The text format: escapes, numbers, order, and the table's word on names and labels."""

from __future__ import annotations

import re

import pytest

from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.metrics.table import METRICS, Metric
from onvio_agent.metrics.text import Exposition

TABLE = {
    metric.name: metric
    for metric in (
        Metric("first", "gauge", "One.", ("name",)),
        Metric("second_total", "counter", "Two."),
        Metric("third", "gauge", "Three."),
    )
}


def test_families_come_in_the_tables_order_and_only_those_with_samples() -> None:
    page = Exposition(TABLE)
    page.add("second_total", 2.5)
    page.add("first", True, "a")
    page.add("first", 0, "b")
    assert page.text().splitlines() == [
        "# HELP onvio_agent_first One.",
        "# TYPE onvio_agent_first gauge",
        'onvio_agent_first{name="a"} 1',
        'onvio_agent_first{name="b"} 0',
        "# HELP onvio_agent_second_total Two.",
        "# TYPE onvio_agent_second_total counter",
        "onvio_agent_second_total 2.5",
    ]


def test_what_would_break_a_label_is_escaped() -> None:
    page = Exposition(TABLE)
    page.add("first", 1, 'a"b\\c\nd')
    assert r'{name="a\"b\\c\nd"} 1' in page.text()


def test_numbers_are_whole_where_they_can_be_and_large_times_keep_their_digits() -> None:
    page = Exposition(TABLE)
    page.add("third", 1_700_000_000.25)
    assert page.text().endswith("third 1700000000.25\n")


def test_a_name_or_a_label_that_the_table_lacks_is_an_error() -> None:
    page = Exposition(TABLE)
    with pytest.raises(KeyError):
        page.add("fourth", 1)
    with pytest.raises(ValueError, match="zip"):
        page.add("first", 1)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
def test_names_and_help_are_as_prometheus_wants_them(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z_]*[a-z]", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.help.endswith(".")
    assert "\n" not in metric.help


def test_labels_are_of_bounded_kinds() -> None:
    bounded = {
        "state",
        "reason",
        "role",
        "situation",
        "subject",
        "outcome",
        "user",
        "version",
        "python",
    }
    assert {label for metric in METRICS.values() for label in metric.labels} == bounded
    assert len(CATALOGUE) < 220
