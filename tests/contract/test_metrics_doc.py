"""docs/metrics.md, the alert rules and the dashboard name the metrics that exist, and all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from onvio_agent.metrics.table import METRICS, USERS_MAX
from onvio_agent.metrics.text import PREFIX
from support.pages import ROOT, text_of
from support.prometheus import needs_promtool

PAGE = text_of(ROOT / "docs" / "metrics.md")
FOLDER = ROOT / "packaging" / "prometheus"
RULES = (FOLDER / "onvio-agent.rules.yml").read_text(encoding="utf-8")
RULES_TEST = (FOLDER / "onvio-agent.rules.test.yml").read_text(encoding="utf-8")
DASHBOARD = (ROOT / "packaging" / "grafana" / "onvio-agent.json").read_text(encoding="utf-8")
NAME = re.compile(rf"\b{PREFIX}([a-z_]+[a-z])")
ALERT = re.compile(r"- alert: (\w+)")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_is_the_documented_one() -> None:
    made = [
        [
            f"`{PREFIX}{metric.name}`",
            metric.kind,
            ", ".join(f"`{label}`" for label in metric.labels),
            metric.help,
        ]
        for metric in METRICS.values()
    ]
    assert rows("All of them") == made
    assert f"up to {USERS_MAX};" in PAGE


def test_the_alerts_are_the_documented_ones_and_each_is_tried() -> None:
    alerts = ALERT.findall(RULES)
    assert [row[0].strip("`") for row in rows("Alerts and a dashboard")] == alerts
    assert set(re.findall(r"alertname: (\w+)", RULES_TEST)) == set(alerts)


@pytest.mark.parametrize("text", [RULES, RULES_TEST, DASHBOARD], ids=["rules", "test", "dashboard"])
def test_rules_and_dashboard_name_metrics_that_exist(text: str) -> None:
    named = set(NAME.findall(text))
    assert len(named) >= 5
    assert named - set(METRICS) == set()


def test_the_dashboard_is_as_its_script_writes_it() -> None:
    json.loads(DASHBOARD)
    script = str(ROOT / "packaging" / "grafana.py")
    done = subprocess.run([sys.executable, script, "--check"], check=False)
    assert done.returncode == 0, "run packaging/grafana.py"


@needs_promtool
@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "rules", "onvio-agent.rules.yml"],
        ["test", "rules", "onvio-agent.rules.test.yml"],
        ["check", "config", "--syntax-only", "prometheus.yml"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_promtool_finds_nothing(arguments: list[str]) -> None:
    done = subprocess.run(
        ["promtool", *arguments],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_dashboards_queries_can_be_parsed() -> None:
    """As recording rules: promtool reads no dashboards."""
    queries = [
        target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")
        for panel in json.loads(DASHBOARD)["panels"]
        for target in panel["targets"]
    ]
    rules = [{"record": f"query{number}", "expr": query} for number, query in enumerate(queries)]
    text = json.dumps({"groups": [{"name": "dashboard", "rules": rules}]})
    done = subprocess.run(
        ["promtool", "check", "rules", "/dev/stdin"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
