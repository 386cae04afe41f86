"""What to do next, in the words of whoever has the pages in front of them."""

from __future__ import annotations

import re

import pytest

from onvio_agent.contract.reasons import CATALOGUE
from onvio_agent.contract.status import Action, IconState, IconStatus
from onvio_agent.errors import fill
from onvio_agent.panel.next_steps import NextStep, next_step, offer
from onvio_agent.panel.next_steps_by_reason import STEPS
from onvio_agent.panel.pages import PAGES

OF_A_TERMINAL = re.compile(
    r"onvio-agent |--\w|\bRun:|\brun setup\b|[Cc]lick the .*icon|click the icon"
)
ADDRESSES = [handler.path for page in PAGES for handler in page.handlers if handler.method == "GET"]


@pytest.mark.parametrize("code", CATALOGUE)
def test_no_next_step_of_a_page_is_a_command_or_a_click_on_the_icon(code: str) -> None:
    text = STEPS[code].text if code in STEPS else CATALOGUE[code].next_step
    assert not OF_A_TERMINAL.search(text)


@pytest.mark.parametrize("code", STEPS)
def test_each_is_of_a_reason_and_leads_to_a_page(code: str) -> None:
    assert code in CATALOGUE
    step = STEPS[code]
    assert bool(step.label) == bool(step.path)
    assert re.split(r"[?#]", step.path)[0] in ["", *ADDRESSES]


def test_a_link_is_filled_in_or_left_out() -> None:
    assert next_step("link.session_ended", {}).path == ""
    step = next_step("link.session_ended", {"login": "a/b"})
    assert step.path == "/users/a%2Fb?open=link#onvio"
    assert next_step("link.email_taken", {"login": "ana"}).text.count("ana") == 1
    assert next_step("network.none", {}) == NextStep(
        next_step("network.none", {}).text  # the catalogue's own, and nowhere to go
    )


def icon(code: str | None) -> IconStatus:
    if code is None:
        return IconStatus(
            state=IconState.GREEN, reason=None, title="", next_step="", action=Action.OPEN_PANEL
        )
    reason = CATALOGUE[code]
    title, step = (fill(text, {}) for text in (reason.title, reason.next_step))
    return IconStatus(
        state=reason.icon, reason=code, title=title, next_step=step, action=reason.action
    )


@pytest.mark.parametrize(
    ("code", "path"),
    [
        (None, None),
        ("network.dns", ""),
        ("paused", ""),
        ("manager.waiting", None),
        ("user.inactive", None),
        ("portal.unconfirmed", "/users/ana?open=portal#portal"),
        ("link.session_ended", "/users/ana?open=link#onvio"),
        ("link.none", "/users/ana?open=link#onvio"),
        ("vault.lost", ""),
        ("manager.missing", "/set-up"),
    ],
)
def test_only_what_can_help_is_offered(code: str | None, path: str | None) -> None:
    found = offer(icon(code), "ana")
    assert (found.path if found else None) == path
