"""The fiscal documents of an office: what was put into its company's folder, and the person who minds it.

The person connects the company, and again when its key was refused; tries again what ONVIO has refused
for a cause that is gone. Nothing here looks into the agent but by its actions.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from onvio_agent.actions import sync_documents as actions
from onvio_agent.actions.desk import Actor
from onvio_agent.onvio.integration_api import BATCHES_PATH
from onvio_agent.simulator.integration import LeversPatch
from onvio_agent.simulator.integration_api import PREFIXES
from simulation.office import OFFICE_KEY, PADARIA
from support.deliveries import nfe
from support.documents import cte, defects, nfce, nfse

if TYPE_CHECKING:
    import random

    from onvio_agent.agent import Agent
    from onvio_agent.onvio.transport import Request
    from simulation.life import Life

INBOX = "padaria"
GERENTE = Actor(is_manager=True)
MINDS_S = 1200.0
"""How often somebody looks after the deliveries."""
IMPATIENT = 0.3
MAKERS = (nfe, nfe, nfce, cte, nfse)
_PROGRAM = ("grant_type", "client_credentials")


class Deliveries:
    """`valid`: hash to file name of what must arrive; `defective`: bytes to code of what must not."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self.valid: dict[str, str] = {}
        self.defective: dict[bytes, str] = {}
        self.put_at: dict[str, float] = {}
        self._number = 0
        if life.plan.delivers:
            life.universe.at(120.0, "", self._mind)

    @property
    def folder(self) -> str:
        """The company's folder."""
        return str(self._life.folder / INBOX)

    def put_new(self, rng: random.Random, path: str | None = None) -> str:
        """A file with a document that nobody has seen yet; its path."""
        self._number += 1
        number, path = self._number, path or f"{self._number}.xml"
        if rng.random() < 0.2:
            data, code = rng.choice(list(defects(number).values()))
            self.defective[data] = code
        else:
            data = rng.choice(MAKERS)(number)
            self._must_arrive(data, path)
        self.write(path, data)
        return path

    def put_slowly(self, rng: random.Random) -> None:
        """Half of a file now, and the whole of it some seconds later."""
        self._number += 1
        number = self._number
        data, path = nfe(number), f"{number}.xml"
        self._must_arrive(data, path)
        self.write(path, data[: len(data) // 2])
        life = self._life
        life.universe.at(
            life.universe.true + rng.uniform(1, 20), "", lambda: self.write(path, data)
        )

    def put_again(self, rng: random.Random) -> None:
        """A document that is known, under another name."""
        files = [data for (_of, _path), (data, _at) in self._life.folders.files.items()]
        known = [data for data in files if sha256(data).hexdigest() in self.valid]
        if known:
            self._number += 1
            self.write(f"{self._number}-outra.xml", rng.choice(known))

    def write(self, path: str, data: bytes) -> None:
        """As a colleague's program does, by this workstation's clock."""
        now = self._life.universe.wall().timestamp()
        self._life.folders.put(self.folder, path, data, now)

    def calm_down(self) -> None:
        """Nothing goes wrong any more."""
        self._life.folders.gone.clear()
        self._life.folders.read_only.clear()
        self._life.folders.before_move = None
        quiet = LeversPatch(processing_s=0.0, outcome=None, blocked=False)
        self._life.cloud.set_integration(quiet)

    def _must_arrive(self, data: bytes, path: str) -> None:
        digest = sha256(data).hexdigest()
        self.valid[digest] = path
        self.put_at[digest] = self._life.universe.true

    def _mind(self) -> None:
        life = self._life
        life.universe.at(life.universe.true + MINDS_S, "", self._mind)
        if life.agent is not None:
            life.people.act("minds the deliveries", self._look_after)

    async def _look_after(self, agent: Agent) -> None:
        clients = actions.sync_of(agent.desk).clients.everyone()
        if not clients or clients[0].trouble:
            await actions.add_client(
                agent.desk, GERENTE, "Padaria", PADARIA, OFFICE_KEY, self.folder
            )
        await actions.retry(agent.desk, refused=True)
        await self._be_impatient(agent)

    async def _be_impatient(self, agent: Agent) -> None:
        """Go on with what was given up, and now and then give up what ONVIO does not finish."""
        store, universe = agent.desk.store.sync, self._life.universe
        refused = await store.documents(after_id=0, limit=500, state="refused")
        for document in refused:
            if document.reason == "sync.given_up" and document.sha256:
                await actions.retry(agent.desk, document.sha256)
        if universe.named(f"impatient-{universe.true}").random() < IMPATIENT:
            for state in ("accepted", "waiting"):
                for document in await store.documents(after_id=0, limit=500, state=state):
                    if document.sha256 and not self._life.is_calm:
                        await actions.cancel(agent.desk, document.sha256, sent=True)


def is_delivery(request: Any) -> bool:
    """Whether a request is the program's own, and no person's."""
    if request.path == "/oauth/token":
        return request.form is not None and _PROGRAM in request.form
    return request.path.startswith(PREFIXES)


def sent_document(request: Request) -> str | None:
    """The hash of the document that a request sends."""
    if request.path != BATCHES_PATH or request.method != "POST":
        return None
    data = request.raw.partition(b"\r\n\r\n")[2]
    return sha256(data.partition(b"\r\n--" + _fence(request))[0]).hexdigest()


def _fence(request: Request) -> bytes:
    return request.raw_type.partition("boundary=")[2].encode()
