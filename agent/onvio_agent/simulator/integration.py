"""What the integration side knows: machine tokens, keys of companies, batches and their documents.

Why: a document is delivered once, twice or not at all, and only this can tell which. What became of
a batch is settled when it arrives; what is shown of it depends on the instant alone.
It must not know HTTP.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

BLOCKED_ABOVE = 40
"""Token requests of one day; one more blocks the integration until it is lifted."""


class Batch(msgspec.Struct, frozen=True):
    """One batch as it arrived, with its one document. `client`: the CNPJ that its key belongs to.

    `batch_code` "E2": rejected at once. `file_code`: what its document ends in, `done_at` epoch s.
    """

    id: str
    client: str
    sha256: str
    access_key: str | None
    received_at: float
    done_at: float
    batch_code: str
    file_code: str


class Outcome(msgspec.Struct, forbid_unknown_fields=True):
    """What the next documents end in, in place of what they deserve. `times` null: until replaced."""

    code: str
    times: int | None = None


class Levers(msgspec.Struct):
    """How batches are treated. `duplicates`: when a second one is told to be there already."""

    processing_s: float = 0.0
    duplicates: Literal["stored", "received", "never"] = "stored"
    outcome: Outcome | None = None
    blocked: bool = False


class LeversPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; fields that are left out stay as they are."""

    processing_s: float | UnsetType = UNSET
    duplicates: Literal["stored", "received", "never"] | UnsetType = UNSET
    outcome: Outcome | UnsetType | None = UNSET
    blocked: bool | UnsetType = UNSET


class IntegrationState(msgspec.Struct):
    """The part that survives a restart. `keys`: integration key to CNPJ. `days`: requests of each."""

    tokens: dict[str, float] = msgspec.field(default_factory=dict)
    days: dict[str, int] = msgspec.field(default_factory=dict)
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    batches: dict[str, Batch] = msgspec.field(default_factory=dict)
    levers: Levers = msgspec.field(default_factory=Levers)


class Document(msgspec.Struct, frozen=True):
    """One document that arrived for one company. `copies`: how often it was stored."""

    sha256: str
    access_key: str | None
    cnpj: str
    stored_at: float
    copies: int


class Integration:
    """The living state of the integration side."""

    def __init__(self, state: IntegrationState) -> None:
        self.state = state
        self._index_all()

    def count_token(self, now: float) -> bool:
        """Count a token request of this day (UTC); False where it is one too many, or blocked."""
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        count = self.state.days[day] = self.state.days.get(day, 0) + 1
        if count > BLOCKED_ABOVE:
            self.state.levers.blocked = True
        return not self.state.levers.blocked

    def enable(self, cnpj: str, key: str) -> None:
        """Give a company its integration key, in place of the one that it had."""
        self.revoke_key(cnpj)
        self.state.keys[key] = cnpj

    def revoke_key(self, cnpj: str) -> None:
        """End a company's integration key."""
        for key in [key for key, holder in self.state.keys.items() if holder == cnpj]:
            del self.state.keys[key]

    def forget_batches(self, now: float) -> None:
        """Lose every batch that is not processed yet: whoever asks for it is told that there is none."""
        kept = {name: batch for name, batch in self.state.batches.items() if batch.done_at <= now}
        self.state.batches = kept
        self._index_all()

    def change(self, patch: LeversPatch) -> None:
        """Take over what the patch names. Raises ValueError."""
        if patch.processing_s is not UNSET and not 0 <= patch.processing_s < float("inf"):
            raise ValueError("`processing_s` must be a number >= 0")
        outcome = patch.outcome
        if isinstance(outcome, Outcome) and outcome.times is not None and outcome.times < 1:
            raise ValueError("`times` must be at least 1, or null for always")
        for field in patch.__struct_fields__:
            value = getattr(patch, field)
            if value is not UNSET:
                setattr(self.state.levers, field, value)

    def receive(
        self,
        batch_id: str,
        client: str,
        sha256: str,
        access_key: str | None,
        deserved: str,
        now: float,
    ) -> Batch:
        """Take a batch in and settle what becomes of it. `deserved`: SA2, EA13 or E2."""
        forced = self._forced()
        code = forced or deserved
        if code == "SA2" and forced is None and self._is_there(client, sha256, access_key, now):
            code = "EA10"
        rejected = len(code) > 1 and code[0] == "E" and code[1].isdigit()
        batch = Batch(
            id=batch_id,
            client=client,
            sha256=sha256,
            access_key=access_key,
            received_at=now,
            done_at=now + self.state.levers.processing_s,
            batch_code=code if rejected else "S2",
            file_code="" if rejected else code,
        )
        self.state.batches[batch_id] = batch
        self._index(batch)
        return batch

    def documents(self, now: float) -> list[Document]:
        """What has been stored by now, in the order of its coming."""
        found = []
        for (client, sha256), batches in self._by_content.items():
            stored = [batch for batch in batches if _is_stored(batch, now)]
            if stored:
                at = min(batch.done_at for batch in stored)
                key = stored[0].access_key
                found.append(Document(sha256, key, client, at, len(stored)))
        return found

    def _forced(self) -> str | None:
        outcome = self.state.levers.outcome
        if outcome is None:
            return None
        if outcome.times is not None:
            outcome.times -= 1
            if outcome.times == 0:
                self.state.levers.outcome = None
        return outcome.code

    def _is_there(self, client: str, sha256: str, access_key: str | None, now: float) -> bool:
        when = self.state.levers.duplicates
        if when == "never":
            return False
        others = list(self._by_content.get((client, sha256), ()))
        if access_key is not None:
            others += self._by_key.get((client, access_key), ())
        return any(_is_stored(other, now if when == "stored" else None) for other in others)

    def _index_all(self) -> None:
        self._by_content: dict[tuple[str, str], list[Batch]] = {}
        self._by_key: dict[tuple[str, str], list[Batch]] = {}
        for batch in self.state.batches.values():
            self._index(batch)

    def _index(self, batch: Batch) -> None:
        self._by_content.setdefault((batch.client, batch.sha256), []).append(batch)
        if batch.access_key is not None:
            self._by_key.setdefault((batch.client, batch.access_key), []).append(batch)


def _is_stored(batch: Batch, now: float | None) -> bool:
    """Whether it ended in a stored document; `now` None: at any time to come."""
    return batch.file_code == "SA2" and (now is None or batch.done_at <= now)
