"""docs/architecture.md names every part, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from support.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "architecture.md")
AGENT = ROOT / "agent" / "onvio_agent"
CONFIG = ROOT / "config" / "onvio_config"
TRAY = ROOT / "tray" / "onvio_tray"
FOLDER = re.compile(r"(?<![\w/.])(\w+)/(?![\w.])")
FILE = re.compile(r"(?<![\w/.-])((?:[\w-]+/)*[\w-]+\.(?:py|toml|md))\b")


def parts() -> list[str]:
    packages = [path.parent.name + "/" for path in AGENT.glob("*/__init__.py")]
    modules = [path.name for path in AGENT.glob("*.py") if path.name != "__init__.py"]
    return sorted(packages + modules)


def exists(name: str) -> bool:
    return any((base / name).exists() for base in (AGENT, CONFIG, TRAY, ROOT, ROOT / "docs"))


def test_every_package_and_top_module_has_a_row() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    firsts = " ".join(row.split("|")[1] for row in rows)
    assert [part for part in parts() if f"`{part}`" not in firsts] == []
    assert "`onvio_config`" in firsts
    assert "`onvio_tray`" in firsts


def test_nothing_is_named_that_does_not_exist() -> None:
    folders = [name for name in FOLDER.findall(PAGE) if not exists(name)]
    files = [name for name in FILE.findall(PAGE) if not exists(name)]
    assert folders == []
    assert files == []


def test_the_order_of_the_parts_is_the_order_of_imports() -> None:
    layers = _layers(ROOT / "pyproject.toml")
    rows = [re.findall(r"`(\w+)(?:/|\.py)`", line.split("|")[1]) for line in _rows()]
    order = [name for row in rows for name in row if name in layers]
    depth = [layers[name] for name in order]
    listed = [name for name in order if not name.startswith("client_")]  # beside its client
    assert [layers[name] for name in listed] == sorted(layers[name] for name in listed)
    assert len(depth) == len(layers)


def _rows() -> list[str]:
    return [line for line in PAGE.splitlines() if line.startswith("| `")]


def _layers(path: Path) -> dict[str, int]:
    import tomllib

    contracts = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each["type"] == "layers"]
    return {name: n for n, layer in enumerate(layers) for name in layer.split(" | ")}
