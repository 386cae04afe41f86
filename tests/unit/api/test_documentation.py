"""docs/control-api.md names everything that exists, and nothing that does not."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from onvio_agent import api
from onvio_agent.api import (
    bodies,
    routes_agent,
    routes_dialogues,
    routes_metrics,
    routes_panel,
    routes_revocations,
    routes_sessions,
    routes_sync,
    routes_users,
    routes_vault,
)
from onvio_agent.api.access import Access
from onvio_agent.api.parts import Parts
from onvio_agent.api.stream import HEARTBEAT_S, STREAMS_MAX, WRITE_LIMIT_S, Streams
from onvio_agent.api.user_detail import HISTORY_MAX, PastChange, PortalOption, UserDetail
from onvio_agent.client import SILENCE_S
from onvio_agent.contract.sign_in import OpenDialogue, SecondFactor, SignedIn
from onvio_agent.contract.status import (
    API_VERSION,
    Action,
    ConnectionState,
    IconState,
    IntentState,
    LinkState,
    Role,
    Snapshot,
    UserStatus,
)
from onvio_agent.contract.user_import import ImportedUser, ImportFinding, ImportReport, Outcome
from onvio_agent.runtime import Runtime
from support.aio import on_loop
from support.desks import bench
from support.snapshots import keys_of

PAGE = (Path(__file__).parents[3] / "docs" / "control-api.md").read_text("utf-8")
GROUPS = ("agent", "intent", "connection", "icon", "sync")
"""Keys of the snapshot that only hold others."""

WORDS: dict[str, type[StrEnum]] = {
    "intent.state": IntentState,
    "connection.state": ConnectionState,
    "icon.state": IconState,
    "icon.action": Action,
    "users.link.state": LinkState,
    "users.role": Role,
}

BODIES = {
    "POST /v1/reconnect": bodies.Reconnect,
    "PUT /v1/intent": bodies.SetIntent,
    "PUT /v1/workstation": bodies.SetWorkstation,
    "POST /v1/users": bodies.AddUser,
    "PUT /v1/users/{login}/name": bodies.RenameUser,
    "POST /v1/users/import": bodies.ImportUsers,
    "PUT /v1/users/{login}/link": bodies.LinkUser,
    "PUT /v1/users/{login}/portal": bodies.ConfirmPortal,
    "POST /v1/users/{login}/link/browser": bodies.LinkByBrowser,
    "POST /v1/users/{login}/portal/browser": bodies.ConfirmByBrowser,
    "POST /v1/users/{login}/inactivate": bodies.Inactivate,
    "POST /v1/users/{login}/activate": bodies.Activate,
    "POST /v1/users/{login}/promote": bodies.Promote,
    "POST /v1/dialogues/{id}/code": bodies.GiveCode,
    "POST /v1/sessions": bodies.SignIn,
    "POST /v1/sync/clients": bodies.AddSyncClient,
    "PUT /v1/sync/clients/{name}": bodies.ChangeSyncClient,
    "POST /v1/sync/documents": bodies.AddDocument,
    "POST /v1/sync/retry": bodies.RetryDocuments,
    "POST /v1/sync/cancel": bodies.CancelDocument,
}


def rows(title: str) -> dict[str, list[str]]:
    """The tables below a heading: what the first cell names, and the cells after it."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#+ |\Z)", PAGE, re.M | re.S)
    assert match, title
    lines = [line.strip("| ").split("|") for line in match[1].splitlines() if "| `" in line[:3]]
    return {
        name: [cell.strip() for cell in cells]
        for first, *cells in lines
        for name in re.findall(r"`([^`]+)`", first)
    }


@on_loop
async def test_the_routes_are_the_documented_ones(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        parts = Parts(at.desk, Access("t", "b"), lambda: None, Streams(at.desk.hub))
        existing = [
            f"{method} {route.path}"
            for module in (
                routes_agent,
                routes_users,
                routes_dialogues,
                routes_sessions,
                routes_sync,
                routes_vault,
                routes_revocations,
                routes_panel,
                routes_metrics,
            )
            for route in module.routes(parts)
            for method in sorted((route.methods or set()) - {"HEAD"})
        ]
    assert list(rows("Requests")) == existing


@pytest.mark.parametrize("request_line", list(BODIES))
def test_the_bodies_are_the_documented_ones(request_line: str) -> None:
    shape = BODIES[request_line]
    optional = [name for name in shape.__struct_fields__ if name in _optional(shape)]
    documented = re.findall(r"`([^`]+)`", rows("Requests")[request_line][0])
    assert [name.rstrip("?") for name in documented] == list(shape.__struct_fields__)
    assert [name.rstrip("?") for name in documented if name.endswith("?")] == optional


def _optional(shape: type[bodies.Body]) -> tuple[str, ...]:
    count = len(shape.__struct_defaults__)
    return shape.__struct_fields__[len(shape.__struct_fields__) - count :] if count else ()


def test_bodies_of_other_requests_are_documented_as_none() -> None:
    assert all(cells[0] == "" for name, cells in rows("Requests").items() if name not in BODIES)


def test_every_word_of_a_refusal_is_documented() -> None:
    said = r"(?:denied|invalid|note|_refuse|call_later\(HEAD_LIMIT_S, self\._refuse,)\(? ?\"([a-z-]+)\""
    folder = Path(str(api.__path__[0]))
    used = {word for path in folder.glob("*.py") for word in re.findall(said, path.read_text())}
    assert set(rows("Who is let in")) == used | {"path", "request"}


def test_the_snapshot_has_the_documented_keys_and_words() -> None:
    told = rows("Snapshot")
    skipped = [name for name in keys_of(Snapshot) if name.startswith("users.icon.")]
    assert sorted(told) == sorted({*keys_of(Snapshot)} - {*skipped, *GROUPS})
    for key, words in WORDS.items():
        assert re.findall(r"`(\w+)`", told[key][0])[: len(words)] == [each.value for each in words]


def test_one_user_has_the_documented_keys() -> None:
    more = set(UserDetail.__struct_fields__) - set(UserStatus.__struct_fields__)
    assert set(rows("One user")) == more
    for shape in (PortalOption, PastChange, Runtime):
        assert all(f"`{name}`" in PAGE for name in shape.__struct_fields__)


def test_a_dialogue_has_the_documented_keys() -> None:
    documented = set(rows("Dialogues"))
    shapes = (OpenDialogue, SecondFactor, SignedIn)
    assert documented == {name for shape in shapes for name in shape.__struct_fields__}


def test_the_numbers_are_the_documented_ones() -> None:
    assert f"client's own, {API_VERSION}." in PAGE
    assert f"after {HEARTBEAT_S:.0f} s without" in PAGE
    assert f"neither for {SILENCE_S:.0f} s" in PAGE
    assert f"nothing for\n{WRITE_LIMIT_S:.0f} s" in PAGE
    assert f"| {STREAMS_MAX} streams" in PAGE
    assert f"the last {HISTORY_MAX} changes" in PAGE
    assert f"than {bodies.BODY_MAX_BYTES // 1024} KiB" in PAGE
    assert f"than {bodies.IMPORT_MAX_BYTES // 1024} KiB where a list" in PAGE


def test_an_import_has_the_documented_keys() -> None:
    documented = set(rows("Import"))
    assert documented == set(ImportReport.__struct_fields__)
    for shape in (ImportedUser, ImportFinding):
        assert all(f"`{name}`" in PAGE for name in shape.__struct_fields__)
    assert all(f"`{outcome}`" in PAGE for outcome in Outcome)
