"""The parts of a bundle, masked: each a name and its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from onvio_agent.bundle.masks import Masker
from onvio_agent.bundle.versions import versions
from onvio_agent.contract.diagnosis import Diagnosis
from onvio_agent.contract.status import Snapshot
from onvio_agent.log.reader import Entry
from onvio_agent.log.redaction import Redactor
from onvio_agent.store.statistics import Names, StoreStatistics

MAX_ENTRIES = 5000
MAX_LOG_BYTES = 2 * 1024 * 1024
"""Of the log the newest entries, as many as fit into both; before packing."""


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """What was read. `status` None: no agent runs. `log`: oldest first. `places`: names and folders of
    this machine with their masks, longest first. `secrets`: values that must not appear."""

    settings: Sequence[Mapping[str, object]]
    diagnosis: Diagnosis
    status: Snapshot | None
    log: Sequence[Entry]
    store: StoreStatistics
    names: Names
    logins: Sequence[str]
    places: Sequence[tuple[str, str]]
    secrets: Sequence[str]


def bundle_parts(sources: Sources) -> list[tuple[str, bytes]]:
    """Every part in a fixed order; without a running agent there is no status.json."""
    masker = _masker(sources)

    def document(stem: str, value: object) -> tuple[str, bytes]:
        plain = masker.document(msgspec.to_builtins(value))
        return f"{stem}.json", msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"

    parts = [document("versions", versions()), document("settings", sources.settings)]
    parts.append(document("doctor", sources.diagnosis))
    if sources.status is not None:
        parts.append(document("status", sources.status))
    parts.append(document("store", sources.store))
    return [*parts, ("logs.jsonl", _log(sources.log, masker))]


def _masker(sources: Sources) -> Masker:
    """Knows everybody before the first word is masked, so that a person has one mask everywhere."""
    redactor = Redactor()
    for secret in sources.secrets:
        redactor.register_secret(secret)
    masker = Masker(redactor)
    for person in sources.names.people:
        masker.person(person.ids, person.names)
    for user in sources.status.users if sources.status is not None else ():
        masker.person((user.login, user.onvio_email), (user.name,))
    for login in (*sources.logins, *_said(sources.log, "user")):
        masker.person((login,))
    for ids in (*sources.names.companies, *((name,) for name in _said(sources.log, "client"))):
        masker.company(ids)
    for text, mask in sources.places:
        masker.place(text, mask)
    return masker


def _said(log: Sequence[Entry], key: str) -> Iterator[str]:
    yield from dict.fromkeys(entry[key] for entry in log if isinstance(entry.get(key), str))


def _log(log: Sequence[Entry], masker: Masker) -> bytes:
    lines: list[bytes] = []
    size = 0
    for entry in reversed(log[-MAX_ENTRIES:]):
        line = msgspec.json.encode(masker.entry(entry)) + b"\n"
        size += len(line)
        if size > MAX_LOG_BYTES:
            break
        lines.append(line)
    return b"".join(reversed(lines))
