"""A browser without a screen: follows redirects, keeps cookies, fills in sign-in forms.

As a program it stands in for the system's browser: `browse.py CONFIG ADDRESS`, where CONFIG is a JSON
file with `email`, `password`, `ca_file` and `answer`. What it was started with and what it saw last
are written beside CONFIG.
"""

from __future__ import annotations

import json
import re
import ssl
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import httpx

_PAGES_MAX = 12


class Page(NamedTuple):
    """The page at the end."""

    url: str
    status: int
    text: str


class _Form(HTMLParser):
    """The first form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = found.get("action", "")
        elif tag == "input" and found.get("name"):
            self.fields[found["name"]] = found.get("value", "")
        elif tag == "button" and found.get("name"):
            self.buttons.append((found["name"], found.get("value", "")))


def browse(url: str, email: str, password: str, *, ca_file: str = "", answer: str = "yes") -> Page:
    """Go to `url` and fill in forms until a page without one is shown."""
    verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
    with httpx.Client(verify=verify, trust_env=False, follow_redirects=True, timeout=20) as client:
        response = client.get(url)
        for _page in range(_PAGES_MAX):
            form = _Form()
            form.feed(response.text)
            if form.action is None:
                return Page(str(response.url), response.status_code, response.text)
            response = client.post(
                urljoin(str(response.url), form.action), data=_typed(form, email, password, answer)
            )
    raise AssertionError(f"no end of forms: {response.text[:500]}")


def _typed(form: _Form, email: str, password: str, answer: str) -> dict[str, str]:
    fields = dict(form.fields)
    for name in fields:
        if name in ("login", "username"):
            fields[name] = email
        elif name == "password":
            fields[name] = password
    wanted = [pair for pair in form.buttons if pair[1] == answer]
    return fields | dict(wanted[:1])


def led_to(page_url: str) -> str:
    """The address that the page in that file leads on to."""
    page = Path(unquote(urlsplit(page_url).path)).read_text(encoding="utf-8")
    found = re.search(r'<a href="([^"]+)"', page)
    assert found is not None, page
    return found.group(1).replace("&amp;", "&")


def main(config_path: Path, page_url: str) -> None:
    """See the module docstring."""
    config = json.loads(config_path.read_text())
    mode = Path(unquote(urlsplit(page_url).path)).stat().st_mode & 0o777
    seen = {"argument": page_url, "mode": mode, "url": led_to(page_url)}
    if config.get("answer") != "nothing":
        page = browse(led_to(page_url), **config)
        seen |= {"status": page.status, "text": page.text, "end": page.url}
    config_path.with_suffix(".seen").write_text(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
