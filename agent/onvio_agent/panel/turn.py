"""One request of one visit: what a page needs to answer it."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from onvio_agent.actions.desk import Actor, Desk
from onvio_agent.api.answers import carry_out
from onvio_agent.api.parts import Parts
from onvio_agent.contract.status import Snapshot
from onvio_agent.errors import AgentError, WrongUsage, fill
from onvio_agent.i18n import _
from onvio_agent.panel.address import segment
from onvio_agent.panel.forms import Form
from onvio_agent.panel.ladder import Ladder
from onvio_agent.panel.next_steps import NextStep, next_step
from onvio_agent.panel.past import Pasts
from onvio_agent.panel.visits import Notice, Visit
from onvio_agent.panel.workstation import Workstation
from onvio_agent.plain_text import clean

T = TypeVar("T")

_ASKS = {"manager.unproven": "ask_administrator", "office.unproven": "ask_office"}
"""What the page asks for where ONVIO does not say it, by the refusal (S3)."""

LIVE_HEADER = "x-panel-live"
"""Set by the page's own script when it looks again by itself: nobody has touched anything."""


class Memory(NamedTuple):
    """What the pages of all visits share."""

    pasts: Pasts
    workstation: Workstation
    ladder: Ladder


class Turn:
    """`form` is empty but in a POST. Pages are rendered by `show`; a POST ends with `go`."""

    def __init__(
        self, parts: Parts, memory: Memory, visit: Visit, request: Request, form: Form
    ) -> None:
        self.parts = parts
        self.pasts = memory.pasts
        self.workstation = memory.workstation
        self.ladder = memory.ladder
        self.visit = visit
        self.request = request
        self.form = form

    @property
    def desk(self) -> Desk:
        """What actions work with."""
        return self.parts.desk

    @property
    def is_live(self) -> bool:
        """Whether the page looks again by itself."""
        return LIVE_HEADER in self.request.headers

    @cached_property
    def snapshot(self) -> Snapshot:
        """How everything is, once for the whole page."""
        return self.desk.hub.snapshot()

    @cached_property
    def actor(self) -> Actor:
        """The Gerente where he is signed in in this browser, else nobody special."""
        token, sessions = self.visit.session, self.desk.sessions
        if token is None:
            return Actor()
        if sessions.is_open(token) if self.is_live else sessions.use(token):
            return Actor(is_manager=True)
        self.visit.session = None
        self.say(_("The Gerente's session has ended."), _("Sign in again to go on."), refused=True)
        return Actor()

    def is_theirs(self, login: str) -> bool:
        """Whether this browser may look at that user: the Gerente at everybody, others at themselves."""
        user = self.desk.hub.office.find(login)
        return self.actor.is_manager or (user is not None and self.desk.is_own(user))

    def path_value(self, name: str) -> str:
        """A part of the path, decoded here and only here."""
        try:
            return unquote(self.request.path_params[name], errors="strict").strip()
        except UnicodeDecodeError:
            raise WrongUsage("request.invalid", detail=name) from None

    def query(self, name: str) -> str:
        """A value of the query, fit for a screen; empty where there is none."""
        return clean(self.request.query_params.get(name, ""))[:200]

    async def carry_out(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`, which goes on though the browser may leave."""
        return await carry_out(self.parts, name, work)

    def say(
        self, text: str, step: str | NextStep = "", *, refused: bool = False, reason: str = ""
    ) -> None:
        """A sentence for the top of the next page that is shown."""
        step = NextStep(step) if isinstance(step, str) else step
        self.visit.notices.append(Notice(text, step, refused, reason))

    def refuse(self, error: AgentError) -> None:
        """The same for what was refused or has failed. Where only a person's word is missing, the
        page asks for it."""
        if error.code in _ASKS:
            self.visit.kept |= {"what": "link", _ASKS[error.code]: "1"}
        fields = {name: clean(str(value)) for name, value in error.fields.items()}
        title = fill(_(error.reason.title), fields)
        self.say(title, next_step(error.code, fields), refused=True, reason=error.code)

    def show(self, template: str, status: int = 200, **values: object) -> Response:
        """The page of that template."""
        from onvio_agent.panel.render import render

        return Response(render(self, template, values), status, media_type="text/html")

    def go(self, path: str, **parts: str) -> Response:
        """On to another page; `{names}` in `path` are filled in, encoded."""
        for name, value in parts.items():
            path = path.replace("{" + name + "}", segment(value))
        return Response(status_code=303, headers={"location": self.parts.tickets.base + path})
