"""*Sobre*: which agent this is, where it keeps what, and where to find help."""

from __future__ import annotations

from starlette.responses import Response

from onvio_agent.i18n import N_
from onvio_agent.panel.page import Page, get
from onvio_agent.panel.turn import Turn


async def _show(turn: Turn) -> Response:
    paths = turn.workstation.paths
    settings = turn.desk.settings
    return turn.show(
        "about.html",
        paths=paths,
        store_path=settings.store.path or paths.store_path,
        onvio=settings.onvio,
        newer=turn.desk.hub.process.newer,
    )


PAGE = Page(N_("About"), (get("/about", _show),))
