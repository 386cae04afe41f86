"""The project's documents, as their tests read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^ {0,3}```.*?^ {0,3}```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)


def pages() -> list[Path]:
    """Every document that people read: those at the top, docs/ and packaging/."""
    return [
        path
        for folder in (".", "docs", "packaging")
        for path in sorted((ROOT / folder).glob("*.md"))
    ]


def name_of(page: Path) -> str:
    """The page's path from the top."""
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    """The page."""
    return page.read_text(encoding="utf-8")


def spans(text: str) -> Iterator[str]:
    """What stands in `code` in the prose; not what stands in blocks."""
    yield from _SPAN.findall(_FENCE.sub("", text))


def links(text: str) -> Iterator[str]:
    """The targets of [links](…)."""
    without_code = _SPAN.sub("", _FENCE.sub("", text))
    yield from _LINK.findall(without_code)


def anchors(text: str) -> list[str]:
    """What a link may name after `#`, as GitHub makes it of headings."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in headings]
