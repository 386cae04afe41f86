"""Prometheus' text format, version 0.0.4. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from onvio_agent.metrics.table import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "onvio_agent_"


class Exposition:
    """Samples by family; families are told in the table's order, those without a sample not at all."""

    def __init__(self, table: Mapping[str, Metric]) -> None:
        self._table = table
        self._lines: dict[str, list[str]] = {}

    def add(self, name: str, value: float, *labels: str) -> None:
        """One sample; `labels` in the table's order. `KeyError`, `ValueError`: not as the table says."""
        names = self._table[name].labels
        pairs = zip(names, labels, strict=True)
        inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in pairs)
        braces = f"{{{inner}}}" if inner else ""
        self._lines.setdefault(name, []).append(f"{PREFIX}{name}{braces} {_number(value)}")

    def text(self) -> str:
        """The whole page."""
        parts: list[str] = []
        for name, metric in self._table.items():
            if name in self._lines:
                parts.append(f"# HELP {PREFIX}{name} {metric.help}")
                parts.append(f"# TYPE {PREFIX}{name} {metric.kind}")
                parts.extend(self._lines[name])
        return "\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
