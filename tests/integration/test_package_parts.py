"""What the Debian package is made of, without freezing anything: pages, completions, list of parts."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from onvio_agent.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def part(name: str) -> ModuleType:
    path = ROOT / "packaging" / "linux" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"linux_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_manual_names_every_command_and_its_formatter_complains_of_nothing(
    tmp_path: Path,
) -> None:
    pages = dict(part("manual").manual_pages())
    assert sorted(pages) == ["onvio-agent", "onvio-tray"]
    for name in COMMANDS:
        assert f"\n.SS {name.replace('-', chr(92) + '-')}" in pages["onvio-agent"]
    if shutil.which("groff") is None:
        pytest.skip("needs groff (Debian: groff-base)")
    for name, page in pages.items():
        (tmp_path / name).write_text(page, encoding="utf-8")
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-ww", str(tmp_path / name)],
            capture_output=True,
            check=True,
            timeout=30,
        )
        assert done.stderr == b""
        assert name.encode() in done.stdout


def test_there_is_a_completion_for_each_shell_and_bash_takes_it() -> None:
    files = dict(part("manual").completions())
    assert len(files) == 3
    bash = next(text for place, text in files.items() if "bash" in place)
    subprocess.run(["bash", "-n"], input=bash, check=True, timeout=30)
    assert all(b"onvio-agent" in text for text in files.values())


def test_the_list_of_parts_names_what_is_shipped_with_its_hashes() -> None:
    document = json.loads(part("sbom").sbom_json(ROOT, "1.2.3"))
    assert document["metadata"]["component"]["version"] == "1.2.3"
    parts = {each["name"]: each for each in document["components"]}
    assert {"httpx", "cryptography", "click"} <= set(parts)
    assert "setuptools" not in parts
    assert all(each["hashes"] for each in parts.values())
    assert parts["httpx"]["purl"].startswith("pkg:pypi/httpx@")


@pytest.mark.parametrize("script", ["prerm", "postinst"])
def test_the_scripts_of_the_package_are_shell(script: str) -> None:
    path = ROOT / "packaging" / "linux" / script
    subprocess.run(["sh", "-n", str(path)], check=True, timeout=30)


def test_the_package_is_not_made_of_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "packaging" / "linux"
    shutil.copytree(ROOT / "packaging" / "linux", copy)
    done = subprocess.run(
        [sys.executable, str(copy / "build_deb.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "make freeze first\n")
