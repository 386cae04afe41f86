"""*Diagnóstico*: the way to ONVIO, rung by rung, and what breaks it."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.checks.ladder import ORDER
from onvio_agent.checks.words import NAMES, as_text, sentences
from onvio_agent.i18n import N_
from onvio_agent.panel.next_steps import NextStep, next_step
from onvio_agent.panel.page import Page, get, post
from onvio_agent.panel.turn import Turn


async def _show(turn: Turn) -> Response:
    ladder = turn.ladder
    tried = {rung.name: rung for rung in ladder.rungs}
    broken = next((rung for rung in ladder.rungs if rung.ok is False), None)
    title, step = "", NextStep("")
    if broken is not None and not ladder.is_climbing:
        title, step = sentences(broken)[0], next_step(broken.reason or "internal.error", {})
    return turn.show(
        "diagnosis.html",
        is_climbing=ladder.is_climbing,
        rungs=[(NAMES[name], tried.get(name)) for name in ORDER],
        has_begun=ladder.is_climbing or bool(tried),
        outcome=ladder.outcome,
        title=title,
        step=step,
        ended_at=ladder.ended_at,
        as_text=as_text(ladder.outcome) if ladder.outcome else "",
    )


async def _climb(turn: Turn) -> Response:
    turn.ladder.climb()
    return turn.go("/diagnosis")


PAGE = Page(N_("Diagnosis"), (get("/diagnosis", _show), post("/diagnosis", _climb)))
