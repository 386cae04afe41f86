"""docs/panel.md names every word with which the panel turns somebody away, and the true numbers."""

from __future__ import annotations

import re

from onvio_agent.api.tickets import TICKET_S
from onvio_agent.panel.forms import VALUE_MAX
from onvio_agent.panel.gate import BODY_MAX_BYTES
from onvio_agent.panel.rows import ROWS_MAX
from onvio_agent.panel.visits import VISIT_IDLE_S
from support.pages import ROOT, text_of

PAGE = text_of(ROOT / "docs" / "panel.md")
PANEL = ROOT / "agent" / "onvio_agent" / "panel"
SAID = re.compile(r"(?:denied|invalid|closed|note)\(\"([a-z-]+)\"")
ELSEWHERE = {"host", "path", "method", "slow"}  # the control API's own checks, and the router's


def test_every_word_of_a_refusal_is_documented() -> None:
    used = {word for path in PANEL.rglob("*.py") for word in SAID.findall(path.read_text("utf-8"))}
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.M))
    assert documented == used | ELSEWHERE


def test_the_numbers_are_the_documented_ones() -> None:
    assert f"once and for {TICKET_S:.0f} s" in PAGE
    assert f"ends after {VISIT_IDLE_S / 3600:.0f} h without use" in PAGE
    assert f"{ROWS_MAX} on a page" in PAGE
    assert f"more than {BODY_MAX_BYTES // 1024} KiB" in PAGE
    assert f"more than {VALUE_MAX} characters" in PAGE
