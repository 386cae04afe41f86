"""The site of docs/ is built without a warning, holds every page, and fetches nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.pages import ROOT

FETCHED = re.compile(r"""<(?:script|img|iframe)\b[^>]*\bsrc="([^"]+)|<link\b[^>]*\bhref="([^"]+)""")


@pytest.fixture(scope="module")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "--quiet", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_in_it(site_dir: Path) -> None:
    sources = {path.stem for path in (ROOT / "docs").glob("*.md")}
    made = {path.stem for path in site_dir.glob("*.html")}
    assert sources | {"changelog", "contributing"} == made - {"404"}


def test_it_fetches_nothing_from_elsewhere(site_dir: Path) -> None:
    fetched = [
        f"{page.name}: {target}"
        for page in site_dir.glob("*.html")
        for pair in FETCHED.findall(page.read_text(encoding="utf-8"))
        for target in pair
        if target.startswith(("http:", "https:", "//"))
    ]
    assert fetched == []


def test_links_across_the_folders_edge_lead_to_pages_of_the_site(site_dir: Path) -> None:
    assert 'href="architecture.html"' in (site_dir / "contributing.html").read_text("utf-8")
    assert 'href="contributing.html"' in (site_dir / "architecture.html").read_text("utf-8")
