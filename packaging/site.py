"""A hook of MkDocs: the pages that lie at the top of the project are part of its site too.

They are read as they are; links between them and docs/ are turned to where the pages lie in the site.
"""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
TOP = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
_LINK = re.compile(r"\]\(([^)#\s]+\.md)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the top."""
    for name, where in TOP.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, where, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links across the folder's edge."""
    is_of_top = page.file.src_uri in TOP.values()

    def turned(found: re.Match[str]) -> str:
        target = found[1]
        outside = target if is_of_top else target.removeprefix("../")
        inside = TOP.get(outside, outside.removeprefix("docs/"))
        return f"]({inside}"

    return _LINK.sub(turned, markdown)
