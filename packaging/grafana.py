"""Write the Grafana dashboard: a row of states, then what lies behind them.

The panels are listed here and the file is made from them, because what Grafana exports is mostly
defaults. Run it after a change; a test holds the file and the metrics that it names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "grafana" / "onvio-agent.json"
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_HERE = '{instance=~"$instance"}'
_WIDTH, _HEIGHT = 24, 7


def _panel(
    kind: str, title: str, width: int, *queries: tuple[str, str], unit: str = "short"
) -> dict[str, Any]:
    """`queries`: each with the text of its legend."""
    return {
        "type": kind,
        "title": title,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "gridPos": {"w": width, "h": _HEIGHT},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "expr": query.replace("{}", _HERE),
                "legendFormat": legend,
                "datasource": _SOURCE,
                "instant": kind == "table",
                "format": "table" if kind == "table" else "time_series",
            }
            for number, (query, legend) in enumerate(queries)
        ],
    }


_PANELS = (
    _panel("stat", "Online", 6, ('sum(onvio_agent_connection_state{state="online",instance=~"$instance"})', "")),
    _panel("stat", "Users connected", 6, ("sum(onvio_agent_user_connected{})", "")),
    _panel("stat", "Documents not finished", 6,
           ('sum(onvio_agent_sync_documents{state=~"queued|sending|accepted|waiting",instance=~"$instance"})', "")),
    _panel("stat", "Oldest of them", 6,
           ("time() - min(onvio_agent_sync_oldest_queued_timestamp_seconds{})", ""), unit="s"),
    _panel("table", "Why not online", 12, ("onvio_agent_connection_reason{}", "")),
    _panel("table", "Links by state and reason", 12,
           ("sum by (instance, state, reason) (onvio_agent_links{})", "")),
    _panel("timeseries", "Share of time in each state", 12,
           ("sum by (state) (rate(onvio_agent_connection_state_seconds_total{}[$__rate_interval]))",
            "{{state}}"), unit="percentunit"),
    _panel("timeseries", "Failed checks by reason", 12,
           ('sum by (subject, reason) (increase(onvio_agent_checks_total{outcome="failure",instance=~"$instance"}[$__rate_interval]))',
            "{{subject}}: {{reason}}")),
    _panel("timeseries", "Latency of the check", 12,
           ("onvio_agent_connection_latency_seconds{}", "{{instance}}"), unit="s"),
    _panel("timeseries", "Retries in a row", 12,
           ("onvio_agent_connection_retries{}", "{{instance}}"),
           ("onvio_agent_links_retrying{}", "{{instance}}: links")),
    _panel("timeseries", "Documents by state", 12,
           ("sum by (state) (onvio_agent_sync_documents{})", "{{state}}")),
    _panel("timeseries", "Tokens of the delivery, of 20 a day", 12,
           ("onvio_agent_sync_tokens_used{}", "{{instance}}")),
    _panel("table", "Versions", 24,
           ("count by (version) (onvio_agent_build_info{})", "")),
)  # fmt: skip


def dashboard() -> str:
    """The file's text. Panels stand in rows, from left to right."""
    x = y = 0
    placed = []
    for number, panel in enumerate(_PANELS, 1):
        width = panel["gridPos"]["w"]
        if x + width > _WIDTH:
            x, y = 0, y + _HEIGHT
        placed.append(panel | {"id": number, "gridPos": panel["gridPos"] | {"x": x, "y": y}})
        x += width
    instances = "label_values(onvio_agent_build_info, instance)"
    made = {
        "title": "onvio-agent",
        "uid": "onvio-agent",
        "schemaVersion": 38,
        "tags": ["onvio"],
        "time": {"from": "now-24h", "to": "now"},
        "refresh": "1m",
        "templating": {
            "list": [
                {"name": "source", "type": "datasource", "query": "prometheus"},
                {
                    "name": "instance",
                    "type": "query",
                    "datasource": _SOURCE,
                    "query": {"query": instances, "refId": "instances"},
                    "multi": True,
                    "includeAll": True,
                    "allValue": ".*",
                    "refresh": 2,
                },
            ]
        },
        "panels": placed,
    }
    return json.dumps(made, indent=2) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PATH.read_text(encoding="utf-8") != dashboard())
    PATH.write_text(dashboard(), encoding="utf-8")
