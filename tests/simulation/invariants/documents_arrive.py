"""Every document arrives, once unless an answer was lost; defective ones do not, and say why.

Judged by ONVIO's own truth and by what really passed. Also: nothing is delivered in a pause, and no
more tokens are asked for than a day allows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from onvio_agent.contract.status import IntentState
from onvio_agent.onvio.integration_api import BATCHES_PATH
from onvio_agent.onvio.token_budget import DAILY_MAX
from onvio_agent.simulator.integration_api import PREFIXES
from simulation.deliveries import is_delivery, sent_document
from simulation.invariants import Invariant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from onvio_agent.onvio.transport import Request
    from onvio_agent.simulator.wire import CloudResponse
    from onvio_agent.world import Publication
    from simulation.life import Life

UNDER_WAY_S = 130.0
"""What had begun before a pause goes on: a request has a minute, a second one with a new token too."""
GIVEN_UP = "sync.given_up"
UNDESERVED = ("sync.company_unknown", GIVEN_UP)
"""What ONVIO, or an impatient person, says here of a sound document until it is tried again."""
_REFUSED = "SELECT sha256 FROM sync_documents WHERE state = 'refused' AND reason <> ?"
SETTLED_S = 3600.0
"""A file that was put so long before the end has had its time."""


class DocumentsArrive(Invariant):
    """Looked at with each request, and at the end."""

    def __init__(self) -> None:
        self._unanswered: dict[str, int] = {}
        self._accepted: dict[str, None] = {}
        self._tokens: list[float] = []
        self._asked = 0
        self._paused_at = float("inf")

    def concerns(self, path: str) -> bool:
        return path == "/oauth/token" or path.startswith(PREFIXES)

    def on_boot(self, life: Life) -> None:
        self._paused_at = float("inf")
        if life.store is None:
            return
        # A kill may come between a refusal's commit and its log line.
        with contextlib.suppress(sqlite3.ProgrammingError):  # closed in order: all was told
            refused = life.store._database._connection.execute(_REFUSED, (GIVEN_UP,))
            for (digest,) in refused.fetchall():
                self._accepted.pop(digest, None)

    def on_publication(self, life: Life, publication: Publication) -> None:
        paused = publication.world.intent.state is IntentState.PAUSED
        self._paused_at = min(self._paused_at, life.universe.true) if paused else float("inf")

    def on_sent(self, life: Life, request: Request) -> None:
        if not is_delivery(request):
            return
        now = life.universe.true
        quiet_since = now - UNDER_WAY_S
        by_person = not request.path.startswith(BATCHES_PATH) and life.people.acted_at > quiet_since
        if self._paused_at < quiet_since and not by_person:
            life.violate("delivers-in-pause", request.path)
        if max(life.cloud.world.integration.state.days.values(), default=0) > DAILY_MAX:
            life.violate("tokens", "more than a day's budget reached ONVIO")
        self._asked += 1
        digest = sent_document(request)
        if digest is not None:
            self._unanswered[digest] = self._unanswered.get(digest, 0) + 1
            if digest in self._accepted:
                life.violate("sent-again", f"{life.deliveries.valid.get(digest)} was accepted")

    def on_delivered(
        self, life: Life, request: Request, answer: CloudResponse, sent_at: float
    ) -> None:
        if request.path == "/oauth/token" and is_delivery(request):
            self._tokens.append(sent_at)

    def on_log(self, life: Life, event: str, keys: Mapping[str, Any]) -> None:
        """An answer counts once it is committed: it may have been lost with its process."""
        if event == "sync.token_asked":
            since = life.universe.true - 86_400 + 60
            known = sum(at > since for at in self._tokens)
            if keys["tokens_today"] < known:
                life.violate("tokens-forgotten", f"{keys['tokens_today']} after {known}")
        if event != "sync.document_changed":
            return
        digest, state, reason = keys["sha256"], keys["state"], keys["reason"]
        if state == "accepted" and digest not in self._accepted:
            self._accepted[digest] = None
            self._unanswered[digest] -= 1
        elif (state == "refused" and reason != GIVEN_UP) or reason == "sync.batch_unknown":
            self._accepted.pop(digest, None)
        if state == "refused" and digest in life.deliveries.valid and reason not in UNDESERVED:
            life.violate("document-refused", f"{life.deliveries.valid[digest]}: {reason}")

    def on_sample(self, life: Life, seconds: float) -> None:
        made = life.deliveries
        asked, self._asked = self._asked, 0
        if asked > 60 + 12 * (len(made.valid) + len(made.defective)):
            life.violate("rate", f"{asked} requests of the delivery in {seconds:.0f} s")

    def at_end(self, life: Life) -> None:
        if not life.plan.delivers or life.agent is None:
            return
        made, stored = life.deliveries, {d.sha256: d for d in life.cloud.documents()}
        now = life.universe.true
        for digest, path in made.valid.items():
            if digest not in stored and now - made.put_at[digest] > SETTLED_S:
                life.violate("document-lost", f"{path} {self._where(life, digest)}")
        for digest, document in stored.items():
            if digest not in made.valid:
                life.violate("document-unknown", digest)
            elif document.copies > 1 + self._unanswered.get(digest, 0):
                life.violate("document-doubled", f"{made.valid[digest]}: {document.copies}")
        self._look_at_files(life)

    def _look_at_files(self, life: Life) -> None:
        """Files lie where they belong; valid ones may have been refused once, for a cause that is gone."""
        made = life.deliveries
        for (_folder, path), (data, _at) in life.folders.files.items():
            known = data in made.defective or sha256(data).hexdigest() in made.valid
            if not known and not path.endswith(".txt"):
                life.violate("document-unfinished", f"{path} was taken before it was complete")
            if path.startswith("enviados/") and data in made.defective:
                life.violate("document-misplaced", path)

    def _where(self, life: Life, digest: str) -> Any:
        rows = life.agent.desk.store._database._connection.execute(
            "SELECT state, reason, attempts FROM sync_documents WHERE sha256 = ?", (digest,)
        )
        files = [path for (_of, path), (data, _at) in life.folders.files.items()
                 if sha256(data).hexdigest() == digest]  # fmt: skip
        return rows.fetchone(), files
